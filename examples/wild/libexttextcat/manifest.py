#!/usr/bin/env python3
"""Writes fullsource.json into a directory that holds the source package: one stage, whose outputs are
the models.

    manifest.py DIRECTORY

DIRECTORY has src/, langclass/LM/NAME.lm and langclass/ShortTexts/NAME.txt. The claim is the one that the
package's README makes: that a model is what `createfp` makes of the text of its name.
"""
import json
import pathlib
import sys

BSD = "BSD-3-Clause"
OURS = "MIT OR Apache-2.0"
PRODUCER = {"name": "Debian and the authors of libexttextcat", "uri": "https://www.debian.org/"}


def release():
    uri = "https://tracker.debian.org/pkg/libexttextcat"
    return {"name": "libexttextcat-data", "version": "3.4.5-1", "uri": uri, "releasedOn": "2017-10-21",
            "producer": PRODUCER}


def parts():
    roles = ["code.training", "code.inference", "code.architecture"]
    yield {"id": "libexttextcat", "roles": roles, "files": ["src/"], "license": BSD,
           "licenseFiles": [{"artifact": "licence"}]}
    yield {"id": "recipe", "name": "How createfp is built and run: not part of Debian",
           "roles": ["code.training"], "files": ["createfp.sh"], "license": OURS}
    yield {"id": "list", "name": "Which model stands for which language", "roles": ["config.model"],
           "files": ["langclass/fpdb.conf"], "license": BSD}
    yield {"id": "licence", "roles": ["doc.license"], "files": ["LICENSE"]}
    yield {"id": "readme", "roles": ["doc.model-card"], "files": ["README.md"], "license": OURS}
    yield {"id": "about-texts", "name": "Where some of the texts are from", "roles": ["doc.data-information"],
           "files": ["langclass/ShortTexts/README"], "license": BSD}
    yield {"id": "texts", "roles": ["data.pretraining"], "files": ["langclass/ShortTexts/"], "license": BSD,
           "contentRights": "NOASSERTION", "documentedBy": ["about-texts"]}


def model(name):
    return {"id": f"{name}.lm", "roles": ["weights.final"], "files": [f"langclass/LM/{name}.lm"],
            "license": BSD}


def stage(names):
    command = ["sh", "{input:recipe}", "{input:libexttextcat}", "{input:texts}", "{output}/langclass/LM"]
    return {"id": "createfp", "kind": "train", "code": ["recipe", "libexttextcat"], "data": ["texts"],
            "init": {"prng": "none: it counts"}, "outputs": [f"{name}.lm" for name in names],
            "command": command, "compare": {"mode": "exact"}}


def not_applicable():
    yield {"role": "tokenizer.model", "reason": "it reads characters"}
    yield {"role": "config.training", "reason": "the numbers of n-grams stand in src/constants.h"}
    yield {"role": "code.preprocessing", "reason": "the texts are read as they are"}


def manifest(names):
    artifacts = [*parts(), *map(model, names)]
    return {"$schema": "https://fullsource.dev/schema/v0.1/manifest.json", "release": release(),
            "artifacts": artifacts, "stages": [stage(names)],
            "notApplicable": list(not_applicable())}


def main():
    directory = pathlib.Path(sys.argv[1])
    models = {path.stem for path in directory.glob("langclass/LM/*.lm")}
    texts = {path.stem for path in directory.glob("langclass/ShortTexts/*.txt")}
    if not models or models != texts:
        sys.exit(f"models without a text, or texts without a model: {sorted(models ^ texts)}")
    document = json.dumps(manifest(sorted(models)), indent=2)
    (directory / "fullsource.json").write_text(document + "\n")


if __name__ == "__main__":
    main()
