//! The class of releases: cases, decoys, properties, speed.

#![allow(clippy::unwrap_used, clippy::panic)]

mod by_word;
mod cases;
mod decoys;
mod examples;
mod frameworks;
mod judged;
mod lineage;
mod looked;
mod missing;
mod properties;
mod release;
mod rules;
mod speed;
mod starts;
