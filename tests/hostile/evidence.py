"""Evidence that somebody supplies: about another release, signed by the wrong key, newer or older than the truth."""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

from corpus import case
from place import BUNDLE, Key, Place, pae
from trust_files import line

LOCATOR = "https://data.example/corpus.txt"
TYPE = "application/vnd.fullsource.evidence+json"
DATA = b"the data that were claimed\n"
Evidence = dict[str, Any]


def claimed(place: Place) -> Evidence:
    """A release that claims data elsewhere, and honest evidence of it."""
    digest = {"sha256": hashlib.sha256(DATA).hexdigest()}
    place.artifact(id="corpus", roles=["data.sft"], locators=[LOCATOR], digest=digest, license="CC0-1.0")
    payload = place.payload()
    return {
        "_type": "https://fullsource.dev/evidence/v0.1",
        "statement": {"sha256": hashlib.sha256(payload).hexdigest()},
        "tool": {"name": "fullsource", "version": "0.1.0"},
        "collectedAt": "2026-11-23T10:00:00Z",
        "artifacts": [{"id": "corpus", "observations": [seen(digest)]}],
    }


def seen(digest: dict[str, str], at: str = "2026-11-23T09:00:00Z", **fields: Any) -> Evidence:
    return {"locator": LOCATOR, "at": at, "status": "seen", "digests": digest, "size": len(DATA)} | fields


def observed(evidence: Evidence) -> list[Evidence]:
    return evidence["artifacts"][0]["observations"]


def lie(name: str, about: str, change: Callable[[Evidence], Any], *options: str, **expected: Any) -> None:
    """A case of unsigned evidence, which the verifier's owner was talked into accepting unless told otherwise."""

    @case(f"evidence/{name}", about, **expected)
    def make(place: Place) -> list[str]:
        evidence = claimed(place)
        change(evidence)
        (place.root / "evidence.json").write_text(json.dumps(evidence))
        return place.verify("--evidence", "evidence.json", *(options or ("--accept-evidence",)))


def again(evidence: Evidence, **changes: Any) -> None:
    """The same observation once more, changed."""
    observed(evidence).append(observed(evidence)[0] | changes)


MALFORMED = {"exit": 4, "finds": "evidence-malformed"}

lie("accepted", "Nothing is hostile: its owner takes it.", lambda e: None, exit=0)
lie("unsigned", "It says that everything was seen, and nobody signed it.", lambda e: None, "--offline",
    exit=3, finds="evidence-unsigned", says="1 unchecked")
lie("foreign", "It is about another statement.", lambda e: e.update(statement={"sha256": "0" * 64}),
    exit=4, finds="evidence-foreign")
lie("word-of-a-host", "What was seen is a host's word.", lambda e: observed(e)[0].update(strength="metadata"),
    exit=3, finds="artifact-unchecked")
lie("algorithms-disagree", "The SHA-256 is right; the BLAKE3 that it adds is of another algorithm's right length only.",
    lambda e: observed(e)[0].update(digests={"sha256": "0" * 64, "blake3": hashlib.sha256(DATA).hexdigest()}),
    exit=1, finds="artifact-mismatch")
lie("other-algorithm-alone", "It has a digest of an algorithm that was not claimed, and says that all was seen.",
    lambda e: observed(e)[0].update(digests={"blake3": "0" * 64}), exit=3, finds="artifact-unchecked")
lie("size-alone", "It has a size, and no digest.", lambda e: observed(e)[0].pop("digests"), exit=3, finds="artifact-unchecked")
lie("place-spelt-otherwise", "It saw the place under another spelling.",
    lambda e: observed(e)[0].update(locator=LOCATOR.replace("data.example", "DATA.example")),
    exit=3, finds="artifact-unchecked")
lie("gone-since", "A later look found nothing there; the earlier stands behind it in the list.",
    lambda e: observed(e).insert(0, {"locator": LOCATOR, "at": "2026-11-23T09:30:00Z", "status": "absent"}),
    exit=1, finds="artifact-absent")
lie("seen-and-closed", "A door that is closed, with the digests of what is behind it.",
    lambda e: observed(e)[0].update(status="closed"), exit=3, finds="artifact-unchecked")
lie("sample-that-differs", "A sample, of which one file differs.",
    lambda e: observed(e)[0].update(status="partial", sample={"seen": 9, "of": 10, "differing": 1, "seed": "0" * 64}),
    exit=1, finds="artifact-mismatch")
lie("fact-unknown", "A fact of a kind that there is not.",
    lambda e: observed(e)[0].update(facts=[{"kind": "certified", "value": "yes"}]), **MALFORMED)
lie("detail-of-the-screen", "What it tells people clears their screen.",
    lambda e: observed(e)[0].update(status="unreachable", detail="x\x1b[2J\r\u202ePASS"), exit=3,
    finds="artifact-unchecked")
lie("artifact-of-nobody", "It saw an artifact that the statement does not claim. That says nothing.",
    lambda e: e["artifacts"].append({"id": "nobody", "observations": [seen({"sha256": "0" * 64})]}), exit=0)
lie("files-against-the-disk", "It says that the files of the release are others; they are on disk.",
    lambda e: e.update(release={"digests": "all", "files": [{"path": "x.bin", "size": 1, "sha256": "0" * 64}]}), exit=0)
lie("time-of-tomorrow-zone", "A time in another zone, which sorts behind the truth.",
    lambda e: again(e, at="2026-11-23T11:00:00+14:00", status="absent"), **MALFORMED)


@case("evidence/files-beside-the-disk", "It says that a file is what was signed; on disk it is not.",
      exit=1, finds="file-changed")
def files_beside_the_disk(place: Place) -> list[str]:
    evidence = claimed(place)
    statement = json.loads(base64.b64decode(json.loads((place.release / BUNDLE).read_bytes())["dsseEnvelope"]["payload"]))
    sizes = {held["path"]: held["size"] for held in statement["predicate"]["files"]}
    evidence["release"] = {"digests": "sha256", "files": [
        {"path": held["name"], "size": sizes[held["name"]], "sha256": held["digest"]["sha256"]}
        for held in statement["subject"]
    ]}
    place.write("config.json", b'{"model_type": "hostilE"}\n')
    (place.root / "evidence.json").write_text(json.dumps(evidence))
    return place.verify("--evidence", "evidence.json", "--accept-evidence")


def signed(name: str, about: str, key: Callable[[Place], Key], entry: str, payload_type: str = TYPE, **expected: Any) -> None:
    """A case of signed evidence, and of a trust file with the producer and the entry of the other key."""

    @case(f"evidence/{name}", about, **expected)
    def make(place: Place) -> list[str]:
        raw = json.dumps(claimed(place)).encode()
        signature = key(place).private.sign(pae(payload_type.encode(), raw))
        envelope = {"payload": base64.b64encode(raw).decode(), "payloadType": payload_type,
                    "signatures": [{"sig": base64.b64encode(signature).decode()}]}
        (place.root / "evidence.json").write_text(json.dumps(envelope))
        producer = f'https://mallory.example namespaces="fullsource" {line(place.key)}\n'
        (place.root / "trust").write_text(producer + f"observer {entry} {line(place.other)}\n")
        return ["verify", "release", "--trust", "trust", "--evidence", "evidence.json"]


OBSERVER = 'namespaces="fullsource-observer"'
UNSIGNED = {"exit": 3, "finds": "evidence-unsigned"}
signed("by-an-observer", "Nothing is hostile: an observer signed it.", lambda p: p.other, OBSERVER, exit=0)
signed("by-the-producer", "The producer vouches for what the producer claims.", lambda p: p.key, OBSERVER, **UNSIGNED)
signed("by-a-stranger", "A stranger signed it.", lambda p: Key.new("stranger"), OBSERVER, **UNSIGNED)
signed("by-another-producer", "Another producer signed it, who is no observer.", lambda p: p.other,
       'namespaces="fullsource"', **UNSIGNED)
signed("by-who-was-an-observer", "An observer signed it whose time is over.", lambda p: p.other,
       OBSERVER + ',valid-before="20200101Z"', **UNSIGNED)
signed("as-a-statement", "An observer signed it as a statement.", lambda p: p.other, OBSERVER,
       "application/vnd.in-toto+json", **MALFORMED)


@case("evidence/of-zeros", "Evidence of 80 mebibytes, in a field that nobody knows.", exit=0)
def of_zeros(place: Place) -> list[str]:
    text = json.dumps(claimed(place))
    (place.root / "evidence.json").write_text('{"unknown": [' + "0," * (40 << 20) + "0]," + text[1:])
    return place.verify("--evidence", "evidence.json", "--accept-evidence")


@case("evidence/without-end", "Evidence of a tebibyte that takes no room.", exit=4, finds="limit-exceeded")
def without_end(place: Place) -> list[str]:
    claimed(place)
    with open(place.root / "evidence.json", "wb") as file:
        file.truncate(1 << 40)
    return place.verify("--evidence", "evidence.json")
