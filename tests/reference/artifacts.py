"""The sources that the manifest lists (verification.md, step 7)."""

from digest import compare_digests, known_digests
from files import git_tree_of
from findings import CODES, Finding
from loading import class_of
from locator import is_gated
from manifest import has_cycle, locators_of, selectors
from statement import agrees, selected, stated_digests

BEST_FIRST = ("verified", "gated", "mismatch", "metadata", "partial", "unchecked", "unreachable",
              "closed")  # ver-50


class Artifacts:
    def __init__(self, target, manifest, files, indexes, evidence, findings):
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
        statuses = {}
        for artifact in self.manifest.get("artifacts", []):
            status, code, rule = self.status(artifact)
            statuses[artifact["id"]] = status
            if code:
                self.add(code, f"its status is {status}", rule, artifact["id"])
        return statuses

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
        if outcomes and len(outcomes) == len(set(locators_of(artifact))):
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
                for uri in sorted(set(locators_of(artifact))) if uri in seen]

    def observations(self, artifact):
        return self.evidence.observations(artifact["id"]) if self.evidence else {}

    def outcome(self, artifact, seen):
        """ver-48, ver-49: the outcome of one observation, and its finding."""
        claimed = known_digests(artifact.get("digest"))
        if artifact["id"] in self.indexes:
            claimed.setdefault("dirHash", self.indexes[artifact["id"]])
        if seen["status"] == "skipped":
            return "unchecked", "artifact-unchecked"
        if seen["status"] == "absent":
            return "absent", "artifact-absent"
        if seen["status"] != "seen":
            return seen["status"], "artifact-unchecked"
        found = compare_digests(claimed, seen.get("digests"))
        if found == "differs" or {"size"} <= artifact.keys() & seen.keys() \
                and artifact["size"] != seen["size"]:
            return "mismatch", "artifact-mismatch"
        if seen.get("strength") == "metadata":
            return ("metadata", "artifact-unchecked") if self.vouched else ("unchecked", None)
        if not claimed:
            return "unchecked", "artifact-undigested"
        if found in ("partly", "weak"):
            return "unchecked", "artifact-unchecked" if found == "partly" else "artifact-weak"
        gated = seen.get("access") == "credential" or is_gated(seen["locator"],
                                                               seen.get("endpoint"))
        return ("gated" if gated else "verified") if self.vouched else "unchecked", None
