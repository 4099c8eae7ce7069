//! What the report says of rebuilds, and the linkage that it amounts to.

use std::collections::BTreeMap;

use fullsource_format::rebuild::{Audit, Grade};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::class::{Linkage, Rebuilt};

/// What others' rebuilds say of the stages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rebuilds {
    /// How many rebuilders must have confirmed each stage.
    pub asked: u32,
    /// The stages that the rungs judge, and others of which an attestation speaks.
    pub stages: Vec<StageRebuilds>,
    /// Final weights that no stage makes: nothing can be run again that makes them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmade: Vec<String>,
}

/// What rebuilds say of one stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StageRebuilds {
    /// The stage.
    pub stage: String,
    /// Whether the rungs judge it.
    pub judged: bool,
    /// Who ran it, and what came out; empty: nobody did.
    pub told: Vec<RebuildTold>,
}

/// What one rebuilder says of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RebuildTold {
    /// Who it is, by the trust file.
    pub rebuilder: String,
    /// Whether that is the release's producer, or somebody who signed the statement.
    #[serde(rename = "self")]
    pub own: bool,
    /// What came out.
    pub grade: Grade,
    /// Whether it counts for the linkage.
    pub confirms: bool,
    /// Why it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How segments were drawn, where some or all were run instead of the stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<AuditTold>,
}

/// How much of a stage was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditTold {
    /// Segments that were run.
    pub drawn: u64,
    /// Segments of the stage.
    pub of: u64,
    /// The chance that one false segment goes unnoticed, where its maker chose the best hidden one.
    pub miss_worst: String,
    /// The same where each is as likely to be the false one.
    pub miss_even: String,
}

impl AuditTold {
    pub(super) fn of(audit: &Audit) -> Self {
        Self {
            drawn: audit.drawn.0,
            of: audit.of.0,
            miss_worst: audit.miss_worst.to_string(),
            miss_even: audit.miss_even.to_string(),
        }
    }
}

/// Whether somebody made it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reproduced {
    /// Who.
    pub by: ReproducedBy,
    /// How many independent rebuilders the linkage rests on.
    pub independent: u32,
}

/// Who made it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ReproducedBy {
    /// Nobody, or not all of it, or with another outcome.
    #[default]
    No,
    /// The producer, or who signed the statement.
    #[serde(rename = "self")]
    Own,
    /// Others.
    Independent,
}

impl Reproduced {
    /// Whether nobody did.
    pub(crate) fn is_no(&self) -> bool {
        *self == Self::default()
    }
}

impl From<Linkage> for Reproduced {
    fn from(linkage: Linkage) -> Self {
        let independent = linkage.rebuilt().map(Rebuilt::independent);
        let by = match independent {
            None => ReproducedBy::No,
            Some(0) => ReproducedBy::Own,
            Some(_) => ReproducedBy::Independent,
        };
        Self { by, independent: independent.unwrap_or(0) }
    }
}

/// What is not shown where nobody ran the stages again.
pub const ASSERTED: &str = "linkage: that these sources made these weights is the signer's word";

impl Rebuilds {
    /// What is not shown of the linkage, in words for people.
    pub fn not_shown(&self) -> &'static str {
        let Some(rebuilt) = self.linkage().rebuilt() else {
            return match self.disagree() {
                true => {
                    "linkage: that these sources made these weights is the signer's word, and a \
                     rebuilder came to something else"
                }
                false => ASSERTED,
            };
        };
        match (rebuilt.grade(), rebuilt.independent()) {
            (Grade::RebuiltBounded, _) => {
                "linkage: rebuilders came near these weights, which is no proof that these sources made \
                 them; how the models it starts from were made was not run again"
            }
            (_, 0) => {
                "linkage: that these sources make these weights is the word of the producer, as a \
                 rebuilder; how the models it starts from were made was not run again"
            }
            (_, _) => {
                "linkage: that these sources make these weights is the rebuilders' word; whether they \
                 were the first to, whether the data mattered, and how the models it starts from were \
                 made was not looked at"
            }
        }
    }

    /// What it amounts to (`reb-65`).
    pub fn linkage(&self) -> Linkage {
        let judged = || self.stages.iter().filter(|stage| stage.judged);
        if self.disagree() || !self.unmade.is_empty() || judged().next().is_none() {
            return Linkage::Asserted;
        }
        // Where the independent ones alone are enough, it rests on them.
        let rebuilt = self.resting_on(|told| !told.own).or_else(|| self.resting_on(|_| true));
        rebuilt.map_or(Linkage::Asserted, Linkage::Rebuilt)
    }

    /// Whether somebody came to another outcome than is claimed.
    pub fn disagree(&self) -> bool {
        let told = self.stages.iter().flat_map(|stage| &stage.told);
        told.into_iter().any(|told| matches!(told.grade, Grade::NearMiss | Grade::Contradicted))
    }

    /// The stages that too few have confirmed.
    pub fn short(&self) -> impl Iterator<Item = &str> {
        let judged = self.stages.iter().filter(|stage| stage.judged);
        let short = judged.filter(|stage| stage.confirmed(|_| true).len() < self.needed());
        short.map(|stage| stage.stage.as_str())
    }

    fn needed(&self) -> usize {
        self.asked.max(1) as usize
    }

    /// The weakest over the stages of the strongest grade that enough rebuilders of a stage reach.
    fn resting_on(&self, counts: impl Fn(&RebuildTold) -> bool) -> Option<Rebuilt> {
        let needed = self.needed();
        let judged: Vec<_> = self.stages.iter().filter(|stage| stage.judged).collect();
        let reached = judged.iter().map(|stage| {
            let mut grades: Vec<_> = stage.confirmed(&counts).into_values().collect();
            grades.sort_unstable();
            grades.into_iter().rev().nth(needed - 1)
        });
        let grade = reached.collect::<Option<Vec<_>>>()?.into_iter().min()?;
        let independent = judged.iter().map(|stage| {
            let confirmed = stage.confirmed(|told| counts(told) && !told.own);
            confirmed.into_values().filter(|found| *found >= grade).count()
        });
        let independent = independent.min().unwrap_or(0);
        // With fewer it rests on the producer.
        let independent = if independent < needed { 0 } else { independent };
        Rebuilt::of(grade, u32::try_from(independent).unwrap_or(u32::MAX))
    }
}

impl StageRebuilds {
    /// The rebuilders that confirm it, each once, with the strongest grade that it reached.
    fn confirmed(&self, counts: impl Fn(&RebuildTold) -> bool) -> BTreeMap<&str, Grade> {
        let mut grades = BTreeMap::new();
        let confirming = |told: &&RebuildTold| told.confirms && told.grade.is_rebuilt();
        for told in self.told.iter().filter(confirming).filter(|told| counts(told)) {
            let grade = grades.entry(told.rebuilder.as_str()).or_insert(told.grade);
            *grade = (*grade).max(told.grade);
        }
        grades
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_made_it_again_is_told_with_their_number() {
        for (linkage, by, independent) in [
            ("asserted", ReproducedBy::No, 0),
            ("rebuilt-exact, self", ReproducedBy::Own, 0),
            ("rebuilt-bounded, independent: 2", ReproducedBy::Independent, 2),
        ] {
            let reproduced = Reproduced::from(linkage.parse::<Linkage>().unwrap());
            assert_eq!(reproduced, Reproduced { by, independent }, "{linkage}");
        }
    }
}
