//! Evidence: its form, whom it belongs to, who vouches for it, and judging by it alone.

use base64::Engine as _;
use serde_json::{Value, json};

use super::case::{Case, case};
use super::key::{ALICE, BOB, MALLORY, Person};
use super::release::{LAB, Release, Signed, drop_field, push};
use super::seal::{self, EVIDENCE, blake3, bundle_of, envelope, sha256, text};

const PLACE: &str = "https://example.org/lock";
const LOCK: &[u8] = b"serde 1.0\n";

fn start(id: &str, rule: &str, layer: &str, about: &str) -> Case {
    case(format!("evidence/{id}"), rule, layer, about)
}

/// Evidence about this statement.
pub(super) fn of(signed: &Signed) -> Value {
    json!({
        "_type": "https://fullsource.dev/evidence/v0.1",
        "statement": { "sha256": signed.id() },
        "tool": { "name": "by hand", "version": "1" },
        "collectedAt": "2026-03-01T12:00:00Z",
    })
}

/// One look at a place. `status` is `seen` where `more` does not say otherwise.
pub(super) fn seen(locator: &str, more: Value) -> Value {
    let mut observation =
        json!({ "locator": locator, "at": "2026-03-01T11:00:00Z", "status": "seen" });
    for (field, value) in more.as_object().into_iter().flatten() {
        observation[field] = value.clone();
    }
    observation
}

/// Evidence with observations of one artifact.
pub(super) fn observed(signed: &Signed, id: &str, observations: Vec<Value>) -> Value {
    let mut evidence = of(signed);
    evidence["artifacts"] = json!([{ "id": id, "observations": observations }]);
    evidence
}

/// What a walk over these files saw.
fn walked(signed: &Signed) -> Value {
    let files = signed.files.iter().map(|(path, bytes)| {
        json!({ "path": path, "size": bytes.len(), "sha256": sha256(bytes), "blake3": blake3(bytes) })
    });
    json!({ "digests": "all", "files": files.collect::<Vec<_>>(), "entries": [] })
}

/// A release with a source elsewhere, and evidence that it is there.
fn locked() -> (Signed, Value) {
    let signed = Release::toy()
        .artifact(json!({ "id": "lock", "roles": ["env.lock"], "locators": [PLACE],
                          "digest": { "sha256": sha256(LOCK) } }))
        .signed(|_| {});
    let evidence = observed(
        &signed,
        "lock",
        vec![seen(PLACE, json!({ "digests": { "sha256": sha256(LOCK) } }))],
    );
    (signed, evidence)
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = malformed();
    cases.extend(vouched());
    cases.extend(alone());
    cases
}

type Row = (&'static str, &'static str, &'static str, fn(&mut Value));

const MALFORMED: &[Row] = &[
    ("type-other", "evd-1", "Another type.", |e| {
        e["_type"] = json!("https://fullsource.dev/evidence/v0.2")
    }),
    ("statement-missing", "evd-1", "No statement.", |e| drop_field(e, "statement")),
    ("tool-missing", "evd-1", "No tool.", |e| drop_field(e, "tool")),
    ("time-without-zone", "evd-1", "A time without `Z`.", |e| {
        e["collectedAt"] = json!("2026-03-01T12:00:00")
    }),
    ("time-with-offset", "evd-1", "A time in another zone.", |e| {
        e["collectedAt"] = json!("2026-03-01T12:00:00+01:00")
    }),
    ("time-ten-digits", "evd-1", "A fraction of ten digits.", |e| {
        e["collectedAt"] = json!("2026-03-01T12:00:00.1234567890Z")
    }),
    ("status-other", "evd-6", "A status that nobody knows.", |e| {
        e["artifacts"][0]["observations"][0]["status"] = json!("fine")
    }),
    ("digests-empty", "digest-1", "A digest set with nothing in it.", |e| {
        e["artifacts"][0]["observations"][0]["digests"] = json!({})
    }),
    ("file-twice", "evd-3", "A path stands twice.", |e| {
        let again = e["release"]["files"][0].clone();
        push(&mut e["release"]["files"], again);
    }),
    ("file-also-a-link", "evd-3", "A path is a file and a symbolic link.", |e| {
        e["release"]["entries"] = json!([{ "path": "README.md", "kind": "symlink" }]);
    }),
    ("file-without-digest", "evd-1", "A file without a digest.", |e| {
        drop_field(&mut e["release"]["files"][0], "sha256");
        drop_field(&mut e["release"]["files"][0], "blake3");
    }),
    ("entry-kind", "evd-1", "An entry of a kind that nobody knows.", |e| {
        e["release"]["entries"] = json!([{ "path": "x", "kind": "device" }]);
    }),
    ("fact-unknown", "evd-10", "A fact that nobody knows.", |e| {
        e["release"]["facts"] = json!([{ "kind": "header", "path": "README.md", "value": "x" }]);
    }),
    ("fact-without-target", "evd-10", "A fact that lacks its field.", |e| {
        e["release"]["facts"] = json!([{ "kind": "weight-map", "path": "README.md" }]);
    }),
];

/// Types that `check` takes for another document.
const NOT_TOLD: &[&str] = &["type-other"];

fn malformed() -> Vec<Case> {
    let (signed, mut good) = locked();
    good["release"] = walked(&signed);
    let mut cases = vec![
        start("check-good", "evd-1", "pass", "Evidence as it should be.")
            .document("evidence", text(&good))
            .passes(&[]),
    ];
    for (name, rule, about, change) in MALFORMED {
        let mut evidence = good.clone();
        change(&mut evidence);
        cases.push(
            start(&format!("malformed-{name}"), rule, "evidence", about)
                .signed(&signed)
                .evidence(&evidence)
                .stops(&["evidence-malformed"]),
        );
        if !NOT_TOLD.contains(name) {
            cases.push(
                start(&format!("check-{name}"), rule, "evidence", about)
                    .document("evidence", text(&evidence))
                    .fails(&["evidence-malformed"]),
            );
        }
    }
    let key_twice = String::from_utf8_lossy(&text(&good)).replacen('{', "{\"x\":1,\"x\":1,", 1);
    cases.extend([
        start("malformed-key-twice", "json-2", "json", "Two equal keys.")
            .signed(&signed)
            .file("evidence", "evidence.json", key_twice)
            .stops(&["evidence-malformed"]),
        start("malformed-missing", "ver-1", "evidence", "The evidence is not there.")
            .signed(&signed)
            .input("evidence", "nowhere.json")
            .stops(&["evidence-malformed"]),
        start("foreign", "evd-2", "evidence", "Evidence about another statement.")
            .signed(&signed)
            .evidence(&of(&Release::toy().signed(|_| {})))
            .stops(&["evidence-foreign"]),
    ]);
    cases
}

/// Who vouches for evidence.
fn vouched() -> Vec<Case> {
    let (signed, evidence) = locked();
    let unaccepted = |id: &str, rule: &str, layer: &str, about: &str, bytes: Vec<u8>| {
        start(id, rule, layer, about).signed(&signed).file("evidence", "evidence.json", bytes)
    };
    let payload = text(&evidence);
    let by = |person: Person| {
        text(&bundle_of(envelope(EVIDENCE, &payload, &[person]), &person.key_id()))
    };
    let trust = format!(
        "{LAB} namespaces=\"fullsource\" {}\nbob namespaces=\"fullsource-observer\" {}\n",
        ALICE.openssh(),
        BOB.openssh()
    );
    let absent = observed(&signed, "lock", vec![seen(PLACE, json!({ "status": "absent" }))]);
    let foreign_type = bundle_of(envelope(seal::IN_TOTO, &payload, &[BOB]), "");
    vec![
        unaccepted("unsigned", "evd-14", "evidence", "Evidence that nobody vouches for establishes nothing.", payload.clone())
            .incomplete(&["evidence-unsigned"]),
        unaccepted("unsigned-against", "evd-14", "evidence", "What it says against a release counts.", text(&absent))
            .fails(&["artifact-absent", "evidence-unsigned"]),
        unaccepted(
            "unsigned-weights-only",
            "ver-53",
            "evidence",
            "Evidence that was given is looked at under every scope.",
            payload.clone(),
        )
        .input("policy", "weights-only")
        .incomplete(&["evidence-unsigned"]),
        start("accepted", "evd-13", "pass", "The owner of the verifier accepts it.").signed(&signed).evidence(&evidence).passes(&[]),
        unaccepted("signed-by-observer", "evd-13", "pass", "A trusted observer has signed it.", by(BOB)).trust(trust.clone()).passes(&[]),
        unaccepted("signed-by-producer", "evd-13", "evidence", "A producer does not vouch for evidence.", by(ALICE))
            .trust(trust.clone())
            .incomplete(&["evidence-unsigned"]),
        unaccepted("signed-by-given-key", "trust-10", "evidence", "A key that is given does not vouch for evidence.", by(ALICE))
            .incomplete(&["evidence-unsigned"]),
        unaccepted("signed-by-nobody", "ver-49", "evidence", "Nobody knows who signed it.", by(MALLORY))
            .trust(trust.clone())
            .incomplete(&["evidence-unsigned"]),
        unaccepted("signed-by-revoked", "evd-13", "evidence", "The key of the observer is revoked.", by(BOB))
            .trust(trust.clone())
            .revoked(BOB.openssh() + "\n")
            .incomplete(&["evidence-unsigned"]),
        unaccepted("signed-by-expired", "evd-13", "evidence", "The time of the observer is over.", by(BOB))
            .trust(trust.replace("fullsource-observer\"", "fullsource-observer\",valid-before=\"20260101\""))
            .input("now", "2026-06-01T00:00:00Z")
            .incomplete(&["evidence-unsigned"]),
        unaccepted("signed-as-statement", "evd-4", "evidence", "Evidence signed under the type of a statement.", text(&foreign_type))
            .trust(trust)
            .stops(&["evidence-malformed"]),
        start("not-taken-from-the-release", "evd-11", "artifacts", "Evidence in the release is a file like any other.")
            .signed(&Release::toy().with("evidence.json", "{}").artifact(json!({
                "id": "lock", "roles": ["env.lock"], "locators": [PLACE], "digest": { "sha256": sha256(LOCK) }
            })).signed(|_| {}))
            .incomplete(&["artifact-unchecked"]),
    ]
}

/// Without a release directory, or with one that the evidence contradicts.
fn alone() -> Vec<Case> {
    let signed = Release::toy().signed(|_| {});
    let seen_by = |change: fn(&mut Value)| {
        let mut evidence = of(&signed);
        evidence["release"] = walked(&signed);
        change(&mut evidence);
        evidence
    };
    // No directory: the bundle is named.
    let without = |id: &str, rule: &str, layer: &str, about: &str, change: fn(&mut Value)| {
        start(id, rule, layer, about)
            .bundles(&[("bundle.json", text(&seal::bundle(&signed.payload, ALICE)))])
            .keys(&[ALICE])
            .evidence(&seen_by(change))
    };
    let entry = |id: &str, kind: fn(&mut Value), code: &str, about: &str| {
        let case = without(id, "ver-27", "files", about, kind);
        if code == "file-unreadable" || code == "file-unstable" {
            case.incomplete(&[code])
        } else {
            case.fails(&[code])
        }
    };
    vec![
        without("alone", "ver-65", "pass", "The files are judged from evidence.", |_| ()).passes(&[]),
        without("alone-changed", "ver-28", "files", "A changed file, from evidence.", |e| {
            e["release"]["files"][0]["sha256"] = json!("0".repeat(64));
        })
        .fails(&["file-changed"]),
        without("alone-missing", "ver-30", "files", "A missing file, from evidence.", |e| {
            if let Some(files) = e["release"]["files"].as_array_mut() {
                files.remove(0);
            }
        })
        .fails(&["file-missing"]),
        entry("alone-symlink", |e| e["release"]["entries"] = json!([{ "path": "x", "kind": "symlink" }]), "symlink-present", "A symbolic link, from evidence."),
        entry("alone-unreadable", |e| e["release"]["entries"] = json!([{ "path": "x", "kind": "unreadable" }]), "file-unreadable", "A directory that could not be listed, from evidence."),
        entry("alone-unstable", |e| {
            e["release"]["entries"] = json!([{ "path": "README.md", "kind": "unstable" }]);
            if let Some(files) = e["release"]["files"].as_array_mut() {
                files.remove(0);
            }
        }, "file-unstable", "A file that changed while it was read, from evidence."),
        without("alone-remote-code", "evd-10", "loading", "Code elsewhere, from evidence.", |e| {
            e["release"]["facts"] = json!([{ "kind": "remote-code", "path": "config.json", "value": "a/b--c.d" }]);
        })
        .fails(&["remote-code"]),
        without("alone-weight-map", "evd-17", "loading", "A shard that nobody signed, from evidence.", |e| {
            e["release"]["facts"] = json!([{ "kind": "weight-map", "path": "config.json", "target": "other.bin" }]);
        })
        .fails(&["loadable-uncovered"]),
        without("alone-config-unread", "evd-10", "loading", "A config that could not be understood, from evidence.", |e| {
            e["release"]["facts"] = json!([{ "kind": "config-unread", "path": "config.json", "value": "not JSON" }]);
        })
        .incomplete(&["file-unchecked"]),
        without("alone-digests", "ver-34", "pass", "Which digests were computed is what the evidence says.", |e| {
            e["release"]["digests"] = json!("blake3");
            for file in e["release"]["files"].as_array_mut().into_iter().flatten() {
                drop_field(file, "sha256");
            }
        })
        .passes(&["digests-partial"]),
        without("alone-not-looked", "ver-24", "files", "Evidence without a look at the files.", |e| drop_field(e, "release"))
            .incomplete(&["not-looked"]),
        start("release-ignored", "evd-12", "pass", "Files that are there are hashed, whatever the evidence says of them.")
            .signed(&signed)
            .evidence(&seen_by(|e| e["release"]["files"][0]["sha256"] = json!("0".repeat(64))))
            .passes(&[]),
        git_tree_of_files(),
        start("alone-foreign", "ver-25", "evidence", "Evidence about another statement, and no directory.")
            .bundles(&[("bundle.json", text(&seal::bundle(&signed.payload, ALICE)))])
            .keys(&[ALICE])
            .evidence(&of(&locked().0))
            .stops(&["evidence-foreign"]),
        without("alone-excluded-by-nobody", "evd-19", "files", "Evidence takes a file out that no glob takes out.", |e| {
            e["release"]["entries"] = json!([{ "path": "notes.txt", "kind": "excluded" }]);
        })
        .fails(&["file-added"]),
        without("alone-ignored-by-nobody", "evd-19", "files", "Evidence ignores a file that nobody ignores.", |e| {
            e["release"]["entries"] = json!([{ "path": "notes.txt", "kind": "ignored" }]);
        })
        .fails(&["file-added"]),
        without("alone-ignored", "evd-19", "pass", "Evidence ignores what the walk ignores.", |e| {
            e["release"]["entries"] = json!([{ "path": "README.md.sig", "kind": "ignored" }]);
        })
        .passes(&[]),
        start("statement-alone", "ver-24", "files", "An unsigned statement, and nothing else.")
            .file("statement", "statement.json", signed.payload.clone())
            .incomplete(&["not-looked", "signature-none"]),
        start("parent-envelope-is-data", "evd-16", "pass", "The envelope of a parent is not opened.")
            .signed(&signed)
            .evidence(&seen_by(|e| {
                let nothing = base64::engine::general_purpose::STANDARD.encode("{}");
                e["parents"] = json!([{ "statement": { "sha256": "0".repeat(64) }, "envelope": nothing }]);
            }))
            .passes(&[]),
    ]
}

/// evd-18: what only a walk can tell of the artifact's own files.
fn git_tree_of_files() -> Case {
    let tree = "0123456789abcdef".repeat(4);
    let signed = Release::toy()
        .with("src/main.rs", "fn main() {}\n")
        .artifact(json!({ "id": "code", "roles": ["code.training"], "files": ["src/"], "digest": { "gitTree": tree } }))
        .signed(|_| {});
    let mut evidence =
        observed(&signed, "code", vec![seen("files", json!({ "digests": { "gitTree": tree } }))]);
    evidence["release"] = walked(&signed);
    start(
        "git-tree-of-files",
        "evd-18",
        "pass",
        "A gitTree that the collector computed of the release's own files.",
    )
    .bundles(&[("bundle.json", text(&seal::bundle(&signed.payload, ALICE)))])
    .keys(&[ALICE])
    .evidence(&evidence)
    .passes(&[])
}
