"""The policy (policy.md)."""

import tomllib
from dataclasses import dataclass, field

from findings import CODES, WEIGHT, Refused


@dataclass
class Policy:
    scope: str = "sources"
    threshold: int = 1
    digests: str = "all"
    severity: dict = field(default_factory=dict)
    require: str = None
    require_mof: int = None
    licenses: list = field(default_factory=list)
    signers: list = field(default_factory=list)
    word_of: list = field(default_factory=list)
    max_age_days: int = None
    output_terms: str = "count"
    rebuilds: int = None
    rebuilders: list = field(default_factory=list)

    def severity_of(self, finding):
        """pol-4 to pol-6."""
        default = CODES[finding.code].default
        stated = finding.severity or default
        wanted = self.severity.get(finding.code, default)
        if WEIGHT[wanted] > WEIGHT[default]:
            return max(wanted, stated, key=WEIGHT.get)
        return wanted if stated == default else stated


BUILT_IN = {  # pol-8
    "default": Policy(digests="any"), "weights-only": Policy(scope="release"),
    "osi": Policy(require="open-recipe", output_terms="warn"),
    "debian": Policy(require="full-source"),
    "mof-1": Policy(require_mof=1), "mof-2": Policy(require_mof=2), "mof-3": Policy(require_mof=3)}
RUNGS = ("open-weights", "open-recipe", "full-source", "full-source-transitive",
         "weights-available", "recipe-available", "source-available",
         "source-available-transitive")


def read_policy(data):
    def refuse(message):
        raise Refused("policy-malformed", message)
    try:
        document = tomllib.loads(data.decode("utf-8"))
    except ValueError as error:
        refuse(str(error))
    document = {key.replace("-", "_") if "_" not in key else key + "?": value
                for key, value in document.items()}
    for key, allowed in (("scope", ("sources", "release")), ("output_terms", ("count", "warn")),
                         ("digests", ("all", "sha256", "blake3", "any"))):
        if document.get(key, allowed[0]) not in allowed:
            refuse(f"`{key}` is none of {', '.join(allowed)}")
    threshold, severity = document.get("threshold", 1), document.get("severity", {})
    if type(threshold) is not int or not 1 <= threshold <= 64:
        refuse("`threshold` is no integer from 1 to 64")
    if not isinstance(document.pop("description", ""), str) or not isinstance(severity, dict):
        refuse("a key of another type")
    if document.get("require", RUNGS[0]) not in RUNGS:
        refuse("`require` names no rung")  # pol-17
    for key, most in (("require_mof", 3), ("max_age_days", 2**32 - 1)):
        number = document.get(key, 1)
        if type(number) is not int or not (key == "max_age_days") <= number + 1 <= most + 1 \
                or number < (1 if key == "require_mof" else 0):
            refuse(f"`{key}` is out of range")
    if type(document.get("rebuilds", 1)) is not int or not 1 <= document.get("rebuilds", 1) <= 64:
        refuse("`rebuilds` is out of range")
    for key in ("licenses", "signers", "word_of", "rebuilders"):
        texts = document.get(key, [])
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            refuse(f"`{key}` is no array of strings")
    if document.get("scope") == "release" and any(
            document.get(key) for key in ("require", "require_mof", "licenses", "rebuilds",
                                          "rebuilders")) \
            or document.get("scope") == "release" and "max_age_days" in document:
        refuse("what `scope = \"release\"` does not look at")  # pol-17
    if unknown := document.keys() - Policy.__dataclass_fields__.keys():
        refuse(f"unknown: {', '.join(unknown)}")
    for code, wanted in severity.items():
        if code not in CODES or not isinstance(wanted, str) or wanted not in WEIGHT:
            refuse(f"`{code}` is no code, or its severity is none")
        default = CODES[code].default
        fixed = default == "error" or CODES[code].group == "signature"
        if WEIGHT[wanted] < WEIGHT[default] and fixed and code != "signer-observer":
            refuse(f"`{code}` must not be lowered")  # pol-6, pol-7
    return Policy(**document)
