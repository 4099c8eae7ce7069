#!/bin/sh
# Builds the trainer without a network, in the working directory, and runs it.
#
#   run-offline.sh CRATES ARGUMENT...
#
# CRATES holds the `.crate` files that Cargo.lock names, as their registry serves them; what only the
# trainer's tests need is not among them. The rest are the trainer's arguments. The directory that this
# script lies in is left as it is. Needs cargo, rustc, cc, tar and sha256sum.
set -eu
trainer=$(cd "$(dirname "$0")" && pwd)
crates=$(cd "$1" && pwd)
shift

mkdir -p trainer/.cargo vendor
cp -R "$trainer/src" "$trainer/Cargo.lock" trainer/
# What tests need does not stand in CRATES, so nothing may ask for it.
sed '/^\[dev-dependencies\]/,/^$/d' "$trainer/Cargo.toml" >trainer/Cargo.toml

# The registry, as a directory: cargo holds each checksum against that of Cargo.lock.
for crate in "$crates"/*.crate; do
  tar -xzf "$crate" -C vendor --no-same-owner
  sum=$(sha256sum "$crate")
  name=${crate##*/}
  printf '{"files":{},"package":"%s"}' "${sum%% *}" >"vendor/${name%.crate}/.cargo-checksum.json"
done
cat >trainer/.cargo/config.toml <<END
[source.crates-io]
replace-with = "vendored"
[source.vendored]
directory = "$PWD/vendor"
END

export CARGO_HOME="$PWD/cargo"
(cd trainer && cargo build --quiet --release --offline --target-dir ../target --bin tiny-lm)
exec target/release/tiny-lm "$@"
