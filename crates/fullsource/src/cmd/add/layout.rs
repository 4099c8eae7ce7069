//! How the author of a JSON document lays it out, and a value written in that way.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;

/// How a document is laid out, by the first of each kind that it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    /// Between lines; nothing where the document is one line.
    pub(super) newline: &'static str,
    /// One level of indentation.
    pub(super) unit: String,
    /// Between a key and its value.
    colon: String,
    /// Between items on one line.
    pub(super) comma: String,
    /// Inside the brackets of an object, and of an array, on one line.
    pads: [String; 2],
    /// Whether arrays stand on one line each, also in objects of many lines.
    arrays_inline: bool,
}

/// What the scan came across first.
#[derive(Default)]
struct Seen<'a> {
    unit: Option<&'a str>,
    colon: Option<&'a str>,
    comma: Option<&'a str>,
    object: Option<&'a str>,
    array: Option<&'a str>,
    arrays_inline: Option<bool>,
}

impl Layout {
    /// That of a document that is JSON.
    pub(super) fn of(document: &str) -> Self {
        let newline = match document.find('\n') {
            None => "",
            Some(at) if document[..at].ends_with('\r') => "\r\n",
            Some(_) => "\n",
        };
        let mut seen = Seen::default();
        let (mut end_of_string, mut rest) = (0, 0);
        while let Some(at) = document[rest..].find(['"', '{', '[', ':', ',']).map(|at| rest + at) {
            let after = &document[at + 1..];
            rest = match document.as_bytes()[at] {
                b'"' => {
                    end_of_string = at + 1 + string_length(after);
                    end_of_string
                }
                byte => {
                    seen.take(byte, &document[end_of_string.min(at)..at], after);
                    at + 1
                }
            };
        }
        let roomy = if newline.is_empty() { "" } else { " " };
        let colon = seen.colon.map_or_else(|| format!(":{roomy}"), str::to_owned);
        let spaced = if colon == ":" { "" } else { " " };
        Self {
            newline,
            unit: seen.unit.unwrap_or("  ").to_owned(),
            comma: format!(",{}", seen.comma.unwrap_or(spaced)),
            colon,
            pads: [seen.object.unwrap_or(roomy).to_owned(), seen.array.unwrap_or("").to_owned()],
            arrays_inline: seen.arrays_inline.unwrap_or(false),
        }
    }

    /// A value as it would stand in the document, on one line or on several. `indent` stands at the
    /// start of the line that the value begins on.
    pub(super) fn written(
        &self,
        value: &impl Serialize,
        expanded: bool,
        indent: &str,
    ) -> Result<String, serde_json::Error> {
        let inline = usize::from(!expanded || self.newline.is_empty());
        let pen = Pen { layout: self, indent, depth: 0, inline, filled: false };
        let mut bytes = Vec::new();
        value.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, pen))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// A key and what parts it from its value.
    pub(super) fn key(&self, name: &str) -> String {
        format!("\"{name}\"{}", self.colon)
    }
}

impl<'a> Seen<'a> {
    /// Takes a structural character, with what stands between the last string and it, and behind it.
    fn take(&mut self, byte: u8, before: &'a str, after: &'a str) {
        let space = &after[..after.len() - after.trim_start().len()];
        let inline = !space.contains('\n');
        let next = after.as_bytes().get(space.len()).copied();
        match byte {
            b'{' if next == Some(b'"') && inline => drop(self.object.get_or_insert(space)),
            b'{' if next == Some(b'"') => {
                // The root is the first: what indents its fields is one level.
                self.unit.get_or_insert(space.rsplit('\n').next().unwrap_or_default());
            }
            b'[' if next == Some(b'"') => {
                self.arrays_inline.get_or_insert(inline);
                if inline {
                    self.array.get_or_insert(space);
                }
            }
            b':' if inline && before.trim().is_empty() && !before.contains('\n') => {
                self.colon.get_or_insert(match (before, space) {
                    ("", "") => ":",
                    ("", _) => ": ",
                    (_, "") => " :",
                    _ => " : ",
                });
            }
            b',' if inline => drop(self.comma.get_or_insert(space)),
            _ => {}
        }
    }
}

/// Bytes of a string behind its opening quote, the closing one included.
fn string_length(after: &str) -> usize {
    let mut escaped = false;
    let end = after.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.map_or(after.len(), |end| end + 1)
}

/// Writes a value in a layout.
struct Pen<'a> {
    layout: &'a Layout,
    indent: &'a str,
    depth: usize,
    /// Brackets that are open and stand on one line.
    inline: usize,
    /// Whether the innermost bracket holds anything.
    filled: bool,
}

impl Pen<'_> {
    fn open<W: ?Sized + Write>(
        &mut self,
        to: &mut W,
        bracket: &[u8],
        flat: bool,
    ) -> io::Result<()> {
        match self.inline > 0 || flat {
            true => self.inline += 1,
            false => self.depth += 1,
        }
        self.filled = false;
        to.write_all(bracket)
    }

    fn item<W: ?Sized + Write>(&mut self, to: &mut W, first: bool, pad: usize) -> io::Result<()> {
        match (self.inline > 0, first) {
            (true, true) => to.write_all(self.layout.pads[pad].as_bytes()),
            (true, false) => to.write_all(self.layout.comma.as_bytes()),
            (false, true) => self.line(to),
            (false, false) => to.write_all(b",").and_then(|()| self.line(to)),
        }
    }

    fn close<W: ?Sized + Write>(
        &mut self,
        to: &mut W,
        bracket: &[u8],
        pad: usize,
    ) -> io::Result<()> {
        if self.inline > 0 {
            self.inline -= 1;
            if self.filled {
                to.write_all(self.layout.pads[pad].as_bytes())?;
            }
        } else {
            self.depth -= 1;
            if self.filled {
                self.line(to)?;
            }
        }
        to.write_all(bracket)
    }

    fn line<W: ?Sized + Write>(&self, to: &mut W) -> io::Result<()> {
        to.write_all(self.layout.newline.as_bytes())?;
        to.write_all(self.indent.as_bytes())?;
        (0..self.depth).try_for_each(|_| to.write_all(self.layout.unit.as_bytes()))
    }
}

const OBJECT: usize = 0;
const ARRAY: usize = 1;

impl Formatter for Pen<'_> {
    fn begin_array<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.open(to, b"[", self.layout.arrays_inline)
    }
    fn begin_array_value<W: ?Sized + Write>(&mut self, to: &mut W, first: bool) -> io::Result<()> {
        self.item(to, first, ARRAY)
    }
    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }
    fn end_array<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.close(to, b"]", ARRAY)
    }
    fn begin_object<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.open(to, b"{", false)
    }
    fn begin_object_key<W: ?Sized + Write>(&mut self, to: &mut W, first: bool) -> io::Result<()> {
        self.item(to, first, OBJECT)
    }
    fn begin_object_value<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        to.write_all(self.layout.colon.as_bytes())
    }
    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }
    fn end_object<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.close(to, b"}", OBJECT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(document: &str) -> String {
        let value: serde_json::Value = serde_json::from_str(document).unwrap();
        let expanded = document.contains('\n');
        Layout::of(document).written(&value, expanded, "").unwrap()
    }

    #[test]
    fn a_value_in_the_layout_of_its_document_is_the_document() {
        for document in [
            r#"{"a":1,"b":[1,2],"c":{}}"#,
            r#"{"a": 1, "b": ["x", "y"], "c": []}"#,
            r#"{ "a": "q:\"{,", "b": [ "1", 2 ] }"#,
            r#"{"a" : 1}"#,
            "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}",
            "{\r\n\t\"a\": [\"x\", \"y\"],\r\n\t\"b\": {\r\n\t\t\"c\": 1\r\n\t}\r\n}",
            "{\n    \"a\": [\"x\", { \"y\": 1 }]\n}",
        ] {
            assert_eq!(again(document), document);
        }
    }
}
