//! Which shapes the matrices of a model's layers have, by the headers of its files: what a model cannot
//! shed when it is tuned.
//!
//! Spec: `spec/v0.1/looking.md`, rule `look-55`.

use std::collections::BTreeSet;

use fullsource_format::evidence::{ContentFact, ContentFactKind, NameAndShape};

use crate::read::gguf::Gguf;
use crate::read::safetensors::Safetensors;

/// Pairs of name and shape of one content. Published models have some 10 to 100; with more nothing is
/// said.
const PAIRS: usize = 500;
/// Bytes of a name.
const NAME_BYTES: usize = 300;
/// Parts of a name that stand before the number of a layer.
const BEFORE_A_NUMBER: &[&str] = &["layers", "layer", "blocks", "block", "blk", "h"];

/// The matrices of layers in one file, or in all files of a content: in any order they come to the same.
#[derive(Debug, Default)]
pub(super) struct Layers {
    pairs: BTreeSet<(String, [u64; 2])>,
    /// Whether a part of them is not known. What is told of the rest could mislead.
    unknown: bool,
}

impl Layers {
    /// Those of a file that cannot be read.
    pub(super) fn unknown() -> Self {
        Self { unknown: true, ..Self::default() }
    }

    pub(super) fn of_safetensors(header: &Safetensors) -> Self {
        // Packed weights have shapes of their own.
        let plain = |dtype: &str| matches!(dtype, "F16" | "BF16" | "F32" | "F64");
        let tensors = header.tensors.iter().filter(|tensor| plain(tensor.dtype));
        let mut layers = Self::default();
        tensors.for_each(|tensor| {
            if let [rows, columns] = tensor.shape[..] {
                layers.add(&tensor.name, [rows, columns]);
            }
        });
        layers
    }

    pub(super) fn of_gguf(header: &Gguf) -> Self {
        let mut layers = Self::default();
        header.tensors.iter().for_each(|tensor| {
            // Innermost first.
            if let [columns, rows] = tensor.shape[..] {
                layers.add(&tensor.name, [rows, columns]);
            }
        });
        layers
    }

    fn add(&mut self, name: &str, shape: [u64; 2]) {
        if let Some(name) = of_every_layer(name) {
            self.insert((name, shape));
        }
    }

    fn insert(&mut self, pair: (String, [u64; 2])) {
        self.pairs.insert(pair);
        if self.pairs.len() > PAIRS {
            *self = Self::unknown();
        }
    }

    /// Takes those of one more file.
    pub(super) fn join(&mut self, other: Self) {
        if self.unknown || other.unknown {
            *self = Self::unknown();
        } else {
            for pair in other.pairs {
                self.insert(pair);
            }
        }
    }

    /// The facts, where all is known.
    pub(super) fn facts(&self) -> impl Iterator<Item = ContentFact> {
        let fact = |(name, shape): &(String, [u64; 2])| {
            let value = NameAndShape { name, shape: *shape }.to_string();
            ContentFact::new(ContentFactKind::TensorShape).saying(value)
        };
        self.pairs.iter().map(fact)
    }
}

/// The name of a layer's matrix, with `*` for every number; none of another tensor. Embeddings, heads,
/// tables of positions and adapters come, go and grow when a model is tuned.
fn of_every_layer(name: &str) -> Option<String> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let fits = name.ends_with(".weight") && name.len() <= NAME_BYTES && name.bytes().all(plain);
    let lower = name.to_ascii_lowercase();
    let added =
        name.starts_with("base_model.") || lower.contains("lora") || lower.contains("adapter");
    if !fits || added {
        return None;
    }
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = name.split('.').collect();
    let numbered = |pair: &[&str]| BEFORE_A_NUMBER.contains(&pair[0]) && is_number(pair[1]);
    let in_layer = parts.windows(2).any(numbered);
    let starred = parts.iter().map(|part| if is_number(part) { "*" } else { part });
    in_layer.then(|| starred.collect::<Vec<_>>().join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matrices_of_layers_are_named_alike() {
        for (name, starred) in [
            ("model.layers.31.mlp.up_proj.weight", "model.layers.*.mlp.up_proj.weight"),
            ("model.layers.3.mlp.experts.7.w1.weight", "model.layers.*.mlp.experts.*.w1.weight"),
            ("h.0.attn.c_attn.weight", "h.*.attn.c_attn.weight"),
            ("blk.12.ffn_up.weight", "blk.*.ffn_up.weight"),
        ] {
            assert_eq!(of_every_layer(name).as_deref(), Some(starred));
        }
    }

    #[test]
    fn what_tuning_may_change_is_left_out() {
        for name in [
            "model.embed_tokens.weight",
            "lm_head.weight",
            "classifier.0.weight",
            "model.layers.0.self_attn.rotary_emb.cos_cached",
            "base_model.model.model.layers.0.self_attn.q_proj.weight",
            "model.layers.0.self_attn.q_proj.lora_A.weight",
            "model.layers.x.mlp.up_proj.weight",
            "model.layers..weight",
            "model.layers.0.caf\u{e9}.weight",
        ] {
            assert_eq!(of_every_layer(name), None, "{name}");
        }
    }

    #[test]
    fn what_is_not_all_known_says_nothing() {
        let layers = |count: u64| {
            let mut layers = Layers::default();
            (0..count).for_each(|n| layers.add("h.0.w.weight", [n, 1]));
            layers
        };
        assert_eq!(layers(500).facts().count(), 500);
        assert_eq!(layers(501).facts().count(), 0);
        let mut joined = layers(3);
        joined.join(Layers::unknown());
        joined.join(layers(3));
        assert_eq!(joined.facts().count(), 0);
    }
}
