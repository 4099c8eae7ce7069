"""Draws the record that a probe alters, from the spec alone: reb-50 and reb-51.

    python3 tests/reference/probe.py tests/reference/probes.json
"""

import hashlib
import json
import sys

LINE, START, TRIES = 1 << 20, 64 << 10, 64
KINDS = [bytes(range(first, last + 1)) for first, last in (b"09", b"az", b"AZ")]


def probe(files, seed):
    """Path, offset, old and new byte, of a dictionary of contents; or None."""
    ordered = sorted(files.items(), key=lambda file: file[0].encode())
    total = sum(len(content) for _, content in ordered)
    for attempt in range(TRIES if total else 0):
        at = number(seed, 3 * attempt, total)
        for path, content in ordered:
            if at < len(content):
                break
            at -= len(content)
        if not is_text(content):
            old = content[at]
            return path, at, old, (old + 1 + number(seed, 3 * attempt + 2, 255)) % 256
        low = max(0, at - LINE)
        start = content.rfind(b"\n", low, at) + 1 or low
        end = content.find(b"\n", at, at + LINE)
        line = content[start:end if end >= 0 else at + LINE]
        places = [i for i, byte in enumerate(line)
                  if any(byte in kind for kind in KINDS) and b"\\" not in line[max(0, i - 5):i]]
        if places:
            place = places[number(seed, 3 * attempt + 1, len(places))]
            old = line[place]
            kind = next(kind for kind in KINDS if old in kind)
            step = 1 + number(seed, 3 * attempt + 2, len(kind) - 1)
            return path, start + place, old, kind[(kind.index(old) + step) % len(kind)]
    return None


def number(seed, place, end):
    digest = hashlib.sha256(seed.encode() + b"\0" + place.to_bytes(8, "big")).digest()
    return int.from_bytes(digest[:8], "big") * end >> 64


def is_text(content):
    start = content[:START]
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as error:
        cut = error.reason == "unexpected end of data" and len(content) > START
        if not cut:
            return False
    return b"\0" not in start


def main(path):
    failed = 0
    with open(path, encoding="utf-8") as file:
        cases = json.load(file)
    for case in cases:
        files = {name: bytes.fromhex(content) for name, content in case["files"].items()}
        drawn = probe(files, case["seed"])
        if drawn != (tuple(case["drawn"]) if case["drawn"] else None):
            failed += 1
            print(f"{case['about']}: {drawn}")
    print(f"{len(cases) - failed} probes passed, {failed} failed")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
