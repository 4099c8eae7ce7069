"""The files of a release against the statement (verification.md, steps 5 and 6)."""

import hashlib
import os

from digest import compare_digests, dir_hash, git_tree, glob_matches, is_nfc, parents, twins
from file_index import read_index
from findings import Finding, Refused
from loading import class_of, facts, is_config, is_index_of_shards
from manifest import selectors
from statement import content_paths, is_ignored_by_name, selected
from walk import is_utf8, read_regular, shown

IN_PLACE = ("symlink", "special", "unreadable", "unstable", "invalid-name")  # ver-31
OF_KIND = {"symlink": "symlink-present", "special": "special-present",
           "empty-directory": "directory-empty", "invalid-name": "name-invalid",
           "unreadable": "file-unreadable", "unstable": "file-unstable"}  # ver-27


def index_of(target, ref, of_release):
    """ver-26, idx-5 to idx-8."""
    place = os.path.join(os.fsencode(target), os.fsencode(ref["name"]))
    try:
        data, *_ = read_regular(place, limit=536_870_912)  # lim-7
    except PermissionError as error:
        raise Refused("file-unreadable", "the index cannot be read", ref["name"]) from error
    except OSError as error:
        raise Refused("file-missing", "the index is not there", ref["name"]) from error
    return read_index(data, ref, of_release)


def check_artifact_index(artifact, entries, covered):
    """idx-10, idx-11."""
    if artifact.get("digest", {}).get("dirHash", hashes := hash_of(entries)) != hashes \
            or artifact.get("size", total := sum(one.size for one in entries.values())) != total:
        yield Finding("artifact-mismatch", "the index has another dirHash or size",
                      artifact=artifact["id"], rule="file-index.md#idx-10")
    if files := selected(artifact, covered):
        names = content_paths(artifact, files)
        if {names[path]: (one.size, one.sha256) for path, one in files.items()} \
                != {path: (one.size, one.sha256) for path, one in entries.items()}:
            yield Finding("index-conflict", "the index and `files` differ",
                          artifact=artifact["id"], rule="file-index.md#idx-11")


def hash_of(entries):
    return dir_hash({path: one.sha256 for path, one in entries.items()})


class Files:
    """The outcome of step 5: what became of each covered file."""

    def __init__(self, covered, seen, excluded, reserved, findings):
        self.covered, self.seen, self.findings = covered, seen, findings
        self.excluded, self.reserved = excluded, reserved
        self.intact, self.contradicted = set(), set()  # compared and equal; ver-47, 3
        if seen is None:
            self.add("not-looked", "nobody looked at the files", "ver-24")
            return
        self.kinds = dict(seen.entries)
        self.judge_entries()
        self.judge_covered()
        self.judge_added()
        self.judge_names()

    def add(self, code, message, rule, path=None, **more):
        place = path if path is None else shown(path)
        self.findings.append(Finding(code, message, place, rule=f"verification.md#{rule}", **more))

    def judge_entries(self):
        for path, kind in self.seen.entries:
            if kind in ("excluded", "ignored") and not self.may_be_left_out(path):
                self.add("file-added", f"wrongly called {kind}", "ver-32", path)
            elif kind in ("excluded", "ignored") and class_of(path):
                self.add("loadable-uncovered", f"{kind}, and a framework would load it",
                         "ver-38", path)
            elif kind == "ignored" and path not in self.reserved:
                self.add("entry-ignored", "not looked at", "ver-27", path)
            elif kind in OF_KIND:
                self.add(OF_KIND[kind], f"of the kind {kind}", "ver-27", path)

    def may_be_left_out(self, path):
        """evd-19: only evidence can be wrong about it."""
        return path in self.reserved or is_ignored_by_name(path) or any(
            glob_matches(glob, path) or glob_matches(glob.removesuffix("/"), path)
            for glob in self.excluded)

    def judge_covered(self):
        for path, stated in self.covered.items():
            in_place = [self.kinds.get(up) for up in (path, *parents(path))]
            if any(kind in IN_PLACE for kind in in_place):  # ver-31
                if "symlink" in in_place or "special" in in_place:
                    self.contradicted.add(path)
                continue
            if path not in self.seen.files:
                self.contradicted.add(path)
                self.add("file-missing", "not in the release", "ver-30", path)
                continue
            self.compare(path, stated, self.seen.files[path])

    def compare(self, path, stated, seen):
        """ver-28, ver-29, ver-33."""
        claimed = {"sha256": stated.sha256} | ({"blake3": stated.blake3} if stated.blake3 else {})
        if stated.size not in (None, seen["size"]) \
                or compare_digests(claimed, seen) == "differs":
            self.contradicted.add(path)
            self.add("file-changed", "not the file that was signed", "ver-29", path)
        elif not claimed.keys() & seen.keys():
            self.add("file-unchecked", "no digest was compared", "ver-33", path)
        else:
            self.intact.add(path)

    def judge_added(self):
        for path in self.seen.files:
            if path not in self.covered:
                self.add("file-added", "was not signed", "ver-32", path)

    def judge_digests(self, wanted):
        """ver-34. `wanted` is what the policy asks for."""
        computed = {"all": {"sha256", "blake3"}}.get(self.seen.digests, {self.seen.digests})
        asked = {"all": {"sha256", "blake3"}, "any": set()}.get(wanted, {wanted})
        if asked - computed:
            self.add("digests-partial", "the policy asks for more", "ver-34", severity="error")
        elif "sha256" not in computed:
            self.add("digests-partial", "SHA-256 was not computed", "ver-34", severity="warning")

    def judge_unread(self, asked):
        """ver-98. `asked`: whether the caller asks for a rung, or by a policy of their own."""
        if self.seen.unread:
            self.add("files-not-read", "files were taken for what they were", "ver-98",
                     severity="incomplete" if asked else "warning")

    def judge_names(self):
        """ver-35."""
        for path in self.covered:
            if not is_nfc(path) and self.kinds.get(path) != "invalid-name":
                self.add("name-invalid", "not in NFC", "ver-35", path)
        on_disk = {path for path, kind in self.seen.entries if kind != "ignored" and is_utf8(path)}
        for first, second in twins(on_disk | self.seen.files.keys() | self.covered.keys()):
            self.add("name-twin", f"a twin of `{shown(first)}`", "ver-35", second)
        for glob in self.excluded:
            self.add("file-excluded", "left out by the signer", "ver-35", glob)

    # --- step 6

    def judge_loading(self, found=None):
        """`found` are the facts of evidence; without them the covered files are read."""
        for path, kind, value in found if found is not None else self.facts():
            if kind == "config-unread":
                self.add("file-unchecked", f"not understood: {value}", "ver-42", path)
            elif kind == "weight-map" and value not in self.covered:
                self.add("loadable-uncovered", f"it names `{value}`", "ver-40", path)
            elif kind == "remote-code":
                self.add("remote-code", f"it names `{value}`", "ver-41", path)

    def facts(self):
        for path in self.covered:
            if path in self.seen.content:
                yield from ((path, *fact) for fact in facts(path, self.seen.content[path]))


def wants_content(path):
    """What step 6 reads."""
    return is_config(path) or is_index_of_shards(path)


def git_tree_of(target, artifact):
    """digest-12: the claimed `gitTree` as the release has it, or None."""
    claimed, given = artifact.get("digest", {}).get("gitTree"), selectors(artifact)
    if not claimed or not target or len(given) != 1 or not given[0].endswith("/"):
        return None
    try:
        return git_tree(os.path.join(target, given[0]),
                        hashlib.sha1 if len(claimed) == 40 else hashlib.sha256).hex()
    except OSError:
        return None
