"""What frameworks load (verification.md, step 6)."""

import json_profile
from digest import glob_matches, is_path
from findings import registry

LOADABLE = registry("loadable")
LIMIT = 134_217_728  # lim-15


def lower(text):
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)


def class_of(path):
    """ver-36."""
    name = lower(path.rpartition("/")[2])
    _, dot, extension = name.rpartition(".")
    for kind in LOADABLE["order"]:
        extensions = map(lower, LOADABLE[kind].get("extensions", []))
        if dot and extension in extensions or any(
                glob_matches(lower(glob), name) for glob in LOADABLE[kind].get("names", [])):
            return kind
    return None


def is_config(path):
    return (class_of(path) in ("config", "config-like", "tokenizer")
            and lower(path).endswith(".json"))  # ver-37


def is_index_of_shards(path):
    return lower(path).endswith(".index.json")


def facts(path, data):
    """ver-39 to ver-42, in the form of evd-10: (kind, value or target)."""
    try:
        if len(data) > LIMIT:
            raise ValueError("over its limit")
        document = json_profile.parse_foreign(data)
    except (ValueError, RecursionError) as error:
        return [("config-unread", str(error))]
    found = []
    if is_index_of_shards(path) and isinstance(document, dict):
        weight_map = document.get("weight_map")
        names = weight_map.values() if isinstance(weight_map, dict) else []
        found += [("weight-map", target(path, name))
                  for name in dict.fromkeys(name for name in names if isinstance(name, str))]
    if is_config(path):
        found += [("remote-code", value) for value in remote_code(document, ())]
    return found


def target(index, name):
    """evd-17: the path in the release; a name that is no path as it is written."""
    folder = index.rpartition("/")[0]
    joined = f"{folder}/{name}" if folder else name
    return joined if is_path(name) and is_path(joined) else name


def remote_code(value, keys):
    """ver-41: `keys` are those that the value stands below."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from remote_code(inner, (*keys, key))
    elif isinstance(value, list):
        for inner in value:
            yield from remote_code(inner, keys)
    elif isinstance(value, str) and "--" in value:
        named = {"auto_map", "parent_library"} & set(keys) or (
            "custom_pipelines" in keys and "impl" in keys[keys.index("custom_pipelines") + 1:])
        if named or is_reference(value):
            yield value


def is_reference(text):
    """ORG/NAME--MODULE.CLASS."""
    before, _, behind = text.partition("--")
    parts = [*before.split("/", 1), *behind.split(".", 1)]
    return len(parts) == 4 and all(
        part and all(char.isalnum() or char in "-_." for char in part) for part in parts)
