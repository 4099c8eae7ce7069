//! One line of a trust file: principals, options, key.

use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::{LineFault, NoRole, Role};
use crate::key::{KeyError, PublicKey, is_key_type, printable};

/// What a line says.
pub(super) struct Parsed {
    pub(super) principals: Vec<String>,
    pub(super) roles: Result<Vec<Role>, NoRole>,
    pub(super) valid_after: Option<Timestamp>,
    pub(super) valid_before: Option<Timestamp>,
    pub(super) key: Key,
}

/// The key of a line.
pub(super) enum Key {
    Supported(PublicKey),
    OtherType(String),
}

/// A fault, and the bytes of the line that have it.
pub(super) type Fault = (Range<usize>, LineFault);

/// Reads a line; `None` for a blank one and a comment.
pub(super) fn parse(line: &str) -> Result<Option<Parsed>, Fault> {
    let mut rest = Cursor { line, at: 0 };
    rest.skip_space();
    if matches!(rest.peek(), None | Some('#')) {
        return Ok(None);
    }
    let principals = read_principals(&mut rest)?;
    let mut options = Options::default();
    if !is_key_type(rest.word()) {
        options = read_options(&mut rest)?;
    }
    let key = read_key(&rest)?;
    let (valid_after, valid_before) = options.window()?;
    let roles = roles(&principals, options.namespaces.as_deref());
    Ok(Some(Parsed { principals, roles, valid_after, valid_before, key }))
}

fn read_principals(rest: &mut Cursor<'_>) -> Result<Vec<String>, Fault> {
    let start = rest.at;
    let field =
        if rest.peek() == Some('"') { rest.quoted()? } else { rest.until(is_space).to_owned() };
    let span = start..rest.at;
    if !rest.at_break(false) {
        return Err((rest.here(), LineFault::AfterQuote));
    }
    rest.skip_space();
    if is_key_type(&field) && rest.word().starts_with("AAAA") {
        return Err((span, LineFault::NoPrincipal));
    }
    let principals: Vec<String> = field.split(',').map(str::to_owned).collect();
    if principals.iter().any(|principal| principal.trim().is_empty()) {
        return Err((span, LineFault::EmptyPrincipal));
    }
    Ok(principals)
}

/// The roles that the namespaces give; none where anything is a pattern (`trust-3`).
fn roles(principals: &[String], namespaces: Option<&str>) -> Result<Vec<Role>, NoRole> {
    const PATTERN: [char; 3] = ['*', '?', '!'];
    let namespaces = namespaces.ok_or(NoRole::NoNamespaces)?;
    if namespaces.contains(PATTERN) {
        return Err(NoRole::NamespacePattern);
    }
    if principals.iter().any(|principal| principal.contains(PATTERN)) {
        return Err(NoRole::PrincipalPattern);
    }
    let mut roles: Vec<Role> = namespaces.split(',').filter_map(Role::of_namespace).collect();
    roles.sort_unstable();
    roles.dedup();
    if roles.is_empty() { Err(NoRole::OtherNamespaces) } else { Ok(roles) }
}

/// The options of a line, each with the bytes it was read from.
#[derive(Default)]
struct Options {
    namespaces: Option<String>,
    valid_after: Option<Timestamp>,
    valid_before: Option<(Timestamp, Range<usize>)>,
}

impl Options {
    fn window(&self) -> Result<(Option<Timestamp>, Option<Timestamp>), Fault> {
        match (self.valid_after, &self.valid_before) {
            (Some(after), Some((before, span))) if *before <= after => {
                Err((span.clone(), LineFault::EmptyWindow))
            }
            (after, before) => Ok((after, before.as_ref().map(|(before, _)| *before))),
        }
    }

    fn set(&mut self, option: RawOption<'_>) -> Result<(), Fault> {
        let RawOption { name, value, span } = option;
        let name = match name.to_ascii_lowercase().as_str() {
            "namespaces" => "namespaces",
            "valid-after" => "valid-after",
            "valid-before" => "valid-before",
            "cert-authority" => return Err((span, LineFault::CertAuthority)),
            _ => return Err((span, LineFault::UnknownOption { name: printable(name) })),
        };
        let Some(value) = value else { return Err((span, LineFault::NoValue { name })) };
        let fresh = match name {
            "namespaces" => self.namespaces.replace(value).is_none(),
            "valid-after" => self.valid_after.replace(date(&value, &span)?).is_none(),
            _ => self.valid_before.replace((date(&value, &span)?, span.clone())).is_none(),
        };
        if fresh { Ok(()) } else { Err((span, LineFault::TwiceOption { name })) }
    }
}

/// An option as it stands in the line.
struct RawOption<'a> {
    name: &'a str,
    value: Option<String>,
    span: Range<usize>,
}

fn read_options(rest: &mut Cursor<'_>) -> Result<Options, Fault> {
    let mut options = Options::default();
    if rest.peek().is_none() {
        return Err((rest.here(), LineFault::NoKey));
    }
    loop {
        let start = rest.at;
        let name = rest.until(|c| is_space(c) || matches!(c, '=' | ',' | '"'));
        if name.is_empty() {
            return Err((rest.here(), LineFault::EmptyOption));
        }
        let value = if rest.take('=') {
            Some(match rest.peek() {
                Some('"') => rest.quoted()?,
                _ => rest.until(|c| is_space(c) || matches!(c, ',' | '"')).to_owned(),
            })
        } else {
            None
        };
        if !rest.at_break(true) {
            return Err((rest.here(), LineFault::AfterQuote));
        }
        options.set(RawOption { name, value, span: start..rest.at })?;
        if !rest.take(',') {
            rest.skip_space();
            return Ok(options);
        }
    }
}

fn read_key(rest: &Cursor<'_>) -> Result<Key, Fault> {
    let text = &rest.line[rest.at..];
    let span = rest.at..rest.line.trim_end().len().max(rest.at);
    if !is_key_type(rest.word()) {
        return Err((span, LineFault::NoKey));
    }
    match PublicKey::from_openssh(text) {
        Ok(key) => Ok(Key::Supported(key)),
        Err(KeyError::Unsupported { algorithm }) => Ok(Key::OtherType(algorithm)),
        Err(KeyError::NotAKey) => Err((span, LineFault::NoKey)),
        Err(error) => Err((span, LineFault::Key(error))),
    }
}

/// Reads `YYYYMMDD[HHMM[SS]][Z]`, always in UTC: what the verifier's clock is set to must not decide.
fn date(text: &str, span: &Range<usize>) -> Result<Timestamp, Fault> {
    let bad = || (span.clone(), LineFault::Date { found: printable(text) });
    let digits = text.strip_suffix('Z').unwrap_or(text);
    if !matches!(digits.len(), 8 | 12 | 14) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(bad());
    }
    let part = |range: Range<usize>| digits.get(range).map_or(Ok(0), str::parse::<i8>);
    let moment = || -> Option<Timestamp> {
        let year = digits.get(..4)?.parse::<i16>().ok()?;
        let (month, day) = (part(4..6).ok()?, part(6..8).ok()?);
        let (hour, minute, second) = (part(8..10).ok()?, part(10..12).ok()?, part(12..14).ok()?);
        let local = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
        TimeZone::UTC.to_timestamp(local).ok()
    };
    moment().ok_or_else(bad)
}

const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r')
}

/// A line, and how far it is read.
struct Cursor<'a> {
    line: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> Option<char> {
        self.line[self.at..].chars().next()
    }

    /// The bytes of the next character; none at the end.
    fn here(&self) -> Range<usize> {
        self.at..self.at + self.peek().map_or(0, char::len_utf8)
    }

    fn take(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        if found {
            self.at += c.len_utf8();
        }
        found
    }

    fn skip_space(&mut self) {
        self.until(|c| !is_space(c));
    }

    fn until(&mut self, stop: impl Fn(char) -> bool) -> &'a str {
        let rest = &self.line[self.at..];
        let taken = &rest[..rest.find(stop).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }

    /// The next word, without reading on.
    fn word(&self) -> &'a str {
        self.line[self.at..].split(is_space).next().unwrap_or_default()
    }

    /// Whether a field ends here: the end, a space, or where options are read a comma.
    fn at_break(&self, in_options: bool) -> bool {
        self.peek().is_none_or(|c| is_space(c) || (in_options && c == ','))
    }

    /// Reads a quoted text, in which `\"` is a quote.
    fn quoted(&mut self) -> Result<String, Fault> {
        let start = self.at;
        self.take('"');
        let mut text = String::new();
        while let Some(c) = self.peek() {
            self.at += c.len_utf8();
            match c {
                '"' => return Ok(text),
                '\\' if self.take('"') => text.push('"'),
                c => text.push(c),
            }
        }
        Err((start..self.at, LineFault::OpenQuote))
    }
}
