//! The JSON profile: each fault in a manifest, in a payload and in a bundle.

use serde_json::json;

use super::case::{Case, case};
use super::key::ALICE;
use super::release::Release;
use super::seal::{bundle, text};

/// A fault as the value of a member `"x"`, or of the whole document.
struct Fault {
    name: &'static str,
    rule: &'static str,
    about: &'static str,
    spoil: fn(&str) -> Vec<u8>,
}

const FAULTS: &[Fault] = &[
    Fault {
        name: "bom",
        rule: "json-1",
        about: "A byte order mark stands first.",
        spoil: |good| [b"\xef\xbb\xbf", good.as_bytes()].concat(),
    },
    Fault {
        name: "utf8-invalid",
        rule: "json-1",
        about: "A text holds the byte 0xFF.",
        spoil: |good| member(good, b"\"a\xffb\""),
    },
    Fault {
        name: "utf8-overlong",
        rule: "json-1",
        about: "A slash in two bytes.",
        spoil: |good| member(good, b"\"\xc0\xaf\""),
    },
    Fault {
        name: "utf8-surrogate",
        rule: "json-1",
        about: "A surrogate as UTF-8.",
        spoil: |good| member(good, b"\"\xed\xa0\x80\""),
    },
    Fault {
        name: "utf16",
        rule: "json-1",
        about: "The document is UTF-16.",
        spoil: |good| good.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    },
    Fault {
        name: "key-twice",
        rule: "json-2",
        about: "Two equal keys.",
        spoil: |good| member(good, br#"1,"x":2"#),
    },
    Fault {
        name: "key-twice-escaped",
        rule: "json-2",
        about: "Equal keys, one of them escaped.",
        spoil: |good| member(good, br#"1,"\u0078":2"#),
    },
    Fault {
        name: "key-twice-deep",
        rule: "json-2",
        about: "Two equal keys in an unknown object.",
        spoil: |good| member(good, br#"[{"a":{"k":1,"k":1}}]"#),
    },
    Fault {
        name: "surrogate-first-alone",
        rule: "json-3",
        about: "A first surrogate without its partner.",
        spoil: |good| member(good, br#""\ud83d""#),
    },
    Fault {
        name: "surrogate-second-alone",
        rule: "json-3",
        about: "A second surrogate without its partner.",
        spoil: |good| member(good, br#""\ude00""#),
    },
    Fault {
        name: "surrogates-swapped",
        rule: "json-3",
        about: "A pair the wrong way round.",
        spoil: |good| member(good, br#""\ude00\ud83d""#),
    },
    Fault {
        name: "surrogate-in-key",
        rule: "json-3",
        about: "A lone surrogate in a key.",
        spoil: |good| member(good, br#"{"\ud83d":1}"#),
    },
    Fault {
        name: "number-2-53",
        rule: "json-4",
        about: "2^53 is one too large.",
        spoil: |good| member(good, b"9007199254740992"),
    },
    Fault {
        name: "number-minus-2-53",
        rule: "json-4",
        about: "-2^53 is one too small.",
        spoil: |good| member(good, b"-9007199254740992"),
    },
    Fault {
        name: "number-huge",
        rule: "json-4",
        about: "A number of thirty digits.",
        spoil: |good| member(good, b"100000000000000000000000000000"),
    },
    Fault {
        name: "number-fraction",
        rule: "json-4",
        about: "1.0 has a fraction.",
        spoil: |good| member(good, b"1.0"),
    },
    Fault {
        name: "number-exponent",
        rule: "json-4",
        about: "1e3 has an exponent.",
        spoil: |good| member(good, b"1e3"),
    },
    Fault {
        name: "number-minus-zero",
        rule: "json-4",
        about: "-0 is not a number here.",
        spoil: |good| member(good, b"-0"),
    },
    Fault {
        name: "number-leading-zero",
        rule: "json-4",
        about: "A number starts with 0.",
        spoil: |good| member(good, b"01"),
    },
    Fault {
        name: "depth-33",
        rule: "json-5",
        about: "Arrays are nested 33 deep.",
        spoil: |good| member(good, &[vec![b'['; 32], vec![b']'; 32]].concat()),
    },
    Fault {
        name: "trailing",
        rule: "json-7",
        about: "Something stands behind the value.",
        spoil: |good| [good.as_bytes(), b"x"].concat(),
    },
    Fault {
        name: "two-values",
        rule: "json-7",
        about: "Two values on one line.",
        spoil: |good| [good.as_bytes(), b" {}"].concat(),
    },
    Fault {
        name: "zero-byte-behind",
        rule: "json-7",
        about: "A zero byte stands behind the value.",
        spoil: |good| [good.as_bytes(), b"\0"].concat(),
    },
    Fault {
        name: "form-feed",
        rule: "json-7",
        about: "A form feed is no white space.",
        spoil: |good| [b"\x0c", good.as_bytes()].concat(),
    },
    Fault { name: "empty", rule: "json-7", about: "The document is empty.", spoil: |_| Vec::new() },
    Fault {
        name: "comment",
        rule: "json-7",
        about: "A comment.",
        spoil: |good| member(good, b"1 /* one */"),
    },
    Fault {
        name: "comma-trailing",
        rule: "json-7",
        about: "A comma behind the last item.",
        spoil: |good| member(good, b"[1,]"),
    },
    Fault {
        name: "control-character",
        rule: "json-7",
        about: "A line feed inside a text.",
        spoil: |good| member(good, b"\"a\nb\""),
    },
    Fault {
        name: "nan",
        rule: "json-7",
        about: "NaN is not JSON.",
        spoil: |good| member(good, b"NaN"),
    },
    Fault {
        name: "truncated",
        rule: "json-7",
        about: "The document ends in the middle.",
        spoil: |good| good.as_bytes()[..good.len() / 2].to_vec(),
    },
];

/// What the profile allows, though it looks odd, as the value of an unknown member.
const ODD: &[(&str, &str, &str, &[u8])] = &[
    ("odd-number-largest", "json-4", "2^53 - 1 is allowed.", b"9007199254740991"),
    ("odd-number-smallest", "json-4", "-(2^53 - 1) is allowed.", b"-9007199254740991"),
    (
        "odd-depth-32",
        "json-5",
        "A number inside depth 32 is allowed.",
        b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
    ),
    ("odd-surrogate-pair", "json-3", "A pair of surrogates is allowed.", br#""\ud83d\ude00""#),
    (
        "odd-keys-unnormalised",
        "json-2",
        "Keys that differ in normalisation are two keys.",
        b"{\"\xc3\xa9\":1,\"e\xcc\x81\":2}",
    ),
    ("odd-null", "json-8", "A verifier ignores what it does not know.", b"null"),
];

pub(super) fn cases() -> Vec<Case> {
    let manifest = one_line(&Release::toy().manifest);
    let statement = one_line(&Release::toy().statement());
    let signed = Release::toy().signed(|_| {});
    let good = one_line(&bundle(&signed.payload, ALICE));
    let mut cases = Vec::new();
    for fault in FAULTS {
        let start = |form: &str| {
            case(format!("json/{form}-{}", fault.name), fault.rule, "json", fault.about)
        };
        cases.extend([
            start("manifest")
                .document("manifest", (fault.spoil)(&manifest))
                .fails(&["manifest-malformed"]),
            start("payload").payload(&(fault.spoil)(&statement)).stops(&["statement-malformed"]),
            start("bundle").bundle((fault.spoil)(&good)).stops(&["bundle-malformed"]),
        ]);
    }
    for (name, rule, about, value) in ODD {
        let payload = member(&statement, value);
        let disk = super::release::Signed { payload, files: signed.files.clone() };
        cases.push(case(format!("json/{name}"), rule, "pass", about).signed(&disk).passes(&[]));
    }
    cases.extend(fields(&signed));
    cases
}

/// json-8 and json-9.
fn fields(signed: &super::release::Signed) -> Vec<Case> {
    let mut unknown = Release::toy();
    unknown.manifest["release"]["colour"] = json!("blue");
    let mut null = Release::toy();
    null.manifest["closure"] = json!(null);
    let mut bundle = bundle(&signed.payload, ALICE);
    bundle["extra"] = json!({ "anything": [1, 2] });
    vec![
        case(
            "json/unknown-field-refused",
            "json-8",
            "schema",
            "A producer's tool refuses a field that it does not know.",
        )
        .document("manifest", text(&unknown.manifest))
        .fails(&["manifest-malformed"]),
        case(
            "json/unknown-field-ignored",
            "json-8",
            "pass",
            "A verifier ignores a field that it does not know.",
        )
        .release(&unknown)
        .passes(&[]),
        case(
            "json/unknown-field-of-bundle",
            "json-8",
            "pass",
            "A field of the bundle that nobody knows.",
        )
        .bundle(text(&bundle))
        .passes(&[]),
        case(
            "json/null-for-absent",
            "json-9",
            "schema",
            "`null` is not the same as a field that is left out.",
        )
        .document("manifest", text(&null.manifest))
        .fails(&["manifest-malformed"]),
        case(
            "json/null-for-absent-signed",
            "json-9",
            "schema",
            "`null` is not the same as a field that is left out.",
        )
        .release(&null)
        .stops(&["manifest-malformed"]),
    ]
}

/// The document with a first member `x`.
fn member(document: &str, value: &[u8]) -> Vec<u8> {
    [b"{\"x\":", value, b",", &document.as_bytes()[1..]].concat()
}

fn one_line(document: &serde_json::Value) -> String {
    document.to_string()
}
