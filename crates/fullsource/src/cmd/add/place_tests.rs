use super::*;

const COMMIT: &str = "3b18e512dba79e4c8300dd08aeb37f8e728b8dad";

/// The request as one line, for a role.
fn of(text: &str, role: &str) -> Result<String, PlaceError> {
    let request = read(text, &role.parse().unwrap(), &mut Vec::new())?;
    let inside = |path: Option<RelPath>| path.map_or(String::new(), |path| format!(" / {path}"));
    Ok(match request {
        Request::Pinned(locator) => format!("= {locator}"),
        Request::Git { transport, repository, at, path } => {
            let scheme = if transport == GitTransport::Https { "git" } else { "file" };
            let at = match at {
                Reference::Head => "HEAD".to_owned(),
                Reference::Named(name) => name,
                Reference::Tail(parts) => parts.join(" | "),
            };
            format!("{scheme} {repository} @ {at}{}", inside(path))
        }
        Request::Hub { kind, name, revision, path } => {
            let kind = if kind == HubKind::Models { "model" } else { "dataset" };
            format!("{kind} {name} @ {}{}", revision.as_deref().unwrap_or("main"), inside(path))
        }
        Request::Oci { reference, tag } => {
            format!("oci {reference} : {}", tag.as_deref().unwrap_or("latest"))
        }
    })
}

#[track_caller]
fn table(role: &str, rows: &[(&str, &str)]) {
    for (text, expected) in rows {
        let text = text.replace("COMMIT", COMMIT);
        let expected = expected.replace("COMMIT", COMMIT);
        assert_eq!(of(&text, role).unwrap(), expected, "{text}");
    }
}

#[test]
fn addresses_of_forges_are_repositories() {
    table(
        "code.training",
        &[
            ("https://github.com/org/repo", "git github.com/org/repo.git @ HEAD"),
            ("https://www.github.com/org/repo/?tab=readme", "git github.com/org/repo.git @ HEAD"),
            ("https://github.com/org/repo.git", "git github.com/org/repo.git @ HEAD"),
            ("https://github.com/org/repo.git@v1.0", "git github.com/org/repo.git @ v1.0"),
            ("https://github.com/org/repo@v1.0", "git github.com/org/repo.git @ v1.0"),
            ("https://github.com/org/repo/tree/main", "git github.com/org/repo.git @ main"),
            (
                "https://github.com/org/repo/tree/feature/x/sub%20dir#readme",
                "git github.com/org/repo.git @ feature | x | sub dir",
            ),
            (
                "https://github.com/org/repo/blob/COMMIT/src/a.py#L10",
                "= git+https://github.com/org/repo.git@COMMIT#path=src/a.py",
            ),
            (
                "https://github.com/org/repo/commit/COMMIT",
                "= git+https://github.com/org/repo.git@COMMIT",
            ),
            ("https://github.com/org/repo/releases/tag/v1", "git github.com/org/repo.git @ v1"),
            (
                "https://github.com/org/repo/releases/download/v1/a.tar.gz",
                "= https://github.com/org/repo/releases/download/v1/a.tar.gz",
            ),
            (
                "https://github.com/org/repo/archive/refs/tags/v1.tar.gz",
                "= https://github.com/org/repo/archive/refs/tags/v1.tar.gz",
            ),
            (
                "https://raw.githubusercontent.com/org/repo/refs/heads/main/a/b.py",
                "git github.com/org/repo.git @ main | a | b.py",
            ),
            ("https://gitlab.com/group/sub/repo", "git gitlab.com/group/sub/repo.git @ HEAD"),
            (
                "https://gitlab.example.org/group/repo/-/tree/main/dir?ref_type=heads",
                "git gitlab.example.org/group/repo.git @ main | dir",
            ),
            ("https://codeberg.org/org/repo", "git codeberg.org/org/repo.git @ HEAD"),
            (
                "https://codeberg.org/org/repo/src/branch/main/dir",
                "git codeberg.org/org/repo.git @ main | dir",
            ),
            (
                "https://codeberg.org/org/repo/src/commit/COMMIT/dir",
                "= git+https://codeberg.org/org/repo.git@COMMIT#path=dir",
            ),
        ],
    );
}

#[test]
fn git_addresses_may_name_a_branch_or_a_tag() {
    table(
        "code.training",
        &[
            ("git+https://example.org/r@v1", "git example.org/r @ v1"),
            ("git+https://example.org/@owner/r", "git example.org/@owner/r @ HEAD"),
            ("git+https://example.org/@owner/r@v1", "git example.org/@owner/r @ v1"),
            (
                "git+https://example.org/r.git@feature/x#path=src",
                "git example.org/r.git @ feature/x / src",
            ),
            ("git+https://example.org/r@COMMIT", "= git+https://example.org/r@COMMIT"),
            ("git+file:///srv/r.git@main", "file /srv/r.git @ main"),
            ("https://example.org/r.git#path=a%20b", "git example.org/r.git @ HEAD / a b"),
        ],
    );
}

#[test]
fn the_role_tells_models_from_data_sets() {
    table(
        "data.sft",
        &[
            ("org/name", "dataset org/name @ main"),
            ("hf:org/name@v2#path=train", "dataset org/name @ v2 / train"),
            ("hf:models/org/name", "model org/name @ main"),
        ],
    );
    table(
        "model.base",
        &[
            ("org/name@COMMIT", "= hf:models/org/name@COMMIT"),
            ("hf:gpt2", "model gpt2 @ main"),
            (
                "hf://datasets/org/name@refs/convert/parquet",
                "dataset org/name @ refs/convert/parquet",
            ),
            ("https://huggingface.co/org/name", "model org/name @ main"),
            (
                "https://huggingface.co/datasets/org/name/tree/main/a/b",
                "dataset org/name @ main / a/b",
            ),
            (
                "https://hf.co/org/name/blob/refs%2Fpr%2F1/config.json",
                "model org/name @ refs/pr/1 / config.json",
            ),
            (
                "https://huggingface.co/org/name/resolve/COMMIT/x.bin?download=true",
                "= hf:models/org/name@COMMIT#path=x.bin",
            ),
        ],
    );
}

#[test]
fn other_places_are_what_they_are() {
    let digest = format!("sha256:{}", "9".repeat(64));
    table(
        "env.container",
        &[
            ("s3://bucket/prefix/", "= s3://bucket/prefix/"),
            ("https://example.org/a.tar#path=x", "= https://example.org/a.tar#path=x"),
            ("oci:registry.example/org/name:v1", "oci registry.example/org/name : v1"),
            ("oci://localhost:5000/name", "oci localhost:5000/name : latest"),
            ("docker://debian:13", "oci docker.io/library/debian : 13"),
            ("docker:org/name", "oci docker.io/org/name : latest"),
            (&format!("docker://ghcr.io/o/n:v1@{digest}"), &format!("= oci:ghcr.io/o/n@{digest}")),
            ("swh:1:dir:COMMIT;origin=https://example.org/r", "= swh:1:dir:COMMIT"),
        ],
    );
}

#[test]
fn what_nobody_else_can_follow_is_refused_with_the_way_out() {
    for (text, help) in [
        ("git@github.com:org/repo.git", "use https: `https://github.com/org/repo.git`"),
        ("ssh://git@example.org:22/org/repo", "use https: `https://example.org/org/repo.git`"),
        ("git+ssh://git@example.org/org/repo.git", "use https: `https://example.org/org/repo.git`"),
        ("http://example.org/x", "use https: `https://example.org/x`"),
        ("git://example.org/r.git", "use https: `git+https://example.org/r.git`"),
        ("github.com/org/repo", "`https://github.com/org/repo`"),
        ("https://github.com/org/repo/issues/1", "give the repository"),
        ("https://github.com/org", "give the repository"),
        ("https://huggingface.co/spaces/org/name", "give the repository"),
        ("train.py", "--help"),
        ("", "--help"),
    ] {
        let error = of(text, "code.training").unwrap_err();
        assert!(error.help().contains(help), "{text}: {}", error.help());
    }
    for text in [
        "https://user:secret@github.com/org/repo",
        "git+https://user@example.org/r@main",
        "https://example.org/x#readme",
        "git+https:///r@main",
        "hf:models/../x",
        "oci:registry.example",
        "swh:1:snp:3b18e512dba79e4c8300dd08aeb37f8e728b8dad",
        "ftp://example.org/x",
        "git+https://example.org/r#path=../x",
    ] {
        assert!(of(text, "code.training").is_err(), "{text}");
    }
}

#[test]
fn a_part_is_selected_once() {
    let select = |text: &str, path: &str| {
        let request = read(text, &"code.training".parse().unwrap(), &mut Vec::new()).unwrap();
        request.selecting(path.parse().unwrap())
    };
    assert!(select("https://example.org/a.tar", "x").is_ok());
    assert!(select("https://example.org/a.tar#path=x", "x").is_ok());
    assert!(matches!(select("org/name#path=x", "y"), Err(PlaceError::TwoPaths(..))));
    assert!(matches!(select("s3://bucket/x/", "y"), Err(PlaceError::NoParts(_))));
    assert!(matches!(select("docker:debian", "y"), Err(PlaceError::NoParts(_))));
}

proptest::proptest! {
    #[test]
    fn whatever_is_typed_is_read_or_refused(
        start in proptest::sample::select(&[
            "", "https://", "https://github.com/", "https://gitlab.com/", "https://codeberg.org/",
            "https://huggingface.co/", "git+https://", "hf:", "hf://", "oci:", "docker://", "swh:1:",
            "s3://", "ssh://", "git@",
        ][..]),
        rest in "([a-z]{0,3}|[@:#/%?;.é-]|%2[0-9f]|path=|tree|blob|-|\\.git|3b18e512){0,12}",
    ) {
        let text = format!("{start}{rest}");
        match read(&text, &"data.sft".parse().unwrap(), &mut Vec::new()) {
            // What is pinned already reads back.
            Ok(Request::Pinned(locator)) => {
                let again: Result<Locator, _> = locator.to_string().parse();
                assert_eq!(again.as_ref(), Ok(&locator), "{text}");
            }
            Ok(_) => {}
            Err(error) => assert!(!error.help().is_empty(), "{text}"),
        }
    }
}
