//! Registries of OCI artifacts and images: `oci:REGISTRY/NAME@sha256:DIGEST`.
//!
//! Spec: `spec/v0.1/locator.md`.

mod client;
mod digest;
mod logins;
mod manifest;
mod name;

use std::collections::HashSet;

use fullsource_format::digest::{Digest, DigestSet, Sha256};

pub use logins::{Logins, LoginsError};

use super::http::refused;
use super::several::count_each;
use super::{Context, Entry, Sink, Told, Trouble, Want};
use client::{Client, MANIFEST_BYTES};
use digest::{BlobDigest, Held};
use manifest::{Artifact, Blob, Content, Manifest};
use name::Repository;

/// Manifests below an index, at any depth. Images for many platforms have some fifty.
const MANIFESTS: usize = 1000;
/// Blobs of an artifact, or of all that an index lists.
const BLOBS: usize = 100_000;
/// Indexes in indexes.
const DEPTH: usize = 4;

/// Looks at an artifact or an image, and reads every blob that it is made of.
///
/// `reference` is `REGISTRY/NAME`, and `digest` that of the manifest. The registry is asked without a
/// login first; where it refuses, with that of `logins`.
///
/// Fails as every source does: absent where the manifest or a blob is not there; faulty where one is not
/// what its digest says.
pub fn look(
    reference: &str,
    digest: &Sha256,
    logins: &Logins,
    context: &Context<'_>,
    sink: &dyn Sink,
) -> Result<Told, Trouble> {
    let client = Client::new(context.net, Repository::parse(reference)?, logins)?;
    let place = Place { client, context, sink };
    let bytes = place.manifest(&BlobDigest::Sha256(*digest), None)?;
    match Manifest::parse(&bytes)? {
        Manifest::Artifact(artifact) => place.artifact(&bytes, &artifact)?,
        Manifest::Index(manifests) => {
            let mut below = Below::default();
            place.collect(&manifests, DEPTH, &mut below)?;
            place.read(&below.blobs)?;
            place.whole(&bytes)?;
        }
    }
    Ok(Told { served: Some(Digest::Sha256(*digest).into()), ..place.told() })
}

/// The digest of the manifest that a tag names now. Without a tag, `latest`.
///
/// Fails like [`look`].
pub fn resolve(reference: &str, logins: &Logins, context: &Context<'_>) -> Result<Sha256, Trouble> {
    let (repository, tag) = Repository::parse_tagged(reference)?;
    let client = Client::new(context.net, repository, logins)?;
    let answer = client.manifest(&tag)?;
    let told = answer.header("docker-content-digest").map(BlobDigest::parse).transpose()?;
    let bytes = answer.into_bytes(MANIFEST_BYTES)?;
    Manifest::parse(&bytes)?;
    let digest = Sha256::of(&bytes);
    match told {
        Some(BlobDigest::Sha256(told)) if told != digest => {
            let text = format!("the registry calls the manifest sha256:{told}; it is {digest}");
            Err(Trouble::faulty(text))
        }
        _ => Ok(digest),
    }
}

/// One repository on its way into one sink.
struct Place<'a> {
    client: Client<'a>,
    context: &'a Context<'a>,
    sink: &'a dyn Sink,
}

/// What an index comes to.
#[derive(Default)]
struct Below {
    manifests: HashSet<BlobDigest>,
    known: HashSet<Blob>,
    blobs: Vec<Blob>,
}

impl Place<'_> {
    fn told(&self) -> Told {
        Told {
            access: Some(self.client.access()),
            endpoint: Some(self.client.endpoint().to_owned()),
            proxied: self.client.proxied(),
            ..Told::default()
        }
    }

    /// A manifest, which is what its digest says.
    fn manifest(&self, digest: &BlobDigest, size: Option<u64>) -> Result<Vec<u8>, Trouble> {
        self.context.progress.check()?;
        let bytes = self.client.manifest(&digest.to_string())?.into_bytes(MANIFEST_BYTES)?;
        let size = size.unwrap_or(bytes.len() as u64);
        Held::new(bytes.as_slice(), *digest, size).drain()?;
        Ok(bytes)
    }

    fn artifact(&self, bytes: &[u8], artifact: &Artifact) -> Result<(), Trouble> {
        let config = [artifact.config];
        match artifact.content() {
            Content::Layer(layer) => self.read(&config).and_then(|()| self.file(b"", layer)),
            Content::Tree(files) => {
                self.read(&config)?;
                count_each(self.context.threads, &files, |(path, blob)| {
                    self.file(path.as_str().as_bytes(), blob).map(|()| true)
                })
                .map(drop)
            }
            Content::Manifest => {
                let mut below = Below::default();
                below.add(artifact)?;
                self.read(&below.blobs)?;
                self.whole(bytes)
            }
        }
    }

    /// Fetches every manifest below an index, and notes their blobs.
    fn collect(&self, manifests: &[Blob], depth: usize, to: &mut Below) -> Result<(), Trouble> {
        for blob in manifests {
            if !to.manifests.insert(blob.digest) {
                continue;
            }
            if depth == 0 || to.manifests.len() > MANIFESTS {
                let text = format!("the index holds more than {MANIFESTS} manifests, or too deep");
                return Err(Trouble::skipped(text));
            }
            match Manifest::parse(&self.manifest(&blob.digest, Some(blob.size))?)? {
                Manifest::Artifact(artifact) => to.add(&artifact)?,
                Manifest::Index(inner) => self.collect(&inner, depth - 1, to)?,
            }
        }
        Ok(())
    }

    /// Reads blobs for the sake of their digests, several at once.
    fn read(&self, blobs: &[Blob]) -> Result<(), Trouble> {
        let read = count_each(self.context.threads, blobs, |blob| {
            self.context.progress.check()?;
            let bytes = self.client.blob(&blob.digest)?;
            Held::new(bytes, blob.digest, blob.size).drain().map(|()| true)
        });
        read.map(drop)
    }

    /// Hands a blob over as a file.
    fn file(&self, path: &[u8], blob: &Blob) -> Result<(), Trouble> {
        self.context.progress.check()?;
        let entry = Entry { path, size: Some(blob.size), executable: false };
        let want = self.sink.want(&entry);
        if want == Want::Name {
            return self.sink.word(&entry, &DigestSet::default()).map_err(refused);
        }
        if let (Want::Word, BlobDigest::Sha256(sha256)) = (want, blob.digest) {
            if self.client.has_blob(&blob.digest)?.is_some_and(|size| size != blob.size) {
                let text = format!("blob {}: the registry has another length of it", blob.digest);
                return Err(Trouble::faulty(text));
            }
            let word = DigestSet::from(Digest::Sha256(sha256));
            return self.sink.word(&entry, &word).map_err(refused);
        }
        let mut bytes = Held::new(self.client.blob(&blob.digest)?, blob.digest, blob.size);
        self.sink.file(&entry, &mut bytes).map_err(refused)
    }

    /// Hands the manifest itself over.
    fn whole(&self, manifest: &[u8]) -> Result<(), Trouble> {
        let entry = Entry { path: b"", size: Some(manifest.len() as u64), executable: false };
        self.sink.file(&entry, &mut &*manifest).map_err(refused)
    }
}

impl Below {
    fn add(&mut self, artifact: &Artifact) -> Result<(), Trouble> {
        let blobs = std::iter::once(&artifact.config).chain(artifact.layers());
        self.blobs.extend(blobs.copied().filter(|blob| self.known.insert(*blob)));
        if self.blobs.len() > BLOBS {
            return Err(Trouble::skipped(format!("more than {BLOBS} blobs")));
        }
        Ok(())
    }
}
