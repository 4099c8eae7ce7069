//! Vectors, sessions and outside judges for fullsource.

pub mod action;
pub mod command;
pub mod http_server;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub mod injector;
pub mod program;
pub mod published;
pub mod run;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub mod scene;
pub mod spec;
pub mod state;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub mod syscalls;
pub mod terminal;
pub mod vectors;
