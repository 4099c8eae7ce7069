//! What an artifact is worth: whether it exists, whether it is public, whether its licence's text
//! is there.

use fullsource_format::manifest::{Artifact, Availability};

use super::tri::Tri;
use crate::check::artifacts::Status;

/// What is known of one artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    exists: Tri,
    public: Tri,
    text: Tri,
}

impl Seen {
    /// What was seen, by the artifact's status (`cls-4`). The text of its licence is unknown.
    pub fn of(status: Status, availability: Availability) -> Self {
        let (exists, public) = match status {
            Status::Verified => (Tri::T, Tri::T),
            Status::Gated => (Tri::T, Tri::F),
            Status::Closed => (Tri::U, Tri::F),
            Status::Metadata
            | Status::Partial
            | Status::Unchecked
            | Status::Unreachable
            | Status::Internal => (Tri::U, Tri::U),
            Status::Absent
            | Status::Mismatch
            | Status::Placeholder
            | Status::Withheld
            | Status::RecipeOnly => (Tri::F, Tri::F),
        };
        let seen = Self { exists, public, text: Tri::U };
        seen.available(availability)
    }

    /// The same, where a policy takes the word of the host that gave it (`cls-4`).
    #[must_use]
    pub fn trusting_the_word(self, status: Status, availability: Availability) -> Self {
        if status != Status::Metadata {
            return self;
        }
        Self { exists: Tri::T, public: Tri::T, ..self }.available(availability)
    }

    /// What the statement claims of it (`cls-5`). The text of its licence is taken to agree.
    pub fn claimed(artifact: &Artifact) -> Self {
        let has_bytes = !artifact.files.is_empty()
            || (!artifact.locators.is_empty() && artifact.digest.is_some());
        let value = match artifact.availability {
            Availability::RecipeOnly | Availability::Withheld => Tri::F,
            Availability::Public | Availability::Gated if has_bytes => Tri::T,
            Availability::Public | Availability::Gated => Tri::U,
        };
        let seen = Self { exists: value, public: value, text: Tri::T };
        seen.available(artifact.availability)
    }

    /// What is declared gated is not public, whoever got in (`cls-4`).
    fn available(mut self, availability: Availability) -> Self {
        if availability == Availability::Gated {
            self.public = Tri::F;
        }
        self
    }

    /// The same, with what was found of its licence's text.
    #[must_use]
    pub const fn with_text(self, text: Tri) -> Self {
        Self { text, ..self }
    }

    /// The same, where there is nothing of its kind in it (`cls-6`).
    #[must_use]
    pub const fn hollow(self) -> Self {
        Self { exists: Tri::F, public: Tri::F, ..self }
    }

    /// Whether it is there.
    pub const fn exists(self) -> Tri {
        self.exists
    }

    /// Whether anyone can have it. Never above [`Seen::exists`].
    pub const fn public(self) -> Tri {
        self.public
    }

    /// Whether the text of its licence was found and agrees.
    pub const fn text(self) -> Tri {
        self.text
    }
}
