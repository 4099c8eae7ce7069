//! Lines of a comparison, before they have a form: our words and those of others are kept apart, so that each
//! form can make the latter harmless.

use fullsource_verify::compare::Trend;

use crate::render::escape::shown;

/// Characters of one text of others that are shown.
const CHARACTERS: usize = 240;

/// A part of a line.
pub(super) enum Piece {
    /// Our words.
    Ours(String),
    /// A text that comes from a release or a report, escaped and cut.
    Theirs(String),
}

/// One line, and which way it went.
pub(super) struct Line {
    pub(super) trend: Option<Trend>,
    pub(super) pieces: Vec<Piece>,
}

/// Lines on one thing.
pub(super) struct Section {
    pub(super) label: &'static str,
    pub(super) lines: Vec<Line>,
    /// Whether they are a list, of which a form may leave out the end.
    pub(super) list: bool,
}

impl Section {
    /// One line.
    pub(super) fn line(label: &'static str, line: Line) -> Self {
        Self { label, lines: vec![line], list: false }
    }

    /// A list, what got worse first; none where it is empty.
    pub(super) fn list(label: &'static str, mut lines: Vec<Line>) -> Option<Self> {
        lines.sort_by_key(|line| std::cmp::Reverse(line.trend));
        (!lines.is_empty()).then_some(Self { label, lines, list: true })
    }
}

impl Line {
    pub(super) fn new(trend: Trend) -> Self {
        // That something is neither better nor worse needs no word.
        let trend = Some(trend).filter(|trend| *trend != Trend::Neutral);
        Self { trend, pieces: Vec::new() }
    }

    pub(super) const fn plain() -> Self {
        Self { trend: None, pieces: Vec::new() }
    }

    /// The same, with our words behind it.
    pub(super) fn say(mut self, text: impl Into<String>) -> Self {
        self.pieces.push(Piece::Ours(text.into()));
        self
    }

    /// The same, with a text of others behind it.
    pub(super) fn quote(mut self, text: &str) -> Self {
        let text = match text.char_indices().nth(CHARACTERS) {
            Some((end, _)) => format!("{}…", shown(&text[..end])),
            None => shown(text),
        };
        self.pieces.push(Piece::Theirs(text));
        self
    }

    /// The same, with texts of others behind it, the first of them.
    pub(super) fn quote_all(mut self, texts: &[String], most: usize) -> Self {
        for (nth, text) in texts.iter().take(most).enumerate() {
            self = if nth > 0 { self.say(", ") } else { self };
            self = self.quote(text);
        }
        match texts.len().checked_sub(most).filter(|more| *more > 0) {
            Some(more) => self.say(format!(" and {more} more")),
            None => self,
        }
    }

    /// The same, with what was and what is.
    pub(super) fn moved(self, from: &str, to: &str) -> Self {
        self.quote(from).say(" → ").quote(to)
    }
}
