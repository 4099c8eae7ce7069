//! Two claims: at neither anybody looked, so that nothing could be seen before and not again (`dif-5`).

use super::trend::Trend;
use super::{AnswerChange, BadgeChange, Diff, FindingChange, ParentChange};

impl Diff {
    /// Takes out what only a look could tell.
    pub(super) fn of_claims(&mut self) {
        if let Some(class) = &mut self.class {
            class.verified.clear();
            class.delta.clear();
            class.needs.iter_mut().for_each(|need| settle(&mut need.trend));
        }
        self.class.take_if(|class| !class.differs());
        let findings = &mut self.findings;
        let all = findings.new.iter_mut().chain(&mut findings.gone).chain(&mut findings.weighed);
        all.for_each(|FindingChange { trend, .. }| settle(trend));
        self.frameworks.iter_mut().for_each(|AnswerChange { trend, .. }| settle(trend));
        self.badges.iter_mut().for_each(|BadgeChange { trend, .. }| settle(trend));
        let parents = self.parents.changed.iter_mut();
        parents.for_each(|ParentChange { trend, .. }| settle(trend));
    }
}

fn settle(trend: &mut Trend) {
    if trend.is_of_sight() {
        *trend = Trend::Neutral;
    }
}
