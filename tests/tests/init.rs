//! `fullsource init`: directories as hubs have them, and worse, drafted, checked, signed, verified.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use fullsource_tests::program::fullsource;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A directory with a release in `release/` and a key pair beside it.
struct Place {
    root: TempDir,
}

impl Place {
    fn new(files: &[(&str, Vec<u8>)]) -> Self {
        let place = Self { root: tempfile::tempdir().unwrap() };
        fs::create_dir(place.release()).unwrap();
        for (path, bytes) in files {
            let path = place.release().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        assert!(place.run(&["keygen", "--out", "key"]).status.success());
        place
    }

    fn release(&self) -> PathBuf {
        self.root.path().join("release")
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(fullsource()).args(args).current_dir(self.root.path()).output().unwrap()
    }

    /// Drafts, and gives the manifest and what was told.
    fn init(&self, args: &[&str]) -> (Value, String) {
        let output = self.run(&[&["init", "release"], args].concat());
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
        assert!(!told.contains('\u{1b}'), "{told}");
        let manifest = fs::read_to_string(self.release().join("fullsource.json")).unwrap();
        assert!(manifest.starts_with("{\n  \"$schema\": \"https://"));
        assert!(self.run(&["check", "release/fullsource.json"]).status.success());
        (serde_json::from_str(&manifest).unwrap(), told)
    }

    /// Signs the draft as it is and verifies it: the exit code and the codes of findings. That most
    /// of these files are not what their names say is found, and no fault of the draft.
    fn sign_and_verify(&self) -> (i32, Vec<String>) {
        let signed = self.run(&["sign", "release", "--key", "key.key"]);
        assert!(signed.status.success(), "{}", String::from_utf8_lossy(&signed.stderr));
        let output =
            self.run(&["verify", "release", "--key", "key.pub", "--offline", "--format", "json"]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let findings = report["findings"].as_array().unwrap();
        let mut codes: Vec<String> =
            findings.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect();
        codes.sort();
        codes.dedup();
        (output.status.code().unwrap(), codes)
    }
}

/// What is found of files that are not what their names say.
const FAKES: [&str; 2] = ["artifact-placeholder", "content-malformed"];

/// A safetensors file of one tensor of two elements.
fn safetensors() -> Vec<u8> {
    let header = br#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
    [&(header.len() as u64).to_le_bytes()[..], header, &[0; 8]].concat()
}

/// A GGUF file without tensors that holds these texts.
fn gguf(entries: &[(&str, &str)], file_type: u32) -> Vec<u8> {
    let text = |text: &str| [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat();
    let mut bytes = b"GGUF".to_vec();
    bytes.extend(3u32.to_le_bytes());
    bytes.extend(0u64.to_le_bytes());
    bytes.extend((entries.len() as u64 + 1).to_le_bytes());
    bytes.extend(text("general.file_type"));
    bytes.extend(4u32.to_le_bytes());
    bytes.extend(file_type.to_le_bytes());
    for (key, value) in entries {
        bytes.extend(text(key));
        bytes.extend(8u32.to_le_bytes());
        bytes.extend(text(value));
    }
    bytes
}

fn card(front: &str) -> Vec<u8> {
    format!("---\n{front}\n---\n# A model\n").into_bytes()
}

/// The artifact with this id.
fn artifact<'a>(manifest: &'a Value, id: &str) -> &'a Value {
    let artifacts = manifest["artifacts"].as_array().unwrap();
    let found = artifacts.iter().find(|artifact| artifact["id"] == id);
    found.unwrap_or_else(|| panic!("no artifact `{id}` in {artifacts:#?}"))
}

#[test]
fn a_sharded_release_of_a_hub() {
    let map = json!({"weight_map": {"a": "model-00001-of-00002.safetensors",
        "b": "model-00002-of-00002.safetensors"}});
    let place = Place::new(&[
        (
            "README.md",
            card(
                "license: apache-2.0\nbase_model: org/base\nbase_model_relation: finetune\n\
                 datasets: [org/talk, talk2]\nlibrary_name: transformers",
            ),
        ),
        ("config.json", br#"{"model_type": "x", "_name_or_path": "/home/me/out"}"#.to_vec()),
        ("generation_config.json", b"{}".to_vec()),
        ("tokenizer.json", b"{}".to_vec()),
        ("model-00001-of-00002.safetensors", safetensors()),
        ("model-00002-of-00002.safetensors", safetensors()),
        ("model.safetensors.index.json", map.to_string().into_bytes()),
        ("modeling_x.py", b"class X: pass\n".to_vec()),
        ("training_args.bin", b"x".to_vec()),
        ("checkpoint-10/model.safetensors", safetensors()),
        ("checkpoint-10/optimizer.pt", b"x".to_vec()),
        ("eval_results.json", b"{}".to_vec()),
    ]);
    let (manifest, told) = place.init(&["--producer-name", "Lab", "--release-version", "1"]);
    assert_eq!(
        manifest["release"],
        json!({"name": "release", "version": "1", "producer": {"name": "Lab"}})
    );
    assert_eq!(manifest["closure"], Value::Null);
    let weights = artifact(&manifest, "weights");
    assert_eq!(weights["files"].as_array().unwrap().len(), 3);
    assert_eq!(weights["license"], "Apache-2.0");
    assert_eq!(
        artifact(&manifest, "weights-intermediate")["roles"],
        json!(["weights.intermediate"])
    );
    assert_eq!(
        artifact(&manifest, "weights-optimizer")["files"],
        json!(["checkpoint-10/optimizer.pt"])
    );
    assert_eq!(artifact(&manifest, "code-architecture")["files"], json!(["modeling_x.py"]));
    let base = artifact(&manifest, "base-org-base");
    assert_eq!(*base, json!({"id": "base-org-base", "name": "org/base", "roles": ["model.base"]}));
    assert_eq!(artifact(&manifest, "data-talk2")["roles"], json!(["data.sft"]));
    assert_eq!(
        manifest["stages"],
        json!([{
            "id": "train", "kind": "train", "config": ["config-training"],
            "data": ["data-org-talk", "data-talk2"],
            "models": [{"artifact": "base-org-base", "use": "init"}],
            "outputs": ["weights"]
        }])
    );
    for line in [
        "4 parameters (F32)",
        "`/home/me/out`, which says nothing",
        "`hf:models/org/base@COMMIT`",
        "`hf:datasets/org/talk@COMMIT`",
        "the role `code.training`",
    ] {
        assert!(told.replace("\n   ", "").contains(line), "{line}: {told}");
    }
    let codes = [FAKES[0], "artifact-unchecked", FAKES[1]].map(str::to_owned);
    assert_eq!(place.sign_and_verify(), (1, codes.to_vec()));
}

#[test]
fn an_adapter_stands_on_its_base() {
    let config = br#"{"peft_type": "LORA", "base_model_name_or_path": "org/base"}"#;
    let place = Place::new(&[
        ("README.md", card("license: mit\nbase_model: org/base")),
        ("adapter_config.json", config.to_vec()),
        ("adapter_model.safetensors", safetensors()),
    ]);
    let (manifest, told) = place.init(&[]);
    let stage = &manifest["stages"][0];
    assert_eq!((&stage["kind"], &stage["id"]), (&json!("adapter"), &json!("adapter")));
    assert_eq!(stage["models"], json!([{"artifact": "base-org-base", "use": "init"}]));
    assert_eq!(manifest["artifacts"].as_array().unwrap().len(), 4, "{manifest:#}");
    assert!(!told.contains("the model's tokenizer"), "{told}");
    assert_eq!(place.sign_and_verify().0, 3);
}

#[test]
fn a_gguf_file_brings_settings_tokenizer_and_base() {
    let q4 = gguf(
        &[
            ("general.architecture", "llama"),
            ("general.license", "apache-2.0"),
            ("general.base_model.0.repo_url", "https://hub.example/org/base"),
            ("tokenizer.ggml.model", "gpt2"),
        ],
        15,
    );
    let place = Place::new(&[("m-Q4_K_M.gguf", q4.clone()), ("m-Q5_K_M.gguf", q4)]);
    let (manifest, told) = place.init(&[]);
    assert_eq!(
        artifact(&manifest, "weights")["roles"],
        json!(["weights.final", "config.model", "tokenizer.model"])
    );
    assert_eq!(artifact(&manifest, "weights")["license"], "Apache-2.0");
    assert_eq!(artifact(&manifest, "base-org-base")["name"], "org/base");
    assert_eq!(manifest["stages"][0]["kind"], "quantize");
    assert_eq!(manifest["stages"][0]["outputs"].as_array().unwrap().len(), 2);
    assert!(told.contains("`code.transform`") && !told.contains("`config.model`, or"), "{told}");
    assert_eq!(place.sign_and_verify().0, 3);
}

#[test]
fn a_pipeline_is_one_model() {
    let place = Place::new(&[
        ("model_index.json", br#"{"_class_name": "P", "_diffusers_version": "0.3"}"#.to_vec()),
        ("unet/config.json", b"{}".to_vec()),
        ("unet/diffusion_pytorch_model.safetensors", safetensors()),
        ("vae/diffusion_pytorch_model.safetensors", safetensors()),
        ("tokenizer/vocab.json", b"{}".to_vec()),
        ("safety/pytorch_model.bin", b"x".to_vec()),
        ("LICENSE.pdf", b"%PDF".to_vec()),
    ]);
    let (manifest, told) = place.init(&[]);
    assert_eq!(artifact(&manifest, "weights")["files"].as_array().unwrap().len(), 2);
    assert_eq!(artifact(&manifest, "weights")["license"], Value::Null);
    assert!(
        told.contains("the licence of the weights")
            && told.contains("no licence that is known here")
    );
    assert_eq!(manifest["stages"], Value::Null);
    assert_eq!(place.sign_and_verify(), (1, FAKES.map(str::to_owned).to_vec()));
}

#[test]
fn every_weight_file_is_claimed() {
    let names = "a.safetensors b.bin c.pt d.pth e.ckpt f.gguf g.ggml h.h5 i.hdf5 j.keras k.onnx \
        k.onnx_data l.pb m.tflite n.msgpack o.npz p.npy q.pkl r.joblib s.model t.mar u.nemo v.pte \
        w.mlmodel x.llamafile imatrix.gguf license.bin wandb/y.bin tfevents.h5 reward_head.bin \
        checkpoint-1/z.bin model.ckpt-1.data-00000-of-00001 value_head.pt optimizer.bin";
    let files: Vec<_> = names.split_whitespace().map(|name| (name, vec![1, 2, 3])).collect();
    let place = Place::new(&files);
    let (_, told) = place.init(&[]);
    assert!(told.contains("`a.safetensors` cannot be read"), "{told}");
    assert_eq!(place.sign_and_verify(), (1, FAKES.map(str::to_owned).to_vec()));
}

#[test]
fn the_examples_of_this_repository() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/tiny-lm");
    for (example, stages) in [("full-source", 1), ("weights-only", 0)] {
        let place = Place::new(&[]);
        copy(&examples.join(example), &place.release());
        let (manifest, _) = place.init(&["--name", "tiny-lm", "--force"]);
        let found = manifest["stages"].as_array().map_or(0, Vec::len);
        assert_eq!(found, stages, "{example}");
        assert_eq!(artifact(&manifest, "weights")["license"], "CC0-1.0");
        if example == "full-source" {
            assert_eq!(artifact(&manifest, "code-training")["license"], "Apache-2.0");
        }
        assert_eq!(place.sign_and_verify(), (0, vec![]));
    }
}

/// Copies what lies in a directory, apart from what signing and building left there.
fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        let name = name.to_str().unwrap();
        if name == "target" || name.starts_with("fullsource.") {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(to.join(name)).unwrap();
            copy(&entry.path(), &to.join(name));
        } else {
            fs::copy(entry.path(), to.join(name)).unwrap();
        }
    }
}

#[test]
fn a_manifest_that_is_there_is_kept() {
    let place = Place::new(&[("fullsource.json", b"mine".to_vec())]);
    let refused = place.run(&["init", "release"]);
    assert_eq!(refused.status.code(), Some(4));
    let text = String::from_utf8(refused.stderr).unwrap();
    assert!(text.contains("already there") && text.contains("--force"), "{text}");
    assert_eq!(fs::read(place.release().join("fullsource.json")).unwrap(), b"mine");
    let printed = place.run(&["init", "release", "-o", "-"]);
    let manifest: Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert_eq!(manifest["release"]["producer"]["name"], "unknown producer");
    assert!(String::from_utf8(printed.stderr).unwrap().contains("`--producer-name`"));
    place.init(&["--force"]);
    for bad in [["--name", ""], ["--name", "a\nb"], ["--producer-name", ""]] {
        let refused = place.run(&[&["init", "release", "--force"], &bad[..]].concat());
        assert_eq!(refused.status.code(), Some(2), "{bad:?}");
    }
    assert_eq!(place.run(&["init", "nowhere"]).status.code(), Some(4));
    assert_eq!(place.run(&["init", "key.pub"]).status.code(), Some(4));
    assert_eq!(fs::read_dir(place.release()).unwrap().count(), 1);
}

#[test]
fn what_sign_refuses_is_said_at_once() {
    let place = Place::new(&[
        ("a\u{1b}[31m\nb.bin", vec![]),
        ("Twin.bin", vec![]),
        ("twin.bin", vec![]),
        ("e\u{301}.txt", vec![]),
    ]);
    fs::create_dir(place.release().join("empty")).unwrap();
    symlink("/etc/hostname", place.release().join("link.safetensors")).unwrap();
    let (_, told) = place.init(&[]);
    for line in [
        "`sign` will refuse",
        "`empty`: an empty directory",
        "`link.safetensors`: a symbolic link",
        "`a\\u{1b}[31m\\nb.bin`",
        "`twin.bin`: it differs from `Twin.bin`",
        "normalisation form C",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    let refused = place.run(&["sign", "release", "--key", "key.key"]);
    assert_eq!(refused.status.code(), Some(1));
}

#[test]
fn malformed_files_are_problems_and_no_end() {
    let place = Place::new(&[
        ("README.md", card("license: [mit\nbase_model: {a: b}")),
        ("config.json", b"[[[[".to_vec()),
        ("tokenizer_config.json", vec![0xff; 100]),
        ("model.safetensors", u64::MAX.to_le_bytes().to_vec()),
        ("model.safetensors.index.json", br#"{"weight_map": {"a": "../x"}}"#.to_vec()),
        ("m.gguf", b"GGUF\x03\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff".to_vec()),
        ("LICENSE", vec![b'x'; 600 << 10]),
        ("sub/config.json", br#"{"auto_map": {"AutoModel": "org/other--code.M"}}"#.to_vec()),
        ("sub2/config.json", br#"{"auto_map": {"AutoModel": "gone.M"}}"#.to_vec()),
    ]);
    let (manifest, told) = place.init(&[]);
    assert_eq!(artifact(&manifest, "weights")["license"], Value::Null);
    for file in ["README.md", "config.json", "tokenizer_config.json", "model.safetensors", "m.gguf"]
    {
        assert!(told.contains(&format!("`{file}` cannot be read")), "{file}: {told}");
    }
    let told = told.replace("\n   ", "");
    assert!(told.contains("load code from elsewhere (`org/other--code.M`)"), "{told}");
    assert!(told.contains("`sub2/gone.py`, which is not there"), "{told}");
}

#[test]
fn a_card_and_a_licence_that_differ() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/tiny-lm/full-source");
    let apache = fs::read(examples.join("trainer/LICENSE")).unwrap();
    let place = Place::new(&[
        ("README.md", card("license: mit")),
        ("LICENSE", apache.clone()),
        ("model.safetensors", safetensors()),
    ]);
    let (manifest, told) = place.init(&[]);
    assert_eq!(artifact(&manifest, "weights")["license"], "MIT");
    assert_eq!(artifact(&manifest, "weights")["licenseFiles"], json!([{"artifact": "license"}]));
    assert!(told.contains("`LICENSE` is the text of `Apache-2.0`"), "{told}");
    let changed = [&apache[..], b"\nYou may not use it on Mondays.\n"].concat();
    fs::write(place.release().join("LICENSE"), changed).unwrap();
    fs::write(place.release().join("README.md"), card("license: gpl")).unwrap();
    let (manifest, told) = place.init(&["--force"]);
    assert_eq!(artifact(&manifest, "weights")["license"], Value::Null);
    assert!(told.contains("Mondays") && told.contains("of the family GPL is not said"), "{told}");
}

#[test]
fn a_great_many_files() {
    let place = Place::new(&[]);
    for number in 0..1_500 {
        let name = format!("{}{number}.bin", "w".repeat(90));
        fs::write(place.release().join(name), b"").unwrap();
    }
    fs::create_dir(place.release().join("code")).unwrap();
    for number in 0..1_500 {
        fs::write(place.release().join(format!("code/train_{number}.py")), b"").unwrap();
    }
    let map: serde_json::Map<_, _> =
        (0..50_000).map(|n| (n.to_string(), json!(format!("s{n}.safetensors")))).collect();
    let index = json!({ "weight_map": map }).to_string();
    fs::write(place.release().join("model.safetensors.index.json"), index).unwrap();
    let (manifest, told) = place.init(&[]);
    assert!(manifest["artifacts"].as_array().unwrap().len() < 600);
    assert_eq!(artifact(&manifest, "code-training")["files"], json!(["code/"]));
    assert!(told.lines().count() < 100, "{told}");
    let codes = ["artifact-placeholder", "loadable-uncovered"].map(str::to_owned);
    assert_eq!(place.sign_and_verify(), (1, codes.to_vec()));
}
