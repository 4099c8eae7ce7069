//! The texts of the SPDX list, and how near a text is to them.
//!
//! Nearness is the Dice coefficient of word pairs, as in askalono. The texts are those of the crate
//! spdx. Its own detection costs 300 ms and 68 MiB on first use and builds a C library; this table
//! costs 150 ms and 15 MiB, and equality of words is needed anyway.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::license_words::Words;

/// One text of the list.
pub(super) struct SpdxText {
    /// The ids that have this very text, the shortest first: `GPL-3.0-only`, `GPL-3.0-or-later`.
    pub(super) ids: Vec<&'static str>,
    /// The text, as SPDX has it.
    pub(super) text: &'static str,
    pairs: Vec<u64>,
}

impl SpdxText {
    /// The words of the text.
    pub(super) fn words(&self) -> Words {
        Words::of(self.text)
    }
}

/// The texts nearest to these words with their scores from 0 to 1, best first.
pub(super) fn nearest(words: &str, most: usize) -> Vec<(f64, &'static SpdxText)> {
    let pairs = pairs(words);
    let mut scored: Vec<_> = table().iter().map(|text| (dice(&pairs, &text.pairs), text)).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.ids.cmp(&b.1.ids)));
    scored.truncate(most);
    scored
}

fn table() -> &'static [SpdxText] {
    static TABLE: OnceLock<Vec<SpdxText>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut texts: BTreeMap<String, SpdxText> = BTreeMap::new();
        for (id, text) in spdx::text::LICENSE_TEXTS {
            let text = without_appended_gpl(text);
            if spdx::license_id(id).is_none_or(|license| license.is_deprecated()) {
                continue;
            }
            let words = Words::of(text).plain;
            let pairs = pairs(&words);
            let entry = SpdxText { ids: Vec::new(), text, pairs };
            texts.entry(words).or_insert(entry).ids.push(id);
        }
        let mut table: Vec<_> = texts.into_values().collect();
        table.iter_mut().for_each(|text| text.ids.sort_by_key(|id| (id.len(), *id)));
        table
    })
}

/// SPDX has the GPL behind the LGPL-3.0, which mostly lies in a file of its own.
fn without_appended_gpl(text: &str) -> &str {
    const LESSER: &str = "GNU LESSER GENERAL PUBLIC LICENSE\nVersion 3";
    const GPL: &str = "\nGNU GENERAL PUBLIC LICENSE\nVersion 3";
    match text.find(GPL) {
        Some(at) if text.trim_start().starts_with(LESSER) => &text[..at],
        _ => text,
    }
}

/// Hashes of all neighbouring words, sorted.
fn pairs(words: &str) -> Vec<u64> {
    let words: Vec<&str> = words.split_ascii_whitespace().collect();
    let mut pairs: Vec<u64> = words.windows(2).map(|pair| fnv1a(pair[0], pair[1])).collect();
    pairs.sort_unstable();
    pairs
}

/// FNV-1a, 64 bits. A collision costs a little score and nothing else: equality is on the words.
fn fnv1a(first: &str, second: &str) -> u64 {
    let bytes = first.bytes().chain([b' ']).chain(second.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn dice(a: &[u64], b: &[u64]) -> f64 {
    let (mut i, mut j, mut shared) = (0, 0, 0usize);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        shared += usize::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    match a.len() + b.len() {
        0 => 0.0,
        both => 2.0 * shared as f64 / both as f64,
    }
}
