//! Vectors, sessions and outside judges for fullsource.
