"""Makes releases to be measured, and signs them with fullsource and with model_signing."""

import json
import os
import shutil
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from measure import run

MIB = 1 << 20


@dataclass(frozen=True)
class Release:
    """A directory, its files in order, and its signatures outside it."""

    root: Path
    files: list[str]
    bundle: Path
    oms: Path


def weights(root: Path, count: int, size: int) -> list[str]:
    """`count` safetensors files of `size` random bytes each behind a valid header."""
    header = json.dumps({"w": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    header += b" " * (-len(header) % 8)
    names = [f"model-{i:05}-of-{count:05}.safetensors" for i in range(1, count + 1)]
    for name in names:
        with open(root / name, "wb") as file:
            file.write(struct.pack("<Q", len(header)) + header)
            write_random(file, size)
    return names


def random_file(path: Path, size: int) -> None:
    with open(path, "wb") as file:
        write_random(file, size)


def write_random(file: BinaryIO, size: int) -> None:
    for _ in range(size // MIB):
        file.write(os.urandom(MIB))


def small(root: Path, count: int, size: int) -> list[str]:
    """`count` files of `size` random bytes each, a thousand to a directory."""
    names = []
    for directory in range(-(-count // 1000)):
        (root / "data" / f"{directory:04}").mkdir(parents=True)
        in_it = min(1000, count - directory * 1000)
        content = os.urandom(size * in_it)
        for i in range(in_it):
            name = f"data/{directory:04}/{i:03}.txt"
            (root / name).write_bytes(content[i * size : (i + 1) * size])
            names.append(name)
    return names


def make(root: Path, kind: str, count: int, size: int) -> list[str]:
    """The files of a release of this kind, which are kept from run to run."""
    done = root.with_suffix(".json")
    wanted = {"kind": kind, "count": count, "size": size}
    if done.exists() and (known := json.loads(done.read_bytes()))["made"] == wanted:
        return known["files"]
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    names = weights(root, count, size) if kind == "weights" else small(root, count, size)
    artifact = (
        {"id": "weights", "roles": ["weights.final"], "files": names, "license": "MIT"}
        if kind == "weights"
        else {"id": "data", "roles": ["data.pretraining"], "files": ["data/"], "license": "CC0-1.0"}
    )
    manifest = {"release": {"name": kind, "producer": {"name": "bench"}}, "artifacts": [artifact]}
    (root / "fullsource.json").write_text(json.dumps(manifest))
    done.write_text(json.dumps({"made": wanted, "files": names}))
    return names


def sign(root: Path, files: list[str], fullsource: Path, keys: Path, model_signing: Path | None) -> Release:
    """Signs a release anew, so that it is always this build's signature that is verified."""
    bundle, oms = root.with_suffix(".sigstore.json"), root.with_suffix(".sig")
    run([fullsource, "sign", root, "--key", f"{keys}.key", "-o", bundle])
    if model_signing:
        run([model_signing, "sign", "key", root, "--private_key", f"{keys}.key", "--signature", oms])
    return Release(root, files, bundle, oms)
