//! Vectors, sessions and outside judges for fullsource.

pub mod action;
pub mod command;
pub mod http_server;
pub mod program;
pub mod published;
pub mod run;
pub mod spec;
pub mod terminal;
pub mod vectors;
