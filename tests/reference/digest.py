"""Paths, globs, twins, digests of trees (digest.md)."""

import hashlib
import os
import re
import stat
import unicodedata

from findings import registry
from shape import Wrong, record, text

ALGORITHMS = registry("algorithms")["digests"]
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


# --- paths

def is_path(text):
    """path-1 to path-6."""
    return (len(text.encode("utf-8", "surrogatepass")) <= 4095
            and not any(part in ("", ".", "..") for part in text.split("/"))
            and not CONTROL.search(text) and "\\" not in text
            and not re.match("[A-Za-z]:", text))


def is_selector(text):
    return is_path(text.removesuffix("/"))  # path-7


def selects(selector, path):
    return path.startswith(selector) if selector.endswith("/") else path == selector


def by_bytes(path):
    return path.encode("utf-8", "surrogatepass")  # path-8


def is_nfc(path):
    return unicodedata.is_normalized("NFC", path)  # path-9


def parents(path):
    parts = path.split("/")
    return ["/".join(parts[:i]) for i in range(1, len(parts))]


def fold(path):
    """path-10."""
    def single(mapped, char):
        return mapped if len(mapped) == 1 else char

    def lower_of_upper(char):
        upper = single(char.upper(), char)
        return single(upper.lower(), upper)
    folded = "".join(map(lower_of_upper, unicodedata.normalize("NFC", path)))
    return unicodedata.normalize("NFC", folded)


def twins(paths):
    """path-11: pairs of different paths with equal folds, the one that sorts later second."""
    same = {}
    for path in sorted(paths | {up for path in paths for up in parents(path)}, key=by_bytes):
        same.setdefault(fold(path), []).append(path)
    return [(first, second) for group in same.values()
            for i, second in enumerate(group) for first in group[:i]]


# --- globs

def is_glob(text):
    return 1 <= len(text) <= 1024 and text[0] != "/" and translate(text) is not None


def translate(glob):
    """tree-10 to tree-12 as a regular expression; None where a `[` is not closed."""
    out, i = "", 0
    while i < len(glob):
        if glob.startswith("**", i):
            out, i = out + ".*", i + 2
        elif glob[i] == "[":
            start = i + 2 if glob.startswith("[!", i) else i + 1
            end = glob.find("]", start + 1)  # a `]` right behind the opening stands for itself
            if end < 0:
                return None
            out += character_set(glob[start:end], start == i + 2)
            i = end + 1
        else:
            out += {"*": "[^/]*", "?": "[^/]"}.get(glob[i], re.escape(glob[i]))
            i += 1
    return out + (".+" if glob.endswith("/") else "")


def character_set(items, negated):
    ranges, i = [], 0
    while i < len(items):
        last = items[i + 2] if items[i + 1:i + 2] == "-" and i + 2 < len(items) else None
        if last is None:
            ranges.append(re.escape(items[i]))
        elif items[i] <= last:  # tree-11: otherwise the range matches nothing
            ranges.append(f"{re.escape(items[i])}-{re.escape(last)}")
        i += 1 if last is None else 3
    if not ranges:
        return "[^/]" if negated else "(?!)"
    return f"[^/{''.join(ranges)}]" if negated else f"(?!/)[{''.join(ranges)}]"


def glob_matches(glob, path):
    return re.fullmatch(translate(glob), path, re.S) is not None


# --- digests

def a_digest_set(value, place, strict):
    """digest-1, digest-2."""
    def digits(counts):
        return text(pattern="|".join(f"[0-9a-f]{{{n}}}" for n in counts))
    known = {name: digits(one["digits"]) for name, one in ALGORITHMS.items()}
    record({}, known)(value, place, strict)
    if not value.keys() & known.keys():
        raise Wrong(place, "has no digest of this format")


def known_digests(digests):
    return {name: value for name, value in (digests or {}).items() if name in ALGORITHMS}


def is_strong(name, value):
    return len(value) in ALGORITHMS[name]["strong"]  # digest-5


def compare_digests(claimed, observed):
    """digest-4: `differs`, `partly` (not fully observed), `equal` or `weak`."""
    claimed, observed = known_digests(claimed), known_digests(observed)
    both = claimed.keys() & observed.keys()
    if any(claimed[name] != observed[name] for name in both):
        return "differs"
    if both != claimed.keys():
        return "partly"
    return "equal" if any(is_strong(*one) for one in claimed.items()) else "weak"


def dir_hash(sha256_by_path):
    """digest-6."""
    lines = (f"{sha256_by_path[path]}  {path}\n" for path in sorted(sha256_by_path, key=by_bytes))
    return hashlib.sha256("".join(lines).encode("utf-8")).hexdigest()


def git_tree(folder, new):
    """digest-9, of a directory on disk. `new` is hashlib.sha1 or hashlib.sha256."""
    def object_id(kind, content):
        return new(b"%s %d\0" % (kind, len(content)) + content).digest()
    rows = []
    for entry in os.scandir(os.fsencode(folder)):
        mode, sorts_as = entry.stat(follow_symlinks=False).st_mode, entry.name
        if entry.name == b".git":
            continue
        if stat.S_ISDIR(mode):
            kind, sorts_as, oid = b"40000", entry.name + b"/", git_tree(entry.path, new)
            if oid == object_id(b"tree", b""):  # an empty directory
                continue
        elif stat.S_ISLNK(mode):
            kind, oid = b"120000", object_id(b"blob", os.readlink(entry.path))
        elif stat.S_ISREG(mode):
            kind = b"100755" if mode & stat.S_IXUSR else b"100644"
            with open(entry.path, "rb") as file:
                oid = object_id(b"blob", file.read())
        else:
            raise OSError("a special file has no git id")
        rows.append((sorts_as, b"%s %s\0%s" % (kind, entry.name, oid)))
    return object_id(b"tree", b"".join(row for _, row in sorted(rows)))
