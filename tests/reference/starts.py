"""Models that an output cannot have been made from (classification.md, cls-58)."""

import re

TUNING = ("sft", "preference", "rl")
VALUE = re.compile(r"(.+) ([1-9][0-9]{0,15})x([1-9][0-9]{0,15})", re.DOTALL | re.ASCII)


def layers_of(facts):
    """evd-20: shapes by the names of matrices."""
    layers = {}
    for fact in facts:
        told = fact["kind"] == "tensor-shape" and VALUE.fullmatch(fact["value"])
        if told:
            layers.setdefault(told[1], set()).add((int(told[2]), int(told[3])))
    return layers


def other_layers(one, two):
    return any(not any(go_together(a, b) for a in one[name] for b in two[name])
               for name in one.keys() & two.keys())


def go_together(one, two):
    return any(one[i] == two[i] and 0 in (one[1 - i] % two[1 - i], two[1 - i] % one[1 - i])
               for i in (0, 1))


def tunes(stage):
    return stage["kind"] in TUNING and "init" not in stage


def false_starts(judge, facts, elsewhere):
    """The ids of stages with a false start. `elsewhere`: lists of facts, by model."""
    known = {name: layers_of(told) for name, told in facts.items()}

    def behind(stage, met):
        """The layers of all that it starts from; {} stands for one of which nothing is known."""
        for name in judge.starts(stage):
            if name in met:
                continue
            met.add(name)
            maker = judge.maker.get(name)
            if known.get(name):
                yield known[name]
            elif maker is None:
                yield from [layers_of(told) for told in elsewhere.get(name, [])] or [{}]
            elif tunes(maker) and judge.starts(maker):
                yield from behind(maker, met)
            else:
                yield {}

    found = set()
    for stage in judge.stages:
        starts = list(behind(stage, set())) if tunes(stage) else []
        if starts and any(all(other_layers(known.get(name, {}), start) for start in starts)
                          for name in stage["outputs"]):
            found.add(stage["id"])
    return found
