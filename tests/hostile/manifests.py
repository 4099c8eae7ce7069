"""Manifests that an author, or somebody in between, wrote: what `check` and `sign` must not take."""

import json
from collections.abc import Callable
from typing import Any

from corpus import case
from place import Place

COMMIT = "0" * 40


def checked(name: str, about: str, change: Callable[[dict[str, Any]], Any], **expected: Any) -> None:
    """A case in which the author's manifest is changed, and checked."""

    @case(f"manifest/{name}", about, **({"exit": 1, "finds": "manifest-malformed"} | expected))
    def make(place: Place) -> list[str]:
        change(place.manifest)
        (place.root / "fullsource.json").write_text(json.dumps(place.manifest))
        return ["check", "fullsource.json"]


def first(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda manifest: manifest["artifacts"][0].update(fields)


def located(locator: Any, **fields: Any) -> Callable[[dict[str, Any]], None]:
    source = {"id": "source", "roles": ["code.training"], "locators": [locator]}
    return lambda manifest: manifest["artifacts"].append(source | fields)


checked("licence-in-british", "A field `licence`: read past, the artifact would have none.", first(licence="MIT"), says="licence")
checked("id-with-line-feed", "An id ends in a line feed, which many patterns let through.", first(id="weights\n"))
checked("id-of-an-option", "An id begins like an option of a program.", first(id="-rf"))
checked("id-of-a-directory", "An id climbs.", first(id=".."))
checked("role-look-alike", "A role has a letter of another alphabet.", first(roles=["w\u0435ights.final"]))
checked("availability-in-capitals", "`Public`: a word that is not one of the list.", first(availability="Public"))
checked("amount-of-other-digits", "An amount in digits of another script.",
        lambda m: m.update(stages=[{"id": "s", "kind": "sft", "outputs": ["weights"], "init": {"prng": "x", "seed": "\u0661"}}]))
checked("day-that-is-none", "The 30th of February.", lambda m: m["release"].update(releasedOn="2026-02-30"))
checked("withheld-with-a-place", "It is withheld, and has a place.",
        first(availability="withheld", reason="x"), finds="withheld-has-source")
checked("output-of-two-stages", "Two stages made the weights: each reader takes one.",
        lambda m: m.update(stages=[{"id": id, "kind": "pretrain", "outputs": ["weights"]} for id in "ab"]),
        finds="output-twice")
checked("index-name-climbs", "The index of an artifact is a file of the machine.",
        first(index={"name": "../outside/secret.txt", "sha256": "0" * 64, "size": 1, "merkleRoot": "0" * 64}))

for name, about, locator in [
    ("user-and-password", "A place with a password.", "https://user:secret@good.example/x"),
    ("user-like-a-host", "A place whose host looks like its user's name.", "https://github.com@evil.example/x"),
    ("host-behind-backslash", "A place whose host depends on who reads backslashes.", "https://good.example\\@evil.example/x"),
    ("metadata-of-a-cloud", "Plain HTTP to what gives machines their keys.", "http://169.254.169.254/latest/meta-data/"),
    ("file-of-the-machine", "A file of the machine that verifies.", "file:///etc/passwd"),
    ("helper-of-git", "A place that makes git run a program.", "ext::sh -c id"),
    ("option-of-ssh", "A host that ssh takes for an option.", f"git+ssh://-oProxyCommand=id/x@{COMMIT}"),
    ("branch", "A branch, which can be anything tomorrow.", "git+https://good.example/x@main"),
    ("commit-of-39", "A commit id with one digit less.", f"git+https://good.example/x@{COMMIT[1:]}"),
    ("tag-of-an-image", "An image by its tag.", "oci:good.example/x:latest"),
    ("path-that-climbs", "A path inside that climbs once it is decoded.", f"git+https://good.example/x@{COMMIT}#path=%2e%2e%2fx"),
    ("path-of-zero-byte", "A path inside that a zero byte cuts short.", f"git+https://good.example/x@{COMMIT}#path=x%00y"),
    ("hub-name-that-climbs", "A repository of the hub whose name climbs.", f"hf:models/../x@{COMMIT}"),
    ("scheme-in-capitals", "A scheme in capitals.", "HTTPS://good.example/x"),
    ("script", "A place that a browser runs.", "javascript:alert(1)"),
]:
    checked(f"place-{name}", about, located(locator, digest={"sha256": "0" * 64}))


@case("manifest/signed-over-a-secret", "`sign` meets a link to a file from outside: it neither follows nor signs.", exit=1,
      says="symbolic link")
def signed_over_a_secret(place: Place) -> list[str]:
    (place.release / "fullsource.json").write_text(json.dumps(place.manifest))
    (place.release / "notes.txt").symlink_to("../outside/secret.txt")
    return ["sign", "release", "--key", "mallory.key"]


@case("manifest/schema-of-the-cloud", "`$schema` is an address inside the network: nothing is fetched, and it is not signed.",
      exit=0, hides="169.254")
def schema_of_the_cloud(place: Place) -> list[str]:
    place.manifest["$schema"] = "http://169.254.169.254/latest/"
    place.signed()
    return ["inspect", "release", "--format", "json"]


@case("manifest/two-kinds-in-one", "A document that is evidence, bundle and manifest at once.", exit=1,
      finds="evidence-malformed")
def two_kinds_in_one(place: Place) -> list[str]:
    bundle = place.signed() | {"_type": "https://fullsource.dev/evidence/v0.1"} | place.manifest
    (place.root / "both.json").write_text(json.dumps(bundle))
    return ["check", "both.json"]


@case("manifest/cycle-of-a-thousand", "A thousand stages, each from the one before, and the first from the last.",
      exit=1, finds="stage-cycle")
def cycle_of_a_thousand(place: Place) -> list[str]:
    for number in range(999):
        place.artifact(id=f"m{number}", roles=["weights.intermediate"])
    names = ["weights", *(f"m{number}" for number in range(999))]
    place.manifest["stages"] = [
        {"id": f"s{n}", "kind": "sft", "models": [{"artifact": names[n - 1], "use": "init"}], "outputs": [names[n]]}
        for n in range(1000)
    ]
    place.signed()
    return place.verify()
