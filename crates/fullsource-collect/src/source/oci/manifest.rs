//! What a manifest says: its blobs, or the manifests it lists.
//!
//! OCI image specification 1.1 and docker's second schema.

use std::collections::{BTreeMap, BTreeSet};

use fullsource_format::path::RelPath;
use serde::Deserialize;

use super::digest::BlobDigest;
use crate::source::Trouble;

/// The manifests that are understood.
pub(super) const ACCEPT: &str = "application/vnd.oci.image.manifest.v1+json, \
                                 application/vnd.oci.image.index.v1+json, \
                                 application/vnd.docker.distribution.manifest.v2+json, \
                                 application/vnd.docker.distribution.manifest.list.v2+json";
/// What stands for the file name of a layer.
const TITLE: &str = "org.opencontainers.image.title";
/// Configurations of images: their layers are a file system, not files.
const IMAGE_CONFIGS: [&str; 2] =
    ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];

/// A manifest.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Manifest {
    /// One artifact or image.
    Artifact(Artifact),
    /// A list of manifests.
    Index(Vec<Blob>),
}

/// The parts of an artifact or an image.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Artifact {
    pub(super) config: Blob,
    is_image: bool,
    layers: Vec<(Blob, Option<String>)>,
}

/// A blob or a manifest, by digest and size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Blob {
    pub(super) digest: BlobDigest,
    pub(super) size: u64,
}

/// What the content of an artifact is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content<'a> {
    /// The only layer.
    Layer(&'a Blob),
    /// Layers with their paths.
    Tree(Vec<(RelPath, &'a Blob)>),
    /// The manifest itself, and with it all that it names.
    Manifest,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    schema_version: u64,
    media_type: Option<String>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
    manifests: Option<Vec<Descriptor>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: String,
    digest: String,
    size: u64,
    urls: Option<Vec<String>>,
    annotations: Option<BTreeMap<String, String>>,
}

impl Manifest {
    /// Reads a manifest. Fails where it is none, names a blob by no strong digest, or names one that
    /// lies elsewhere.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Trouble> {
        let wire: Wire = serde_json::from_slice(bytes)
            .map_err(|error| Trouble::faulty(format!("the manifest cannot be read: {error}")))?;
        if wire.schema_version != 2 {
            let text = format!("the manifest has schema version {}, not 2", wire.schema_version);
            return Err(Trouble::faulty(text));
        }
        let kind = wire.media_type.as_deref().unwrap_or_default();
        let says_index = kind.contains(".index.") || kind.contains("manifest.list");
        match (wire.config, wire.layers, wire.manifests) {
            (Some(config), layers, None) if !says_index => Self::artifact(&config, layers),
            (None, None, Some(manifests)) if says_index || kind.is_empty() => {
                let manifests = manifests.iter().map(Descriptor::blob).collect::<Result<_, _>>();
                manifests.map(Self::Index)
            }
            // One document that is both would be read in two ways.
            _ => Err(Trouble::faulty("the manifest is neither that of an image nor an index")),
        }
    }

    fn artifact(config: &Descriptor, layers: Option<Vec<Descriptor>>) -> Result<Self, Trouble> {
        let layer = |layer: Descriptor| {
            let title = layer.annotations.as_ref().and_then(|all| all.get(TITLE)).cloned();
            layer.blob().map(|blob| (blob, title))
        };
        let layers = layers.unwrap_or_default().into_iter().map(layer).collect::<Result<_, _>>()?;
        let is_image = IMAGE_CONFIGS.contains(&config.media_type.as_str());
        Ok(Self::Artifact(Artifact { config: config.blob()?, is_image, layers }))
    }
}

impl Artifact {
    /// Its content, by its form alone.
    pub(super) fn content(&self) -> Content<'_> {
        match self.layers.as_slice() {
            [(layer, _)] if !self.is_image => Content::Layer(layer),
            [] | [_] => Content::Manifest,
            layers => titled(layers).map_or(Content::Manifest, Content::Tree),
        }
    }

    pub(super) fn layers(&self) -> impl Iterator<Item = &Blob> {
        self.layers.iter().map(|(blob, _)| blob)
    }
}

/// Layers as files, where each has a path of its own.
fn titled(layers: &[(Blob, Option<String>)]) -> Option<Vec<(RelPath, &Blob)>> {
    let mut known = BTreeSet::new();
    let path = |(blob, title): &'_ (Blob, Option<String>)| {
        let path: RelPath = title.as_ref()?.parse().ok()?;
        known.insert(path.clone()).then_some((path, blob.digest))
    };
    let paths: Vec<_> = layers.iter().map(path).collect::<Option<_>>()?;
    Some(paths.into_iter().zip(layers).map(|((path, _), (blob, _))| (path, blob)).collect())
}

impl Descriptor {
    fn blob(&self) -> Result<Blob, Trouble> {
        if self.urls.as_ref().is_some_and(|urls| !urls.is_empty()) {
            let text = format!("blob {} lies elsewhere, by `urls`", self.digest);
            return Err(Trouble::faulty(text));
        }
        Ok(Blob { digest: BlobDigest::parse(&self.digest)?, size: self.size })
    }
}
