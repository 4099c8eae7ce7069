//! Inputs, brought together and held against their digests (`reb-2` to `reb-4`).
