//! What a class is computed from: the statement, what was seen of each artifact, and what is known
//! of the models it was made from.

use std::collections::HashMap;

use fullsource_format::manifest::Manifest;
use fullsource_format::text::Id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::seen::Seen;
use super::standing::Standing;
use crate::licenses::Freedom;

/// Everything that a class is computed from.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'m, 'f> {
    /// The manifest of the statement.
    pub manifest: &'m Manifest,
    /// What was seen of each artifact, in document order.
    pub seen: &'f [Seen],
    /// Whether a trusted signature says that the statement is the producer's own.
    pub by_producer: bool,
    /// What contradicts that everything is listed: one sentence each.
    pub contradictions: &'f [String],
    /// The stages, by their places, that cannot have started from what they name (`cls-58`).
    pub false_starts: &'f [usize],
    /// A weight file among the subjects that belongs to no artifact with a `weights.*` role.
    pub unclaimed_weights: Option<&'f str>,
    /// What is known of models made elsewhere, by the id of the artifact that stands for each.
    pub parents: &'f HashMap<Id, Parent>,
    /// What terms on outputs do.
    pub output_terms: OutputTerms,
}

/// What a restriction on the outputs of a model does to the data that it made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OutputTerms {
    /// The data is not free.
    #[default]
    Count,
    /// It is reported, and decides nothing (policy `osi`).
    Warn,
}

/// What a model's own statement came to. It was held against the model's bytes first: a statement
/// about other bytes is none, and contradicts the closure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parent {
    /// Where it stands by what its statement claims.
    pub claimed: Standing,
    /// Where it stands by what was seen.
    pub verified: Standing,
    /// What its own statement grants to what it puts out.
    pub outputs: Freedom,
}

/// How a model made elsewhere went in.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// Its parameters are in the weights.
    Init,
    /// It ran during a stage.
    Online,
    /// It made data.
    Offline,
}
