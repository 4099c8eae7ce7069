"""Makes a small release to be signed: weights in safetensors, a config, a licence, a manifest.

usage: make_release.py DIR
"""

import json
import struct
import sys
from pathlib import Path

MANIFEST = {
    "release": {
        "name": "judged",
        "version": "1.0",
        "uri": "https://lab.example/judged",
        "releasedOn": "2026-05-01",
        "producer": {"name": "Example Lab", "uri": "https://lab.example"},
    },
    "closure": "complete",
    "artifacts": [
        {"id": "weights", "roles": ["weights.final"], "files": ["model.safetensors"], "license": "MIT"},
        {"id": "config", "roles": ["config.model"], "files": ["config.json"], "license": "MIT"},
        {
            "id": "licence",
            "name": "Größe “é”, 模型",
            "roles": ["doc.license"],
            "files": ["LICENSE", "docs/"],
        },
    ],
}


def main(root: Path) -> None:
    (root / "docs").mkdir(parents=True)
    header = json.dumps({"w": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}).encode()
    weights = struct.pack("<Q", len(header)) + header + struct.pack("<4f", 1, 2, 3, 4)
    (root / "model.safetensors").write_bytes(weights)
    (root / "config.json").write_text('{"model_type": "judged"}\n')
    (root / "LICENSE").write_text("To whom it may concern.\n")
    (root / "docs" / "größe 2.txt").write_text("a name that is not ASCII\n")
    (root / "fullsource.json").write_text(json.dumps(MANIFEST, ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
