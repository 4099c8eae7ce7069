//! Which way something moved: for the worse, for the better, or out of sight.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::class::{Interval, TOP, Tri};

/// Which way something moved. The order is that of what a whole comparison comes to: the greatest decides.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Trend {
    /// It differs, and is neither better nor worse.
    Neutral,
    /// It was not known before, and is established now.
    Seen,
    /// It did not hold before, and holds now.
    Better,
    /// It was known before, and nobody could see it now. It need not be gone.
    Unseen,
    /// It held before, or was not known, and is known not to hold now.
    Worse,
}

impl Trend {
    /// Of a value that was looked at (`dif-3`). `None` where it is the same.
    pub fn of(before: Tri, after: Tri) -> Option<Self> {
        match (before, after) {
            _ if before == after => None,
            (_, Tri::F) => Some(Self::Worse),
            (Tri::F, Tri::T) => Some(Self::Better),
            (Tri::U, Tri::T) => Some(Self::Seen),
            (_, Tri::U) | (Tri::T, Tri::T) => Some(Self::Unseen),
        }
    }

    /// Of a value that the publisher states: what is not known to be free is no longer free
    /// (`dif-4`). `None` where it is the same.
    pub fn of_word(before: Tri, after: Tri) -> Option<Self> {
        match (before, after) {
            _ if before == after => None,
            (Tri::T, _) | (_, Tri::F) => Some(Self::Worse),
            (_, Tri::T) => Some(Self::Better),
            (_, Tri::U) => Some(Self::Neutral),
        }
    }

    /// Of the rungs of a chain, by what was seen.
    pub fn of_interval(before: Interval, after: Interval) -> Option<Self> {
        (1..=TOP).filter_map(|rung| Self::of(before.meets(rung), after.meets(rung))).max()
    }

    /// Of the rungs of a chain, by what the statement claims.
    pub fn of_claim(before: Interval, after: Interval) -> Option<Self> {
        (1..=TOP).filter_map(|rung| Self::of_word(before.meets(rung), after.meets(rung))).max()
    }

    /// Of places in an order, the lowest first; `None` where a place is not known.
    pub(super) fn of_rank(before: Option<u8>, after: Option<u8>) -> Option<Self> {
        match (before, after) {
            _ if before == after => None,
            (Some(before), Some(after)) if after > before => Some(Self::Better),
            (Some(_), Some(_)) => Some(Self::Worse),
            (Some(_), None) => Some(Self::Unseen),
            (None, Some(0)) => Some(Self::Worse),
            (None, Some(_)) => Some(Self::Seen),
            (None, None) => None,
        }
    }

    /// Whether it is about what could be seen, and not about what is so.
    pub const fn is_of_sight(self) -> bool {
        matches!(self, Self::Seen | Self::Unseen)
    }

    /// In a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Seen => "seen",
            Self::Better => "better",
            Self::Unseen => "unseen",
            Self::Worse => "worse",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_is_neither_lost_nor_won() {
        use Tri::{F, T, U};
        for (before, after, seen, said) in [
            (T, F, Trend::Worse, Trend::Worse),
            (T, U, Trend::Unseen, Trend::Worse),
            (U, T, Trend::Seen, Trend::Better),
            (U, F, Trend::Worse, Trend::Worse),
            (F, U, Trend::Unseen, Trend::Neutral),
            (F, T, Trend::Better, Trend::Better),
        ] {
            assert_eq!(Trend::of(before, after), Some(seen), "{before:?} {after:?}");
            assert_eq!(Trend::of_word(before, after), Some(said), "{before:?} {after:?}");
        }
        for same in [F, U, T] {
            assert_eq!((Trend::of(same, same), Trend::of_word(same, same)), (None, None));
        }
    }

    #[test]
    fn a_chain_that_fell_at_one_rung_fell() {
        let interval = |established, possible| Interval { established, possible };
        let of = |before, after| Trend::of_interval(before, after);
        assert_eq!(of(interval(2, 4), interval(1, 1)), Some(Trend::Worse));
        assert_eq!(of(interval(2, 4), interval(0, 4)), Some(Trend::Unseen));
        assert_eq!(of(interval(0, 4), interval(2, 4)), Some(Trend::Seen));
        assert_eq!(of(interval(1, 1), interval(2, 4)), Some(Trend::Unseen));
        assert_eq!(of(interval(1, 1), interval(2, 2)), Some(Trend::Better));
        let said = |before, after| Trend::of_claim(before, after);
        assert_eq!(said(interval(2, 4), interval(0, 4)), Some(Trend::Worse));
        assert_eq!(said(interval(1, 1), interval(2, 4)), Some(Trend::Better));
    }
}
