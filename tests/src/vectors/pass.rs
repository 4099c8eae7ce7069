//! Releases that pass as they are.

use serde_json::json;

use super::case::{Case, case};
use super::key::{ALICE, BOB, CAROL, PAM};
use super::release::{ENVELOPE, LAB, Release};
use super::seal::{IN_TOTO, envelope, text};

pub(super) fn cases() -> Vec<Case> {
    let toy = Release::toy();
    let signed = toy.signed(|_| {});
    let several = text(&envelope(IN_TOTO, &signed.payload, &[ALICE, BOB, PAM]));
    let trust = [(LAB, ALICE), ("bob", BOB), ("pam", PAM)]
        .map(|(who, person)| format!("{who} namespaces=\"fullsource\" {}\n", person.openssh()));
    let start = |id: &str, rule: &str, about: &str| case(format!("pass/{id}"), rule, "pass", about);
    vec![
        start("plain", "ver-61", "A release as it should be.").release(&toy).passes(&[]),
        start("p256", "key-12", "A release signed with P-256.")
            .disk(signed.disk_by(PAM))
            .keys(&[PAM])
            .passes(&[]),
        start("one-of-several-keys", "ver-7", "Of several keys one has signed.")
            .signed(&signed)
            .keys(&[CAROL, BOB, ALICE])
            .passes(&[]),
        start("several-signers", "trust-17", "Three signers of three.")
            .disk(signed.disk_with(ENVELOPE, several.clone()))
            .keys(&[ALICE, BOB, PAM])
            .input("threshold", 3)
            .passes(&[]),
        start("trust-file", "trust-11", "Three signers by a trust file.")
            .disk(signed.disk_with(ENVELOPE, several))
            .trust(trust.concat())
            .input("threshold", 3)
            .input("now", "2026-06-01T00:00:00Z")
            .passes(&[]),
        start("empty-files", "digest-3", "Files without a byte, and names beyond ASCII.")
            .release(&toy.clone().with("empty.txt", "").with("größe/データ.txt", "x"))
            .passes(&[]),
        start("expected", "ver-21", "The release that was asked for.")
            .signed(&signed)
            .input("expectRelease", "toy@1.0")
            .input("statementId", signed.id())
            .passes(&[]),
        start("closure-complete", "man-36", "The signer's word that all is listed.")
            .release(&toy.clone().manifest(|m| m["closure"] = json!("complete")))
            .passes(&[]),
        start(
            "human-authored-beside-generated",
            "man-34",
            "`humanAuthored` beside `generatedBy` means nothing.",
        )
        .release(&toy.clone().manifest(|m| {
            m["artifacts"][1]["generatedBy"] = json!(["weights"]);
            m["artifacts"][1]["humanAuthored"] = json!({ "guidelines": ["config"] });
        }))
        .passes(&[]),
        start("items-twice", "man-37", "An equal item twice means the same as once.")
            .release(&toy.manifest(|m| {
                m["artifacts"][0]["roles"] = json!(["weights.final", "weights.final"]);
                m["artifacts"][0]["files"] = json!(["model.safetensors", "model.safetensors"]);
            }))
            .passes(&[]),
    ]
}
