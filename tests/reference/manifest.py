"""The manifest: its form, and the rules between its parts (manifest.md)."""

import re
from collections import Counter
from datetime import date

from digest import a_digest_set, is_glob, is_path, is_selector
from findings import Finding, registry
from locator import is_absolute_locator, is_locator, is_relative
from shape import Wrong, array, check, constant, count, either, record, text

STAGE_KINDS = registry("stage-kinds")["kinds"]
NOT_APPLICABLE = registry("roles")["not-applicable"]


# --- form: man-1 to man-9, man-18, man-19, man-22, man-40

def is_day(value):
    try:
        date.fromisoformat(value)
        return True
    except ValueError:
        return False


def is_licence(value):
    """man-40."""
    if value in ("NONE", "NOASSERTION") or len(value) > 1024:
        return len(value) <= 1024
    wanted, depth, may_have_with = "term", 0, False
    for token in re.findall(r"[()]|[^() ]+", value):
        is_id = (re.fullmatch(r"[A-Za-z0-9.:-]+\+?", token)
                 and token not in ("AND", "OR", "WITH", "NONE", "NOASSERTION"))
        if wanted == "term" and token == "(":
            depth += 1
        elif wanted in ("term", "exception") and is_id:
            wanted, may_have_with = "operator", wanted == "term"
        elif wanted == "operator" and token in ("AND", "OR"):
            wanted = "term"
        elif wanted == "operator" and token == "WITH" and may_have_with:
            wanted = "exception"
        elif wanted == "operator" and token == ")" and depth:
            depth, may_have_with = depth - 1, False
        else:
            return False
    return wanted == "operator" and depth == 0


def a_licence_file(value, place, strict):
    record({}, {"path": a_path, "artifact": an_id})(value, place, strict)
    if len(value.keys() & {"path", "artifact"}) != 1:
        raise Wrong(place, "needs `path` or `artifact`, not both")


a_text = text()
an_id = text(pattern="[A-Za-z0-9][A-Za-z0-9._-]{0,127}")  # man-2
a_name = text(256, 1, pattern="[^\x00-\x1f\x7f-\x9f]*")  # man-3
an_amount = either(count, text(pattern=r"[0-9]{1,40}(\.[0-9]{1,20})?"))  # man-4
a_day = text(pattern=r"\d{4}-\d{2}-\d{2}", rule=is_day)  # man-6
a_role = text(64, pattern="[a-z][a-z0-9]*\\.[a-z][a-z0-9-]*")  # man-8
a_hash = text(pattern="[0-9a-f]{64}")
a_path = text(rule=is_path)
a_licence = text(rule=is_licence)
ids = array(an_id)
a_locator = either(record({"uri": text(rule=is_absolute_locator), "sha256": a_hash}),
                   text(rule=is_locator))
locators = array(a_locator, most=64)
index_ref = record({"name": a_path, "sha256": a_hash, "size": count, "merkleRoot": a_hash})

release = record(
    {"name": a_name, "producer": record({"name": a_name}, {"uri": a_text})},
    {"version": a_name, "uri": a_text, "releasedOn": a_day, "supersedes": a_hash})
tree = record({}, {
    "fileCount": count, "totalBytes": count, "digest": record({"dirHash": a_hash}),
    "excluded": array(text(rule=is_glob), most=1000), "index": index_ref})
artifact = record({"id": an_id, "roles": array(a_role, 1, 64)}, {
    "name": a_name, "files": array(text(rule=is_selector)), "locators": locators,
    "digest": a_digest_set, "size": count, "index": index_ref, "license": a_licence,
    "licenseFiles": array(a_licence_file),
    "availability": constant("public", "gated", "recipe-only", "withheld"),  # man-19
    "reason": a_text, "collectedBy": ids, "generatedBy": ids, "derivedFrom": ids,
    "documentedBy": ids, "humanAuthored": record({"guidelines": array(an_id, 1)}),
    "contentRights": a_licence, "outputTerms": a_licence,
    "statement": record({"sha256": a_hash}, {"locators": locators, "artifact": an_id})})
segment = record({"id": an_id, "from": an_id, "to": an_id},
                 {"steps": an_amount, "command": array(a_text), "cost": an_amount})
stage = record(
    {"id": an_id, "kind": text(pattern="[a-z][a-z-]{0,63}"), "outputs": array(an_id, 1)}, {
        "code": ids, "config": ids, "environment": ids, "noData": a_text,
        "data": array(either(an_id, record({"artifact": an_id},
                                           {"tokens": an_amount, "epochs": an_amount}))),
        "models": array(record({"artifact": an_id, "use": constant("init", "online")})),
        "init": record({"prng": a_text}, {"seed": an_amount}),
        "compute": record({}, {"accelerator": a_text, "hours": an_amount, "flop": an_amount,
                               "energyKwh": an_amount}),
        "command": array(a_text), "segments": array(segment),
        "runtime": record({}, {"platform": a_text, "threads": count}),
        "compare": record({"mode": constant("exact", "canonical", "ulp", "bounded")},  # man-18
                          {"limits": record({}, {"ulp": count, "relativeL2": an_amount})})})
manifest = record({"release": release}, {
    "$schema": a_text, "closure": constant("complete", "partial"), "tree": tree,
    "files": array(record({"path": a_path, "size": count}, {"blake3": a_hash})),
    "artifacts": array(artifact, limit=100_000),  # lim-10
    "stages": array(stage, limit=1_000),  # lim-11
    "notApplicable": array(record({"role": a_role, "reason": a_text}, {"stage": an_id}))})


def check_manifest(value, strict=False):
    check(manifest, value, "manifest-malformed", strict)


# --- between parts: man-10 to man-17, man-20, man-21, man-23 to man-26

def violations(manifest):
    """Every broken rule, each as a finding."""
    artifacts, stages = manifest.get("artifacts", []), manifest.get("stages", [])
    known = {one["id"]: one for one in artifacts}
    found = []

    def broken(code, message, rule, path=None, artifact=None):
        found.append(Finding(code, message, path, artifact, rule=f"manifest.md#{rule}"))

    for kind, group in (("artifact", artifacts), ("stage", stages),
                        *(("segment", one.get("segments", [])) for one in stages)):
        for twice in repeated(one["id"] for one in group):
            broken("id-duplicate", f"two of the kind {kind} have the id `{twice}`", "man-10")
    for place, name in references(manifest):
        if name not in known:
            broken("reference-unknown", f"`{name}` is no artifact", "man-11", place)
    for one in artifacts:
        availability, name = one.get("availability", "public"), one["id"]
        if availability == "withheld" and any(
                one.get(key) for key in ("files", "locators", "digest", "index")):
            broken("withheld-has-source", "withheld, yet with a source", "man-12", artifact=name)
        if availability in ("withheld", "recipe-only") and "reason" not in one:
            broken("reason-missing", f"{availability} without a reason", "man-13", artifact=name)
        if "index" in one and (one["index"]["name"] != f"{name}.files.jsonl"
                               or name == "fullsource"):
            broken("index-conflict", "the index has another name", "man-23", artifact=name)
    for twice in repeated(name for one in stages for name in one["outputs"]):
        broken("output-twice", "output of two stages", "man-14", artifact=twice)
    for i, one in enumerate(stages):
        if "noData" in one and (one.get("data") or not may_have_no_data(one, known)):
            broken("no-data-invalid", "`noData` may not stand here", "man-15", f"/stages/{i}")
        if one.get("segments") and not is_chain(one, known):
            broken("segments-broken", "the segments do not join up", "man-16", f"/stages/{i}")
        for k, item, rule in bad_items(one):
            broken("command-malformed", f"`{item}` is no item of a command", rule,
                   f"/stages/{i}{k}")
        if not has_its_limits(one.get("compare")):
            broken("compare-limits", "not the limit of its mode", "man-26", f"/stages/{i}/compare")
    stage_ids = {one["id"] for one in stages}
    for i, one in enumerate(manifest.get("notApplicable", [])):
        if one.get("stage", None) not in {None, *stage_ids}:
            broken("reference-unknown", f"`{one['stage']}` is no stage", "man-17",
                   f"/notApplicable/{i}/stage")
        if one["role"] not in NOT_APPLICABLE:
            broken("not-applicable-role", f"every model has `{one['role']}`", "man-20",
                   f"/notApplicable/{i}/role")
    if "index" in (tree := manifest.get("tree", {})):
        if manifest.get("files"):
            broken("index-conflict", "`files` beside `tree.index`", "man-21", "/files")
        if tree["index"]["name"] != "fullsource.files.jsonl":
            broken("index-conflict", "the index has another name", "man-23", "/tree/index/name")
    return found


def repeated(names):
    return sorted(name for name, times in Counter(names).items() if times > 1)


def references(manifest):
    """man-11: every id that must be that of an artifact, with its place."""
    for i, one in enumerate(manifest.get("artifacts", [])):
        for key in ("collectedBy", "generatedBy", "derivedFrom", "documentedBy"):
            yield from ((f"/artifacts/{i}/{key}", name) for name in one.get(key, []))
        for name in one.get("humanAuthored", {}).get("guidelines", []):
            yield f"/artifacts/{i}/humanAuthored/guidelines", name
        for licence_file in one.get("licenseFiles", []):
            if "artifact" in licence_file:
                yield f"/artifacts/{i}/licenseFiles", licence_file["artifact"]
    for i, one in enumerate(manifest.get("stages", [])):
        for key in ("code", "config", "environment", "data", "models", "outputs"):
            for use in one.get(key, []):
                yield f"/stages/{i}/{key}", use if isinstance(use, str) else use["artifact"]
        for k, part in enumerate(one.get("segments", [])):
            yield f"/stages/{i}/segments/{k}/to", part["to"]
            if k == 0 and part["from"] != "init":
                yield f"/stages/{i}/segments/{k}/from", part["from"]


def may_have_no_data(stage, artifacts):
    allowed = STAGE_KINDS.get(stage["kind"], {"no-data": "no"})["no-data"]
    return allowed == "yes" or allowed == "simulator" and any(
        "code.simulator" in artifacts[name]["roles"]
        for name in stage.get("code", []) if name in artifacts)


def is_chain(stage, artifacts):
    parts = stage["segments"]
    going_in = {one["artifact"] for one in stage.get("models", []) if one["use"] == "init"}
    start = parts[0]["from"]
    return (all(part["from"] == before["to"] for before, part in zip(parts, parts[1:]))
            and parts[-1]["to"] in stage["outputs"]
            and (start == "init" or start not in artifacts or start in going_in))


def bad_items(stage):
    """man-24, man-25: each item of a command that may not stand there, with its place."""
    inputs = {use if isinstance(use, str) else use["artifact"]
              for key in ("code", "config", "environment", "data", "models")
              for use in stage.get(key, [])}
    commands = [("/command", stage.get("command", []), False)] + [
        (f"/segments/{k}/command", part.get("command", []), k > 0 or part["from"] != "init")
        for k, part in enumerate(stage.get("segments", []))]
    for place, items, from_artifact in commands:
        for nth, item in enumerate(items):
            rule = what_is_wrong(item, inputs, from_artifact) or (
                "man-24" if nth == 0 and not item else None)
            if rule:
                yield f"{place}/{nth}", item, rule


def what_is_wrong(item, inputs, from_artifact):
    left = re.sub(r"\{\{|\}\}|\{(?:input:[A-Za-z0-9][A-Za-z0-9._-]{0,127}|output|threads|checkpoint)\}",
                  "", item)
    if re.search(r"[{}\0]", left):
        return "man-24"
    asked = re.findall(r"\{\{|\}\}|\{([a-z]+)(?::([^}]*))?\}", item)
    if any(name == "input" and one not in inputs or name == "checkpoint" and not from_artifact
           for name, one in asked):
        return "man-25"
    return None


def has_its_limits(compare):
    """man-26."""
    if compare is None:
        return True
    limits, widest = compare.get("limits", {}), {"ulp": 64, "relativeL2": 0.5}
    wanted = {"ulp": {"ulp"}, "bounded": {"relativeL2"}}.get(compare["mode"], set())
    return limits.keys() & widest.keys() == wanted and all(
        float(limits[name]) <= widest[name] for name in wanted)


# --- meaning

def selectors(artifact):
    """man-31, man-37: `files` and relative locators, each once."""
    relative = filter(is_relative, locators_of(artifact))
    return sorted({*artifact.get("files", []), *relative})


def locators_of(artifact):
    return [one if isinstance(one, str) else one["uri"] for one in artifact.get("locators", [])]


def has_cycle(manifest):
    """man-30."""
    needs = {}
    for stage in manifest.get("stages", []):
        for output in stage["outputs"]:
            needs.setdefault(output, set()).update(
                model["artifact"] for model in stage.get("models", []))
    while free := [name for name, models in needs.items() if not models & needs.keys()]:
        for name in free:
            del needs[name]
    return bool(needs)
