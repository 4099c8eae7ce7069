"""One line of the table of results."""

from dataclasses import dataclass

from measure import Cost, Pair


@dataclass(frozen=True)
class Row:
    """One line of the table; `met` is unknown where no goal is set."""

    what: str
    ours: str
    peer: str
    theirs: str
    ratio: str
    peak: str
    goal: str
    met: bool | None


def pair_row(what: str, peer: str, pair: Pair, memory: float, goal: float | None) -> Row:
    met = None if goal is None else pair.ratio >= goal and memory < 100
    wanted = "" if goal is None else f"≥ {goal}×, < 100 MiB"
    return Row(what, seconds(pair.ours), f"`{peer}`", seconds(pair.theirs), f"{pair.ratio:.2f}×",
               f"{memory:.0f} MiB", wanted, met)  # fmt: skip


def seconds(cost: Cost) -> str:
    return f"{cost.wall:.3f} s (CPU {cost.cpu:.2f})"
