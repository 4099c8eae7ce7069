//! The checks, one file each: they hold what is claimed against what was seen.

pub(crate) mod artifacts;
pub(crate) mod asked;
pub(crate) mod content;
pub(crate) mod files;
pub(crate) mod indexes;
pub(crate) mod names;
mod places;
pub(crate) mod twins;
