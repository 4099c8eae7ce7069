"""Parents, by their own signed statements (classification.md, cls-27 and cls-52 to cls-56)."""

import hashlib

import licences
from artifacts import Artifacts
from classification import Parent, Seen, YES, classify
from digest import is_strong, known_digests
from envelope import pae, read_envelopes
from evidence import Evidence
from files import Files
from file_index import read_index
from findings import Refused
from loading import class_of
from manifest import has_cycle, selectors, violations
from statement import (TYPES, coverage_violations, covered_by_subjects, index_violations,
                       open_statement, selected, stated_digests)
from trust import Trust

GENERATIONS, STATEMENTS = 64, 1000  # lim-16, lim-17


class Nothing(Exception):
    """cls-27: nothing is said, and the code why."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def seen_of(artifacts, statuses, covered):
    """What `Artifacts` has found, as the class wants it."""
    facts = {}
    for one in artifacts.manifest.get("artifacts", []):
        spoken = artifacts.speaking(one)
        facts[one["id"]] = [fact for seen in spoken for fact in seen.get("facts", [])]
    claimed = {path for one in artifacts.manifest.get("artifacts", [])
               if any(role.startswith("weights.") for role in one["roles"])
               for path in selected(one, covered)}
    unclaimed = any(class_of(path) == "weights" and path not in claimed for path in covered)
    return Seen(statuses, facts, artifacts.vouched, unclaimed)


def digests_of(artifact, covered):
    files = selectors(artifact) and selected(artifact, covered)
    return (stated_digests(artifact, covered) if files else {}) | known_digests(
        artifact.get("digest"))


class Lineage:
    """The statements that the evidence has beside the one that is judged."""

    def __init__(self, evidence, trust):
        self.evidence, self.known, self.classes, self.seen = evidence, {}, {}, {}
        self.told = []  # ver-95: artifacts of the target, and the codes that they give
        # A key that is given by itself vouches for the target alone (cls-53, trust-10).
        self.trust = Trust([], trust.entries, trust.revoked, trust.now)
        for one in evidence.document.get("parents", []) if evidence else []:
            self.known.setdefault(one["statement"]["sha256"], one)

    def classify(self, manifest, seen, by_producer, covered, above=()):
        """cls-27."""
        if has_cycle(manifest):
            raise Nothing("stage-cycle")
        parents = {}
        for one in models_elsewhere(manifest):
            name = one.get("statement", {}).get("sha256") or self.local(one, covered, above)
            if name:
                parents[one["id"]] = self.parent(one, name, digests_of(one, covered), above)
        classes = classify(manifest, seen, by_producer, parents)
        if not above:  # ver-96
            self.told += [(model, "parent-mismatch") for model in classes.false_starts]
        return classes

    def local(self, artifact, covered, above):
        """ver-94: the document that was written for a model of which nobody named a statement."""
        for name, entry in self.known.items():
            opened = self.open(name) if "local" in entry and self.evidence.vouched else None
            if not opened:
                continue
            wanted = entry["local"].get("artifacts", [])
            state, _ = self.held(
                artifact, digests_of(artifact, covered), opened[0], entry)
            if artifact["id"] in wanted and not above and state != "differs" \
                    or not wanted and "digest" in artifact and state == "equal":
                return name
        return None

    def tell(self, artifact, name, above, code):
        if code and not above:
            self.told.append((artifact["id"], code))

    def lost(self, name):
        """ver-95: nobody has the statement."""
        looks = self.known.get(name, {}).get("observations", [])
        gone = looks and all(one["status"] in ("absent", "seen") for one in looks)
        return "parent-absent" if gone else "parent-unchecked"

    def parent(self, artifact, name, digests, above):
        """cls-52, ver-95."""
        opened = self.open(name)
        if opened is None:
            self.tell(artifact, name, above, self.lost(name))
            return Parent()
        document, by_producer, entry = opened
        state, meant = self.held(artifact, digests, document, entry)
        named = "statement" in artifact
        if state == "differs":
            self.tell(artifact, name, above, "parent-mismatch")
            return Parent(contradicts=True)
        if state == "unknown" and named:
            self.tell(artifact, name, above, "parent-unchecked")
            return Parent()
        if not by_producer:
            self.tell(artifact, name, above,
                      "parent-local" if "local" in entry else "parent-untrusted")
        classes = self.judge(name, document, by_producer, entry, above)
        told = [self.seen[name].facts[one["id"]] for one in the_models(
            document["predicate"], artifact.get("statement", {}).get("artifact"))]
        return Parent(classes, outputs=licences.outputs(meant) if meant else YES, facts=told)

    def held(self, artifact, digests, document, entry):
        """cls-52: how the bytes compare, and the model that is meant."""
        covered = covered_by(document, entry)
        models = the_models(document["predicate"], artifact.get("statement", {}).get("artifact"))
        states = [(self.compared(digests, digests_of(one, covered)), one) for one in models]
        for wanted in ("equal", "unknown", "differs"):  # of several one suffices
            for state, meant in states:
                if state == wanted:
                    return state, meant
        return "unknown", None

    @staticmethod
    def compared(digests, theirs):
        both = digests.keys() & theirs.keys()
        if any(digests[name] != theirs[name] for name in both):
            return "differs"
        if digests and not any(is_strong(name, digests[name]) for name in both):
            return "unknown"
        return "equal"

    def judge(self, name, document, by_producer, entry, above):
        if name in above:
            raise Nothing("stage-cycle")
        if len(above) >= GENERATIONS or len(self.classes) >= STATEMENTS:
            raise Nothing("limit-exceeded")
        if name not in self.classes:
            manifest, covered = document["predicate"], covered_by(document, entry)
            nobody_looked = Files(covered, None, [], set(), [])
            its_own = Evidence({"artifacts": entry.get("artifacts", [])}, self.evidence.vouched)
            artifacts = Artifacts(None, manifest, nobody_looked, {}, its_own, [], True)
            seen = seen_of(artifacts, artifacts.judge(), covered)
            self.seen[name] = seen
            self.classes[name] = self.classify(manifest, seen, by_producer, covered,
                                               (*above, name))
        return self.classes[name]

    def open(self, name):
        """The document of a statement, whether its producer signed it, and what was seen."""
        entry = self.known.get(name)
        if entry is None or name in self.trust.revoked.statements:
            return None
        try:
            text = entry.get("envelope", "").encode()
            if hashlib.sha256(text).hexdigest() == name:  # by itself
                return self.checked(open_statement(text), [], entry)
            envelopes = [one for one in read_envelopes(text)
                         if hashlib.sha256(one.payload).hexdigest() == name
                         and one.payload_type == TYPES["payload"]]
            if not envelopes:
                return None
            return self.checked(open_statement(envelopes[0].payload), envelopes, entry)
        except Refused:
            return None

    def checked(self, document, envelopes, entry):
        if violations(document["predicate"]) or index_violations(document) \
                or "index" not in document["predicate"].get("tree", {}) \
                and coverage_violations(document, covered_by_subjects(document)):
            return None
        return document, self.is_producers(document, envelopes), entry

    def is_producers(self, document, envelopes):
        """cls-53."""
        uri = document["predicate"]["release"]["producer"].get("uri")
        return any(self.trust.state(key) == "counts"
                   and self.trust.vouches_as_producer(key, uri)
                   and key.verifies(signature, pae(one.payload_type, one.payload))
                   for one in envelopes for key in self.trust.keys
                   for signature in one.signatures)


def covered_by(document, entry):
    """ver-97: the files that a parent's statement covers, as far as they are known."""
    ref = document["predicate"].get("tree", {}).get("index")
    if ref is None:
        return covered_by_subjects(document)
    try:
        covered = read_index(entry.get("index", "").encode(), ref, of_release=True)
    except Refused:
        return {}
    return {} if coverage_violations(document, covered) else covered


def models_elsewhere(manifest):
    """cls-56."""
    made = {name for stage in manifest.get("stages", []) for name in stage["outputs"]}
    used = {model["artifact"] for stage in manifest.get("stages", [])
            for model in stage.get("models", [])}
    for one in manifest.get("artifacts", []):
        used.update(one.get("generatedBy", []))
    return [one for one in manifest.get("artifacts", []) if one["id"] in used - made]


def the_models(manifest, name):
    """Which artifacts of its own statement a model may be."""
    return [one for one in manifest.get("artifacts", [])
            if (one["id"] == name if name else "weights.final" in one["roles"])]
