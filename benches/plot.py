"""Draws curves as SVG: both axes logarithmic, light or dark as the reader's, the same bytes for the same data."""

import math
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 84, 36, 96, 60
# Told apart by their marks and dashes too, and by those who see no red or green (Okabe and Ito).
COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"]
DASHES = ["", "7 4", "2 3", "9 3 2 3"]
STYLE = """
.ground{fill:#fff}.text{fill:#1f2328;font:13px sans-serif}.title{font-size:17px;font-weight:600}
.grid{stroke:#d1d9e0}.frame{fill:none;stroke:#59636e}.linear{stroke:#59636e;stroke-width:1.5;stroke-dasharray:1.5 4}
.curve{fill:none;stroke-width:2.5}
@media (prefers-color-scheme:dark){.ground{fill:#0d1117}.text{fill:#f0f6fc}.grid{stroke:#3d444d}
.frame,.linear{stroke:#9198a1}.curve,.mark{filter:brightness(1.45)}}"""


@dataclass
class Curve:
    """What one program took, by the size of its work, which ascends."""

    name: str
    points: list[tuple[float, float]] = field(default_factory=list)

    def steepness(self) -> float:
        """How fast it grows at its end: 1 is in proportion to the work, less is better.

        Of the last step that makes the work at least eight times as large, or of all there is.
        """
        last, end = self.points[-1]
        before = (point for point in reversed(self.points) if point[0] * 8 <= last)
        first, start = next(before, self.points[0])
        return math.log(end / start) / math.log(last / first)


@dataclass(frozen=True)
class Axis:
    """What stands at an axis, and how a value on it is written."""

    title: str
    ticks: dict[float, str]


@dataclass(frozen=True)
class Chart:
    """A plot of some curves; `told` says in words what it shows."""

    name: str
    title: str
    told: str
    x: Axis
    y: Axis
    curves: list[Curve]

    def write(self, directory: Path) -> None:
        (directory / f"{self.name}.svg").write_text(Drawing(self).text())


def powers_of_ten(title: str, values: list[float], words: dict[int, str]) -> Axis:
    """An axis with the decades that hold these values; `words` has how each power is written."""
    low, high = math.floor(math.log10(min(values)) + 1e-9), math.ceil(math.log10(max(values)) - 1e-9)
    return Axis(title, {10.0**power: words[power] for power in range(low, max(high, low + 1) + 1)})


class Drawing:
    """One chart on its way to a text."""

    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.bounds = [(min(axis.ticks), max(axis.ticks)) for axis in (chart.x, chart.y)]

    def x(self, value: float) -> float:
        return LEFT + share(value, self.bounds[0]) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - share(value, self.bounds[1]) * (HEIGHT - TOP - BOTTOM)

    def text(self) -> str:
        title, told = escape(self.chart.title), escape(self.chart.told)
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'aria-labelledby="title told">',
            f'<title id="title">{title}</title>',
            f'<desc id="told">{told}</desc>',
            f"<style>{STYLE}</style>",
            f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}"/>',
            f'<text class="text title" x="{LEFT}" y="28">{title}</text>',
            *self.legend(),
            *self.axes(),
            self.linear(),
            *(line for nth, curve in enumerate(self.chart.curves) for line in self.curve(nth, curve)),
            "</svg>",
        ]
        return "\n".join(parts) + "\n"

    def legend(self) -> list[str]:
        """What each line is, in two rows above the plot."""
        lines, width = [], (WIDTH - LEFT - RIGHT) // 2
        for nth, curve in enumerate(self.chart.curves):
            x, y = LEFT + nth % 2 * width, 52 + nth // 2 * 22
            lines.append(path(nth, [(x, y), (x + 36, y)]))
            lines.append(mark(nth, x + 18, y))
            lines.append(f'<text class="text" x="{x + 44}" y="{y + 4}">{escape(curve.name)}</text>')
        return lines

    def axes(self) -> list[str]:
        right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
        lines = []
        for value, word in self.chart.x.ticks.items():
            x = self.x(value)
            lines.append(f'<line class="grid" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}"/>')
            lines.append(f'<text class="text" x="{x:.1f}" y="{bottom + 20}" text-anchor="middle">{escape(word)}</text>')
        for value, word in self.chart.y.ticks.items():
            y = self.y(value)
            lines.append(f'<line class="grid" x1="{LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}"/>')
            lines.append(f'<text class="text" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{escape(word)}</text>')
        middle = (TOP + bottom) // 2
        return [
            *lines,
            f'<rect class="frame" x="{LEFT}" y="{TOP}" width="{right - LEFT}" height="{bottom - TOP}"/>',
            f'<text class="text" x="{(LEFT + right) // 2}" y="{HEIGHT - 14}" text-anchor="middle">'
            f"{escape(self.chart.x.title)}</text>",
            f'<text class="text" x="16" y="{middle}" text-anchor="middle" transform="rotate(-90 16 {middle})">'
            f"{escape(self.chart.y.title)}</text>",
        ]

    def linear(self) -> str:
        """A dotted line in proportion to the work, through the end of the first curve."""
        (end, value), (low, floor) = self.chart.curves[0].points[-1], (bound[0] for bound in self.bounds)
        start = max(low, end * floor / value)
        x1, y1, x2, y2 = self.x(start), self.y(value * start / end), self.x(end), self.y(value)
        return f'<line class="linear" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'

    def curve(self, nth: int, curve: Curve) -> list[str]:
        points = [(self.x(x), self.y(y)) for x, y in curve.points]
        return [path(nth, points), *(mark(nth, x, y) for x, y in points)]


def share(value: float, bounds: tuple[float, float]) -> float:
    """Where a value lies between two bounds, which are 0 and 1."""
    low, high = bounds
    return (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))


def path(nth: int, points: list[tuple[float, float]]) -> str:
    through = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline class="curve" stroke="{COLOURS[nth]}" stroke-dasharray="{DASHES[nth]}" points="{through}"/>'


def mark(nth: int, x: float, y: float) -> str:
    """A disc, a square, a triangle or a diamond."""
    fill = f'class="mark" fill="{COLOURS[nth]}"'
    if nth == 0:
        return f'<circle {fill} cx="{x:.1f}" cy="{y:.1f}" r="4.5"/>'
    corners = [None, "-4,-4 4,-4 4,4 -4,4", "0,-5.5 5,4 -5,4", "0,-6 5,0 0,6 -5,0"][nth]
    return f'<polygon {fill} points="{corners}" transform="translate({x:.1f} {y:.1f})"/>'
