//! What is drawn, before anybody knows where.

use std::collections::BTreeMap;

use fullsource_verify::Status;

/// How a release was made, and its ancestors.
#[derive(Debug, Clone, Default)]
pub(super) struct Graph {
    /// What it is a picture of.
    pub(super) title: String,
    /// The oldest first, the release itself last.
    pub(super) releases: Vec<Release>,
    /// In the order of their releases; in a release stages first, in the order that they ran.
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
    /// Ancestors that are not drawn.
    pub(super) undrawn: usize,
}

/// One release: a frame with its nodes.
#[derive(Debug, Clone)]
pub(super) struct Release {
    pub(super) title: String,
    /// Whose word it is, and what it came to.
    pub(super) about: String,
}

/// A stage, an artifact, or several that are drawn as one.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// The number of its release.
    pub(super) release: usize,
    pub(super) what: What,
    /// The name of the first that it stands for.
    pub(super) name: String,
    /// Its role or kind, or the category where roles differ.
    pub(super) role: String,
    /// How many it stands for.
    pub(super) members: usize,
    /// How many of them came to what, in words.
    pub(super) counts: BTreeMap<String, usize>,
    /// The state of the worst; none for stages.
    pub(super) state: Option<State>,
}

impl Node {
    /// Everything that it stands for, in words: roles and what they came to.
    pub(super) fn details(&self) -> String {
        let counts: Vec<String> = match (self.members, self.counts.len()) {
            (1, _) => self.counts.keys().cloned().collect(),
            (_, 1) => self.counts.keys().map(|word| format!("all {word}")).collect(),
            _ => self.counts.iter().map(|(word, count)| format!("{count} {word}")).collect(),
        };
        match (&self.what, counts.is_empty()) {
            (What::Stage, _) => format!("stage, {}", self.role),
            (_, true) => self.role.clone(),
            (_, false) => format!("{}; {}", counts.join(", "), self.role),
        }
    }

    /// Those that it stands for beside the one whose name it has, in words.
    pub(super) fn others(&self) -> Option<String> {
        (self.members > 1).then(|| format!("and {} more", self.members - 1))
    }
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum What {
    Stage,
    Weights,
    Data,
    Code,
    Config,
    Environment,
    Documentation,
    Other,
}

impl What {
    /// What an artifact of a role is.
    pub(super) fn of_role(role: &str) -> Self {
        match role.split('.').next() {
            Some("weights" | "model") => Self::Weights,
            Some("data") => Self::Data,
            Some("code") => Self::Code,
            Some("config" | "tokenizer") => Self::Config,
            Some("env") => Self::Environment,
            Some("doc" | "log" | "eval" | "attestation") => Self::Documentation,
            _ => Self::Other,
        }
    }

    /// For several of different roles.
    pub(super) const fn plural(self) -> &'static str {
        match self {
            Self::Stage => "stages",
            Self::Weights => "weights",
            Self::Data => "data",
            Self::Code => "code",
            Self::Config => "configuration",
            Self::Environment => "environment",
            Self::Documentation => "documentation",
            Self::Other => "other",
        }
    }
}

/// What an artifact came to, as far as a shape can tell. The worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum State {
    /// It is not there, or it is something else.
    Missing,
    /// The publisher keeps it.
    Withheld,
    /// Nobody can say.
    Unknown,
    /// It is what was claimed, behind a door.
    Gated,
    /// It was never meant to be published.
    Internal,
    /// It is what was claimed.
    Verified,
}

impl State {
    pub(super) const ALL: [Self; 6] =
        [Self::Verified, Self::Gated, Self::Unknown, Self::Missing, Self::Withheld, Self::Internal];

    /// The state that a status amounts to.
    pub(super) const fn of(status: Status) -> Self {
        match status {
            Status::Verified => Self::Verified,
            Status::Gated => Self::Gated,
            Status::Mismatch | Status::Placeholder | Status::Unreachable | Status::Absent => {
                Self::Missing
            }
            Status::Metadata | Status::Partial | Status::Unchecked | Status::Closed => {
                Self::Unknown
            }
            Status::Internal => Self::Internal,
            Status::RecipeOnly | Status::Withheld => Self::Withheld,
        }
    }

    /// The name of its class.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Gated => "gated",
            Self::Missing => "missing",
            Self::Withheld => "withheld",
            Self::Unknown => "unknown",
            Self::Internal => "internal",
        }
    }

    /// What its shape means, in a legend.
    pub(super) const fn meaning(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Gated => "gated",
            Self::Missing => "missing or other",
            Self::Withheld => "withheld",
            Self::Unknown => "not established",
            Self::Internal => "internal",
        }
    }
}

/// One node has to do with another. An edge runs as things ran: from what was there first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) kind: Kind,
}

/// How two nodes have to do with one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    /// Its parameters are in what came out.
    StartedFrom,
    /// It was used by the stage.
    WentInto,
    /// The stage made it.
    CameOut,
    /// The data was collected by it.
    Collected,
    /// The data was generated by it.
    Generated,
    /// The data was made from it.
    Derived,
    /// The model is the one that another release is about.
    Parent,
}

impl Kind {
    pub(super) const ALL: [Self; 7] = [
        Self::WentInto,
        Self::StartedFrom,
        Self::CameOut,
        Self::Collected,
        Self::Generated,
        Self::Derived,
        Self::Parent,
    ];

    /// The name of its class.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::StartedFrom => "started",
            Self::WentInto => "went",
            Self::CameOut => "came",
            Self::Collected => "collected",
            Self::Generated => "generated",
            Self::Derived => "derived",
            Self::Parent => "parent",
        }
    }

    /// What its line means.
    pub(super) const fn meaning(self) -> &'static str {
        match self {
            Self::StartedFrom => "started from",
            Self::WentInto => "went into",
            Self::CameOut => "came out",
            Self::Collected => "collected",
            Self::Generated => "generated",
            Self::Derived => "made into",
            Self::Parent => "the model of another release",
        }
    }
}
