//! What was recorded, and what had to be assumed.

use fullsource_format::manifest::Artifact;
use serde::Serialize;

use super::edit::List;
use crate::render::escape::shown;
use crate::render::style::Style;
use crate::render::text::size;

/// What the command did, as `--format json` has it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Outcome<'a> {
    /// The manifest, as it was named.
    pub(super) manifest: String,
    /// Whether it was written.
    pub(super) written: bool,
    pub(super) artifact: &'a Artifact,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stage: Option<InStage>,
    /// What had to be assumed, and what else was seen.
    pub(super) notes: &'a [String],
}

/// Where in a stage the artifact stands.
#[derive(Debug, Serialize)]
pub(super) struct InStage {
    pub(super) id: String,
    pub(super) list: &'static str,
}

impl InStage {
    pub(super) fn new(id: &fullsource_format::text::Id, list: List) -> Self {
        Self { id: id.to_string(), list: list.field() }
    }
}

/// The outcome for people.
pub(super) fn text(outcome: &Outcome, style: Style) -> String {
    let artifact = outcome.artifact;
    let roles: Vec<_> = artifact.roles.iter().map(ToString::to_string).collect();
    let mut out = format!(
        "{} {} ({}) to {}\n",
        style.good("added"),
        artifact.id,
        roles.join(", "),
        shown(&outcome.manifest)
    );
    let mut line = |name: &str, value: String| {
        out.push_str(&format!("  {:<9} {}\n", name, shown(&value)));
    };
    for selector in &artifact.files {
        line("files", selector.to_string());
    }
    for locator in &artifact.locators {
        line("locator", locator.uri.to_string());
    }
    for digest in artifact.digest.iter().flat_map(|set| set.digests()) {
        line(digest.algorithm(), digest.to_string());
    }
    if let Some(bytes) = artifact.size {
        line("size", size(bytes.0));
    }
    line("license", artifact.license.as_ref().map_or("none".to_owned(), ToString::to_string));
    if artifact.availability == fullsource_format::manifest::Availability::Gated {
        line("access", "gated".to_owned());
    }
    if let Some(stage) = &outcome.stage {
        line("stage", format!("{}, {}", stage.id, stage.list));
    }
    out
}
