use std::io::Write;

use ::base64::Engine as _;
use proptest::prelude::*;

use super::*;

/// Bytes that no two windows share.
pub(super) fn noise(count: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..count).map(|_| next()).collect()
}

/// A safetensors file of one tensor of bytes.
pub(super) fn weights(bytes: &[u8]) -> Vec<u8> {
    let count = bytes.len();
    let header =
        format!(r#"{{"w":{{"dtype":"U8","shape":[{count}],"data_offsets":[0,{count}]}}}}"#);
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), bytes].concat()
}

/// Stretches, with the directory that they are read from.
pub(super) struct Standing {
    root: tempfile::TempDir,
    stretches: Stretches<'static>,
}

impl std::ops::Deref for Standing {
    type Target = Stretches<'static>;

    fn deref(&self) -> &Self::Target {
        &self.stretches
    }
}

pub(super) fn stretches(files: &[(&str, &[u8])]) -> Standing {
    at_most(u64::MAX, files)
}

fn at_most(most: u64, files: &[(&str, &[u8])]) -> Standing {
    standing(most, files, false)
}

/// Of an output with the role of weights.
pub(super) fn called_weights(files: &[(&str, &[u8])]) -> Standing {
    standing(u64::MAX, files, true)
}

fn standing(most: u64, files: &[(&str, &[u8])], strict: bool) -> Standing {
    let root = tempfile::tempdir().unwrap();
    let mut paths: Vec<RelPath> = Vec::new();
    for (path, bytes) in files {
        std::fs::write(root.path().join(path), bytes).unwrap();
        paths.push(path.parse().unwrap());
    }
    // It lives as long as the process: the stretches borrow it.
    let directory = Box::leak(Box::new(Directory::open(root.path()).unwrap()));
    let id = "weights".parse().unwrap();
    let progress = Progress::default();
    let stretches =
        Stretches::at_most(most, &id, directory, &paths, strict, b"seed", &progress).unwrap();
    Standing { root, stretches }
}

pub(super) fn find(stretches: &Stretches<'_>, input: &[u8]) -> Vec<(u64, u64)> {
    let (id, mut bytes) = ("data".parse().unwrap(), input);
    let copies = stretches.find(&id, "f", &mut bytes, &Progress::default()).unwrap();
    copies.iter().map(|copy| (copy.offset.0, copy.bytes.0)).collect()
}

pub(super) fn hex(bytes: &[u8], between: &str) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}{between}")).collect()
}

#[test]
fn a_stretch_is_found_at_any_offset_with_all_its_bytes() {
    let output = noise(10_000, 1);
    for offset in [0, 1, 63, 64, 1000, 70_000, 300_001] {
        let stretches = stretches(&[("w", &weights(&output))]);
        let input = [noise(offset, 2), output[100..7000].to_vec(), noise(500, 3)].concat();
        let found = find(&stretches, &input);
        assert_eq!(found, [(offset as u64, 6900)], "{offset}");
        assert!(stretches.are_the_output());
    }
}

#[test]
fn nothing_is_found_where_there_is_nothing() {
    let stretches = stretches(&[("w", &weights(&noise(200_000, 1)))]);
    let words = "once upon a time there was a fox that added deadbeef, and so on. ".repeat(5000);
    for input in [noise(400_000, 9), words.into_bytes(), vec![0; 100_000], Vec::new()] {
        assert_eq!(find(&stretches, &input), []);
    }
    assert!(!stretches.are_the_output());
}

/// A text holds much of what it was made from; weights hold none of it, in whatever format.
#[test]
fn of_weights_a_thousandth_is_a_copy_and_of_anything_else_half() {
    let output = noise(100_000, 1);
    let wrapped = weights(&output);
    for (stretches, share, copied) in [
        (stretches(&[("w", &output)]), 40_000, false),
        (stretches(&[("w", &output)]), 60_000, true),
        (stretches(&[("w", &wrapped)]), 40_000, true),
        (stretches(&[("w", &wrapped)]), 128, true),
        (stretches(&[("w", &wrapped)]), 64, false),
        (called_weights(&[("pytorch_model.bin", &output)]), 128, true),
        // Words that stand in a dictionary.
        (called_weights(&[("anthy.dic", &output)]), 64, false),
    ] {
        find(&stretches, &output[..share]);
        assert_eq!(stretches.are_the_output(), copied, "{share}");
    }
}

/// Zeros, and floats of one value: all models share them.
#[test]
fn what_says_nothing_is_not_looked_for() {
    let plain = [vec![0; 4096], 1.0f32.to_le_bytes().repeat(1024)].concat();
    let stretches = stretches(&[("w", &weights(&plain))]);
    assert_eq!(find(&stretches, &plain), []);
    // An element of three bytes, and few values in no order.
    let pixels = [9, 8, 7].repeat(1000);
    let ternary: Vec<u8> = noise(4096, 3).iter().map(|byte| byte % 7).collect();
    for plain in [pixels, ternary, (0..15).collect::<Vec<u8>>().repeat(100)] {
        let stretches = self::stretches(&[("w", &weights(&plain))]);
        assert_eq!(find(&stretches, &plain), []);
    }
    // Nor is it counted behind what was found.
    let output = [noise(128, 1), vec![0; 6400]].concat();
    let stretches = self::stretches(&[("w", &weights(&output))]);
    assert_eq!(find(&stretches, &output), [(0, 128)]);
}

/// BF16 values that were widened to F64: six of eight bytes are zero.
#[test]
fn widened_values_are_looked_for() {
    let wide: Vec<u8> =
        noise(8000, 5).chunks(2).flat_map(|pair| [0, 0, 0, 0, 0, 0, pair[0], pair[1]]).collect();
    let stretches = stretches(&[("w", &weights(&wide))]);
    assert_eq!(find(&stretches, &wide[800..8000]), [(0, 7200)]);
    assert!(stretches.are_the_output());
}

#[test]
fn texts_are_decoded() {
    let output = noise(3000, 4);
    let part = &output[64..2500];
    let standard = ::base64::engine::general_purpose::STANDARD.encode(part);
    let url = ::base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(part);
    let lines = |text: &str, width: usize, end: &str| -> String {
        let lines = text.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap());
        lines.map(|line| format!("{line}{end}")).collect()
    };
    for (about, text) in [
        ("hex", hex(part, "")),
        ("upper", hex(part, "").to_uppercase()),
        ("lines", lines(&hex(part, ""), 76, "\n")),
        ("odd lines", lines(&hex(part, ""), 77, "\r\n  ")),
        (
            "commas",
            format!("[{}]", part.iter().map(|b| format!("0x{b:02X}, ")).collect::<String>()),
        ),
        (
            "escapes",
            format!("b\"{}\"", part.iter().map(|b| format!("\\x{b:02x}")).collect::<String>()),
        ),
        ("base64", standard.clone()),
        ("url", url.clone()),
        ("wrapped", lines(&standard, 76, "\n")),
        ("indented", lines(&standard, 61, "\r\n    ")),
        ("quoted", lines(&format!("x = \"{url}\""), 80, "\"\n  \"")),
        ("JSON", lines(&standard, 64, "\\n")),
        ("behind a word", format!("weights{standard}")),
    ] {
        let stretches = stretches(&[("w", &weights(&output))]);
        let input = [b"# some code\ndata = '".as_slice(), text.as_bytes(), b"'\n"].concat();
        let found: u64 = find(&stretches, &input).iter().map(|(_, bytes)| bytes).sum();
        assert!(found >= 2300, "{about}: {found}");
        assert!(stretches.are_the_output(), "{about}");
    }
}

#[test]
fn archives_are_looked_into() {
    let output = noise(50_000, 5);
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("inner.gz"), gzip(hex(&output, "").as_bytes())).unwrap();
    let mut tar = std::process::Command::new("tar");
    let tar = tar.arg("-C").arg(directory.path()).args(["-cf", "-", "inner.gz"]).output().unwrap();
    let tar = tar.stdout;
    for input in [
        gzip(&output),
        zstd::encode_all(output.as_slice(), 1).unwrap(),
        tar.clone(),
        gzip(&tar),
        gzip(&gzip(&output)),
    ] {
        let stretches = stretches(&[("w", &weights(&output))]);
        assert!(!find(&stretches, &input).is_empty());
        assert!(stretches.are_the_output());
        assert_eq!(stretches.unseen(), None);
        // Cut in the middle, as far as it goes; a tar is looked through as it lies there.
        let stretches = self::stretches(&[("w", &weights(&output))]);
        find(&stretches, &input[..input.len() / 2]);
        assert!(stretches.are_the_output());
        let unseen = stretches.unseen().unwrap_or_default();
        let told = unseen.contains("could not be looked through: ");
        assert_eq!(told, input != tar, "{unseen}");
    }
}

/// Fails after some bytes, and is at its end then.
struct Failing(u64, bool);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = (self.0.min(buffer.len() as u64)) as usize;
        buffer[..most].fill(b' ');
        self.0 -= most as u64;
        if most > 0 || self.1 {
            return Ok(most);
        }
        self.1 = true;
        Err(std::io::Error::other("the disk is broken"))
    }
}

#[test]
fn what_could_not_be_looked_through_is_told() {
    let output = noise(3000, 1);
    let unseen = |input: &mut dyn Read| {
        let (stretches, id) = (stretches(&[("w", &weights(&output))]), "data".parse().unwrap());
        stretches.find(&id, "f", input, &Progress::default()).unwrap();
        stretches.unseen()
    };
    // Seventy million zeros are more than 2000 times what they are packed to.
    let bomb = [vec![0; 70 << 20], output.clone()].concat();
    let bomb = zstd::encode_all(bomb.as_slice(), 1).unwrap();
    let mut deep = output.clone();
    for _ in 0..5 {
        deep = zstd::encode_all(deep.as_slice(), 1).unwrap();
    }
    for (mut input, why) in [
        (bomb.as_slice(), "it unpacks to more than is read"),
        (deep.as_slice(), "something is packed in 4 others"),
    ] {
        let told = unseen(&mut input).unwrap();
        assert!(told.starts_with("`f` could not be looked through: "), "{told}");
        assert!(told.contains(why), "{told}");
    }
    // Broken within what tells the format; the reader says then that it is at its end.
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(hex(&output, "").as_bytes()).unwrap();
    let gzip = encoder.finish().unwrap();
    assert!(unseen(&mut &gzip[..300]).is_some());
    assert!(unseen(&mut Failing(100, false)).unwrap().contains("the disk is broken"));
    assert!(unseen(&mut Failing(1000, false)).unwrap().contains("the disk is broken"));
    // What is no archive at all is no trouble.
    let zeros = [vec![0; 2000], output.clone()].concat();
    for mut input in [b"\x1f\x8b and so on".as_slice(), &zeros, b"", b"BZh9"] {
        assert_eq!(unseen(&mut input), None);
    }
}

/// An input that says one thing a thousand times holds a thousandth of the output at the most once.
#[test]
fn what_counts_is_how_much_of_the_output_was_found() {
    let output = noise(200_000, 8);
    let stretches = stretches(&[("w", &weights(&output))]);
    let found = find(&stretches, &output[640..740].repeat(1000));
    assert!(found.len() >= 100 && found[0].1 == 100, "{}", found.len());
    assert!(!stretches.are_the_output());
    find(&stretches, &output[1000..1200]);
    assert!(stretches.are_the_output());
}

/// More files than a process may open, as a rule.
#[test]
fn an_output_of_many_files_is_looked_for_with_few_of_them_open() {
    let output = noise(1200 * 128, 20);
    let names: Vec<String> = (0..1200).map(|nth| format!("{nth}")).collect();
    let files = names.iter().map(String::as_str).zip(output.chunks(128));
    let stretches = stretches(&files.collect::<Vec<_>>());
    let open = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    assert!(open() < 700, "{}", open());
    find(&stretches, &output);
    assert!(open() < 700, "{}", open());
    assert!(stretches.are_the_output() && stretches.unseen().is_none());
}

#[test]
fn a_file_of_the_output_that_cannot_be_read_is_told() {
    let root = tempfile::tempdir().unwrap();
    let directory = Directory::open(root.path()).unwrap();
    let (id, paths) = ("weights".parse().unwrap(), ["gone".parse().unwrap()]);
    let stretches =
        Stretches::of(&id, &directory, &paths, false, b"seed", &Progress::default()).unwrap();
    assert!(stretches.unseen().unwrap().starts_with("`gone` could not be looked through: "));
    // Nor one that goes meanwhile.
    let output = noise(1000, 1);
    let stretches = self::stretches(&[("w", &output)]);
    assert_eq!(stretches.unseen(), None);
    std::fs::write(stretches.root.path().join("w"), "").unwrap();
    assert_eq!(find(&stretches, &output), []);
    assert!(stretches.unseen().unwrap().starts_with("`w` could not be looked through: "));
}

#[test]
fn a_large_output_is_looked_for_by_a_sample() {
    // 32,768 windows, of which every 17th or 257th is kept.
    let output = noise(2 << 20, 10);
    for most in [2000, 128] {
        let stretches = at_most(most, &[("w", &weights(&output))]);
        let input = [noise(77, 11), output[500_000..700_000].to_vec()].concat();
        let bytes: u64 = find(&stretches, &input).iter().map(|(_, bytes)| bytes).sum();
        assert!((199_990..=200_010).contains(&bytes), "{bytes}");
        assert!(stretches.are_the_output());
    }
}

proptest! {
    #[test]
    fn pieces_of_a_stream_make_no_difference(cuts in proptest::collection::vec(1..3000usize, 1..20), start in 0..500usize) {
        struct Pieces<'a>(&'a [u8], Vec<usize>);
        impl Read for Pieces<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                let most = self.1.pop().unwrap_or(1000).min(buffer.len()).min(self.0.len());
                buffer[..most].copy_from_slice(&self.0[..most]);
                self.0 = &self.0[most..];
                Ok(most)
            }
        }
        let output = noise(5000, 12);
        let stretches = stretches(&[("w", &weights(&output))]);
        let input = [noise(start, 13), output[start..4000].to_vec(), noise(300, 14)].concat();
        let mut pieces = Pieces(&input, cuts);
        let id = "data".parse().unwrap();
        let found = stretches.find(&id, "f", &mut pieces, &Progress::default()).unwrap();
        prop_assert_eq!(found.len(), 1);
        // What is before it and behind may be the same by chance.
        let (offset, end) = (found[0].offset.0, found[0].offset.0 + found[0].bytes.0);
        prop_assert!(offset + 3 >= start as u64 && offset <= start as u64);
        prop_assert!((4000..4003).contains(&end));
    }
}
