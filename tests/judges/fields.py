"""Python's jsonschema judges what our schemas say to editors: every field has a title and a description,
every field that a person writes has examples, and every example is what its field takes.

usage: fields.py ROOT      (ROOT: the repository; FULLSOURCE names the program)
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from claims import Claims
from jsonschema import Draft202012Validator, FormatChecker

# What people write by hand.
WRITTEN = ("manifest", "policy")


def main(root: Path) -> int:
    claims = Claims("fields", (OSError,))
    locators, licences = set(), set()
    for path in sorted((root / "schemas").glob("*.json")):
        name = path.name.split(".")[0]
        schema = json.loads(path.read_bytes())
        fields = list(walk(schema, name))
        for word in ("title", "description"):
            bare = [where for where, field in fields if not field.get(word)]
            claims.tell(not bare, f"each of {len(fields)} fields of `{name}` has a {word}", str(bare))
        if name in WRITTEN:
            bare = [where for where, field in fields if not shown(schema, field)]
            claims.tell(not bare, f"each of {len(fields)} fields of `{name}` shows what it takes", str(bare))
        judge_examples(claims, name, schema)
        kinds = schema.get("$defs", {})
        locators.update(kinds.get("Locator", {}).get("examples", []))
        licences.update(kinds.get("LicenseExpression", {}).get("examples", []))
    check_examples(claims, sorted(locators), sorted(licences))
    return claims.failed


def walk(schema: object, where: str) -> Iterator[tuple[str, dict]]:
    """Every field of every object, with where it stands."""
    if isinstance(schema, list):
        for part in schema:
            yield from walk(part, where)
    if isinstance(schema, dict):
        for name, field in schema.get("properties", {}).items():
            yield f"{where}/{name}", field
        for name, part in schema.items():
            yield from walk(part, f"{where}/{name}")


def target(schema: dict, part: dict) -> dict:
    while "$ref" in part:
        part = schema["$defs"][part["$ref"].split("/")[-1]]
    return part


def shown(schema: dict, part: dict) -> bool:
    """Whether it has examples, is one of a list, or is made of fields that have."""
    whole = target(schema, part)
    if "examples" in part or {"examples", "enum", "const", "properties"} & whole.keys():
        return True
    parts = [whole[key] for key in ("items", "additionalProperties") if isinstance(whole.get(key), dict)]
    parts += whole.get("anyOf", []) + whole.get("oneOf", [])
    return whole.get("type") == "boolean" or any(shown(schema, part) for part in parts)


def judge_examples(claims: Claims, name: str, schema: dict) -> None:
    """Every example against the part that it stands in."""
    count, wrong = 0, []
    for where, part in with_examples(schema, name):
        inside = {"$defs": schema.get("$defs", {}), **part}
        validator = Draft202012Validator(inside, format_checker=FormatChecker())
        for example in part["examples"]:
            count += 1
            wrong += [f"{where}: {error.message}" for error in validator.iter_errors(example)]
    claims.tell(not wrong, f"takes all {count} examples of `{name}`", "; ".join(wrong))
    claims.tell(count > 0 or name not in WRITTEN, f"finds examples in `{name}`", "there are none")


def with_examples(schema: object, where: str) -> Iterator[tuple[str, dict]]:
    if isinstance(schema, list):
        for part in schema:
            yield from with_examples(part, where)
    if isinstance(schema, dict):
        if isinstance(schema.get("examples"), list):
            yield where, schema
        for name, part in schema.items():
            yield from with_examples(part, f"{where}/{name}")


def check_examples(claims: Claims, locators: list[str], licences: list[str]) -> None:
    """What a schema cannot say of locators and licences, `fullsource check` does."""
    release = {"name": "m", "producer": {"name": "p"}}
    artifacts = [
        {"id": f"l{number}", "roles": ["data.pretraining"], "locators": [locator]}
        for number, locator in enumerate(locators)
    ]
    artifacts += [
        {"id": f"e{number}", "roles": ["data.pretraining"], "license": licence}
        for number, licence in enumerate(licences)
    ]
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "fullsource.json"
        path.write_text(json.dumps({"release": release, "artifacts": artifacts}))
        done = subprocess.run(
            [os.environ["FULLSOURCE"], "check", path], capture_output=True, text=True, check=False
        )
    what = f"`fullsource check` takes {len(locators)} locators and {len(licences)} licences that are examples"
    claims.tell(done.returncode == 0 and locators and licences, what, done.stdout + done.stderr)


if __name__ == "__main__":
    sys.exit(min(main(Path(sys.argv[1])), 1))
