//! Strict readers of what the files of a release say about themselves.
//!
//! No opinion, no network, bounded input, no panic on any bytes. Where a framework's own reader is
//! lax, so that two readers could see two models in one file, these refuse and say where.

pub mod gguf;
mod gguf_bytes;
mod gguf_type;
mod gguf_value;
pub mod gguf_values;
pub mod hub_license;
mod hub_license_table;
pub mod json;
mod json_parser;
mod json_pointer;
pub mod license_text;
mod license_words;
pub mod model_card;
pub mod model_config;
mod model_licenses;
pub mod pickle;
pub mod pickle_file;
mod pickle_harmless;
mod pickle_machine;
mod pickle_opcodes;
pub mod remote_code;
pub mod role_guess;
mod role_names;
pub mod safetensors;
pub mod safetensors_index;
mod spdx_texts;
pub(crate) mod window;
pub(crate) mod yaml;
mod zip_record;
pub(crate) mod zip_walk;
