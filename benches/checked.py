"""Measures `fullsource check` against validators of JSON Schema, and counts the instructions of commands."""

import re
import shutil
import subprocess
from pathlib import Path

import documents
from documents import Judged
from measure import Command, Failed, in_turns, peak
from peers import ROOT
from setting import Setting, room, say
from table import Row, pair_row

SCHEMA = ROOT / "schemas" / "manifest.schema.json"
# A validator that has the schema and the documents in one process, as `check` has.
PYTHON = """
import json, sys, jsonschema_rs
schema, *names = sys.argv[1:]
validator = jsonschema_rs.validator_for(json.load(open(schema)))
sys.exit(not all(validator.is_valid(json.load(open(name))) for name in names))
"""
# How much more instructions one artifact may take among many than among few.
STEADY = 1.25


def measured(setting: Setting) -> list[Row]:
    with room(setting, "documents") as place:
        return [*validated(setting, place), *counted(setting, place)]


def validated(setting: Setting, place: Path) -> list[Row]:
    """One large manifest, and many small ones at once."""
    largest, many = setting.scale.artifacts[-1], setting.scale.artifacts[-3]
    large = documents.of_artifacts(place, largest)
    small = [documents.of_artifacts(place / str(nth), 20).manifest for nth in range(many)]
    return [
        *against(setting, f"a manifest of {largest:,} artifacts", [large.manifest]),
        *against(setting, f"{many:,} manifests of 20 artifacts", small),
    ]


def against(setting: Setting, what: str, manifests: list[Path]) -> list[Row]:
    """`check` also knows the rules that no schema can say, and tells what the release claims."""
    say(f"{what}: check")
    ours: Command = [setting.peers.fullsource, "check", *manifests]
    rows = []
    for peer, command in (
        ("jsonschema validate --fast", [setting.peers.jsonschema, "validate", "--fast", SCHEMA, *manifests]),
        ("python: jsonschema_rs", [setting.peers.python, "-c", PYTHON, SCHEMA, *manifests]),
    ):
        pair = in_turns(ours, command, setting.scale.rounds, ROOT)
        rows.append(pair_row(f"{what}: `check`", peer, pair, peak(ours), None))
    return rows


def counted(setting: Setting, place: Path) -> list[Row]:
    """Instructions, which are the same on a busy machine."""
    if not shutil.which("valgrind"):
        say("no valgrind: instructions are not counted")
        return []
    rows = [Row("`--version`: instructions", millions(instructions([setting.peers.fullsource, "--version"])), *[""] * 5, None)]
    for what, ends in (("check", 0), ("judge", 3)):
        each: list[float] = []
        for count in setting.scale.counted:
            say(f"{count:,} artifacts: counting the instructions of {what}")
            total = instructions(command(setting, what, documents.of_artifacts(place, count)), ends)
            each.append(total / count)
            text = f"{millions(total)}, {each[-1]:,.0f} per artifact"
            steady = each[-1] <= STEADY * each[0] if len(each) > 1 else None
            goal = f"≤ {STEADY}× per artifact" if len(each) > 1 else ""
            rows.append(Row(f"{count:,} artifacts, {TOLD[what]}: instructions", text, *[""] * 4, goal, steady))
    return rows


# What is run, in the words of the table.
TOLD = {"check": "parse: `check`", "judge": "judge: `verify --statement --evidence`"}


def command(setting: Setting, what: str, judged: Judged) -> Command:
    """`check` parses a manifest; `verify` of a statement and evidence judges and looks at nothing."""
    if what == "check":
        return [setting.peers.fullsource, "check", judged.manifest]
    given = ["--statement", judged.statement, "--evidence", judged.evidence, "--accept-evidence"]
    return [setting.peers.fullsource, "verify", *given]


def instructions(of: Command, ends: int = 0) -> int:
    """Instructions that a command runs in user space, as callgrind counts them."""
    counter = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *map(str, of)]
    done = subprocess.run(counter, capture_output=True, text=True, check=False)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != ends or not found:
        raise Failed(f"{' '.join(counter)}: exit {done.returncode}\n{done.stderr[-2000:]}")
    return int(found[1])


def millions(count: int) -> str:
    return f"{count / 1e6:,.1f} million"
