//! Trust files: roles and times of their entries.

use serde_json::json;

use super::case::{Case, case};
use super::key::{ALICE, BOB, Person};
use super::release::{ENVELOPE, LAB, Release, Signed, drop_field};
use super::seal::{IN_TOTO, envelope, text};

/// A trust entry.
pub(super) fn entry(principals: &str, options: &str, person: Person) -> String {
    let options = if options.is_empty() { String::new() } else { format!("{options} ") };
    format!("{principals} {options}{}\n", person.openssh())
}

pub(super) const PRODUCER: &str = "namespaces=\"fullsource\"";
pub(super) const OBSERVER: &str = "namespaces=\"fullsource-observer\"";

pub(super) fn cases() -> Vec<Case> {
    let signed = Release::toy().signed(|_| {});
    let mut cases = roles(&signed);
    cases.extend(times(&signed));
    cases
}

pub(super) fn start(id: &str, rule: &str, layer: &str, about: &str) -> Case {
    case(format!("trust/{id}"), rule, layer, about)
}

fn roles(signed: &Signed) -> Vec<Case> {
    [no_role(signed), observers(signed), keys_and_entries(signed)].concat()
}

fn no_role(signed: &Signed) -> Vec<Case> {
    [namespaces(signed), principals(signed)].concat()
}

fn namespaces(signed: &Signed) -> Vec<Case> {
    let with = |id: &str, rule: &str, layer: &str, about: &str, trust: String| {
        start(id, rule, layer, about).signed(signed).trust(trust)
    };
    vec![
        with(
            "producer",
            "trust-11",
            "pass",
            "An entry whose principal is the producer.",
            entry(LAB, PRODUCER, ALICE),
        )
        .passes(&[]),
        with(
            "no-namespaces",
            "trust-5",
            "signature",
            "A trust entry without namespaces.",
            entry(LAB, "", ALICE),
        )
        .fails(&["signer-role"]),
        with(
            "namespaces-wildcard",
            "trust-5",
            "signature",
            "A trust entry for every namespace.",
            entry(LAB, "namespaces=\"*\"", ALICE),
        )
        .fails(&["signer-role"]),
        with(
            "namespaces-wildcard-beside",
            "trust-5",
            "signature",
            "A wildcard beside the namespace.",
            entry(LAB, "namespaces=\"fullsource,x?\"", ALICE),
        )
        .fails(&["signer-role"]),
    ]
}

fn principals(signed: &Signed) -> Vec<Case> {
    let with = |id: &str, rule: &str, layer: &str, about: &str, trust: String| {
        start(id, rule, layer, about).signed(signed).trust(trust)
    };
    vec![
        with(
            "principal-wildcard",
            "trust-5",
            "signature",
            "A trust entry for every principal.",
            entry("*", PRODUCER, ALICE),
        )
        .fails(&["signer-role"]),
        with(
            "principal-negated",
            "trust-5",
            "signature",
            "A principal with `!`.",
            entry(&format!("!evil,{LAB}"), PRODUCER, ALICE),
        )
        .fails(&["signer-role"]),
        with(
            "namespace-other",
            "trust-4",
            "signature",
            "A namespace that gives nothing.",
            entry(LAB, "namespaces=\"git,file\"", ALICE),
        )
        .fails(&["signer-role"]),
        with(
            "rebuilder",
            "trust-13",
            "signature",
            "A rebuilder vouches for no statement.",
            entry(LAB, "namespaces=\"fullsource-rebuilder\"", ALICE),
        )
        .fails(&["signer-role"]),
    ]
}

fn observers(signed: &Signed) -> Vec<Case> {
    let with = |id: &str, rule: &str, layer: &str, about: &str, trust: String| {
        start(id, rule, layer, about).signed(signed).trust(trust)
    };
    vec![
        with(
            "observer",
            "trust-12",
            "signature",
            "An observer has signed.",
            entry(LAB, OBSERVER, ALICE),
        )
        .incomplete(&["signer-observer"]),
        with(
            "other-principal",
            "ver-20",
            "signature",
            "A producer signs what another one is said to have made.",
            entry("https://example.net/other", PRODUCER, ALICE),
        )
        .incomplete(&["signer-observer"]),
        with(
            "principal-trailing-slash",
            "trust-11",
            "signature",
            "The principal is compared byte for byte.",
            entry(&format!("{LAB}/"), PRODUCER, ALICE),
        )
        .incomplete(&["signer-observer"]),
    ]
}

fn keys_and_entries(signed: &Signed) -> Vec<Case> {
    let with = |id: &str, rule: &str, layer: &str, about: &str, trust: String| {
        start(id, rule, layer, about).signed(signed).trust(trust)
    };
    let unnamed = Release::toy().manifest(|m| drop_field(&mut m["release"]["producer"], "uri"));
    vec![
        start(
            "producer-without-uri",
            "trust-11",
            "signature",
            "A statement without the URI of its producer.",
        )
        .release(&unnamed)
        .trust(entry(LAB, PRODUCER, ALICE))
        .incomplete(&["signer-observer"]),
        start(
            "key-without-uri",
            "trust-10",
            "pass",
            "A key that is given speaks for any producer.",
        )
        .release(&unnamed)
        .passes(&[]),
        with(
            "key-beside",
            "trust-10",
            "pass",
            "A key that is given counts, whatever the trust file says.",
            entry(LAB, "", ALICE),
        )
        .keys(&[ALICE])
        .passes(&[]),
        with(
            "two-entries",
            "trust-9",
            "pass",
            "Of two entries of a key one gives the role.",
            entry("someone", "", ALICE) + &entry(LAB, PRODUCER, ALICE),
        )
        .passes(&[]),
        with(
            "two-entries-roles-apart",
            "trust-9",
            "signature",
            "The role of one entry does not hold for the principal of the other.",
            entry("someone", PRODUCER, ALICE) + &entry(LAB, OBSERVER, ALICE),
        )
        .incomplete(&["signer-observer"]),
        with(
            "unknown-signer",
            "ver-9",
            "signature",
            "The trust file has other keys.",
            entry(LAB, PRODUCER, BOB),
        )
        .fails(&["signature-untrusted"]),
    ]
}

fn times(signed: &Signed) -> Vec<Case> {
    [windows(signed), others_suffice(signed)].concat()
}

fn windows(signed: &Signed) -> Vec<Case> {
    [starts_and_ends(signed), times_read(signed)].concat()
}

fn starts_and_ends(signed: &Signed) -> Vec<Case> {
    let at = |id: &str, rule: &str, layer: &str, about: &str, window: &str, now: &str| {
        start(id, rule, layer, about)
            .signed(signed)
            .trust(entry(LAB, &format!("{PRODUCER},{window}"), ALICE))
            .input("now", now)
    };
    vec![
        at(
            "valid-first-second",
            "trust-7",
            "pass",
            "The first second of an entry.",
            "valid-after=\"20260101Z\"",
            "2026-01-01T00:00:00Z",
        )
        .passes(&[]),
        at(
            "not-yet-valid",
            "ver-10",
            "signature",
            "A second before the entry starts.",
            "valid-after=\"20260101Z\"",
            "2025-12-31T23:59:59Z",
        )
        .fails(&["signer-not-yet-valid"]),
        at(
            "valid-last-second",
            "trust-7",
            "pass",
            "The last second of an entry, and a fraction.",
            "valid-before=\"20260101120000Z\"",
            "2026-01-01T12:00:00.9Z",
        )
        .passes(&[]),
        at(
            "expired",
            "ver-10",
            "signature",
            "A second after the entry ended.",
            "valid-before=\"20260101120000Z\"",
            "2026-01-01T12:00:01Z",
        )
        .fails(&["signer-expired"]),
    ]
}

fn times_read(signed: &Signed) -> Vec<Case> {
    let at = |id: &str, rule: &str, layer: &str, about: &str, window: &str, now: &str| {
        start(id, rule, layer, about)
            .signed(signed)
            .trust(entry(LAB, &format!("{PRODUCER},{window}"), ALICE))
            .input("now", now)
    };
    let dated = Release::toy().manifest(|m| m["release"]["releasedOn"] = json!("2026-01-15"));
    vec![
        at(
            "time-without-z",
            "trust-6",
            "signature",
            "A time without `Z` is UTC, too.",
            "valid-before=\"202601011200\"",
            "2026-01-01T12:00:01Z",
        )
        .fails(&["signer-expired"]),
        start(
            "expired-but-dated-before",
            "trust-16",
            "signature",
            "The release says that it is from before the key expired.",
        )
        .release(&dated)
        .trust(entry(LAB, &format!("{PRODUCER},valid-before=\"20260201Z\""), ALICE))
        .input("now", "2026-06-01T00:00:00Z")
        .fails(&["signer-expired"]),
    ]
}

fn others_suffice(signed: &Signed) -> Vec<Case> {
    vec![
        start(
            "expired-beside-enough",
            "ver-11",
            "pass",
            "The threshold is met without the signer whose time is over.",
        )
        .disk(by(signed, &[ALICE, BOB]))
        .trust(
            entry(LAB, PRODUCER, ALICE)
                + &entry("bob", &format!("{PRODUCER},valid-before=\"20260101\""), BOB),
        )
        .input("now", "2026-06-01T00:00:00Z")
        .passes(&["signer-expired"]),
        start(
            "not-yet-beside-enough",
            "ver-11",
            "pass",
            "The threshold is met without the signer whose time will come.",
        )
        .disk(by(signed, &[ALICE, BOB]))
        .trust(
            entry(LAB, PRODUCER, ALICE)
                + &entry("bob", &format!("{PRODUCER},valid-after=\"20270101\""), BOB),
        )
        .input("now", "2026-06-01T00:00:00Z")
        .passes(&["signer-not-yet-valid"]),
        start(
            "role-beside-enough",
            "ver-11",
            "pass",
            "The threshold is met without the signer who has no role.",
        )
        .disk(by(signed, &[ALICE, BOB]))
        .trust(entry(LAB, PRODUCER, ALICE) + &entry("bob", "", BOB))
        .passes(&["signer-role"]),
        start(
            "expired-and-too-few",
            "ver-12",
            "signature",
            "One counts, one has expired, two are needed.",
        )
        .disk(by(signed, &[ALICE, BOB]))
        .trust(
            entry(LAB, PRODUCER, ALICE)
                + &entry("bob", &format!("{PRODUCER},valid-before=\"20260101\""), BOB),
        )
        .input("now", "2026-06-01T00:00:00Z")
        .input("threshold", 2)
        .fails(&["signature-threshold", "signer-expired"]),
    ]
}

/// An envelope by these people.
pub(super) fn by(signed: &Signed, people: &[Person]) -> super::case::Files {
    signed.disk_with(ENVELOPE, text(&envelope(IN_TOTO, &signed.payload, people)))
}
