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

    def severity_of(self, finding):
        """pol-4 to pol-6."""
        default = CODES[finding.code].default
        stated = finding.severity or default
        wanted = self.severity.get(finding.code, default)
        if WEIGHT[wanted] > WEIGHT[default]:
            return max(wanted, stated, key=WEIGHT.get)
        return wanted if stated == default else stated


BUILT_IN = {"default": Policy(digests="any"), "weights-only": Policy(scope="release")}  # pol-8


def read_policy(data):
    def refuse(message):
        raise Refused("policy-malformed", message)
    try:
        document = tomllib.loads(data.decode("utf-8"))
    except ValueError as error:
        refuse(str(error))
    for key, allowed in (("scope", ("release", "sources")),
                         ("digests", ("all", "sha256", "blake3", "any"))):
        if document.get(key, allowed[0]) not in allowed:
            refuse(f"`{key}` is none of {', '.join(allowed)}")
    threshold, severity = document.get("threshold", 1), document.get("severity", {})
    if type(threshold) is not int or not 1 <= threshold <= 64:
        refuse("`threshold` is no integer from 1 to 64")
    if not isinstance(document.pop("description", ""), str) or not isinstance(severity, dict):
        refuse("a key of another type")
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
