"""Measures what more work costs, and draws it: files, bytes, artifacts, ancestors, generations."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import checked
import documents
import files
import releases
from documents import Judged
from measure import Command, Cost, peak, run, settled
from plot import Axis, Chart, Curve, powers_of_ten
from releases import MIB, Release
from setting import Setting, room, say
from table import Row, seconds

TIMES = {-4: "0.1 ms", -3: "1 ms", -2: "10 ms", -1: "100 ms", 0: "1 s", 1: "10 s", 2: "100 s", 3: "1,000 s"}
MEMORY = {0: "1 MiB", 1: "10 MiB", 2: "100 MiB", 3: "1,000 MiB", 4: "10,000 MiB"}
COUNTS = {power: f"{10**power:,}" for power in range(8)}
# The steepest that counts as in proportion to the work: what no longer fits into a cache takes its part, which a
# count of instructions (`checked.py`) does not know. A square is 2.
LINEAR = 1.25
# The most that memory may rise where it is to be flat.
FLAT = 1.25
# Bytes that are made by chance; a longer file repeats them.
BLOCK = 64 * MIB
# Bytes of each of many files, and what a million of them may take of memory, in MiB.
SMALL, MILLION = 64, 300


class Grown:
    """Times and memory of some programs, as the work grows."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.times: dict[str, Curve] = {}
        # What the steepness is of: a busy machine hardly changes it.
        self.cpu: dict[str, Curve] = {}
        self.memory: dict[str, Curve] = {}
        self.costs: dict[str, Cost] = {}

    def measure(self, name: str, size: float, command: Command, directory: Path, ends: int = 0) -> None:
        """One point of a curve: the time of a command, and its memory."""
        cost = settled(command, self.setting.scale.rounds, directory, ends)
        self.costs[name] = cost
        memory = peak(command, directory, ends)
        for curves, value in ((self.times, cost.wall), (self.cpu, cost.cpu), (self.memory, memory)):
            curves.setdefault(name, Curve(name)).points.append((size, value))

    def row(self, name: str, what: str, peer: str = "", most: float | None = None) -> Row:
        """The end of a curve, against that of a peer: in proportion to the work, in so much memory."""
        steepness, memory = self.cpu[name].steepness(), self.memory[name].points[-1][1]
        their = self.costs.get(peer)
        ratio = f"{their.wall / self.costs[name].wall:.2f}×" if their else ""
        met = steepness <= LINEAR and (most is None or memory <= most)
        goal = f"CPU ∝ n^≤{LINEAR}" + ("" if most is None else f", ≤ {most:.0f} MiB")
        return Row(f"{what}: `{name}`, CPU ∝ n^{steepness:.2f}", seconds(self.costs[name]), f"`{peer}`" if peer else "",
                   seconds(their) if their else "", ratio, f"{memory:.0f} MiB", goal, met)  # fmt: skip


def measured(setting: Setting) -> tuple[list[Row], list[Chart]]:
    rows, charts = [], []
    for part in (of_files, of_bytes, of_artifacts, of_lineage):
        of_part, drawn = part(setting)
        rows += of_part
        charts += drawn
    return rows, charts


def of_files(setting: Setting) -> tuple[list[Row], list[Chart]]:
    """Small files, in memory where there is room for a million."""
    grown, counts = Grown(setting), setting.scale.files
    with room(setting, "many", in_memory=8192 * MIB) as place:
        for count in counts:
            say(f"growth: {count:,} files")
            root = place / str(count)
            release = Release(root, releases.make(root, "small", count, SMALL), root.with_suffix(".sigstore.json"), root)
            fullsource, key = setting.peers.fullsource, f"{setting.keys}.key"
            grown.measure("sign", count, [fullsource, "sign", root, "--key", key, "-o", release.bundle], root)
            grown.measure("verify", count, files.verify(setting, release, "all"), root)
            grown.measure("b3sum", count, files.named(release, setting.peers.b3sum), root)
            grown.measure("sha256sum", count, files.named(release, "sha256sum"), root)
    axis = powers_of_ten(f"files of {SMALL} bytes", [counts[0], counts[-1]], COUNTS)
    what = f"{counts[0]} → {counts[-1]:,} files of {SMALL} bytes"
    rows = [grown.row("sign", what, most=MILLION), grown.row("verify", what, "b3sum", MILLION)]
    return rows, [
        timed("files", "Time by the number of files", grown.times.values(), axis),
        kept("files-memory", "Peak memory by the number of files", grown.memory.values(), axis),
    ]


def of_bytes(setting: Setting) -> tuple[list[Row], list[Chart]]:
    """One file that grows, in the page cache."""
    grown, sizes = Grown(setting), setting.scale.bytes
    digests = {f"verify --digests {digest}": digest for digest in ("blake3", "sha256")}
    with room(setting, "grown") as place:
        root = place / "release"
        releases.make(root, "small", 0, 0)
        (root / "data").mkdir()
        for size in sizes:
            say(f"growth: {size >> 20:,} MiB")
            extend(root / "data" / "0.raw", size)
            release = releases.sign(root, ["data/0.raw"], setting.peers.fullsource, setting.keys, None)
            for name, digest in digests.items():
                grown.measure(name, size, files.verify(setting, release, digest), root)
            grown.measure("b3sum", size, files.named(release, setting.peers.b3sum), root)
            grown.measure("cat: reads, and no more", size, files.named(release, "cat"), root)
    axis = Axis("bytes of one file", {float(size): binary(size) for size in sizes})
    what = f"{binary(sizes[0])} → {binary(sizes[-1])}"
    rows = []
    for name, digest in digests.items():
        flat = FLAT * min(memory for _, memory in grown.memory[name].points)
        rows.append(grown.row(name, what, "b3sum" if digest == "blake3" else "", flat))
    return rows, [
        timed("bytes", "Time by the size of a file", grown.times.values(), axis),
        kept("bytes-memory", "Peak memory by the size of a file", grown.memory.values(), axis),
    ]


def extend(path: Path, size: int) -> None:
    """Makes a file as long as this, and waits for the disk, which would take its time later."""
    block = os.urandom(min(size, BLOCK))
    with open(path, "ab") as file:
        while (left := size - file.tell()) > 0:
            file.write(block[:left])
    run(["sync", path])


def of_artifacts(setting: Setting) -> tuple[list[Row], list[Chart]]:
    """Documents alone: `check` parses a manifest, `verify` judges a statement by evidence."""
    grown, counts = Grown(setting), setting.scale.artifacts
    validate = [setting.peers.jsonschema, "validate", "--fast", checked.SCHEMA]
    with room(setting, "documents") as place:
        for count in counts:
            say(f"growth: {count:,} artifacts")
            judged = documents.of_artifacts(place, count)
            grown.measure("check", count, checked.command(setting, "check", judged), place)
            judge(grown, count, judged, place)
            grown.measure("jsonschema validate --fast", count, [*validate, judged.manifest], place)
    axis = powers_of_ten("artifacts of a statement", [counts[0], counts[-1]], COUNTS)
    what = f"{counts[0]} → {counts[-1]:,} artifacts"
    rows = [grown.row("check", what, "jsonschema validate --fast"), grown.row(JUDGE, what)]
    return rows, [timed("artifacts", "Time by the number of artifacts", grown.times.values(), axis)]


def of_lineage(setting: Setting) -> tuple[list[Row], list[Chart]]:
    """Parents of one release, and parents of parents."""
    rows, charts = [], []
    for name, made, sizes, what in (
        ("ancestors", documents.of_ancestors, setting.scale.ancestors, "parent models of one release"),
        ("depth", documents.of_depth, setting.scale.depths, "generations of parent models"),
    ):
        grown = Grown(setting)
        with room(setting, "documents") as place:
            for size in sizes:
                say(f"growth: {size:,} {what}")
                judge(grown, size, made(place, size), place)
        rows.append(grown.row(JUDGE, f"{sizes[0]} → {sizes[-1]:,} {what}"))
        axis = Axis(what, {float(size): f"{size:,}" for size in sizes})
        charts.append(timed(name, f"Time by {what}", grown.times.values(), axis))
    return rows, charts


JUDGE = "verify --statement --evidence"


def judge(grown: Grown, size: int, judged: Judged, place: Path) -> None:
    # Nobody signed these: incomplete is the best that they can be.
    grown.measure(JUDGE, size, checked.command(grown.setting, "judge", judged), place, ends=3)


def timed(name: str, title: str, curves: Iterable[Curve], x: Axis) -> Chart:
    def told(seconds: float) -> str:
        return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"

    return drawn(name, title, list(curves), x, "time from start to exit", TIMES, told)


def kept(name: str, title: str, curves: Iterable[Curve], x: Axis) -> Chart:
    return drawn(name, title, list(curves), x, "largest resident set", MEMORY, lambda mib: f"{mib:.0f} MiB")


def drawn(
    name: str, title: str, curves: list[Curve], x: Axis, y: str, words: dict[int, str], told: Callable[[float], str]
) -> Chart:
    ends = [f"{c.name} from {told(c.points[0][1])} to {told(c.points[-1][1])}" for c in curves]
    ticks = list(x.ticks.values())
    text = f"By {x.title}, {ticks[0]} to {ticks[-1]}: {'; '.join(ends)}. The dotted line grows as the work does."
    values = [value for curve in curves for _, value in curve.points]
    return Chart(name, title, text, x, powers_of_ten(y, values, words), curves)


def binary(size: int) -> str:
    return f"{size >> 30} GiB" if size >= 1 << 30 else f"{size >> 20} MiB"
