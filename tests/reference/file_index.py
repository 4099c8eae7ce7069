"""The file index (file-index.md)."""

import hashlib

import json_profile
from digest import by_bytes, is_path
from findings import Refused
from manifest import a_hash
from shape import check, count, record, text
from statement import Covered, is_left_out

ENTRY = record({"path": text(rule=is_path), "size": count, "sha256": a_hash}, {"blake3": a_hash})


def read_index(data, ref, of_release):
    """The entries of an index whose bytes are `data`: idx-6 has not been judged yet."""
    path = ref["name"]
    if len(data) != ref["size"] or hashlib.sha256(data).hexdigest() != ref["sha256"]:
        raise Refused("file-changed", "not the index that was signed", path)  # idx-6
    entries, last = {}, None
    for line in lines(data, path):
        document = json_profile.parse(line, "index-malformed", path)
        check(ENTRY, document, "index-malformed")
        name = document["path"]
        if last is not None and by_bytes(name) <= by_bytes(last):  # idx-2
            raise Refused("index-malformed", f"`{name}` does not ascend", path)
        if of_release and is_left_out(name):  # idx-4
            raise Refused("index-malformed", f"`{name}` is never listed", path)
        entries[name] = Covered(document["sha256"], document["size"], document.get("blake3"))
        last = name
    if merkle_root([leaf(name, one) for name, one in entries.items()]).hex() != ref["merkleRoot"]:
        raise Refused("index-conflict", "the Merkle root is another", path)  # idx-8
    return entries


def lines(data, path):
    """idx-1."""
    if data and not data.endswith(b"\n"):
        raise Refused("index-malformed", "the last line does not end", path)
    for line in data.split(b"\n")[:-1]:
        if len(line) >= 32_768:  # lim-8
            raise Refused("limit-exceeded", "a line of more than 32 KiB", path)
        if not line.strip() or line.endswith(b"\r"):
            raise Refused("index-malformed", "a blank line, or a carriage return", path)
        yield line


def leaf(path, entry):
    """idx-7."""
    return hashlib.sha256(b"\0" + path.encode() + b"\0" + entry.size.to_bytes(8)
                          + bytes.fromhex(entry.sha256)).digest()


def merkle_root(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + merkle_root(leaves[:k]) + merkle_root(leaves[k:])).digest()
