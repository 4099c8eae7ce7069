"""File indexes: lists of files that are bound three times, and lie all the same."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from corpus import case
from place import Place
from statements import covering

NAME = "fullsource.files.jsonl"
Entry = dict[str, Any]


def leaf(entry: Entry) -> bytes:
    size, digest = entry["size"].to_bytes(8, "big"), bytes.fromhex(entry["sha256"])
    return hashlib.sha256(b"\0" + entry["path"].encode() + b"\0" + size + digest).digest()


def root(leaves: list[bytes]) -> bytes:
    """The Merkle tree hash of RFC 6962."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root(leaves[:k]) + root(leaves[k:])).digest()


def written(entries: list[Entry]) -> bytes:
    return b"".join(json.dumps(entry, separators=(",", ":"), ensure_ascii=False).encode() + b"\n" for entry in entries)


def indexed(place: Place, entries: list[Entry], raw: bytes, **ref: Any) -> list[str]:
    """A statement that binds these bytes as its index; what it says of them is right but for `ref`."""
    place.write(NAME, raw)
    statement = covering(place)
    merkle = root([leaf(entry) for entry in entries]).hex()
    digest = hashlib.sha256(raw).hexdigest()
    index = {"name": NAME, "sha256": digest, "size": len(raw), "merkleRoot": merkle} | ref
    statement["subject"] = [{"name": NAME, "digest": {"sha256": digest}}]
    statement["predicate"] |= {"files": [], "tree": {"index": index}}
    place.put_statement(statement)
    return place.verify()


def entries_of(place: Place) -> list[Entry]:
    subjects = covering(place)
    sizes = {held["path"]: held["size"] for held in subjects["predicate"]["files"]}
    return [
        {"path": held["name"], "size": sizes[held["name"]], "sha256": held["digest"]["sha256"]}
        for held in subjects["subject"]
    ]


def index(name: str, about: str, change: Callable[[list[Entry]], Any], **expected: Any) -> None:
    """A case in which the entries are changed, and the index is bound as it is then."""

    @case(f"index/{name}", about, **expected)
    def make(place: Place) -> list[str]:
        entries = entries_of(place)
        changed = change(entries)
        return indexed(place, entries, changed if isinstance(changed, bytes) else written(entries))


MALFORMED = {"exit": 4, "finds": "index-malformed"}

index("plain", "Nothing is hostile: the index is what it should be.", lambda e: None, exit=0)
index("backwards", "The entries are in another order.", lambda e: e.reverse(), **MALFORMED)
index("path-twice", "A path stands twice, the second time with other bytes.",
      lambda e: e.insert(1, e[0] | {"sha256": "0" * 64}), **MALFORMED)
index("climbs", "An entry lies above the release.",
      lambda e: e.insert(0, {"path": "../outside/secret.txt", "size": 1, "sha256": "0" * 64}), **MALFORMED)
index("lists-the-bundle", "An entry is the bundle that binds it.",
      lambda e: e.insert(1, {"path": "fullsource.sigstore.json", "size": 1, "sha256": "0" * 64}), **MALFORMED)
index("carriage-returns", "The lines end as on another system.", lambda e: written(e).replace(b"\n", b"\r\n"), **MALFORMED)
index("last-line-open", "The last line has no end: what is appended becomes part of it.",
      lambda e: written(e)[:-1], **MALFORMED)
index("blank-line", "A blank line ends the list for some readers.",
      lambda e: written(e[:1]) + b"\n" + written(e[1:]), **MALFORMED)
index("key-by-escape", "A line has two paths, one of them by an escape.",
      lambda e: written(e).replace(b'{"path"', b'{"p\\u0061th":"run.py","path"', 1), **MALFORMED)
index("size-wraps", "A size is that of the file, and 2^64.",
      lambda e: written(e).replace(b'"size":26', b'"size":18446744073709551642'), **MALFORMED)
index("line-too-long", "A line is longer than a line may be.",
      lambda e: written(e).replace(b'"size"', b'"x":"' + b"x" * 40_000 + b'","size"', 1), exit=4)
index("sizes-beyond-64-bits", "The sizes sum to more than 64 bits hold, each by itself is one that is allowed.",
      lambda e: e.extend({"path": f"z{n:04}", "size": 2**53 - 1, "sha256": "0" * 64} for n in range(3000)),
      exit=4, finds="limit-exceeded")
index("gap", "A file that a framework loads is not in the index.", lambda e: e.pop(1), exit=4, finds="files-uncovered")
index("last-entry-twice-in-the-tree", "The tree of an odd number of entries repeats the last (CVE-2012-2459).",
      lambda e: e.append({"path": "zzz", "size": 1, "sha256": "0" * 64}), exit=1, finds="file-missing")


@case("index/root-of-others", "The Merkle root is that of other entries; the digest of the bytes is right.",
      exit=4, finds="index-conflict")
def root_of_others(place: Place) -> list[str]:
    entries = entries_of(place)
    return indexed(place, entries, written(entries), merkleRoot=root([leaf(e) for e in reversed(entries)]).hex())


@case("index/grows-after-signing", "A line is appended to the index after it was signed.", exit=1, finds="file-changed")
def grows_after_signing(place: Place) -> list[str]:
    entries = entries_of(place)
    line = indexed(place, entries, written(entries))
    with open(place.release / NAME, "ab") as file:
        file.write(written([{"path": "zz.py", "size": 1, "sha256": "0" * 64}]))
    return line


@case("index/without-end", "The index has become a tebibyte that takes no room.", exit=1, finds="file-changed")
def without_end(place: Place) -> list[str]:
    entries = entries_of(place)
    line = indexed(place, entries, written(entries))
    with open(place.release / NAME, "ab") as file:
        file.truncate(1 << 40)
    return line


@case("index/digest-of-another", "The subject and the index reference are of two digests.", exit=4, finds="files-mismatch")
def digest_of_another(place: Place) -> list[str]:
    entries = entries_of(place)
    return indexed(place, entries, written(entries), sha256="0" * 64)


@case("index/name-of-another", "The index has another name, in another directory.", exit=4, finds="manifest-malformed")
def name_of_another(place: Place) -> list[str]:
    entries = entries_of(place)
    return indexed(place, entries, written(entries), name="../outside/fullsource.files.jsonl")


@case("index/of-nobody", "A file has the name of an index that no artifact has.", exit=1, finds="file-added")
def of_nobody(place: Place) -> list[str]:
    place.signed()
    place.write("payload.files.jsonl", b"import os\n")
    return place.verify()


@case("index/of-an-artifact", "The index of a data set lists other files than the artifact's digest is of.",
      exit=1, finds="artifact-mismatch")
def of_an_artifact(place: Place) -> list[str]:
    entries = [{"path": "a.txt", "size": 5, "sha256": "1" * 64}]
    raw = written(entries)
    place.write("corpus.files.jsonl", raw)
    merkle = root([leaf(entry) for entry in entries]).hex()
    reference = {"name": "corpus.files.jsonl", "sha256": hashlib.sha256(raw).hexdigest(), "size": len(raw),
                 "merkleRoot": merkle}
    place.artifact(id="corpus", roles=["data.sft"], index=reference, digest={"dirHash": "0" * 64},
                   locators=["https://data.example/corpus.tar"])
    statement = covering(place)
    statement["subject"] = [held for held in statement["subject"] if held["name"] != "corpus.files.jsonl"]
    statement["predicate"]["files"] = [f for f in statement["predicate"]["files"] if f["path"] != "corpus.files.jsonl"]
    place.put_statement(statement)
    return place.verify("--offline")
