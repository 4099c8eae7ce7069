//! The commands, one flat `run` each.

pub(crate) mod add;
pub(crate) mod cache;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod diff;
pub(crate) mod digest;
pub(crate) mod explain;
pub(crate) mod fetch;
pub(crate) mod graph;
pub(crate) mod init;
pub(crate) mod inspect;
pub(crate) mod keygen;
pub(crate) mod man;
pub(crate) mod rebuild;
pub(crate) mod render;
pub(crate) mod schema;
pub(crate) mod sign;
pub(crate) mod verify;
mod vouched;
