"""Writes the manifest of a release of fullsource: the program, its source, and all that it is built from.

usage: release.py DIRECTORY VERSION

What the program is built from is what Cargo.lock pins: the file that the registry serves for each crate,
by its SHA-256. Its licence is what its authors state.
"""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

CRATES = "https://static.crates.io/crates"
TARGET = "x86_64-unknown-linux-gnu"
LICENSE = "MIT OR Apache-2.0"


def main(directory: Path, version: str) -> None:
    crates = list(dependencies(directory))
    manifest = {
        "$schema": "https://fullsource.dev/schema/v0.1/manifest.json",
        "release": {
            "name": "fullsource",
            "version": version,
            "producer": {"name": "The fullsource authors", "uri": "https://fullsource.dev/"},
        },
        "closure": "partial",
        "artifacts": [*own(version), *crates],
        "stages": [build(crates)],
    }
    print(json.dumps(manifest, ensure_ascii=False, indent=2))


def own(version: str) -> list[dict]:
    """What lies in the release, and the compiler, which is named alone."""
    texts = ["LICENSE-APACHE", "LICENSE-MIT"]
    compiler = subprocess.run(["rustc", "--version"], capture_output=True, check=True, text=True).stdout.strip()
    return [
        {"id": "program", "roles": ["program.executable"], "files": ["fullsource"], "license": LICENSE},
        {
            "id": "source",
            "roles": ["code.program"],
            "files": [f"fullsource-{version}.tar"],
            "license": LICENSE,
        },
        {"id": "lock", "roles": ["env.lock"], "files": ["Cargo.lock"], "license": LICENSE},
        {"id": "licences", "roles": ["doc.license"], "files": texts},
        {"id": "compiler", "name": compiler, "roles": ["env.toolchain"], "license": LICENSE},
    ]


def build(crates: list[dict]) -> dict:
    """How the program is made, as `ci/release --build` does it."""
    code = ["source", *(crate["id"] for crate in crates)]
    return {"id": "build", "kind": "build", "code": code, "environment": ["lock", "compiler"], "outputs": ["program"]}


def dependencies(directory: Path) -> list[dict]:
    """A claimed artifact for each crate that is built into the program, or that builds it."""
    locked = tomllib.loads((directory / "Cargo.lock").read_text())["package"]
    checksums = {(crate["name"], crate["version"]): crate.get("checksum") for crate in locked}
    return [artifact(crate, checksums[crate["name"], crate["version"]]) for crate in built()]


def artifact(crate: dict, checksum: str) -> dict:
    name, version = crate["name"], crate["version"]
    return {
        "id": f"crate-{name}-{version.replace('+', '-')}",
        "name": f"{name} {version}",
        "roles": ["code.dependency"],
        "locators": [f"{CRATES}/{name}/{name}-{version}.crate"],
        "digest": {"sha256": checksum},
        # Old crates write `A/B` for `A OR B`.
        "license": " OR ".join(part.strip() for part in crate["license"].split("/")),
    }


def built() -> list[dict]:
    """Packages of a registry that the program needs, for its target alone."""
    line = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", TARGET]
    metadata = json.loads(subprocess.run(line, capture_output=True, check=True).stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    needs = {node["id"]: [dep["pkg"] for dep in node["deps"] if built_in(dep)] for node in metadata["resolve"]["nodes"]}
    reached, open_ends = set(), [package["id"] for package in packages.values() if package["name"] == "fullsource"]
    while open_ends:
        package = open_ends.pop()
        if package not in reached:
            reached.add(package)
            open_ends += needs[package]
    found = (packages[package] for package in reached if packages[package]["source"])
    return sorted(found, key=lambda crate: (crate["name"], crate["version"]))


def built_in(dependency: dict) -> bool:
    return any(kind["kind"] != "dev" for kind in dependency["dep_kinds"])


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
