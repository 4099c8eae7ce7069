"""Runs the program on a case, twice (as people and as programs read it), and says what is wrong."""

import json
import os
import re
import subprocess
import tempfile
import time
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from corpus import Case, Judgement
from place import SECRET, Place

# What no terminal may be sent: controls other than a newline, and what turns the direction of text.
FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass
class Ended:
    exit: int
    out: str
    err: str
    seconds: float
    mebibytes: float


def judged(case: Case, program: Path) -> Judgement:
    judgement = Judgement(case)
    with tempfile.TemporaryDirectory(prefix="hostile-") as directory:
        place = Place(Path(directory), program)
        try:
            line = case.make(place)
            outside = snapshot(place)
            judge_forms(judgement, place, line)
            if snapshot(place) != outside:
                judgement.faults.append("a file outside the release is no longer what it was")
        finally:
            place.close()
    return judgement


def judge_forms(judgement: Judgement, place: Place, line: list[str]) -> None:
    text = ended(place, line, judgement.case)
    check(judgement, text, "text")
    shown = text.out + text.err
    judgement.faults += [f"does not say `{said}`" for said in judgement.case.says if said not in shown]
    if line[0] == "verify" and "--format" not in line:
        report = ended(place, [*line, "--format", "json"], judgement.case)
        check(judgement, report, "json")
        check_findings(judgement, report)
    if judgement.faults:
        judgement.faults.append(f"it said:\n{shown}")


def check(judgement: Judgement, run: Ended, form: str) -> None:
    """What holds of every case."""
    case, faults = judgement.case, judgement.faults
    if run.exit != case.exit:
        faults.append(f"{form}: exit {run.exit} instead of {case.exit}")
    if "panicked at" in run.err:
        faults.append(f"{form}: it panicked")
    if SECRET in run.out + run.err:
        faults.append(f"{form}: it shows a file from outside the release")
    if found := FORBIDDEN.search(run.out + run.err):
        name = unicodedata.name(found[0], repr(found[0]))
        faults.append(f"{form}: it sends {name} to a terminal")
    if run.mebibytes > case.mebibytes:
        faults.append(f"{form}: {run.mebibytes:.0f} MiB of memory, more than {case.mebibytes}")
    judgement.seconds = max(judgement.seconds, run.seconds)
    judgement.mebibytes = max(judgement.mebibytes, run.mebibytes)


def check_findings(judgement: Judgement, run: Ended) -> None:
    try:
        report = json.loads(run.out)
    except ValueError as error:
        judgement.faults.append(f"json: no report: {error}")
        return
    found = {finding["code"] for finding in report["findings"]}
    missing = [code for code in judgement.case.finds if code not in found]
    if missing:
        judgement.faults.append(f"json: no {missing} among {sorted(found)}")
    if (report["verdict"] == "pass") != (run.exit == 0):
        judgement.faults.append(f"json: verdict {report['verdict']} with exit {run.exit}")


def ended(place: Place, line: list[str], case: Case) -> Ended:
    """One run to its end, with what it cost."""
    start = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        command = ["timeout", "-k", "1", str(case.seconds), place.program, *line]
        child = subprocess.Popen(
            command, cwd=place.root, env=place.environment(), stdin=subprocess.DEVNULL, stdout=out, stderr=err
        )
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - start
        texts = [read(file) for file in (out, err)]
    return Ended(child.returncode, *texts, seconds, usage.ru_maxrss / 1024)


def read(file) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "backslashreplace")


def snapshot(place: Place) -> dict[str, tuple[int, int, int]]:
    """Every entry below the place that no run may change."""
    found = {}
    for directory, names, files in os.walk(place.root):
        if directory == str(place.root):
            names[:] = [name for name in names if name not in ("cache", "home", "writable")]
        for name in names + files:
            path = os.path.join(directory, name)
            stat = os.lstat(path)
            found[path] = (stat.st_mode, stat.st_size, stat.st_mtime_ns)
    return found
