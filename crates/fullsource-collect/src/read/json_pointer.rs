//! Places in a JSON document.

use std::fmt;

/// Characters of a pointer that is told. Real ones have some 40.
const SHOWN: usize = 1000;

/// Where a walk through a document is. Told as a JSON pointer (RFC 6901), cut where it is long.
#[derive(Default)]
pub(super) struct Pointer<'a>(Vec<Segment<'a>>);

#[derive(Clone, Copy)]
pub(super) enum Segment<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> Pointer<'a> {
    /// Calls `visit` one step further down.
    pub(super) fn below<T>(
        &mut self,
        segment: Segment<'a>,
        visit: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.0.push(segment);
        let result = visit(self);
        self.0.pop();
        result
    }
}

impl<'a> From<Segment<'a>> for Pointer<'a> {
    fn from(segment: Segment<'a>) -> Self {
        Self(vec![segment])
    }
}

impl fmt::Display for Pointer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut text = String::new();
        for segment in &self.0 {
            text.push('/');
            match segment {
                Segment::Index(index) => text += &index.to_string(),
                Segment::Key(key) => {
                    let shown: String = key.chars().take(SHOWN).collect();
                    text += &shown.replace('~', "~0").replace('/', "~1");
                }
            }
        }
        match text.char_indices().nth(SHOWN) {
            Some((cut, _)) => write!(f, "{}…", &text[..cut]),
            None => f.write_str(&text),
        }
    }
}
