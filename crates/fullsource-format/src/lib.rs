//! What is said: the fullsource model provenance format.
//!
//! Pure: no file, no network, no clock, no environment.

pub mod digest;
pub mod key;
pub mod limits;
pub mod path;
pub mod revoked;
pub mod trust;
