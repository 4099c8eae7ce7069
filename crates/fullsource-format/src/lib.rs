//! What is said: the fullsource model provenance format.
//!
//! Pure: no file, no network, no clock, no environment.

pub mod digest;
pub mod limits;
pub mod loadable;
pub mod path;
