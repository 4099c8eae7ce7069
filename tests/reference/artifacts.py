"""The sources that the manifest lists (verification.md, step 7)."""

import re
from decimal import Decimal

from digest import compare_digests, known_digests
from files import git_tree_of
from findings import CODES, Finding
from loading import class_of
from locator import is_gated
from manifest import has_cycle, locators_of, selectors
from statement import agrees, selected, stated_digests

THERE = ("verified", "gated", "metadata", "partial", "unchecked")  # ver-70
MALFORMED = ("header-fault", "shape-mismatch", "pickle-unread")  # ver-76
NAMES = ("names-base-model", "names-dataset", "names-tokenizer")  # ver-77

BEST_FIRST = ("verified", "gated", "mismatch", "metadata", "partial", "unchecked", "unreachable",
              "closed")  # ver-50


def both_code_and_data(artifacts, digests):
    """ver-73: the ids of artifacts that are code and data at once."""
    groups = {}
    for one in artifacts:
        keys = [("id", one["id"])] + [digest for digest in digests[one["id"]].items()
                                      if digest[0] != "gitCommit"]
        keys += [("files", tuple(selectors(one)))] if selectors(one) else []
        for key in keys:
            groups.setdefault(key, []).append(one)
    both = set()
    for same in groups.values():
        kinds = [{role.split(".")[0] for role in one["roles"]} & {"code", "data"} for one in same]
        if set().union(*kinds) == {"code", "data"}:
            both |= {one["id"] for one, kind in zip(same, kinds) if kind}
    return both


def listed(manifest, value):
    """ver-77: whether something is listed under a name."""
    release = manifest["release"]
    known = [release["name"], release.get("uri", "")]
    for one in manifest.get("artifacts", []):
        known += [one["id"], one.get("name", ""), *locators_of(one),
                  *locators_of(one.get("statement", {}))]
    parts = {part.removesuffix(".git") for text in known
             for part in re.split("[/@?]", text.split("#")[0].lower()) if part}
    return value.lower().rsplit("/", 1)[-1] in parts


class Artifacts:
    def __init__(self, target, manifest, files, indexes, evidence, findings, elsewhere=False):
        self.elsewhere = elsewhere  # the release of a parent (ver-92)
        self.target, self.manifest = target, manifest
        self.files, self.indexes = files, indexes
        self.evidence, self.findings = evidence, findings
        self.vouched = evidence is not None and evidence.vouched
        self.outputs = {name for stage in manifest.get("stages", []) for name in stage["outputs"]}

    def add(self, code, message, rule, artifact=None, path=None, severity=None):
        self.findings.append(
            Finding(code, message, path, artifact, severity, f"verification.md#{rule}"))

    def judge(self):
        """The status of each artifact."""
        self.judge_weights()
        if has_cycle(self.manifest):
            self.add("stage-cycle", "a model depends on itself", "ver-57")
        statuses, artifacts = {}, self.manifest.get("artifacts", [])
        judged = [self.status(artifact) for artifact in artifacts]
        told = [self.speaking(artifact) for artifact in artifacts]
        twins = self.code_and_data(artifacts)
        for artifact, (status, code, rule), spoken in zip(artifacts, judged, told):
            if status in THERE:
                twin = artifact["id"] in twins
                status, code, rule = self.inside(artifact, spoken, twin) or (status, code, rule)
            statuses[artifact["id"]] = status
            if code:
                self.add(code, f"its status is {status}", rule, artifact["id"])
            self.note_facts(artifact, spoken)
        self.judge_names(artifacts, told)
        return statuses

    def speaking(self, artifact):
        """ver-70: the observations that speak of an artifact."""
        claimed = known_digests(artifact.get("digest"))
        if selectors(artifact):
            claimed = stated_digests(artifact, self.files.covered) | claimed
        places = {*locators_of(artifact), "files"}
        return [seen for place, seen in self.observations(artifact).items()
                if place in places and seen["status"] in ("seen", "partial")
                and compare_digests(claimed, seen.get("digests")) != "differs"]

    def code_and_data(self, artifacts):
        """ver-73: the ids of artifacts that are said to be both."""
        digests = {}
        for artifact in artifacts:
            digests[artifact["id"]] = known_digests(artifact.get("digest"))
            if selectors(artifact) and selected(artifact, self.files.covered):
                digests[artifact["id"]] |= stated_digests(artifact, self.files.covered)
        return both_code_and_data(artifacts, digests)

    def inside(self, artifact, spoken, twin):
        """ver-71 to ver-74: what its content makes of it."""
        kinds = {fact["kind"] for seen in spoken for fact in seen.get("facts", [])}
        if "hollow" in kinds:
            return "placeholder", "artifact-placeholder", "ver-71"
        if twin:
            return "placeholder", "artifact-placeholder", "ver-73"
        sizes = [seen["size"] for seen in spoken if "size" in seen]
        for stage in self.manifest.get("stages", []) if sizes else []:
            for used in stage.get("data", []):
                if isinstance(used, str) or used["artifact"] != artifact["id"] \
                        or "tokens" not in used or "compressed" in kinds:
                    continue
                epochs = max(Decimal(used.get("epochs", 1)), Decimal(1))
                if Decimal(used["tokens"]) > max(sizes) * epochs:
                    return "placeholder", "artifact-placeholder", "ver-74"
        if kinds & {"lfs-pointers", "submodule"}:
            return "partial", "artifact-unchecked", "ver-72"
        return None

    def note_facts(self, artifact, spoken):
        """ver-75, ver-76."""
        kinds = {fact["kind"] for seen in spoken for fact in seen.get("facts", [])}
        if "commit-unplaced" in kinds - {"commit-unreachable"} \
                and "commit-unreachable" not in kinds:
            self.add("commit-unreachable", "nobody knows which branch has it", "ver-75",
                     artifact["id"], severity="note")
        for code, meant, rule in (("commit-unreachable", {"commit-unreachable"}, "ver-75"),
                                  ("content-malformed", set(MALFORMED), "ver-76"),
                                  ("pickle-code", {"pickle-import"}, "ver-76")):
            if kinds & meant:
                self.add(code, "its content says so", rule, artifact["id"])

    def judge_names(self, artifacts, told):
        """ver-77."""
        said = {}
        for artifact, spoken in zip(artifacts, told):
            code = all(role.startswith(("code.", "env.")) for role in artifact["roles"])
            for fact in [fact for seen in spoken for fact in seen.get("facts", [])]:
                if fact["kind"] in NAMES:
                    key = fact["kind"], fact["value"]
                    said[key] = said.get(key, True) and code
        for (_, value), only_code in sorted(said.items()):
            if not listed(self.manifest, value):
                self.add("source-undeclared", f"`{value}` is not listed", "ver-77",
                         severity="note" if only_code else None)

    def pin(self, artifact, seen):
        """ver-78: how what a locator pins by itself compares."""
        uri = seen["locator"]
        sha256 = next((one.get("sha256") for one in artifact.get("locators", [])
                       if not isinstance(one, str) and one["uri"] == uri), None)
        whole = seen.get("served", seen.get("digests", {}))
        if uri.startswith("git+"):
            claimed = uri.split("#")[0].rsplit("@", 1)[1]
            observed = seen.get("digests", {}).get("gitCommit")
        elif uri.startswith("oci:"):
            claimed, observed = uri.rsplit(":", 1)[1], whole.get("sha256")
        elif sha256:
            claimed, observed = sha256, whole.get("sha256")
        else:
            return "equal"
        if observed is None:
            by_bytes = seen.get("strength", "bytes") == "bytes" and "digests" in seen
            return "partly" if by_bytes else "equal"
        return "equal" if observed == claimed else "differs"

    def judge_weights(self):
        """ver-46."""
        claimed = {path for artifact in self.manifest.get("artifacts", [])
                   if any(role.startswith("weights.") for role in artifact["roles"])
                   for path in selected(artifact, self.files.covered)}
        for path in self.files.covered:
            if class_of(path) == "weights" and path not in claimed:
                self.add("weights-unclaimed", "no artifact has it", "ver-46", path=path)

    def status(self, artifact):
        """ver-47: the status, and the finding that goes with it."""
        availability = artifact.get("availability")
        if availability in ("withheld", "recipe-only"):
            code = "artifact-withheld" if availability == "withheld" else None
            return availability, code, "ver-51"
        if selectors(artifact):
            return self.status_of_files(artifact)
        if artifact["id"] in self.outputs and not any(
                artifact.get(key) for key in ("locators", "digest")):
            return "internal", None, None
        return self.status_of_locators(artifact)

    def status_of_files(self, artifact):
        paths = selected(artifact, self.files.covered)
        if not paths:  # the file index was not there to be read
            return "unchecked", None, None
        if not agrees(artifact, self.files.covered):
            return "mismatch", "artifact-mismatch", "ver-47"
        if self.elsewhere:
            return self.status_of_locators(artifact)
        if paths.keys() & self.files.contradicted:
            return "mismatch", None, None
        if not paths.keys() <= self.files.intact:
            return "unchecked", None, None
        claimed = known_digests(artifact.get("digest"))
        told = stated_digests(artifact, self.files.covered)
        of_files = self.observations(artifact).get("files", {}).get("digests", {})
        if tree := git_tree_of(self.target, artifact):
            told["gitTree"] = tree
        if compare_digests(claimed, of_files) == "differs" \
                or compare_digests(claimed, told) == "differs":
            return "mismatch", "artifact-mismatch", "ver-47"
        found = compare_digests(claimed, (of_files if self.vouched else {}) | told)
        if claimed and found == "weak":
            return "unchecked", "artifact-weak", "ver-47"
        if claimed and found == "partly":
            # ver-49: what only evidence tells that nobody vouches for has no finding of its own
            silent = compare_digests(claimed, of_files | told) == "equal"
            return "unchecked", None if silent else "artifact-unchecked", "ver-47"
        self.warn_of_mismatch(artifact)
        return "verified", None, None

    def status_of_locators(self, artifact):
        """ver-50, ver-51."""
        outcomes = self.outcomes(artifact)
        for best in BEST_FIRST:
            codes = [code for outcome, code in outcomes if outcome == best]
            if codes:
                if best in ("verified", "gated"):
                    self.warn_of_mismatch(artifact)
                return best, min(filter(None, codes), default=None,
                                 key=lambda code: CODES[code].order), "ver-48"
        if outcomes and len(outcomes) == len(self.places(artifact)):
            return "absent", "artifact-absent", "ver-50"
        return "unchecked", "artifact-unchecked", "ver-50"

    def warn_of_mismatch(self, artifact):
        """ver-52."""
        if "mismatch" in dict(self.outcomes(artifact)):
            self.add("artifact-mismatch", "another of its locators has something else",
                     "ver-52", artifact["id"], severity="warning")

    def outcomes(self, artifact):
        """The outcome and finding of each of its locators that was observed."""
        seen = self.observations(artifact)
        return [self.outcome(artifact, seen[uri])
                for uri in sorted(self.places(artifact)) if uri in seen]

    def places(self, artifact):
        beside = {"files"} if self.elsewhere and selectors(artifact) else set()
        return beside | set(locators_of(artifact))

    def observations(self, artifact):
        return self.evidence.observations(artifact["id"]) if self.evidence else {}

    def outcome(self, artifact, seen):
        """ver-48, ver-49: the outcome of one observation, and its finding."""
        claimed = known_digests(artifact.get("digest"))
        if self.elsewhere and seen["locator"] == "files":
            claimed = stated_digests(artifact, self.files.covered) | claimed
        if artifact["id"] in self.indexes:
            claimed.setdefault("dirHash", self.indexes[artifact["id"]])
        if seen["status"] == "skipped":
            return "unchecked", "artifact-unchecked"
        if seen["status"] == "absent":
            return "absent", "artifact-absent"
        if seen.get("sample", {}).get("differing") and seen["status"] == "partial":
            return "mismatch", "artifact-mismatch"
        if seen["status"] != "seen":
            return seen["status"], "artifact-unchecked"
        found = compare_digests(claimed, seen.get("digests"))
        if found == "differs" or {"size"} <= artifact.keys() & seen.keys() \
                and artifact["size"] != seen["size"] or self.pin(artifact, seen) == "differs":
            return "mismatch", "artifact-mismatch"
        if seen.get("strength") == "metadata":
            return ("metadata", "artifact-unchecked") if self.vouched else ("unchecked", None)
        if not claimed:
            return "unchecked", "artifact-undigested"
        if self.pin(artifact, seen) == "partly":
            return "unchecked", "artifact-unchecked"
        if found in ("partly", "weak"):
            return "unchecked", "artifact-unchecked" if found == "partly" else "artifact-weak"
        gated = seen.get("access") == "credential" or is_gated(seen["locator"],
                                                               seen.get("endpoint"))
        return ("gated" if gated else "verified") if self.vouched else "unchecked", None
