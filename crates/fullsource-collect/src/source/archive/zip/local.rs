//! The header before a member's content, and the record behind it: they say what the central
//! directory says.

use super::super::super::Trouble;
use super::central::{Central, DESCRIPTOR};
use super::extra::Extra;
use super::spool::Spool;
use super::{Fields, ZipFault};
use crate::tree::escaped;

const SIGNATURE: &[u8] = b"PK\x03\x04";
/// Bytes of a local header without name and extra fields.
const HEADER: usize = 30;
const DESCRIPTOR_SIGNATURE: &[u8] = b"PK\x07\x08";

/// Checks a member that fills the file up to `end`, and says where its content starts.
pub(super) fn check(spool: &Spool, member: &Central, end: u64) -> Result<u64, Trouble> {
    let at = member.offset;
    let mut header = [0; HEADER];
    let read = spool.fill_at(at, &mut header)?;
    if read < HEADER || !header.starts_with(SIGNATURE) {
        return Err(ZipFault::LocalHeader(at).into());
    }
    let mut fields = Fields(&header[SIGNATURE.len()..]);
    let [_needed, flags, method, _time, _date] = [(); 5].map(|()| fields.u16());
    let [crc, compressed, size] = [(); 3].map(|()| fields.u32());
    let [name, extra] = [(); 2].map(|()| usize::from(fields.u16()));
    let mut variable = vec![0; name + extra];
    if spool.fill_at(at.saturating_add(HEADER as u64), &mut variable)? < variable.len() {
        return Err(ZipFault::LocalHeader(at).into());
    }
    let (name, extra) = variable.split_at(name);
    let mismatch = |what| ZipFault::Mismatch { name: escaped(&member.name), what };
    if name != member.name {
        return Err(mismatch("names").into());
    }
    if flags != member.flags {
        return Err(mismatch("flags").into());
    }
    if method != member.method {
        return Err(mismatch("methods").into());
    }
    let extra = Extra::parse(extra).ok_or_else(|| ZipFault::Extra(escaped(name)))?;
    if !extra.same_name(name) {
        return Err(mismatch("names").into());
    }
    let [size, compressed] =
        extra.widen([size, compressed]).ok_or_else(|| ZipFault::Extra(escaped(name)))?;
    // Who writes a stream knows them only once it is written.
    let later = member.flags & DESCRIPTOR != 0;
    let same = |here: u64, there: u64| here == there || (later && here == 0);
    if !same(crc.into(), member.crc.into()) {
        return Err(mismatch("CRCs").into());
    }
    if !same(size, member.size) || !same(compressed, member.compressed) {
        return Err(mismatch("sizes").into());
    }
    let start = at.saturating_add((HEADER + variable.len()) as u64);
    let rest = end.checked_sub(start).and_then(|bytes| bytes.checked_sub(member.compressed));
    match rest {
        Some(0) if !later => Ok(start),
        Some(rest) if later => {
            check_descriptor(spool, member, start + member.compressed, rest).map(|()| start)
        }
        _ => Err(ZipFault::Gap(start).into()),
    }
}

/// Checks the record behind the content: with or without a signature, with numbers of 4 or 8 bytes,
/// which its length tells.
fn check_descriptor(spool: &Spool, member: &Central, at: u64, rest: u64) -> Result<(), Trouble> {
    let (signed, wide) = match rest {
        12 => (false, false),
        16 => (true, false),
        20 => (false, true),
        24 => (true, true),
        _ => return Err(ZipFault::Gap(at).into()),
    };
    let mut record = [0; 24];
    spool.fill_at(at, &mut record)?;
    let mut fields = Fields(&record);
    let signature: [u8; 4] = if signed { fields.take() } else { [0; 4] };
    let crc = fields.u32();
    let mut number = || if wide { fields.u64() } else { fields.u32().into() };
    let (compressed, size) = (number(), number());
    let same = (crc, compressed, size) == (member.crc, member.compressed, member.size);
    if !same || (signed && signature != DESCRIPTOR_SIGNATURE) {
        let (name, what) = (escaped(&member.name), "sizes or CRCs");
        return Err(ZipFault::Mismatch { name, what }.into());
    }
    Ok(())
}
