//! HTML that cannot be left open and cannot be injected into: the text of an element is always escaped, and
//! an attribute never holds a text of others, but for the address of an `https:` link.

use std::fmt::Write as _;

use crate::render::escape::{in_markup, shown};

/// An element, with what is in it so far.
pub(super) struct El {
    name: &'static str,
    attributes: String,
    inner: String,
}

/// An element without attributes and without content.
pub(super) const fn el(name: &'static str) -> El {
    El { name, attributes: String::new(), inner: String::new() }
}

/// Elements that hold nothing and have no end.
const VOID: &[&str] = &["meta", "input", "br"];

/// Elements that end a line of the document.
const LINES: &[&str] = &[
    "meta", "title", "style", "header", "nav", "main", "section", "footer", "h1", "h2", "h3", "p",
    "ul", "ol", "li", "dl", "dd", "table", "caption", "thead", "tbody", "tr", "details", "summary",
    "fieldset", "div", "figure", "script", "body", "head",
];

impl El {
    /// Sets an attribute to a value of ours.
    #[must_use]
    pub(super) fn set(mut self, name: &'static str, value: &'static str) -> Self {
        let _ = write!(self.attributes, " {name}=\"{}\"", in_markup(value));
        self
    }

    /// Sets the content of a `meta` element.
    #[must_use]
    pub(super) fn content(mut self, value: &str) -> Self {
        let _ = write!(self.attributes, " content=\"{}\"", in_markup(value));
        self
    }

    /// Leads to an element of this page.
    #[must_use]
    pub(super) fn leads_to(mut self, id: &'static str) -> Self {
        let _ = write!(self.attributes, " href=\"#{}\"", in_markup(id));
        self
    }

    /// Sets its classes.
    #[must_use]
    pub(super) fn class(self, value: &'static str) -> Self {
        self.set("class", value)
    }

    /// Sets several classes.
    #[must_use]
    pub(super) fn classes(mut self, values: &[&'static str]) -> Self {
        let _ = write!(self.attributes, " class=\"{}\"", in_markup(&values.join(" ")));
        self
    }

    /// Adds text.
    #[must_use]
    pub(super) fn text(mut self, text: impl AsRef<str>) -> Self {
        self.inner.push_str(&in_markup(&shown(text.as_ref())));
        self
    }

    /// Adds a text of others. Whatever direction it is written in, what stands around it keeps its own.
    #[must_use]
    pub(super) fn theirs(self, text: impl AsRef<str>) -> Self {
        self.add(el("bdi").text(text))
    }

    /// Adds a sentence of a report: what stands between backticks is code.
    #[must_use]
    pub(super) fn prose(self, text: &str) -> Self {
        let mut rest = text;
        let mut sentence = el("bdi");
        while let Some((before, code, after)) = quoted(rest) {
            sentence = sentence.text(before).add(el("code").theirs(code));
            rest = after;
        }
        self.add(sentence.text(rest))
    }

    /// Adds an element.
    #[must_use]
    pub(super) fn add(mut self, child: Self) -> Self {
        child.write(&mut self.inner);
        self
    }

    /// Adds an element, if there is one.
    #[must_use]
    pub(super) fn add_some(self, child: Option<Self>) -> Self {
        match child {
            Some(child) => self.add(child),
            None => self,
        }
    }

    /// Adds elements.
    #[must_use]
    pub(super) fn all(self, children: impl IntoIterator<Item = Self>) -> Self {
        children.into_iter().fold(self, Self::add)
    }

    /// Adds elements while they take no more than `bytes`, and tells how many were left out.
    #[must_use]
    pub(super) fn fitting(
        mut self,
        bytes: usize,
        children: impl Iterator<Item = Self>,
    ) -> (Self, usize) {
        let (end, mut left) = (self.inner.len() + bytes, 0);
        for child in children {
            let html = child.into_html();
            if left > 0 || self.inner.len() + html.len() > end {
                left += 1;
            } else {
                self.inner.push_str(&html);
            }
        }
        (self, left)
    }

    /// Bytes of what is in it.
    pub(super) const fn len(&self) -> usize {
        self.inner.len()
    }

    /// The whole element.
    pub(super) fn into_html(self) -> String {
        let mut out = String::with_capacity(self.inner.len() + 64);
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        let Self { name, attributes, inner } = self;
        let _ = write!(out, "<{name}{attributes}>{inner}");
        if !VOID.contains(name) {
            let _ = write!(out, "</{name}>");
        }
        if LINES.contains(name) {
            out.push('\n');
        }
    }
}

/// A place as a text, and as a link where it is an address that a browser opens by TLS.
pub(super) fn place(text: &str) -> El {
    let plain = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    if !plain || !text.starts_with("https://") {
        return el("bdi").text(text);
    }
    let mut link = el("a").set("rel", "noreferrer noopener nofollow");
    let _ = write!(link.attributes, " href=\"{}\"", in_markup(&shown(text)));
    link.theirs(text)
}

/// An element whose content is ours as it stands, with no word of others in it: a style, a script.
pub(super) fn ours(name: &'static str, content: &str) -> El {
    El { inner: content.to_owned(), ..el(name) }
}

/// An element that holds a drawing, whose own renderer escaped the texts in it.
pub(super) fn drawing(svg: &str) -> El {
    El { inner: svg.to_owned(), ..el("div") }
}

/// What stands before, between and after the first two backticks.
fn quoted(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('`')?;
    let (code, after) = rest.split_once('`')?;
    (!code.is_empty()).then_some((before, code, after))
}

#[cfg(test)]
mod tests {
    use super::{el, place};

    #[test]
    fn texts_of_others_stay_texts() {
        let hostile = "</td><script>alert('1')</script>\u{1b}[31m\u{202e}\"&\n";
        assert_eq!(
            el("td").theirs(hostile).into_html(),
            "<td><bdi>&lt;/td&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;\
             \\u{1b}[31m\\u{202e}&quot;&amp;\\n</bdi></td>"
        );
    }

    #[test]
    fn only_addresses_behind_tls_are_links() {
        let link = place("https://a.example/\"onclick=\"x()").into_html();
        assert_eq!(
            link,
            "<a rel=\"noreferrer noopener nofollow\" href=\"https://a.example/&quot;onclick=&quot;x()\">\
             <bdi>https://a.example/&quot;onclick=&quot;x()</bdi></a>"
        );
        for text in [
            "javascript:alert(1)",
            "http://a.example/",
            "git+https://a.example/",
            "https://a b",
            " https://a.example/",
            "HTTPS:alert(1)",
            "https:alert(1)",
            "data:text/html,x",
            "https://a\n.example",
        ] {
            assert!(!place(text).into_html().contains("<a"), "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let items = (0..5).map(|_| el("li").text("12345"));
        let (list, left) = el("ul").fitting(20, items);
        assert_eq!((list.into_html().matches("<li>").count(), left), (1, 4));
    }
}
