//! Bucket and key of a locator.

use object_store::path::Path;

use crate::source::Trouble;

/// What a locator of an object store names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// The bucket or container.
    pub(super) bucket: String,
    pub(super) key: Key,
}

/// One object, or all below a prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    /// The object of this key.
    Object(Path),
    /// The objects whose keys start with this path and `/`; all of the bucket where it is empty.
    Below(Path),
}

impl Address {
    /// Reads what stands behind `s3://`, `gs://` or `az://`. Fails where the stores' library cannot ask
    /// for such a key.
    pub(super) fn parse(address: &str) -> Result<Self, Trouble> {
        let (bucket, key) = address.split_once('/').unwrap_or((address, ""));
        if !is_bucket(bucket) {
            return Err(Trouble::skipped(format!("`{bucket}` is no name of a bucket")));
        }
        if key.contains('?') {
            let text = format!("`{address}`: a key has no query; write `?` as `%3F`");
            return Err(Trouble::skipped(text));
        }
        let cannot =
            || Trouble::skipped(format!("`{address}`: a key with such a part cannot be asked for"));
        let key = percent_decoded(key).ok_or_else(cannot)?;
        let path = Path::parse(&key).map_err(|_| cannot())?;
        let exact = |text: &str| if path.as_ref() == text { Ok(()) } else { Err(cannot()) };
        let key = match key.strip_suffix('/') {
            Some(prefix) => exact(prefix).map(|()| Key::Below(path))?,
            None if key.is_empty() => Key::Below(path),
            None => exact(&key).map(|()| Key::Object(path))?,
        };
        Ok(Self { bucket: bucket.to_owned(), key })
    }
}

/// Bucket names become parts of host names and paths, so nothing else may hide in them.
fn is_bucket(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let bare = name.strip_prefix('$').unwrap_or(name);
    (1..=222).contains(&bare.len())
        && bare.chars().all(plain)
        && bare.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !bare.contains("..")
}

/// Decodes `%` and two hexadecimal digits; nothing where that is no UTF-8, or a `%` stands alone.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            let (high, low) = (digit()?, digit()?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it cannot go on")]
    use super::*;

    #[test]
    fn keys_are_decoded_once_and_a_slash_at_the_end_means_all_below() {
        for (address, object, key) in [
            ("b/k", true, "k"),
            ("b/a/k", true, "a/k"),
            ("b/a%20b+c%2525", true, "a b+c%25"),
            ("b/a/", false, "a"),
            ("b/", false, ""),
            ("b", false, ""),
        ] {
            let path = Path::parse(key).unwrap();
            let key = if object { Key::Object(path) } else { Key::Below(path) };
            assert_eq!(Address::parse(address).unwrap().key, key, "{address}");
        }
    }

    #[test]
    fn what_the_library_would_bend_is_refused() {
        for address in [
            "", "/k", "b/a//k", "b//k", "b/a/../k", "b/./k", "b/%", "b/%zz", "b/%ff", "b/k?x=1",
            "b/a%0ab", "..", "a..b/k", "b@h/k", "b:80/k", "-b/k", "b%2f/k",
        ] {
            assert!(Address::parse(address).is_err(), "{address}");
        }
    }
}
