//! How the class moved, and which needs moved it.

use std::collections::HashSet;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::artifacts::Names;
use super::pairs::Pairs;
use super::sides::Looks;
use super::trend::Trend;
use crate::class::{Chain, ClassReport, ConjunctReport, Interval, Need, Pair, Standing, TOP, Tri};

/// How the class moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClassChange {
    /// The headline before.
    pub from: String,
    /// The headline now.
    pub to: String,
    /// What moved by what was seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verified: Vec<ChainChange>,
    /// What moved by what the statements claim.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claimed: Vec<ChainChange>,
    /// What moved of the release without the models that it starts from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delta: Vec<ChainChange>,
    /// What vouches for the sources having made the weights, where that changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linkage: Option<LinkageChange>,
    /// The needs whose value changed, the lowest rung first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<NeedChange>,
}

/// How one chain moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChainChange {
    /// The chain.
    pub chain: Chain,
    /// Before.
    pub from: Interval,
    /// Now.
    pub to: Interval,
    /// Which way that is.
    pub trend: Trend,
}

/// What vouches for the link between sources and weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LinkageChange {
    /// Before.
    pub from: String,
    /// Now.
    pub to: String,
}

/// A need whose value changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NeedChange {
    /// The rung that needs it: 1 to 4.
    pub rung: u8,
    /// What is needed.
    pub need: Need,
    /// The stage that needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Arc<str>>,
    /// The data set or the model that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Arc<str>>,
    /// The chain.
    pub chain: Chain,
    /// Before. Absent: it was not needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Decided>,
    /// Now. Absent: it is not needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Decided>,
    /// Which way that is.
    pub trend: Trend,
    /// Whether the rung was lost or won on this chain, or can be told now or no longer.
    pub moves_rung: bool,
}

/// A value, and the artifact that decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Decided {
    /// The value.
    pub value: Tri,
    /// The artifact that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact: Option<Arc<str>>,
}

impl ClassChange {
    /// Which way the class moved, claims included.
    pub fn trend(&self) -> Option<Trend> {
        let chains = self.verified.iter().chain(&self.claimed).chain(&self.delta);
        let linkage = self.linkage.iter().map(|_| Trend::Neutral);
        chains.map(|chain| chain.trend).chain(linkage).max()
    }

    pub(super) fn of(
        before: &ClassReport,
        after: &ClassReport,
        names: &Names<'_>,
        looks: Looks,
    ) -> Option<Self> {
        let chains = |before: [Interval; 2], after: [Interval; 2], claimed: bool| {
            let trend = if claimed { Trend::of_claim } else { Trend::of_interval };
            let pairs = Chain::BOTH.into_iter().zip(before.into_iter().zip(after));
            let moved = pairs.filter_map(|(chain, (from, to))| {
                Some(ChainChange { chain, from, to, trend: trend(from, to)? })
            });
            moved.collect::<Vec<_>>()
        };
        let claim = |class: &ClassReport| Chain::BOTH.map(|chain| class.claimed.on(chain));
        let delta = before.delta.zip(after.delta).map(|(before, after)| {
            let on = |standing: Standing| Chain::BOTH.map(|chain| standing.on(chain));
            chains(on(before), on(after), false)
        });
        let (from, to) = (before.linkage.to_string(), after.linkage.to_string());
        let change = Self {
            from: before.headline.clone(),
            to: after.headline.clone(),
            verified: chains(
                [before.availability, before.freedom],
                [after.availability, after.freedom],
                false,
            ),
            claimed: chains(claim(before), claim(after), true),
            delta: delta.unwrap_or_default(),
            linkage: (from != to).then_some(LinkageChange { from, to }),
            needs: needs(before, after, names, looks),
        };
        change.differs().then_some(change)
    }

    pub(super) fn differs(&self) -> bool {
        self.trend().is_some() || self.from != self.to || !self.needs.is_empty()
    }
}

/// The needs whose value changed (`dif-13`). One that only one side has was met on the other.
fn needs(
    before: &ClassReport,
    after: &ClassReport,
    names: &Names<'_>,
    looks: Looks,
) -> Vec<NeedChange> {
    let list = |class: &ClassReport| -> Vec<(u8, ConjunctReport)> {
        let rungs = class.rungs.iter();
        rungs.flat_map(|rung| rung.needs.iter().map(|need| (rung.rung, need.clone()))).collect()
    };
    let (mut ours, theirs) = (list(before), list(after));
    for (_, need) in &mut ours {
        let ids = [&mut need.about, &mut need.decided_availability, &mut need.decided_freedom];
        for id in ids.into_iter().flatten() {
            *id = names.now(id).into();
        }
    }
    let key = |(rung, need): &(u8, ConjunctReport)| {
        (*rung, need.need, need.stage.clone(), need.about.clone())
    };
    let pairs =
        Pairs::of(&ours, &theirs).by(|nth| vec![key(&ours[nth])], |nth| vec![key(&theirs[nth])]);
    let both = pairs.both.iter().map(|(one, other)| (Some(&ours[*one]), Some(&theirs[*other])));
    let gone = pairs.gone.iter().map(|nth| (Some(&ours[*nth]), None));
    let new = pairs.new.iter().map(|nth| (None, Some(&theirs[*nth])));
    let all = both.chain(gone).chain(new);
    let mut needs: Vec<_> = all.flat_map(|(one, other)| changes(one, other)).collect();
    let rungs = (1..=TOP).flat_map(|rung| Chain::BOTH.map(|chain| (rung, chain)));
    let meets = |class, rung, chain| standing(class, chain, looks).meets(rung);
    let moved = |rung, chain| meets(before, rung, chain) != meets(after, rung, chain);
    let moved: HashSet<_> = rungs.filter(|(rung, chain)| moved(*rung, *chain)).collect();
    for need in &mut needs {
        need.moves_rung = moved.contains(&(need.rung, need.chain));
    }
    // Of a side at which nobody looked, what is unknown tells nothing of single needs.
    needs.retain(|need| looks != Looks::One || !need.trend.is_of_sight());
    needs.sort_by(|a, b| {
        let key = |need: &NeedChange| (need.rung, need.chain as u8, std::cmp::Reverse(need.trend));
        key(a)
            .cmp(&key(b))
            .then_with(|| (a.need, &a.stage, &a.about).cmp(&(b.need, &b.stage, &b.about)))
    });
    needs
}

type Listed = (u8, ConjunctReport);

/// One need, chain by chain. Where both chains moved alike, freedom follows availability and is not told.
fn changes(one: Option<&Listed>, other: Option<&Listed>) -> Vec<NeedChange> {
    let Some((rung, about)) = other.or(one) else { return Vec::new() };
    let value = |side: Option<&Listed>| side.map_or(Pair::T, |(_, need)| need.value);
    let (before, after) = (value(one), value(other));
    let alike = (before.availability, after.availability) == (before.freedom, after.freedom);
    let chains = Chain::BOTH.into_iter().filter(|chain| *chain == Chain::Availability || !alike);
    let told = chains.filter_map(|chain| {
        Some(NeedChange {
            rung: *rung,
            need: about.need,
            stage: about.stage.clone(),
            about: about.about.clone(),
            chain,
            from: one.map(|(_, need)| decided(need, chain)),
            to: other.map(|(_, need)| decided(need, chain)),
            trend: Trend::of(before.on(chain), after.on(chain))?,
            moves_rung: false,
        })
    });
    told.collect()
}

/// Where a class stands on a chain; of two claims, by what they claim.
const fn standing(class: &ClassReport, chain: Chain, looks: Looks) -> Interval {
    match (looks, chain) {
        (Looks::Neither, chain) => class.claimed.on(chain),
        (_, Chain::Availability) => class.availability,
        (_, Chain::Freedom) => class.freedom,
    }
}

fn decided(need: &ConjunctReport, chain: Chain) -> Decided {
    let artifact = match chain {
        Chain::Availability => &need.decided_availability,
        Chain::Freedom => &need.decided_freedom,
    };
    Decided { value: need.value.on(chain), artifact: artifact.clone() }
}
