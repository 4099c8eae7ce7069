//! What is seen: goes and looks at every claimed source, and writes down evidence without an
//! opinion.

pub mod cache;
pub mod content;
pub mod directory;
pub mod fetch;
pub mod git_tree;
pub mod hash;
pub mod net;
pub mod parents;
pub mod places;
pub mod progress;
pub mod read;
pub mod record;
pub mod refusal;
pub mod release;
pub mod source;
pub mod swhid;
pub mod tree;
