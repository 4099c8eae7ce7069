//! Weights in what real tools make.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::tests::{find, noise, stretches, weights};

/// Makes files of `w`, which holds weights, each by a line of shell; gives them with their names.
fn made(output: &[u8], lines: &[(&'static str, &str)]) -> Vec<(&'static str, Vec<u8>)> {
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("w"), output).unwrap();
    let made = lines.iter().map(|(name, line)| {
        let mut shell = std::process::Command::new("bash");
        let shell = shell.args(["-euo", "pipefail", "-c", line]).env("F", name);
        let done = shell.current_dir(place.path()).output().unwrap();
        assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
        (*name, std::fs::read(place.path().join(name)).unwrap())
    });
    made.collect()
}

const ZIP: &str = "python3 -c 'import sys,zipfile as z; \
                   z.ZipFile(sys.argv[2],\"w\",int(sys.argv[1])).write(\"w\",\"in/w\")'";
const PYTHON: &str =
    "python3 -c 'import base64,bz2,gzip,lzma,sys,zlib; w=open(\"w\",\"rb\").read(); ";

#[test]
fn what_is_packed_is_found_wherever_it_starts() {
    // In pairs of bytes that make every packer pack.
    let output: Vec<u8> = noise(60_000, 30).iter().flat_map(|byte| [byte & 15, *byte]).collect();
    let python = |code: &str| {
        format!("{PYTHON}open(\"$F\",\"wb\").write({code})'").replace("\"$F\"", "sys.argv[1]")
    };
    let python = |code: &str| format!("{} $F", python(code));
    let zip = |method: u8| format!("{ZIP} {method} $F");
    let lines = [
        ("app.pyz", "mkdir a; cp w a; echo > a/__main__.py; python3 -m zipapp -c -p /usr/bin/python3 -o $F a".to_owned()),
        ("setup.sh", "tar cz w > t; { printf '#!/bin/sh\\ntail -n +3 $0 | tar xz\\nexit\\n'; cat t; } > $F".to_owned()),
        ("setup.xz.sh", "{ echo '#!/bin/sh'; xz -c w; } > $F".to_owned()),
        ("setup.bz2.sh", "{ echo '#!/bin/sh'; bzip2 -c w; } > $F".to_owned()),
        ("picture", format!("{}; {{ head -c 5000 /dev/zero; cat z; echo behind; }} > $F", zip(8).replace("$F", "z"))),
        ("a.tar.xz", "tar cJ w > $F".to_owned()),
        ("a.tar.bz2", "tar cj w > $F".to_owned()),
        ("w.lzma", "xz --format=lzma -c w > $F".to_owned()),
        ("stored.zip", zip(0)),
        ("bzip2.zip", zip(12)),
        ("lzma.zip", zip(14)),
        ("two.gz", "{ echo nothing | gzip; gzip -c w; } > $F".to_owned()),
        ("xz.gz", "xz -c w | gzip > $F".to_owned()),
        ("links.tar", "ln -f w hard; ln -sf w soft; tar c w hard soft > $F".to_owned()),
        ("links.tar.gz", "ln -f w hard; ln -sf w soft; mkfifo p; tar cz p soft w hard > $F".to_owned()),
        ("zlib", python("zlib.compress(w)")),
        ("wbits", python("zlib.compress(w, wbits=9)")),
        ("raw", python("zlib.compress(w, wbits=-15)")),
        ("stored", python("zlib.compress(w[:70000], 0)[:-4]")),
        ("packed.py", python("b\"W = \\\"\" + base64.b64encode(zlib.compress(w)) + b\"\\\"\"")),
        ("xz.py", python("b\"W = x,\" + base64.b64encode(lzma.compress(w)) + b\"\\\"\"")),
        ("raw.py", python("b\"f(b\\x27\" + base64.b64encode(zlib.compress(w, wbits=-15)) + b\"\\x27)\"")),
        ("gzip.hex", python("gzip.compress(w).hex().encode()")),
        ("gzip.lines", python("base64.encodebytes(gzip.compress(w))")),
        ("b85.py", python("b\"W = b\\x27\" + base64.b85encode(w) + b\"\\x27\"")),
        ("gzip.b85.py", python("b\"W = b\\x27\" + base64.b85encode(gzip.compress(w)) + b\"\\x27\"")),
        ("repr.py", python("b\"W = \" + repr(w).encode()")),
        ("lines.c", "od -An -v -tx1 -w30 w | sed 's/ /\\\\x/g; s/.*/  \"&\"/' > $F".to_owned()),
        ("words.c", python("b\"int w[] = {\" + b\", \".join(b\"0x%08xu\" % x[0] for x in __import__(\"struct\").iter_unpack(\"<I\", w))")),
        ("octal.c", python("b\"\".join(b\"\\\\%03o\" % x for x in w)")),
        ("percent", python("b\"\".join(b\"%%%02x\" % x for x in w)")),
        ("sfx.exe", format!("{}; {{ cat /bin/true; cat z; }} > $F", zip(8).replace("$F", "z"))),
    ];
    let lines: Vec<_> = lines.iter().map(|(name, line)| (*name, line.as_str())).collect();
    for (name, input) in made(&output, &lines) {
        let stretches = stretches(&[("w", &weights(&output))]);
        find(&stretches, &input);
        assert!(stretches.are_the_output(), "{name}");
        assert_eq!(stretches.unseen(), None, "{name}");
    }
}

#[test]
fn what_is_packed_and_not_opened_is_told() {
    let output = noise(3000, 31);
    let python =
        |code: &str| format!("{PYTHON}import struct; open(sys.argv[1],\"wb\").write({code})' $F");
    let zeros = "head -c 300000000 /dev/zero";
    let seven = "(lambda h: b\"#!\\n7z\\xbc\\xaf\\x27\\x1c\\0\\4\" + struct.pack(\"<I\", zlib.crc32(h)) + h)(bytes(20))";
    let rar = "(lambda h: b\"Rar!\\x1a\\7\\1\\0\" + struct.pack(\"<I\", zlib.crc32(h)) + h)(b\"\\x05\\1\\0\\0\\0\\0\") + w";
    let lines = [
        ("wide.xz", format!("{zeros} | xz -0 --lzma2=preset=0,dict=1GiB > $F"), "memory"),
        ("wide.lzma", "xz --format=lzma --lzma1=preset=0,dict=1GiB -c w > $F".to_owned(), "memory"),
        ("wide.zst", format!("{zeros} | zstd -1 --long=30 > $F"), "more than 128 MiB"),
        (
            "behind.lz4",
            python("b\"\\n\\4\\x22\\x4d\\x18\\x64\\x40\\xa7\" + w"),
            "an lz4 frame, which is not opened",
        ),
        ("a.7z", python(seven), "a 7z archive, which is not opened"),
        ("a.rar", python(rar), "a rar archive, which is not opened"),
        (
            "dictionary",
            "zstd -q --train -B64 w -o d; { echo; zstd -D d -c w; } > $F".to_owned(),
            "needs a dictionary",
        ),
    ];
    for (name, line, why) in &lines {
        let (_, input) = made(&output, &[(*name, line)]).remove(0);
        let stretches = stretches(&[("w", &weights(&output))]);
        find(&stretches, &input);
        let told = stretches.unseen().unwrap_or_else(|| format!("nothing of {name}"));
        assert!(told.contains(why), "{name}: {told}");
    }
}

/// Starts by the thousand before a real one: the look ends, and says that it did.
#[test]
fn starts_that_lead_nowhere_are_tried_so_often_and_no_more() {
    let output = noise(3000, 32);
    for (count, told) in [(2000, false), (20_000, true)] {
        let code = format!("b\"x\\x9cK\"*{count} + zlib.compress(w.hex().encode())");
        let line = format!("{PYTHON}open(sys.argv[1],\"wb\").write({code})' $F");
        let (_, input) = made(&output, &[("many", &line)]).remove(0);
        let stretches = stretches(&[("w", &weights(&output))]);
        find(&stretches, &input);
        let unseen = stretches.unseen().unwrap_or_default();
        assert_eq!(unseen.contains("more starts in it"), told, "{unseen}");
        assert_eq!(stretches.are_the_output(), !told);
    }
}

#[test]
fn numbers_in_a_text_are_elements() {
    let code = "from array import array; import json,random; random.seed(1); \
                v=[random.gauss(0,1) for _ in range(3000)]; f=array(\"f\",v); i=array(\"i\",[int(1e6*x) for x in v]); ";
    let line = |print: &str| {
        format!("python3 -c '{code} open(\"$F\",\"wb\").write({print})'")
            .replace("\"$F\"", "__import__(\"sys\").argv[1]")
    };
    let line = |print: &str| format!("{} $F", line(print));
    let lines = [
        ("floats.bin", line("f.tobytes()")),
        ("floats.json", line("json.dumps({\"w\":list(f)}).encode()")),
        ("floats.csv", line("\"\\n\".join(\"%.9g\" % x for x in f).encode()")),
        ("floats.h", line("(\"{\" + \"f, \".join(\"%.9g\" % x for x in f)).encode()")),
        ("ints.bin", line("i.tobytes()")),
        ("ints.py", line("(\"W = \" + repr(list(i))).encode()")),
        ("bytes.bin", line("f.tobytes()")),
        ("bytes.py", line("repr(list(f.tobytes())).encode()")),
    ];
    let lines: Vec<_> = lines.iter().map(|(name, line)| (*name, line.as_str())).collect();
    let files = made(&[], &lines);
    let (floats, ints) = (&files[0].1, &files[4].1);
    for (output, kind, nth) in [
        (floats, "F32", 1),
        (floats, "F32", 2),
        (floats, "F32", 3),
        (ints, "I32", 5),
        (floats, "F32", 7),
    ] {
        let count = output.len() / 4;
        let header = format!(
            r#"{{"w":{{"dtype":"{kind}","shape":[{count}],"data_offsets":[0,{}]}}}}"#,
            output.len()
        );
        let wrapped = [&(header.len() as u64).to_le_bytes(), header.as_bytes(), output].concat();
        let stretches = stretches(&[("w", &wrapped)]);
        let (name, input) = &files[nth];
        let found: u64 = find(&stretches, input).iter().map(|(_, bytes)| bytes).sum();
        assert!(found > 11_500, "{name}: {found}");
    }
}

/// Tables of numbers, digests and escapes are no packed thing, however deep one looks.
#[test]
fn honest_sources_are_looked_through() {
    let crates = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/tiny-lm/full-source/crates");
    let stretches = stretches(&[("w", &weights(&noise(3000, 33)))]);
    for file in std::fs::read_dir(crates).unwrap() {
        let path = file.unwrap().path();
        find(&stretches, &std::fs::read(&path).unwrap());
        assert_eq!(stretches.unseen(), None, "{}", path.display());
    }
}
