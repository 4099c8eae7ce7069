//! Trust files and revocation files: what they say, what is refused and where, and that `ssh-keygen`
//! reads the former alike.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::fs;
use std::process::{Command, Stdio};

use fullsource_format::digest::Sha256;
use fullsource_format::key::{KeyError, KeyType, PublicKey, SecretKey};
use fullsource_format::limits;
use fullsource_format::revoked::{RevocationList, RevokedError, RevokedFault};
use fullsource_format::trust::{
    FileFault, LineFault, NoRole, Role, TrustEntry, TrustError, TrustFile, Validity,
};
use getrandom::SysRng;
use jiff::Timestamp;
use proptest::prelude::*;

const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti";

fn entry(before_key: &str) -> TrustEntry {
    let file = TrustFile::parse(format!("{before_key} {KEY} a comment\n").as_bytes());
    file.unwrap().entries()[0].clone()
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn roles_come_from_namespaces_and_never_from_patterns() {
    let cases: [(&str, &[Role], Option<NoRole>); 13] = [
        ("p namespaces=\"fullsource\"", &[Role::Producer], None),
        ("p namespaces=fullsource", &[Role::Producer], None),
        ("ssh-bob namespaces=\"fullsource\"", &[Role::Producer], None),
        ("p NameSpaces=\"git,fullsource-observer\"", &[Role::Observer], None),
        (
            "p namespaces=\"fullsource-rebuilder,fullsource,fullsource\"",
            &[Role::Producer, Role::Rebuilder],
            None,
        ),
        ("p", &[], Some(NoRole::NoNamespaces)),
        ("p valid-after=\"20200101\"", &[], Some(NoRole::NoNamespaces)),
        ("p namespaces=\"*\"", &[], Some(NoRole::NamespacePattern)),
        ("p namespaces=\"fullsource,!git\"", &[], Some(NoRole::NamespacePattern)),
        ("p namespaces=\"fullsourc?\"", &[], Some(NoRole::NamespacePattern)),
        ("*@example.org namespaces=\"fullsource\"", &[], Some(NoRole::PrincipalPattern)),
        ("p,!q namespaces=\"fullsource\"", &[], Some(NoRole::PrincipalPattern)),
        ("p namespaces=\"git, fullsource,Fullsource\"", &[], Some(NoRole::OtherNamespaces)),
    ];
    for (line, roles, no_role) in cases {
        let entry = entry(line);
        assert_eq!((entry.roles(), entry.no_role()), (roles, no_role), "{line}");
    }
}

#[test]
fn an_entry_allows_its_principals_in_its_roles_and_nothing_else() {
    let entry = entry("\"https://a.example/,bob\" namespaces=\"fullsource\"");
    assert!(entry.allows(Role::Producer, "https://a.example/"));
    assert!(entry.allows(Role::Producer, "bob"));
    assert!(!entry.allows(Role::Producer, "Bob"));
    assert!(!entry.allows(Role::Observer, "bob"));
    assert!(!entry.allows(Role::Producer, "https://a.example/,bob"));
    let quoted = self::entry(r#""a\"b\c d" namespaces="fullsource""#);
    assert_eq!(quoted.principals(), [r#"a"b\c d"#]);
    assert!(quoted.allows(Role::Producer, r#"a"b\c d"#));
}

#[test]
fn the_window_includes_both_ends_to_the_second() {
    let entry = entry("p valid-after=\"20250101\",valid-before=\"202503041530Z\"");
    let (from, until) = (time("2025-01-01T00:00:00Z"), time("2025-03-04T15:30:00Z"));
    assert_eq!((entry.valid_after(), entry.valid_before()), (Some(from), Some(until)));
    let at = |text| entry.validity(time(text));
    assert_eq!(at("2024-12-31T23:59:59.999Z"), Validity::NotYet { from });
    assert_eq!(at("2025-01-01T00:00:00Z"), Validity::Valid);
    assert_eq!(at("2025-01-01T00:00:00.5Z"), Validity::Valid);
    assert_eq!(at("2025-03-04T15:30:00.999Z"), Validity::Valid);
    assert_eq!(at("2025-03-04T15:30:01Z"), Validity::Expired { until });
    assert!(!entry.valid_at(time("1969-12-31T23:59:59.5Z")));
}

#[test]
fn comments_blank_lines_and_foreign_keys_leave_the_rest_usable() {
    let file = format!(
        "# who\r\n\r\n   # and\n\tp\tnamespaces=\"fullsource\"\t{KEY}\tx\r\nq,r ssh-rsa AAAAB3 c\n\
         s namespaces=\"git\" sk-ssh-ed25519@openssh.com AAAA\nt {KEY}"
    );
    let file = TrustFile::parse(file.as_bytes()).unwrap();
    let lines: Vec<usize> = file.entries().iter().map(TrustEntry::line).collect();
    assert_eq!(lines, [4, 7]);
    assert_eq!(file.entries()[0].key(), &PublicKey::from_openssh(KEY).unwrap());
    let skipped: Vec<_> =
        file.skipped().iter().map(|s| (s.line, s.principals.len(), s.key_type.as_str())).collect();
    assert_eq!(skipped, [(5, 2, "ssh-rsa"), (6, 1, "sk-ssh-ed25519@openssh.com")]);
}

#[test]
fn a_fault_is_named_with_its_place() {
    let date = |found: &str| LineFault::Date { found: found.to_owned() };
    // The line, with `K` for the key; the text under the caret; the fault.
    let cases = [
        ("p namespaces=\"x K", "\"x K", LineFault::OpenQuote),
        ("\"p K", "\"p K", LineFault::OpenQuote),
        ("\"p\"q K", "q", LineFault::AfterQuote),
        ("p namespaces=\"x\"y K", "y", LineFault::AfterQuote),
        ("p,,q K", "p,,q", LineFault::EmptyPrincipal),
        ("K", "ssh-ed25519", LineFault::NoPrincipal),
        ("p", "", LineFault::NoKey),
        ("p AAAA", "AAAA", LineFault::UnknownOption { name: "AAAA".to_owned() }),
        ("p namespaces=\"x\"", "", LineFault::NoKey),
        ("p namespaces=\"x\" q K", "q K", LineFault::NoKey),
        ("p ssh-ed25519", "ssh-ed25519", LineFault::NoKey),
        ("p namespaces=\"x\", K", " ", LineFault::EmptyOption),
        ("p ,namespaces=\"x\" K", ",", LineFault::EmptyOption),
        (
            "p zürich=\"x\" K",
            "zürich=\"x\"",
            LineFault::UnknownOption { name: "zürich".to_owned() },
        ),
        (
            "p namespaces=\"x\",Namespaces=\"y\" K",
            "Namespaces=\"y\"",
            LineFault::TwiceOption { name: "namespaces" },
        ),
        ("p valid-after K", "valid-after", LineFault::NoValue { name: "valid-after" }),
        ("é cert-authority K", "cert-authority", LineFault::CertAuthority),
        ("p valid-after=\"2025\" K", "valid-after=\"2025\"", date("2025")),
        ("p valid-after=\"20250229\" K", "valid-after=\"20250229\"", date("20250229")),
        ("p valid-after=\"+2250101\" K", "valid-after=\"+2250101\"", date("+2250101")),
        (
            "p valid-after=\"20250101235960\" K",
            "valid-after=\"20250101235960\"",
            date("20250101235960"),
        ),
        ("p valid-after=\"\" K", "valid-after=\"\"", date("")),
        (
            "p valid-before=\"20250101\",valid-after=\"20250101\" K",
            "valid-before=\"20250101\"",
            LineFault::EmptyWindow,
        ),
        (
            "p ssh-ed25519 AAAA!",
            "ssh-ed25519 AAAA!",
            LineFault::Key(KeyError::Malformed { what: "its second word is not base64" }),
        ),
    ];
    for (line, under, fault) in cases {
        let text = format!("# first\n{}\n", line.replace('K', KEY));
        let error = TrustFile::parse(text.as_bytes()).unwrap_err();
        let place = error.place().unwrap().clone();
        assert_eq!(error, TrustError::Line { place: place.clone(), fault }, "{line}");
        assert_eq!(text[place.span.clone()].replace(KEY, "K"), under, "{line}");
        let before = text[..place.span.start].rsplit('\n').next().unwrap();
        assert_eq!((place.line, place.column), (2, before.chars().count() + 1), "{line}");
        assert!(!error.help().is_empty());
    }
}

#[test]
fn a_file_that_is_no_trust_file_is_refused() {
    let fault = |file: &[u8]| match TrustFile::parse(file) {
        Err(TrustError::File(fault)) => fault,
        other => panic!("{other:?}"),
    };
    assert_eq!(fault(b""), FileFault::Empty);
    assert_eq!(fault(b"# nobody\n"), FileFault::Empty);
    assert_eq!(fault(b"\xff"), FileFault::NotText);
    assert_eq!(fault(b"p \0"), FileFault::NotText);
    assert_eq!(fault("\u{feff}# x".as_bytes()), FileFault::ByteOrderMark);
    let long = vec![b'\n'; limits::TRUST_BYTES + 1];
    assert_eq!(fault(&long), FileFault::TooLong { bytes: long.len() });
    assert_eq!(fault(&long[1..]), FileFault::Empty);
}

#[test]
fn the_help_fits_the_fault() {
    let trust = [
        ("p cert-authority K", "list the keys themselves"),
        ("p valid-after=\"2025\" K", "dates are read in UTC"),
        ("p valid-until=\"20250101\" K", "the options are"),
        ("p valid-before=\"20250101\",valid-after=\"20250101\" K", "exchange or correct"),
        ("p ssh-ed25519 AAAA!", "get the key again"),
        ("K", "a line reads"),
        ("", "a line reads"),
        ("\0", "give a text file"),
    ];
    for (text, help) in trust {
        let error = TrustFile::parse(text.replace('K', KEY).as_bytes()).unwrap_err();
        assert!(error.help().starts_with(help), "{text}: {}", error.help());
    }
    for (text, help) in [("ssh-ed25519 AAAA!", "get the key again"), ("x", "a line is")] {
        let error = RevocationList::parse(format!("# first\n{text}").as_bytes()).unwrap_err();
        assert_eq!(error.place().map(|place| (place.line, place.column)), Some((2, 1)), "{text}");
        assert!(error.help().starts_with(help), "{text}: {}", error.help());
    }
}

/// The same lines and times, judged by `ssh-keygen -Y verify`. `differs` marks where this reader is
/// knowingly another: unquoted values are read here, and dates that do not exist are refused.
#[test]
fn ssh_keygen_reads_the_same_trust() {
    let dir = tempfile::TempDir::new().unwrap();
    let run = |arguments: &[&str]| {
        let message = fs::File::open(dir.path().join("message")).unwrap();
        let mut program = Command::new("ssh-keygen");
        program.args(arguments).current_dir(dir.path()).env("TZ", "UTC").stdin(message);
        let output = program.stdout(Stdio::null()).stderr(Stdio::null()).status();
        output.ok().map(|status| status.success())
    };
    fs::write(dir.path().join("message"), "m").unwrap();
    let Some(true) = run(&["-q", "-t", "ed25519", "-N", "", "-f", "key"]) else { return };
    let signed = run(&["-q", "-Y", "sign", "-f", "key", "-n", "fullsource", "message"]);
    assert_eq!(signed, Some(true));
    let public = fs::read_to_string(dir.path().join("key.pub")).unwrap();
    let (same, differs) = (true, false);
    let cases = [
        (same, "p namespaces=\"fullsource\""),
        (same, "\"p\" namespaces=\"fullsource\""),
        (same, "q,p NAMESPACES=\"git,fullsource\""),
        (same, "p namespaces=\"git, fullsource\""),
        (same, "p namespaces=\"fullsource\",valid-after=\"20250101Z\""),
        (same, "p namespaces=\"fullsource\",valid-after=\"20250101000001Z\""),
        (same, "p namespaces=\"fullsource\",valid-before=\"20250101\""),
        (same, "p namespaces=\"fullsource\",valid-before=\"20241231235959Z\""),
        (same, "p valid-before=\"202501010001Z\",namespaces=\"fullsource\""),
        (same, "p namespaces=\"fullsource\",valid-before=\"2025010100Z\""),
        (same, "p namespaces=\"fullsource\",valid-after=\"20251301Z\""),
        (same, "p namespaces=\"fullsource\",valid-after=\"2Z\""),
        (same, "p namespaces=\"fullsource\",valid-after=\"20200101\",valid-before=\"20200101\""),
        (same, "p namespaces=\"fullsource\",namespaces=\"fullsource\""),
        (same, "p namespaces=\"fullsource\","),
        (same, "p namespaces=\"fullsource\",other=\"x\""),
        (same, "p namespaces=\"fullsource\"x"),
        (same, "p namespaces=\"fullsource"),
        (same, "P namespaces=\"fullsource\""),
        (differs, "p namespaces=fullsource"),
        (differs, "p namespaces=\"fullsource\",valid-after=\"20230229Z\""),
    ];
    for (alike, line) in cases {
        let file = format!("{line} {public}");
        fs::write(dir.path().join("allow"), &file).unwrap();
        let theirs = run(&[
            "-Y",
            "verify",
            "-f",
            "allow",
            "-I",
            "p",
            "-n",
            "fullsource",
            "-s",
            "message.sig",
            "-O",
            "verify-time=20250101Z",
        ]);
        let ours = TrustFile::parse(file.as_bytes()).is_ok_and(|file| {
            let entry = &file.entries()[0];
            entry.allows(Role::Producer, "p") && entry.valid_at(time("2025-01-01T00:00:00Z"))
        });
        assert_eq!(theirs == Some(ours), alike, "{line}: theirs {theirs:?}, ours {ours}");
    }
}

#[test]
fn a_revocation_list_takes_ids_and_keys_in_every_form() {
    let keys: Vec<PublicKey> = [KeyType::Ed25519, KeyType::P256, KeyType::Ed25519]
        .map(|key_type| SecretKey::generate(key_type, &mut SysRng).unwrap().public())
        .into();
    let (one, two) = (Sha256::of(b"1"), Sha256::of(b"2"));
    let file = format!(
        "# gone\n{one}\nsha256:{two} # leaked\r\n\n{}\nkey:{} #x\n{KEY} comment\n  {}ssh-rsa AAAAB3NzaC1yc2E= x\n",
        keys[0].key_id(),
        keys[2].key_id(),
        keys[1].to_pem(),
    );
    let list = RevocationList::parse(file.as_bytes()).unwrap();
    assert!(list.revokes_statement(&one) && list.revokes_statement(&two));
    assert!(!list.revokes_statement(&Sha256::of(b"3")));
    assert!(keys.iter().all(|key| list.revokes_key(key)));
    assert!(list.revokes_key(&PublicKey::from_openssh(KEY).unwrap()));
    let other = SecretKey::generate(KeyType::P256, &mut SysRng).unwrap().public();
    assert!(!list.revokes_key(&other));
    assert_eq!(RevocationList::parse(b"# none\n").unwrap(), RevocationList::default());
}

#[test]
fn a_revocation_that_is_not_understood_is_an_error_with_its_line() {
    let pem = SecretKey::generate(KeyType::P256, &mut SysRng).unwrap().public().to_pem();
    let cut = pem.replace("-----END PUBLIC KEY-----\n", "");
    let id = Sha256::of(b"1").to_string();
    let fault = |text: &str| match RevocationList::parse(format!("#\n{text}").as_bytes()) {
        Err(RevokedError::Line { place, fault }) => {
            assert_eq!((place.line, place.column), (2, 1), "{text}");
            fault
        }
        other => panic!("{text}: {other:?}"),
    };
    assert!(matches!(fault("SHA256:abc"), RevokedFault::Unknown { .. }));
    assert!(matches!(fault(&id[1..]), RevokedFault::Unknown { .. }));
    assert!(matches!(fault(&id.to_uppercase()), RevokedFault::Statement(_)));
    assert!(matches!(fault("sha256:00"), RevokedFault::Statement(_)));
    assert!(matches!(fault("key:00"), RevokedFault::KeyId(_)));
    assert_eq!(fault(&format!("{id} x")), RevokedFault::Trailing);
    assert_eq!(fault(&cut), RevokedFault::OpenBlock);
    assert!(matches!(fault(&pem.replace("MFkw", "MFk")), RevokedFault::Key(_)));
    let private = pem.replace("PUBLIC", "PRIVATE");
    assert_eq!(fault(&private), RevokedFault::Key(KeyError::PrivateGiven));
    assert!(matches!(fault("ssh-ed25519 AAAA"), RevokedFault::Key(_)));
    // The type that stands inside is `ssh-rsa`.
    assert!(matches!(fault("ssh-rsaa AAAAB3NzaC1yc2E="), RevokedFault::Unknown { .. }));
    assert_eq!(RevocationList::parse(b" \n"), Err(RevokedError::File(FileFault::Empty)));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_text_makes_reading_panic(text in "[ -~é\\n\\t\"\\\\]{0,80}", bytes: Vec<u8>) {
        for file in [text.clone(), format!("p {text} {KEY}"), format!("p namespaces={text}\" {KEY}"),
            format!("p valid-after=\"{text}\" {KEY}"), format!("-----BEGIN {text}")] {
            if let Err(error) = TrustFile::parse(file.as_bytes()) {
                let span = error.place().map_or(0..0, |place| place.span.clone());
                prop_assert!(file.get(span).is_some());
            }
            let _ = RevocationList::parse(file.as_bytes());
        }
        let _ = TrustFile::parse(&bytes);
        let _ = RevocationList::parse(&bytes);
    }
}
