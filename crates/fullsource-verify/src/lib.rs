//! What it means: judges a statement and its evidence.
//!
//! Pure: no file, no network, no clock, no environment. Time is an argument.

mod check;
pub mod class;
pub mod compare;
pub mod finding;
pub mod frameworks;
pub mod judge;
pub mod licenses;
pub mod lineage;
pub mod made;
pub mod parents;
pub mod policy;
pub mod rebuilds;
pub mod report;
pub mod schema;
pub mod signers;

pub use check::artifacts::Status;
pub use check::indexes::ArtifactIndex;
