"""Candidates, and which of them is the statement (verification.md, steps 2 and 3)."""

import hashlib
from dataclasses import dataclass, field

from envelope import pae
from findings import Finding, Refused
from statement import TYPES, open_statement

# --- step 2: signatures

@dataclass
class Candidate:
    payload_type: str | None
    payload: bytes
    signatures: list = field(default_factory=list)
    in_lines: bool = True
    signing: list = field(default_factory=list)  # keys
    meets: bool = False
    unverified: bool = False
    findings: list = field(default_factory=list)
    document: dict | None = None
    standing: str | None = None

    @property
    def id(self):  # stm-7
        return hashlib.sha256(self.payload).hexdigest()


def judge_signatures(candidates, inputs):
    """ver-7 to ver-12: the candidates that go on."""
    for one in candidates:
        judge_candidate(one, inputs)
    left = [one for one in candidates if one.unverified or one.signing]
    if not left:
        raise Refused("signature-untrusted", "no signature is by a trusted key",
                      rule="verification.md#ver-9")
    if any(one.meets for one in left):
        left = [one for one in left if one.meets]  # ver-12
    return left


def judge_candidate(one, inputs):
    if one.payload_type is None or not inputs.has_keys:
        one.unverified = not one.signatures or not inputs.has_keys
    if not one.signatures:  # ver-8, ver-9
        one.findings.append(Finding("signature-none", "the statement is not signed",
                                    severity="error" if inputs.has_keys else None))
    elif not inputs.has_keys:
        one.findings.append(Finding("signature-no-key", "no key to verify with"))
    else:
        trust, signed = inputs.trust, pae(one.payload_type, one.payload)
        one.signing = [key for key in trust.keys
                       if any(key.verifies(signature, signed) for signature in one.signatures)]
        states = {key: trust.state(key) for key in one.signing}
        counting = [key for key in one.signing if states[key] == "counts"]
        one.meets = trust.signers(counting) >= inputs.threshold  # ver-11
        for key in one.signing:
            if states[key] != "counts":
                lighter = one.meets and states[key] != "signer-revoked"
                one.findings.append(Finding(states[key], f"the key {key.id}",
                                            severity="warning" if lighter else "error"))
        if counting and not one.meets:
            one.findings.append(Finding(
                "signature-threshold",
                f"{trust.signers(counting)} signers of {inputs.threshold}"))


# --- step 3: the statement

def choose_statement(candidates, inputs, options, findings):
    candidates = open_candidates(candidates)
    candidates = set_aside(candidates, lambda one: one.id not in inputs.trust.revoked.statements,
                           "statement-revoked", "the statement is revoked")  # ver-15
    if options.statement_id:
        candidates = set_aside(candidates, lambda one: one.id == options.statement_id,
                               "statement-unexpected", "another statement id")  # ver-16
    for one in candidates:
        one.standing = standing(one, inputs)
    if any(one.standing == "producer" for one in candidates):  # ver-18
        candidates = [one for one in candidates if one.standing != "observer"]
    if len(candidates) > 1:
        raise Refused("statement-conflict", "two statements, and none is to be preferred")
    chosen, = candidates
    findings += chosen.findings
    if chosen.standing == "observer" and chosen.meets:
        findings.append(Finding("signer-observer", "not signed by the producer that it names"))
    release = chosen.document["predicate"]["release"]
    names = [release["name"]]
    if "version" in release:
        names.append(f"{release['name']}@{release['version']}")
    if options.expect and options.expect not in names:
        raise Refused("statement-unexpected", f"not `{options.expect}`")  # ver-21
    return chosen


def set_aside(candidates, keep, code, message):
    left = [one for one in candidates if keep(one)]
    if not left:
        raise Refused(code, message)
    return left


def open_candidates(candidates):
    """ver-13, ver-14."""
    left, first = [], None
    for one in candidates:
        try:
            if one.payload_type not in (None, TYPES["payload"]):  # env-5, env-17
                raise Refused("payload-type", f"the type `{one.payload_type}`")
            one.document = open_statement(one.payload)
            left.append(one)
        except Refused as refused:
            if not one.in_lines or refused.finding.code not in (
                    "payload-type", "statement-type", "predicate-type"):
                raise
            first = first or refused
    if not left:
        raise first
    return left


def standing(one, inputs):
    """ver-17."""
    trust = inputs.trust
    if one.unverified:
        return "unverified"
    speaking = [key for key in one.signing if trust.state(key) == "counts"
                and (key in trust.given or "producer" in trust.roles(key))]
    uri = one.document["predicate"]["release"]["producer"].get("uri")
    vouching = any(trust.vouches_as_producer(key, uri) for key in speaking)
    return "producer" if vouching and trust.signers(speaking) >= inputs.threshold else "observer"
