//! What is seen.

pub mod read;
