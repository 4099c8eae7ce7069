//! Envelopes and bundles: one change to a good one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::case::{Case, case};
use super::key::{ALICE, BOB};
use super::release::{BUNDLE, Release, Signed, drop_field, push};
use super::seal::{IN_TOTO, bundle, pae, text};

type Row = (&'static str, &'static str, &'static str, &'static str, fn(&mut Value));

/// One change to a good bundle that makes it unreadable.
const BROKEN: &[Row] = &[
    (
        "media-type-unknown",
        "env-10",
        "bundle-unsupported",
        "A version of bundles that is not read.",
        |b| {
            b["mediaType"] = json!("application/vnd.dev.sigstore.bundle.v0.4+json");
        },
    ),
    (
        "media-type-upper-case",
        "env-10",
        "bundle-unsupported",
        "The media type in another case.",
        |b| {
            b["mediaType"] = json!("application/vnd.dev.sigstore.bundle.V0.3+json");
        },
    ),
    ("media-type-number", "env-10", "bundle-malformed", "The media type is a number.", |b| {
        b["mediaType"] = json!(3);
    }),
    (
        "payload-type-too-long",
        "lim-3",
        "bundle-malformed",
        "A payload type of more characters than a text has.",
        |b| b["dsseEnvelope"]["payloadType"] = json!("a".repeat(16_385)),
    ),
    (
        "material-missing",
        "env-11",
        "bundle-malformed",
        "A bundle without verification material.",
        |b| {
            drop_field(b, "verificationMaterial");
        },
    ),
    ("material-empty", "env-11", "bundle-malformed", "Verification material that is empty.", |b| {
        b["verificationMaterial"] = json!({});
    }),
    ("material-two", "env-11", "bundle-malformed", "A key hint and a certificate.", |b| {
        b["verificationMaterial"]["certificate"] = json!({ "rawBytes": "AAAA" });
    }),
    ("envelope-missing", "env-11", "bundle-malformed", "A bundle without an envelope.", |b| {
        drop_field(b, "dsseEnvelope");
    }),
    (
        "message-signature-beside",
        "env-11",
        "bundle-malformed",
        "A message signature beside the envelope.",
        |b| {
            b["messageSignature"] = message_signature();
        },
    ),
    (
        "message-signature",
        "env-11",
        "bundle-unsupported",
        "A message signature in place of the envelope.",
        |b| {
            drop_field(b, "dsseEnvelope");
            b["messageSignature"] = message_signature();
        },
    ),
    (
        "two-signatures-in-bundle",
        "env-11",
        "bundle-malformed",
        "Two signatures in a bundle.",
        |b| {
            let again = b["dsseEnvelope"]["signatures"][0].clone();
            push(&mut b["dsseEnvelope"]["signatures"], again);
        },
    ),
    (
        "signatures-none-in-bundle",
        "env-11",
        "bundle-malformed",
        "A bundle without a signature.",
        |b| {
            b["dsseEnvelope"]["signatures"] = json!([]);
        },
    ),
    ("payload-missing", "env-2", "bundle-malformed", "An envelope without a payload.", |b| {
        drop_field(&mut b["dsseEnvelope"], "payload");
    }),
    ("signatures-missing", "env-9", "bundle-malformed", "An envelope without `signatures`.", |b| {
        drop_field(&mut b["dsseEnvelope"], "signatures");
    }),
    ("signature-a-text", "env-9", "bundle-malformed", "A signature is a text.", |b| {
        b["dsseEnvelope"]["signatures"] = json!(["AAAA"]);
    }),
    (
        "payload-alphabets-mixed",
        "env-6",
        "envelope-malformed",
        "Both alphabets of base64 in one text.",
        |b| {
            b["dsseEnvelope"]["payload"] = json!("+-/_");
        },
    ),
    (
        "payload-not-base64",
        "env-7",
        "envelope-malformed",
        "A character that base64 does not have.",
        |b| {
            b["dsseEnvelope"]["payload"] = json!("e30*");
        },
    ),
    ("payload-line-feed", "env-7", "envelope-malformed", "A line feed in base64.", |b| {
        let payload = b["dsseEnvelope"]["payload"].as_str().map(|text| format!("{text}\n"));
        b["dsseEnvelope"]["payload"] = json!(payload);
    }),
    (
        "payload-trailing-bits",
        "env-7",
        "envelope-malformed",
        "Bits behind the last byte that are not zero.",
        |b| {
            b["dsseEnvelope"]["payload"] = json!("e31=");
        },
    ),
    (
        "signature-padding-incomplete",
        "env-7",
        "envelope-malformed",
        "A signature without its padding.",
        |b| {
            let sig = b["dsseEnvelope"]["signatures"][0]["sig"].as_str().unwrap_or_default();
            b["dsseEnvelope"]["signatures"][0]["sig"] = json!(sig.trim_end_matches('='));
        },
    ),
    (
        "signature-not-base64",
        "env-7",
        "envelope-malformed",
        "A signature that is not base64.",
        |b| {
            b["dsseEnvelope"]["signatures"][0]["sig"] = json!("no base64");
        },
    ),
];

type Harmless = (&'static str, &'static str, &'static str, fn(&mut Value));

/// One change to a good bundle that nothing depends on.
const INDIFFERENT: &[Harmless] = &[
    ("media-type-0.3-old", "env-10", "The older spelling of version 0.3.", |b| {
        b["mediaType"] = json!("application/vnd.dev.sigstore.bundle+json;version=0.3");
    }),
    ("media-type-0.2", "env-10", "Version 0.2.", |b| {
        b["mediaType"] = json!("application/vnd.dev.sigstore.bundle+json;version=0.2");
    }),
    ("media-type-0.1", "env-10", "Version 0.1.", |b| {
        b["mediaType"] = json!("application/vnd.dev.sigstore.bundle+json;version=0.1");
    }),
    ("keyid-lies", "env-12", "The key id is that of somebody else.", |b| {
        b["dsseEnvelope"]["signatures"][0]["keyid"] = json!(BOB.key_id());
    }),
    ("keyid-absent", "env-12", "There is no key id.", |b| {
        drop_field(&mut b["dsseEnvelope"]["signatures"][0], "keyid");
    }),
    ("hint-lies", "env-12", "The hint is that of somebody else.", |b| {
        b["verificationMaterial"]["publicKey"]["hint"] = json!(BOB.key_id());
    }),
    ("hint-absent", "env-12", "There is no hint.", |b| {
        b["verificationMaterial"]["publicKey"] = json!({});
    }),
    ("certificate-ignored", "env-12", "A certificate that nobody looks at.", |b| {
        b["verificationMaterial"] = json!({ "certificate": { "rawBytes": "AAAA" } });
    }),
    ("log-entry-ignored", "env-13", "A log entry and a timestamp that nobody looks at.", |b| {
        b["verificationMaterial"]["tlogEntries"] = json!([{ "logIndex": "1" }]);
        b["verificationMaterial"]["timestampVerificationData"] = json!({});
    }),
    ("payload-url-safe", "env-6", "The payload in the URL-safe alphabet.", |b| {
        url_safe(&mut b["dsseEnvelope"]["payload"]);
    }),
    ("signature-url-safe", "env-6", "The signature in the URL-safe alphabet.", |b| {
        url_safe(&mut b["dsseEnvelope"]["signatures"][0]["sig"]);
    }),
];

fn message_signature() -> Value {
    json!({ "messageDigest": { "algorithm": "SHA2_256", "digest": "AAAA" }, "signature": "AAAA" })
}

fn url_safe(text: &mut Value) {
    *text = json!(text.as_str().unwrap_or_default().replace('+', "-").replace('/', "_"));
}

pub(super) fn cases() -> Vec<Case> {
    // The texts hold both `+` and `/`, so that the alphabets differ.
    let signed = with_both_alphabets();
    let good = bundle(&signed.payload, ALICE);
    let mut cases = Vec::new();
    for (name, rule, code, about, change) in BROKEN {
        let mut document = good.clone();
        change(&mut document);
        cases.push(
            case(format!("envelope/{name}"), rule, "envelope", about)
                .disk(signed.disk_with(BUNDLE, text(&document)))
                .stops(&[code]),
        );
    }
    for (name, rule, about, change) in INDIFFERENT {
        let mut document = good.clone();
        change(&mut document);
        cases.push(
            case(format!("envelope/{name}"), rule, "pass", about)
                .disk(signed.disk_with(BUNDLE, text(&document)))
                .passes(&[]),
        );
    }
    cases
}

/// A release whose payload and signature in base64 have `+` and `/`.
pub(super) fn with_both_alphabets() -> Signed {
    let fits = |bytes: &[u8]| {
        let text = STANDARD.encode(bytes);
        text.contains('+') && text.contains('/')
    };
    let mut release = Release::toy();
    for n in 0.. {
        release.manifest["release"]["version"] = json!(format!("1.{n}"));
        release.manifest["release"]["uri"] = json!("?~>?~>~?>");
        let signed = release.signed(|_| {});
        if fits(&signed.payload) && fits(&ALICE.sign(&pae(IN_TOTO, &signed.payload))) {
            return signed;
        }
    }
    release.signed(|_| {})
}
