"""Trust file, revocation file, roles and signers (keys.md, trust-1 to trust-18)."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timezone

from findings import Refused, registry
from keys import OPENSSH_TYPES, BadKey, Key, decode, key_of_openssh, key_of_pem, openssh_fields

ROLES = registry("algorithms")["namespaces"]  # trust-4
SPEAKING = {"producer", "observer"}  # roles that vouch for statements
QUOTED = r'"(?:[^"\\]|\\"|\\)*"'
OPTION = rf'[A-Za-z0-9-]+(?:=(?:{QUOTED}|[^",\s]*))?'


@dataclass(frozen=True)
class Entry:
    key: Key
    principals: frozenset
    roles: frozenset = frozenset()
    after: datetime | None = None
    before: datetime | None = None

    def valid(self, now):
        now = now.replace(microsecond=0)  # trust-7
        return (self.after is None or self.after <= now) \
            and (self.before is None or now <= self.before)


# --- reading

def read_trust_file(data):
    entries, skipped = [], 0
    for number, line in lines_of(data):
        try:
            entry = read_entry(line)
        except ValueError as error:
            raise Refused("trust-malformed", f"line {number}: {error}") from error
        entries += [entry] if entry else []
        skipped += entry is None
    if not entries and not skipped:
        raise Refused("trust-malformed", "no entry")
    return entries


def lines_of(data):
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("trust-malformed", "not UTF-8") from error
    if text.startswith("\ufeff") or "\0" in text:
        raise Refused("trust-malformed", "a byte order mark or a zero byte")
    for number, line in enumerate(text.split("\n"), 1):
        line = line.removesuffix("\r").strip(" \t")
        if line and not line.startswith("#"):
            yield number, line


def read_entry(line):
    """trust-1 to trust-8: the entry, or None where its key is of another type."""
    found = re.fullmatch(rf'({QUOTED}|[^"\s]+)[ \t]+(?:({OPTION}(?:,{OPTION})*)[ \t]+)??'
                         r'([a-z0-9@.-]+)[ \t]+([A-Za-z0-9+/]+=*)(?:[ \t].*)?', line, re.S)
    if not found:
        raise ValueError("no entry: principals, options, key type, key")
    principals = unquote(found[1]).split(",")
    if "" in principals:
        raise ValueError("an empty principal")  # trust-2
    options = read_options(found[2])
    if found[3] not in OPENSSH_TYPES:  # trust-8
        if openssh_fields(found[4])[:1] != [found[3].encode()]:
            raise ValueError("cannot be read")
        return None
    namespaces = options.get("namespaces", "").split(",")
    pattern = any(re.search("[*?!]", text) for text in principals + namespaces)  # trust-5
    roles = set() if pattern else {ROLES[name] for name in namespaces if name in ROLES}
    after, before = (time_of(options.get(name)) for name in ("valid-after", "valid-before"))
    if after and before and before <= after:
        raise ValueError("`valid-before` is not later than `valid-after`")  # trust-6
    return Entry(key_of_openssh(found[3], found[4]), frozenset(principals), frozenset(roles),
                 after, before)


def read_options(text):
    """trust-2, trust-3."""
    options = {}
    for option in re.findall(OPTION, text or ""):
        name, equals, value = option.partition("=")
        name = name.lower()
        if name not in ("namespaces", "valid-after", "valid-before") or not equals:
            raise ValueError(f"the option `{name}`")
        if name in options:
            raise ValueError(f"the option `{name}` twice")
        options[name] = unquote(value)
    return options


def unquote(text):
    return text[1:-1].replace('\\"', '"') if text.startswith('"') else text


def time_of(text):
    """trust-6."""
    if text is None:
        return None
    digits = text.removesuffix("Z")
    if not re.fullmatch(r"\d{8}(\d{4}(\d{2})?)?", digits, re.ASCII):
        raise ValueError(f"`{text}` is no time")
    return datetime.strptime(digits.ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc)


@dataclass
class Revoked:
    statements: set = field(default_factory=set)
    key_ids: set = field(default_factory=set)


def read_revocation_file(data):
    """trust-14."""
    revoked = Revoked()
    if not data:
        raise Refused("trust-malformed", "the revocation file is empty")
    lines = lines_of(data)
    for number, line in lines:
        first = line.split()[0]
        try:
            if re.fullmatch("(sha256:)?[0-9a-f]{64}", first):
                revoked.statements.add(first[-64:])
            elif re.fullmatch("(key:)?[A-Za-z0-9+/]{43}=", first):
                decode(first[-44:])
                revoked.key_ids.add(first[-44:])
            elif line == "-----BEGIN PUBLIC KEY-----":
                while not line.startswith("-----END"):
                    line += "\n" + next(lines, (0, "-----END"))[1]
                    if line.endswith("-----END PUBLIC KEY-----"):
                        break
                    if line.endswith("-----END"):
                        raise ValueError("a PEM block that does not end")
                revoke_key(revoked, key_of_pem, line)
            elif first in OPENSSH_TYPES or re.match("(ssh|ecdsa|sk)-", first):
                blob = (line.split() + [""])[1]
                if openssh_fields(blob)[:1] != [first.encode()]:
                    raise ValueError("the key is of another type than its line says")
                revoke_key(revoked, key_of_openssh, first, blob)
            else:
                raise ValueError("neither a statement id, a key id nor a key")
        except ValueError as error:
            raise Refused("trust-malformed", f"line {number}: {error}") from error
    return revoked


def revoke_key(revoked, read, *text):
    try:
        revoked.key_ids.add(read(*text).id)
    except BadKey:
        pass  # a key that is never accepted revokes nothing


# --- judging

class Trust:
    """Which keys there are and what they may say, for one run."""

    def __init__(self, given, entries, revoked, now):
        self.given, self.entries, self.revoked, self.now = set(given), entries, revoked, now
        self.keys = sorted({*given, *(entry.key for entry in entries)}, key=lambda key: key.id)

    def entries_of(self, key):
        return [entry for entry in self.entries if entry.key == key]

    def roles(self, key):
        """The roles of the entries of a key that are valid now."""
        return {role for entry in self.entries_of(key) if entry.valid(self.now)
                for role in entry.roles}

    def state(self, key):
        """ver-10: `counts`, or a finding code."""
        if key.id in self.revoked.key_ids:
            return "signer-revoked"  # trust-15
        if key in self.given:
            return "counts"  # trust-10
        speaking = [entry for entry in self.entries_of(key) if entry.roles & SPEAKING]
        if not speaking:
            return "signer-role"
        if any(entry.valid(self.now) for entry in speaking):
            return "counts"
        if any(entry.before and entry.before < self.now.replace(microsecond=0)
               for entry in speaking):
            return "signer-expired"
        return "signer-not-yet-valid"

    def vouches_as_producer(self, key, producer_uri):
        """trust-10, trust-11."""
        return key in self.given or any(
            entry.valid(self.now) and "producer" in entry.roles and producer_uri is not None
            and producer_uri in entry.principals for entry in self.entries_of(key))

    def groups(self):
        """trust-17: (keys, principals) of each signer whom the trust file has."""
        groups = []  # of (keys, principals), joined where they have one in common
        for entry in self.entries:
            joined = [group for group in groups
                      if entry.key in group[0] or entry.principals & group[1]]
            groups = [group for group in groups if group not in joined]
            groups.append(({entry.key}.union(*(group[0] for group in joined)),
                           entry.principals.union(*(group[1] for group in joined))))
        return groups

    def group_of(self, key):
        """The signer who holds a key of the trust file."""
        return next(group for group in self.groups() if key in group[0])

    def signers(self, keys):
        """trust-17: how many signers these keys are."""
        known = [group for group in self.groups() if group[0] & set(keys)]
        alone = [key for key in set(keys) if not self.entries_of(key)]
        return len(known) + len(alone)
