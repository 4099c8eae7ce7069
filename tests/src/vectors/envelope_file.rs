//! Which form a file has, what a signature is over, and JSON Lines.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use serde_json::{Value, json};

use super::case::{Case, case};
use super::envelope::with_both_alphabets;
use super::key::{ALICE, BOB, CAROL, MALLORY, Person};
use super::release::{BUNDLE, ENVELOPE, Release, Signed};
use super::seal::{
    IN_TOTO, bundle, bundle_of, bundle_with, enclose, envelope, line, lines, pae, text,
};

pub(super) fn cases() -> Vec<Case> {
    let signed = with_both_alphabets();
    [forms(&signed), bytes(&signed), json_lines(&signed)].concat()
}

/// Which form a file has.
fn forms(signed: &Signed) -> Vec<Case> {
    [neither_bundle_nor_envelope(signed), where_it_lies(signed)].concat()
}

fn neither_bundle_nor_envelope(signed: &Signed) -> Vec<Case> {
    let broken = |name: &str, rule: &str, about: &str, bytes: &[u8]| {
        case(format!("envelope/{name}"), rule, "envelope", about)
            .disk(signed.disk_with(BUNDLE, bytes.to_vec()))
            .stops(&["bundle-malformed"])
    };
    let good = text(&bundle(&signed.payload, ALICE));
    let plain = envelope(IN_TOTO, &signed.payload, &[ALICE]);
    let signatures = |count: usize| {
        let mut envelope = plain.clone();
        let one = envelope["signatures"][0].clone();
        envelope["signatures"] = vec![one; count].into();
        text(&envelope)
    };
    vec![
        broken("array", "env-2", "An array is neither bundle nor envelope.", b"[]\n"),
        broken("object-empty", "env-2", "An empty object is neither bundle nor envelope.", b"{}\n"),
        broken(
            "statement-itself",
            "env-2",
            "The statement itself, where a bundle belongs.",
            &signed.payload,
        ),
        broken("truncated", "json-7", "A bundle that ends in the middle.", &good[..good.len() / 2]),
        broken(
            "trailing-data",
            "json-7",
            "Something behind a bundle of several lines.",
            &[&good[..], b"x"].concat(),
        ),
        broken("empty-file", "json-7", "An empty file.", b""),
        case(
            "envelope/envelope-in-place-of-bundle",
            "env-2",
            "pass",
            "The name of a file decides nothing.",
        )
        .disk(signed.disk_with(BUNDLE, text(&plain)))
        .passes(&[]),
        case(
            "envelope/bundle-in-place-of-envelope",
            "env-2",
            "pass",
            "The name of a file decides nothing.",
        )
        .disk(signed.disk_with(ENVELOPE, good.clone()))
        .passes(&[]),
        case("envelope/signatures-none", "env-9", "envelope", "An envelope without a signature.")
            .disk(signed.disk_with(ENVELOPE, signatures(0)))
            .stops(&["envelope-malformed"]),
        case("envelope/signatures-64", "lim-12", "pass", "64 signatures.")
            .disk(signed.disk_with(ENVELOPE, signatures(64)))
            .passes(&[]),
        case("envelope/signatures-65", "lim-12", "envelope", "65 signatures.")
            .disk(signed.disk_with(ENVELOPE, signatures(65)))
            .stops(&["envelope-malformed"]),
    ]
}

fn where_it_lies(signed: &Signed) -> Vec<Case> {
    let good = text(&bundle(&signed.payload, ALICE));
    vec![
        case("envelope/bundle-missing", "ver-4", "envelope", "No bundle in the release.")
            .disk(signed.files.clone())
            .stops(&["bundle-missing"]),
        case(
            "envelope/bundle-named-missing",
            "ver-4",
            "envelope",
            "The bundle that is named is not there.",
        )
        .signed(signed)
        .input("bundle", json!(["nowhere.json"]))
        .stops(&["bundle-missing"]),
        case(
            "envelope/bundle-elsewhere",
            "ver-3",
            "pass",
            "A bundle that lies beside the release.",
        )
        .disk(signed.files.clone())
        .bundles(&[("bundle.json", good.clone())])
        .passes(&[]),
        case(
            "envelope/bundle-elsewhere-alone",
            "ver-3",
            "pass",
            "Where a bundle is named, no other one is read.",
        )
        .disk(signed.disk_with(BUNDLE, b"{}".to_vec()))
        .bundles(&[("bundle.json", good)])
        .passes(&[]),
        case("envelope/bundle-too-large", "lim-2", "envelope", "A bundle of more than 96 MiB.")
            .disk(signed.files.clone())
            .make(json!({ "file": BUNDLE, "size": 100_663_297 }))
            .stops(&["limit-exceeded"]),
        case(
            "envelope/bundle-is-a-directory",
            "ver-4",
            "envelope",
            "A directory with the name of a bundle.",
        )
        .disk(signed.files.clone())
        .make(json!({ "directory": BUNDLE }))
        .stops(&["target-unreadable"]),
    ]
}

/// What the signature is over.
fn bytes(signed: &Signed) -> Vec<Case> {
    [signed_bytes(signed), payloads(signed)].concat()
}

fn signed_bytes(signed: &Signed) -> Vec<Case> {
    let payload = &signed.payload[..];
    let untrusted = |name: &str, rule: &str, about: &str, document: &Value| {
        case(format!("envelope/{name}"), rule, "signature", about)
            .disk(signed.disk_with(BUNDLE, text(document)))
            .fails(&["signature-untrusted"])
    };
    let of = |message: &[u8]| bundle_with(payload, &ALICE.sign(message), &ALICE.key_id());
    let mut relabelled = bundle(payload, ALICE);
    relabelled["dsseEnvelope"]["payloadType"] = json!("application/json");
    let mut with_key = bundle(payload, MALLORY);
    with_key["verificationMaterial"]["publicKey"]["rawBytes"] =
        json!(STANDARD.encode(MALLORY.spki()));
    let shifted = format!("DSSEv1 {} {IN_TOTO} 0{} ", IN_TOTO.len(), payload.len());
    vec![
        untrusted(
            "pae-absent",
            "env-3",
            "The payload alone was signed, without its type.",
            &of(payload),
        ),
        untrusted(
            "pae-of-base64",
            "env-3",
            "The base64 of the payload was signed.",
            &of(&pae(IN_TOTO, STANDARD.encode(payload).as_bytes())),
        ),
        untrusted(
            "pae-leading-zero",
            "env-3",
            "A length with a leading zero.",
            &of(&[shifted.as_bytes(), payload].concat()),
        ),
        untrusted(
            "pae-length-of-nothing",
            "env-3",
            "The lengths are left out.",
            &of(&[format!("DSSEv1 {IN_TOTO} ").as_bytes(), payload].concat()),
        ),
        untrusted(
            "payload-type-relabelled",
            "env-3",
            "The type of the payload was changed after the signing.",
            &relabelled,
        ),
        untrusted(
            "key-in-the-bundle",
            "env-12",
            "A bundle brings the key that it was signed with.",
            &with_key,
        ),
    ]
}

fn payloads(signed: &Signed) -> Vec<Case> {
    let payload = &signed.payload[..];
    let foreign =
        |payload_type: &str| bundle_of(envelope(payload_type, payload, &[ALICE]), &ALICE.key_id());
    let bom = [b"\xef\xbb\xbf", payload].concat();
    // One byte more than a multiple of three needs padding.
    let longer = [payload, &vec![b' '; 3 - (payload.len() + 2) % 3][..]].concat();
    let mut no_padding = bundle(&longer, ALICE);
    no_padding["dsseEnvelope"]["payload"] = json!(STANDARD_NO_PAD.encode(&longer));
    vec![
        case(
            "envelope/payload-type-json",
            "env-5",
            "envelope",
            "A statement signed as JSON of no kind.",
        )
        .disk(signed.disk_with(BUNDLE, text(&foreign("application/json"))))
        .stops(&["payload-type"]),
        case(
            "envelope/payload-type-parameter",
            "env-5",
            "envelope",
            "A payload type with a parameter.",
        )
        .disk(
            signed.disk_with(BUNDLE, text(&foreign("application/vnd.in-toto+json; charset=utf-8"))),
        )
        .stops(&["payload-type"]),
        case("envelope/payload-type-empty", "env-5", "envelope", "An empty payload type.")
            .disk(signed.disk_with(BUNDLE, text(&foreign(""))))
            .stops(&["payload-type"]),
        case(
            "envelope/payload-bom",
            "env-4",
            "envelope",
            "The bytes that were verified are those that are parsed.",
        )
        .disk(signed.disk_with(BUNDLE, text(&bundle(&bom, ALICE))))
        .stops(&["statement-malformed"]),
        case("envelope/payload-empty", "env-4", "envelope", "An empty payload, properly signed.")
            .disk(signed.disk_with(BUNDLE, text(&bundle(b"", ALICE))))
            .stops(&["statement-malformed"]),
        case(
            "envelope/payload-padding-missing",
            "env-7",
            "envelope",
            "A payload without its padding.",
        )
        .disk(signed.disk_with(BUNDLE, text(&no_padding)))
        .stops(&["envelope-malformed"]),
    ]
}

/// JSON Lines.
fn json_lines(signed: &Signed) -> Vec<Case> {
    [several_envelopes(signed), other_statements(signed)].concat()
}

fn several_envelopes(signed: &Signed) -> Vec<Case> {
    let by = |person: Person| bundle(&signed.payload, person);
    let at = |bytes: Vec<u8>| signed.disk_with(BUNDLE, bytes);
    let two = |name: &str, about: &str, bytes: Vec<u8>| {
        case(format!("envelope/{name}"), "env-1", "pass", about)
            .disk(at(bytes))
            .keys(&[ALICE, BOB])
            .input("threshold", 2)
            .passes(&[])
    };
    let crlf = [line(&by(ALICE)), b"\r\n\r\n".to_vec(), line(&by(BOB))].concat();
    vec![
        two(
            "lines-two-signers",
            "Two bundles of one statement, a line each.",
            lines(&[by(ALICE), by(BOB)]),
        ),
        two("lines-crlf", "Lines end in CR LF, one is blank, the last lacks its end.", crlf),
        case(
            "envelope/two-files-one-candidate",
            "env-16",
            "pass",
            "A bundle and an envelope with the same payload.",
        )
        .disk(at(text(&by(ALICE))))
        .put(ENVELOPE, text(&envelope(IN_TOTO, &signed.payload, &[BOB, CAROL])))
        .keys(&[ALICE, BOB, CAROL])
        .input("threshold", 3)
        .passes(&[]),
        case(
            "envelope/two-files-one-malformed",
            "ver-5",
            "envelope",
            "A malformed envelope beside a good bundle.",
        )
        .disk(at(text(&by(ALICE))))
        .put(ENVELOPE, "{}")
        .stops(&["bundle-malformed"]),
        case(
            "envelope/lines-foreign-line",
            "env-18",
            "pass",
            "A line that is no envelope is passed over.",
        )
        .disk(at([line(&by(ALICE)), b"\n{\"hello\": 1}\nrubbish\n".to_vec()].concat()))
        .passes(&[]),
        case("envelope/lines-none-left", "env-18", "envelope", "No line is an envelope.")
            .disk(at(b"{}\n{\"hello\": 1}\n".to_vec()))
            .stops(&["bundle-malformed"]),
    ]
}

fn other_statements(signed: &Signed) -> Vec<Case> {
    let by = |person: Person| bundle(&signed.payload, person);
    let other =
        Release::toy().signed(|s| s["predicateType"] = json!("https://slsa.dev/provenance/v1"));
    let slsa = bundle(&other.payload, ALICE);
    let at = |bytes: Vec<u8>| signed.disk_with(BUNDLE, bytes);
    vec![
        case(
            "envelope/lines-other-predicate",
            "ver-14",
            "pass",
            "A line about something else is set aside.",
        )
        .disk(at(lines(&[slsa.clone(), by(ALICE)])))
        .passes(&[]),
        case(
            "envelope/lines-other-predicate-alone",
            "ver-14",
            "envelope",
            "All lines are about something else.",
        )
        .disk(at(lines(&[slsa.clone(), bundle(&[&other.payload[..], b" "].concat(), ALICE)])))
        .stops(&["predicate-type"]),
        case(
            "envelope/two-files-other-predicate",
            "ver-14",
            "envelope",
            "Outside of JSON Lines, a statement about something else stops.",
        )
        .disk(at(text(&by(ALICE))))
        .put(ENVELOPE, text(&slsa))
        .stops(&["predicate-type"]),
        case(
            "envelope/payload-type-order",
            "ver-13",
            "envelope",
            "The payload type is looked at before the payload.",
        )
        .disk(at(text(&bundle_of(enclosed_rubbish(), &ALICE.key_id()))))
        .stops(&["payload-type"]),
        case(
            "envelope/type-order",
            "ver-13",
            "envelope",
            "`_type` is looked at before the subjects.",
        )
        .disk(at(text(&bundle(
            br#"{"_type":"x","predicateType":"y","subject":3,"predicate":4}"#,
            ALICE,
        ))))
        .stops(&["statement-type"]),
    ]
}

fn enclosed_rubbish() -> Value {
    let signature = STANDARD.encode(ALICE.sign(&pae("text/plain", b"hello")));
    enclose("text/plain", b"hello", vec![json!({ "sig": signature })])
}
