//! What links sources and weights, beside the signer's word (`cls-51`).

use std::fmt;
use std::str::FromStr;

use fullsource_format::rebuild::Grade;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// Whether anything but the signer's word says that these sources made these weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linkage {
    /// Nothing does.
    Asserted,
    /// Every stage was run again.
    Rebuilt(Rebuilt),
}

/// What came out where every stage was run again, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rebuilt {
    grade: Grade,
    independent: u32,
}

/// A text that is no linkage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a linkage is `asserted`, `rebuilt-GRADE, self` or `rebuilt-GRADE, independent: N`")]
pub struct LinkageError;

impl Rebuilt {
    /// What came out, and how many independent rebuilders it rests on; none: it rests on the producer.
    /// Nothing where the grade is not one of the three `rebuilt-…`.
    pub fn of(grade: Grade, independent: u32) -> Option<Self> {
        grade.is_rebuilt().then_some(Self { grade, independent })
    }

    /// What came out: one of the three `rebuilt-…`.
    pub const fn grade(self) -> Grade {
        self.grade
    }

    /// How many independent rebuilders it rests on.
    pub const fn independent(self) -> u32 {
        self.independent
    }
}

impl Linkage {
    /// What was rebuilt, if it was.
    pub const fn rebuilt(self) -> Option<Rebuilt> {
        match self {
            Self::Asserted => None,
            Self::Rebuilt(rebuilt) => Some(rebuilt),
        }
    }

    /// In a word, for a badge: that a tolerance is no proof, and who did it, belongs to it.
    pub const fn word(self) -> &'static str {
        let Self::Rebuilt(Rebuilt { grade, independent }) = self else { return "asserted" };
        match (grade, independent) {
            (Grade::RebuiltBounded, 0) => "rebuilt within a tolerance, by its producer",
            (Grade::RebuiltBounded, _) => "rebuilt within a tolerance",
            (_, 0) => "rebuilt by its producer",
            (_, _) => "rebuilt",
        }
    }
}

impl fmt::Display for Linkage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asserted => f.write_str("asserted"),
            Self::Rebuilt(Rebuilt { grade, independent: 0 }) => {
                write!(f, "{}, self", grade.as_str())
            }
            Self::Rebuilt(Rebuilt { grade, independent }) => {
                write!(f, "{}, independent: {independent}", grade.as_str())
            }
        }
    }
}

impl FromStr for Linkage {
    type Err = LinkageError;

    fn from_str(text: &str) -> Result<Self, LinkageError> {
        let read = || {
            let (grade, who) = text.split_once(", ")?;
            let grades = [Grade::RebuiltExact, Grade::RebuiltCanonical, Grade::RebuiltBounded];
            let grade = grades.into_iter().find(|known| known.as_str() == grade)?;
            let independent = match who.strip_prefix("independent: ") {
                Some(number) => number.parse().ok()?,
                None => 0,
            };
            Some(Self::Rebuilt(Rebuilt { grade, independent }))
        };
        let linkage = if text == "asserted" { Some(Self::Asserted) } else { read() };
        // There is one way to write each.
        linkage.filter(|linkage| linkage.to_string() == text).ok_or(LinkageError)
    }
}

impl Serialize for Linkage {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Linkage {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Linkage {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Linkage".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^(asserted|rebuilt-(exact|canonical|bounded), (self|independent: [1-9][0-9]{0,9}))$",
            "examples": ["asserted", "rebuilt-exact, independent: 2"],
            "description": "What says that these sources made these weights: the signer alone, or who ran them again."
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linkage_is_written_in_one_way() {
        let good = [
            "asserted",
            "rebuilt-exact, self",
            "rebuilt-canonical, independent: 1",
            "rebuilt-bounded, independent: 12",
        ];
        for text in good {
            assert_eq!(text.parse::<Linkage>().unwrap().to_string(), text);
        }
        let bad = [
            "",
            "Asserted",
            "rebuilt",
            "rebuilt anything",
            "rebuilt-exact",
            "rebuilt-exact, ",
            "rebuilt-exact, independent: 0",
            "rebuilt-exact, independent: 01",
            "rebuilt-exact, independent: +1",
            "rebuilt-exact, independent: 1 ",
            "rebuilt-exact, independent: 99999999999",
            "rebuilt-exact, others",
            "near-miss, self",
            "contradicted, independent: 2",
            "not-run, self",
            "asserted, self",
        ];
        for text in bad {
            assert!(text.parse::<Linkage>().is_err(), "{text}");
        }
    }
}
