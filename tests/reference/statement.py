"""The statement: its form, and what binds subjects and manifest (statement.md)."""

from dataclasses import dataclass

import json_profile
from digest import compare_digests, dir_hash, is_path, selects
from findings import Finding, Refused, registry
from manifest import a_hash, check_manifest, repeated, selectors
from shape import array, check, record, text

TYPES = registry("algorithms")["types"]
NAMES = registry("reserved-names")


@dataclass
class Covered:
    """What the statement says of one covered file (stm-10)."""
    sha256: str
    size: int | None = None
    blake3: str | None = None


def open_statement(payload, strict=False):
    """ver-13, from the JSON profile on: the first that is broken gives the finding."""
    if len(payload) > 67_108_864:
        raise Refused("limit-exceeded", "a statement of more than 64 MiB")  # lim-1
    document = json_profile.parse(payload, "statement-malformed")
    anything = lambda value, place, strict: None
    check(record({"_type": text()}), document, "statement-malformed")
    if document["_type"] != TYPES["statement"]:
        raise Refused("statement-type", f"the type `{document['_type']}`")  # stm-1
    check(record({"predicateType": text()}), document, "statement-malformed")
    if document["predicateType"] != TYPES["predicate"]:
        raise Refused("predicate-type", f"the type `{document['predicateType']}`")  # stm-2
    fields = {"_type": text(), "predicateType": text(), "subject": array(anything),
              "predicate": anything}
    check(record(fields), document, "statement-malformed", strict)
    check_subjects(document, strict)
    check_manifest(document["predicate"], strict)
    for twice in repeated(one["path"] for one in document["predicate"].get("files", [])):
        raise Refused("id-duplicate", f"two `files` have the path `{twice}`")  # stm-5
    return document


def check_subjects(document, strict):
    subjects = document["subject"]
    if not subjects:
        raise Refused("statement-malformed", "no subject")  # stm-3
    if len(subjects) > 1000:
        raise Refused("limit-exceeded", f"{len(subjects)} subjects")
    subject = record({"name": text(rule=is_path), "digest": record({"sha256": a_hash})})
    for i, one in enumerate(subjects):  # stm-4: a second algorithm is refused by everybody
        check(subject, one, "statement-malformed", strict)
        if len(one["digest"]) != 1:
            raise Refused("statement-malformed", "a digest beside `sha256`", f"/subject/{i}")
    names = [one["name"] for one in subjects]
    for twice in repeated(names):
        raise Refused("id-duplicate", f"two subjects have the name `{twice}`")  # stm-5
    uses_index = isinstance(tree := document["predicate"], dict) \
        and isinstance(tree := tree.get("tree"), dict) and "index" in tree
    for name in names:
        if is_left_out(name) and not (uses_index and name == "fullsource.files.jsonl"):
            raise Refused("statement-malformed", f"`{name}` is never a subject")  # stm-6


def is_left_out(path):
    """stm-6."""
    parts = path.split("/")
    return (path in NAMES["reserved"] or len(parts) == 1 and path.endswith(".files.jsonl")
            or is_ignored_by_name(path))


def is_ignored_by_name(path):
    """tree-5."""
    return (path.endswith(tuple(NAMES["ignored-suffixes"]))
            or any(part in NAMES["ignored-names"] for part in path.split("/"))
            or any(f"{path}/".startswith(f"{folder}/") for folder in NAMES["ignored-directories"]))


def index_violations(document):
    """stm-9."""
    ref = document["predicate"].get("tree", {}).get("index")
    wanted = ref and [{"name": "fullsource.files.jsonl", "digest": {"sha256": ref["sha256"]}}]
    given = [{"name": one["name"], "digest": one["digest"]} for one in document["subject"]]
    if ref and given != wanted:
        return [Finding("files-mismatch", "the file index is not the only subject",
                        rule="statement.md#stm-9")]
    return []


def covered_by_subjects(document):
    """stm-10, without a file index."""
    stated = {one["path"]: one for one in document["predicate"].get("files", [])}
    return {one["name"]: Covered(one["digest"]["sha256"],
                                 stated.get(one["name"], {}).get("size"),
                                 stated.get(one["name"], {}).get("blake3"))
            for one in document["subject"]}


def coverage_violations(document, covered):
    """stm-11 to stm-13: the manifest against the covered files."""
    manifest, found = document["predicate"], []
    tree = manifest.get("tree", {})

    def broken(code, message, rule, artifact=None):
        found.append(Finding(code, message, None, artifact, rule=f"statement.md#{rule}"))

    listed = {one["path"] for one in manifest.get("files", [])}
    complete = "index" in tree or listed == covered.keys()
    if not complete:
        broken("files-mismatch", "`files` and the subjects differ", "stm-11")
    sizes = sum(one.size or 0 for one in covered.values())
    hashes = dir_hash({path: one.sha256 for path, one in covered.items()})
    if tree.get("fileCount", len(covered)) != len(covered) \
            or complete and tree.get("totalBytes", sizes) != sizes \
            or tree.get("digest", {"dirHash": hashes})["dirHash"] != hashes:
        broken("tree-mismatch", "`tree` contradicts the covered files", "stm-12")
    for artifact in manifest.get("artifacts", []):
        for selector in selectors(artifact):
            if not any(selects(selector, path) for path in covered):
                broken("files-uncovered", f"`{selector}` selects no file", "stm-13",
                       artifact["id"])
    return found


# --- the files of an artifact

def selected(artifact, covered):
    return {path: one for path, one in covered.items()
            if any(selects(selector, path) for selector in selectors(artifact))}


def content_paths(artifact, paths):
    """digest-7: path in the release to path in the content of the artifact."""
    given = selectors(artifact)
    base = given[0] if len(given) == 1 and given[0].endswith("/") else ""
    return {path: path.removeprefix(base) for path in paths}


def is_one_file(artifact):
    return len(selectors(artifact)) == 1 and not selectors(artifact)[0].endswith("/")


def stated_digests(artifact, covered):
    """What the statement says of the content of an artifact with files."""
    files = selected(artifact, covered)
    if is_one_file(artifact):
        one = next(iter(files.values()))
        return {"sha256": one.sha256} | ({"blake3": one.blake3} if one.blake3 else {})
    names = content_paths(artifact, files)
    return {"dirHash": dir_hash({names[path]: one.sha256 for path, one in files.items()})}


def agrees(artifact, covered):
    """stm-14."""
    files, claimed = selected(artifact, covered), artifact.get("digest", {})
    impossible = {"dirHash", "gitTree"} if is_one_file(artifact) else {"sha256", "blake3"}
    if claimed.keys() & impossible:  # digest-8
        return False
    sizes = [one.size for one in files.values()]
    if "size" in artifact and None not in sizes and artifact["size"] != sum(sizes):
        return False
    return compare_digests(claimed, stated_digests(artifact, covered)) != "differs"
