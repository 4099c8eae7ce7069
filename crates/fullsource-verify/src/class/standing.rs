//! Where a release stands: on each chain, the rung that is established and the one that is
//! possible.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tri::{Chain, Pair, Tri};

/// The highest rung.
pub const TOP: u8 = 4;

/// The rungs that are established and possible on one chain: 0 to 4.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Interval {
    /// The highest rung whose needs, and those of all below, are all met.
    pub established: u8,
    /// The highest rung of whose needs, and of those of all below, none is known to fail.
    pub possible: u8,
}

impl Interval {
    /// Anything may be.
    pub const UNKNOWN: Self = Self { established: 0, possible: TOP };

    /// The interval of the values of the rungs, the lowest first.
    pub(super) fn of(rungs: [Tri; TOP as usize]) -> Self {
        let count = |enough: Tri| rungs.iter().take_while(|value| **value >= enough).count() as u8;
        Self { established: count(Tri::T), possible: count(Tri::U) }
    }

    /// Whether a rung is reached: by what is established yes, by what is possible no (`cls-26`).
    pub const fn meets(self, rung: u8) -> Tri {
        if self.established >= rung {
            Tri::T
        } else if self.possible < rung {
            Tri::F
        } else {
            Tri::U
        }
    }
}

/// Where a release stands on both chains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Standing {
    /// Is it there?
    pub availability: Interval,
    /// May anyone use it, for anything?
    pub freedom: Interval,
}

impl Standing {
    /// Where a model stands of which nothing but its own worth is known: rung 1 by that, the rest
    /// unknown (`cls-28`).
    pub(super) fn of_first_rung(worth: Pair) -> Self {
        let interval = |first| Interval::of([first, Tri::U, Tri::U, Tri::U]);
        Self { availability: interval(worth.availability), freedom: interval(worth.freedom) }
    }

    /// The interval on a chain.
    pub const fn on(self, chain: Chain) -> Interval {
        match chain {
            Chain::Availability => self.availability,
            Chain::Freedom => self.freedom,
        }
    }

    /// Whether a rung is reached, chain by chain.
    pub fn meets(self, rung: u8) -> Pair {
        let availability = self.availability.meets(rung);
        Pair { availability, freedom: self.freedom.meets(rung).min(availability) }
    }

    /// The headline: the name on the chain of freedom, else on that of availability (`cls-50`).
    pub const fn headline(self) -> &'static str {
        match (self.freedom.established, self.availability.established) {
            (0, 0) if self.availability.possible == 0 => "closed",
            (0, 0) => "unproven",
            (0, rung) => name(Chain::Availability, rung),
            (rung, _) => name(Chain::Freedom, rung),
        }
    }
}

/// The name of a rung on a chain; `closed` for none.
pub const fn name(chain: Chain, rung: u8) -> &'static str {
    match (chain, rung) {
        (_, 0) => "closed",
        (Chain::Availability, 1) => "weights-available",
        (Chain::Availability, 2) => "recipe-available",
        (Chain::Availability, 3) => "source-available",
        (Chain::Availability, _) => "source-available-transitive",
        (Chain::Freedom, 1) => "open-weights",
        (Chain::Freedom, 2) => "open-recipe",
        (Chain::Freedom, 3) => "full-source",
        (Chain::Freedom, _) => "full-source-transitive",
    }
}

/// The chain and the rung that a name stands for, as `--require` and policies take it.
pub fn rung_named(text: &str) -> Option<(Chain, u8)> {
    let all = Chain::BOTH.into_iter().flat_map(|chain| (1..=TOP).map(move |rung| (chain, rung)));
    all.into_iter().find(|(chain, rung)| name(*chain, *rung) == text)
}
