//! Files of named tensors in the safetensors format, `f32` only.
//!
//! Eight bytes give the length of a JSON header; the header gives the type, shape and place of each
//! tensor, and notes under `__metadata__`; then come the numbers, little-endian, without gaps.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Error;

/// The key of the notes in the header.
const NOTES: &str = "__metadata__";

/// The longest header that is read: far more than this model needs, far less than memory.
const HEADER_LIMIT: usize = 1 << 20;

/// What a safetensors file holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TensorFile {
    /// Notes, each a name and a text.
    pub notes: BTreeMap<String, String>,
    /// Tensors by name: shape, and numbers row after row.
    pub tensors: BTreeMap<String, (Vec<usize>, Vec<f32>)>,
}

/// Where a tensor lies, and what it is.
#[derive(Serialize, Deserialize)]
struct Entry {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: [usize; 2],
}

/// What stands in the header under a name.
#[derive(Serialize)]
#[serde(untagged)]
enum Item<'a> {
    Notes(&'a BTreeMap<String, String>),
    Tensor(Entry),
}

impl TensorFile {
    /// Reads a file and checks that tensors and header cover each other exactly.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = fs::read(path).map_err(|source| Error::Read { path: path.into(), source })?;
        Self::parse(&bytes).map_err(|reason| Error::Tensors { path: path.into(), reason })
    }

    /// Writes a file whole or not at all: beside its place first, then moved there.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let bytes = self.to_bytes().map_err(|source| Error::Json { path: path.into(), source })?;
        let result = fs::File::create(&part)
            .and_then(|mut file| file.write_all(&bytes).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&part, path));
        result.map_err(|source| {
            // The half-written file is of no use; the first error is the one to tell.
            let _ = fs::remove_file(&part);
            Error::Write { path: path.into(), source }
        })
    }

    fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        // Names are in the order of the map, so that the same tensors always give the same bytes.
        let mut header = BTreeMap::new();
        if !self.notes.is_empty() {
            header.insert(NOTES, Item::Notes(&self.notes));
        }
        let mut data = Vec::new();
        for (name, (shape, values)) in &self.tensors {
            let start = data.len();
            data.extend(values.iter().flat_map(|value| value.to_le_bytes()));
            let (dtype, data_offsets) = ("F32".into(), [start, data.len()]);
            header.insert(name, Item::Tensor(Entry { dtype, shape: shape.clone(), data_offsets }));
        }
        let mut text = serde_json::to_string(&header)?;
        // The numbers start at a multiple of 8, as the format asks.
        text.extend(std::iter::repeat_n(' ', text.len().next_multiple_of(8) - text.len()));
        let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
        bytes.extend(text.into_bytes());
        bytes.extend(data);
        Ok(bytes)
    }

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let (length, rest) = bytes.split_first_chunk::<8>().ok_or("it is shorter than 8 bytes")?;
        let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
        if length > HEADER_LIMIT || length > rest.len() {
            return Err(format!("its header would be {length} bytes long"));
        }
        let (header, data) = rest.split_at(length);
        let header: BTreeMap<String, Value> = serde_json::from_slice(header)
            .map_err(|error| format!("its header is not JSON: {error}"))?;
        let mut file = Self::default();
        let mut covered = 0;
        for (name, value) in header {
            if name == NOTES {
                file.notes =
                    serde_json::from_value(value).map_err(|error| format!("its notes: {error}"))?;
            } else {
                let entry = serde_json::from_value(value)
                    .map_err(|error| format!("tensor `{name}`: {error}"))?;
                let values = numbers(&entry, data)
                    .ok_or(format!("tensor `{name}` does not fit its data"))?;
                covered += values.len() * 4;
                file.tensors.insert(name, (entry.shape, values));
            }
        }
        if covered == data.len() {
            Ok(file)
        } else {
            Err("its tensors do not cover its data".into())
        }
    }
}

/// The numbers of one tensor, if its place and shape fit.
fn numbers(entry: &Entry, data: &[u8]) -> Option<Vec<f32>> {
    let [start, end] = entry.data_offsets;
    let bytes = data.get(start..end)?;
    let count = entry.shape.iter().try_fold(1_usize, |count, size| count.checked_mul(*size))?;
    let (numbers, rest) = bytes.as_chunks::<4>();
    let fits = entry.dtype == "F32" && numbers.len() == count && rest.is_empty();
    fits.then(|| numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
}
