//! Who counts how often, what was revoked, several statements, and what was asked for.

use serde_json::json;

use super::case::Case;
use super::key::{ALICE, BOB, CAROL, ED25519_SPKI, MALLORY, PAM, Person, pem};
use super::release::{BUNDLE, ENVELOPE, LAB, Release, Signed};
use super::seal::{IN_TOTO, bundle, envelope, lines, sha256, text};
use super::trust::{OBSERVER, PRODUCER, by, entry, start};

pub(super) fn cases() -> Vec<Case> {
    let signed = Release::toy().signed(|_| {});
    [signers(&signed), revocation(&signed), several(), expected(&signed)].concat()
}

fn signers(signed: &Signed) -> Vec<Case> {
    let two = |id: &str, rule: &str, layer: &str, about: &str, trust: String| {
        start(id, rule, layer, about)
            .disk(by(signed, &[ALICE, BOB]))
            .trust(trust)
            .input("threshold", 2)
    };
    let both = entry(LAB, PRODUCER, ALICE) + &entry("bob", PRODUCER, BOB);
    let linked = entry(LAB, PRODUCER, ALICE)
        + &entry("bob", PRODUCER, BOB)
        + &entry(&format!("{LAB},bob"), "", CAROL);
    vec![
        two("threshold-two-principals", "trust-17", "pass", "Two principals.", both.clone())
            .passes(&[]),
        two(
            "threshold-one-principal",
            "trust-17",
            "signature",
            "Two keys of one principal are one signer.",
            entry(LAB, PRODUCER, ALICE) + &entry(LAB, PRODUCER, BOB),
        )
        .fails(&["signature-threshold"]),
        two(
            "threshold-linked",
            "trust-17",
            "signature",
            "A third key, without a role, joins two principals.",
            linked,
        )
        .fails(&["signature-threshold"]),
        start(
            "threshold-key-in-both",
            "trust-17",
            "signature",
            "A key that is given and stands in the trust file belongs to the signer there.",
        )
        .disk(by(signed, &[ALICE, BOB]))
        .trust(entry(LAB, PRODUCER, ALICE) + &entry(LAB, PRODUCER, BOB))
        .keys(&[BOB])
        .input("threshold", 2)
        .fails(&["signature-threshold"]),
        two(
            "producer-and-observer",
            "ver-17",
            "signature",
            "Two signers, one of them an observer: together they do not speak for the producer.",
            entry(LAB, PRODUCER, ALICE) + &entry("bob", OBSERVER, BOB),
        )
        .incomplete(&["signer-observer"]),
    ]
}

fn revocation(signed: &Signed) -> Vec<Case> {
    [revoked_keys(signed), revoked_statements(signed)].concat()
}

fn revoked_keys(signed: &Signed) -> Vec<Case> {
    let with = |id: &str, rule: &str, about: &str, revoked: String| {
        start(id, rule, "signature", about).signed(signed).revoked(revoked)
    };
    let key = |id: &str, about: &str, revoked: String| {
        with(&format!("revoked-{id}"), "trust-14", about, revoked).fails(&["signer-revoked"])
    };
    vec![
        key(
            "key-openssh",
            "A revoked key, as an OpenSSH line.",
            format!("# leaked\n{} laptop\n", ALICE.openssh()),
        ),
        key("key-pem", "A revoked key, as PEM.", ALICE.pem()),
        with(
            "revoked-key-id",
            "key-6",
            "A revoked key, by its id.",
            format!("{} # old\n", ALICE.key_id()),
        )
        .fails(&["signer-revoked"]),
        key(
            "key-id-prefix",
            "A revoked key, by its id with a prefix.",
            format!("key:{}\n", ALICE.key_id()),
        ),
        start(
            "revoked-key-p256-spelling",
            "trust-15",
            "signature",
            "A revoked key in another spelling.",
        )
        .disk(signed.disk_by(PAM))
        .keys(&[PAM])
        .revoked(pem("PUBLIC KEY", &PAM.compressed_spki()))
        .fails(&["signer-revoked"]),
        start(
            "revoked-beside-enough",
            "ver-11",
            "signature",
            "A revoked key stays an error where others are enough.",
        )
        .disk(by(signed, &[ALICE, BOB]))
        .keys(&[ALICE, BOB])
        .revoked(BOB.openssh() + "\n")
        .fails(&["signer-revoked"]),
    ]
}

fn revoked_statements(signed: &Signed) -> Vec<Case> {
    let with = |id: &str, rule: &str, about: &str, revoked: String| {
        start(id, rule, "signature", about).signed(signed).revoked(revoked)
    };
    let neutral = pem("PUBLIC KEY", &[&ED25519_SPKI[..], &[1], &[0; 31]].concat());
    let bad = |id: &str, about: &str, revoked: &str| {
        with(&format!("revocation-{id}"), "trust-14", about, revoked.to_owned())
            .stops(&["trust-malformed"])
    };
    vec![
        with(
            "revoked-other",
            "trust-14",
            "Somebody else's key is revoked, and a key that cannot be one.",
            MALLORY.openssh() + "\n" + &neutral,
        )
        .passes(&[]),
        with(
            "revoked-statement",
            "ver-15",
            "The statement is revoked.",
            format!("{}\n", signed.id()),
        )
        .fails(&["statement-revoked"]),
        with(
            "revoked-statement-prefix",
            "trust-14",
            "The statement is revoked, with a prefix.",
            format!("sha256:{} # wrong data\n", signed.id()),
        )
        .fails(&["statement-revoked"]),
        bad("empty", "An empty revocation file.", ""),
        bad("rubbish", "A line that is nothing.", "revoke everything\n"),
        bad(
            "key-type-typo",
            "A key type with a letter too many.",
            "ssh-ed25519x AAAAC3NzaC1lZDI1NTE5\n",
        ),
        bad("upper-case", "A statement id in upper case.", &("A".repeat(64) + "\n")),
        bad("bom", "A byte order mark.", "\u{feff}# nothing\n"),
    ]
}

/// Two statements of one release.
fn several() -> Vec<Case> {
    [conflicts(), preferences()].concat()
}

fn conflicts() -> Vec<Case> {
    let one = Release::toy().signed(|_| {});
    let two = Release::toy().manifest(|m| m["release"]["version"] = json!("1.1")).signed(|_| {});
    let disk = |first: (&Signed, Person), second: (&Signed, Person)| {
        let mut disk = first.0.disk_by(first.1);
        disk.insert(ENVELOPE.to_owned(), text(&envelope(IN_TOTO, &second.0.payload, &[second.1])));
        disk
    };
    let differing = || disk((&one, ALICE), (&two, ALICE));
    vec![
        start("conflict", "ver-19", "signature", "Two differing statements by the same key.")
            .disk(differing())
            .fails(&["statement-conflict"]),
        start(
            "conflict-in-lines",
            "ver-19",
            "signature",
            "Two differing statements in JSON Lines.",
        )
        .disk(
            one.disk_with(
                BUNDLE,
                lines(&[bundle(&one.payload, ALICE), bundle(&two.payload, ALICE)]),
            ),
        )
        .fails(&["statement-conflict"]),
        start("conflict-picked", "ver-16", "pass", "A statement id picks one of two.")
            .disk(differing())
            .input("statementId", two.id())
            .passes(&[]),
        start("conflict-one-revoked", "ver-15", "pass", "One of two statements is revoked.")
            .disk(differing())
            .revoked(format!("{}\n", one.id()))
            .passes(&[]),
        start("conflict-one-untrusted", "ver-9", "pass", "One of two statements is by nobody.")
            .disk(disk((&one, ALICE), (&two, MALLORY)))
            .passes(&[]),
        start("conflict-supersedes", "man-35", "signature", "`supersedes` grants nothing.")
            .disk(disk((&one, ALICE), (&superseding(&one), ALICE)))
            .fails(&["statement-conflict"]),
        start("conflict-unverified", "ver-8", "signature", "Two statements, and no key.")
            .disk(differing())
            .keys(&[])
            .fails(&["statement-conflict"]),
    ]
}

fn preferences() -> Vec<Case> {
    let one = Release::toy().signed(|_| {});
    let two = Release::toy().manifest(|m| m["release"]["version"] = json!("1.1")).signed(|_| {});
    let disk = |first: (&Signed, Person), second: (&Signed, Person)| {
        let mut disk = first.0.disk_by(first.1);
        disk.insert(ENVELOPE.to_owned(), text(&envelope(IN_TOTO, &second.0.payload, &[second.1])));
        disk
    };
    let trust = entry(LAB, PRODUCER, ALICE) + &entry("bob", OBSERVER, BOB);
    vec![
        start(
            "producer-before-observer",
            "ver-18",
            "pass",
            "The producer's statement is preferred to an observer's.",
        )
        .disk(disk((&one, BOB), (&two, ALICE)))
        .trust(trust)
        .passes(&[]),
        start(
            "threshold-sets-aside",
            "ver-12",
            "pass",
            "A statement that does not meet the threshold gives way to one that does.",
        )
        .disk({
            let mut disk = one.disk();
            disk.insert(ENVELOPE.to_owned(), text(&envelope(IN_TOTO, &two.payload, &[ALICE, BOB])));
            disk
        })
        .keys(&[ALICE, BOB])
        .input("threshold", 2)
        .passes(&[]),
    ]
}

fn superseding(old: &Signed) -> Signed {
    Release::toy().manifest(|m| m["release"]["supersedes"] = json!(old.id())).signed(|_| {})
}

fn expected(signed: &Signed) -> Vec<Case> {
    let expect = |id: &str, layer: &str, about: &str, text: &str| {
        start(id, "ver-21", layer, about).signed(signed).input("expectRelease", text)
    };
    let unexpected = |id: &str, about: &str, text: &str| {
        expect(id, "signature", about, text).fails(&["statement-unexpected"])
    };
    vec![
        expect("expected-name", "pass", "The name that was expected.", "toy").passes(&[]),
        expect(
            "expected-version",
            "pass",
            "The name and the version that were expected.",
            "toy@1.0",
        )
        .passes(&[]),
        unexpected("unexpected-name", "Another name.", "toys"),
        unexpected("unexpected-version", "An older version.", "toy@0.9"),
        unexpected("unexpected-version-prefix", "A part of the version.", "toy@1"),
        start("statement-id-other", "ver-16", "signature", "Another statement id.")
            .signed(signed)
            .input("statementId", sha256(b""))
            .fails(&["statement-unexpected"]),
    ]
}
