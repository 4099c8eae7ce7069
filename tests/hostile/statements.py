"""Statements that a trusted key signed: what they say of files, and what of themselves."""

import hashlib
import json
import shutil
from collections.abc import Callable
from typing import Any

from corpus import case
from place import BUNDLE, Place, safetensors

Statement = dict[str, Any]


def lie(name: str, about: str, change: Callable[[Statement], Any], **expected: Any) -> None:
    """A case in which the honest statement is changed, and signed as it is then."""

    @case(f"statement/{name}", about, **expected)
    def make(place: Place) -> list[str]:
        statement = place.statement()
        change(statement)
        place.put_statement(statement)
        return place.verify()


def typo(name: str, about: str, old: str, new: str, **expected: Any) -> None:
    """A case in which the honest statement is changed as text, and signed as it is then."""

    @case(f"statement/{name}", about, **expected)
    def make(place: Place) -> list[str]:
        payload = place.payload().decode()
        compact = json.dumps(json.loads(payload), separators=(",", ":"), ensure_ascii=False)
        assert old in compact, old
        place.put_statement(compact.replace(old, new, 1).encode("utf-8", "surrogateescape"))
        return place.verify()


# --- names of subjects ---


def renamed(path: str, place: str = "model.safetensors") -> Callable[[Statement], None]:
    """Calls a file by another name, everywhere."""

    def change(statement: Statement) -> None:
        text = json.dumps(statement).replace(json.dumps(place), json.dumps(path))
        statement.update(json.loads(text))
        del statement["predicate"]["tree"]

    return change


for name, about, path in [
    ("name-climbs", "A subject lies above the release.", "../outside/secret.txt"),
    ("name-climbs-and-returns", "A subject's name leaves the release and comes back.", "x/../model.safetensors"),
    ("name-absolute", "A subject is a file of the machine.", "/etc/passwd"),
    ("name-of-a-drive", "A subject is on a drive of Windows.", "C:secret.txt"),
    ("name-with-backslash", "A subject's name climbs where a backslash parts names.", "..\\outside\\secret.txt"),
    ("name-of-zero-byte", "A zero byte cuts a subject's name short.", "model.safetensors\0.txt"),
    ("name-of-the-bundle", "The statement covers the bundle that it stands in.", BUNDLE),
    ("name-of-git", "A subject is a hook of git, where no walk looks.", ".git/hooks/post-checkout"),
    ("name-of-a-signature", "A subject is a detached signature, where no walk looks.", "model.safetensors.sig"),
    ("name-too-long", "A subject's name has 4,096 bytes.", "n" * 4096),
    ("name-empty", "A subject has no name.", ""),
]:
    lie(name, about, renamed(path), exit=4, finds="statement-malformed")


@case(
    "statement/name-escaped",
    "A subject's name climbs once it is decoded as an address. It is a name like any other.",
    exit=1,
    finds=("file-missing", "file-added"),
)
def name_escaped(place: Place) -> list[str]:
    statement = place.statement()
    renamed("%2e%2e%2foutside%2fsecret.txt")(statement)
    place.put_statement(statement)
    return place.verify()


lie(
    "name-decomposed",
    "A subject's name is decomposed (NFD): two file systems tell two files by it.",
    renamed("mode\u0301l.safetensors"),
    exit=1,
    finds="name-invalid",
)


def twins(name: str, about: str, first: str, second: str) -> None:
    @case(f"statement/{name}", about, exit=1, finds="name-twin")
    def make(place: Place) -> list[str]:
        place.write(first, b"one")
        place.write(second, b"another")
        return signed_by_hand(place)


def signed_by_hand(place: Place) -> list[str]:
    """A statement that covers all files, written without the tool that would refuse to."""
    place.put_statement(covering(place))
    return place.verify()


def covering(place: Place) -> Statement:
    """A statement about every file that is there."""
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [],
        "predicateType": "https://fullsource.dev/model-provenance/v0.1",
        "predicate": place.manifest | {"files": []},
    }
    for file in sorted(path for path in place.release.rglob("*") if path.is_file()):
        name, content = str(file.relative_to(place.release)), file.read_bytes()
        statement["subject"].append({"name": name, "digest": {"sha256": hashlib.sha256(content).hexdigest()}})
        statement["predicate"]["files"].append({"path": name, "size": len(content)})
    return statement


twins("twins-by-case", "Two files whose names differ in case alone.", "README.md", "readme.MD")
twins("twins-by-long-s", "Two names that are one where the long s is an s.", "tensors.txt", "ten\u017fors.txt")
twins("twins-by-directory", "A file below a directory whose name is a file's in capitals.", "data", "DATA/x.txt")


# --- digests, sizes, counts ---


def subject(statement: Statement, nth: int = 1) -> dict[str, Any]:
    return statement["subject"][nth]


def digest_of(change: Callable[[str], str]) -> Callable[[Statement], None]:
    def apply(statement: Statement) -> None:
        digest = subject(statement)["digest"]
        digest["sha256"] = change(digest["sha256"])

    return apply


MALFORMED = {"exit": 4, "finds": "statement-malformed"}

lie(
    "second-algorithm",
    "A subject has a SHA-512, too, of other bytes: a reader may take either.",
    lambda s: subject(s)["digest"].update(sha512="0" * 128),
    **MALFORMED,
)
lie("algorithm-unknown", "A subject has a CRC alone.", lambda s: subject(s).update(digest={"crc32": "0" * 8}), **MALFORMED)
lie("no-digest", "A subject has a digest of nothing.", lambda s: subject(s).update(digest={}), **MALFORMED)
lie("digest-cut", "A subject's SHA-256 is its first half.", digest_of(lambda hex: hex[:32]), **MALFORMED)
lie("digest-in-capitals", "A subject's SHA-256 is in capitals.", digest_of(str.upper), **MALFORMED)
lie(
    "digest-of-other-digits",
    "A subject's SHA-256 has digits of another script that count as the same number.",
    digest_of(lambda hex: "".join(chr(0x660 + int(c)) if c.isdigit() else c for c in hex)),
    **MALFORMED,
)
lie(
    "algorithms-disagree",
    "The SHA-256 of a file is right; its BLAKE3 is that of another.",
    lambda s: s["predicate"]["files"][1].update(blake3=s["predicate"]["files"][0]["blake3"]),
    exit=1,
    finds="file-changed",
)
lie(
    "artifact-digests-disagree",
    "An artifact's BLAKE3 is right, and its SHA-256 is another's.",
    lambda s: s["predicate"]["artifacts"][0].update(
        digest={"sha256": "0" * 64, "blake3": s["predicate"]["files"][1]["blake3"]}
    ),
    exit=1,
    finds="artifact-mismatch",
)


def resized(statement: Statement) -> None:
    statement["predicate"]["files"][1]["size"] += 1
    statement["predicate"]["tree"]["totalBytes"] += 1


lie("size-differs", "A file's size is another; both digests are right.", resized, exit=1, finds="file-changed")
lie(
    "total-of-others",
    "The sum of the sizes is not the sum.",
    lambda s: s["predicate"]["tree"].update(totalBytes=2**53 - 1),
    exit=4,
    finds="tree-mismatch",
)
lie(
    "tree-of-others",
    "The digest of the whole is that of other files.",
    lambda s: s["predicate"]["tree"].update(digest={"dirHash": "0" * 64}),
    exit=4,
    finds="tree-mismatch",
)
typo("count-wraps", "The number of files is 2, in 64 bits.", '"fileCount":2', '"fileCount":18446744073709551618', **MALFORMED)
typo("count-with-exponent", "The number of files is 2, with an exponent.", '"fileCount":2', '"fileCount":20e-1', **MALFORMED)
typo("count-rounds", "The number of files is one that doubles cannot tell from its neighbour.", '"fileCount":2',
     '"fileCount":9007199254740993', **MALFORMED)

# --- which files ---

lie("no-subjects", "The statement is about nothing.", lambda s: s.update(subject=[]), **MALFORMED)
lie(
    "subject-twice",
    "One name stands twice, with two digests.",
    lambda s: s["subject"].append({"name": "config.json", "digest": {"sha256": "0" * 64}}),
    exit=4,
    finds="id-duplicate",
)
lie(
    "files-beyond-the-subjects",
    "The manifest lists a file that is no subject.",
    lambda s: s["predicate"]["files"].append({"path": "extra.bin", "size": 1}),
    exit=4,
    finds="files-mismatch",
)
lie(
    "artifact-outside",
    "An artifact's files are above the release.",
    lambda s: s["predicate"]["artifacts"][0].update(files=["../outside/"]),
    exit=4,
    finds="manifest-malformed",
)
lie(
    "artifact-of-nothing",
    "An artifact's files are an option of a program, and none that is covered.",
    lambda s: s["predicate"]["artifacts"][0].update(files=["--upload-pack=x"]),
    exit=4,
    finds="files-uncovered",
)
lie(
    "subject-with-more",
    "A subject has an address, a media type and a content besides. They are read past.",
    lambda s: subject(s).update(uri="http://127.0.0.1:1/", mediaType="x", content="AAAA", annotations={}),
    exit=0,
)


@case(
    "statement/a-thousand-and-one",
    "A statement of 1,001 subjects.",
    exit=4,
    finds="limit-exceeded",
)
def a_thousand_and_one(place: Place) -> list[str]:
    statement = place.statement()
    statement["subject"] += [{"name": f"f{n}", "digest": {"sha256": "0" * 64}} for n in range(999)]
    place.put_statement(statement)
    return place.verify()


@case("statement/a-thousand", "A statement of 1,000 subjects: as many as there may be.", exit=0)
def a_thousand(place: Place) -> list[str]:
    for number in range(998):
        place.write(f"data/{number}.txt", b"%d" % number)
    return signed_by_hand(place)


@case(
    "statement/all-excluded",
    "The signer left out everything that is not covered; behind that stands a pickle.",
    exit=1,
    finds="loadable-uncovered",
)
def all_excluded(place: Place) -> list[str]:
    place.manifest["tree"] = {"excluded": ["**"]}
    line = signed_by_hand(place)
    place.write("adapter_model.bin", b"\x80\x04.")
    return line


@case(
    "statement/glob-bomb",
    "What is left out is a pattern that many matchers take for ever to try.",
    exit=0,
    finds="file-excluded",
)
def glob_bomb(place: Place) -> list[str]:
    place.write("a" * 250, b"")
    place.manifest["tree"] = {"excluded": ["**a" * 300 + "b", "a*"]}
    place.signed()
    return place.verify()


# --- what it is ---

typo("two-subjects", "The statement has two lists of subjects, one by an escape.", '"subject":', '"subj\\u0065ct":[],"subject":', **MALFORMED)
typo("two-producers", "The release has two producers.", '"producer":', '"producer":{"name":"Good Lab"},"producer":', **MALFORMED)
typo("lone-surrogate", "A name holds half a character.", "Mallory", "\\ud800", **MALFORMED)
typo("not-utf-8", "A name holds bytes that are no UTF-8.", "Mallory", "\udcff\udcfe", **MALFORMED)
typo("overlong", "A quote in a name is written as an overlong sequence.", "Mallory", "\udcc0\udca2", **MALFORMED)
typo("comment", "A comment stands in the statement.", '"predicate":', '/* x */"predicate":', **MALFORMED)
lie("older-in-toto", "A statement of in-toto 0.1.", lambda s: s.update(_type="https://in-toto.io/Statement/v0.1"), exit=4, finds="statement-type")
lie(
    "predicate-with-slash",
    "The predicate's type ends in a slash.",
    lambda s: s.update(predicateType=s["predicateType"] + "/"),
    exit=4,
    finds="predicate-type",
)
lie("predicate-in-an-array", "The manifest is an array of its values.",
    lambda s: s.update(predicate=list(s["predicate"].values())), exit=4, finds="manifest-malformed")
lie("predicate-null", "There is no manifest: it is `null`.", lambda s: s.update(predicate=None), exit=4, finds="manifest-malformed")


@case("statement/in-a-string", "The payload is a text that holds the statement.", **MALFORMED)
def in_a_string(place: Place) -> list[str]:
    place.put_statement(json.dumps(place.payload().decode()).encode())
    return place.verify()


# --- texts ---


def named(name: str, about: str, text: str, **expected: Any) -> None:
    lie(name, about, lambda s: s["predicate"]["release"].update(name=text), **expected)


named("name-draws-a-verdict", "The release's name goes on in another line, with a verdict.",
      "x\nPASS  good 1.0", exit=4, finds="manifest-malformed", hides="\nPASS")
named("name-turns-the-text", "The release's name turns the direction of what follows.",
      "evil\u202e\u2066 dooG", exit=0, hides="\u202e")
named("name-hides", "The release's name holds characters that nobody sees.",
      "hos\u200btile\u2060\U000e0041", exit=0, hides=("\u200b", "\u2060", "\U000e0041"))
named("name-of-lines", "The release's name holds Unicode's own ends of line and paragraph.",
      "x\u2028PASS  good\u2029y", exit=0, hides=("\u2028", "\u2029"))


# --- another release's ---


@case(
    "statement/of-the-release-before",
    "The weights are the new release's, the statement is the one before.",
    exit=1,
    finds="file-changed",
)
def of_the_release_before(place: Place) -> list[str]:
    place.signed()
    place.write("model.safetensors", safetensors({"w": [4, 3, 2, 1]}))
    return place.verify()


@case(
    "statement/replayed",
    "The whole release of before, where another version was expected.",
    exit=1,
    finds="statement-unexpected",
)
def replayed(place: Place) -> list[str]:
    place.signed()
    return place.verify("--expect", "hostile@2.0")


@case("statement/replayed-unnoticed", "The whole release of before: it passes, and says what that does not show.",
      exit=0, says="freshness")
def replayed_unnoticed(place: Place) -> list[str]:
    place.signed()
    return place.verify()


@case(
    "statement/supersedes",
    "Beside the new statement lies the old one, which it claims to replace: neither goes first.",
    exit=1,
    finds="statement-conflict",
)
def supersedes(place: Place) -> list[str]:
    old = place.payload()
    envelope = json.loads((place.release / BUNDLE).read_bytes())["dsseEnvelope"]
    place.manifest["release"] |= {"version": "2.0", "supersedes": hashlib.sha256(old).hexdigest()}
    place.signed()
    place.write("fullsource.dsse.json", json.dumps(envelope).encode())
    return place.verify()


@case(
    "statement/of-a-part",
    "A statement of the same producer about some of the files, put beside all of them.",
    exit=1,
    finds="file-added",
)
def of_a_part(place: Place) -> list[str]:
    place.signed()
    shutil.copy(place.release / "model.safetensors", place.release / "model-00002.safetensors")
    return place.verify()
