//! GGUF headers: the tensors of what is taken lie in the file, in order, and do not overlap.
#![no_main]

use fullsource_collect::read::gguf::read;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    let size = file.len() as u64;
    let Ok(gguf) = read(file, size) else { return };
    assert!(gguf.tensors.is_empty() || gguf.data_offset <= size);
    let mut end = 0;
    for tensor in &gguf.tensors {
        assert!(tensor.offset >= end, "{tensor:?} overlaps");
        end = tensor.offset + tensor.bytes;
        assert!(gguf.data_offset + end <= size, "{tensor:?} lies beyond the file");
    }
    let _ = (gguf.architecture(), gguf.name(), gguf.kind(), gguf.license(), gguf.license_name());
    let _ = (gguf.license_link(), gguf.file_type(), gguf.tokenizer_model(), gguf.split());
    let _ = (gguf.base_models(), gguf.datasets());
});
