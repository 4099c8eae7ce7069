#!/usr/bin/env python3
"""Makes the reports whose graphs are judged: graph_reports.py DIR

lineage.json   7 stages, 40 artifacts, three generations, every state
hostile.json   names that would be code in XML, HTML, DOT, Mermaid or Markdown; right to left; circles
many.json      10,000 artifacts that 100 stages use
empty.json     nothing at all
"""

import json
import sys
from pathlib import Path

TYPE = "https://fullsource.dev/report/v0.1"


def artifact(name, role, status="verified", shown=None, **more):
    """One artifact as a report has it."""
    named = {"name": shown} if shown else {}
    return {"id": name, "roles": [role], "status": status, **named, **more}


def stage(name, kind, outputs, **more):
    """One stage as a report has it."""
    models = [{"artifact": model, "use": "init"} for model in more.pop("starts", [])]
    models += [{"artifact": model, "use": "online"} for model in more.pop("asks", [])]
    return {"id": name, "kind": kind, "outputs": outputs, **more, **({"models": models} if models else {})}


def report(name, made, parents=(), statement="00" * 32):
    """A report that failed, so that its findings can be left out."""
    return {
        "_type": TYPE,
        "verdict": "fail",
        "statement": {"sha256": statement},
        "release": {"name": name, "producer": "Example Lab"},
        "signers": [],
        **made,
        "parents": list(parents),
        "findings": [],
        "notChecked": [],
    }


def parent(name, statement, status="counts", made=None, artifacts=()):
    """One parent as a report has it."""
    return {
        "statement": {"sha256": statement},
        **({"artifacts": list(artifacts)} if artifacts else {}),
        "status": status,
        **({"release": {"name": name, "producer": f"Makers of {name}"}} if name else {}),
        "trusted": made is not None,
        **({"made": made} if made else {}),
    }


BASE, ANCESTOR, TEACHER = "aa" * 32, "bb" * 32, "cc" * 32


def ancestor():
    """The oldest: one stage, its data there and gone."""
    return {
        "artifacts": [
            artifact("weights", "weights.final", shown="Elder 1B"),
            artifact("web", "data.pretraining", "absent", "Web crawl of 2021"),
            artifact("books", "data.pretraining", "withheld", "Licensed books"),
            artifact("wiki", "data.pretraining", shown="Encyclopaedia"),
            artifact("crawler", "code.data-collection", shown="crawler"),
            artifact("trainer", "code.training", shown="trainer"),
            artifact("lock", "env.lock", "unchecked"),
        ]
        + [artifact(f"card-{n}", "doc.model-card") for n in range(2)],
        "stages": [
            stage("train", "pretrain", ["weights"], code=["trainer"], environment=["lock"], data=["web", "books", "wiki"])
        ],
    }


def base():
    """The parent: continued from the oldest in two stages."""
    made = {
        "artifacts": [
            artifact("elder", "model.base", shown="Elder 1B", statement={"sha256": ANCESTOR}["sha256"]),
            artifact("grown", "weights.intermediate", "internal", "grown checkpoint"),
            artifact("final", "weights.final", "gated", "Middle 3B"),
            artifact("mix", "data.pretraining", shown="Continued mix"),
            artifact("code", "code.training", shown="continue.py"),
            artifact("grow", "code.transform", shown="grow.py"),
            artifact("config", "config.training", "unchecked", "continue.yaml"),
            artifact("image", "env.container", "unreachable", "container image"),
        ],
        "stages": [
            stage("grow", "convert", ["grown"], code=["grow"], starts=["elder"]),
            stage("continue", "pretrain", ["final"], code=["code"], config=["config"], environment=["image"], data=["mix"], starts=["grown"]),
        ],
    }
    made["artifacts"][3]["derivedFrom"] = []
    return made


def lineage():
    """Seven stages, forty artifacts, three generations."""
    artifacts = [
        artifact("base", "model.base", "gated", "Middle 3B", statement=BASE),
        artifact("teacher", "model.teacher", "closed", "Teacher 70B instruct", statement=TEACHER),
        artifact("reward", "model.reward", shown="Reward model"),
        artifact("w-mid", "weights.intermediate", "internal", "after midtraining"),
        artifact("w-long", "weights.intermediate", "internal", "after long context"),
        artifact("w-sft", "weights.intermediate", shown="SFT checkpoint"),
        artifact("w-dpo", "weights.intermediate", "unreachable", "DPO checkpoint"),
        artifact("w-rl", "weights.intermediate", shown="RL checkpoint"),
        artifact("w-merged", "weights.final", shown="Younger 3B instruct"),
        artifact("gguf", "weights.final", shown="Younger 3B instruct, Q4_K_M GGUF"),
        artifact("library", "code.training", shown="training library"),
        artifact("merge-code", "code.transform", shown="merge.py"),
        artifact("quant-code", "code.transform", shown="llama.cpp convert"),
        artifact("lock", "env.lock", shown="uv.lock"),
        artifact("image", "env.container", "unchecked", "registry.example/train:2.1"),
        artifact("web", "data.midtraining", shown="Filtered web, part of 2024"),
        artifact("code-data", "data.midtraining", "gated", "Permissive code"),
        artifact("papers", "data.midtraining", "absent", "Papers"),
        artifact("raw-web", "data.index", shown="Crawl index", ),
        artifact("crawl", "code.data-collection", shown="crawler"),
        artifact("filter", "code.preprocessing", shown="filters", ),
        artifact("long", "data.midtraining", shown="Long documents"),
        artifact("chats", "data.sft", shown="Written chats"),
        artifact("synthetic", "data.synthetic", "recipe-only", "Chats of the teacher"),
        artifact("prompts", "data.sft", shown="Prompts"),
        artifact("pairs", "data.preference", "withheld", "Preference pairs"),
        artifact("tasks", "data.rl-prompts", "mismatch", "Tasks with checks"),
        artifact("calibration", "data.calibration", shown="Calibration text"),
    ]
    artifacts += [artifact(f"config-{n}", "config.training", shown=f"stage-{n}.yaml") for n in range(1, 6)]
    artifacts += [
        artifact("tokenizer", "tokenizer.model"),
        artifact("model-config", "config.model", shown="config.json"),
        artifact("card", "doc.model-card", shown="README.md"),
        artifact("paper", "doc.technical-report", "unreachable", "Report"),
        artifact("evaluation", "code.evaluation", shown="evaluation harness"),
        artifact("results", "eval.results", shown="results.json"),
        artifact("log", "log.training", "partial", "training log"),
    ]
    by = {a["id"]: a for a in artifacts}
    by["web"].update(derivedFrom=["raw-web"], collectedBy=["crawl"])
    by["synthetic"].update(generatedBy=["teacher"], derivedFrom=["prompts"])
    shared = {"code": ["library"], "environment": ["lock", "image"]}
    stages = [
        stage("midtrain", "midtrain", ["w-mid"], **shared, config=["config-1"], data=["web", "code-data", "papers"], starts=["base"]),
        stage("long-context", "midtrain", ["w-long"], **shared, config=["config-2"], data=["long", "web"], starts=["w-mid"]),
        stage("sft", "sft", ["w-sft"], **shared, config=["config-3"], data=["chats", "synthetic"], starts=["w-long"]),
        stage("dpo", "preference", ["w-dpo"], **shared, config=["config-4"], data=["pairs"], starts=["w-sft"]),
        stage("rl", "rl", ["w-rl"], **shared, config=["config-5"], data=["tasks"], starts=["w-dpo"], asks=["reward"]),
        stage("merge", "merge", ["w-merged"], code=["merge-code"], starts=["w-dpo", "w-rl"]),
        stage("quantize", "quantize", ["gguf"], code=["quant-code"], data=["calibration"], starts=["w-merged"]),
    ]
    assert (len(stages), len(artifacts)) == (7, 40)
    parents = [
        parent("Middle 3B", BASE, made=base(), artifacts=["base"]),
        parent(None, TEACHER, "closed", artifacts=["teacher"]),
        parent("Elder 1B", ANCESTOR, made=ancestor()),
    ]
    return report("Younger 3B instruct", {"artifacts": artifacts, "stages": stages}, parents)


HOSTILE = [
    "<script>alert(1)</script>",
    "</title></svg><img src=x onerror=alert(1)>",
    "]]>&lt;&amp;&#0;&bogus;",
    'quote " and \\" and \\',
    "end",
    "subgraph x",
    "a-->b; click n0 href \"javascript:alert(1)\"",
    "]]; n0 --> n1",
    "%%{init: {'theme':'forest'}}%%",
    "`**bold**` #quot; #35;",
    "1. list",
    "- list",
    "# heading",
    "${x} {{x}} $$x^2$$",
    "style n0 fill:#f00",
    "\\N \\G \\l {a|b} <b>x</b>",
    "control \u0001 \u001b[31m \u007f \u0085 \ufffe \uffff",
    "bidi \u202e evil \u2066 \u200f \u061c",
    "مجموعة بيانات التدريب الكبيرة جدا للنموذج اللغوي",
    "מאגר נתונים",
    "中文预训练语料库，包含了从互联网上收集的大量文本数据与代码",
    "日本語データセット ｶﾀｶﾅ 한국어 자료",
    "𒐫﷽ꧨ ẍ̶̢͇͖̈́͊ 👩‍👩‍👧‍👦 🏳️‍🌈",
    "averylongnamewithoutanyspace" * 60,
    " ",
    "\t\n",
]


def hostile():
    """Every hostile name as an artifact and a stage; circles, itself as parent, ids twice, ids of nobody."""
    def safe(text):
        return text
    artifacts = [artifact(safe(name), "data.sft", ["verified", "gated", "absent", "withheld", "unchecked", "internal"][n % 6]) for n, name in enumerate(HOSTILE)]
    artifacts[0]["derivedFrom"] = [HOSTILE[1]]
    artifacts[1]["derivedFrom"] = [HOSTILE[0], HOSTILE[1]]
    artifacts[2]["generatedBy"] = ["nobody lists <this>"]
    artifacts.append(artifact("self", "model.base", "unchecked", statement="00" * 32))
    artifacts.append(artifact("circle", "model.base", "unchecked", statement=BASE))
    artifacts.append(artifact("lost", "model.base", "unchecked", statement="dd" * 32))
    artifacts.append(artifact("self", "weights.final", "absent"))
    stages = [stage(name, "sft", ["out"], data=[name], code=["self"]) for name in HOSTILE[:12]]
    stages.append(stage("ring", "sft", ["self"], starts=["self"]))
    circle = {"artifacts": [artifact("back", "model.base", statement="00" * 32), artifact("own", "weights.final", statement=BASE)]}
    parents = [parent(HOSTILE[0], BASE, made=circle), parent(HOSTILE[17], "ee" * 32, "mismatch")]
    return report("".join(HOSTILE[:4]), {"artifacts": artifacts, "stages": stages}, parents)


def many():
    """10,000 artifacts of many names, of four states, used by 100 stages."""
    states = ["verified", "verified", "absent", "unchecked"]
    artifacts = [
        artifact(f"shard-{n:05}", "data.pretraining", states[n % 4], f"shard <{n}> " + "語" * (n % 90)) for n in range(9000)
    ]
    artifacts += [artifact(f"code-{n}", f"code.kind-{n}", states[n % 4]) for n in range(900)]
    artifacts += [artifact(f"weights-{n}", "weights.intermediate") for n in range(100)]
    stages = [
        stage(f"stage-{n}", "pretrain", [f"weights-{n}"], data=[f"shard-{m:05}" for m in range(n * 90, n * 90 + 90)],
              code=[f"code-{m}" for m in range(n * 9, n * 9 + 9)], starts=[f"weights-{n - 1}"] if n else [])
        for n in range(100)
    ]
    return report("many", {"artifacts": artifacts, "stages": stages})


if __name__ == "__main__":
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    made = {"lineage": lineage(), "hostile": hostile(), "many": many(), "empty": report("empty", {"artifacts": []})}
    for name, document in made.items():
        (out / f"{name}.json").write_text(json.dumps(document), encoding="ascii")
