"""Python's jsonschema judges our schemas, and then with them every document that we judge.

usage: schemas.py ROOT ANSWERS      (ROOT: the repository; FULLSOURCE names the program)

ANSWERS is written: what the schemas say of each JSON document, to be compared with ajv's answers.

A document of the layer `json` must be refused by a strict reader, and one of the layer `schema` by
the schema. Rules between parts are beyond a schema: those of the layer `rules` must pass it and be
refused by `fullsource check`. Those of the layer `pass` must pass both. Of the other layers a schema
sees what it can: `fullsource check` must refuse them all, so that no schema is stricter than it.
"""

import json
import os
import re
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
from jsonschema.validators import extend

DIALECT = "https://json-schema.org/draft/2020-12/schema"
REFUSED = (SchemaError, ValidationError, strict_json.NotStrict, tomllib.TOMLDecodeError, UnicodeDecodeError)


def pattern(_validator: Any, expression: str, text: Any, _schema: Any) -> Any:
    """The keyword as ECMA-262 has it: Python's `$` would let a line feed follow."""
    if isinstance(text, str) and not re.search(re.sub(r"(?<!\\)\$", r"\\Z", expression), text):
        yield ValidationError(f"{text!r} does not match {expression!r}")


Judge = extend(Draft202012Validator, {"pattern": pattern})


def main(root: Path, answers: Path) -> int:
    claims = Claims("jsonschema", REFUSED)
    validators = {}
    for path in sorted((root / "schemas").glob("*.json")):
        schema = strict_json.parse(path.read_bytes())
        claims.accepts(f"`{path.name}` as a schema of draft 2020-12", lambda s=schema: check_schema(s))
        name = path.name.split(".")[0]
        validators[name] = Judge(schema, format_checker=FormatChecker())
    claims.tell(len(validators) >= 5, "finds the five schemas", f"only {sorted(validators)}")
    answers.write_text(judge_vectors(claims, root / "tests" / "vectors", validators))
    judge_examples(claims, root / "examples", validators)
    return claims.failed


def check_schema(schema: dict) -> None:
    if schema.get("$schema") != DIALECT:
        raise SchemaError(f"$schema is {schema.get('$schema')!r}")
    Draft202012Validator.check_schema(schema)


def judge_vectors(claims: Claims, vectors: Path, validators: dict[str, Draft202012Validator]) -> str:
    """One claim for each layer, and one for each document that is judged in another way."""
    agreed: Counter[str] = Counter()
    unjudged: Counter[str] = Counter()
    answers = ""
    for case_path in sorted(vectors.glob("*/*/case.json")):
        case = json.loads(case_path.read_bytes())
        if "document" not in case:
            continue
        validator = validators.get(case["kind"])
        if validator is None:
            unjudged[case["kind"]] += 1
            continue
        name = case_path.parent.relative_to(vectors)
        document = case_path.parent / case["document"]
        reader, schema = judgement(document, validator)
        if not reader and document.suffix == ".json":
            answers += f"{name} {'refused' if schema else 'accepted'}\n"
        if wrong := disagreement(case["layer"], reader, schema, checked(document)):
            claims.tell(False, f"agrees on the vector {name} (layer {case['layer']})", wrong)
        else:
            agreed[case["layer"]] += 1
    for layer, count in sorted(agreed.items()):
        claims.tell(True, f"and `fullsource check` agree on {count} documents of the layer `{layer}`")
    claims.tell(agreed["schema"] > 0 and agreed["pass"] > 0, "finds vectors to judge", "there are none")
    if unjudged:
        print(f"     without a schema of their own: {dict(unjudged)}")
    return answers


def checked(document: Path) -> tuple[int, str]:
    """How `fullsource check` ends, and what it says."""
    command = [os.environ["FULLSOURCE"], "check", document]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    return done.returncode, done.stdout + done.stderr


def disagreement(layer: str, reader: str, schema: str, check: tuple[int, str]) -> str:
    """What is not as the layer says, or nothing. Empty reasons mean that a document was accepted."""
    wrong = []
    if layer != "policy" and (layer == "json") != (reader != ""):  # a policy is TOML
        wrong.append(f"strict reader: {reader or 'accepted'}")
    elif layer == "schema" and not schema:
        wrong.append("schema: accepted")
    elif layer in ("rules", "pass") and schema:
        wrong.append(f"schema: {schema}")
    if check[0] != (0 if layer == "pass" else 1):
        wrong.append(f"fullsource check: exit {check[0]}: {check[1]}")
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
    sys.exit(1 if main(Path(sys.argv[1]), Path(sys.argv[2])) else 0)
