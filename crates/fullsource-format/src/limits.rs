//! The limits of the format: each a constant, its reason, and a typed error where it is passed.
//!
//! Spec: `spec/v0.1/limits.md`.

/// Bytes of a path. 4096 is `PATH_MAX` on Linux, terminator included.
pub const PATH_BYTES: usize = 4095;
/// Characters of any other string. A reason or a description fits; a smuggled file does not.
pub const STRING_CHARS: usize = 16_384;
/// Bytes of a manifest or a statement. 100,000 artifacts at some 300 bytes fit.
pub const DOCUMENT_BYTES: usize = 64 << 20;
/// Bytes of a bundle or an envelope: a statement in base64, and signatures.
pub const ENVELOPE_BYTES: usize = 96 << 20;
/// Bytes of an evidence file: observations and the envelopes of parents.
pub const EVIDENCE_BYTES: usize = 256 << 20;
/// Bytes of a policy. Reading TOML takes many times its size.
pub const POLICY_BYTES: usize = 1 << 20;
/// Bytes of a key file, and of a trust or revocation file.
pub const KEY_BYTES: usize = 64 << 10;
/// Bytes of a trust or a revocation file.
pub const TRUST_BYTES: usize = 4 << 20;
/// Bytes of a file index. Two million files at some 250 bytes fit.
pub const INDEX_BYTES: u64 = 512 << 20;
/// Bytes of one line of a file index: the longest path, escaped, and its digests.
pub const INDEX_LINE_BYTES: usize = 32 << 10;
/// Bytes of the file index of a parent. Some 400,000 files fit.
pub const PARENT_INDEX_BYTES: usize = 64 << 20;
/// Nesting of JSON values. Other in-toto readers stop between 45 and 60.
pub const JSON_DEPTH: usize = 32;
/// The largest integer: 2^53 − 1, beyond which readers that use doubles round.
pub const MAX_INTEGER: u64 = (1 << 53) - 1;
/// Subjects of a statement. sigstore-go stops at 1024.
pub const SUBJECTS: usize = 1000;
/// Artifacts of a manifest.
pub const ARTIFACTS: usize = 100_000;
/// Stages of a manifest.
pub const STAGES: usize = 1_000;
/// Signatures of an envelope.
pub const SIGNATURES: usize = 64;
/// Attestations of rebuilds that a verification takes.
pub const ATTESTATIONS: usize = 1_000;
/// Files of a release or of an indexed tree.
pub const FILES: usize = 10_000_000;
/// Directories between a release's root and a file.
pub const TREE_DEPTH: usize = 256;
/// Generations of parent models.
pub const LINEAGE_DEPTH: usize = 64;
/// Parent models in all.
pub const ANCESTORS: usize = 1_000;
