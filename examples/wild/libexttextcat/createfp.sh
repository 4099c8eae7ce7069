#!/bin/sh
# Builds createfp and makes the language model of a text with it, in the working directory.
#
#   createfp.sh SRC TEXT MODEL
#
# SRC is the directory src/ of the source package. The models are the same at every level of
# optimisation, so there is none: each of 163 stages builds it again.
set -eu
mkdir build
cd build
: >config.h
# All but one in one go, for speed: what wg_mempool.c declares clashes with its own header.
printf '#include "%s"\n' createfp.c common.c fingerprint.c utf8misc.c |
  cc -w -D_GNU_SOURCE -I. -I"$1" -o createfp -x c - -x none "$1/wg_mempool.c"
./createfp <"$2" >"$3"
