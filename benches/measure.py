"""Runs whole processes and tells what they cost."""

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

Command = Sequence[str | Path]


@dataclass(frozen=True)
class Cost:
    """What a run took from start to exit, and of the CPU, in seconds."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Pair:
    """Medians of two commands that were run in turns; the ratio is theirs over ours."""

    ours: Cost
    theirs: Cost
    ratio: float


class Failed(Exception):
    """A command did not end with 0."""


def run(command: Command, directory: Path | None = None, ends: int = 0) -> Cost:
    """The cost of a command, its threads and its children. It fails unless it ends with `ends`."""
    start = time.perf_counter()
    with subprocess.Popen(
        [str(part) for part in command],
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != ends:
        raise Failed(f"{' '.join(map(str, command))[:200]}: exit {process.returncode}\n{errors.decode()[-2000:]}")
    return Cost(wall, usage.ru_utime + usage.ru_stime)


def peak(command: Command, directory: Path | None = None, ends: int = 0) -> float:
    """The largest resident set of a command, in MiB.

    GNU time starts it: what this program's own memory was when it starts a process would count as
    that process's, too.
    """
    timed = ["/usr/bin/time", "--quiet", "--format", "peak %M", *map(str, command)]
    done = subprocess.run(timed, cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    if done.returncode != ends:
        raise Failed(done.stderr.decode()[-2000:])
    return int(done.stderr.split()[-1]) / 1024


def typical(costs: list[Cost]) -> Cost:
    return Cost(median(c.wall for c in costs), median(c.cpu for c in costs))


def alone(command: Command, rounds: int, directory: Path | None = None, ends: int = 0) -> Cost:
    """A command by itself, after a run that is not counted."""
    run(command, directory, ends)
    return typical([run(command, directory, ends) for _ in range(rounds)])


# Seconds that are enough for one point of a curve.
ENOUGH = 2.5


def settled(command: Command, rounds: int, directory: Path | None = None, ends: int = 0) -> Cost:
    """A command by itself like `alone`, in fewer rounds where one takes long."""
    first = run(command, directory, ends)
    rounds = min(rounds, max(1, int(ENOUGH / first.wall)))
    return typical([run(command, directory, ends) for _ in range(rounds)])


def in_turns(ours: Command, theirs: Command, rounds: int, directory: Path) -> Pair:
    """Two commands in turns, after a run of each that is not counted."""
    run(ours, directory)
    run(theirs, directory)
    pairs = []
    for turn in range(rounds):
        if turn % 2:
            their_cost, our_cost = run(theirs, directory), run(ours, directory)
        else:
            our_cost, their_cost = run(ours, directory), run(theirs, directory)
        pairs.append((our_cost, their_cost))
    return Pair(
        typical([ours for ours, _ in pairs]),
        typical([theirs for _, theirs in pairs]),
        median(theirs.wall / ours.wall for ours, theirs in pairs),
    )
