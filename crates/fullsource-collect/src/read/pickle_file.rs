//! Files that hold pickles: checkpoints of torch in both of their forms, arrays of NumPy, and rows of
//! pickles one behind the other.
//!
//! Formats: `torch/serialization.py` of PyTorch 2.9, `numpy/lib/format.py` of NumPy 2.3.

use std::io::{self, Read};

use super::pickle::{Imports, PickleError, clear, walk};
use super::window::{Source, Streamed, Window};
use super::zip_walk::{self, Sizes, ZipError};

/// What pickles a file may hold, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PickleForm {
    /// Pickles: one that cannot be read is a pickle that cannot be read.
    Certain,
    /// Pickles or other bytes: a file that does not start like a pickle and imports nothing is none.
    Maybe,
}

/// What the pickles of a file say.
#[derive(Debug, Default)]
pub struct PickleFile {
    /// What they import beyond the list of harmless names.
    pub imports: Imports,
    /// Why one of them could not be read to its end.
    pub unread: Option<String>,
}

/// `MAGIC_NUMBER` of torch's older form, as its pickler writes it.
const TORCH_MAGIC: &[u8] = b"\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.";
/// Pickles of torch's older form: the number, the version, about the system, the value, its storages.
const TORCH_PICKLES: usize = 5;
/// Pickles of one file.
const PICKLES: usize = 10_000;
const NPY: &[u8] = b"\x93NUMPY";
/// Bytes of the header of an array of NumPy.
const NPY_HEADER_BYTES: usize = 1 << 20;

/// Reads the pickles of a file from front to back, up to where there can be no more.
pub fn read_stream(bytes: &mut dyn Read, form: PickleForm) -> PickleFile {
    read(&mut Streamed(bytes), form, &Sizes::new())
}

/// The same of a source that may pass over bytes; `sizes` are those of an archive's members, as far as
/// they are known.
pub(crate) fn read(source: &mut dyn Source, form: PickleForm, sizes: &Sizes) -> PickleFile {
    let mut file = PickleFile::default();
    let mut window = Window::new(source);
    let outcome = match window.peek(NPY.len()) {
        Err(error) => Err(error.to_string()),
        Ok([]) => Ok(()),
        Ok([b'P', b'K', 3, 4, ..]) => archive(&mut window, sizes, &mut file.imports),
        Ok(NPY) => array(&mut window, &mut file.imports),
        Ok([first, ..]) => {
            let marked = *first == 0x80;
            let outcome = pickles(&mut window, &mut file.imports);
            let other = form == PickleForm::Maybe && !marked && !file.imports.any;
            if other { Ok(()) } else { outcome }
        }
    };
    file.unread = outcome.err();
    file
}

type Outcome = Result<(), String>;

fn pickles(window: &mut Window<'_>, imports: &mut Imports) -> Outcome {
    let magic = window.peek(2 + TORCH_MAGIC.len()).map_err(|e| e.to_string())?;
    let torch = magic.get(2..) == Some(TORCH_MAGIC);
    for number in 0.. {
        let start = window.at();
        walk(window, imports).map_err(|error| {
            let joblib =
                if imports.joblib { "joblib's arrays stand between its opcodes: " } else { "" };
            let behind = if number > 0 {
                format!(" of pickle {} at byte {start}", number + 1)
            } else {
                String::new()
            };
            format!("{joblib}{error}{behind}")
        })?;
        if torch && number + 1 == TORCH_PICKLES {
            return Ok(());
        }
        // A program may read one pickle behind the other; other bytes it has to read otherwise.
        match window.peek(1).map_err(|e| e.to_string())? {
            [] => return Ok(()),
            [0x80] => {}
            _ if torch => {}
            _ => return Ok(()),
        }
        if number >= PICKLES {
            break;
        }
    }
    Err(format!("more than {PICKLES} pickles one behind the other"))
}

fn archive(window: &mut Window<'_>, sizes: &Sizes, imports: &mut Imports) -> Outcome {
    let mut unread = None;
    let is = |name: &[u8], end: &[u8]| name.to_ascii_lowercase().ends_with(end);
    let wanted = |name: &[u8]| is(name, b".pkl") || is(name, b".pickle") || is(name, b".npy");
    let mut take = |name: &[u8], bytes: &mut dyn Read| {
        let outcome = if is(name, b".npy") {
            array(bytes, imports)
        } else {
            walk(bytes, imports).map(drop).map_err(|error: PickleError| error.to_string())
        };
        if let Err(error) = outcome {
            let name = crate::tree::escaped(name);
            unread.get_or_insert(format!("`{name}` in it: {error}"));
        }
    };
    let walked = zip_walk::walk(window, sizes, &wanted, &mut take);
    walked.map_err(|error| match error {
        ZipError::Io(error) => format!("as a zip archive: {}", clear(error)),
        ZipError::Form(what) => format!("as a zip archive: {what}"),
    })?;
    unread.map_or(Ok(()), Err)
}

/// An array of NumPy holds a pickle where its elements are Python objects.
fn array(bytes: &mut dyn Read, imports: &mut Imports) -> Outcome {
    let header = array_header(bytes).map_err(|error| format!("its header: {}", clear(error)))?;
    let Some(header) = header else { return Err("its header is not one of NumPy".to_owned()) };
    if holds_objects(&header) {
        walk(bytes, imports).map(drop).map_err(|error| error.to_string())
    } else {
        Ok(())
    }
}

/// `'|O'` or `'O8'`, alone or within a list of fields.
fn holds_objects(header: &str) -> bool {
    header.split(['\'', '"']).any(|quoted| {
        let kind = quoted.trim_start_matches(['|', '<', '>', '=']);
        kind.strip_prefix('O').is_some_and(|size| size.bytes().all(|b| b.is_ascii_digit()))
    })
}

fn array_header(mut bytes: &mut dyn Read) -> io::Result<Option<String>> {
    let mut start = [0; 8];
    bytes.read_exact(&mut start)?;
    let mut length = [0; 4];
    match start {
        [b'\x93', b'N', b'U', b'M', b'P', b'Y', 1, _] => bytes.read_exact(&mut length[..2])?,
        [b'\x93', b'N', b'U', b'M', b'P', b'Y', 2 | 3, _] => bytes.read_exact(&mut length)?,
        _ => return Ok(None),
    }
    let length = u32::from_le_bytes(length);
    if length as usize > NPY_HEADER_BYTES {
        return Ok(None);
    }
    let mut header = Vec::new();
    (&mut bytes).take(length.into()).read_to_end(&mut header)?;
    let header = String::from_utf8_lossy(&header).into_owned();
    Ok((header.len() >= length as usize).then_some(header))
}

#[cfg(test)]
#[path = "pickle_file_tests.rs"]
mod tests;
