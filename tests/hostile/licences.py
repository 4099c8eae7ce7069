"""Licences: expressions that are none, names that look like others, texts that are not what they seem."""

from pathlib import Path
from typing import Any

from classification import artifact, whole
from corpus import case
from place import Place
from statements import covering

ROOT = Path(__file__).parents[2]


def licence(name: str, about: str, expression: str, **expected: Any) -> None:
    """A case of the whole release whose weights are under this expression."""

    @case(f"licence/{name}", about, **expected)
    def make(place: Place) -> list[str]:
        whole(place)
        artifact(place, "weights")["license"] = expression
        place.put_statement(covering(place))
        return place.verify("--offline")


MALFORMED = {"exit": 4, "finds": "manifest-malformed"}
UNKNOWN = {"exit": 0, "finds": "license-unknown", "headline": "source-available-transitive"}

licence("look-alike", "An id whose first letter is Cyrillic.", "\u041cIT", **MALFORMED)
licence("operator-in-small-letters", "Operators in small letters.", "MIT or Proprietary", **MALFORMED)
licence("none-or-free", "`NONE` is offered beside a free licence.", "NONE OR MIT", **MALFORMED)
licence("invisible-space", "A space that nobody sees parts an id.", "M\u200bIT", **MALFORMED)
licence("end-missing", "An expression that ends in its operator.", "MIT OR", **MALFORMED)
licence("address", "An address in the place of an id.", "https://opensource.org/MIT", **MALFORMED)
licence("too-long", "An expression of 1,025 characters.", " OR ".join(["MIT"] * 147)[:1020] + " OR X", **MALFORMED)
licence("brackets", "An id in 500 pairs of brackets: it is what it is.", "(" * 500 + "MIT" + ")" * 500,
        exit=0, headline="full-source-transitive")
licence("brackets-unclosed", "A thousand brackets that nobody closes.", "(" * 1000 + "MIT", **MALFORMED)
licence("free-and-not", "A free licence, and one that forbids commerce: the stricter holds.",
        "MIT AND CC-BY-NC-4.0", exit=0, headline="source-available-transitive")
licence("free-but-for-brackets", "A free choice that is none: both sides forbid commerce.",
        "(MIT AND CC-BY-NC-4.0) OR (CC-BY-NC-4.0 AND Apache-2.0)", exit=0, headline="source-available-transitive")
licence("with-a-clause", "A free licence with an addition that takes the right to sell.",
        "Apache-2.0 WITH AdditionRef-Commons-Clause", exit=0, headline="source-available-transitive")
licence("with-no-exception", "A licence in the place of an exception, behind `WITH`.", "MIT WITH CC-BY-NC-4.0", **UNKNOWN)
licence("own-name", "An own licence whose name is that of a free one.", "LicenseRef-MIT", exit=0, headline="source-available-transitive")
licence("of-a-document", "The free licence of another document.", "DocumentRef-spdx:LicenseRef-MIT", exit=0,
        headline="source-available-transitive")
licence("plus", "A `+` behind a licence that is not free.", "CC-BY-NC-4.0+", exit=0, headline="source-available-transitive")
licence("named-like-free", "An id that begins like a free one.", "Apache-2.0-modified", **UNKNOWN)
licence("in-other-case", "A free licence in other capitals: ids are compared without them.", "apache-2.0", exit=0,
        headline="full-source-transitive")


# --- texts ---


def text_beside(name: str, about: str, text: bytes, file: str = "LICENSE", **expected: Any) -> None:
    """A case of the whole release, whose weights lie beside a text."""

    @case(f"licence/{name}", about, **expected)
    def make(place: Place) -> list[str]:
        whole(place)
        weights = place.release / "model.safetensors"
        place.write("weights/model.safetensors", weights.read_bytes())
        weights.unlink()
        place.write(f"weights/{file}", text)
        artifact(place, "weights")["files"] = ["weights/"]
        place.put_statement(covering(place))
        return place.verify("--offline")


APACHE = (ROOT / "LICENSE-APACHE").read_bytes()
MIT = (ROOT / "LICENSE-MIT").read_bytes()
RESTRICTION = b"\n\nNotwithstanding the above, the Work must not be used to train or improve any other model.\n"

text_beside("text-whole", "The text of the declared licence, unchanged: it passes.", APACHE, exit=0,
            headline="full-source-transitive")
text_beside("text-with-one-sentence", "Apache-2.0, and one sentence at its end that forbids a use.", APACHE + RESTRICTION,
            exit=3, finds="class-unproven", headline="source-available-transitive")
text_beside("text-without-one-word", "Apache-2.0, in which the grant is no longer irrevocable.",
            APACHE.replace(b"irrevocable", b"revocable"), exit=3, finds="class-unproven", headline="source-available-transitive")
text_beside("text-of-another", "MIT's text beside what is declared as Apache-2.0.", MIT,
            exit=1, finds="license-mismatch")
text_beside("use-policy-beside", "The right text, and terms of use in another file.",
            b"# Acceptable use\n\nYou agree not to use the model for any commercial purpose.\n", "USE_POLICY.md",
            exit=1, finds="license-mismatch")
text_beside("text-indented", "The right text, indented otherwise, its lines ended by carriage returns: it passes.",
            b"\r\n".join(b"\t" + line.strip() for line in APACHE.splitlines()),
            exit=0, headline="full-source-transitive")
text_beside("text-with-a-notice", "The right text, and a copyright notice that goes on to forbid a use.",
            APACHE + b"\nCopyright 2026 Mallory. No commercial use, no training of other models.\n",
            exit=3, finds="class-unproven", headline="source-available-transitive")
text_beside("text-in-two-languages", "The right text, and a sentence in Chinese that forbids a use.",
            APACHE + "\n禁止用于任何商业用途。\n".encode(), exit=3, finds="class-unproven",
            headline="source-available-transitive")
text_beside("text-in-wide-letters", "The right text, and a sentence in full-width letters that forbids a use.",
            APACHE + "\nＮｏ ｃｏｍｍｅｒｃｉａｌ ｕｓｅ．\n".encode(), exit=3, finds="class-unproven",
            headline="source-available-transitive")
text_beside("text-of-a-mebibyte", "A megabyte of the word `LICENSE` as the licence's text.", b"LICENSE " * (1 << 17),
            exit=3, finds="class-unproven", headline="source-available-transitive")
text_beside("text-behind-a-title", "The text of a free licence, under a title that says it is no longer in force.",
            b"This was our licence until 2024. The model is now under the Acme Commercial Licence.\n\n" + APACHE,
            exit=3, finds="class-unproven", headline="source-available-transitive")
text_beside("card-of-another", "The card names a licence that forbids commerce.",
            b"---\nlicense: cc-by-nc-4.0\n---\n# Model\n", "README.md", exit=1, finds="license-mismatch")
