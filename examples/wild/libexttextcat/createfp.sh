#!/bin/sh
# Builds createfp and makes a language model of each text with it, in the working directory.
#
#   createfp.sh SRC TEXTS MODELS
#
# SRC is the directory src/ of the source package, TEXTS holds NAME.txt, and MODELS gets NAME.lm of each.
set -eu
src=$1 texts=$2 models=$3
: >config.h
cc -w -O2 -D_GNU_SOURCE -I. -I"$src" -o createfp \
  "$src/createfp.c" "$src/common.c" "$src/fingerprint.c" "$src/utf8misc.c" "$src/wg_mempool.c"
for text in "$texts"/*.txt; do
  name=${text##*/}
  ./createfp <"$text" >"$models/${name%.txt}.lm"
done
