"""Builds fullsource and installs the programs it is measured against."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

B3SUM = "1.8.7"
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Peers:
    fullsource: Path
    b3sum: Path
    model_signing: Path


def install(directory: Path) -> Peers:
    """Everything at pinned versions, below `directory`; what is there already is kept."""
    cargo = ["cargo", "build", "--quiet", "--release", "--locked", "--package", "fullsource"]
    subprocess.run(cargo, cwd=ROOT, check=True)
    b3sum = directory / "cargo" / "bin" / "b3sum"
    if not b3sum.exists():
        install = ["cargo", "install", "--quiet", "--locked", "b3sum", "--version", f"={B3SUM}"]
        subprocess.run([*install, "--root", directory / "cargo"], check=True)
    venv = directory / "venv"
    requirements = Path(__file__).with_name("requirements.txt")
    installed = venv / "installed.txt"
    if not installed.exists() or installed.read_bytes() != requirements.read_bytes():
        subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
        pip = [venv / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "--requirement", requirements], check=True)
        installed.write_bytes(requirements.read_bytes())
    return Peers(ROOT / "target" / "release" / "fullsource", b3sum, venv / "bin" / "model_signing")


def versions(peers: Peers) -> list[str]:
    """The first line that each program says of its version."""
    commands = [
        [peers.fullsource, "--version"],
        [peers.b3sum, "--version"],
        ["openssl", "version"],
        [peers.model_signing, "--version"],
        ["sha256sum", "--version"],
    ]
    said = [subprocess.run(c, capture_output=True, text=True, check=True).stdout for c in commands]
    return [text.splitlines()[0].strip() for text in said]
