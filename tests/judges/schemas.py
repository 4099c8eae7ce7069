"""Python's jsonschema judges our schemas, and then with them every document that we judge.

usage: schemas.py ROOT      (the repository; FULLSOURCE names the program)

A document of the layer `json` must be refused by a strict reader, one of the layer `schema` by the
schema; those of the layers behind must pass the schema and be refused by `fullsource check`, and
those of the layer `pass` must pass everything.
"""

import json
import os
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import strict_json
from claims import Claims
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError, ValidationError

DIALECT = "https://json-schema.org/draft/2020-12/schema"
REFUSED = (SchemaError, ValidationError, strict_json.NotStrict, tomllib.TOMLDecodeError, UnicodeDecodeError)


def main(root: Path) -> int:
    claims = Claims("jsonschema", REFUSED)
    validators = {}
    for path in sorted((root / "schemas").glob("*.json")):
        schema = strict_json.parse(path.read_bytes())
        claims.accepts(f"`{path.name}` as a schema of draft 2020-12", lambda s=schema: check_schema(s))
        name = path.name.split(".")[0]
        validators[name] = Draft202012Validator(schema, format_checker=FormatChecker())
    claims.tell(len(validators) >= 5, "finds the five schemas", f"only {sorted(validators)}")
    judge_vectors(claims, root / "tests" / "vectors", validators)
    judge_examples(claims, root / "examples", validators)
    return claims.failed


def check_schema(schema: dict) -> None:
    if schema.get("$schema") != DIALECT:
        raise SchemaError(f"$schema is {schema.get('$schema')!r}")
    Draft202012Validator.check_schema(schema)


def judge_vectors(claims: Claims, vectors: Path, validators: dict[str, Draft202012Validator]) -> None:
    """One claim for each layer, and one for each document that is judged in another way."""
    agreed: Counter[str] = Counter()
    unjudged: Counter[str] = Counter()
    for case_path in sorted(vectors.glob("*/*/case.json")):
        case = json.loads(case_path.read_bytes())
        if "document" not in case:
            continue
        validator = validators.get(case.get("kind", ""))
        if validator is None:
            unjudged[case.get("kind", "?")] += 1
            continue
        document = case_path.parent / case["document"]
        wrong = disagreement(case["layer"], document, validator)
        if wrong:
            name = case_path.parent.relative_to(vectors)
            claims.tell(False, f"agrees on the vector {name} (layer {case['layer']})", wrong)
        else:
            agreed[case["layer"]] += 1
    for layer, count in sorted(agreed.items()):
        claims.tell(True, f"and `fullsource check` agree on {count} documents of the layer `{layer}`")
    claims.tell(agreed["schema"] > 0 and agreed["pass"] > 0, "finds vectors to judge", "there are none")
    if unjudged:
        print(f"     without a schema of their own: {dict(unjudged)}")


def disagreement(layer: str, document: Path, validator: Draft202012Validator) -> str:
    """What is not as the layer says, or nothing."""
    reader, schema = judgement(document, validator)
    ours = subprocess.run([os.environ["FULLSOURCE"], "check", document], capture_output=True, check=False)
    wrong = []
    if (layer == "json") != (reader != ""):
        wrong.append(f"strict reader: {reader or 'accepted'}")
    elif layer != "json" and (layer == "schema") != (schema != ""):
        wrong.append(f"schema: {schema or 'accepted'}")
    if ours.returncode != (0 if layer == "pass" else 1):
        wrong.append(f"fullsource check: exit {ours.returncode} {ours.stderr.decode(errors='replace')}")
    return "; ".join(wrong)


def judgement(document: Path, validator: Draft202012Validator) -> tuple[str, str]:
    """Why the strict reader, and why the schema, refuse a document; empty where they do not."""
    try:
        value = read(document)
    except REFUSED as error:
        return str(error) or "refused", ""
    errors = [error.message for error in validator.iter_errors(value)]
    return "", "; ".join(errors[:3])


def read(document: Path) -> Any:
    data = document.read_bytes()
    return tomllib.loads(data.decode("utf-8")) if document.suffix == ".toml" else strict_json.parse(data)


def judge_examples(claims: Claims, examples: Path, validators: dict[str, Draft202012Validator]) -> None:
    for path in sorted(examples.glob("**/fullsource.json")):
        name = path.relative_to(examples)
        claims.accepts(f"the manifest of examples/{name}", lambda p=path: validators["manifest"].validate(read(p)))


if __name__ == "__main__":
    sys.exit(1 if main(Path(sys.argv[1])) else 0)
