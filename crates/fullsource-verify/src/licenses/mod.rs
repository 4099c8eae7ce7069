//! The freedom of licences: what an SPDX expression grants for an artifact of a category, and by
//! what a licence that is not libre takes which freedom.
//!
//! Unknown is never libre. Spec: `spec/v0.1/classification.md`, section "Licences".

mod agreement;
mod expression;
mod table;

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use fullsource_format::license::LicenseExpression;
use fullsource_format::role::Category;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use agreement::{Agreement, agreement};
pub use expression::Judgement;
pub use table::{DEPRECATED, EXCEPTIONS, ROWS};

/// What a licence grants. The order is that of `AND`: the worst decides.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Freedom {
    /// It takes back one of the four freedoms, or grants nothing.
    Restricted,
    /// Nobody here knows.
    Unknown,
    /// Anyone may run, study, share and change it, for any purpose.
    Libre,
}

/// One of the four freedoms.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Right {
    /// To run it, for any purpose.
    Run,
    /// To study how it works.
    Study,
    /// To share it.
    Share,
    /// To change it, and to share what was changed.
    Change,
}

/// By what a licence takes a freedom.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each is a word of the registry's own")]
pub enum By {
    AcceptableUse,
    FieldOfUse,
    InvariantSections,
    Naming,
    NoDerivatives,
    NoPatents,
    NoSharing,
    NoStudy,
    NonCommercial,
    OutputTerms,
    Royalty,
    Termination,
    Unilateral,
    UserCap,
}

impl By {
    /// In words, as they stand behind "by".
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AcceptableUse => "an acceptable-use policy",
            Self::FieldOfUse => "a limit on the field of use",
            Self::InvariantSections => "invariant sections",
            Self::Naming => "a naming clause",
            Self::NoDerivatives => "a ban on derivatives",
            Self::NoPatents => "an exclusion of patent rights",
            Self::NoSharing => "a ban on sharing",
            Self::NoStudy => "a ban on study",
            Self::NonCommercial => "a ban on commercial use",
            Self::OutputTerms => "terms on outputs",
            Self::Royalty => "a royalty",
            Self::Termination => "termination",
            Self::Unilateral => "a unilateral change",
            Self::UserCap => "a cap on users or revenue",
        }
    }
}

impl Right {
    /// The freedom as a verb.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Study => "study",
            Self::Share => "share",
            Self::Change => "change",
        }
    }
}

/// What takes a freedom, and where the licence says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// By what.
    pub by: By,
    /// Which freedoms.
    pub rights: &'static [Right],
    /// The clause, as the licence numbers or names it.
    pub clause: &'static str,
    /// What it says, in short.
    pub says: &'static str,
}

/// "run, share: by a cap on users or revenue (clause 2: …)".
impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rights: Vec<_> = self.rights.iter().map(|right| right.as_str()).collect();
        let Self { by, clause, says, .. } = self;
        write!(f, "{}: by {} ({clause}: {says})", rights.join(", "), by.as_str())
    }
}

/// Licences on the same terms: what they grant, by what they are put on.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// SPDX ids and `LicenseRef-` names.
    pub ids: &'static [&'static str],
    /// For `code.*`, `config.*`, `tokenizer.*`, `env.*`.
    pub code: Freedom,
    /// For `data.*`.
    pub data: Freedom,
    /// For `weights.*`, `model.*`.
    pub weights: Freedom,
    /// For `doc.*` and the other texts.
    pub doc: Freedom,
    /// For what a model under it puts out.
    pub outputs: Freedom,
    /// What takes which freedom.
    pub limits: &'static [Limit],
}

/// What a licence is put on, which decides the column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// An artifact of a category.
    Of(Category),
    /// What a model puts out.
    Outputs,
}

impl Row {
    /// What it grants for a subject.
    pub const fn freedom(&self, subject: Subject) -> Freedom {
        match subject {
            Subject::Of(Category::Code) => self.code,
            Subject::Of(Category::Data) => self.data,
            Subject::Of(Category::Weights) => self.weights,
            Subject::Of(Category::Doc) => self.doc,
            Subject::Of(Category::Unknown) => Freedom::Unknown,
            Subject::Outputs => self.outputs,
        }
    }
}

/// The row of an id, in any case; a deprecated id has that of its replacement (`cls-41`).
pub fn row(id: &str) -> Option<&'static Row> {
    static INDEX: LazyLock<HashMap<String, &'static Row>> = LazyLock::new(|| {
        let ids = ROWS.iter().flat_map(|row| row.ids.iter().map(move |id| (*id, row)));
        let mut index: HashMap<_, _> =
            ids.map(|(id, row)| (id.to_ascii_lowercase(), row)).collect();
        for (old, now) in DEPRECATED {
            if let Some(row) = index.get(&now.to_ascii_lowercase()).copied() {
                index.insert(old.to_ascii_lowercase(), row);
            }
        }
        index
    });
    INDEX.get(&id.to_ascii_lowercase()).copied()
}

/// What an expression grants for a subject, and which of its ids decided.
pub fn judge(expression: &LicenseExpression, subject: Subject) -> Judgement {
    expression::judge(expression.as_str(), subject)
}

/// What the output terms of a model grant to data that it made (`cls-46`): those stated, but never
/// more than its licence leaves, where that speaks of outputs.
pub fn output_terms(
    license: Option<&LicenseExpression>,
    stated: Option<&LicenseExpression>,
) -> Freedom {
    let of_license = license.map(|license| judge(license, Subject::Outputs).freedom);
    let of_stated = stated.map(|stated| judge(stated, Subject::Outputs).freedom);
    match (of_license, of_stated) {
        (None, None) => Freedom::Unknown,
        (Some(license), None) => license,
        (_, Some(stated)) if !license.is_some_and(speaks_of_outputs) => stated,
        (license, Some(stated)) => stated.min(license.unwrap_or(Freedom::Unknown)),
    }
}

fn speaks_of_outputs(license: &LicenseExpression) -> bool {
    let judged = judge(license, Subject::Outputs);
    let limits = judged.ids.iter().filter_map(|id| row(id)).flat_map(|row| row.limits);
    judged.freedom == Freedom::Restricted
        && limits.into_iter().any(|limit| limit.by == By::OutputTerms)
}
