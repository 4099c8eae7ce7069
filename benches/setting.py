"""What every part of the benchmarks is given: the programs, a place, a key, and how much to do."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from peers import Peers
from releases import MIB


@dataclass(frozen=True)
class Scale:
    """How much is measured. Lists ascend."""

    rounds: int
    large: int
    small: int
    served: int
    files: list[int]
    bytes: list[int]
    artifacts: list[int]
    ancestors: list[int]
    depths: list[int]
    counted: list[int]


FULL = Scale(
    rounds=5,
    large=2048 * MIB,
    small=20_000,
    served=1024 * MIB,
    files=[10, 100, 1000, 10_000, 100_000, 1_000_000],
    bytes=[MIB << power for power in (0, 3, 6, 9, 11, 13)],
    artifacts=[10, 100, 1000, 10_000, 100_000],
    ancestors=[1, 10, 100, 1000],
    depths=[1, 4, 16, 64],
    counted=[100, 1000, 10_000],
)
# Whether everything works: its figures mean nothing.
QUICK = Scale(
    rounds=1,
    large=64 * MIB,
    small=2000,
    served=32 * MIB,
    files=[10, 100, 1000],
    bytes=[MIB << power for power in (0, 3, 6)],
    artifacts=[10, 100, 1000],
    ancestors=[1, 10],
    depths=[1, 4],
    counted=[100, 1000],
)


@dataclass(frozen=True)
class Setting:
    peers: Peers
    directory: Path
    keys: Path
    scale: Scale


def say(text: str) -> None:
    """Tells whoever waits what is being measured."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def room(setting: Setting, name: str, in_memory: int = 0) -> Iterator[Path]:
    """An empty place that is gone afterwards: in memory, where so many bytes are free there."""
    shared = Path("/dev/shm")
    has_room = in_memory and shared.is_dir() and min(shutil.disk_usage(shared).free, free_memory()) > in_memory
    place = shared / f"fullsource-bench-{os.getpid()}" if has_room else setting.directory / name
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def free_memory() -> int:
    with open("/proc/meminfo", encoding="ascii") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith("MemAvailable"))
