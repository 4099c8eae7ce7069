//! Keys of both kinds, and the attestation.

use std::path::Path;

use fullsource_format::index::FileTable;
use fullsource_format::key::{PublicKey, SecretKey};
use fullsource_format::rebuild::{self, Attestation, Rebuild};
use fullsource_format::{bundle, envelope};
use fullsource_verify::finding::Code;
use fullsource_verify::signers::Trust;

use crate::cli::{self, TrustArgs};
use crate::cmd::verify::choose::Chosen;
use crate::exit::Failure;
use crate::{output, trust};

/// What the caller's keys are for: public ones open the statement, a secret one signs the attestation.
pub(super) struct Keys {
    pub(super) trust: Trust,
    secret: Option<SecretKey>,
}

impl Keys {
    /// Reads them, and tells by its form what each is.
    pub(super) fn read(args: &cli::Rebuild) -> Result<Self, Failure> {
        let (mut public, mut secret) = (Vec::new(), None);
        for path in &args.trust.keys {
            let bytes = trust::key_bytes(path)?;
            if PublicKey::from_text(&bytes).is_ok() || args.attest.is_none() {
                public.push(path.clone());
                continue;
            }
            if secret.is_some() {
                let text = format!("`{}` is a second secret key", path.display());
                return Err(Failure::usage(text, "one key signs an attestation"));
            }
            secret = Some(trust::secret_key(path, args.passphrase_file.as_deref())?);
        }
        if args.attest.is_some() && secret.is_none() {
            let help = "name your secret key with `--key`, beside the producer's public one";
            return Err(Failure::usage("`--attest` has no key to sign with", help));
        }
        let TrustArgs { trust, threshold, revoked, .. } = &args.trust;
        let (trust, threshold, revoked) = (trust.clone(), *threshold, revoked.clone());
        let trust = trust::read(&TrustArgs { keys: public, trust, threshold, revoked })?;
        Ok(Self { trust, secret })
    }

    /// Signs what was told of each stage: one bundle, or one envelope a line where there are several.
    pub(super) fn attest(
        &self,
        path: &Path,
        of: &Chosen,
        files: &FileTable,
        rebuilds: &[Rebuild],
    ) -> Result<(), Failure> {
        let Some(secret) = &self.secret else { return Ok(()) };
        let payloads = rebuilds.iter().map(|rebuild| payload(of, files, rebuild));
        let payloads: Vec<_> = payloads.collect::<Result<_, _>>()?;
        let key = std::slice::from_ref(secret);
        let text = match &payloads[..] {
            [payload] => bundle::sign(payload, secret),
            several => several.iter().map(|payload| envelope::sign(payload, key) + "\n").collect(),
        };
        output::write(Some(path), text.as_bytes())
    }
}

fn payload(of: &Chosen, files: &FileTable, rebuild: &Rebuild) -> Result<Vec<u8>, Failure> {
    let manifest = of.statement().manifest();
    let stage = manifest.stages().iter().find(|stage| stage.id == rebuild.stage);
    let subjects =
        stage.map(|stage| rebuild::subjects(manifest, files, of.id(), stage)).unwrap_or_default();
    let attestation = Attestation::new(subjects, rebuild.clone());
    let attestation = attestation.map_err(|error| Failure::of(Code::RebuildMalformed, error))?;
    Ok(attestation.to_payload())
}
