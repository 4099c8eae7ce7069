"""Saved reports that contradict themselves, and texts that mean something where a report is shown."""

import json
from collections.abc import Callable
from typing import Any

from corpus import case
from place import Place
from statements import covering

Report = dict[str, Any]


def honest(place: Place) -> Report:
    """The report of the honest release."""
    place.signed()
    return json.loads(place.run(place.verify("--format", "json")).stdout)


def forged(name: str, about: str, change: Callable[[Report], Any], **expected: Any) -> None:
    """A case in which a saved report is changed and then shown."""

    @case(f"report/{name}", about, **({"exit": 4} | expected))
    def make(place: Place) -> list[str]:
        report = honest(place)
        change(report)
        (place.root / "report.json").write_text(json.dumps(report))
        return ["render", "report.json"]


def finding(code: str, severity: str, message: str = "x") -> dict[str, str]:
    return {"code": code, "severity": severity, "message": message, "help": "x", "rule": "spec/v0.1/findings.md#" + code}


# --- contradictions ---

forged("untouched", "Nothing is hostile: it is shown, and said to be anybody's word.", lambda r: None, exit=0, says="PASS")
forged("pass-with-an-error", "It passes, and has a finding that does not.",
       lambda r: r["findings"].append(finding("file-changed", "error")))
forged("pass-without-a-signer", "It passes, and nobody signed.", lambda r: r.update(signers=[]))
forged("pass-of-an-observer-who-counts-not", "It passes, and the one who signed does not count.",
       lambda r: r["signers"][0].update(standing="none"))
forged("more-than-possible", "More is established than is possible.",
       lambda r: r["class"]["freedom"].update(established=4))
forged("fifth-rung", "A rung above the highest.", lambda r: r["class"]["freedom"].update(established=5, possible=5))
forged("headline-of-another", "The headline is that of a better class.",
       lambda r: r["class"].update(headline="full-source-transitive"))
forged("linkage-proven", "The linkage is a word that promises more.", lambda r: r["class"].update(linkage="proven"))
forged("needs-unmet", "A rung is established, its needs are not.",
       lambda r: r["class"].update(headline="open-weights", freedom={"established": 1, "possible": 1},
                                   availability={"established": 1, "possible": 1}))
forged("answers-of-another", "The answers of other definitions are better than the class.",
       lambda r: r["frameworks"]["osaid"].update(answer="yes"))
forged("more-intact-than-covered", "More files are intact than are covered.", lambda r: r["files"].update(intact=3))
forged("severity-lowered", "An error of the group input is called a note.",
       lambda r: r["findings"].append(finding("bundle-malformed", "note")))
forged("verdict-unknown", "The verdict is a word that there is not.", lambda r: r.update(verdict="PASS"))
forged("field-unknown", "A field `override` is there.", lambda r: r.update(override=True))
forged("release-gone", "It passes, and does not say what.", lambda r: r.pop("release"))


@case("report/verdict-twice", "Two verdicts: readers take the first or the last.", exit=4)
def verdict_twice(place: Place) -> list[str]:
    text = json.dumps(honest(place)).replace('"verdict":', '"verdict": "fail", "verd\\u0069ct":', 1)
    (place.root / "report.json").write_text(text)
    return ["render", "report.json"]


@case("report/deep", "A report that is a million arrays deep.", exit=4)
def deep(place: Place) -> list[str]:
    (place.root / "report.json").write_text("[" * 1_000_000)
    return ["render", "report.json"]


@case("report/without-end", "A report of a tebibyte that takes no room.", exit=4)
def without_end(place: Place) -> list[str]:
    with open(place.root / "report.json", "wb") as file:
        file.write(b"{")
        file.truncate(1 << 40)
    return ["graph", "report.json"]


@case("report/compared-with-a-forged-one", "A good report is compared with a forged one.", exit=4)
def compared_with_a_forged_one(place: Place) -> list[str]:
    report = honest(place)
    (place.root / "before.json").write_text(json.dumps(report))
    (place.root / "after.json").write_text(json.dumps(report | {"signers": []}))
    return ["diff", "before.json", "after.json"]


@case("report/compared-in-another-order", "The same report with its lists turned round: nothing differs.", exit=0,
      hides="worse")
def compared_in_another_order(place: Place) -> list[str]:
    report = honest(place)
    (place.root / "before.json").write_text(json.dumps(report))
    report["artifacts"].reverse()
    (place.root / "after.json").write_text(json.dumps(dict(reversed(report.items()))))
    return ["diff", "before.json", "after.json", "--fail-on", "any"]


@case("report/licence-changed-behind-a-name", "The same weights under another id, and under a licence that takes rights.",
      exit=1, says="CC-BY-NC-4.0")
def licence_changed_behind_a_name(place: Place) -> list[str]:
    place.signed()
    before = place.run(place.verify("--format", "json")).stdout
    (place.root / "before.json").write_bytes(before)
    place.manifest["artifacts"][0].update(id="checkpoint", license="CC-BY-NC-4.0")
    place.signed()
    (place.root / "after.json").write_bytes(place.run(place.verify("--format", "json")).stdout)
    return ["diff", "before.json", "after.json"]


# --- texts that mean something where they are shown ---

MARKUP = "</text></style></title><script>alert(1)</script><img src=x onerror=alert(1)>"
DOWN = "![x](https://evil.example/x.png) [y](javascript:alert(1)) | @everyone #1 <!-- --> ```\u2028# PASS"
COMMAND = "x%0A::error::y ::set-output name=a::b\u2029::stop-commands::z"
DOT = 'x"]; evil [label="x", URL="javascript:alert(1)"]; a -> b ["'
MERMAID = 'x"] click a href "javascript:alert(1)" %%{init: {}}%% end; <br/>'
ENTITY = "]]><!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;"


def shown(form: str, text: str, hides: str | tuple[str, ...], command: str = "verify") -> None:
    """A case in which every text of a release, and a name of a file, is hostile to one form."""

    @case(f"report/shown-as-{form}", f"Every text of the release is written to be something else in `{form}`.",
          exit=0, hides=hides)
    def make(place: Place) -> list[str]:
        name = text[:200]
        place.manifest["release"] = {
            "name": name, "version": name, "uri": text, "producer": {"name": name, "uri": "javascript:alert(1)//" + text}
        }
        path = text.replace("/", "_").replace("\\", "_")[:120]
        place.write(path, b"x")
        place.artifact(id="notes", name=name, roles=["doc.paper"], files=[path], license="LicenseRef-x")
        place.artifact(id="gone", name=name, roles=["data.sft"], availability="withheld", reason=text)
        braced = text.replace("{", "{{").replace("}", "}}")
        stage = {"id": "tune", "kind": "sft", "init": {"prng": text}, "data": ["gone"], "outputs": ["weights"]}
        place.manifest["stages"] = [stage | {"command": [braced], "runtime": {"platform": text}}]
        place.put_statement(covering(place))
        return [*(place.verify() if command == "verify" else [command, "release"]), "--format", form]


shown("html", MARKUP, ("<script>alert", "<img", 'href="javascript:'))
shown("markdown", DOWN, ("\u2028", "\n# PASS"))
shown("sarif", DOWN, ("gone: ![x](", "\u2028"))
shown("junit", ENTITY, ("]]>", "<!DOCTYPE", "&y;"))
shown("github", COMMAND, ("\n::stop-commands::", "\u2029"))
shown("badge", MARKUP, ("<script>", "alert"))
shown("shields", MARKUP, ("<script>", "alert"))
shown("svg", MARKUP, ("<script>", "<img", "javascript:"), "graph")
shown("dot", DOT, 'x"]; evil', "graph")
shown("mermaid", MERMAID, ('x"]', "%%{", "<br/> click"), "graph")


@case("report/errors-of-a-form", "A message of a saved report is a command to GitHub.", exit=0, hides="\n::set-env")
def errors_of_a_form(place: Place) -> list[str]:
    report = honest(place) | {"verdict": "fail"}
    report["findings"].append(finding("file-changed", "error", "x\n::set-env name=PATH::/tmp\r::warning::y"))
    (place.root / "report.json").write_text(json.dumps(report))
    return ["render", "report.json", "--format", "github"]
