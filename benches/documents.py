"""Makes statements and the evidence for them, up to the limits of the format."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://fullsource.dev/model-provenance/v0.1"
EVIDENCE = "https://fullsource.dev/evidence/v0.1"
AT = "2026-01-01T00:00:00Z"
# Stages of a statement; each trains on its share of the data.
STAGES = 10
# What has no size of its own, so that a statement can reach every rung.
PARTS = {
    "config": "config.model",
    "tokenizer": "tokenizer.model",
    "run": "code.inference",
    "trainer": "code.training",
    "args": "config.training",
    "prep": "code.preprocessing",
    "about": "doc.data-information",
}


@dataclass(frozen=True)
class Judged:
    """A statement, and evidence of everything that it and its ancestors claim."""

    manifest: Path
    statement: Path
    evidence: Path


def of_artifacts(place: Path, count: int) -> Judged:
    """A statement of so many artifacts, most of them data."""
    return written(place / f"artifacts-{count}", statement(f"artifacts-{count}", count, []), [])


def of_ancestors(place: Path, count: int) -> Judged:
    """A statement that starts from so many models, each with a statement of its own."""
    parents = [statement(f"parent-{nth}", 0, []) for nth in range(count)]
    return written(place / f"ancestors-{count}", statement("child", 0, parents), parents)


def of_depth(place: Path, depth: int) -> Judged:
    """A statement at the end of so many generations."""
    line: list[dict] = []
    for generation in range(depth):
        line.append(statement(f"generation-{generation}", 0, line[-1:]))
    return written(place / f"depth-{depth}", statement("youngest", 0, line[-1:]), line)


def statement(name: str, count: int, parents: list[dict]) -> dict:
    """A whole release whose weights are one file: `count` artifacts, or as few as a release needs."""
    weights = {"id": "weights", "roles": ["weights.final"], "files": ["model.safetensors"], "license": "Apache-2.0"}
    data = [part(f"data-{nth}", "data.pretraining") for nth in range(max(1, count - len(PARTS) - STAGES))]
    bases = [base(nth, parent) for nth, parent in enumerate(parents)]
    parts = [part(artifact, role) for artifact, role in PARTS.items()]
    between = [part(f"after-{nth}", "weights.intermediate") for nth in range(min(STAGES, len(data)) - 1)]
    steps = [artifact["id"] for artifact in [*between, weights]]
    return {
        "_type": STATEMENT,
        "subject": [{"name": "model.safetensors", "digest": {"sha256": sha256(name)}}],
        "predicateType": PREDICATE,
        "predicate": {
            "release": {"name": name, "producer": {"name": "bench"}},
            "files": [{"path": "model.safetensors", "size": len(name)}],
            "closure": "complete",
            "artifacts": [weights, *parts, *between, *data, *bases],
            "stages": stages([artifact["id"] for artifact in data], [artifact["id"] for artifact in bases], steps),
        },
    }


def stages(data: list[str], bases: list[str], steps: list[str]) -> list[dict]:
    """Each stage trains on its share of the data, from what the one before it made."""
    made = []
    for nth, output in enumerate(steps):
        models = [{"artifact": artifact, "use": "init"} for artifact in (steps[nth - 1 : nth] if nth else bases)]
        start = {"models": models} if models else {"init": {"prng": "ChaCha20"}}
        share = data[nth :: len(steps)]
        made.append({"id": f"stage-{nth}", "kind": "pretrain", "data": share, "outputs": [output]} | start)
    return made


def part(artifact: str, role: str) -> dict:
    return {
        "id": artifact,
        "roles": [role],
        "license": "Apache-2.0",
        "locators": [f"https://example.org/{artifact}"],
        "digest": {"sha256": sha256(artifact)},
    }


def base(nth: int, parent: dict) -> dict:
    """The artifact that a parent is to its child."""
    weights = parent["subject"][0]["digest"]
    return part(f"base-{nth}", "model.base") | {"digest": weights, "statement": {"sha256": sha256(text(parent))}}


def written(place: Path, of: dict, parents: list[dict]) -> Judged:
    made = Judged(place / "fullsource.json", place / "statement.json", place / "evidence.json")
    place.mkdir(parents=True, exist_ok=True)
    predicate = {key: value for key, value in of["predicate"].items() if key != "files"}
    made.manifest.write_text(text(predicate))
    made.statement.write_text(text(of))
    made.evidence.write_text(text(evidence(of, parents)))
    return made


def evidence(of: dict, parents: list[dict]) -> dict:
    seen = [
        {"statement": {"sha256": sha256(text(parent))}, "envelope": text(parent), "artifacts": observed(parent)}
        for parent in parents
    ]
    return {
        "_type": EVIDENCE,
        "statement": {"sha256": sha256(text(of))},
        "tool": {"name": "bench", "version": "0"},
        "collectedAt": AT,
        "artifacts": observed(of),
        "parents": seen,
    }


def observed(of: dict) -> list[dict]:
    """One look at each artifact that lies elsewhere."""
    elsewhere = [artifact for artifact in of["predicate"]["artifacts"] if "locators" in artifact]
    return [{"id": artifact["id"], "observations": [observation(artifact)]} for artifact in elsewhere]


def observation(artifact: dict) -> dict:
    return {
        "locator": artifact["locators"][0],
        "at": AT,
        "status": "seen",
        "digests": artifact["digest"],
        "strength": "bytes",
        "access": "anonymous",
        "facts": [{"kind": "license-text", "path": "LICENSE", "value": "Apache-2.0", "count": 1000}],
    }


def text(document: dict) -> str:
    return json.dumps(document, separators=(",", ":"))


def sha256(of: str) -> str:
    return hashlib.sha256(of.encode()).hexdigest()
