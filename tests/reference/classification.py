"""From a statement and what was seen to a class (classification.md, cls-1 to cls-63).

A value is 0 (F), 1 (U) or 2 (T); a *pair* is one on each chain, availability and freedom.
"""

from dataclasses import dataclass, field
from functools import cached_property

import licences
import starts
from artifacts import both_code_and_data, listed
from digest import known_digests
from findings import registry
from licences import F, T, U, category_of
from manifest import locators_of, selectors

STAGE_KINDS = registry("stage-kinds")["kinds"]
TRANSFORMS = ("merge", "quantize", "prune", "convert")
NAMES = ("names-base-model", "names-dataset", "names-tokenizer")
NO, UNKNOWN, YES = (F, F), (U, U), (T, T)
WORTH = {"verified": YES, "gated": (T, F), "closed": (U, F), "metadata": UNKNOWN,
         "partial": UNKNOWN, "unchecked": UNKNOWN, "unreachable": UNKNOWN, "internal": UNKNOWN,
         "absent": NO, "mismatch": NO, "withheld": NO, "recipe-only": NO, "placeholder": NO}
NAMES_A = ("", "weights-available", "recipe-available", "source-available",
           "source-available-transitive")
NAMES_F = ("", "open-weights", "open-recipe", "full-source", "full-source-transitive")


@dataclass
class Seen:
    """What was seen of one statement."""
    statuses: dict  # by artifact, as in ver-47
    facts: dict  # by artifact: facts of what speaks of it (ver-70)
    vouched: bool  # evd-13
    unclaimed: bool  # a weight file belongs to nothing (ver-46)


@dataclass
class Parent:
    """What follows from the statement of a model made elsewhere."""
    classes: "Classes | None" = None  # None: no statement counts
    contradicts: bool = False  # it is about other bytes (cls-52)
    outputs: int = T  # what it says of its own output terms (cls-46)
    facts: list = field(default_factory=list)  # of each artifact that is meant (cls-58)


@dataclass
class Rungs:
    """Established and possible, on each chain."""
    a: tuple
    f: tuple

    def reaches(self, rung):
        """cls-26, as a pair."""
        return tuple(T if low >= rung else F if high < rung else U for low, high in (self.a, self.f))


@dataclass
class Classes:
    seen: Rungs
    claimed: Rungs
    delta: Rungs | None
    mof: tuple  # established and possible
    needs: list = field(default_factory=list)
    false_starts: list = field(default_factory=list)  # models (ver-96)
    reached: list = field(default_factory=list)  # stages (cls-17)


def classify(manifest, seen, by_producer, parents):
    """`parents` has a `Parent` for each model made elsewhere that has a `statement`."""
    judge = Judge(manifest, seen, by_producer, parents)
    needs = list(judge.needs())
    delta = None
    if any(judge.starts_elsewhere(stage) for stage in judge.reached):
        delta = rungs(need for need in needs if not need.of_start)
    claimed = Judge(manifest, None, True, parents, seen)
    return Classes(rungs(needs), rungs(claimed.needs()), delta,
                   (mof_class(judge, T), mof_class(judge, U)), needs,
                   [name for stage in judge.stages if stage["id"] in judge.false_starts
                    for name in judge.starts(stage)],
                   judge.reached)


@dataclass
class Need:
    rung: int
    rule: str
    value: tuple  # a pair
    of_start: bool = False  # left out of the delta (cls-33)


def rungs(needs):
    """cls-1."""
    values = [[YES] for _ in range(4)]
    for need in needs:
        values[need.rung - 1].append(need.value)

    def chain(i):
        each = [min(value[i] for value in rung) for rung in values]
        low = next((k for k in range(4) if each[k] != T), 4)
        high = next((k for k in range(4) if each[k] == F), 4)
        return low, high
    return Rungs(chain(0), chain(1))


def all_of(pairs, none=YES):
    """AND, chain by chain."""
    pairs = list(pairs)
    return (min(a for a, _ in pairs), min(f for _, f in pairs)) if pairs else none


def one_of(pairs):
    """OR, chain by chain; of nothing F."""
    pairs = [NO, *pairs]
    return max(a for a, _ in pairs), max(f for _, f in pairs)


class Judge:
    """The needs of one statement: from what was seen, or as claimed where `seen` is None.

    `statement` is where `unclaimed` is told, which the statement alone tells.
    """

    def __init__(self, manifest, seen, by_producer, parents, statement=None):
        self.manifest, self.seen, self.by_producer = manifest, seen, by_producer
        self.parents = parents
        self.statement = statement or seen
        self.artifacts = {one["id"]: one for one in manifest.get("artifacts", [])}
        self.stages = manifest.get("stages", [])
        self.maker = {name: stage for stage in self.stages for name in stage["outputs"]}
        self.reached = self.reach_stages()
        self.false_starts = seen and starts.false_starts(
            self, seen.facts, {name: parent.facts for name, parent in parents.items()})

    # --- stages

    def reach_stages(self):
        """cls-17."""
        reached, wanted = [], [one["id"] for one in self.with_role("weights.final")]
        while wanted:
            stage = self.maker.get(wanted.pop())
            if stage is not None and stage not in reached:
                reached.append(stage)
                wanted += self.models_of(stage)
        return reached

    def models_of(self, stage, uses=("init", "online")):
        return [one["artifact"] for one in stage.get("models", []) if one["use"] in uses]

    def data_of(self, stage):
        return sorted({one if isinstance(one, str) else one["artifact"]
                       for one in stage.get("data", [])})

    def with_derived(self, names):
        """These data sets, and every one that they were derived from."""
        found, wanted = [], list(names)
        while wanted:
            name = wanted.pop()
            if name not in found:
                found.append(name)
                wanted += self.artifacts[name].get("derivedFrom", [])
        return found

    def starts(self, stage):
        """cls-25, cls-24."""
        return [name for name in dict.fromkeys(self.models_of(stage))
                if name in self.models_of(stage, ("init",))
                or "model.base" in self.artifacts[name]["roles"]]

    def elsewhere(self, names):
        """cls-56."""
        return [name for name in names if name not in self.maker]

    def starts_elsewhere(self, stage):
        return self.elsewhere(self.starts(stage))

    def start_undisclosed(self, stage):
        """cls-25."""
        if self.seen and stage["id"] in self.false_starts:  # cls-58
            return True
        needs_model = stage["kind"] in (*TRANSFORMS, "adapter")
        return not self.starts(stage) and (needs_model or "init" not in stage)

    # --- artifacts

    def with_role(self, role):
        return [one for one in self.artifacts.values() if role in one["roles"]]

    @cached_property
    def named(self):
        """Everything that a stage names in any field."""
        names = set()
        for stage in self.stages:
            for key in ("code", "config", "environment", "outputs"):
                names.update(stage.get(key, []))
            names.update(self.data_of(stage), self.models_of(stage))
            for part in stage.get("segments", []):
                names.update((part["from"], part["to"]))
        return names

    def of_stage(self, stage, role):
        """cls-8."""
        own = {name for key in ("code", "config", "environment") for name in stage.get(key, [])}
        return [one for one in self.with_role(role)
                if one["id"] in own or one["id"] not in self.named]

    def not_applicable(self, role, stage=None):
        """cls-9."""
        return any(one["role"] == role and one.get("stage") in (None, stage and stage["id"])
                   for one in self.manifest.get("notApplicable", []))

    def worth_of_all(self, artifacts, role, none=NO):
        return all_of((self.worth(one, category_of(role)) for one in artifacts), none)

    def role_for(self, stage, role):
        listed = self.of_stage(stage, role)
        return self.worth_of_all(listed, role, YES if self.not_applicable(role, stage) else NO)

    def worth(self, artifact, category):
        """cls-3."""
        exists, public = self.exists_public(artifact)
        licence = licences.value(artifact.get("license"), category)
        return exists, min(exists, public, licence, self.text(artifact))

    def exists_public(self, artifact):
        """cls-4 to cls-6."""
        gated = artifact.get("availability") == "gated"
        if self.seen is None:
            exists, public = self.as_claimed(artifact)
        else:
            status = self.seen.statuses[artifact["id"]]
            exists, public = WORTH[status]
        if artifact["id"] in self.both_code_and_data:
            return NO
        return exists, F if gated else public

    def as_claimed(self, artifact):
        if artifact.get("availability") in ("recipe-only", "withheld"):
            return NO
        there = selectors(artifact) or locators_of(artifact) and known_digests(
            artifact.get("digest"))
        return YES if there else UNKNOWN

    @cached_property
    def both_code_and_data(self):
        """cls-6."""
        claimed = {name: known_digests(one.get("digest")) for name, one in self.artifacts.items()}
        return both_code_and_data(list(self.artifacts.values()), claimed)

    def text(self, artifact):
        """cls-48."""
        if self.seen is None:
            return T
        found = licences.agreement(artifact, self.seen.facts[artifact["id"]])
        if found == T and not self.seen.vouched:  # evd-14
            found = None
        if found is None:
            return T if selectors(artifact) and self.by_producer else U
        return found

    # --- needs

    def needs(self):
        yield from self.weights()
        yield Need(2, "cls-15", (self.closure(),) * 2)
        finals = self.with_role("weights.final")
        yield Need(2, "cls-18", YES if all(one["id"] in self.maker for one in finals) else NO)
        for stage in self.reached:
            if self.start_undisclosed(stage):
                yield Need(1, "cls-25", (T, U), of_start=True)
                yield Need(2, "cls-25", NO, of_start=True)
            for name in self.starts_elsewhere(stage):
                for rung in (2, 3, 4):
                    yield Need(rung, "cls-26", self.reach(name, rung), of_start=True)
            yield from (Need(2, *need) for need in self.recipe(stage))
            yield from (Need(3, *need) for need in self.source(stage))
        yield from (Need(4, *need) for need in self.origin())
        yield from self.beyond()

    def weights(self):
        """Rung 1."""
        finals = self.with_role("weights.final")
        yield Need(1, "cls-10", self.worth_of_all(finals, "weights.final"))
        if self.statement.unclaimed:
            yield Need(1, "cls-10", NO)
        borrowed = self.borrowed(finals)
        for rule, roles in (("cls-11", ["config.model"]), ("cls-11", ["tokenizer.model"]),
                            ("cls-12", ["code.inference", "code.architecture"])):
            listed = [self.worth(one, category_of(role))
                      for role in roles for one in self.with_role(role)]
            if listed:
                yield Need(1, rule, one_of(listed) if len(roles) > 1 else all_of(listed))
            elif len(roles) == 1 and self.not_applicable(roles[0]):
                yield Need(1, "cls-9", YES)
            elif borrowed is not None:
                yield Need(1, "cls-13", borrowed, of_start=True)
            else:
                yield Need(1, rule, NO)
        for stage in self.reached:
            for name in self.starts_elsewhere(stage):
                yield Need(1, "cls-14", (T, self.free_start(name)), of_start=True)

    def borrowed(self, finals):
        """cls-13: the value of what an adapter takes from its model, or None."""
        makers = [self.maker.get(one["id"]) for one in finals]
        if not makers or any(stage is None or stage["kind"] != "adapter"
                             or not self.starts_elsewhere(stage) for stage in makers):
            return None
        return all_of(self.reach(name, 1)
                      for stage in makers for name in self.starts_elsewhere(stage))

    def free_start(self, name):
        """cls-14, cls-30."""
        artifact = self.artifacts[name]
        if artifact.get("availability") == "withheld":
            return min(U, licences.value(artifact.get("license"), "weights"))
        return self.reach(name, 1)[1]

    def closure(self):
        """cls-15, cls-16."""
        stated = self.manifest.get("closure")
        if stated == "partial" or self.seen and self.contradicted():
            return F
        counted = [one for one in self.artifacts.values() if any(
            role in ("weights.final", "doc.model-card", "doc.data-card")
            or role.startswith("config.") for role in one["roles"])]
        read = all(self.exists_public(one)[0] == T for one in counted)
        return T if stated == "complete" and self.by_producer and read else U

    def contradicted(self):
        """cls-16."""
        if self.seen.unclaimed or self.false_starts or any(one.contradicts for one in self.parents.values()):
            return True
        speak = ("weights.final", "config.model", "tokenizer.model", "doc.model-card")
        for one in self.artifacts.values():
            for fact in self.seen.facts[one["id"]] if set(one["roles"]) & {*speak} else []:
                if fact["kind"] in NAMES and not listed(self.manifest, fact["value"]):
                    return True
        return False

    def recipe(self, stage):
        """What a stage needs on rung 2."""
        kind = stage["kind"]
        if kind in TRANSFORMS:
            yield "cls-21", one_of(self.worth_of_all(self.of_stage(stage, role), role)
                                   for role in ("code.transform", "config.transform"))
            return
        if kind not in STAGE_KINDS:
            yield "cls-23", UNKNOWN
        yield "cls-19", self.role_for(stage, "config.training")
        if "noData" in stage:
            programs = [self.worth(one, "code") for role in ("code.training", "code.simulator")
                        for one in self.of_stage(stage, role)]
            yield "cls-19", all_of(programs, NO)
            return
        yield "cls-19", self.role_for(stage, "code.training")
        yield "cls-19", self.role_for(stage, "code.preprocessing")
        yield "cls-20", self.described(stage)

    def described(self, stage):
        """cls-20."""
        told = self.with_role("doc.data-information")
        by_name = {name for one in self.artifacts.values() for name in one.get("documentedBy", [])}
        general = [one for one in told if one["id"] not in by_name]
        if not self.data_of(stage):
            return self.worth_of_all(general, "doc.data-information")
        return all_of(self.worth_of_all(
            general + [one for one in told
                       if one["id"] in self.artifacts[name].get("documentedBy", [])],
            "doc.data-information") for name in self.data_of(stage))

    def source(self, stage):
        """What a stage needs on rung 3."""
        if stage["kind"] not in TRANSFORMS:
            yield "cls-22", YES if self.data_of(stage) or "noData" in stage else NO
        for name in self.data_of(stage):
            yield "cls-31", self.data_set(name)
        for name in self.elsewhere(self.models_of(stage, ("online",))):
            yield "cls-54", self.reach(name, 1)
        for name in self.with_derived(self.data_of(stage)):
            for model in self.artifacts[name].get("generatedBy", []):
                yield "cls-34", (T, self.output_terms(model))
            if self.generator_undisclosed(name):
                yield "cls-35", (T, U)

    def data_set(self, name):
        """cls-31."""
        artifact = self.artifacts[name]
        if not any(role.startswith("data.") and role != "data.index"
                   for role in artifact["roles"]):
            return NO
        return self.worth(artifact, "data")

    def output_terms(self, name):
        """cls-46."""
        own = licences.outputs(self.artifacts[name])
        parent = self.parents.get(name)
        return min(own, parent.outputs) if parent and parent.classes else own

    def generator_undisclosed(self, name):
        """cls-35."""
        artifact = self.artifacts[name]
        models = artifact.get("generatedBy", [])
        return "data.synthetic" in artifact["roles"] and not models or any(
            self.artifacts[model].get("availability") == "withheld"
            for model in self.elsewhere(models))

    def origin(self):
        """Rung 4, but for cls-26 and cls-32."""
        for stage in self.reached:
            yield "cls-39", self.worth_of_all(self.of_stage(stage, "env.lock"), "env.lock")
            for name in self.data_of(stage):
                yield "cls-37", (T, self.content_rights(name))
            for name in self.with_derived(self.data_of(stage)):
                yield "cls-36", self.collected(self.artifacts[name])
                if name not in self.data_of(stage):
                    yield "cls-36", self.data_set(name)
                if self.generator_undisclosed(name):
                    yield "cls-35", NO
                for model in self.elsewhere(self.artifacts[name].get("generatedBy", [])):
                    yield "cls-55", self.reach(model, 3)
            for model in self.elsewhere(self.models_of(stage, ("online",))):
                yield "cls-55", self.reach(model, 3)

    def content_rights(self, name):
        """cls-37."""
        asserted = self.artifacts[name].get("contentRights", "NOASSERTION")
        return F if asserted == "NOASSERTION" else licences.value(asserted, "data")

    def collected(self, artifact):
        """cls-36."""
        def those(names, group):
            return all_of(((self.worth(self.artifacts[name], group) if any(
                role.startswith(f"{group}.") for role in self.artifacts[name]["roles"]) else NO)
                for name in names), NO)
        ways = [those(artifact.get("collectedBy", []), "code")]
        if not artifact.get("generatedBy"):
            ways.append(those(artifact.get("humanAuthored", {}).get("guidelines", []), "doc"))
        return one_of(ways)

    def beyond(self):
        """cls-32."""
        found, wanted = [], list(self.reached)
        while wanted:
            stage = wanted.pop()
            names = [model for name in self.with_derived(self.data_of(stage))
                     for model in self.artifacts[name].get("generatedBy", [])]
            names += [] if stage in self.reached else self.models_of(stage)
            for name in names:
                other = self.maker.get(name)
                if other is not None and other not in self.reached and other not in found:
                    found.append(other)
                    wanted.append(other)
        for stage in found:
            for need in (*self.recipe(stage), *self.source(stage)):
                yield Need(4, "cls-32", need[1])
            if self.start_undisclosed(stage):
                yield Need(4, "cls-32", NO, of_start=True)
            for name in self.starts_elsewhere(stage):
                yield Need(4, "cls-32", self.reach(name, 3), of_start=True)

    # --- models made elsewhere

    def reach(self, name, rung):
        """cls-26 to cls-30, as a pair."""
        artifact, parent = self.artifacts[name], self.parents.get(name)
        if artifact.get("availability") == "withheld":
            return NO
        if parent and parent.classes:
            mine = parent.classes.claimed if self.seen is None else parent.classes.seen
            return mine.reaches(rung)
        worth = self.worth(artifact, "weights")
        if not (known_digests(artifact.get("digest")) or "statement" in artifact
                or selectors(artifact)):
            worth = all_of([UNKNOWN, worth])  # cls-29
        a, f = ((int(value == T), 4 if value != F else 0) for value in worth)
        return Rungs(a, f).reaches(rung)  # cls-28


# --- what is told

def describe(classes):
    """The fields `class` and `frameworks` of a report."""
    def intervals(rungs):
        return {chain: {"established": low, "possible": high} for chain, (low, high) in
                (("availability", rungs.a), ("freedom", rungs.f))}
    told = {"headline": headline(classes.seen), "linkage": "asserted",  # cls-51
            **intervals(classes.seen), "claimed": intervals(classes.claimed)}
    if classes.delta:
        told["delta"] = intervals(classes.delta)
    return {"class": told, "frameworks": frameworks(classes)}


def headline(rungs):
    """cls-50."""
    return (NAMES_F[rungs.f[0]] or NAMES_A[rungs.a[0]]
            or ("unproven" if rungs.a[1] else "closed"))


def frameworks(classes):
    """cls-60 to cls-63."""
    first, second, third = (classes.seen.reaches(rung)[1] for rung in (1, 2, 3))
    words = ("no", "undetermined", "yes")
    if first == F:
        debian = "Non-free"
    elif third == T:
        debian = "Free"
    else:
        debian = "ToxicCandy" if first == T and third == F else "undetermined"
    return {"osaid": {"answer": words[second]}, "debian": {"answer": debian},
            "fsf": {"answer": ("nonfree", "undetermined", "free")[third]},
            "mof": {"class": dict(zip(("established", "possible"), classes.mof))}}


def mof_class(judge, least):
    """cls-63: the class where components with this value are there."""
    def there(role):
        return judge.worth_of_all(judge.with_role(role), role)[1] >= least
    third = all(map(there, ("code.architecture", "weights.final", "eval.results", "doc.model-card",
                            "doc.data-card"))) \
        and (there("doc.technical-report") or there("doc.paper"))
    second = third and all(map(there, ("code.training", "code.inference", "code.evaluation",
                                       "data.evaluation")))
    data = [judge.worth(judge.artifacts[name], "data")[1]
            for stage in judge.reached for name in judge.data_of(stage)]
    silent = any(not judge.data_of(stage) and "noData" not in stage
                 and stage["kind"] not in TRANSFORMS for stage in judge.reached)
    first = second and data and not silent and min(data) >= least and all(
        map(there, ("code.preprocessing", "weights.intermediate", "doc.paper")))
    return 1 if first else 2 if second else 3 if third else 0
