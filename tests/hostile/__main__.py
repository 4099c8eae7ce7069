"""Meets every hostile case, and holds cases.md against them.

usage: tests/hostile/run [--write] [--slowest] [NAME...]

    NAME       these cases or areas alone
    --write    write cases.md
    --slowest  list what took longest and what took most memory
"""

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import archives  # noqa: F401
import directories  # noqa: F401
import envelopes  # noqa: F401
from corpus import CASES, Case, Judgement
from judge import judged

HERE = Path(__file__).parent
# Fewer would mean that a file of cases was not read.
AT_LEAST = 250


def main(options: list[str], names: list[str]) -> int:
    program = Path(os.environ["FULLSOURCE"]).resolve()
    cases = [case for case in CASES.values() if not names or {case.name, case.area} & set(names)]
    if not cases:
        print(f"no case is named {' or '.join(names)}")
        return 2
    with ProcessPoolExecutor() as pool:
        judgements = list(pool.map(judged, cases, [program] * len(cases)))
    failed = [judgement for judgement in judgements if judgement.faults]
    for judgement in failed:
        print(f"FAIL {judgement.case.name}\n  " + "\n  ".join(judgement.faults))
    if "--slowest" in options:
        slowest(judgements)
    print(f"hostile: {len(judgements) - len(failed)} passed, {len(failed)} failed")
    return int(bool(failed) or (not names and not listed("--write" in options)))


def listed(write: bool) -> bool:
    """Whether cases.md lists the cases as they are, and they are not too few."""
    page = HERE / "cases.md"
    if write:
        page.write_text(table())
    if page.read_text() != table():
        print("cases.md is not the list of the cases: run tests/hostile/run --write")
        return False
    if len(CASES) < AT_LEAST:
        print(f"{len(CASES)} cases are fewer than {AT_LEAST}")
        return False
    return True


def table() -> str:
    head = f"# The hostile cases\n\n{len(CASES)} cases, made and met by `tests/hostile/run`.\n"
    areas = sorted({case.area for case in CASES.values()})
    return head + "".join(section(area) for area in areas)


def section(area: str) -> str:
    lines = [row(case) for case in sorted(CASES.values(), key=lambda c: c.name) if case.area == area]
    head = f"\n## {area}\n\n| case | what is hostile | exit | findings |\n|---|---|---|---|\n"
    return head + "".join(lines)


def row(case: Case) -> str:
    name = case.name.removeprefix(case.area + "/")
    found = ", ".join(f"`{code}`" for code in case.finds)
    return f"| {name} | {case.about} | {case.exit} | {found} |\n"


def slowest(judgements: list[Judgement]) -> None:
    for key, unit in (("seconds", "s"), ("mebibytes", "MiB")):
        for judgement in sorted(judgements, key=lambda j: -getattr(j, key))[:8]:
            print(f"{getattr(judgement, key):8.2f} {unit:3} {judgement.case.name}")


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(main([a for a in given if a.startswith("--")], [a for a in given if not a.startswith("--")]))
