"""Releases that ask to be called freer than they are, each by one trick."""

from collections.abc import Callable
from typing import Any

from corpus import case
from place import Place, safetensors
from statements import covering

FREE = "Apache-2.0"

# What a release needs for every rung, but for its weights and `config.json`.
PARTS = {
    "tokenizer": ("tokenizer.model", "tokenizer.json", b'{"version": "1.0", "model": {"vocab": {"a": 0}}}\n'),
    "run": ("code.inference", "run.py", b"print('runs the model')\n"),
    "trainer": ("code.training", "train.py", b"print('trains the model')\n"),
    "args": ("config.training", "args.toml", b"steps = 10\n"),
    "prep": ("code.preprocessing", "prep.py", b"print('cleans the data')\n"),
    "about": ("doc.data-information", "data.md", b"# The data\n\nLetters that we wrote.\n"),
    "lock": ("env.lock", "requirements.lock", b"numpy==2.0.0\n"),
    "crawler": ("code.data-collection", "crawl.py", b"print('collects the data')\n"),
    "corpus": ("data.pretraining", "corpus.txt", b"Dear reader, this is a letter.\n" * 9),
}


def whole(place: Place) -> None:
    """Makes a release that is full-source down to the origin of its data."""
    for held in place.manifest["artifacts"]:
        held["license"] = FREE
    for id, (role, path, content) in PARTS.items():
        place.write(path, content)
        place.artifact(id=id, roles=[role], files=[path], license=FREE)
    artifact(place, "corpus").update(license="CC0-1.0", contentRights="CC0-1.0", collectedBy=["crawler"])
    place.manifest["closure"] = "complete"
    stage = {"id": "train", "kind": "pretrain", "init": {"prng": "ChaCha20", "seed": 7}}
    place.manifest["stages"] = [stage | {"data": ["corpus"], "outputs": ["weights"]}]


def artifact(place: Place, id: str) -> dict[str, Any]:
    return next(held for held in place.manifest["artifacts"] if held["id"] == id)


def without(place: Place, id: str) -> None:
    place.manifest["artifacts"].remove(artifact(place, id))


def stage(place: Place) -> dict[str, Any]:
    return place.manifest["stages"][0]


def trick(name: str, about: str, change: Callable[[Place], Any], *options: str, **expected: Any) -> None:
    """A case of the whole release, changed and then signed without the tool that might refuse to."""

    @case(f"class/{name}", about, **expected)
    def make(place: Place) -> list[str]:
        whole(place)
        change(place)
        place.put_statement(covering(place))
        return place.verify("--offline", *options)


trick("whole", "Nothing is hostile: it gets the class that it earned.", lambda p: None, exit=0,
      headline="full-source-transitive")

# --- nothing where something is claimed ---


def content(path: str, text: bytes) -> Callable[[Place], Any]:
    return lambda place: place.write(path, text)


trick("data-is-empty", "The data set is an empty file.", content("corpus.txt", b""),
      exit=1, finds="artifact-placeholder", headline="open-recipe")
trick("data-is-a-list-of-addresses", "The data set is a list of addresses where data lie.",
      content("corpus.txt", b"".join(b"https://example.org/%d.txt\n" % n for n in range(99))),
      exit=1, finds="artifact-placeholder", headline="open-recipe")
trick("data-is-a-pointer", "The data set is a pointer of Git LFS.",
      content("corpus.txt", b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 9999999\n"),
      exit=3, finds="artifact-unchecked")
trick("code-is-blank", "The training code is white space.", content("train.py", b" \n\n\t\n"),
      exit=1, finds="artifact-placeholder", headline="open-weights")
trick("code-is-a-readme", "The training code is a directory with a readme that announces it.",
      lambda p: (p.write("src/README.md", b"# Code\n\nComing soon.\n"), artifact(p, "trainer").update(files=["src/"])),
      exit=1, finds="artifact-placeholder", headline="open-weights")
trick("data-smaller-than-its-tokens", "A thousand million tokens were read of a data set of 300 bytes.",
      lambda p: stage(p).update(data=[{"artifact": "corpus", "tokens": 10**9}]),
      exit=1, finds="artifact-placeholder", headline="open-recipe")
trick("code-as-data", "One file is the training code and the data.",
      lambda p: artifact(p, "corpus").update(files=["train.py"]),
      exit=1, finds=("artifact-placeholder",), headline="open-weights")
trick("code-as-data-by-copy", "The data is a copy of the training code under another name.",
      content("corpus.txt", PARTS["trainer"][2]), exit=1, finds="artifact-placeholder", headline="open-weights")
trick("one-file-for-every-role", "One script has every role of code and data.",
      lambda p: [artifact(p, id).update(files=["run.py"]) for id in ("trainer", "prep", "crawler", "corpus", "args")],
      exit=1, finds="artifact-placeholder", headline="closed")

# --- not public where it is claimed ---

trick("data-recipe-only", "The data is a recipe only: whoever follows it gets other data.",
      lambda p: (artifact(p, "corpus").update(availability="recipe-only", reason="too large"),
                 artifact(p, "corpus").pop("files")), exit=0, headline="open-recipe")
trick("data-gated", "The data lie in the release, and are declared gated.",
      lambda p: artifact(p, "corpus").update(availability="gated"), exit=0, headline="open-recipe")
trick("data-nowhere", "The data are public, it says; there is neither a place nor a digest.",
      lambda p: artifact(p, "corpus").pop("files"), exit=3, finds="artifact-unchecked", headline="open-recipe")
trick("data-behind-nothing", "The data lie at a place that cannot be asked now, under a strong digest.",
      lambda p: (artifact(p, "corpus").pop("files"), artifact(p, "corpus").update(
          locators=["https://data.example/corpus.tar"], digest={"sha256": "0" * 64})),
      exit=3, finds="artifact-unchecked", headline="open-recipe")

# --- words in the place of things ---

trick("not-applicable-code", "Preprocessing is said not to apply, for a model that read data.",
      lambda p: (without(p, "prep"), p.manifest.update(
          notApplicable=[{"role": "code.preprocessing", "reason": "none"}])),
      exit=0, headline="full-source-transitive", says="full-source")
trick("not-applicable-training-code", "Training code is said not to apply.",
      lambda p: p.manifest.update(notApplicable=[{"role": "code.training", "reason": "none"}]),
      exit=4, finds="not-applicable-role")
trick("no-data", "A pretraining is said to have read no data.",
      lambda p: (stage(p).pop("data"), stage(p).update(noData="synthetic")),
      exit=4, finds="no-data-invalid")
trick("no-data-as-a-merge", "The pretraining calls itself a merge of nothing, which reads no data.",
      lambda p: (stage(p).pop("data"), stage(p).pop("init"),
                 stage(p).update(kind="merge", noData="merged", config=["args"])),
      exit=0, headline="weights-available")
trick("authored-by-people-and-a-model", "People wrote the data, it says, and a model made them.",
      lambda p: (p.artifact(id="oracle", roles=["model.teacher"], name="A closed model", availability="withheld",
                            reason="not ours"),
                 artifact(p, "corpus").update(generatedBy=["oracle"], humanAuthored={"guidelines": ["about"]})),
      exit=0, headline="open-recipe")
trick("synthetic-by-nobody", "The data are synthetic, and nobody says by which model.",
      lambda p: artifact(p, "corpus").update(roles=["data.synthetic"]), exit=0, headline="open-recipe")
trick("closure-partial", "The word is that not all is listed.", lambda p: p.manifest.update(closure="partial"),
      exit=0, headline="open-weights")
trick("closure-of-nobody", "Everything is there; nobody says that it is all.", lambda p: p.manifest.pop("closure"),
      exit=0, headline="open-weights")
trick("undeclared-base", "The card names a model that it was tuned from; the manifest says it started from nothing.",
      lambda p: (p.write("README.md", b"---\nbase_model: bigcorp/secret-7b\n---\n# Card\n"),
                 p.artifact(id="card", roles=["doc.model-card"], files=["README.md"], license=FREE)),
      exit=1, finds=("source-undeclared", "class-impossible"), headline="open-weights")
trick("unreached-stage", "The whole story is told of other weights; nothing makes the final ones.",
      lambda p: (p.write("toy.safetensors", safetensors({"t": [1.0]})),
                 p.artifact(id="toy", roles=["weights.intermediate"], files=["toy.safetensors"], license=FREE),
                 stage(p).update(outputs=["toy"])), exit=0, headline="open-weights")
trick("second-weights", "Beside the weights that were made from all this lie others that no artifact has.",
      lambda p: p.write("model-real.safetensors", safetensors({"w": [9.0] * 99})),
      exit=1, finds="weights-unclaimed", headline="closed")
trick("start-from-nothing-declared", "A tuning that says it starts from nothing, by a seed.",
      lambda p: (stage(p).update(kind="adapter")), exit=0, headline="weights-available")
trick("unknown-kind", "The stage is of a kind that nobody knows, which asks for nothing.",
      lambda p: stage(p).update(kind="distillate-plus"), exit=0, headline="open-weights")
trick("index-as-data", "The data set is the list of its files.",
      lambda p: artifact(p, "corpus").update(roles=["data.index"]), exit=0, headline="open-recipe")
trick("data-of-another-role", "The data have a role that is none of data.",
      lambda p: artifact(p, "corpus").update(roles=["doc.paper"]), exit=0, headline="open-recipe")
trick("derived-in-a-circle", "Two data sets were each derived from the other.",
      lambda p: (p.write("raw.txt", b"raw letters\n" * 7),
                 p.artifact(id="raw", roles=["data.pretraining"], files=["raw.txt"], license="CC0-1.0",
                            contentRights="CC0-1.0", collectedBy=["crawler"], derivedFrom=["corpus"]),
                 artifact(p, "corpus").update(derivedFrom=["raw"])), exit=0, headline="full-source-transitive")
trick("made-from-itself", "The weights start from themselves.",
      lambda p: (stage(p).pop("init"), stage(p).update(kind="sft", models=[{"artifact": "weights", "use": "init"}])),
      "--require", "open-weights", exit=1, finds="stage-cycle", hides="full-source")


# --- asked for more ---

trick("required-and-not-there", "The data are withheld; the verifier asks for all of the source.",
      lambda p: (artifact(p, "corpus").pop("files"),
                 artifact(p, "corpus").update(availability="withheld", reason="secret")),
      "--require", "full-source", exit=1, finds="class-impossible")
trick("required-without-a-look", "Files alone are judged, and a rung is asked for: that is never a pass.",
      lambda p: None, "--policy", "weights-only", "--require", "open-weights", exit=3, finds="class-unjudged")
trick("required-rung-of-another-name", "A rung is asked for that there is not.",
      lambda p: None, "--require", "open-source", "--format", "text", exit=2, says="names no rung")


@case("class/unsigned", "The whole release, unsigned: its word that all is listed is nobody's.",
      exit=3, finds="signature-none", headline="weights-available", says="UNVERIFIED")
def unsigned(place: Place) -> list[str]:
    whole(place)
    (place.root / "statement.json").write_bytes(place.payload())
    return ["verify", "release", "--statement", "statement.json", "--offline"]
