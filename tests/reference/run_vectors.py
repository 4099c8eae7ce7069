"""Runs every case under tests/vectors: exit code, verdict and the set of finding codes.

    python3 tests/reference/run_vectors.py [AREA[/CASE] ...]
"""

import contextlib
import io
import json
import os
import shutil
import sys
import tempfile
import traceback
from pathlib import Path

import verify

VECTORS = Path(os.environ.get("VECTORS", Path(__file__).resolve().parents[1] / "vectors"))
NOT_JUDGED = {"license-unknown"}  # man-41: this verifier carries no SPDX list
FILES = {"bundle": "--bundle", "keys": "--key", "rebuilds": "--rebuild"}
FILE = {"trust": "--trust", "revoked": "--revoked", "statement": "--statement",
        "evidence": "--evidence"}
VALUE = {"threshold": "--threshold", "now": "--now", "statementId": "--statement-id",
         "expectRelease": "--expect", "digests": "--digests", "require": "--require",
         "kind": "--kind"}
DESCRIBES = {"rule", "layer", "about", "make", "expect", "release", "document", "policy",
             "acceptEvidence"}


def main(wanted):
    cases = [place for place in sorted(VECTORS.rglob("case.json"))
             if not wanted or any(str(place.parent.relative_to(VECTORS)).startswith(one)
                                  for one in wanted)]
    failed = 0
    for place in cases:
        name = place.parent.relative_to(VECTORS)
        try:
            difference = run(json.loads(place.read_text("utf-8")), place.parent)
        except Exception:
            difference = "the verifier broke: " + traceback.format_exc()
        if difference:
            failed += 1
            print(f"{name}: {difference}")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed or not cases else 0


def run(case, place):
    """What differs from what the case expects, or nothing."""
    if unknown := case.keys() - DESCRIBES - FILES.keys() - FILE.keys() - VALUE.keys():
        return f"unknown fields of the case: {', '.join(sorted(unknown))}"
    with tempfile.TemporaryDirectory() as temporary:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            code = verify.main(arguments(case, place, temporary))
        report = json.loads(out.getvalue())
    expected = case["expect"]
    want = (expected["exit"], expected["verdict"], set(expected["findings"]) - NOT_JUDGED)
    have = (code, report["verdict"], {one["code"] for one in report["findings"]
                                      if one["severity"] != "note"} - NOT_JUDGED)
    if NOT_JUDGED == set(expected["findings"]):  # a policy may have given it a weight
        want, have = want[2:], have[2:]
    if want != have:
        return f"want {want}, have {have}"
    return difference_of_class(expected, report) if "class" in expected else None


def difference_of_class(expected, report):
    """`class` of a case says what it wants to say; null: there must be none."""
    want, told = expected["class"], report.get("class")
    if want is None or told is None:
        return None if want is told and "frameworks" not in report else \
            f"want the class {want}, have {told}"
    frameworks, have = report["frameworks"], {"headline": told["headline"], "linkage": told["linkage"]}
    for letter, chains in (("", told), ("c", told["claimed"]), ("d", told.get("delta"))):
        for chain, field in (("A", "availability"), ("F", "freedom")) if chains else ():
            have[letter + chain] = chains[field]["established"]
            have[f"p{letter}{chain}"] = chains[field]["possible"]
    have |= {name: frameworks[name]["answer"] for name in ("osaid", "debian", "fsf")}
    have["mof"] = frameworks["mof"]["class"]["established"]
    differ = {name: (value, have.get(name)) for name, value in want.items()
              if have.get(name) != value}
    return f"want and have {differ}" if differ else None


def arguments(case, place, temporary):
    options = []
    if "release" in case:
        root = case["release"].partition("/")[0]
        shutil.copytree(place / root, Path(temporary) / root, symlinks=True)
        target = Path(temporary) / case["release"]
        for step in case.get("make", []):
            make(step, target)
        options.append(str(target))
    if "document" in case:
        options += ["--check", str(place / case["document"])]
    for field, option in FILES.items():
        for name in case.get(field, []):
            options += [option, str(place / name)]
    options += [item for field, option in FILE.items() if field in case
                for item in (option, str(place / case[field]))]
    options += [item for field, option in VALUE.items() if field in case
                for item in (option, str(case[field]))]
    if "policy" in case:
        policy = case["policy"]
        options += ["--policy", policy if policy in verify.BUILT_IN else str(place / policy)]
    return options + (["--accept-evidence"] if case.get("acceptEvidence") else [])


def make(step, target):
    """What git cannot hold."""
    kind = next(kind for kind in ("symlink", "fifo", "directory", "file", "remove")
                if kind in step)
    place = target / step[kind]
    if kind == "remove":
        return shutil.rmtree(place) if place.is_dir() and not place.is_symlink() else place.unlink()
    place.parent.mkdir(parents=True, exist_ok=True)
    if kind == "symlink":
        place.symlink_to(step["to"])
    elif kind == "fifo":
        os.mkfifo(place)
    elif kind == "directory":
        place.mkdir()
    elif "size" in step:
        place.write_bytes(b"")
        os.truncate(place, step["size"])
    else:
        place.write_text(step["text"], "utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
