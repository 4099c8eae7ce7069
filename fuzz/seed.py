#!/usr/bin/env python3
"""Fills fuzz/corpus from the vectors, test data and examples of the repository.

What is there already stays. Where the program is built, it adds evidence that it collects itself.
"""

import base64
import gzip
import hashlib
import io
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "fuzz/corpus"
LARGEST = 200_000
# Bytes in front of a key that tell the target how to read it.
PUBLIC, SECRET = b"\x03", b"\x04"

ZEROS = "0" * 40
SSH_KEY = "AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti"
WRITTEN = {
    "locator": [
        *("data/a.txt", "data/", "https://a.example/x.tar#path=a%20b", "s3://bucket/key", "gs://b/k"),
        *(f"hf:models/o/n@{ZEROS}", f"git+https://h/r.git@{ZEROS}#path=x", f"git+file:///srv/r@{ZEROS}"),
        *("az://c/k", f"oci:r.example/m@sha256:{0:064}", f"swh:1:dir:{ZEROS}"),
    ],
    "license": [
        *("MIT", "MIT OR Apache-2.0", "NONE", "NOASSERTION", "LicenseRef-a", "GPL-2.0+"),
        "(MIT AND (ISC OR GPL-2.0-only WITH Classpath-exception-2.0))",
        "DocumentRef-x:LicenseRef-y",
    ],
    "glob": [
        *("a/*\na/b", "**/x.bin\nd/e/x.bin", "logs/\nlogs/1/2", "[a-z]?[!0-9]*\nab_c", "*.[ch]\nx.c"),
    ],
    "path": ["a/b.c", "data/", ".git", "Straße", "e\u0301/x", "C:x", "../x", "a//b"],
    "file_table": ["b\na/x\na\na-b\na/y\nA/x", "x\nx", "d/e/f\nd/e-f\nd/e"],
    "file_index": [
        f'{{"path":"a","size":1,"sha256":"{1:064}"}}\n'
        f'{{"path":"b","size":2,"sha256":"{2:064}","blake3":"{3:064}"}}\n',
    ],
    "policy": [
        'scope = "release"\nthreshold = 2\ndigests = "sha256"\n[severity]\nlicense-unknown = "error"\n',
    ],
    "trust_file": [
        'me,you namespaces="fullsource,fullsource-observer",valid-after=20200101,'
        f'valid-before="20300101120000Z" ssh-ed25519 {SSH_KEY} me\n# x\n',
    ],
    "revocation_file": [f"ssh-ed25519 {SSH_KEY} x\nsha256:{7:064} # old\n"],
    "public_key": [
        f"\x03ssh-ed25519 {SSH_KEY} c",
        "\x000*0\x05\x06\x03+ep\x03!\x00" + "b" * 32,
    ],
    "secret_key": [
        "\x000.\x02\x01\x000\x05\x06\x03+ep\x04\"\x04 " + "b" * 32,
        "\x02openssh-key-v1\0\0\0\0\x04none\0\0\0\x04none" + "\0" * 7 + "\x01",
    ],
    "envelope_edit": ["\0abcd", "\x01@\0 "],
    "model_card": ["---\nlicense: mit\nbase_model: [a/b]\ntags:\n- x\n---\n# x\n"],
    "hub_license": ["mit", "apache-2.0", "llama3", "other\nmy licence", "MIT OR ISC"],
    "gguf": [
        "GGUF\x03" + "\0" * 3 + "\0" * 8 + "\x01" + "\0" * 7 + "\x01" + "\0" * 7 + "a\x04\0\0\0\x07\0\0\0",
    ],
    "safetensors_index": ['{"metadata":{"total_size":4},"weight_map":{"a":"x-1.safetensors"}}'],
    "compare": [chr(4 * 16) + "\x01" + "x" * 64 + "y"],
    "safetensors": [
        "\x42" + "\0" * 7 + '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},'
        '"b":{"dtype":"U8","shape":[0],"data_offsets":[4,4]}}1234',
    ],
    "model_config": [
        '{"auto_map":{"AutoModel":"o/r--m.C"},"base_model_name_or_path":"o/n","_class_name":["m","C"]}',
    ],
}


def main() -> None:
    for target, texts in WRITTEN.items():
        for text in texts:
            put(target, text.encode())
    for path in files():
        content = path.read_bytes()
        for target, seed in seeds(path, content):
            put(target, seed)
    put("statement", (ROOT / "fuzz/payload.json").read_bytes())
    for archive in archives():
        put("archive", archive)
    for pickle in json.loads((ROOT / "crates/fullsource-collect/testdata/pickles.json").read_bytes()):
        put("pickle", base64.b64decode(pickle["base64"]))
    collected()


def put(target: str, seed: bytes) -> None:
    """A seed is named by its content, so that each is there once."""
    if len(seed) <= LARGEST:
        directory = CORPUS / target
        directory.mkdir(parents=True, exist_ok=True)
        (directory / hashlib.sha256(seed).hexdigest()[:40]).write_bytes(seed)


def files() -> Iterator[Path]:
    """What the repository holds that a target could read."""
    for top in ("tests/vectors", "examples", "crates"):
        for path in sorted((ROOT / top).rglob("*")):
            if path.is_file() and path.stat().st_size <= LARGEST and "target" not in path.parts:
                yield path


def seeds(path: Path, content: bytes) -> Iterator[tuple[str, bytes]]:
    """The targets that a file is for, with what they read of it."""
    name, suffix = path.name, path.suffix
    by_suffix = {".safetensors": "safetensors", ".gguf": "gguf", ".md": "model_card", ".toml": "policy"}
    if suffix in by_suffix:
        yield by_suffix[suffix], content
    if suffix in (".safetensors", ".gguf"):
        # Where the patch goes, its length, the file, the patch.
        yield "compare", b"\xf0\x04" + content + b"\x01\x02\x03\x04"
    if suffix == ".json":
        yield from json_seeds(name, content)
    if suffix == ".jsonl":
        yield from (("file_index", content), ("envelope", content))
    if "trust" in name or name.startswith("allowed_signers"):
        yield "trust_file", content
    if "revoked" in name or suffix == ".pub":
        yield "revocation_file", content
    if suffix == ".pub" and content.startswith((b"ssh-", b"ecdsa-")):
        yield "trust_file", b'me namespaces="fullsource" ' + content
    if suffix in (".pub", ".key", ".pem"):
        yield "public_key", PUBLIC + content
    if suffix in (".key", ".pem"):
        yield "secret_key", SECRET + content
    if name.startswith("LICENSE"):
        yield "license_text", content


def json_seeds(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    for target in ("json_profile", "json_values", "model_config"):
        yield target, content
    if name.endswith("index.json"):
        yield "safetensors_index", content
    if b'"payloadType"' in content:
        yield "envelope", content
        yield from (("statement", payload) for payload in payloads(content))
    elif b'"predicateType"' in content:
        yield "statement", content
    elif b'"collectedAt"' in content:
        yield "evidence", content
    elif b'"artifacts"' in content:
        yield "manifest", content


def payloads(envelope: bytes) -> Iterator[bytes]:
    for text in re.findall(rb'"payload": *"([A-Za-z0-9+/_=-]*)"', envelope):
        yield base64.b64decode(text.translate(bytes.maketrans(b"-_", b"+/")) + b"==")


def archives() -> Iterator[bytes]:
    """A small tree, as far as Python can pack it, and packed again."""
    long = "d/" + "0" * 110 + "/b"
    for form in (tarfile.USTAR_FORMAT, tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        packed = tar(form, long)
        yield packed
        yield gzip.compress(packed, mtime=0)
        if zstd := shutil.which("zstd"):
            yield subprocess.run([zstd, "-q", "-c"], input=packed, capture_output=True, check=True).stdout
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", method) as archive:
            for name in ("a", long):
                archive.writestr(zipfile.ZipInfo(name), "text\n")
        yield packed.getvalue()


def tar(form: int, long: str) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=form) as archive:
        for name in ("a", long):
            entry = tarfile.TarInfo(name)
            entry.size = 5
            archive.addfile(entry, io.BytesIO(b"text\n"))
        link = tarfile.TarInfo("l")
        link.type, link.linkname = tarfile.SYMTYPE, "a"
        archive.addfile(link)
    return packed.getvalue()


def collected() -> None:
    """Evidence of the examples, by the program itself."""
    programs = [ROOT / "target" / profile / "fullsource" for profile in ("release", "debug")]
    program = next((program for program in programs if program.is_file()), None)
    with tempfile.TemporaryDirectory() as scratch:
        for release in sorted(ROOT.glob("examples/tiny-lm/*-*/")) if program else ():
            saved = Path(scratch) / f"{release.name}.json"
            subprocess.run([program, "verify", release, "--save-evidence", saved], capture_output=True)
            if saved.exists():
                put("evidence", saved.read_bytes())


if __name__ == "__main__":
    main()
