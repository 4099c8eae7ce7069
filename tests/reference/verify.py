"""A second verifier of the fullsource format, written from spec/v0.1 alone.

It does the steps of verification.md in their order, one function each.
"""

import argparse
import json
import os
import sys
from dataclasses import dataclass
from datetime import datetime, timezone

import evidence as evidence_file
import json_profile
from artifacts import Artifacts
from candidates import Candidate, choose_statement, judge_signatures
from classification import NAMES_A, NAMES_F
from classification import describe as describe_class
from envelope import Envelope, read_envelopes
from files import Files, check_artifact_index, hash_of, index_of, wants_content
from findings import CODES, WEIGHT, Finding, Refused
from keys import BadKey, read_key_file
from licences import differs, met_by
from lineage import Lineage, Nothing, seen_of
from manifest import check_manifest, violations
from policy import BUILT_IN, read_policy
from rebuilds import judge_grades, linkage, open_rebuilds
from statement import (TYPES, coverage_violations, covered_by_subjects, index_violations,
                       open_statement)
from trust import Revoked, Trust, read_revocation_file, read_trust_file
from walk import NAMES, Walk, read_regular

MIB = 1 << 20
EXIT = {"pass": 0, "fail": 1, "incomplete": 3, "error": 4}
NOT_CHECKED = ["freshness", "linkage", "loading",
               "licence ids: no SPDX list is carried"]  # rep-9, man-41


def main(arguments=None):
    options = parse_arguments(arguments)
    report = check_document(options) if options.check else verify(options)
    print(json.dumps(report, indent=2, ensure_ascii=False))
    return EXIT[report["verdict"]]


def verify(options):
    findings, report = [], {"signers": [], "artifacts": []}
    policy = BUILT_IN["default"]
    try:
        policy = read_named_policy(options.policy)
        judge(options, policy, findings, report)
    except Refused as refused:
        findings.append(refused.finding)
    return write_report(report, findings, policy)


def judge(options, policy, findings, report):
    inputs = read_inputs(options, policy)  # step 1
    candidates = read_candidates(options)
    going_on = judge_signatures(candidates, inputs)  # step 2
    statement = choose_statement(going_on, inputs, options, findings)  # step 3
    manifest = statement.document["predicate"]
    describe(report, statement, inputs)
    stop_with(violations(manifest) + index_violations(statement.document), findings)  # step 4
    judge_signers(statement, inputs, policy, findings)
    files = judge_files(statement, inputs, options, findings, report)  # step 5
    if files.seen is not None:
        facts = None if options.target else inputs.evidence.facts()
        files.judge_loading(facts)  # step 6
        files.judge_digests(policy.digests)
        own_policy = options.policy not in (None, "default")
        files.judge_unread(asked=options.require is not None or own_policy)
        report["files"] = {
            "covered": len(files.covered), "intact": len(files.intact),
            "totalBytes": sum(one.size or 0 for one in files.covered.values()),
            "digests": files.seen.digests} | (
                {"unread": files.seen.unread} if files.seen.unread else {})
    classes = judge_artifacts(statement, files, inputs, policy, findings, report)  # step 7
    hold_class(classes, options, policy, findings)
    judge_rebuilds(statement, files, classes, inputs, policy, findings, report)


def stop_with(found, findings):
    """Where there is a finding, the verifier stops: the last one is raised."""
    if found:
        findings += found[:-1]
        stop = Refused(found[-1].code, found[-1].message)
        stop.finding = found[-1]
        raise stop


# --- step 1: inputs

@dataclass
class Inputs:
    policy: object
    trust: Trust
    has_keys: bool
    threshold: int
    evidence: evidence_file.Evidence | None
    target: str | None
    rebuilds: list


def read_named_policy(name):
    name = name or "default"
    if name in BUILT_IN:
        return BUILT_IN[name]
    return read_policy(read_file(name, 64 * MIB, "policy-malformed"))


def read_inputs(options, policy):
    """ver-1."""
    given = []
    for name in options.key:
        try:
            given.append(read_key_file(read_file(name, 65_536, "key-unreadable", lim="lim-5")))
        except BadKey as error:
            raise Refused("key-unreadable", str(error), name) from error
    entries, revoked = [], Revoked()
    if options.trust:
        entries = read_trust_file(read_file(options.trust, 4 * MIB, "trust-malformed", "lim-6"))
    if options.revoked:
        revoked = read_revocation_file(
            read_file(options.revoked, 4 * MIB, "trust-malformed", "lim-6"))
    trust = Trust(given, entries, revoked, options.now)
    attestations = {}
    for name in options.rebuild:  # reb-60
        data = read_file(name, 96 * MIB, "target-unreadable")
        for one in read_envelopes(data):
            attestations.setdefault((name, len(attestations)), one)
    if len(attestations) > 1000:  # lim-21
        raise Refused("limit-exceeded", "more than 1000 attestations")
    seen = None
    if options.evidence:
        seen = evidence_file.read_evidence(
            read_file(options.evidence, 256 * MIB, "evidence-malformed"), trust,
            options.accept_evidence)
    return Inputs(policy, trust, bool(given or options.trust),
                  max(options.threshold, policy.threshold), seen, options.target,  # trust-18
                  list(attestations.values()))


def read_file(name, limit, code, lim=None):
    """`lim` names the limit that has the code of the file itself, and not `limit-exceeded`."""
    try:
        with open(name, "rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise Refused(code, f"cannot be read: {error.strerror}", name) from error
    if len(data) > limit:
        raise Refused(code if lim else "limit-exceeded", f"more than {limit} bytes", name)
    return data


def read_candidates(options):
    """ver-2 to ver-6, env-16."""
    bundles = options.bundle
    if options.target:
        try:
            os.listdir(options.target)
        except OSError as error:
            raise Refused("target-unreadable", error.strerror, options.target) from error
        if not bundles and not options.statement:
            places = [os.path.join(options.target, name)
                      for name in ("fullsource.sigstore.json", "fullsource.dsse.json")]
            bundles = [place for place in places if os.path.lexists(place)]
    envelopes = [one for name in bundles
                 for one in read_envelopes(read_bundle(name, 96 * MIB))]
    if options.statement:
        envelopes.append(Envelope(None, read_bundle(options.statement, 64 * MIB), []))
    if not envelopes:
        raise Refused("bundle-missing", "no signed statement")
    candidates = {}
    for one in envelopes:
        same = candidates.setdefault((one.payload_type or TYPES["payload"], one.payload),
                                     Candidate(one.payload_type, one.payload))
        same.signatures += one.signatures
        same.in_lines = same.in_lines and one.in_lines
    return list(candidates.values())


def read_bundle(name, limit):
    if not os.path.lexists(name):
        raise Refused("bundle-missing", "not there", name)
    try:
        return read_regular(os.path.realpath(name), limit)[0]
    except OSError as error:
        raise Refused("target-unreadable", str(error), name) from error


# --- steps 4 to 6: rules between parts, files

def judge_files(statement, inputs, options, findings, report):
    document, seen = statement.document, None
    manifest, tree = document["predicate"], document["predicate"].get("tree", {})
    if inputs.evidence and inputs.evidence.document["statement"]["sha256"] != statement.id:
        raise Refused("evidence-foreign", "evidence about another statement")  # ver-25
    covered = covered_by_subjects(document)
    if "index" in tree:
        if not options.target:  # ver-26
            raise Refused("not-looked", "the file index was not looked at", tree["index"]["name"])
        covered = index_of(options.target, tree["index"], of_release=True)
    stop_with(coverage_violations(document, covered), findings)  # ver-23
    reserved = {*NAMES["reserved"]} | {
        one["index"]["name"] for one in manifest.get("artifacts", []) if "index" in one}
    if options.target:
        seen = Walk(options.target, covered, tree.get("excluded", []), reserved, options.digests,
                    wants_content).run()
    elif inputs.evidence:
        seen = inputs.evidence.seen()
    return Files(covered, seen, tree.get("excluded", []), reserved, findings)


# --- step 7: artifacts

def judge_artifacts(statement, files, inputs, policy, findings, report):
    manifest = statement.document["predicate"]
    indexes = judge_indexes(manifest, files, inputs, findings)
    if inputs.evidence and not inputs.evidence.vouched:  # whatever the scope
        findings.append(Finding("evidence-unsigned", "nobody vouches for the evidence",
                                rule="verification.md#ver-53"))
    if policy.scope != "sources":  # ver-45
        return None
    judge_policy(manifest, inputs, policy, findings)
    artifacts = Artifacts(inputs.target, manifest, files, indexes, inputs.evidence, findings)
    statuses = artifacts.judge()
    report["artifacts"] = [{"id": one["id"], "roles": one["roles"], "status": statuses[one["id"]]}
                           for one in manifest.get("artifacts", [])]
    classes = judge_class(statement, seen_of(artifacts, statuses, files.covered), inputs, findings)
    if classes:
        report |= describe_class(classes)
    return classes


def judge_signers(statement, inputs, policy, findings):
    """pol-13."""
    trust = inputs.trust
    uri = statement.document["predicate"]["release"]["producer"].get("uri")
    signed = {name for key in statement.signing for entry in trust.entries_of(key)
              if entry.valid(trust.now) and trust.state(key) == "counts"
              and trust.vouches_as_producer(key, uri) for name in entry.principals}
    if policy.signers and len(signed & set(policy.signers)) < policy.threshold:
        findings.append(Finding("signer-refused", "too few of those named signed",
                                rule="policy.md#pol-13"))


def judge_policy(manifest, inputs, policy, findings):
    """pol-12, pol-14."""
    allowed = {name.lower() for name in policy.licenses}
    for one in manifest.get("artifacts", []) if allowed else []:
        if not met_by(one.get("license"), allowed):
            findings.append(Finding("license-refused", "not in the policy", artifact=one["id"],
                                    rule="policy.md#pol-12"))
    if policy.max_age_days is not None and inputs.evidence:
        collected = inputs.evidence.document["collectedAt"]
        age = inputs.trust.now - datetime.fromisoformat(collected[:19] + "+00:00")
        if not -86_400 <= age.total_seconds() <= policy.max_age_days * 86_400:
            findings.append(Finding("evidence-old", "too old", rule="policy.md#pol-14"))


def judge_class(statement, seen, inputs, findings):
    """ver-79, ver-82."""
    manifest = statement.document["predicate"]
    for one in manifest.get("artifacts", []):
        if differs(one, seen.facts[one["id"]]):
            findings.append(Finding("license-mismatch", "a text says something else",
                                    artifact=one["id"], rule="verification.md#ver-82"))
    lineage = Lineage(inputs.evidence, inputs.trust)
    try:
        classes = lineage.classify(manifest, seen, statement.standing == "producer",
                                   covered_by_subjects(statement.document))
        for artifact, code in lineage.told:
            findings.append(Finding(code, "a parent", artifact=artifact,
                                    rule="verification.md#ver-95"))
        return classes
    except Nothing as nothing:  # cls-27
        if not any(one.code == nothing.code for one in findings):
            findings.append(Finding(nothing.code, "an ancestor is made from itself, or too far",
                                    rule="classification.md#cls-27"))
        return None


def judge_rebuilds(statement, files, classes, inputs, policy, findings, report):
    """reb-60 to reb-66, pol-20."""
    told = open_rebuilds(inputs.rebuilds, statement, files.covered, inputs, findings)
    judge_grades(told, findings)
    manifest, found = statement.document["predicate"], "asserted"
    if classes:
        found = linkage(told, manifest, classes.reached, policy)
        report["class"]["linkage"] = found
    if policy.rebuilds and found == "asserted":
        findings.append(Finding("rebuild-missing", "too few", rule="policy.md#pol-20"))


def hold_class(classes, options, policy, findings):
    """ver-58, ver-80, ver-81."""
    def add(code, rule):
        findings.append(Finding(code, "the rung that is asked for", rule=f"verification.md#{rule}"))
    wanted = options.require or policy.require  # pol-10
    if policy.require_mof and classes:  # pol-11
        low, high = classes.mof
        if not 0 < low <= policy.require_mof:
            possible = 0 < high <= policy.require_mof
            add("class-unproven" if possible else "class-impossible", "ver-81")
    if wanted:
        code = held_against_name(classes, wanted)
        if code:
            add(code, "ver-58" if code == "class-unjudged" else "ver-81")
    elif classes and options.policy is None:
        weights = [WEIGHT[policy.severity_of(one)] for one in findings]
        code = held_against_claim(classes, max(weights, default=0))
        if code:
            add(code, "ver-80")


def held_against_name(classes, name):
    for chain, names in (("a", NAMES_A), ("f", NAMES_F)):
        if classes and name and name in names:
            low, high = getattr(classes.seen, chain)
            rung = names.index(name)
            return "class-impossible" if high < rung else "class-unproven" if low < rung else None
    return "class-unjudged"


def held_against_claim(classes, heaviest):
    """The code of the chain of freedom, else of the other; `heaviest` is the heaviest so far."""
    for chain in ("f", "a"):
        (low, high), claimed = getattr(classes.seen, chain), getattr(classes.claimed, chain)[0]
        if claimed > high and heaviest < WEIGHT["error"]:
            return "class-impossible"
        if claimed > low and heaviest < WEIGHT["incomplete"]:
            return "class-unproven"
    return None


def judge_indexes(manifest, files, inputs, findings):
    """ver-26, its last sentence: the indexes of artifacts. Returns their dirHashes."""
    hashes = {}
    for artifact in manifest.get("artifacts", []):
        if "index" in artifact and inputs.target:
            try:
                entries = index_of(inputs.target, artifact["index"], of_release=False)
            except Refused as refused:
                findings.append(refused.finding)
                continue
            findings += check_artifact_index(artifact, entries, files.covered)
            hashes[artifact["id"]] = hash_of(entries)
    return hashes


# --- step 8: verdict and report

def write_report(report, findings, policy):
    for one in findings:
        one.severity = policy.severity_of(one)  # ver-60
    findings = sorted(findings, key=lambda one: (
        -WEIGHT[one.severity], CODES[one.code].order, one.artifact or "", one.path or ""))
    if any(CODES[one.code].group == "input" for one in findings):
        verdict = "error"
    else:
        heaviest = max((WEIGHT[one.severity] for one in findings), default=0)
        verdict = {3: "fail", 2: "incomplete"}.get(heaviest, "pass")  # ver-61
    listed = [{key: value for key, value in (
        ("code", one.code), ("severity", one.severity), ("artifact", one.artifact),
        ("path", one.path), ("message", one.message), ("help", CODES[one.code].help),
        ("rule", f"spec/v0.1/{one.rule or f'findings.md#{one.code}'}")) if value is not None}
        for one in findings]
    return {"_type": "https://fullsource.dev/report/v0.1", "verdict": verdict, **report,
            "findings": listed, "notChecked": NOT_CHECKED}


def describe(report, statement, inputs):
    """rep-2, rep-3."""
    stated = statement.document["predicate"]["release"]
    report["statement"] = {"sha256": statement.id}
    report["release"] = {"name": stated["name"], "producer": stated["producer"]["name"]} | {
        name: value for name, value in (("version", stated.get("version")),
                                        ("producerUri", stated["producer"].get("uri"))) if value}
    for key in statement.signing:
        counts = inputs.trust.state(key) == "counts"
        vouches = inputs.trust.vouches_as_producer(key, stated["producer"].get("uri"))
        report["signers"].append({
            "keyId": key.id, "keyType": key.type,
            "standing": "none" if not counts else "producer" if vouches else "observer"})


# --- documents by themselves, and the command line

def check_document(options):
    """ver-66."""
    findings = []
    try:
        data = read_file(options.check, 256 * MIB, "target-unreadable")
        findings += violations_of(options.kind or kind_of(options.check, data), data)
    except Refused as refused:
        findings.append(refused.finding)
    report = write_report({"signers": [], "artifacts": []}, findings, BUILT_IN["default"])
    if report["verdict"] == "error" and not any(
            one.code == "target-unreadable" for one in findings):
        report["verdict"] = "fail"
    return report


def kind_of(name, data):
    """What a document is follows from its contents."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        document = None
    if name.endswith(".toml"):
        return "policy"
    if not isinstance(document, dict):
        return "manifest"
    if document.keys() & {"mediaType", "payload"}:
        return "bundle"
    if "_type" not in document:
        return "manifest"
    return "evidence" if document["_type"] == TYPES["evidence"] else "statement"


def violations_of(kind, data):
    if kind == "manifest":
        document = json_profile.parse(data, "manifest-malformed")
        check_manifest(document, strict=True)
        return violations(document)
    if kind == "statement":
        document = open_statement(data, strict=True)
        found = violations(document["predicate"]) + index_violations(document)
        if not found and "index" not in document["predicate"].get("tree", {}):
            found = coverage_violations(document, covered_by_subjects(document))
        return found
    if kind == "bundle":
        return violations_of("statement", read_envelopes(data)[0].payload)
    if kind == "evidence":
        nobody = Trust([], [], Revoked(), None)
        evidence_file.read_evidence(data, nobody, accepted=False, strict=True)
    else:
        read_policy(data)
    return []


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", nargs="?")
    for name in ("trust", "revoked", "statement", "statement-id", "expect", "evidence", "check",
                 "kind", "require"):
        parser.add_argument(f"--{name}")
    for name in ("key", "bundle", "rebuild"):
        parser.add_argument(f"--{name}", action="append", default=[])
    parser.add_argument("--threshold", type=threshold, default=1)
    parser.add_argument("--digests", choices=("all", "sha256", "blake3"), default="all")
    parser.add_argument("--policy")
    parser.add_argument("--accept-evidence", action="store_true")
    parser.add_argument("--now", type=instant, default=datetime.now(timezone.utc))
    return parser.parse_args(arguments)


def threshold(value):
    if int(value) < 1:
        raise ValueError
    return int(value)  # trust-18


def instant(value):
    if not value.endswith("Z"):
        raise ValueError
    return datetime.fromisoformat(value)


if __name__ == "__main__":
    sys.exit(main())
