//! Archives and GGUF files, made by the tools that people make them with or by hand.

use std::io::Write;
use std::process::Command;

use fullsource_format::rebuild::{FileDifference, Grade};
use fullsource_format::text::Count;

use super::tests::{Tree, files};

/// What `tar` makes of a tree, with these options.
fn tar(tree: &Tree, options: &[&str]) -> Vec<u8> {
    let mut command = Command::new("tar");
    let done = command.args(["-cf", "-", "-C"]).arg(tree.path()).args(options).output().unwrap();
    assert!(done.status.success(), "{done:?}");
    done.stdout
}

fn gzip(bytes: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(level));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

#[test]
fn members_are_compared_and_the_rest_is_layout() {
    let tree = Tree::of(&[("a", b"one"), ("b/c", b"two")]);
    std::os::unix::fs::symlink("a", tree.path().join("l")).unwrap();
    let claimed = tar(&tree, &["a", "b", "l"]);
    let other = tar(&tree, &["--mtime=@5", "--owner=9", "l", "b", "a"]);
    for made in [other.clone(), gzip(&other, 1), gzip(&claimed, 9), zstd(&other)] {
        let made = files(&claimed, &made, None);
        assert_eq!(made.grade, Grade::RebuiltCanonical, "{made:?}");
        assert!(made.tensors.is_none());
    }
    std::fs::write(tree.path().join("b/c"), "2").unwrap();
    std::fs::write(tree.path().join("d"), "new").unwrap();
    std::fs::remove_file(tree.path().join("l")).unwrap();
    std::os::unix::fs::symlink("b", tree.path().join("l")).unwrap();
    let made = files(&claimed, &gzip(&tar(&tree, &["b", "l", "d"]), 6), None);
    assert_eq!(made.grade, Grade::Contradicted);
    let told: Vec<_> = made.files.iter().map(|file| (file.path.as_str(), file.how)).collect();
    let differs = FileDifference::Differs;
    let expected = [
        ("w#a", FileDifference::Missing),
        ("w#b/c", differs),
        ("w#l", differs),
        ("w#d", FileDifference::Added),
    ];
    assert_eq!(told, expected);
}

#[test]
fn whether_a_member_is_executable_counts() {
    use std::os::unix::fs::PermissionsExt;
    let tree = Tree::of(&[("a", b"one")]);
    let claimed = tar(&tree, &["a"]);
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(tree.path().join("a"), mode).unwrap();
    assert_eq!(files(&claimed, &tar(&tree, &["a"]), None).grade, Grade::Contradicted);
}

#[test]
fn one_packed_file_is_compared_by_what_is_packed() {
    let content = b"the same words again and again, the same words again and again".as_slice();
    for made in [gzip(content, 1), zstd(content)] {
        assert_eq!(files(&gzip(content, 9), &made, None).grade, Grade::RebuiltCanonical);
    }
    let made = files(&gzip(content, 9), &gzip(b"other words", 9), None);
    assert_eq!((made.grade, made.files[0].path.as_str()), (Grade::Contradicted, "w"));
    // What is packed against what is not: other bytes.
    assert_eq!(files(&gzip(content, 9), content, None).grade, Grade::Contradicted);
}

#[test]
fn zeros_are_no_archive() {
    assert_eq!(files(&[0; 1024], &[0; 2048], None).grade, Grade::Contradicted);
    let packed = |length| gzip(&vec![0; length], 9);
    assert_eq!(files(&packed(1024), &packed(2048), None).grade, Grade::Contradicted);
}

#[test]
fn what_cannot_be_read_in_whole_is_compared_by_bytes() {
    let tree = Tree::of(&[("a", b"one")]);
    let claimed = gzip(&tar(&tree, &["a"]), 6);
    let cut = &claimed[..claimed.len() - 9];
    let bomb = |first: u8| zstd(&[&[first], vec![0; 80 << 20].as_slice()].concat());
    for made in [cut, &bomb(0), &bomb(b'x')] {
        let made = files(&claimed, made, None);
        assert_eq!(made.grade, Grade::Contradicted);
        let detail = made.detail.map(|detail| detail.as_str().to_owned()).unwrap_or_default();
        assert!(detail.contains("compared by bytes"), "{detail}");
    }
}

/// A GGUF file by hand: metadata of strings, tensors of bytes, with this alignment.
fn gguf(metadata: &[(&str, &str)], tensors: &[(&str, u32, u64, &[u8])], align: u32) -> Vec<u8> {
    let text = |file: &mut Vec<u8>, text: &str| {
        file.extend((text.len() as u64).to_le_bytes());
        file.extend(text.as_bytes());
    };
    let pad = |file: &mut Vec<u8>| file.resize(file.len().next_multiple_of(align as usize), 0);
    let mut file = b"GGUF\x03\0\0\0".to_vec();
    file.extend((tensors.len() as u64).to_le_bytes());
    file.extend((metadata.len() as u64 + 1).to_le_bytes());
    text(&mut file, "general.alignment");
    file.extend(4u32.to_le_bytes());
    file.extend(align.to_le_bytes());
    for (key, value) in metadata {
        text(&mut file, key);
        file.extend(8u32.to_le_bytes());
        text(&mut file, value);
    }
    let mut data = Vec::new();
    for (name, element_type, elements, bytes) in tensors {
        text(&mut file, name);
        file.extend(1u32.to_le_bytes());
        file.extend(elements.to_le_bytes());
        file.extend(element_type.to_le_bytes());
        pad(&mut data);
        file.extend((data.len() as u64).to_le_bytes());
        data.extend_from_slice(bytes);
    }
    pad(&mut data);
    pad(&mut file);
    file.extend(data);
    file
}

#[test]
fn gguf_is_compared_by_metadata_and_tensors() {
    let (floats, blocks) = ([1.0f32.to_le_bytes(), 2.0f32.to_le_bytes()].concat(), [7u8; 34]);
    let keys = [("general.architecture", "llama"), ("general.name", "x")];
    let tensors = [("a", 0, 2, floats.as_slice()), ("q", 8, 32, blocks.as_slice())];
    let claimed = gguf(&keys, &tensors, 32);
    let turned = |list: [(&'static str, u32, u64, _); 2]| [list[1], list[0]];
    for made in [
        gguf(&keys, &tensors, 64),
        gguf(&[keys[1], keys[0]], &tensors, 32),
        gguf(&keys, &turned(tensors), 128),
    ] {
        let made = files(&claimed, &made, None);
        assert_eq!(made.grade, Grade::RebuiltCanonical, "{made:?}");
    }
    // A value of the metadata.
    let made = files(&claimed, &gguf(&[keys[0], ("general.name", "y")], &tensors, 32), None);
    assert_eq!(made.grade, Grade::Contradicted);
    assert!(made.detail.unwrap().as_str().contains("first `general.name`"));
    let made = files(&claimed, &gguf(&[keys[0]], &tensors, 32), None);
    assert_eq!(made.grade, Grade::Contradicted);
    // A block of quantised elements.
    let mut other = blocks;
    other[33] = 8;
    let made = files(&claimed, &gguf(&keys, &[tensors[0], ("q", 8, 32, &other)], 32), None);
    assert_eq!(made.grade, Grade::Contradicted);
    let tensors = made.tensors.unwrap();
    assert_eq!((tensors.differing_elements, tensors.elements), (Count(32), Count(34)));
}

/// In tests, 4 MiB and 64 times what is claimed.
#[test]
fn what_unpacks_to_far_more_than_is_claimed_differs_and_is_not_read_to_its_end() {
    let claimed = gzip(&[b'a'; 1000], 6);
    let made = files(&claimed, &gzip(&vec![b'a'; 5 << 20], 6), None);
    assert_eq!(made.grade, Grade::Contradicted);
    let detail = made.detail.unwrap();
    assert!(detail.as_str().contains("it unpacks to more than is read"), "{detail:?}");
    // Large archives are compared all the same, in one file and as a tar.
    let large: Vec<u8> = (0..5u32 << 20).map(|at| (at >> 12) as u8).collect();
    let tree = Tree::of(&[("a", &large)]);
    let packed = tar(&tree, &["a"]);
    for large in [&large, &packed] {
        let made = files(&gzip(large, 1), &gzip(large, 6), None);
        assert_eq!(made.grade, Grade::RebuiltCanonical, "{made:?}");
    }
    // As a tar, too.
    let small = Tree::of(&[("a", b"small")]);
    let made = files(&gzip(&tar(&small, &["a"]), 6), &gzip(&packed, 6), None);
    assert!(made.detail.unwrap().as_str().contains("more than"));
}
