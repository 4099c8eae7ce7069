"""One line of the table of results."""

from dataclasses import dataclass

from measure import Cost, Pair

# MiB that no look at files may take, however large they are.
MOST = 100


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

    def cells(self) -> list[str]:
        met = {True: "yes", False: "**no**", None: ""}[self.met]
        return [self.what, self.ours, self.peer, self.theirs, self.ratio, self.peak, self.goal, met]


def pair_row(what: str, peer: str, pair: Pair, memory: float, goal: float | None) -> Row:
    met = None if goal is None else pair.ratio >= goal and memory < MOST
    wanted = "" if goal is None else f"≥ {goal:.3g}×, < {MOST} MiB"
    return Row(what, seconds(pair.ours), f"`{peer}`", seconds(pair.theirs), f"{pair.ratio:.2f}×",
               f"{memory:.0f} MiB", wanted, met)  # fmt: skip


def cpu_row(what: str, peer: str, ours: Cost, theirs: list[Cost], memory: float, goal: float) -> Row:
    """A row that is about CPU time: ours against the sum of theirs."""
    whole = Cost(sum(cost.wall for cost in theirs), sum(cost.cpu for cost in theirs))
    met = ours.cpu <= goal * whole.cpu
    return Row(what, seconds(ours), peer, seconds(whole), f"{whole.wall / ours.wall:.2f}×",
               f"{memory:.0f} MiB", f"CPU ≤ {goal:g}× its", met)  # fmt: skip


def seconds(cost: Cost) -> str:
    """A time, by as many digits as mean something."""
    if cost.wall < 0.1:
        return f"{cost.wall * 1000:.1f} ms (CPU {cost.cpu * 1000:.1f})"
    return f"{cost.wall:.3f} s (CPU {cost.cpu:.2f})"
