//! The Sigstore bundle: a JSON wrapping of an envelope with one signature.
//!
//! Spec: `spec/v0.1/envelope.md`, section "Bundle".

use serde::{Deserialize, Serialize};

use crate::envelope::{EnvelopeError, WireEnvelope, signed, to_json};
use crate::key::SecretKey;
use crate::text::Text;

/// The media type that is written.
pub const MEDIA_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// The media types that are read.
pub const READ_MEDIA_TYPES: &[&str] = &[
    MEDIA_TYPE,
    "application/vnd.dev.sigstore.bundle+json;version=0.3",
    "application/vnd.dev.sigstore.bundle+json;version=0.2",
    "application/vnd.dev.sigstore.bundle+json;version=0.1",
];

/// What tells a bundle from a bare envelope.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Form {
    pub(crate) media_type: Option<serde::de::IgnoredAny>,
    pub(crate) payload: Option<serde::de::IgnoredAny>,
}

/// The bundle as JSON holds it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WireBundle<'d> {
    media_type: Text,
    verification_material: Material,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    dsse_envelope: Option<WireEnvelope<'d>>,
    #[serde(default, skip_serializing)]
    message_signature: Option<serde::de::IgnoredAny>,
}

/// What the bundle says of its key. Read for its form alone: it decides nothing.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Material {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    public_key: Option<Hint>,
    #[serde(default, skip_serializing)]
    certificate: Option<serde::de::IgnoredAny>,
    #[serde(default, skip_serializing)]
    x509_certificate_chain: Option<serde::de::IgnoredAny>,
}

/// What stands under `publicKey`: written, and read past, since it may be 96 MiB of anything.
struct Hint(String);

impl Serialize for Hint {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map([("hint", &self.0)])
    }
}

impl<'de> Deserialize<'de> for Hint {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(from)?;
        Ok(Self(String::new()))
    }
}

impl<'d> WireBundle<'d> {
    // env-10, env-11
    pub(crate) fn into_envelope(self) -> Result<WireEnvelope<'d>, EnvelopeError> {
        if !READ_MEDIA_TYPES.contains(&self.media_type.as_str()) {
            let reason = format!("`mediaType` is `{}`, which is not read", self.media_type);
            return Err(EnvelopeError::Unsupported(reason));
        }
        let Material { public_key, certificate, x509_certificate_chain } =
            &self.verification_material;
        let materials =
            [public_key.is_some(), certificate.is_some(), x509_certificate_chain.is_some()];
        if materials.into_iter().filter(|present| *present).count() != 1 {
            return Err(EnvelopeError::Bundle(
                "`verificationMaterial` has exactly one of `publicKey`, `certificate` and \
                 `x509CertificateChain`",
            ));
        }
        match (self.dsse_envelope, self.message_signature) {
            (Some(envelope), None) if envelope.signature_count() == 1 => Ok(envelope),
            (Some(_), None) => Err(EnvelopeError::Bundle("a bundle has exactly one signature")),
            (None, Some(_)) => Err(EnvelopeError::Unsupported(
                "the bundle signs bytes (`messageSignature`), not a statement (`dsseEnvelope`)"
                    .to_owned(),
            )),
            _ => Err(EnvelopeError::Bundle(
                "a bundle has exactly one of `dsseEnvelope` and `messageSignature`",
            )),
        }
    }
}

/// Signs payload bytes as they stand and writes a Sigstore bundle v0.3.
pub fn sign(payload: &[u8], key: &SecretKey) -> String {
    to_json(&WireBundle {
        media_type: Text::clipped(MEDIA_TYPE),
        verification_material: Material {
            public_key: Some(Hint(key.public().key_id().to_string())),
            certificate: None,
            x509_certificate_chain: None,
        },
        dsse_envelope: Some(signed(payload, std::slice::from_ref(key))),
        message_signature: None,
    })
}
