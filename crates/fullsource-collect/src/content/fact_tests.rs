//! What each kind of file says, streamed and in the release.

use std::fmt::Write as _;
use std::num::NonZeroUsize;

use fullsource_format::index::FileRecord;

use super::{Files, MIT, content, facts, roles};
use crate::content::{Wanted, local};
use crate::directory::Directory;

#[track_caller]
fn expect(role: &str, files: Files<'_>, expected: &[&str]) {
    let roles = roles(&[role]);
    let read = content(Wanted { roles: &roles, ..Wanted::default() }, files);
    assert_eq!(facts(&read), expected, "{role}");
    // Files that lie in the release say the same.
    let directory = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = directory.path().join("root").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let paths: Vec<String> = files.iter().map(|(path, _)| format!("root/{path}")).collect();
    let record =
        |(path, (_, bytes)): (&'_ String, &(&str, &[u8]))| (path.clone(), bytes.len() as u64);
    let records: Vec<(String, u64)> = paths.iter().zip(files).map(record).collect();
    let records: Vec<_> = records
        .iter()
        .map(|(path, size)| FileRecord { path, size: *size, sha256: None, blake3: None })
        .collect();
    let wanted = Wanted { roles: &roles, ..Wanted::default() };
    let root = Directory::open(directory.path()).unwrap();
    let here = local(&root, &records, "root/", &wanted, NonZeroUsize::MIN).unwrap();
    assert_eq!(facts(&here.content), expected, "{role}, in the release");
}

/// A safetensors file of tensors of F32.
fn safetensors(tensors: &[(&str, &[u64])], more: usize) -> Vec<u8> {
    let (mut header, mut end) = (String::from("{"), 0);
    for (name, shape) in tensors {
        let start = end;
        end += 4 * shape.iter().product::<u64>();
        let comma = if start == 0 && header.len() == 1 { "" } else { "," };
        write!(
            header,
            r#"{comma}"{name}":{{"dtype":"F32","shape":{shape:?},"data_offsets":[{start},{end}]}}"#
        )
        .unwrap();
    }
    header.push('}');
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.bytes());
    file.resize(file.len() + end as usize + more, 0);
    file
}

pub(super) fn model(layers: u64) -> Vec<u8> {
    let names: Vec<String> =
        (0..layers).map(|layer| format!("model.layers.{layer}.mlp.weight")).collect();
    let mut tensors: Vec<(&str, &[u64])> = vec![("model.embed_tokens.weight", &[12, 4])];
    tensors.extend(names.iter().map(|name| (name.as_str(), &[4, 4][..])));
    safetensors(&tensors, 0)
}

#[test]
fn what_is_hollow_is_told_and_what_is_not_is_not() {
    expect("data.sft", &[], &["hollow = empty"]);
    expect("data.sft", &[("a", b""), ("b", b" \n"), (".gitattributes", b"x")], &["hollow = empty"]);
    expect("data.sft", &[("README.md", b"# Data")], &["hollow = readme-only"]);
    expect("doc.data-card", &[("README.md", b"# Data")], &[]);
    expect("data.sft", &[("README.md", b"# Data"), ("train.txt", b"hello")], &[]);
    expect(
        "code.training",
        &[("urls.txt", b"https://e.org/a\nhttps://e.org/b\n")],
        &["hollow = url-list"],
    );
    expect("code.training", &[("get.sh", b"wget https://e.org/a\n")], &[]);
    expect("data.sft", &[("fullsource.json", b"{}")], &["hollow = manifest-only"]);
    expect("data.sft", &[("x.json", b"{\"files\": []}")], &["hollow = empty-index"]);
    let license = ["license-text LICENSE = MIT # 1000", "hollow = license-only"];
    expect("data.sft", &[("LICENSE", MIT)], &license);
    expect("doc.license", &[("LICENSE", MIT)], &license[..1]);
    expect("data.sft", &[("text.txt", MIT)], &["hollow = license-only"]);
    let eight: Vec<String> = (0..9).map(|n| format!("{n}.txt")).collect();
    let eight: Vec<(&str, &[u8])> = eight.iter().map(|name| (name.as_str(), MIT)).collect();
    expect("data.sft", &eight[..8], &["hollow = license-only"]);
    expect("data.sft", &eight, &[]);
}

#[test]
fn licences_and_terms_of_use_are_told() {
    let changed = [MIT, b"\nThe software must not be used by anybody.\n"].concat();
    let card = b"---\nlicense: apache-2.0\n---\n# M\n\nThis model is for research purposes only.\n";
    expect(
        "weights.final",
        &[
            ("LICENSE", &changed),
            ("sub/LICENSE.txt", b"Ask me."),
            ("NOTICE", b"By us."),
            ("LICENSES/MIT.txt", MIT),
            ("USE_POLICY.md", b"# Policy of use\n\nDo no harm."),
            ("README.md", card),
            ("sub/README.md", b"---\nlicense: other\n---\nYou may not use the model."),
            ("Cargo.toml", b"[package]\nlicense = \"MIT\"\n"),
            ("w.bin", b"\x01\x02"),
        ],
        &[
            "license-text LICENSE = MIT # 975",
            "license-text LICENSES/MIT.txt = MIT # 1000",
            "license-unknown sub/LICENSE.txt",
            "license-declared Cargo.toml = MIT",
            "license-declared README.md = Apache-2.0",
            "license-declared sub/README.md = other",
            "use-policy README.md = This model is for research purposes only.",
            "use-policy USE_POLICY.md = Policy of use",
        ],
    );
}

#[test]
fn names_of_other_releases_are_told() {
    let files: Files<'_> = &[
        ("README.md", b"---\nbase_model: [o/base, gpt2]\ndatasets: o/data\n---\n"),
        (
            "config.json",
            br#"{"_name_or_path": "o/base", "quantization_config": {"dataset": "o/cal"}}"#,
        ),
        ("adapter_config.json", br#"{"base_model_name_or_path": "/home/me/base"}"#),
        ("tokenizer_config.json", br#"{"name_or_path": "o/tok"}"#),
        (
            "conf/train.yaml",
            b"model_name_or_path: o/other\ndataset_name: ./local\ntokenizer_name: o/tok2\n",
        ),
    ];
    let own = [
        "names-base-model README.md = gpt2",
        "names-base-model README.md = o/base",
        "names-base-model conf/train.yaml = o/other",
        "names-base-model config.json = o/base",
        "names-dataset README.md = o/data",
        "names-dataset config.json = o/cal",
        "names-tokenizer conf/train.yaml = o/tok2",
        "names-tokenizer tokenizer_config.json = o/tok",
    ];
    expect("config.training", files, &own);
    expect("data.sft", files, &[own[0], own[1], own[4]]);
    let broken: Files<'_> =
        &[("config.json", b"{"), ("README.md", b"---\na: [\n---\n"), ("tsconfig.json", b"//")];
    let roles = roles(&["code.training"]);
    let faults = facts(&content(Wanted { roles: &roles, ..Wanted::default() }, broken));
    let starts = [
        "fault README.md = the front matter cannot be read",
        "fault config.json = the config cannot be read",
    ];
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults.iter().zip(starts).all(|(fault, start)| fault.starts_with(start)), "{faults:?}");
}

#[test]
fn headers_are_held_against_their_files_and_configs() {
    let whole = model(2);
    let say = |vocabulary: u64, hidden: u64, layers: u64, more: &str| {
        format!(
            r#"{{"vocab_size":{vocabulary},"hidden_size":{hidden},"num_hidden_layers":{layers}{more}}}"#
        )
    };
    let parameters = "parameters model.safetensors # 80";
    let check = |config: &str, expected: &[&str]| {
        let facts: Vec<&str> =
            [parameters, LAYER].into_iter().chain(expected.iter().copied()).collect();
        expect(
            "weights.final",
            &[("config.json", config.as_bytes()), ("model.safetensors", &whole)],
            &facts,
        );
    };
    check(&say(12, 4, 2, ""), &[]);
    check(&say(11, 4, 1, ""), &[]);
    check(&say(12, 8, 2, r#","embedding_size":4"#), &[]);
    check(&say(12, 4, 2, r#","num_nextn_predict_layers":1"#), &[]);
    let mismatch = "shape-mismatch model.safetensors = ";
    check(
        &say(13, 4, 2, ""),
        &[&format!("{mismatch}the embedding has 12 rows, `config.json` says 13")],
    );
    check(
        &say(12, 8, 2, ""),
        &[&format!("{mismatch}the embedding is 4 wide, `config.json` says 8")],
    );
    check(
        &say(12, 4, 3, ""),
        &[&format!("{mismatch}the last layer is 1, `config.json` says there are 3")],
    );
    let many = model(9);
    let value = "shape-mismatch x.safetensors = there is a layer 8, `config.json` says there are 2";
    let config = say(12, 4, 2, "");
    let files: Files<'_> = &[("config.json", config.as_bytes()), ("x.safetensors", &many)];
    expect("weights.final", files, &["parameters x.safetensors # 192", LAYER, value]);
    // One shard of two says nothing of the layers.
    let config = say(12, 4, 30, "");
    let files: Files<'_> =
        &[("config.json", config.as_bytes()), ("model-00001-of-00002.safetensors", &whole)];
    let parameters = "parameters model-00001-of-00002.safetensors # 80";
    expect("weights.final", files, &[parameters, LAYER]);
}

/// What the layers of [`model`] say.
const LAYER: &str = "tensor-shape = model.layers.*.mlp.weight 4x4";

#[test]
fn shapes_in_layers_are_those_of_all_files_or_of_none() {
    let (two, three) = (safetensors(&[("h.0.w.weight", &[2, 4])], 0), model(3));
    let other = safetensors(&[("h.1.w.weight", &[3, 4]), ("h.1.b", &[4, 4])], 0);
    let gguf = gguf("blk.0.up.weight", &[4, 2]);
    let files: Files<'_> = &[
        ("a.safetensors", &two),
        ("b.safetensors", &three),
        ("c.safetensors", &other),
        ("d.gguf", &gguf),
    ];
    let read = content(Wanted::default(), files);
    let told = |content: &_| {
        let all = facts(content).into_iter();
        all.filter(|fact| fact.starts_with("tensor-shape")).collect::<Vec<_>>()
    };
    let [w, x] =
        ["h.*.w.weight 2x4", "h.*.w.weight 3x4"].map(|value| format!("tensor-shape = {value}"));
    let up = "tensor-shape = blk.*.up.weight 2x4".to_owned();
    assert_eq!(told(&read), [up, w, x, LAYER.to_owned()]);
    for odd in [&b"no header"[..], b"", b"version https://git-lfs.github.com/spec/v1\noid x"] {
        let files: Files<'_> = &[("a.safetensors", &two), ("z.safetensors", odd)];
        assert_eq!(told(&content(Wanted::default(), files)), [""; 0]);
    }
}

/// A GGUF file of one tensor of F32; the innermost dimension comes first.
fn gguf(name: &str, shape: &[u64]) -> Vec<u8> {
    let mut file = b"GGUF\x03\0\0\0".to_vec();
    file.extend([1_u64, 0, name.len() as u64].iter().flat_map(|n| n.to_le_bytes()));
    file.extend(name.bytes());
    file.extend((shape.len() as u32).to_le_bytes());
    file.extend(shape.iter().flat_map(|n| n.to_le_bytes()));
    file.extend([0; 4 + 8]);
    file.resize(file.len().next_multiple_of(32), 0);
    file.resize(file.len() + 4 * shape.iter().product::<u64>() as usize, 0);
    file
}

#[test]
fn broken_headers_are_faults() {
    let long = safetensors(&[("a", &[1])], 1);
    let size = long.len();
    let due = format!(
        "header-fault a.safetensors = the header describes {} bytes, the file has {size}",
        size - 1
    );
    expect("weights.final", &[("a.safetensors", &long)], &[&due]);
    let gguf = [&b"GGUF\x03\0\0\0"[..], &[0; 16]].concat();
    expect("weights.final", &[("a.gguf", &gguf)], &["parameters a.gguf # 0"]);
    let fault = "header-fault a.gguf = the file does not start with `GGUF`";
    expect("weights.final", &[("a.gguf", b"GGML\0\0\0\0\0\0\0")], &[fault]);
}

#[test]
fn pickles_pointers_and_compressed_files_are_told() {
    let pickle = b"\x80\x02cos\nsystem\n)R.";
    let import = ["pickle-import pytorch_model.bin = os.system"];
    expect("weights.final", &[("pytorch_model.bin", pickle)], &import);
    expect("weights.final", &[("tokens.bin", b"\x01\x02\x03")], &[]);
    let unread = ["pickle-unread a.pkl = byte 2: 0xff is no opcode"];
    expect("weights.final", &[("a.pkl", b"N\x85\xff")], &unread);
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n";
    let pointers: Files<'_> =
        &[("b.safetensors", pointer), ("a.bin", pointer), ("README.md", b"# M")];
    expect("weights.final", pointers, &["lfs-pointers a.bin # 2"]);
    let packed = b"\x1f\x8b\x08\0\0";
    expect("data.sft", &[("a.gz", packed), ("b", b"PAR1"), ("c", b"text")], &["compressed # 9"]);
}
