//! The source of a tiny language model: everything that turned a text into `model.safetensors`.
//!
//! Read the modules in this order:
//!
//! 1. [`config`]: the two files that describe the model and its training.
//! 2. [`tokenizer`] and [`corpus`]: from text to numbers, and which stretch is learnt from next.
//! 3. [`model`]: the parameters, their names and their random start.
//! 4. [`gru`]: what the model computes, and how wrong it was (forward and backward).
//! 5. [`adam`]: how the parameters move.
//! 6. [`train`]: the loop, and [`checkpoint`]: how it stops and goes on.
//! 7. [`generate`]: the finished model at work.
//!
//! **The same bits everywhere.** Training twice gives the same file, on one thread or many, in one
//! go or in pieces, in a debug or a release build, with or without wide vector units. Four rules make
//! that so:
//!
//! - only `+ - * /` and `sqrt` on `f32` and `f64`, which IEEE 754 defines to the last bit; the
//!   platform's `exp` and `tanh` are not so defined, so [`math`] has its own;
//! - every sum has one order, written in the code ([`matrix`]); the compiler may not change it;
//! - the batch is cut into shards by `training.json`, never by the number of threads, and the shards'
//!   gradients are added as a tree of fixed shape ([`train`]);
//! - all chance comes from one generator whose state is part of a checkpoint ([`random`]).

pub mod adam;
pub mod checkpoint;
pub mod config;
pub mod corpus;
pub mod error;
pub mod generate;
pub mod gru;
pub mod math;
pub mod matrix;
pub mod model;
pub mod random;
pub mod safetensors;
pub mod tokenizer;
pub mod train;

pub use error::Error;
