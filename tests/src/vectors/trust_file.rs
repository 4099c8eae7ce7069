//! Trust files: their form.

use super::case::Case;
use super::key::{ALICE, BOB, PAM, ssh_blob};
use super::release::{LAB, Release, Signed};
use super::trust::{PRODUCER, entry, start};

pub(super) fn cases() -> Vec<Case> {
    let signed = Release::toy().signed(|_| {});
    [forms(&signed), malformed(&signed)].concat()
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
    [malformed_lines(signed), malformed_options(signed), malformed_times_and_keys(signed)].concat()
}

fn malformed_lines(signed: &Signed) -> Vec<Case> {
    let bad = |id: &str, rule: &str, about: &str, trust: Vec<u8>| {
        start(&format!("malformed-{id}"), rule, "signature", about)
            .signed(signed)
            .trust(trust)
            .stops(&["trust-malformed"])
    };
    let good = entry(LAB, PRODUCER, ALICE);
    let beside = |line: String| (good.clone() + &line).into_bytes();
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
    ]
}

fn malformed_options(signed: &Signed) -> Vec<Case> {
    let bad = |id: &str, rule: &str, about: &str, trust: Vec<u8>| {
        start(&format!("malformed-{id}"), rule, "signature", about)
            .signed(signed)
            .trust(trust)
            .stops(&["trust-malformed"])
    };
    let good = entry(LAB, PRODUCER, ALICE);
    let beside = |line: String| (good.clone() + &line).into_bytes();
    let option = |option: &str| beside(entry("bob", option, BOB));
    vec![
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
    ]
}

fn malformed_times_and_keys(signed: &Signed) -> Vec<Case> {
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
