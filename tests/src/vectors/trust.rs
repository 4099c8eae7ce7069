//! Trust files, revocation, several statements, and what was asked for.

use serde_json::json;

use super::case::{Case, case};
use super::key::{ALICE, BOB, CAROL, ED25519_SPKI, MALLORY, PAM, Person, pem, ssh_blob};
use super::release::{BUNDLE, ENVELOPE, LAB, Release, Signed, drop_field};
use super::seal::{IN_TOTO, bundle, envelope, lines, sha256, text};

/// A trust entry.
fn entry(principals: &str, options: &str, person: Person) -> String {
    let options = if options.is_empty() { String::new() } else { format!("{options} ") };
    format!("{principals} {options}{}\n", person.openssh())
}

const PRODUCER: &str = "namespaces=\"fullsource\"";
const OBSERVER: &str = "namespaces=\"fullsource-observer\"";

pub(super) fn cases() -> Vec<Case> {
    let signed = Release::toy().signed(|_| {});
    let mut cases = roles(&signed);
    cases.extend(times(&signed));
    cases.extend(forms(&signed));
    cases.extend(malformed(&signed));
    cases.extend(signers(&signed));
    cases.extend(revocation(&signed));
    cases.extend(several());
    cases.extend(expected(&signed));
    cases
}

fn start(id: &str, rule: &str, layer: &str, about: &str) -> Case {
    case(format!("trust/{id}"), rule, layer, about)
}

fn roles(signed: &Signed) -> Vec<Case> {
    let with = |id: &str, rule: &str, layer: &str, about: &str, trust: String| {
        start(id, rule, layer, about).signed(signed).trust(trust)
    };
    let unnamed = Release::toy().manifest(|m| drop_field(&mut m["release"]["producer"], "uri"));
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
            "trust-11",
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
    let at = |id: &str, rule: &str, layer: &str, about: &str, window: &str, now: &str| {
        start(id, rule, layer, about)
            .signed(signed)
            .trust(entry(LAB, &format!("{PRODUCER},{window}"), ALICE))
            .input("now", now)
    };
    let dated = Release::toy().manifest(|m| m["release"]["releasedOn"] = json!("2026-01-15"));
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
fn by(signed: &Signed, people: &[Person]) -> super::case::Files {
    signed.disk_with(ENVELOPE, text(&envelope(IN_TOTO, &signed.payload, people)))
}

fn forms(signed: &Signed) -> Vec<Case> {
    let good = |id: &str, rule: &str, about: &str, trust: String| {
        start(id, rule, "pass", about).signed(signed).trust(trust).passes(&[])
    };
    let rsa = format!("old {PRODUCER} ssh-rsa {}\n", ssh_blob(&[b"ssh-rsa", b"\x03", b"\x7f"]));
    vec![
        good(
            "form-comments",
            "trust-1",
            "Comments, blank lines, CR LF, tabs, and a comment behind the key.",
            format!(
                "# ours\r\n\r\n \t# more\r\n{LAB}\t{PRODUCER} \t{} key of 2026\r\n",
                ALICE.openssh()
            ),
        ),
        good(
            "form-quoted-principals",
            "trust-1",
            "Principals in quotes.",
            entry(&format!("\"{LAB}\""), PRODUCER, ALICE),
        ),
        good(
            "form-several-principals",
            "trust-2",
            "Several principals.",
            entry(&format!("someone,{LAB},bob"), PRODUCER, ALICE),
        ),
        good(
            "form-option-case",
            "trust-2",
            "Names of options in another case.",
            entry(LAB, "NameSpaces=\"fullsource\"", ALICE),
        ),
        good(
            "form-option-unquoted",
            "trust-2",
            "A value without quotes.",
            entry(LAB, "namespaces=fullsource", ALICE),
        ),
        good(
            "form-p256",
            "key-7",
            "A P-256 key beside the other.",
            entry("pam", PRODUCER, PAM) + &entry(LAB, PRODUCER, ALICE),
        ),
        good(
            "form-other-key-type",
            "trust-8",
            "An entry with a key of another type is skipped.",
            rsa + &entry(LAB, PRODUCER, ALICE),
        ),
    ]
}

fn malformed(signed: &Signed) -> Vec<Case> {
    let bad = |id: &str, rule: &str, about: &str, trust: Vec<u8>| {
        start(&format!("malformed-{id}"), rule, "signature", about)
            .signed(signed)
            .trust(trust)
            .stops(&["trust-malformed"])
    };
    let good = entry(LAB, PRODUCER, ALICE);
    let beside = |line: String| (good.clone() + &line).into_bytes();
    let option = |option: &str| beside(entry("bob", option, BOB));
    let neutral = [&[1][..], &[0; 31]].concat();
    let weak = format!("bob {PRODUCER} ssh-ed25519 {}\n", ssh_blob(&[b"ssh-ed25519", &neutral]));
    vec![
        bad("empty", "trust-1", "No entry.", b"# nobody\n".to_vec()),
        bad("bom", "trust-1", "A byte order mark.", [b"\xef\xbb\xbf", good.as_bytes()].concat()),
        bad("zero-byte", "trust-1", "A zero byte.", [good.as_bytes(), b"# \0\n"].concat()),
        bad(
            "utf8",
            "trust-1",
            "A byte that is not UTF-8.",
            [good.as_bytes(), b"# \xff\n"].concat(),
        ),
        bad(
            "quote-open",
            "trust-1",
            "A quote that is not closed.",
            beside(format!("\"bob {PRODUCER} {}\n", BOB.openssh())),
        ),
        bad(
            "principal-empty",
            "trust-2",
            "An empty principal.",
            beside(entry("bob,,carol", PRODUCER, BOB)),
        ),
        bad(
            "cert-authority",
            "trust-3",
            "A certificate authority.",
            option(&format!("cert-authority,{PRODUCER}")),
        ),
        bad(
            "option-unknown",
            "trust-3",
            "An option that nobody knows.",
            option("no-touch-required"),
        ),
        bad(
            "option-twice",
            "trust-3",
            "An option twice.",
            option(&format!("{PRODUCER},{PRODUCER}")),
        ),
        bad(
            "key-missing",
            "trust-3",
            "An entry without a key.",
            beside(format!("bob {PRODUCER}\n")),
        ),
        bad(
            "key-not-base64",
            "trust-3",
            "A key that is not base64.",
            beside(format!("bob {PRODUCER} ssh-ed25519 AA*A\n")),
        ),
        bad(
            "time",
            "trust-6",
            "A day that does not exist.",
            option(&format!("{PRODUCER},valid-after=\"20260230\"")),
        ),
        bad(
            "time-short",
            "trust-6",
            "A time of ten digits.",
            option(&format!("{PRODUCER},valid-after=\"2026020110\"")),
        ),
        bad(
            "window",
            "trust-6",
            "An entry that ends before it starts.",
            option(&format!("{PRODUCER},valid-after=\"20260301\",valid-before=\"20260201\"")),
        ),
        bad("key-small-order", "trust-8", "A key of small order.", beside(weak)),
        bad(
            "key-type-differs",
            "key-7",
            "The type in the line is not the type in the key.",
            beside(format!(
                "bob {PRODUCER} ssh-ed25519 {}\n",
                ssh_blob(&[b"ssh-dss", &BOB.point()])
            )),
        ),
        start("malformed-missing", "ver-1", "signature", "The trust file is not there.")
            .signed(signed)
            .keys(&[])
            .input("trust", "nowhere")
            .stops(&["trust-malformed"]),
    ]
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
    let with = |id: &str, rule: &str, about: &str, revoked: String| {
        start(id, rule, "signature", about).signed(signed).revoked(revoked)
    };
    let key = |id: &str, about: &str, revoked: String| {
        with(&format!("revoked-{id}"), "trust-14", about, revoked).fails(&["signer-revoked"])
    };
    let neutral = pem("PUBLIC KEY", &[&ED25519_SPKI[..], &[1], &[0; 31]].concat());
    let bad = |id: &str, about: &str, revoked: &str| {
        with(&format!("revocation-{id}"), "trust-14", about, revoked.to_owned())
            .stops(&["trust-malformed"])
    };
    vec![
        key(
            "key-openssh",
            "A revoked key, as an OpenSSH line.",
            format!("# leaked\n{} laptop\n", ALICE.openssh()),
        ),
        key("key-pem", "A revoked key, as PEM.", ALICE.pem()),
        key("key-id", "A revoked key, by its id.", format!("{} # old\n", ALICE.key_id())),
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
        bad("upper-case", "A statement id in upper case.", &("A".repeat(64) + "\n")),
        bad("bom", "A byte order mark.", "\u{feff}# nothing\n"),
    ]
}

/// Two statements of one release.
fn several() -> Vec<Case> {
    let one = Release::toy().signed(|_| {});
    let two = Release::toy().manifest(|m| m["release"]["version"] = json!("1.1")).signed(|_| {});
    let disk = |first: (&Signed, Person), second: (&Signed, Person)| {
        let mut disk = first.0.disk_by(first.1);
        disk.insert(ENVELOPE.to_owned(), text(&envelope(IN_TOTO, &second.0.payload, &[second.1])));
        disk
    };
    let differing = || disk((&one, ALICE), (&two, ALICE));
    let trust = entry(LAB, PRODUCER, ALICE) + &entry("bob", OBSERVER, BOB);
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
