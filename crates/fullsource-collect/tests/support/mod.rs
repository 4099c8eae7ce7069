//! What several tests need.

#![allow(dead_code, reason = "no test needs all of it")]

pub mod git_repository;
pub mod git_server;
pub mod sink;
