"""Parents: statements of other models that a release leans on."""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

from classification import stage, whole
from corpus import case
from keys import PRODUCER
from place import BUNDLE, Key, Place, safetensors
from statements import covering
from trust_files import line

BASE = safetensors({"base": [5.0, 6.0, 7.0]})
GOOD = "https://good.example"


def parent(place: Place, digest: bytes = BASE, key: Key | None = None, **release: Any) -> bytes:
    """The bundle of a base model that is whole by its own word."""
    weights = {"sha256": hashlib.sha256(digest).hexdigest()}
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "base.safetensors", "digest": weights}],
        "predicateType": "https://fullsource.dev/model-provenance/v0.1",
        "predicate": {
            "release": {"name": "base", "producer": {"name": "Good Lab", "uri": GOOD}} | release,
            "closure": "complete",
            "files": [{"path": "base.safetensors", "size": len(digest)}],
            "artifacts": [{"id": "base", "roles": ["weights.final"], "files": ["base.safetensors"], "license": "MIT"}],
        },
    }
    return json.dumps(place.bundle(json.dumps(statement).encode(), key or place.other)).encode()


def id_of(bundle: bytes) -> str:
    return hashlib.sha256(base64.b64decode(json.loads(bundle)["dsseEnvelope"]["payload"])).hexdigest()


def child(place: Place, **base: Any) -> None:
    """Makes the release a tuning of a base model."""
    whole(place)
    place.artifact(**({"id": "base", "name": "base", "roles": ["model.base"], "license": "MIT"} | base))
    stage(place).pop("init")
    stage(place).update(kind="sft", models=[{"artifact": "base", "use": "init"}])


def lie(name: str, about: str, make: Callable[[Place], list[str]], **expected: Any) -> None:
    """A case of a child whose parent's statement lies in its release; no class that leans on it may be `full`."""

    @case(f"lineage/{name}", about, **({"hides": "full-source-transitive (linkage"} | expected))
    def met(place: Place) -> list[str]:
        options = make(place)
        place.put_statement(covering(place))
        return place.verify("--offline", *options)


def held(place: Place, bundle: bytes, digest: bytes = BASE, statement: str | None = None) -> None:
    """The child binds a statement that lies beside it, and states the digest of the model."""
    place.write("parents/base.json", bundle)
    reference = {"sha256": statement or id_of(bundle), "locators": ["parents/base.json"]}
    child(place, digest={"sha256": hashlib.sha256(digest).hexdigest()}, statement=reference)


def trusted(place: Place) -> list[str]:
    (place.root / "trust").write_text(
        f'{PRODUCER} namespaces="fullsource" {line(place.key)}\n{GOOD} namespaces="fullsource" {line(place.other)}\n'
    )
    return ["--trust", "trust"]


lie("signed-by-the-child", "The child's own key signed the parent: it vouches for no parent.",
    lambda p: held(p, parent(p, key=p.key)) or [], exit=3, finds="parent-untrusted")
lie("signed-by-a-stranger", "A stranger signed the parent, in a good lab's name.",
    lambda p: held(p, parent(p, key=Key.new("stranger"))) or trusted(p), exit=3, finds="parent-untrusted")
lie("of-other-bytes", "The parent's statement is a good one, of another model.",
    lambda p: held(p, parent(p), digest=b"another model") or trusted(p), exit=1, finds="parent-mismatch")
lie("of-another-id", "The statement that lies there is not the one whose id the child names.",
    lambda p: held(p, parent(p), statement="0" * 64) or trusted(p), exit=1, finds="parent-absent")
lie("revoked", "The parent's statement was revoked.",
    lambda p: (held(p, b := parent(p)), (p.root / "revoked").write_text(id_of(b) + "\n"), [*trusted(p), "--revoked", "revoked"])[-1],
    exit=3, finds="parent-unchecked")
lie("renamed", "A well-known model under a name of its own, without digest and without statement.",
    lambda p: child(p) or [], exit=3, finds="artifact-unchecked")
lie("not-listed", "The parent is said to be the release's own output of a stage that names nothing.",
    lambda p: (child(p), p.manifest["stages"].append(
        {"id": "made", "kind": "pretrain", "init": {"prng": "x"}, "outputs": ["base"]}), [])[-1],
    exit=0)
lie("is-no-envelope", "What lies there is a picture.", lambda p: held(p, b"\x89PNG\r\n\x1a\n", statement="1" * 64) or [],
    exit=1, finds="parent-absent")
lie("of-brackets", "What lies there is a million arrays deep.", lambda p: held(p, b"[" * 1_000_000, statement="1" * 64) or [],
    exit=1, finds="parent-absent")
lie("climbs", "The parent's statement lies outside the release.",
    lambda p: child(p, statement={"sha256": "0" * 64, "locators": ["../outside/secret.txt"]}) or [],
    exit=4, finds="manifest-malformed")


@case("lineage/written-by-hand", "A document for the parent that claims more rights, given by the verifier's side for other bytes.",
      exit=1, finds="parent-mismatch")
def written_by_hand(place: Place) -> list[str]:
    held(place, parent(place), digest=b"another model")
    place.put_statement(covering(place))
    (place.root / "base.json").write_bytes(parent(place))
    return place.verify("--offline", "--parent", "base=base.json")


@case("lineage/itself", "The release is given as its own parent.", exit=3, hides="full-source-transitive (linkage")
def itself(place: Place) -> list[str]:
    child(place, digest={"sha256": hashlib.sha256((place.release / "model.safetensors").read_bytes()).hexdigest()})
    place.put_statement(covering(place))
    (place.root / "own.json").write_bytes((place.release / BUNDLE).read_bytes())
    return place.verify("--offline", "--parent", "base=own.json")


@case("lineage/seventy-generations", "Seventy generations of parents, each beside the one before, none of them trusted.",
      exit=3, finds="parent-untrusted", hides="full-source-transitive (linkage")
def seventy_generations(place: Place) -> list[str]:
    reference: dict[str, Any] = {}
    for generation in range(70):
        bundle = with_parent(place, generation, reference)
        place.write(f"g{generation}.json", bundle)
        reference = {"sha256": id_of(bundle), "locators": [f"g{generation}.json"]}
    child(place, statement=reference)
    place.put_statement(covering(place))
    return place.verify("--offline")


def with_parent(place: Place, generation: int, reference: dict[str, Any]) -> bytes:
    """A model that was tuned from the one before."""
    payload = json.loads(base64.b64decode(json.loads(parent(place))["dsseEnvelope"]["payload"]))
    manifest = payload["predicate"]
    manifest["release"]["name"] = f"generation {generation}"
    if reference:
        manifest["artifacts"].append({"id": "before", "roles": ["model.base"], "statement": reference})
        use = [{"artifact": "before", "use": "init"}]
        manifest["stages"] = [{"id": "s", "kind": "sft", "models": use, "outputs": ["base"]}]
    return json.dumps(place.bundle(json.dumps(payload).encode(), place.other)).encode()
