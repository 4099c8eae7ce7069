//! Tensors of a file, or of the shards of one index.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};

use fullsource_collect::hash::{FileTrouble, OpenFile};
use fullsource_collect::read::{gguf, gguf_values, safetensors};
use fullsource_collect::source::archive::Format;
use fullsource_format::digest::Sha256;
use fullsource_format::path::RelPath;

use super::element::Element;
use super::members;

/// Tensors, and the files that they lie in.
#[derive(Debug, Default)]
pub(crate) struct Set {
    pub(crate) files: Vec<OpenFile>,
    /// Sorted by name, each name once.
    pub(crate) tensors: Vec<Tensor>,
    /// Digests of the values of GGUF's metadata, without what is layout.
    pub(crate) metadata: BTreeMap<String, Sha256>,
}

/// One tensor.
#[derive(Debug, Clone)]
pub(crate) struct Tensor {
    pub(crate) name: String,
    /// As the format names it.
    pub(crate) element_type: &'static str,
    pub(crate) element: Element,
    pub(crate) shape: Vec<u64>,
    pub(crate) elements: u64,
    /// The file that it lies in, by its number in the set.
    pub(crate) file: usize,
    /// From the start of the file.
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
}

impl Tensor {
    /// Whether both have the same type and shape.
    pub(crate) fn is_alike(&self, other: &Self) -> bool {
        self.element_type == other.element_type && self.shape == other.shape
    }
}

/// What a file is by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Safetensors,
    Gguf,
    Archive(Format),
    Other,
}

/// Bytes that tell what a file is.
const START: usize = 16;

impl Kind {
    /// Of a file. A safetensors file starts with the length of its header, which starts with `{`.
    pub(crate) fn of(file: &OpenFile) -> Result<Self, FileTrouble> {
        let mut start = [0; START];
        let length = usize::try_from(file.size()).map_or(START, |size| size.min(START));
        file.read_at(0, &mut start[..length])?;
        let header = start.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
        let fits = header.is_some_and(|header| {
            header <= safetensors::HEADER_BYTES && header <= file.size().saturating_sub(8)
        });
        Ok(match &start[..length] {
            [b'G', b'G', b'U', b'F', ..] => Self::Gguf,
            [_, _, _, _, _, _, _, _, b'{', ..] if fits => Self::Safetensors,
            _ => members::format_of(file)?.map_or(Self::Other, Self::Archive),
        })
    }
}

impl Set {
    /// The tensors of one file; what is the matter where it is not what its start claims.
    pub(crate) fn of_file(file: OpenFile, kind: Kind) -> Result<Self, String> {
        let mut set = Self::default();
        match kind {
            Kind::Safetensors => set.add_safetensors(file)?,
            Kind::Gguf => set.add_gguf(file)?,
            Kind::Archive(_) | Kind::Other => return Err("it holds no tensors".to_owned()),
        }
        set.sorted()
    }

    /// The tensors of all shards. `held_by` gives the file that the index names for each tensor.
    pub(crate) fn of_shards(
        shards: Vec<(RelPath, OpenFile)>,
        held_by: &BTreeMap<String, RelPath>,
    ) -> Result<Self, String> {
        let mut set = Self::default();
        for (path, file) in shards {
            let before = set.tensors.len();
            set.add_safetensors(file).map_err(|error| format!("`{path}`: {error}"))?;
            let other = |tensor: &&Tensor| held_by.get(&tensor.name) != Some(&path);
            if let Some(tensor) = set.tensors[before..].iter().find(other) {
                let name = tensor.name.escape_debug();
                return Err(format!("the index does not have the tensor `{name}` in `{path}`"));
            }
        }
        let set = set.sorted()?;
        if set.tensors.len() < held_by.len() {
            return Err("the index has tensors that no shard holds".to_owned());
        }
        Ok(set)
    }

    fn sorted(mut self) -> Result<Self, String> {
        self.tensors.sort_by(|a, b| a.name.cmp(&b.name));
        match self.tensors.windows(2).find(|pair| pair[0].name == pair[1].name) {
            Some(pair) => {
                Err(format!("the tensor `{}` stands in two shards", pair[0].name.escape_debug()))
            }
            None => Ok(self),
        }
    }

    fn add_safetensors(&mut self, file: OpenFile) -> Result<(), String> {
        let size = file.size();
        let header = safetensors::read(At { file: &file, at: 0 }, size);
        let header = header.map_err(|error| error.to_string())?;
        let data: u64 = header.tensors.iter().map(|tensor| tensor.bytes).sum();
        for tensor in header.tensors {
            self.add(
                tensor.name,
                tensor.dtype,
                tensor.shape,
                size - data + tensor.offset,
                tensor.bytes,
            );
        }
        self.files.push(file);
        Ok(())
    }

    fn add_gguf(&mut self, file: OpenFile) -> Result<(), String> {
        let source = BufReader::with_capacity(64 << 10, At { file: &file, at: 0 });
        let (header, values) = gguf_values::read_with_values(source, file.size())
            .map_err(|error| error.to_string())?;
        self.metadata = values;
        // Where tensors start is layout.
        self.metadata.remove(gguf::ALIGNMENT_KEY);
        for tensor in header.tensors {
            let offset = header.data_offset + tensor.offset;
            self.add(tensor.name, tensor.element_type, tensor.shape, offset, tensor.bytes);
        }
        self.files.push(file);
        Ok(())
    }

    fn add(
        &mut self,
        name: String,
        element_type: &'static str,
        shape: Vec<u64>,
        offset: u64,
        bytes: u64,
    ) {
        // No overflow: the reader has counted them.
        let elements = shape.iter().product();
        let (file, element) = (self.files.len(), Element::of(element_type));
        self.tensors.push(Tensor {
            name,
            element_type,
            element,
            shape,
            elements,
            file,
            offset,
            bytes,
        });
    }
}

/// Reads an open file from its start.
pub(crate) struct At<'a> {
    pub(crate) file: &'a OpenFile,
    pub(crate) at: u64,
}

impl Read for At<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.file.size() - self.at).unwrap_or(usize::MAX);
        let length = left.min(buffer.len());
        self.file.read_at(self.at, &mut buffer[..length]).map_err(io::Error::other)?;
        self.at += length as u64;
        Ok(length)
    }
}
