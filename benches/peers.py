"""Builds fullsource and installs the programs it is measured against."""

import platform
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
    jsonschema: Path
    python: Path

    def options(self, command: str) -> str:
        """What the help of one of our commands says."""
        return subprocess.run([self.fullsource, command, "--help"], capture_output=True, text=True, check=True).stdout


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
    fullsource = ROOT / "target" / "release" / "fullsource"
    return Peers(fullsource, b3sum, venv / "bin" / "model_signing", jsonschema(venv), venv / "bin" / "python")


def jsonschema(venv: Path) -> Path:
    """The program itself in its package: the script beside it would start Python first."""
    machine = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
    name = f"jsonschema-{platform.system().lower()}-{machine}"
    return next((venv / "lib").glob(f"python*/site-packages/sourcemeta_jsonschema/{name}"))


def versions(peers: Peers) -> list[str]:
    """The first line that each program says of its version."""
    commands = [
        [peers.fullsource, "--version"],
        [peers.b3sum, "--version"],
        ["openssl", "version"],
        [peers.model_signing, "--version"],
        ["sha256sum", "--version"],
        ["curl", "--version"],
        ["git", "--version"],
        [peers.jsonschema, "version"],
        [peers.python, "-c", "import importlib.metadata as m; print('jsonschema-rs', m.version('jsonschema-rs'))"],
    ]
    said = [subprocess.run(c, capture_output=True, text=True, check=True).stdout for c in commands]
    lines = [text.splitlines()[0].split(" (")[0].strip() for text in said]
    return [f"sourcemeta jsonschema {line}" if line[0].isdigit() else line for line in lines]
