"""Trust and revocation files: what an entry seems to say, and what it says."""

import base64
from collections.abc import Callable
from typing import Any

from corpus import case
from keys import PRODUCER, openssh_blob, raw
from place import Key, Place


def line(key: Key) -> str:
    """A key as OpenSSH writes it."""
    return f"ssh-ed25519 {openssh_blob(b'ssh-ed25519', key.private.public_key().public_bytes_raw())}"


def trust(name: str, about: str, entries: Callable[[Place], str], *options: str, **expected: Any) -> None:
    """A case of a release that is honestly signed, and a trust file."""

    @case(f"trust/{name}", about, **expected)
    def make(place: Place) -> list[str]:
        place.signed()
        (place.root / "trust").write_bytes(entries(place).encode())
        return ["verify", "release", "--trust", "trust", *options]


def entry(principal: str = PRODUCER, options: str = 'namespaces="fullsource"') -> Callable[[Place], str]:
    return lambda place: f"{principal} {options} {line(place.key)}\n"


trust("plain", "An entry for the producer's key and address: it passes.", entry(), exit=0)
trust("principal-of-anybody", "An entry for any principal.", entry("*"), exit=1, finds="signer-role")
trust("principal-of-a-pattern", "An entry for all addresses below one.", entry("https://mallory.*"), exit=1, finds="signer-role")
trust("namespace-of-anything", "An entry for any namespace.", entry(options='namespaces="*"'), exit=1, finds="signer-role")
trust("namespace-of-git", "An entry for what git signs.", entry(options='namespaces="git"'), exit=1, finds="signer-role")
trust("namespace-in-capitals", "An entry for a namespace in capitals.", entry(options='namespaces="FULLSOURCE"'),
      exit=1, finds="signer-role")
trust("namespace-as-part", "An entry for a namespace that begins like this one.",
      entry(options='namespaces="fullsource.example"'), exit=1, finds="signer-role")
trust("authority", "An entry that trusts whatever a key certifies.",
      entry(options='cert-authority,namespaces="fullsource"'), exit=4, finds="trust-malformed")
trust("over", "An entry that was valid until yesterday; the release says that it is older.",
      entry(options='namespaces="fullsource",valid-before="20261122Z"'), "--now", "2026-11-23T10:00:00Z",
      exit=1, finds="signer-expired")
trust("day-that-is-none", "An entry is valid until the 30th of February.",
      entry(options='namespaces="fullsource",valid-before="20270230Z"'), exit=4, finds="trust-malformed")
trust("principal-look-alike", "The producer's address, with a letter of another alphabet.",
      entry("https://m\u0430llory.example"), exit=3, finds="signer-observer")
trust("principal-with-port", "The producer's address, spelt with its port.",
      entry("https://mallory.example:443"), exit=3, finds="signer-observer")
trust("behind-a-carriage-return", "An entry behind a comment and a carriage return alone: it is part of the comment.",
      lambda p: f"x {line(p.other)}\n# comment\r{entry()(p)}", exit=1, finds="signature-untrusted")
trust("space-that-does-not-break", "Principal and key are parted by a space of another kind.",
      lambda p: f"{PRODUCER}\u00a0namespaces=\"fullsource\"\u00a0{line(p.key)}\n", exit=4, finds="trust-malformed")
trust("token", "The key stands there as that of a hardware token: it is no key of this format.",
      lambda p: f'{PRODUCER} namespaces="fullsource" sk-ssh-ed25519@openssh.com '
      f"{openssh_blob(b'sk-ssh-ed25519@openssh.com', raw(p), b'ssh:')}\n{PRODUCER} {line(p.other)}\n",
      exit=1, finds="signature-untrusted")
trust("zero-byte", "A zero byte ends the file for who reads it as C does.",
      lambda p: f"{PRODUCER} {line(p.other)}\n\0\n{entry()(p)}", exit=4, finds="trust-malformed")
trust("too-large", "A trust file of 5 mebibytes of comment.", lambda p: entry()(p) + "#" * (5 << 20),
      exit=4, finds="trust-malformed")
trust("two-names-of-one-key", "Two signers are asked for; one key stands there under two principals.",
      lambda p: entry()(p) + entry("https://other.example")(p), "--threshold", "2", exit=1, finds="signature-threshold")
trust("crowd", "Twenty thousand keys that have nothing to do with the release: it passes.",
      lambda p: "".join(f"x{n} {line(p.other)}\n" for n in range(20_000)) + entry()(p), exit=0)


@case("trust/rebuilder-as-producer", "The key that may say what it rebuilt signed the statement.",
      exit=1, finds="signer-role")
def rebuilder_as_producer(place: Place) -> list[str]:
    place.put_bundle(place.bundle(place.payload(), place.other))
    (place.root / "trust").write_text(f'{PRODUCER} namespaces="fullsource-rebuilder" {line(place.other)}\n')
    return ["verify", "release", "--trust", "trust"]


@case("trust/producer-of-another", "A trusted producer signs in the name of another: it is an observer.",
      exit=3, finds="signer-observer", says="observer")
def producer_of_another(place: Place) -> list[str]:
    place.manifest["release"]["producer"] = {"name": "Good Lab", "uri": "https://good.example"}
    place.signed()
    good = f'https://good.example namespaces="fullsource" {line(place.other)}\n'
    (place.root / "trust").write_text(good + entry()(place))
    return ["verify", "release", "--trust", "trust"]


# --- revocation ---


def revoked(name: str, about: str, text: Callable[[Place], str], **expected: Any) -> None:
    @case(f"trust/{name}", about, **expected)
    def make(place: Place) -> list[str]:
        place.signed()
        (place.root / "revoked").write_bytes(text(place).encode())
        return place.verify("--revoked", "revoked")


MALFORMED = {"exit": 4, "finds": "trust-malformed"}
revoked("revoked-as-fingerprint", "A key is revoked by OpenSSH's fingerprint: it would revoke nothing.",
        lambda p: "SHA256:" + base64.b64encode(bytes(32)).decode().rstrip("=") + "\n", **MALFORMED)
revoked("revoked-in-another-alphabet", "A key is revoked by its id in URL-safe base64: it would revoke nothing.",
        lambda p: base64.urlsafe_b64encode(base64.b64decode(p.key.hint())).decode().replace("=", "") + "\n", **MALFORMED)
revoked("revoked-with-a-typo", "The line of a revoked key has a letter too many.",
        lambda p: line(p.key) + "\nssh-ed25519x AAAA\n", **MALFORMED)
revoked("revoked-behind-others", "A key is revoked in the last of 40,000 lines.",
        lambda p: "".join(f"{n:064x}\n" for n in range(40_000)) + line(p.key) + "\n", exit=1, finds="signer-revoked")
