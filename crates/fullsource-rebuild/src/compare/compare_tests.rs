use std::collections::BTreeMap;
use std::path::Path;

use fullsource_format::digest::Sha256;
use fullsource_format::manifest::{CompareLimits, CompareMode};
use fullsource_format::rebuild::{FileDifference, Grade};
use fullsource_format::text::{Amount, Count};
use safetensors::tensor::{Dtype, TensorView};

use super::*;

/// A directory of one side.
pub(super) struct Tree(tempfile::TempDir);

impl Tree {
    pub(super) fn of(files: &[(&str, &[u8])]) -> Self {
        let tree = Self(tempfile::tempdir().unwrap());
        for (path, bytes) in files {
            let path = tree.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        tree
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    fn list(&self, below: &Path, paths: &mut Vec<RelPath>) {
        for entry in std::fs::read_dir(below).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                self.list(&entry.path(), paths);
            } else {
                let path = entry.path();
                let path = path.strip_prefix(self.path()).unwrap().to_str().unwrap();
                paths.push(path.parse().unwrap());
            }
        }
    }
}

pub(super) fn hold(
    claimed: &Tree,
    made: &Tree,
    form: Form,
    compare: Option<&Compare>,
) -> OutputMade {
    let (root_claimed, root_made) =
        (Directory::open(claimed.path()).unwrap(), Directory::open(made.path()).unwrap());
    let files = |tree: &Tree| {
        let mut paths = Vec::new();
        tree.list(tree.path(), &mut paths);
        paths.sort();
        paths
    };
    let (listed_claimed, listed_made) = (files(claimed), files(made));
    output(
        &"weights".parse().unwrap(),
        Side { root: &root_claimed, files: &listed_claimed, form },
        Side { root: &root_made, files: &listed_made, form },
        compare,
        &Progress::default(),
    )
    .unwrap()
}

pub(super) fn files(claimed: &[u8], made: &[u8], compare: Option<&Compare>) -> OutputMade {
    hold(&Tree::of(&[("w", claimed)]), &Tree::of(&[("w", made)]), Form::File, compare)
}

pub(super) fn trees(claimed: &[(&str, &[u8])], made: &[(&str, &[u8])]) -> OutputMade {
    hold(&Tree::of(claimed), &Tree::of(made), Form::Tree, None)
}

fn ulp(most: u64) -> Compare {
    let limits = CompareLimits { ulp: Some(Count(most)), relative_l2: None };
    Compare { mode: CompareMode::Ulp, limits }
}

fn bounded(most: &str) -> Compare {
    let limits = CompareLimits { ulp: None, relative_l2: Some(Amount::Decimal(most.to_owned())) };
    Compare { mode: CompareMode::Bounded, limits }
}

/// Tensors as the makers of the format write them.
type Tensors<'a> = Vec<(&'a str, Dtype, Vec<usize>, Vec<u8>)>;

fn safetensors(tensors: &Tensors<'_>) -> Vec<u8> {
    let views: BTreeMap<&str, TensorView<'_>> = tensors
        .iter()
        .map(|(name, dtype, shape, bytes)| {
            (*name, TensorView::new(*dtype, shape.clone(), bytes).unwrap())
        })
        .collect();
    safetensors::serialize(views, None).unwrap()
}

/// The same format by hand, in the order given and with this much padding.
fn by_hand(tensors: &Tensors<'_>, padding: usize) -> Vec<u8> {
    let (mut header, mut data) = (Vec::new(), Vec::new());
    for (name, dtype, shape, bytes) in tensors {
        let (start, end) = (data.len(), data.len() + bytes.len());
        let dtype = format!("{dtype:?}");
        header.push(format!(
            r#""{name}":{{"dtype":"{dtype}","shape":{shape:?},"data_offsets":[{start},{end}]}}"#
        ));
        data.extend_from_slice(bytes);
    }
    let header = format!("{{{}}}{}", header.join(","), " ".repeat(padding));
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend_from_slice(header.as_bytes());
    file.extend(data);
    file
}

fn f32s(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn one_f32(values: &[f32]) -> Vec<u8> {
    safetensors(&vec![("w", Dtype::F32, vec![values.len()], f32s(values))])
}

/// Values that are no two the same and spread over some exponents.
fn some_values(count: usize) -> Vec<f32> {
    (0..count).map(|n| ((n as f32) + 1.0).sqrt() * if n % 3 == 0 { -0.01 } else { 0.02 }).collect()
}

#[test]
fn the_same_bytes_are_exact_and_never_parsed() {
    for bytes in [b"anything".as_slice(), b"GGUF\xff\xff\xff\xff", b"\x05\0\0\0\0\0\0\0{{{{{", b""]
    {
        let made = files(bytes, bytes, None);
        assert_eq!((made.grade, made.detail.clone()), (Grade::RebuiltExact, None), "{made:?}");
        assert_eq!(made.claimed.unwrap().sha256(), Some(Sha256::of(bytes)));
    }
    let tree: &[(&str, &[u8])] = &[("a/x", b"1"), ("b", b"2")];
    let made = trees(tree, tree);
    assert_eq!(made.grade, Grade::RebuiltExact);
    assert_eq!(made.claimed, made.made);
    assert_eq!(made.claimed.unwrap().sha256(), None);
}

#[test]
fn other_bytes_that_are_nothing_known_contradict() {
    let made = files(b"one", b"two", None);
    assert_eq!(made.grade, Grade::Contradicted);
    assert_eq!((made.files.len(), made.files[0].how), (1, FileDifference::Differs));
    assert_ne!(made.claimed, made.made);
    let made =
        trees(&[("a", b"1"), ("b", b"2"), ("c", b"3")], &[("a", b"1"), ("b", b"x"), ("d", b"4")]);
    let told: Vec<_> = made.files.iter().map(|file| (file.path.as_str(), file.how)).collect();
    let (differs, missing, added) =
        (FileDifference::Differs, FileDifference::Missing, FileDifference::Added);
    assert_eq!(told, [("b", differs), ("c", missing), ("d", added)]);
    assert_eq!(made.grade, Grade::Contradicted);
    // A tree is its names, too.
    assert_eq!(trees(&[("a", b"1")], &[("b", b"1")]).grade, Grade::Contradicted);
}

/// 3 MB, several pieces; one element in the middle is the next value.
#[test]
fn one_ulp_in_one_element_of_a_large_tensor_is_found() {
    let values = some_values(800_000);
    let mut other = values.clone();
    other[600_001] = f32::from_bits(other[600_001].to_bits() + 1);
    let (claimed, made) = (one_f32(&values), one_f32(&other));
    for (compare, grade) in [
        (None, Grade::NearMiss),
        (Some(ulp(0)), Grade::NearMiss),
        (Some(ulp(1)), Grade::RebuiltBounded),
        (Some(bounded("0.0000000001")), Grade::RebuiltBounded),
        (Some(bounded("0.00000000000000000001")), Grade::NearMiss),
    ] {
        let made = files(&claimed, &made, compare.as_ref());
        assert_eq!(made.grade, grade, "{compare:?}");
        let tensors = made.tensors.unwrap();
        assert_eq!((tensors.total, tensors.differing), (Count(1), Count(1)));
        assert_eq!((tensors.elements, tensors.differing_elements), (Count(800_000), Count(1)));
        assert_eq!(tensors.max_ulp, Some(Count(1)));
        let exact = {
            let square = |value: f32| f64::from(value) * f64::from(value);
            let norm: f64 = values.iter().map(|value| square(*value)).sum();
            (f64::from(other[600_001]) - f64::from(values[600_001])).abs() / norm.sqrt()
        };
        let told = tensors.relative_l2.unwrap().to_f64();
        assert!(told >= exact * 0.999_999 && told <= exact * 1.000_001, "{told} {exact}");
        assert_eq!(tensors.worst.len(), 1);
    }
}

#[test]
fn layout_is_no_difference() {
    let tensors: Tensors<'_> = vec![
        ("b", Dtype::F32, vec![3], f32s(&[1.0, 2.0, 3.0])),
        ("a", Dtype::I64, vec![2], vec![7; 16]),
        ("c", Dtype::BF16, vec![2, 2], vec![1, 60, 2, 60, 3, 60, 4, 60]),
    ];
    let reversed: Tensors<'_> = tensors.iter().rev().cloned().collect();
    let claimed = safetensors(&tensors);
    for other in [by_hand(&reversed, 0), by_hand(&tensors, 4096), by_hand(&reversed, 1)] {
        let made = files(&claimed, &other, None);
        assert_eq!(made.grade, Grade::RebuiltCanonical, "{made:?}");
        assert_eq!(made.tensors.unwrap().max_ulp, Some(Count(0)));
    }
}

#[test]
fn swapped_names_contradict() {
    let (one, two) = (f32s(&[1.0, 2.0]), f32s(&[-3.0, 4.0]));
    let tensors = |a: &[u8], b: &[u8]| {
        safetensors(&vec![
            ("a", Dtype::F32, vec![2], a.to_vec()),
            ("b", Dtype::F32, vec![2], b.to_vec()),
        ])
    };
    let made = files(&tensors(&one, &two), &tensors(&two, &one), Some(&bounded("0.5")));
    assert_eq!(made.grade, Grade::Contradicted);
    assert_eq!(made.tensors.unwrap().differing, Count(2));
}

#[test]
fn other_types_and_shapes_and_names_contradict() {
    let bytes = f32s(&[1.0, 2.0]);
    let claimed = safetensors(&vec![("a", Dtype::F32, vec![2], bytes.clone())]);
    for (name, dtype, shape) in
        [("a", Dtype::I32, vec![2]), ("a", Dtype::F32, vec![1, 2]), ("b", Dtype::F32, vec![2])]
    {
        let other = safetensors(&vec![(name, dtype, shape, bytes.clone())]);
        let made = files(&claimed, &other, Some(&ulp(1 << 50)));
        assert_eq!(made.grade, Grade::Contradicted);
        assert!(made.detail.is_some());
        let tensors = made.tensors.unwrap();
        assert_eq!((tensors.max_ulp, tensors.relative_l2), (None, None));
        assert_eq!(tensors.differing_elements, Count(2));
    }
}

#[test]
fn zeros_of_two_signs_are_near_and_nan_is_not() {
    let nan = f32::from_bits(0x7fc0_0001);
    for (claimed, made, grade, max_ulp) in [
        ([0.0, 1.0], [-0.0, 1.0], Grade::RebuiltBounded, Some(1)),
        // Relative to nothing, and no difference in value.
        ([0.0, 0.0], [-0.0, 0.0], Grade::RebuiltBounded, Some(1)),
        ([f32::NAN, 1.0], [nan, 1.0], Grade::Contradicted, None),
        ([f32::NAN, 1.0], [2.0, 1.0], Grade::Contradicted, None),
        ([f32::INFINITY, 1.0], [f32::MAX, 1.0], Grade::Contradicted, None),
        ([f32::INFINITY, 1.0], [f32::NEG_INFINITY, 1.0], Grade::Contradicted, None),
    ] {
        let made = files(&one_f32(&claimed), &one_f32(&made), Some(&ulp(1)));
        assert_eq!(made.grade, grade, "{claimed:?}");
        assert_eq!(made.tensors.unwrap().max_ulp, max_ulp.map(Count));
    }
    // The same NaN on both sides has a distance of 0 and spoils the norm.
    let made = files(&one_f32(&[f32::NAN, 1.0]), &one_f32(&[f32::NAN, 1.000_000_1]), Some(&ulp(1)));
    assert_eq!(made.grade, Grade::RebuiltBounded);
    assert_eq!(made.tensors.unwrap().relative_l2, None);
}

#[test]
fn shards_are_layout() {
    let a: Tensors<'_> = vec![("a", Dtype::F32, vec![2], f32s(&[1.0, 2.0]))];
    let b: Tensors<'_> = vec![("b", Dtype::F32, vec![1], f32s(&[3.0]))];
    let both: Tensors<'_> = a.iter().chain(&b).cloned().collect();
    let index = |a: &str, b: &str| {
        format!(r#"{{"metadata":{{}},"weight_map":{{"a":"{a}","b":"{b}"}}}}"#).into_bytes()
    };
    let (whole, first, second) = (safetensors(&both), safetensors(&a), safetensors(&b));
    let (two, one) = (index("m-1.safetensors", "m-2.safetensors"), index("all.st", "all.st"));
    const INDEX: &str = "m/m.safetensors.index.json";
    let sharded: &[(&str, &[u8])] =
        &[(INDEX, &two), ("m/m-1.safetensors", &first), ("m/m-2.safetensors", &second), ("c", b"")];
    let single: &[(&str, &[u8])] = &[("m/m.safetensors", &whole), ("c", b"")];
    let other: &[(&str, &[u8])] = &[(INDEX, &one), ("m/all.st", &whole), ("c", b"")];
    for (claimed, made) in [(sharded, single), (single, sharded), (sharded, other), (other, single)]
    {
        let made = trees(claimed, made);
        assert_eq!(made.grade, Grade::RebuiltCanonical, "{made:?}");
        assert_eq!(made.tensors.unwrap().total, Count(2));
    }
    // An index that sends a reader to the wrong shard is none.
    let wrong = index("m-2.safetensors", "m-1.safetensors");
    let lies: &[(&str, &[u8])] = &[
        (INDEX, &wrong),
        ("m/m-1.safetensors", &first),
        ("m/m-2.safetensors", &second),
        ("c", b""),
    ];
    for (claimed, made) in [(sharded, lies), (single, lies)] {
        let made = trees(claimed, made);
        assert_eq!(made.grade, Grade::Contradicted);
        assert!(made.detail.unwrap().as_str().contains("compared by bytes"));
    }
}

#[test]
fn tied_weights_are_layout_and_constants_tie_nothing() {
    let tensors = |names: &[&'static str], values: &[f32]| -> Vec<u8> {
        let of = |name: &&'static str| (*name, Dtype::F32, vec![values.len()], f32s(values));
        safetensors(&names.iter().map(of).collect())
    };
    let both = tensors(&["embed", "head"], &[1.0, 2.0]);
    let one = tensors(&["embed"], &[1.0, 2.0]);
    for (claimed, made) in [(&both, &one), (&one, &both)] {
        let made = files(claimed, made, None);
        assert_eq!(made.grade, Grade::RebuiltCanonical);
        assert_eq!(made.tensors.unwrap().tied, Some(Count(1)));
    }
    let zeros = tensors(&["a.bias", "b.bias"], &[0.0, 0.0]);
    let made = files(&zeros, &tensors(&["a.bias"], &[0.0, 0.0]), None);
    assert_eq!(made.grade, Grade::Contradicted);
    assert_eq!(made.tensors.unwrap().tied, None);
}

#[test]
fn what_is_not_what_it_claims_is_compared_by_bytes_and_said_so() {
    let claimed = one_f32(&[1.0, 2.0]);
    let mut lies = claimed.clone();
    lies.push(0);
    let made = files(&claimed, &lies, None);
    assert_eq!(made.grade, Grade::Contradicted);
    assert!(made.detail.unwrap().as_str().contains("`w` of what was made was compared by bytes"));
    assert!(made.tensors.is_none());
}

#[test]
fn links_and_fifos_are_not_followed_and_missing_files_are_told() {
    let claimed = Tree::of(&[("w", b"x")]);
    let link = Tree::of(&[("elsewhere", b"x")]);
    std::os::unix::fs::symlink("elsewhere", link.path().join("w")).unwrap();
    let fifo = Tree::of(&[]);
    let made = std::process::Command::new("mkfifo").arg(fifo.path().join("w")).status();
    assert!(made.unwrap().success());
    let root = Directory::open(claimed.path()).unwrap();
    let listed = ["w".parse().unwrap()];
    for (other, how) in [
        (link, FileDifference::Differs),
        (fifo, FileDifference::Differs),
        (Tree::of(&[]), FileDifference::Missing),
    ] {
        let other_root = Directory::open(other.path()).unwrap();
        for form in [Form::File, Form::Tree] {
            let side = |root| Side { root, files: &listed, form };
            let hold = |claimed, made| {
                let id = "weights".parse().unwrap();
                output(&id, claimed, made, None, &Progress::default()).unwrap()
            };
            let made = hold(side(&root), side(&other_root));
            assert_eq!((made.grade, made.made.clone()), (Grade::Contradicted, None), "{made:?}");
            assert_eq!(made.files[0].how, how);
            // Where it is the claimed content that is not there, nothing is shown.
            let made = hold(side(&other_root), side(&root));
            assert_eq!(made.grade, Grade::NotRun, "{made:?}");
            assert!(made.detail.is_some());
        }
    }
}

#[test]
fn a_file_is_no_directory() {
    let (claimed, made) = (Tree::of(&[("w", b"x")]), Tree::of(&[("w", b"x")]));
    let roots = [Directory::open(claimed.path()).unwrap(), Directory::open(made.path()).unwrap()];
    let listed = ["w".parse().unwrap()];
    let side = |nth: usize, form| Side { root: &roots[nth], files: &listed, form };
    let (file, tree) = (side(0, Form::File), side(1, Form::Tree));
    let made = output(&"x".parse().unwrap(), file, tree, None, &Progress::default()).unwrap();
    assert_eq!(made.grade, Grade::Contradicted);
}

#[test]
fn a_stop_is_a_stop() {
    let (claimed, made) = (Tree::of(&[("w", b"x")]), Tree::of(&[("w", b"y")]));
    let roots = [Directory::open(claimed.path()).unwrap(), Directory::open(made.path()).unwrap()];
    let (listed, progress) = (["w".parse().unwrap()], Progress::default());
    progress.stop();
    let side = |nth: usize| Side { root: &roots[nth], files: &listed, form: Form::File };
    assert!(output(&"x".parse().unwrap(), side(0), side(1), None, &progress).is_err());
}
