//! What the third and the fourth rung ask of data: that it is there, who made it, from what.

use std::collections::HashSet;

use fullsource_format::role::{Category, Role};

use super::Asker;
use crate::class::facts::{OutputTerms, Relation};
use crate::class::graph::Nth;
use crate::class::need::{Conjunct, Need};
use crate::class::tri::{Pair, Tri};
use crate::licenses::{self, Freedom, Subject};

impl Asker<'_, '_> {
    pub(super) fn data(&mut self) {
        let reached = || self.graph.reached.iter().copied();
        let behind = || self.graph.behind_data.iter().copied();
        let used = self.graph.data(reached());
        let direct: HashSet<_> = used.iter().copied().collect();
        for nth in &used {
            self.data_set(*nth, 3, Need::Data);
            self.content_rights(*nth);
        }
        let origins = self.graph.origins(reached());
        for nth in &origins {
            if !direct.contains(nth) {
                self.data_set(*nth, 4, Need::Source);
            }
            self.origin(*nth);
            self.generators(*nth, 3);
        }
        let known: HashSet<_> = origins.iter().copied().collect();
        for nth in self.graph.data(behind()).into_iter().filter(|nth| !direct.contains(nth)) {
            self.data_set(nth, 4, Need::Data);
        }
        for nth in self.graph.origins(behind()).into_iter().filter(|nth| !known.contains(nth)) {
            self.generators(nth, 4);
        }
    }

    /// The data set itself: something with a role of data, and not its list of files alone
    /// (`cls-31`).
    fn data_set(&mut self, nth: Nth, rung: u8, need: Need) {
        let is_data =
            |role: &Role| role.category() == Category::Data && role.as_str() != "data.index";
        let conjunct = if self.graph.artifacts[nth].roles.iter().any(is_data) {
            Conjunct::by_one(rung, need, self.worths, nth, Category::Data)
        } else {
            Conjunct::given(rung, need, Pair::F)
        };
        self.push(conjunct.about(nth));
    }

    // cls-36
    fn origin(&mut self, nth: Nth) {
        let artifact = &self.graph.artifacts[nth];
        let fits = |nth: Nth, group: &str| {
            self.graph.artifacts[nth].roles.iter().any(|role| role.as_str().starts_with(group))
        };
        let collected: Vec<_> = self.graph.all(&artifact.collected_by).collect();
        let written = artifact.human_authored.as_ref().filter(|_| artifact.generated_by.is_empty());
        let written: Vec<_> =
            written.map_or(Vec::new(), |human| self.graph.all(&human.guidelines).collect());
        let ways = [(collected, Category::Code, "code."), (written, Category::Doc, "doc.")];
        let fitting = ways.into_iter().filter(|(members, _, group)| {
            !members.is_empty() && members.iter().all(|nth| fits(*nth, group))
        });
        let fitting: Vec<_> = fitting.map(|(members, of, _)| (members, of)).collect();
        let conjunct = if let [(members, of)] = &fitting[..]
            && let [only] = members[..]
        {
            Conjunct::by_one(4, Need::Origin, self.worths, only, *of)
        } else {
            let ways = fitting.into_iter().map(|(members, of)| vec![self.group(members, of)]);
            Conjunct::by(4, Need::Origin, ways.collect())
        };
        self.push(conjunct.about(nth));
    }

    /// The models that made a data set: what their terms leave, and where they stand.
    fn generators(&mut self, nth: Nth, rung: u8) {
        let artifact = &self.graph.artifacts[nth];
        if artifact.generated_by.is_empty() && self.graph.has_role(nth, &["data.synthetic"]) {
            self.undisclosed_generator(nth, rung);
        }
        let generators: Vec<_> = self.graph.all(&artifact.generated_by).collect();
        for generator in generators {
            let internal = self.graph.maker(generator).is_some();
            let standing = (!internal).then(|| self.meet(generator, Relation::Offline));
            if !internal && self.is_withheld(generator) {
                self.undisclosed_generator(generator, rung);
            } else if let Some(standing) = standing {
                let worth = standing.meets(3);
                self.push(Conjunct::given(4, Need::DataModel, worth).about(generator));
            }
            let terms = Pair::of_freedom(self.terms(generator));
            self.push(Conjunct::given(rung, Need::OutputTerms, terms).about(generator));
        }
    }

    // cls-35
    fn undisclosed_generator(&mut self, nth: Nth, rung: u8) {
        for (rung, worth) in [(rung, Pair::of_freedom(Tri::U)), (4, Pair::F)] {
            self.push(Conjunct::given(rung, Need::Generator, worth).about(nth));
        }
    }

    // cls-34
    fn terms(&self, nth: Nth) -> Tri {
        if self.facts.output_terms == OutputTerms::Warn {
            return Tri::T;
        }
        let artifact = &self.graph.artifacts[nth];
        let own = licenses::output_terms(artifact.license.as_ref(), artifact.output_terms.as_ref());
        let by_its_statement = self.facts.parents.get(&artifact.id).map(|parent| parent.outputs);
        Tri::from(own.min(by_its_statement.unwrap_or(Freedom::Libre)))
    }

    // cls-37
    fn content_rights(&mut self, nth: Nth) {
        let rights = self.graph.artifacts[nth].content_rights.as_ref();
        let asserted = rights.filter(|rights| rights.as_str() != "NOASSERTION");
        let freedom = asserted.map_or(Freedom::Restricted, |rights| {
            licenses::judge(rights, Subject::Of(Category::Data)).freedom
        });
        let worth = Pair::of_freedom(Tri::from(freedom));
        self.push(Conjunct::given(4, Need::ContentRights, worth).about(nth));
    }
}
