//! Archives that tools wrote, against what the tools unpack from them.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Got, Tree, refused, tree};

/// A directory to pack, and a place for what is made of it.
struct Bench {
    root: tempfile::TempDir,
}

impl Bench {
    /// A tree with whatever makes a writer reach for its extensions.
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let bench = Self { root };
        let deep = "a-directory-with-a-long-name/".repeat(11);
        let noise: Vec<u8> = (0..1_500_000u32).map(|i| (i.wrapping_mul(i) >> 7) as u8).collect();
        bench.write("plain.txt", b"text\n");
        bench.write("empty", b"");
        bench.write("names/\u{e9}\u{6a21}\u{578b} \u{1f600}.bin", b"unicode");
        bench.write(&format!("names/{}", "n".repeat(200)), b"long name");
        bench.write(&format!("{deep}file"), b"long path");
        bench.write("noise", &noise);
        bench.write("zeros", &vec![0; 700_001]);
        for i in 0..1500 {
            bench.write(&format!("many/{}/{i}", i % 50), i.to_string().as_bytes());
        }
        bench.write("run.sh", b"#!/bin/sh\n");
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(bench.source().join("run.sh"), executable).unwrap();
        symlink("../plain.txt", bench.source().join("names/link")).unwrap();
        fs::create_dir(bench.source().join("no-files")).unwrap();
        bench
    }

    fn source(&self) -> PathBuf {
        self.root.path().join("source")
    }

    fn write(&self, path: &str, content: &[u8]) {
        let path = self.source().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Runs a shell script in the directory above the source, and gives the file `out`.
    fn pack(&self, script: &str) -> Vec<u8> {
        let out = self.root.path().join("out");
        let _ = fs::remove_file(&out);
        self.sh(script);
        fs::read(out).unwrap()
    }

    fn sh(&self, script: &str) {
        let mut sh = Command::new("sh");
        sh.args(["-e", "-c", script]).current_dir(self.root.path()).env("LC_ALL", "C.UTF-8");
        let output = sh.output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{script}: {errors}");
    }

    /// What the script makes of the file `out` in the directory `unpacked`.
    fn unpacked(&self, script: &str) -> Tree {
        let place = self.root.path().join("unpacked");
        let _ = fs::remove_dir_all(&place);
        fs::create_dir(&place).unwrap();
        self.sh(script);
        on_disk(&place)
    }
}

fn on_disk(root: &Path) -> Tree {
    let mut tree = Tree::new();
    let mut directories = vec![root.to_path_buf()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let meta = path.symlink_metadata().unwrap();
            let name = path.strip_prefix(root).unwrap().as_os_str().as_bytes().to_vec();
            if meta.is_dir() {
                directories.push(path);
            } else if meta.is_symlink() {
                let target = fs::read_link(&path).unwrap();
                tree.insert(name, Got::Symlink(target.as_os_str().as_bytes().to_vec()));
            } else {
                let executable = meta.permissions().mode() & 0o100 != 0;
                tree.insert(name, Got::File { content: fs::read(&path).unwrap(), executable });
            }
        }
    }
    tree
}

/// Compares trees without printing megabytes.
fn assert_same(case: &str, got: &Tree, expected: &Tree) {
    let names = |tree: &Tree| -> Vec<String> {
        tree.keys().map(|name| String::from_utf8_lossy(name).into_owned()).collect()
    };
    assert_eq!(names(got), names(expected), "{case}");
    for (name, is) in got {
        assert!(is == &expected[name], "{case}: {}", String::from_utf8_lossy(name));
    }
}

#[test]
fn gnu_tar_in_every_format() {
    let bench = Bench::new();
    let expected = on_disk(&bench.source());
    for format in ["gnu", "pax", "posix", "oldgnu"] {
        let case = format!("tar --format={format} -cf out -C source .");
        let got = tree(&bench.pack(&case)).unwrap();
        assert_same(&case, &got, &expected);
        assert_same(&case, &got, &bench.unpacked("tar -xf out -C unpacked"));
    }
    // What these have no room for is left out, which tar says by its status.
    for format in ["ustar", "v7"] {
        let case = format!("tar --format={format} -cf out -C source . 2>/dev/null || true");
        let got = tree(&bench.pack(&case)).unwrap();
        assert!(got.len() > 1500, "{format}: {}", got.len());
        assert_same(&case, &got, &bench.unpacked("tar -xf out -C unpacked"));
    }
}

#[test]
fn packed_tars() {
    let bench = Bench::new();
    let expected = on_disk(&bench.source());
    let tar = "tar -cf tar -C source .; ";
    for pack in [
        "gzip -c tar > out",
        "(head -c 70001 tar | gzip; tail -c +70002 tar | gzip -1; printf '' | gzip) > out",
        "zstd -q -c tar > out",
        "zstd -q -19 --long=27 --no-check -c tar > out",
        "(head -c 70001 tar | zstd -q; tail -c +70002 tar | zstd -q -1) > out",
        "cat tar > out",
    ] {
        let case = format!("{tar}{pack}");
        assert_same(&case, &tree(&bench.pack(&case)).unwrap(), &expected);
    }
}

#[test]
fn names_of_bytes() {
    let bench = Bench::new();
    let odd = std::ffi::OsStr::from_bytes(b"latin-\xe9\\\n");
    fs::write(bench.source().join(odd), "x").unwrap();
    let expected = on_disk(&bench.source());
    for format in ["gnu", "pax"] {
        let case = format!("tar --format={format} -cf out -C source .");
        assert_same(&case, &tree(&bench.pack(&case)).unwrap(), &expected);
    }
}

#[test]
fn info_zip() {
    let bench = Bench::new();
    // Without a flag, this program leaves open what bytes beyond ASCII mean.
    let unmarked = bench.pack("cd source && zip -q -r -y ../out.zip . && mv ../out.zip ../out");
    refused(vec![("names of no charset", unmarked, "not marked as UTF-8")]);
    fs::remove_dir_all(bench.source().join("names")).unwrap();
    bench.write("names/plain", b"x");
    symlink("../plain.txt", bench.source().join("names/link")).unwrap();
    let expected = on_disk(&bench.source());
    for options in ["", "-0", "-9", "-fz", "-X", "-D"] {
        let case =
            format!("cd source && zip -q -r -y {options} ../out.zip . && mv ../out.zip ../out");
        let got = tree(&bench.pack(&case)).unwrap();
        assert_same(&case, &got, &expected);
    }
    assert_same("unzip", &expected, &bench.unpacked("unzip -q -d unpacked out"));
    // This program cannot write a link to a pipe.
    fs::remove_file(bench.source().join("names/link")).unwrap();
    let streamed = bench.pack("cd source && zip -q -r - . | cat > ../out");
    assert_same("zip to a pipe", &tree(&streamed).unwrap(), &on_disk(&bench.source()));
    assert_same("unzip", &on_disk(&bench.source()), &bench.unpacked("unzip -q -d unpacked out"));
    refused(vec![
        (
            "password",
            bench.pack("zip -q -P x out.zip source/run.sh && mv out.zip out"),
            "encrypted",
        ),
        (
            "self-extracting",
            bench.pack("zip -q z.zip source/run.sh; (echo '#!/bin/sh'; cat z.zip) > out"),
            "self-extracting",
        ),
    ]);
}

const PYTHON_ZIP: &str = r#"
import sys, os, zipfile
options = dict(compression=zipfile.ZIP_DEFLATED if "deflate" in sys.argv else zipfile.ZIP_STORED)
class Pipe:
    def __init__(self, f): self.write, self.flush, self.close = f.write, f.flush, f.close
with open("out", "wb") as f:
    with zipfile.ZipFile(Pipe(f) if "pipe" in sys.argv else f, "w", **options) as z:
        for top, _, names in os.walk("source"):
            for name in names:
                path = os.path.join(top, name)
                if os.path.islink(path): continue
                if "zip64" in sys.argv:
                    info = zipfile.ZipInfo.from_file(path, os.path.relpath(path, "source"))
                    with z.open(info, "w", force_zip64=True) as to: to.write(open(path, "rb").read())
                else:
                    z.write(path, os.path.relpath(path, "source"))
"#;

#[test]
fn python_zip() {
    let bench = Bench::new();
    fs::remove_file(bench.source().join("names/link")).unwrap();
    let expected = on_disk(&bench.source());
    bench.write("../pack.py", PYTHON_ZIP.as_bytes());
    for options in
        ["stored", "deflate", "deflate pipe", "stored pipe", "deflate zip64", "deflate zip64 pipe"]
    {
        let case = format!("python3 pack.py {options}");
        assert_same(&case, &tree(&bench.pack(&case)).unwrap(), &expected);
    }
}

#[test]
fn python_tar() {
    let bench = Bench::new();
    let expected = on_disk(&bench.source());
    for format in ["GNU_FORMAT", "PAX_FORMAT"] {
        let case = format!(
            "python3 -c 'import tarfile; t = tarfile.open(\"out\", \"w:gz\", \
             format=tarfile.{format}); t.add(\"source\", \".\"); t.close()'"
        );
        assert_same(&case, &tree(&bench.pack(&case)).unwrap(), &expected);
    }
}

#[test]
fn more_members_than_sixteen_bits_count() {
    let bench = Bench::new();
    let script = "import zipfile\nwith zipfile.ZipFile('out', 'w') as z:\n for i in range(70000): z.writestr(str(i), b'x')";
    bench.write("../many.py", script.as_bytes());
    assert_eq!(tree(&bench.pack("python3 many.py")).unwrap().len(), 70_000);
}

#[test]
fn git_archive() {
    let bench = Bench::new();
    let expected = on_disk(&bench.source());
    bench.sh("cd source && git init -q && git add -A && \
         git -c user.name=n -c user.email=e commit -q -m m && mv .git ../git");
    for format in ["tar", "tar.gz", "zip"] {
        let case = format!("git --git-dir=git archive --format={format} HEAD > out");
        assert_same(&case, &tree(&bench.pack(&case)).unwrap(), &expected);
    }
}

#[test]
fn what_tar_packs_and_nobody_should() {
    let bench = Bench::new();
    let sparse = bench.pack("truncate -s 1M hole; tar -S -cf out hole");
    let sparse_pax = bench.pack("tar --format=pax -S -cf out hole");
    let hard = bench.pack("ln source/run.sh source/twin; tar -cf out source/run.sh source/twin");
    let fifo = bench.pack("mkfifo fifo; tar -cf out fifo");
    let absolute = bench.pack("tar -P -cf out \"$PWD/source/run.sh\"");
    let above = bench.pack("cd source; tar -P -cf ../out ../hole");
    let appended = bench.pack("tar -cf out hole; tar -rf out hole");
    let catenated = bench.pack("tar -cf one hole; cat one one > out");
    refused(vec![
        ("sparse", sparse, "a sparse file"),
        ("sparse, pax", sparse_pax, "a sparse file"),
        ("hard link", hard, "a hard link"),
        ("FIFO", fifo, "a FIFO"),
        ("absolute", absolute, "absolute name"),
        ("above", above, "a part `..`"),
        ("appended", appended, "two members"),
        ("catenated", catenated, "behind the end mark"),
    ]);
}
