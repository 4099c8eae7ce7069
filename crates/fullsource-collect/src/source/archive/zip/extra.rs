//! Extra fields: sizes beyond 32 bits, and a second name.

use super::Fields;

/// What extra fields say that matters here.
#[derive(Debug, Default)]
pub(super) struct Extra<'a> {
    /// The 64-bit numbers of zip64.
    zip64: Option<&'a [u8]>,
    /// A name in UTF-8, behind its version and a CRC of the other one.
    name: Option<&'a [u8]>,
}

const ZIP64: u16 = 0x0001;
const UNICODE_PATH: u16 = 0x7075;

impl<'a> Extra<'a> {
    /// Reads all fields, or none where they do not fill the space to its end, or one of them is there
    /// twice.
    pub(super) fn parse(mut fields: &'a [u8]) -> Option<Self> {
        let mut extra = Self::default();
        while !fields.is_empty() {
            let (head, rest) = fields.split_first_chunk::<4>()?;
            let mut head = Fields(head);
            let (id, length) = (head.u16(), head.u16());
            let (body, rest) = rest.split_at_checked(length.into())?;
            let twice = match id {
                ZIP64 => extra.zip64.replace(body).is_some(),
                UNICODE_PATH => extra.name.replace(body).is_some(),
                _ => false,
            };
            if twice {
                return None;
            }
            fields = rest;
        }
        Some(extra)
    }

    /// Puts the 64-bit numbers in the place of the 32-bit ones that stand for them. They must be just
    /// those: a reader that takes the first one unasked must not see another size.
    pub(super) fn widen<const N: usize>(&self, small: [u32; N]) -> Option<[u64; N]> {
        let mut fields = self.zip64.unwrap_or_default();
        let mut wide = small.map(u64::from);
        for number in &mut wide {
            if *number == u64::from(u32::MAX) {
                let (bytes, rest) = fields.split_first_chunk::<8>()?;
                *number = u64::from_le_bytes(*bytes);
                fields = rest;
            }
        }
        fields.is_empty().then_some(wide)
    }

    /// Whether a second name, if there is one, is the same as the first.
    pub(super) fn same_name(&self, name: &[u8]) -> bool {
        self.name.is_none_or(|body| body.get(5..) == Some(name))
    }
}
