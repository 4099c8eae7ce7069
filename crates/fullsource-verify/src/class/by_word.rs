//! What a manifest says of itself before anybody looked: the rungs that it claims, and what it would have
//! to claim beside that for the next ones.

use std::collections::HashMap;

use fullsource_format::index::FileTable;
use fullsource_format::manifest::Manifest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ask::{self, Asked, View};
use super::graph::Graph;
use super::seen::Seen;
use super::worth::Worths;
use super::{Chain, Class, Cycle, Facts, Next, OutputTerms, Standing, standing};
use crate::check::artifacts::unclaimed_weights;

/// What one manifest claims. It establishes nothing (`cls-5`): a release with these words may hold none
/// of what they name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ByWord {
    /// Where it stands if all that it claims is so.
    pub claimed: Standing,
    /// What it does not even claim, for the next rung of each chain. Of a chain at its top there is none.
    pub next: Vec<Next>,
}

/// Takes a manifest at its word, as one that its producer signed. What it was made from is known by the
/// manifest alone, so what those models claim of themselves does not count. `covered`: the files that the
/// statement lists; none where there is no statement yet.
///
/// Fails where its models were made from themselves.
pub fn by_word(manifest: &Manifest, covered: &FileTable) -> Result<ByWord, Cycle> {
    let parents = HashMap::new();
    let unclaimed = unclaimed_weights(manifest, covered).into_iter().next();
    let unclaimed = unclaimed.and_then(|finding| finding.path);
    let facts = Facts {
        manifest,
        seen: &[],
        by_producer: true,
        contradictions: &[],
        false_starts: &[],
        unclaimed_weights: unclaimed.as_deref(),
        parents: &parents,
        output_terms: OutputTerms::Count,
    };
    let class = as_claimed(&facts)?;
    let next = Chain::BOTH.into_iter().filter_map(|chain| class.next(chain)).collect();
    Ok(ByWord { claimed: class.claimed, next })
}

/// The class in which everything was seen that is claimed.
fn as_claimed<'m>(facts: &Facts<'m, '_>) -> Result<Class<'m>, Cycle> {
    let manifest = facts.manifest;
    if let Some(cycle) = manifest.cycle() {
        return Err(Cycle(cycle));
    }
    let graph = Graph::of(manifest);
    let worths = || Worths::of(&graph, |nth| Seen::claimed(&manifest.artifacts()[nth]));
    let (worths, claims) = (worths(), worths());
    let view = View::Claimed;
    let Asked { conjuncts: asked, elsewhere } = ask::ask(facts, &graph, &worths, view);
    let claimed = standing(&asked, false);
    let verified = claimed;
    Ok(Class { graph, worths, claims, view, asked, elsewhere, verified, claimed, delta: None })
}
