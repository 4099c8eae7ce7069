"""Policies that seem to ask for something, and ask for less or for nothing."""

import json
from typing import Any

from classification import whole, without
from corpus import case
from evidence import claimed
from place import Place


def policy(name: str, about: str, text: str | bytes, **expected: Any) -> None:
    """A case of the honest release under a policy file."""

    @case(f"policy/{name}", about, **({"exit": 4, "finds": "policy-malformed"} | expected))
    def make(place: Place) -> list[str]:
        place.signed()
        (place.root / "policy.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
        return place.verify("--policy", "policy.toml")


def lowered(code: str, severity: str = "note") -> str:
    return f'[severity]\n{code} = "{severity}"\n'


policy("untrusted-is-a-note", "It takes in what no trusted key signed.", lowered("signature-untrusted"))
policy("no-key-is-a-note", "It takes in what was not checked against a key.", lowered("signature-no-key"))
policy("changed-is-a-note", "It takes in files that were changed.", lowered("file-changed"))
policy("mismatch-is-a-warning", "It takes in other bytes, by a severity that a rule does give.",
       lowered("artifact-mismatch", "warning"))
policy("severity-off", "A severity that switches a finding off.", lowered("artifact-unchecked", "off"))
policy("key-with-a-typo", "`threshhold`: read past, it would ask for nothing.", "threshhold = 2\n")
policy("code-with-a-typo", "A finding that there is not.", lowered("file-chnged", "error"))
policy("threshold-of-none", "Nobody need have signed.", "threshold = 0\n")
policy("threshold-below-zero", "Fewer than nobody need have signed.", "threshold = -9223372036854775808\n")
policy("threshold-in-a-string", "The threshold is a text.", 'threshold = "2"\n')
policy("key-twice", "Two thresholds: readers take the first or the last.", "threshold = 2\nthreshold = 1\n")
policy("table-twice", "A severity by a dotted key, and the table again.",
       'severity.license-unknown = "error"\n[severity]\nlicense-unknown = "note"\n')
policy("rung-unknown", "It requires a rung that there is not.", 'require = "open-source"\n')
policy("rung-without-sources", "It requires a rung, and judges no sources.", 'scope = "release"\nrequire = "full-source"\n')
policy("age-below-zero", "Evidence may be younger than now.", "max-age-days = -1\n")
policy("not-utf-8", "It is in another encoding.", 'description = "\xe9"\n'.encode("latin-1"))
policy("of-brackets", "An array that is 100,000 deep.", "licenses = " + "[" * 100_000)
policy("of-dots", "A key of 100,000 parts.", ".".join("a" * 100_000) + " = 1\n")
policy("of-tables", "A table whose name has 100,000 parts.", "[" + ".".join("a" * 100_000) + "]\n")
policy("without-end", "Two mebibytes of comment.", "#" + "x" * (2 << 20), finds="limit-exceeded")


@case("policy/name-of-a-builtin", "A file in the working directory has the name of a built-in policy: it is not read.",
      exit=0, says="the policy asks for signature and files alone")
def name_of_a_builtin(place: Place) -> list[str]:
    place.signed()
    (place.root / "weights-only").write_text("this is no policy\n")
    return place.verify("--policy", "weights-only")


@case("policy/unsigned-evidence-is-a-note", "A policy lowers what says that nobody signed: still nothing is established.",
      exit=3, finds="class-unproven")
def unsigned_evidence_is_a_note(place: Place) -> list[str]:
    whole(place)
    without(place, "corpus")
    (place.root / "evidence.json").write_text(json.dumps(claimed(place)))
    (place.root / "policy.toml").write_text('require = "source-available"\n' + lowered("evidence-unsigned"))
    return place.verify("--evidence", "evidence.json", "--policy", "policy.toml")
