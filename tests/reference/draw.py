"""Draws the segments of an audit, from the spec alone: reb-55 to reb-57.

    python3 tests/reference/draw.py tests/reference/draws.json
"""

import hashlib
import json
import sys
from fractions import Fraction
from math import ceil


def draw(costs, k, seed, statement):
    """The numbers of the drawn segments, missWorst and missEven, of costs as texts or None."""
    stated = [Fraction(cost or 0) for cost in costs]
    least = min((cost for cost in stated if cost), default=Fraction(1))
    weights = [cost or least for cost in stated]
    chances = [None] * len(weights)
    while True:
        open_ = [i for i, chance in enumerate(chances) if chance is None]
        left, total = k - (len(chances) - len(open_)), sum(weights[i] for i in open_)
        above = [i for i in open_ if left and left * weights[i] >= total]
        if not above:
            break
        for i in above:
            chances[i] = Fraction(1)
    for i in open_:
        chances[i] = left * weights[i] / total
    first = hashlib.sha256(seed.encode() + b"\0" + bytes.fromhex(statement)).digest()[:8]
    u = Fraction(int.from_bytes(first, "big"), 2**64)
    drawn, running = [], Fraction(0)
    for i, chance in enumerate(chances):
        # An integer plus u in [running, running + chance): the first one at or above running.
        first_above = ceil(running - u)
        if running <= first_above + u < running + chance:
            drawn.append(i)
        running += chance
    return drawn, text(1 - min(chances)), text(1 - Fraction(k, len(costs)))


def text(fraction):
    return f"{fraction.numerator}/{fraction.denominator}"


def main(path):
    failed = 0
    with open(path, encoding="utf-8") as file:
        cases = json.load(file)
    for case in cases:
        drawn, worst, even = draw(case["costs"], case["k"], case["seed"], case["statement"])
        if (drawn, worst, even) != (case["drawn"], case["missWorst"], case["missEven"]):
            failed += 1
            print(f"{case['about']}: {drawn} {worst} {even}")
    print(f"{len(cases) - failed} draws passed, {failed} failed")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
