//! What is said: the fullsource model provenance format.
//!
//! Pure: no file, no network, no clock, no environment.

pub mod digest;
pub mod index;
pub mod json;
pub mod key;
pub mod license;
pub mod limits;
pub mod loadable;
pub mod locator;
pub mod manifest;
pub mod path;
pub mod revoked;
pub mod role;
pub mod text;
pub mod trust;
