"""The walk over a release directory (digest.md, tree-1 to tree-13)."""

import hashlib
import os
import re
import stat
from dataclasses import dataclass, field

from blake3 import blake3
from digest import glob_matches, is_nfc, is_path
from findings import Refused, registry

NAMES = registry("reserved-names")


@dataclass
class Seen:
    """What was seen of the files, by this walk or by a collector (ver-24)."""
    digests: str
    files: dict = field(default_factory=dict)  # path to {"size", "sha256", "blake3"}
    entries: list = field(default_factory=list)  # of (path, kind)
    unread: dict = None  # evd-27
    content: dict = field(default_factory=dict)  # path to bytes, of what step 6 reads


class Walk:
    def __init__(self, root, covered, excluded, reserved, digests, wants_content):
        self.root, self.covered, self.excluded = os.fsencode(root), covered, excluded
        self.reserved, self.wants_content = reserved, wants_content
        self.seen = Seen(digests)

    def run(self):
        self.enter("", 0)
        return self.seen

    def enter(self, folder, depth):
        if depth > 256:
            raise Refused("limit-exceeded", "more than 256 directories deep", folder)  # lim-14
        with os.scandir(os.path.join(self.root, os.fsencode(folder))) as entries:
            for entry in list(entries):
                name = os.fsdecode(entry.name)
                self.classify(f"{folder}/{name}" if folder else name, depth)

    def classify(self, path, depth):
        """tree-2, in its order. The name is as Python has it: bytes that are no UTF-8 escaped."""
        mode = os.lstat(self.on_disk(path)).st_mode
        regular, folder = stat.S_ISREG(mode), stat.S_ISDIR(mode)
        if not is_utf8(path) or not is_path(path) or not is_nfc(path):
            return self.note(path, "invalid-name")
        if self.is_ignored(path, regular, folder):
            return self.note(path, "ignored")
        inside = self.entries_in(path) if folder else None
        if inside:
            return self.enter(path, depth + 1)
        if regular and path in self.covered:
            return self.read(path)
        if path not in self.covered and self.is_excluded(path, inside):
            return self.note(path, "excluded")
        if stat.S_ISLNK(mode):
            return self.note(path, "symlink")
        if folder:
            return self.note(path, "unreadable" if inside is None else "empty-directory")
        return self.add(path) if regular else self.note(path, "special")

    def note(self, path, kind):
        self.seen.entries.append((path, kind))

    def on_disk(self, path):
        return os.path.join(self.root, os.fsencode(path))

    def entries_in(self, path):
        """None where they cannot be listed."""
        try:
            return os.listdir(self.on_disk(path))
        except OSError:
            return None

    def is_ignored(self, path, regular, folder):
        name = path.rpartition("/")[2]
        return (regular and path in self.reserved  # tree-4; a reserved name has no `/`
                or regular and name.endswith(tuple(NAMES["ignored-suffixes"]))  # tree-5
                or (regular or folder) and name in NAMES["ignored-names"]
                or folder and path in NAMES["ignored-directories"])

    def is_excluded(self, path, inside):
        """tree-9: never a directory as such, but for an empty one."""
        if inside is None and stat.S_ISDIR(os.lstat(self.on_disk(path)).st_mode):
            return False
        return any(glob_matches(glob, path) or inside == []
                   and glob.endswith("/") and glob_matches(glob[:-1], path)
                   for glob in self.excluded)

    def add(self, path):
        """tree-19: what was added is not read."""
        self.seen.files[path] = {"size": os.lstat(self.on_disk(path)).st_size}

    def read(self, path):
        """tree-6 to tree-8."""
        try:
            data, before, after = read_regular(self.on_disk(path))
        except FileNotFoundError:
            return self.note(path, "unstable")
        except OSError:
            return self.note(path, "unreadable")
        if stamp(before) != stamp(after) or len(data) != before.st_size:
            return self.note(path, "unstable")
        self.seen.files[path] = one = {"size": len(data)}
        if self.seen.digests in ("all", "sha256"):
            one["sha256"] = hashlib.sha256(data).hexdigest()
        if self.seen.digests in ("all", "blake3"):
            one["blake3"] = blake3(data)
        if self.wants_content(path):
            self.seen.content[path] = data


def read_regular(path, limit=None):
    """The bytes of a regular file, and its state before and after."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(handle, "rb") as file:
        before = os.fstat(handle)
        if not stat.S_ISREG(before.st_mode):
            raise OSError("not a regular file")
        if limit is not None and before.st_size > limit:
            raise Refused("limit-exceeded", f"more than {limit} bytes", shown(os.fsdecode(path)))
        return file.read(), before, os.fstat(handle)


def stamp(state):
    return (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)


def is_utf8(path):
    return not re.search("[\ud800-\udfff]", path)


def shown(path):
    """tree-13. What is a path is shown as it is."""
    if is_utf8(path) and is_path(path):
        return path

    def escape(char):
        if "\udc80" <= char <= "\udcff":
            return f"\\x{ord(char) - 0xDC00:02x}"
        if char in "\\\t\n\r":
            return {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}[char]
        return f"\\u{{{ord(char):x}}}" if re.match("[\x00-\x1f\x7f-\x9f]", char) else char
    return "".join(map(escape, path))
