//! What is made again: runs a stage in a sandbox and holds what comes out against what is claimed.
//!
//! The one crate that runs what a release brings. Neither `fullsource-collect` nor `fullsource-verify`
//! can see it.
//!
//! Spec: `spec/v0.1/rebuild.md`.

pub mod compare;
pub mod copies;
pub mod draw;
pub mod inputs;
mod outputs;
mod packed;
pub mod plan;
pub mod probe;
pub mod run;
pub mod sandbox;
