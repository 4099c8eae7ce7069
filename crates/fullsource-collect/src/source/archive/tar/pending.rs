//! What headers before a member's own say of it.

use super::TarFault;
use super::header::Header;
use super::pax::Pax;

/// What the next member's header is extended by: by one pax header, or by GNU long names.
#[derive(Default)]
pub(super) struct Pending {
    pax: Option<Pax>,
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
}

/// The largest size that eleven octal digits hold: it, or zero, stands where a pax header has a larger
/// one.
const MAX_OCTAL: u64 = (1 << 33) - 1;

impl Pending {
    pub(super) fn is_empty(&self) -> bool {
        self.pax.is_none() && self.name.is_none() && self.link.is_none()
    }

    pub(super) fn take_pax(&mut self, pax: Pax) -> Result<(), TarFault> {
        if !self.is_empty() {
            return Err(TarFault::Announced);
        }
        self.pax = Some(pax);
        Ok(())
    }

    pub(super) fn take_name(&mut self, name: Vec<u8>) -> Result<(), TarFault> {
        if self.pax.is_some() || self.name.is_some() {
            return Err(TarFault::Announced);
        }
        self.name = Some(name);
        Ok(())
    }

    pub(super) fn take_link(&mut self, link: Vec<u8>) -> Result<(), TarFault> {
        if self.pax.is_some() || self.link.is_some() {
            return Err(TarFault::Announced);
        }
        self.link = Some(link);
        Ok(())
    }

    /// The member's header, extended.
    pub(super) fn apply(self, mut header: Header) -> Result<Header, TarFault> {
        let Pax { path, link, size } = self.pax.unwrap_or_default();
        if let Some(name) = path.or(self.name) {
            header.name = name;
        }
        if let Some(link) = link.or(self.link) {
            header.link = link;
        }
        if let Some(size) = size {
            // A reader that passes over the pax header must see the same members, if it can see any.
            let cannot = size > MAX_OCTAL && [0, MAX_OCTAL].contains(&header.size);
            if header.size != size && !cannot {
                return Err(TarFault::TwoSizes(header.size, size));
            }
            header.size = size;
        }
        Ok(header)
    }
}
