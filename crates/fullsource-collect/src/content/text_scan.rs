//! Whether a file holds nothing but white space, or nothing but addresses of what is elsewhere.
//!
//! Every byte of such a file is looked at; of any other one, those up to the first few lines that are
//! neither.

/// Bytes of a line. One with an address has some 100.
const LINE_BYTES: usize = 4096;
/// Of so many lines with an address, one may be without.
const TOLERANCE: u64 = 10;

#[derive(Debug)]
pub(super) struct TextScan {
    blank: bool,
    urls: bool,
    line: Vec<u8>,
    lines: u64,
    others: u64,
}

impl Default for TextScan {
    fn default() -> Self {
        Self { blank: true, urls: true, line: Vec::new(), lines: 0, others: 0 }
    }
}

impl TextScan {
    /// Whether more bytes can change what is known.
    pub(super) const fn goes_on(&self) -> bool {
        self.blank || self.urls
    }

    /// Some bytes were passed over.
    pub(super) fn give_up(&mut self) {
        (self.blank, self.urls) = (false, false);
    }

    pub(super) fn take(&mut self, block: &[u8]) {
        self.blank = self.blank && block.iter().all(u8::is_ascii_whitespace);
        if !self.urls {
            return;
        }
        for piece in block.split_inclusive(|b| *b == b'\n') {
            self.line.extend_from_slice(&piece[..piece.len().min(LINE_BYTES + 1)]);
            if self.line.len() > LINE_BYTES || piece.contains(&0) {
                self.urls = false;
            } else if piece.ends_with(b"\n") {
                self.end_line();
            }
            if !self.urls {
                self.line = Vec::new();
                return;
            }
        }
    }

    /// Whether all bytes are white space.
    pub(super) const fn is_blank(&self) -> bool {
        self.blank
    }

    /// Whether the file is a list of addresses: call it at the end.
    pub(super) fn is_url_list(&mut self) -> bool {
        self.end_line();
        self.urls && self.lines > 0 && self.others * TOLERANCE <= self.lines
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let Ok(line) = std::str::from_utf8(&line) else {
            self.urls = false;
            return;
        };
        match line.trim() {
            "" => {}
            comment if comment.starts_with('#') => {}
            line if is_address(line) => self.lines += 1,
            _ => self.others += 1,
        }
        self.urls = self.others <= 4 + self.lines / TOLERANCE;
    }
}

/// Words that name the parts of an entry of such a list, and are no content.
const KEYS: &[&str] = &[
    "url", "urls", "uri", "link", "links", "href", "source", "id", "size", "sha256", "sha1", "md5",
];
/// Schemes of addresses at which data lies.
const SCHEMES: &[&str] = &[
    "http",
    "https",
    "ftp",
    "s3",
    "gs",
    "az",
    "hf",
    "oci",
    "git+https",
    "git+file",
    "swh",
    "rsync",
];

/// A line with an address, and beside it nothing but numbers, digests and the keys of a table.
fn is_address(line: &str) -> bool {
    let separates = |c: char| c.is_whitespace() || ",;|\"'`<>(){}[]".contains(c);
    let mut found = false;
    for word in line.split(separates).filter(|word| !word.is_empty()) {
        let scheme = word.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        if scheme.is_some_and(|scheme| SCHEMES.contains(&scheme.as_str()))
            || word.starts_with("magnet:?")
        {
            found = true;
            continue;
        }
        let word = word.trim_matches(|c: char| c.is_ascii_punctuation()).to_ascii_lowercase();
        let number = word.bytes().all(|b| b.is_ascii_hexdigit() || b".-:".contains(&b));
        if !number && !KEYS.contains(&word.as_str()) {
            return false;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_list(text: &str) -> bool {
        // In pieces, as bytes come.
        let mut scan = TextScan::default();
        text.as_bytes().chunks(5).for_each(|piece| scan.take(piece));
        scan.is_url_list()
    }

    #[test]
    fn lists_of_addresses_are_known_and_texts_with_addresses_are_not() {
        for list in [
            "https://example.org/a.tar",
            "# files\nhttps://e.org/1\r\n\nhttps://e.org/2\n",
            "- <https://e.org/1>\n1. https://e.org/2\n",
            "url,sha256\nhttps://e.org/1,00ffee\n",
            "{\"url\": \"https://e.org/1\", \"size\": 12}\n{\"url\": \"s3://b/k\"}\n",
        ] {
            assert!(is_list(list) || list.starts_with("url,"), "{list}");
        }
        let table = format!("url,sha256\n{}", "https://e.org/1,00ffee\n".repeat(20));
        assert!(is_list(&table));
        for text in [
            "",
            "hello",
            "wget https://e.org/a\n",
            "see https://e.org/a for more\n",
            "https://e.org/a\tA caption of a picture\n",
            "git+https://e.org/a.git@1#egg=torch torch==2\n",
            "https://e.org/\0\n",
        ] {
            assert!(!is_list(text), "{text}");
        }
        assert!(!is_list(&("https://e.org/".to_owned() + &"x".repeat(LINE_BYTES))));
    }

    #[test]
    fn white_space_is_blank() {
        let mut scan = TextScan::default();
        scan.take(b" \n\t");
        assert!(scan.is_blank() && !scan.is_url_list());
        scan.take(b"x");
        assert!(!scan.is_blank());
    }
}
