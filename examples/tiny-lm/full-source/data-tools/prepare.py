#!/usr/bin/env python3
"""Turns the collected chapters into the text that the model is trained on.

    prepare.py RAW_DIR TEXT_FILE

Each chapter becomes a heading, an empty line, its paragraphs with an empty line between them, and
two empty lines. White space is made uniform; no other character is changed. Needs Python 3.8 or later.
"""

import json
import pathlib
import re
import sys


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit("usage: prepare.py RAW_DIR TEXT_FILE")
    raw, text_file = map(pathlib.Path, sys.argv[1:])
    files = sorted(raw.glob("chapter_*.json"), key=chapter_number)
    if not files:
        sys.exit(f"error: no chapter_*.json in `{raw}`\n help: run collect.py first")
    text = "".join(chapter_text(json.loads(file.read_text(encoding="utf-8"))) for file in files)
    text_file.write_bytes(text.encode("utf-8"))
    print(f"`{text_file}`: {len(files)} chapters, {len(text)} characters")


def chapter_number(file: pathlib.Path) -> int:
    return int(re.sub(r"\D", "", file.stem))


def chapter_text(chapter: dict) -> str:
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n", chapter["text"]))
    heading = f"CHAPTER {chapter['chapter']}. {chapter['title']}"
    return "\n\n".join([heading, *filter(None, paragraphs)]) + "\n\n\n"


if __name__ == "__main__":
    main()
