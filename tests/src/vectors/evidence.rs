//! Evidence: its form, whom it belongs to, who vouches for it, and judging by it alone.

use serde_json::{Value, json};

use super::case::{Case, case};
use super::key::{ALICE, BOB, MALLORY, Person};
use super::release::{LAB, Release, Signed, drop_field, push};
use super::seal::{self, EVIDENCE, blake3, bundle_of, envelope, sha256, text};

const PLACE: &str = "https://example.org/lock";
const LOCK: &[u8] = b"serde 1.0\n";

pub(super) fn start(id: &str, rule: &str, layer: &str, about: &str) -> Case {
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
pub(super) fn walked(signed: &Signed) -> Value {
    let files = signed.files.iter().map(|(path, bytes)| {
        json!({ "path": path, "size": bytes.len(), "sha256": sha256(bytes), "blake3": blake3(bytes) })
    });
    json!({ "digests": "all", "files": files.collect::<Vec<_>>(), "entries": [] })
}

/// A release with a source elsewhere, and evidence that it is there.
pub(super) fn locked() -> (Signed, Value) {
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
    ("entry-kind", "evd-1", "An entry of a kind that nobody knows.", |e| {
        e["release"]["entries"] = json!([{ "path": "x", "kind": "device" }]);
    }),
    ("fact-unknown", "evd-10", "A fact that nobody knows.", |e| {
        e["release"]["facts"] = json!([{ "kind": "header", "path": "README.md", "value": "x" }]);
    }),
    ("fact-without-target", "evd-10", "A fact that lacks its field.", |e| {
        e["release"]["facts"] = json!([{ "kind": "weight-map", "path": "README.md" }]);
    }),
    ("parent-without-statement", "evd-1", "A parent whose statement has no id.", |e| {
        e["parents"] = json!([{ "envelope": "{}" }]);
    }),
    ("parent-search-broken", "evd-24", "A look for a parent's statement, without a time.", |e| {
        e["parents"] = json!([{ "statement": { "sha256": sha256(b"") },
                                "observations": [{ "locator": "x", "status": "absent" }] }]);
    }),
    ("parent-local-broken", "evd-25", "A local document for what is no id.", |e| {
        e["parents"] = json!([{ "statement": { "sha256": sha256(b"") }, "envelope": "{}",
                                "local": { "artifacts": ["a b"] } }]);
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
