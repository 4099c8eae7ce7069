//! Bytes that stand in a text as digits, at any place, over lines: in hexadecimal, base64, base85, as numbers, or in strings
//! with escapes.

use super::base64::Base64;
use super::base85::Base85;
use super::escapes::Escapes;
use super::hex::Hex;
use super::numbers::Numbers;
use super::runs::Runs;
use super::scan::Seen;
use super::streams::Search;

/// Decodes what it is fed, and looks through it.
pub(super) struct Texts<'s> {
    hex: Runs<Hex<'s>>,
    base64: Runs<Base64<'s>>,
    base85: Runs<Base85<'s>>,
    numbers: Runs<Numbers<'s>>,
    escapes: Escapes<'s>,
    /// Bytes fed before.
    at: u64,
}

impl<'s> Texts<'s> {
    pub(super) fn new(search: &'s Search<'s>, path: &'s str, depth: u32) -> Self {
        let lane = || super::lane::Lane::new(search, path, depth);
        Self {
            hex: Runs::new(Hex::new(lane(), lane())),
            base64: Runs::new(Base64::new([lane(), lane(), lane(), lane()])),
            base85: Runs::new(Base85::new(lane())),
            escapes: Escapes::new(lane(), lane()),
            numbers: Runs::new(Numbers::new(search, lane)),
            at: 0,
        }
    }

    pub(super) fn feed(&mut self, piece: &[u8]) {
        self.hex.feed(piece, self.at);
        self.base64.feed(piece, self.at);
        self.base85.feed(piece, self.at);
        self.numbers.feed(piece, self.at);
        self.escapes.feed(piece, self.at);
        self.at += piece.len() as u64;
    }

    /// What was found.
    pub(super) fn into_seen(self) -> Vec<Seen> {
        let Self { hex, base64, base85, numbers, escapes, .. } = self;
        let lanes = [
            hex.into_digits().into_lanes(),
            base64.into_digits().into_lanes(),
            base85.into_digits().into_lanes(),
            numbers.into_digits().into_lanes(),
            escapes.into_lanes().into(),
        ];
        let lanes = lanes.into_iter().flatten();
        lanes.map(|lane| lane.into_seen()).collect()
    }
}
