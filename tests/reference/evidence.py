"""Evidence (evidence.md)."""

from dataclasses import dataclass
from datetime import datetime

import json_profile
from digest import a_digest_set
from envelope import pae, read_envelopes
from findings import Refused, registry
from manifest import a_hash, a_name, a_path, a_text, an_id
from shape import Wrong, array, check, constant, count, record, text
from walk import Seen

TYPES = registry("algorithms")["types"]
KINDS = ("symlink", "special", "empty-directory", "ignored", "excluded", "unreadable",
         "unstable", "invalid-name")
TEXT_OF_FACT = {"remote-code": "value", "weight-map": "target", "config-unread": "value"}  # evd-10


def is_time(value):
    try:
        datetime.strptime(value[:19], "%Y-%m-%dT%H:%M:%S")
        return True
    except ValueError:
        return False


def moment(value):
    return value[:19], value[20:-1].ljust(9, "0")


def a_fact(value, place, strict):
    record({"kind": constant(*TEXT_OF_FACT)})(value, place, False)
    record({"kind": a_text, "path": a_path, TEXT_OF_FACT[value["kind"]]: a_text})(
        value, place, strict)


# evd-20: for each kind the fields it has, and those it may have
FIELDS_OF_CONTENT = {
    "license-text": ("path value count", ""), "license-unknown": ("path", ""),
    "license-declared": ("path value", ""), "use-policy": ("path value", ""),
    "hollow": ("value", ""), "lfs-pointers": ("path count", ""), "submodule": ("path value", ""),
    "commit-unreachable": ("value", ""), "commit-unplaced": ("value", ""), "names-base-model": ("path value", ""),
    "names-dataset": ("path value", ""), "names-tokenizer": ("path value", ""),
    "parameters": ("path count", ""), "tensor-shape": ("value", ""), "shape-mismatch": ("path value", ""),
    "header-fault": ("path value", ""), "pickle-import": ("path value", ""),
    "pickle-unread": ("path value", ""), "compressed": ("count", ""), "swhid": ("value", ""),
    "fault": ("value", "path"), "word-only": ("count", "")}
HOLLOW = ("empty", "readme-only", "license-only", "manifest-only", "url-list", "empty-index")


def a_content_fact(value, place, strict):
    record({"kind": constant(*FIELDS_OF_CONTENT)})(value, place, False)
    types = {"path": a_text, "value": a_text, "count": count}
    if value["kind"] == "hollow":
        types["value"] = constant(*HOLLOW)
    needed, allowed = (names.split() for names in FIELDS_OF_CONTENT[value["kind"]])
    for name in types.keys() - {*needed, *allowed}:
        if name in value:
            raise Wrong(place, f"does not have `{name}`")
    record({"kind": a_text} | {name: types[name] for name in needed},
           {name: types[name] for name in allowed})(value, place, strict)


a_time = text(pattern=r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", rule=is_time)
a_file = record({"path": a_path, "size": count}, {"sha256": a_hash, "blake3": a_hash})
observation = record({"locator": a_text, "at": a_time, "status": constant(
    "seen", "absent", "closed", "unreachable", "skipped", "partial")}, {
        "endpoint": a_text, "digests": a_digest_set, "size": count, "detail": a_text,
        "served": a_digest_set, "facts": array(a_content_fact),
        "sample": record({"seen": count, "of": count, "differing": count, "seed": a_hash}),
        "route": constant("direct", "proxy"),
        "strength": constant("bytes", "metadata"), "access": constant("anonymous", "credential")})
release = record(
    {"digests": constant("all", "sha256", "blake3"), "files": array(a_file)},
    {"entries": array(record({"path": a_text, "kind": constant(*KINDS)}, {"detail": a_text})),
     "facts": array(a_fact),
     "unread": record({"files": count, "bytes": count, "since": a_time})})
artifact_seen = record({"id": an_id, "observations": array(observation)})
evidence = record(
    {"_type": constant(TYPES["evidence"]), "statement": record({"sha256": a_hash}),
     "tool": record({"name": a_name, "version": a_name}), "collectedAt": a_time},
    {"release": release, "artifacts": array(artifact_seen),
     "parents": array(record({"statement": record({"sha256": a_hash})},
                             {"observations": array(observation), "envelope": text(most=2**27),
                              "index": text(most=2**27),
                              "local": record({}, {"artifacts": array(an_id)}),
                              "artifacts": array(artifact_seen)}))})


@dataclass
class Evidence:
    document: dict
    vouched: bool

    def seen(self):
        """What a collector saw of the release, in place of a walk."""
        if "release" not in self.document:
            return None
        seen = Seen(self.document["release"]["digests"])
        seen.unread = self.document["release"].get("unread")
        seen.files = {one["path"]: one for one in self.document["release"]["files"]}
        seen.entries = [(one["path"], one["kind"])
                        for one in self.document["release"].get("entries", [])]
        return seen

    def facts(self):
        for one in self.document["release"].get("facts", []):
            yield one["path"], one["kind"], one[TEXT_OF_FACT[one["kind"]]]

    def observations(self, artifact_id):
        """evd-15: for each locator the latest, and of equal times the last."""
        latest = {}
        for one in self.document.get("artifacts", []):
            for seen in one["observations"] if one["id"] == artifact_id else []:
                before = latest.get(seen["locator"])
                if before is None or moment(seen["at"]) >= moment(before["at"]):
                    latest[seen["locator"]] = seen
        return latest


def read_evidence(data, trust, accepted, strict=False):
    payload, vouched = data, False
    document = json_profile.parse(data, "evidence-malformed")
    if isinstance(document, dict) and document.keys() & {"mediaType", "payload"}:
        payload, vouched = open_signed(data, trust)
        document = json_profile.parse(payload, "evidence-malformed")
    check(evidence, document, "evidence-malformed", strict)
    check_paths(document.get("release", {"files": []}))
    check_unread(document.get("release", {}))
    return Evidence(document, vouched or accepted)


def open_signed(data, trust):
    """evd-4, evd-13: the payload, and whether an observer vouches for it."""
    try:
        envelope, = read_envelopes(data)
    except (Refused, ValueError) as error:
        raise Refused("evidence-malformed", str(error)) from error
    if envelope.payload_type != TYPES["evidence-payload"]:
        raise Refused("evidence-malformed", f"the payload type `{envelope.payload_type}`")
    signed = pae(envelope.payload_type, envelope.payload)
    return envelope.payload, any(
        key.verifies(signature, signed) for key in trust.keys for signature in envelope.signatures
        if "observer" in trust.roles(key) and key.id not in trust.revoked.key_ids)


def check_paths(seen):
    """evd-3."""
    paths = [one["path"] for one in seen["files"]]
    others = {one["path"] for one in seen.get("entries", [])
              if one["kind"] not in ("unreadable", "unstable")}
    if len(set(paths)) != len(paths) or others & set(paths):
        raise Refused("evidence-malformed", "a path stands twice")


def check_unread(seen):
    """evd-27."""
    if unread := seen.get("unread"):
        most = sum(one["size"] for one in seen["files"])
        if not 1 <= unread["files"] <= len(seen["files"]) or unread["bytes"] > most:
            raise Refused("evidence-malformed", "more is unread than there is")
