"""Findings: codes, severities and groups, read from spec/v0.1/findings.md itself."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

SPEC = Path(__file__).resolve().parents[2] / "spec" / "v0.1"
WEIGHT = {"error": 3, "incomplete": 2, "warning": 1, "note": 0}


@dataclass
class Code:
    group: str
    default: str  # pol-4: the first severity under the heading
    order: int  # rep-4
    help: str


@dataclass
class Finding:
    code: str
    message: str
    path: str | None = None
    artifact: str | None = None
    severity: str | None = None  # None: the default of the code
    rule: str | None = None


class Refused(Exception):
    """What was given cannot be used: one finding, and the verifier stops."""

    def __init__(self, code, message, path=None, rule=None):
        super().__init__(f"{code}: {message}")
        self.finding = Finding(code, message, path, rule=rule)


def registry(name):
    return tomllib.loads((SPEC / "registry" / f"{name}.toml").read_text("utf-8"))


def read_codes():
    codes, group = {}, None
    sections = re.split(r"^(?=##+ )", (SPEC / "findings.md").read_text("utf-8"), flags=re.M)
    for section in sections:
        if heading := re.match(r"## Group `([a-z]+)`", section):
            group = heading[1]
        elif heading := re.match(r"### `([a-z-]+)`", section):
            severity = re.search(r"^- Severity: `([a-z]+)`", section, re.M)[1]
            help_text = " ".join(re.search(r"^- Do: (.*)", section, re.M | re.S)[1].split())
            codes[heading[1]] = Code(group, severity, len(codes), help_text)
    return codes


CODES = read_codes()
