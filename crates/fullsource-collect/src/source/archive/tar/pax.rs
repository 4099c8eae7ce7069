//! The records of a pax header: `LENGTH KEY=VALUE\n`.

use fullsource_format::limits;

use crate::tree::escaped;

/// What a pax header says that matters here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Pax {
    pub(super) path: Option<Vec<u8>>,
    pub(super) link: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
}

/// Why records are not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in super::super) enum PaxFault {
    #[error("has a record that is not `LENGTH KEY=VALUE`")]
    Record,
    #[error("gives `{0}` twice")]
    Twice(&'static str),
    #[error("gives a `{0}` that cannot be")]
    Value(&'static str),
    #[error("announces a sparse file (`{0}`), which is not unpacked")]
    Sparse(String),
}

impl Pax {
    /// Reads all records; keys that change neither name nor content are passed over.
    pub(super) fn parse(mut records: &[u8]) -> Result<Self, PaxFault> {
        let mut pax = Self::default();
        while !records.is_empty() {
            let (key, value, rest) = record(records).ok_or(PaxFault::Record)?;
            pax.take(key, value)?;
            records = rest;
        }
        Ok(pax)
    }

    fn take(&mut self, key: &[u8], value: &[u8]) -> Result<(), PaxFault> {
        match key {
            b"path" => put(&mut self.path, "path", name(value)),
            b"linkpath" => put(&mut self.link, "linkpath", name(value)),
            b"size" => put(&mut self.size, "size", decimal(value)),
            b"SCHILY.realsize" => Err(PaxFault::Sparse(escaped(key))),
            _ if key.starts_with(b"GNU.sparse.") => Err(PaxFault::Sparse(escaped(key))),
            _ => Ok(()),
        }
    }
}

/// The key and the value of the first record, and what follows.
fn record(records: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = records.iter().take(8).position(|byte| *byte == b' ')?;
    let (digits, _) = records.split_at_checked(space)?;
    let length = usize::try_from(decimal(digits)?).ok()?;
    let (record, rest) = records.split_at_checked(length)?;
    let body = record.get(space + 1..)?.strip_suffix(b"\n")?;
    let equals = body.iter().position(|byte| *byte == b'=').filter(|at| *at > 0)?;
    Some((&body[..equals], &body[equals + 1..], rest))
}

fn put<T>(place: &mut Option<T>, key: &'static str, value: Option<T>) -> Result<(), PaxFault> {
    match place.replace(value.ok_or(PaxFault::Value(key))?) {
        None => Ok(()),
        Some(_) => Err(PaxFault::Twice(key)),
    }
}

fn name(value: &[u8]) -> Option<Vec<u8>> {
    let long = value.len() > limits::PATH_BYTES + 1;
    (!value.is_empty() && !long && !value.contains(&0)).then(|| value.to_vec())
}

/// Decimal digits and nothing else.
fn decimal(digits: &[u8]) -> Option<u64> {
    let plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    plain.then(|| std::str::from_utf8(digits).ok()?.parse().ok()).flatten()
}
