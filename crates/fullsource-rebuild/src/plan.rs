//! What is run: the commands of a stage or of its segments, with their placeholders (`reb-1` to `reb-6`).
