"""Attestations of rebuilds: who counts, what they confirm, and the linkage (rebuild.md)."""

import hashlib
import re
from fractions import Fraction

import json_profile
from digest import a_digest_set, is_strong, known_digests, selects
from envelope import pae
from evidence import is_time, moment
from findings import Finding, Refused
from manifest import a_hash, a_name, a_path, a_text, an_amount, an_id, selectors
from shape import Wrong, array, check, constant, count, record, text
from statement import TYPES

GRADES = ("not-run", "contradicted", "near-miss", "rebuilt-bounded", "rebuilt-canonical",
          "rebuilt-exact")  # reb-30, the weakest first
DIFFER = ("contradicted", "near-miss")
PREDICATE = "https://fullsource.dev/rebuild/v0.1"
MODES = {"exact": "rebuilt-exact", "canonical": "rebuilt-canonical", "ulp": "rebuilt-bounded",
         "bounded": "rebuilt-bounded"}  # reb-37
FRACTION = r"(0|[1-9][0-9]{0,79})/([1-9][0-9]{0,79})"


# --- form: the tables, and reb-8

def an_exit(value, place, strict):
    if type(value) is not int or not -2**31 <= value < 2**31:
        raise Wrong(place, "must be an integer")


def a_time(value, place, strict):
    text(pattern=r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", rule=is_time)(value, place, strict)


a_grade = constant(*GRADES)
tensors = record({"total": count, "differing": count, "elements": count,
                  "differingElements": count},
                 {"maxUlp": count, "relativeL2": an_amount, "tied": count, "worst": array(record(
                     {"name": a_text, "differingElements": count},
                     {"maxUlp": count, "relativeL2": an_amount}), most=100)})
output_made = record({"artifact": an_id, "grade": a_grade}, {
    "claimed": a_digest_set, "made": a_digest_set, "detail": a_text, "tensors": tensors,
    "files": array(record({"path": a_text, "how": constant("differs", "missing", "added")}),
                   most=100)})
run = record({"grade": a_grade}, {
    "segment": an_id, "command": array(a_text), "reason": a_text, "exit": an_exit,
    "outputs": array(output_made, most=100_000), "wallMilliseconds": count,
    "cpuMilliseconds": count, "peakMemory": count})
audit = record({"seed": a_text, "drawn": count, "of": count, "missWorst": a_text,
                "missEven": a_text}, {"cost": an_amount, "costOfAll": an_amount})
environment = record({"platform": a_text, "cpu": a_text, "kernel": a_text, "libc": a_text,
                      "sandbox": a_text, "threads": count,
                      "limits": record({"wallSeconds": count, "memory": count, "disk": count,
                                        "processes": count})},
                     {"tools": array(record({"name": a_text},
                                            {"version": a_text, "sha256": a_hash}), most=1000)})
predicate = record(
    {"statement": record({"sha256": a_hash}), "stage": an_id, "grade": a_grade,
     "runs": array(run, 1, 10_000), "environment": environment,
     "inputs": array(record({"artifact": an_id, "files": count, "bytes": count},
                            {"digest": a_digest_set}), most=100_000),
     "tool": record({"name": a_name, "version": a_name}), "startedAt": a_time,
     "finishedAt": a_time},
    {"reason": a_text, "audit": audit, "copies": array(record(
        {"artifact": an_id, "input": an_id, "path": a_text, "offset": count, "bytes": count}),
        most=100),
     "probe": record({"seed": a_text, "input": an_id, "path": a_text, "offset": count,
                      "elements": count, "changed": count})})


def a_subject_digest(value, place, strict):
    record({"sha256": a_hash})(value, place, True)  # stm-4


attestation = record({"subject": array(record({"name": a_path, "digest": a_subject_digest}),
                                       1, 1000), "predicate": predicate})


def agrees(document):
    """reb-8: whether all parts can be so."""
    told, names = document["predicate"], [one["name"] for one in document["subject"]]
    runs, drawn = told["runs"], told.get("audit")
    segments = [one.get("segment") for one in runs]
    return (len(names) == len(set(names)) and told["grade"] == of_all(runs)
            and moment(told["startedAt"]) <= moment(told["finishedAt"])
            and all(map(run_agrees, runs))
            and (segments == [None] if drawn is None else audit_agrees(drawn, segments)))


def of_all(parts):
    """reb-30."""
    grades = [one["grade"] for one in parts]
    seen = [one for one in grades if one != "not-run"]
    weakest = min(seen, key=GRADES.index, default="not-run")
    return weakest if weakest in DIFFER or len(seen) == len(grades) else "not-run"


def run_agrees(one):
    outputs = one.get("outputs", [])
    ids = [made["artifact"] for made in outputs]
    return (len(ids) == len(set(ids)) and one["grade"] in ("not-run", of_all(outputs))
            and (one.get("exit", 0) == 0 or one["grade"] == "not-run")
            and all(map(output_agrees, outputs)))


def output_agrees(made):
    compared, grade = made.get("tensors"), made["grade"]
    differing = compared["differingElements"] if compared else 0
    if compared and differing > compared["elements"]:
        return False
    if grade in ("rebuilt-exact", "rebuilt-canonical") and (differing or made.get("files")):
        return False
    if grade == "rebuilt-bounded" and not (compared and compared.keys() & {"maxUlp", "relativeL2"}):
        return False
    return grade != "rebuilt-exact" or not differ(made.get("claimed"), made.get("made"))


def differ(one, other):
    one, other = known_digests(one or {}), known_digests(other or {})
    return any(one[name] != other[name] for name in one.keys() & other.keys())


def audit_agrees(drawn, segments):
    chances = [re.fullmatch(FRACTION, drawn[name], re.ASCII) for name in ("missEven", "missWorst")]
    if not all(chances) or None in segments or len(set(segments)) != len(segments) \
            or not drawn["drawn"] == len(segments) <= drawn["of"]:
        return False
    even, worst = (Fraction(int(one[1]), int(one[2])) for one in chances)
    return (even == 1 - Fraction(drawn["drawn"], drawn["of"]) and even <= worst <= 1
            and (even or not worst))


# --- reb-60 to reb-63: opening

def open_rebuilds(envelopes, statement, covered, inputs, findings):
    """What each attestation that counts says: (stage, rebuilders, predicate)."""
    trust, told = inputs.trust, []
    for one in envelopes:
        message = pae(one.payload_type, one.payload)
        keys = [key for key in trust.keys if "rebuilder" in trust.roles(key)
                and key.id not in trust.revoked.key_ids
                and any(key.verifies(signature, message) for signature in one.signatures)]
        name = hashlib.sha256(one.payload).hexdigest()
        if not keys or name in trust.revoked.statements:
            findings.append(Finding("rebuild-untrusted", "no trusted rebuilder signed it"))
            continue
        try:
            document = open_attestation(one)
            stage = stage_of(document, statement, covered)
        except Refused as refused:
            findings.append(refused.finding)
            continue
        told.append((stage, rebuilders(keys, statement, trust), document["predicate"]))
    return told


def open_attestation(one):
    if one.payload_type != TYPES["payload"]:
        foreign("another payload type")
    document = json_profile.parse(one.payload, "rebuild-malformed")
    check(record({"_type": text(), "predicateType": text()}), document, "rebuild-malformed")
    if (document["_type"], document["predicateType"]) != (TYPES["statement"], PREDICATE):
        foreign("another kind of statement")
    check(attestation, document, "rebuild-malformed")
    if not agrees(document):
        raise Refused("rebuild-malformed", "its parts contradict each other")
    return document


def foreign(message):
    raise Refused("rebuild-foreign", message)


def stage_of(document, statement, covered):
    """reb-61: the stage that it is about."""
    told, manifest = document["predicate"], statement.document["predicate"]
    stage = {one["id"]: one for one in manifest.get("stages", [])}.get(told["stage"])
    if told["statement"]["sha256"] != statement.id or stage is None:
        foreign("another statement, or no stage of it")
    artifacts = {one["id"]: one for one in manifest.get("artifacts", [])}
    for subject in document["subject"]:
        if not is_claimed(subject, stage, artifacts, statement.id, covered):
            foreign(f"the subject `{subject['name']}`")
    segments = [one["id"] for one in stage.get("segments", [])]
    ran = [one["segment"] for one in told["runs"] if "segment" in one]
    if "audit" in told and (told["audit"]["of"] != len(segments)
                            or ran != [name for name in segments if name in ran]):
        foreign("other segments")
    commands = {one["id"]: one.get("command", []) for one in stage.get("segments", [])}
    for one in told["runs"]:
        if one.get("command") and one["command"] != commands.get(one.get("segment"), stage.get("command", [])):
            foreign("another command")
    own = {*stage["outputs"], *(one["to"] for one in stage.get("segments", []))}
    for made in (made for one in told["runs"] for made in one.get("outputs", [])):
        if made["artifact"] not in own:
            foreign("an output that the stage has not")
        stated = claimed_digests(artifacts[made["artifact"]], covered)
        exact = made["grade"] == "rebuilt-exact"
        if differ(stated, made.get("claimed")) or exact and differ(stated, made.get("made")):
            foreign("other digests than are claimed")
        if made["grade"] == "rebuilt-bounded" and not is_within(made["tensors"], stage):
            foreign("not within a limit of the stage")
    return stage


def is_claimed(subject, stage, artifacts, statement_id, covered):
    """reb-7."""
    name, digest = subject["name"], subject["digest"]["sha256"]
    if (name, digest) == ("statement", statement_id):
        return True
    for output in (artifacts[one] for one in stage["outputs"]):
        if not selectors(output):
            if (name, digest) == (output["id"], output.get("digest", {}).get("sha256")):
                return True
        elif name in covered and covered[name].sha256 == digest and any(
                selects(one, name) for one in selectors(output)):
            return True
    return False


def claimed_digests(artifact, covered):
    stated = dict(artifact.get("digest", {}))
    if len(selectors(artifact)) == 1 and (file := covered.get(selectors(artifact)[0])):
        stated.setdefault("sha256", file.sha256)
    return stated


def is_within(compared, stage):
    limits = stage.get("compare", {}).get("limits", {})
    name, limit = {"ulp": ("maxUlp", limits.get("ulp")),
                   "bounded": ("relativeL2", limits.get("relativeL2"))}.get(
                       stage.get("compare", {}).get("mode"), ("", None))
    return limit is not None and name in compared and float(compared[name]) <= float(limit)


# --- reb-64: who

def rebuilders(keys, statement, trust):
    """Each rebuilder once: its name, whether it is self, and the principals with the role."""
    uri = statement.document["predicate"]["release"]["producer"].get("uri")
    found = {}
    for key in keys:
        theirs, principals = trust.group_of(key)
        own = uri in principals or bool(theirs & set(statement.signing))
        roles = {name for entry in trust.entries_of(key) for name in entry.principals
                 if "rebuilder" in entry.roles and entry.valid(trust.now)}
        before = found.get(min(principals), (own, set()))
        found[min(principals)] = (own or before[0], before[1] | roles)
    return [(name, *rest) for name, rest in found.items()]


# --- reb-62, reb-63, reb-65: what it amounts to

def judge_grades(told, findings):
    for stage, _, one in told:
        grade, claimed = one["grade"], MODES[stage.get("compare", {}).get("mode", "exact")]
        if grade in DIFFER:
            findings.append(Finding("rebuild-contradicted", f"stage `{stage['id']}`: {grade}"))
        elif grade != "not-run" and GRADES.index(grade) < GRADES.index(claimed):
            findings.append(Finding("rebuild-weaker", f"stage `{stage['id']}`: {grade}"))


def linkage(told, manifest, reached, policy):
    artifacts = {one["id"]: one for one in manifest.get("artifacts", [])}
    made = {name for stage in manifest.get("stages", []) for name in stage["outputs"]}
    finals = {name for name, one in artifacts.items() if "weights.final" in one["roles"]}
    if any(one["grade"] in DIFFER for _, _, one in told) or finals - made or not reached:
        return "asserted"
    confirmed = {stage["id"]: {} for stage in reached}
    for stage, who, one in told:
        if stage["id"] not in confirmed or not is_whole(one, stage, artifacts, finals):
            continue
        for name, own, roles in who:
            if counts(own, roles, policy):
                known = confirmed[stage["id"]].get((name, own), one["grade"])
                confirmed[stage["id"]][name, own] = max(known, one["grade"], key=GRADES.index)
    asked = policy.rebuilds or 1
    for independent_alone in (True, False):
        grade = reached_by(asked, confirmed, independent_alone)
        if grade:
            resting = min(sum(not own and GRADES.index(one) >= GRADES.index(grade)
                              for (_, own), one in stage.items()) for stage in confirmed.values())
            return f"{grade}, " + (f"independent: {resting}" if resting >= asked else "self")
    return "asserted"


def reached_by(asked, confirmed, independent_alone):
    strongest = []
    for stage in confirmed.values():
        grades = sorted((GRADES.index(one) for (_, own), one in stage.items()
                         if not (own and independent_alone)), reverse=True)
        if len(grades) < asked:
            return None
        strongest.append(grades[asked - 1])
    return GRADES[min(strongest)]


def counts(own, roles, policy):
    """pol-21."""
    if policy.rebuilders:
        return bool(roles & set(policy.rebuilders))
    return not (own and policy.rebuilds)


def is_whole(one, stage, artifacts, finals):
    """reb-62, reb-58."""
    compared = {made["artifact"] for run in one["runs"] for made in run.get("outputs", [])}
    asked = {name for name in stage["outputs"] if name in finals or has_content(artifacts[name])}
    between = [artifacts[part["to"]] for part in stage.get("segments", [])[:-1]]
    drawn = one.get("audit")
    return (one["grade"].startswith("rebuilt-") and one["environment"]["sandbox"].strip().lower() not in ("", "none")
            and (drawn is None or drawn["drawn"] == drawn["of"] and all(map(is_fixed, between)))
            and asked and asked <= compared)


def has_content(artifact):
    return bool(selectors(artifact)) or "digest" in artifact


def is_fixed(artifact):
    return bool(selectors(artifact)) or any(
        is_strong(name, value) for name, value in known_digests(artifact.get("digest", {})).items())
