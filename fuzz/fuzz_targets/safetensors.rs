//! Safetensors headers: what is taken is taken by the makers' own reader, with the same tensors.
#![no_main]

use fullsource_collect::read::safetensors::read;
use libfuzzer_sys::fuzz_target;
use safetensors::SafeTensors;

fuzz_target!(|file: &[u8]| {
    let Ok(ours) = read(file, file.len() as u64) else { return };
    let (header, theirs) = SafeTensors::read_metadata(file).expect("the makers take it");
    let data = (file.len() - 8 - header) as u64;
    let ends = ours.tensors.iter().map(|tensor| tensor.offset + tensor.bytes);
    assert_eq!(ends.max().unwrap_or(0), data);
    assert_eq!(ours.tensors.iter().map(|tensor| tensor.bytes).sum::<u64>(), data);
    let theirs = theirs.tensors();
    assert_eq!(ours.tensors.len(), theirs.len());
    for tensor in &ours.tensors {
        let info = theirs.get(&tensor.name).expect("the same names");
        let range = (tensor.offset as usize, (tensor.offset + tensor.bytes) as usize);
        assert_eq!(info.data_offsets, range);
        assert_eq!(info.shape, tensor.shape.iter().map(|n| *n as usize).collect::<Vec<_>>());
    }
});
