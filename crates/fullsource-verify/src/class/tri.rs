//! Three-valued logic: what is so, what is not, and what nobody here knows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::licenses::Freedom;

/// No, unknown, yes. `AND` is the minimum, `OR` the maximum (`cls-2`).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub enum Tri {
    /// It is not so.
    #[serde(rename = "no")]
    F,
    /// Nobody here knows.
    #[serde(rename = "unknown")]
    U,
    /// It is so.
    #[serde(rename = "yes")]
    T,
}

impl Tri {
    /// Yes or no.
    pub const fn of(holds: bool) -> Self {
        if holds { Self::T } else { Self::F }
    }
}

impl From<Freedom> for Tri {
    fn from(freedom: Freedom) -> Self {
        match freedom {
            Freedom::Restricted => Self::F,
            Freedom::Unknown => Self::U,
            Freedom::Libre => Self::T,
        }
    }
}

/// A value on each of the two chains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pair {
    /// On the chain of availability.
    pub availability: Tri,
    /// On the chain of freedom. Never above availability.
    pub freedom: Tri,
}

impl Pair {
    /// Yes on both chains.
    pub const T: Self = Self::both(Tri::T);
    /// Unknown on both chains.
    pub const U: Self = Self::both(Tri::U);
    /// No on both chains.
    pub const F: Self = Self::both(Tri::F);

    /// The same value on both chains.
    pub const fn both(value: Tri) -> Self {
        Self { availability: value, freedom: value }
    }

    /// What only freedom asks for.
    pub const fn of_freedom(freedom: Tri) -> Self {
        Self { availability: Tri::T, freedom }
    }

    /// The worse, chain by chain.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            availability: self.availability.min(other.availability),
            freedom: self.freedom.min(other.freedom),
        }
    }

    /// The better, chain by chain.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            availability: self.availability.max(other.availability),
            freedom: self.freedom.max(other.freedom),
        }
    }

    /// The value on a chain.
    pub const fn on(self, chain: Chain) -> Tri {
        match chain {
            Chain::Availability => self.availability,
            Chain::Freedom => self.freedom,
        }
    }
}

/// One of the two questions that are asked of every rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Chain {
    /// Is it there?
    Availability,
    /// May anyone use it, for anything?
    Freedom,
}

impl Chain {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Availability, Self::Freedom];
}
