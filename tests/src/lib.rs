//! Vectors, sessions and outside judges for fullsource.

pub mod vectors;
