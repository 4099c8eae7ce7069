//! What another licence does to the four freedoms.

use fullsource_format::license::LicenseExpression;
use fullsource_format::role::Role;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::trend::Trend;
use crate::class::Tri;
use crate::licenses::{Freedom, Limit, Right, Subject, judge};
use crate::made::ArtifactReport;

/// An artifact that is under another licence now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Relicensed {
    /// The artifact.
    pub artifact: String,
    /// The licence before. Absent: none was stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The licence now. Absent: none is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Freedoms that it gave before and is not known to give now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<Right>,
    /// Freedoms that it gives now and was not known to give before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gained: Vec<Right>,
    /// Freedoms of which nobody here knows whether the licence now gives them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<Right>,
    /// By what the licence now takes freedoms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<String>,
    /// Which way that is.
    pub trend: Trend,
}

const RIGHTS: [Right; 4] = [Right::Run, Right::Study, Right::Share, Right::Change];

/// What became of the licence of an artifact (`dif-8`); `None` where it is the same text.
pub(super) fn relicensed(before: &ArtifactReport, after: &ArtifactReport) -> Option<Relicensed> {
    if before.license == after.license {
        return None;
    }
    let (gave, gives) = (Grant::of(before), Grant::of(after));
    let of = |wanted: &dyn Fn(Tri, Tri) -> bool| -> Vec<Right> {
        let rights = RIGHTS.into_iter().zip(gave.rights.into_iter().zip(gives.rights));
        rights.filter(|(_, (gave, gives))| wanted(*gave, *gives)).map(|(right, _)| right).collect()
    };
    let lost = of(&|gave, gives| gave == Tri::T && gives != Tri::T);
    let gained = of(&|gave, gives| gave != Tri::T && gives == Tri::T);
    let trend = match (lost.is_empty(), gained.is_empty()) {
        (false, _) => Trend::Worse,
        (true, false) => Trend::Better,
        (true, true) => Trend::Neutral,
    };
    Some(Relicensed {
        artifact: after.id.clone(),
        from: before.license.clone(),
        to: after.license.clone(),
        lost,
        gained,
        unknown: of(&|_, gives| gives == Tri::U),
        by: gives.by,
        trend,
    })
}

/// What a licence gives for an artifact, whatever role it is used in.
struct Grant {
    rights: [Tri; RIGHTS.len()],
    by: Vec<String>,
}

impl Grant {
    fn of(artifact: &ArtifactReport) -> Self {
        let license = artifact.license.as_ref().and_then(|text| text.parse().ok());
        let license: Option<LicenseExpression> = license;
        let mut grant = Self { rights: [Tri::T; RIGHTS.len()], by: Vec::new() };
        for role in &artifact.roles {
            match (&license, role.parse::<Role>()) {
                (Some(license), Ok(role)) => grant.limit(license, Subject::Of(role.category())),
                _ => grant.rights = [Tri::U; RIGHTS.len()],
            }
        }
        grant
    }

    fn limit(&mut self, license: &LicenseExpression, subject: Subject) {
        let judged = judge(license, subject);
        match judged.freedom {
            Freedom::Libre => return,
            Freedom::Unknown => return self.each(|_| Tri::U),
            Freedom::Restricted => {}
        }
        let taken = |right: Right| judged.limits().any(|(_, limit)| limit.rights.contains(&right));
        let by =
            |limit: &Limit| format!("{} ({}: {})", limit.by.as_str(), limit.clause, limit.says);
        let mut texts: Vec<_> = judged.limits().map(|(_, limit)| by(limit)).collect();
        let limited = !texts.is_empty();
        self.by.append(&mut texts);
        self.by.sort();
        self.by.dedup();
        // What is joined to the id that decided may take more. `NONE` leaves nothing.
        let alone = judged.ids.iter().all(|id| id == license.as_str());
        self.each(|right| match (taken(right), limited) {
            (true, _) | (_, false) => Tri::F,
            (false, true) if alone => Tri::T,
            (false, true) => Tri::U,
        });
    }

    fn each(&mut self, value: impl Fn(Right) -> Tri) {
        for (right, known) in RIGHTS.into_iter().zip(&mut self.rights) {
            *known = value(right).min(*known);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::artifacts::Status;

    fn artifact(role: &str, license: Option<&str>) -> ArtifactReport {
        ArtifactReport {
            id: "a".to_owned(),
            name: None,
            roles: vec![role.to_owned()],
            status: Status::Verified,
            availability: None,
            license: license.map(str::to_owned),
            digest: None,
            size: None,
            places: Vec::new(),
            collected_by: Vec::new(),
            generated_by: Vec::new(),
            derived_from: Vec::new(),
            statement: None,
        }
    }

    fn words(rights: &[Right]) -> String {
        rights.iter().map(|right| right.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn freedoms_are_lost_and_gained_by_the_registry() {
        let llama = "LicenseRef-scancode-llama-3.1-license-2024";
        for (role, from, to, lost, gained, trend) in [
            ("weights.final", Some("MIT"), Some("Apache-2.0"), "", "", Trend::Neutral),
            (
                "weights.final",
                Some("Apache-2.0"),
                Some(llama),
                "run share change",
                "",
                Trend::Worse,
            ),
            (
                "weights.final",
                Some(llama),
                Some("Apache-2.0"),
                "",
                "run share change",
                Trend::Better,
            ),
            ("weights.final", Some("MIT"), None, "run study share change", "", Trend::Worse),
            (
                "weights.final",
                Some("MIT"),
                Some("LicenseRef-x"),
                "run study share change",
                "",
                Trend::Worse,
            ),
            ("weights.final", Some("LicenseRef-x"), Some("LicenseRef-y"), "", "", Trend::Neutral),
            (
                "weights.final",
                Some("LicenseRef-x"),
                Some("MIT"),
                "",
                "run study share change",
                Trend::Better,
            ),
            ("weights.final", None, Some("NONE"), "", "", Trend::Neutral),
            ("weights.final", Some("MIT"), Some("MIT OR CC-BY-NC-4.0"), "", "", Trend::Neutral),
            (
                "data.sft",
                Some("CC-BY-4.0"),
                Some("NONE"),
                "run study share change",
                "",
                Trend::Worse,
            ),
        ] {
            let told = relicensed(&artifact(role, from), &artifact(role, to)).unwrap();
            assert_eq!(words(&told.lost), lost, "{from:?} {to:?}");
            assert_eq!(words(&told.gained), gained, "{from:?} {to:?}");
            assert_eq!(told.trend, trend, "{from:?} {to:?}");
        }
        assert!(relicensed(&artifact("doc.paper", None), &artifact("doc.paper", None)).is_none());
    }

    #[test]
    fn what_takes_a_freedom_is_named_and_what_is_joined_is_unknown() {
        let (mit, joined) = (artifact("data.sft", Some("MIT")), "CC-BY-NC-4.0 AND LicenseRef-x");
        let told = relicensed(&mit, &artifact("data.sft", Some(joined))).unwrap();
        assert!(told.by.iter().any(|by| by.contains("a ban on commercial use")), "{:?}", told.by);
        assert!(told.unknown.contains(&Right::Study), "{:?}", told.unknown);
        let alone = relicensed(&mit, &artifact("data.sft", Some("CC-BY-NC-4.0"))).unwrap();
        assert!(alone.unknown.is_empty() && !alone.lost.contains(&Right::Study));
    }
}
