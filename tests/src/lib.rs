//! Vectors, sessions and outside judges for fullsource.

pub mod command;
pub mod vectors;
