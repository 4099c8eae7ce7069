//! What is said: the fullsource model provenance format.
//!
//! Pure: no file, no network, no clock, no environment.

pub mod bundle;
pub mod digest;
pub mod envelope;
pub mod evidence;
pub mod index;
pub mod json;
pub mod key;
pub mod license;
pub mod limits;
pub mod loadable;
pub mod locator;
pub mod manifest;
pub mod path;
pub mod rebuild;
pub mod release_dir;
pub mod revoked;
pub mod role;
pub mod statement;
pub mod text;
pub mod trust;
pub mod violation;
