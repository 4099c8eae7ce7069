//! What is missing for the next rung: the smallest set, in words that its releaser can act on.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::rc::Rc;
use std::sync::Arc;

use fullsource_format::role::Category;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::graph::Nth;
use super::need::{Conjunct, Group, Need};
use super::standing::{TOP, name};
use super::tri::{Chain, Tri};
use super::worth::Lack;
use super::{Class, View};
use crate::licenses::{Freedom, Subject, judge};

/// What is missing for the next rung of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Next {
    /// The chain.
    pub chain: Chain,
    /// The rung: 1 to 4.
    pub rung: u8,
    /// Its name.
    pub name: String,
    /// The smallest set of things that would lift the release there.
    pub missing: Vec<Missing>,
}

/// One thing that is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Missing {
    /// What is needed.
    pub need: Need,
    /// The stage that needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Arc<str>>,
    /// The artifact to mend, or the one that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact: Option<Arc<str>>,
    /// Whether it is known to fail, or could not be established.
    pub value: Tri,
    /// What to do.
    pub text: Box<str>,
}

/// Something missing, before it is put into words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Piece {
    need: Need,
    stage: Option<usize>,
    about: Option<Nth>,
    /// The artifact that lacks something, in the category it is needed in.
    of: Option<(Nth, Category)>,
}

impl Class<'_> {
    /// What is missing for the next rung of a chain; `None` at the top (`cls-38`).
    pub fn next(&self, chain: Chain) -> Option<Next> {
        let rung = self.verified.on(chain).established + 1;
        if rung > TOP {
            return None;
        }
        let open = self.asked.iter().filter(|asked| asked.rung == rung);
        let open = open.filter(|asked| asked.value(chain) != Tri::T);
        let mut listed = Listed::default();
        let mut lines = Lines::default();
        // Groups that were listed whole.
        let mut told = HashSet::new();
        for conjunct in open {
            // Closure asks whether things can be read, not whether they are free.
            let chain = if conjunct.need == Need::Closure { Chain::Availability } else { chain };
            for piece in self.pieces(conjunct, chain, &listed, &mut told) {
                if listed.insert(piece) {
                    lines.push(self.tell(conjunct, piece, chain));
                }
            }
        }
        Some(Next { chain, rung, name: name(chain, rung).to_owned(), missing: lines.missing })
    }

    /// What one need lacks: of the ways to meet it the one that adds least to what is listed.
    /// A group that serves every stage is listed once, not for each stage again.
    fn pieces(
        &self,
        conjunct: &Conjunct,
        chain: Chain,
        listed: &Listed,
        told: &mut HashSet<*const Group>,
    ) -> Vec<Piece> {
        let Conjunct { need, stage, about, only, .. } = *conjunct;
        let piece = |of| Piece { need, stage, about, of };
        let lacking = |group: &Group| {
            let members = group.members.iter().map(|nth| (*nth, group.category));
            let lacking = members.filter(|(nth, of)| self.worths.lack(*nth, *of, chain).is_some());
            lacking.map(|of| piece(Some(of))).collect::<Vec<_>>()
        };
        let ways = conjunct.ways.iter().filter(|way| way.iter().any(|g| !g.members.is_empty()));
        let ways: Vec<_> = ways.collect();
        match ways[..] {
            _ if only.is_some() => vec![piece(only)],
            [] => vec![piece(None)],
            [way] => {
                let fresh = way.iter().filter(|group| told.insert(Rc::as_ptr(group)));
                fresh.flat_map(|group| lacking(group)).collect()
            }
            _ => {
                let ways = ways.iter().map(|way| way.iter().flat_map(|group| lacking(group)));
                let fresh =
                    |way: &Vec<Piece>| way.iter().filter(|piece| !listed.mends(piece)).count();
                ways.map(Iterator::collect).min_by_key(fresh).unwrap_or_default()
            }
        }
    }

    fn tell(&self, conjunct: &Conjunct, piece: Piece, chain: Chain) -> Missing {
        let id = |nth: Nth| self.graph.artifacts[nth].id.shared();
        let stage = piece.stage.map(|number| self.graph.stages[number].id.shared());
        let (text, value) = match piece.of {
            Some((nth, category)) => {
                let worth = self.worths.of_artifact(nth, category).on(chain);
                (self.mend(nth, category, chain), worth)
            }
            None => (self.provide(conjunct, stage.as_deref()), conjunct.value(chain)),
        };
        let artifact = piece.of.map(|(nth, _)| nth).or(piece.about).map(id);
        Missing { need: piece.need, stage, artifact, value, text: text.into() }
    }

    /// What to do about an artifact that is listed and lacks something.
    fn mend(&self, nth: Nth, category: Category, chain: Chain) -> String {
        let artifact = &self.graph.artifacts[nth];
        let id = &artifact.id;
        let license = artifact.license.as_ref();
        match self.worths.lack(nth, category, chain) {
            Some(Lack::Missing) => {
                format!("publish `{id}`, whole, where its digest can be checked")
            }
            Some(Lack::Unseen) if self.view == View::Claimed => {
                format!("say where `{id}` is: `files` of the release, or `locators` and a `digest`")
            }
            Some(Lack::Unseen) => format!(
                "let `{id}` be seen: give it a digest and a place that answers, or look there again"
            ),
            Some(Lack::Gated) => format!("publish `{id}` where nobody has to ask for it"),
            Some(Lack::License(Freedom::Restricted)) => match license {
                None => format!("put `{id}` under a libre licence"),
                Some(license) => {
                    let judged = judge(license, Subject::Of(category));
                    let limit = judged.limits().next();
                    let why = limit.map_or(String::new(), |(_, limit)| format!(" takes {limit}"));
                    format!("put `{id}` under a libre licence: `{license}`{why}")
                }
            },
            Some(Lack::License(_)) => match license {
                None => format!("say under which libre licence `{id}` is"),
                Some(license) => {
                    format!(
                        "put `{id}` under a licence that is known to be libre: `{license}` is not"
                    )
                }
            },
            Some(Lack::Text(Tri::F)) => {
                format!("let the licence texts beside `{id}` be those of the licence it declares")
            }
            Some(Lack::Text(_)) => format!("put the text of its licence beside `{id}`"),
            None => format!("look at `{id}` again"),
        }
    }

    /// Of a model made elsewhere: its own statement tells, and a manifest alone does not have that.
    fn tell_of_parent(&self, conjunct: &Conjunct, about: &str) -> String {
        let names = |nth: Nth| self.graph.artifacts[nth].statement.is_some();
        match conjunct.about.is_some_and(names) {
            true => format!(
                "`{about}` has a `statement`: what that claims counts when `verify` has looked at it"
            ),
            false if conjunct.rung == 1 => format!(
                "say where `{about}` is (`locators` and a `digest`) and its `license`, or name its \
                 `statement`"
            ),
            false => format!(
                "name the `statement` of `{about}`, in which its own release tells its sources"
            ),
        }
    }

    /// What to do where nothing is listed that could meet a need.
    fn provide(&self, conjunct: &Conjunct, stage: Option<&str>) -> String {
        let about = conjunct.about.map(|nth| self.graph.artifacts[nth].id.as_str());
        let (about, stage) = (about.unwrap_or("?"), stage.unwrap_or("?"));
        let role = |role: &str| format!("list what has the role `{role}`");
        let of_stage = |role: &str| format!("list what has the role `{role}` for stage `{stage}`");
        match conjunct.need {
            Need::WeightsClaimed => {
                "list every weight file of the release under a role `weights.*`".to_owned()
            }
            Need::Weights => role("weights.final"),
            Need::ModelConfig => role("config.model"),
            Need::Tokenizer => role("tokenizer.model"),
            Need::RunningCode => "list code with the role `code.inference` or `code.architecture`".to_owned(),
            Need::StartingModel if conjunct.about.is_none() => format!(
                "say what stage `{stage}` starts from: a model (`models`), or nothing but a random \
                 generator (`init`)"
            ),
            Need::StartingModel | Need::RunningModel | Need::DataModel
                if self.view == View::Claimed =>
            {
                self.tell_of_parent(conjunct, about)
            }
            Need::StartingModel => format!("start from a model that is as free and as open: `{about}` is not known to be"),
            Need::Closure if self.view == View::Claimed => {
                "say `closure: complete`, once every stage, data set and parent is listed".to_owned()
            }
            Need::Closure => "sign, as the producer, that every stage, data set and parent is listed (`closure: complete`), and list what a card or a file names".to_owned(),
            Need::MakingStage => format!(
                "list the stage that makes `{about}`: an entry in `stages` with it in `outputs`"
            ),
            Need::KnownKind => format!("give stage `{stage}` a kind that the registry has"),
            Need::TrainingCode => of_stage("code.training"),
            Need::TrainingConfig => of_stage("config.training"),
            Need::Preprocessing => of_stage("code.preprocessing"),
            Need::DataInformation if conjunct.about.is_some() => {
                format!("describe `{about}`: a document with the role `doc.data-information`")
            }
            Need::DataInformation => of_stage("doc.data-information"),
            Need::Transform => format!("list the `code.transform` or the `config.transform` of stage `{stage}`"),
            Need::Data | Need::Source => format!("list `{about}` as data itself, with a role `data.*` that is no index"),
            Need::DataListed => format!("list the data that stage `{stage}` read"),
            Need::RunningModel if conjunct.rung == TOP => format!(
                "use a model whose sources are open in stage `{stage}`: `{about}` is not known to be one"
            ),
            Need::RunningModel => format!("publish the weights of `{about}`, which ran during stage `{stage}`"),
            Need::Generator => format!("say which model made the data: `{about}` is not disclosed"),
            Need::OutputTerms => format!("use data of a model whose terms leave its outputs free: those of `{about}` do not, or are not known"),
            Need::Lock => of_stage("env.lock"),
            Need::Origin => format!(
                "list the code that collected `{about}` (`collectedBy`), or the guidelines of those who \
                 wrote it (`humanAuthored`)"
            ),
            Need::DataModel => format!("make data with a model whose sources are open: `{about}` is not known to be one"),
            Need::ContentRights => format!("say under which libre licence the contents of `{about}` are (`contentRights`)"),
        }
    }
}

/// The lines in words, each once: two stages may need the same of one model.
#[derive(Default)]
struct Lines {
    missing: Vec<Missing>,
    /// Where the first line of each hash stands. The texts are not copied: there may be 100,000 of them.
    first: HashMap<u64, usize>,
    hasher: RandomState,
}

impl Lines {
    fn push(&mut self, line: Missing) {
        let first =
            *self.first.entry(self.hasher.hash_one(&line.text)).or_insert(self.missing.len());
        if self.missing.get(first).is_none_or(|other| other.text != line.text) {
            self.missing.push(line);
        }
    }
}

/// What is listed already.
#[derive(Default)]
struct Listed {
    needs: HashSet<Piece>,
    /// One artifact is mended once, whatever needs it.
    artifacts: HashSet<(Nth, Category)>,
}

impl Listed {
    /// Whether it was not listed before.
    fn insert(&mut self, piece: Piece) -> bool {
        match piece.of {
            Some(artifact) => self.artifacts.insert(artifact),
            None => self.needs.insert(piece),
        }
    }

    /// Whether the artifact of a piece is listed.
    fn mends(&self, piece: &Piece) -> bool {
        piece.of.is_some_and(|artifact| self.artifacts.contains(&artifact))
    }
}
