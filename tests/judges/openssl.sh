#!/usr/bin/env bash
# openssl reads our keys, plain and encrypted, makes keys for us, and signs and verifies the same
# bytes: PAE(payloadType, payload) of DSSE.
#
# usage: openssl.sh WORK     (WORK as tests/judges/run lays it out)
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
judge=openssl
source "$here/claims.sh"

work=$1/openssl
given=$1
release=$1/release
mkdir "$work"
cd "$work" || exit 1
echo "correct horse" >passphrase
python="$here/.venv/bin/python"

# verify_by KIND PUB FILE: openssl verifies signature FILE.sig over FILE.
verify_by() {
  case $1 in
    ed25519) openssl pkeyutl -verify -rawin -pubin -inkey "$2" -in "$3" -sigfile "$3.sig" ;;
    p256) openssl dgst -sha256 -verify "$2" -signature "$3.sig" "$3" ;;
  esac
}

# sign_by KIND KEY FILE: openssl signs FILE into FILE.sig.
sign_by() {
  case $1 in
    ed25519) openssl pkeyutl -sign -rawin -inkey "$2" -in "$3" -out "$3.sig" ;;
    p256) openssl dgst -sha256 -sign "$2" -out "$3.sig" "$3" ;;
  esac
}

make_key() { # KIND OUT
  case $1 in
    ed25519) openssl genpkey -algorithm ed25519 -out "$2.key" ;;
    p256) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$2.key" ;;
  esac && openssl pkey -in "$2.key" -pubout -out "$2.pub"
}

judge_key() { # KIND: keys that we made
  local kind=$1 ours=$given/$1
  accepts "our $kind secret key" openssl pkey -in "$ours.key" -noout -check
  accepts "our $kind public key" openssl pkey -pubin -in "$ours.pub" -noout -pubcheck
  equal "the public half of our $kind key" "$(cat "$ours.pub")" "$(openssl pkey -in "$ours.key" -pubout)"
  "$FULLSOURCE" keygen --type "$kind" --passphrase-file passphrase --out "locked-$kind" >/dev/null 2>&1
  accepts "our encrypted $kind key with its passphrase" \
    openssl pkey -in "locked-$kind.key" -passin file:passphrase -noout
  equal "the public half of our encrypted $kind key" "$(cat "locked-$kind.pub")" \
    "$(openssl pkey -in "locked-$kind.key" -passin file:passphrase -pubout)"
  refuses 1 "our encrypted $kind key with another passphrase" \
    openssl pkey -in "locked-$kind.key" -passin pass:wrong -noout
}

judge_signature() { # KIND: signatures that we made, and signatures for us
  local kind=$1 bundle=$given/$1.sigstore.json
  "$python" "$here/pae.py" take "$bundle" "$kind.pae" || return
  accepts "our $kind signature over the PAE" verify_by "$kind" "$given/$kind.pub" "$kind.pae"
  refuses 1 "our $kind signature with another key" verify_by "$kind" "$kind.made.pub" "$kind.pae"
  cp "$kind.pae" "$kind.changed"
  cp "$kind.pae.sig" "$kind.changed.sig"
  printf 'x' >>"$kind.changed"
  refuses 1 "our $kind signature over changed bytes" verify_by "$kind" "$given/$kind.pub" "$kind.changed"

  judge="fullsource (openssl's work)"
  accepts "a release signed with openssl's $kind key" \
    "$FULLSOURCE" sign "$release" --key "$kind.made.key" -o "$kind.made.json"
  accepts "openssl's $kind public key" verify "$kind.made.json" "$kind.made.pub"
  sign_by "$kind" "$kind.made.key" "$kind.pae"
  "$python" "$here/pae.py" put "$bundle" "$kind.pae.sig" "$kind.put.json"
  accepts "a $kind signature that openssl made" verify "$kind.put.json" "$kind.made.pub"
  refuses 1 "that $kind signature for our own key" verify "$kind.put.json" "$given/$kind.pub"
  local cipher
  for cipher in "-v2 aes-256-cbc -iter 600000" "-v2 aes-256-cbc -scrypt"; do
    # shellcheck disable=SC2086
    openssl pkcs8 -topk8 -in "$kind.made.key" -passout file:passphrase $cipher -out "$kind.locked.key"
    accepts "openssl's encrypted $kind key ($cipher)" \
      "$FULLSOURCE" sign "$release" --key "$kind.locked.key" --passphrase-file passphrase -o "$kind.locked.json"
    accepts "what it signed" verify "$kind.locked.json" "$kind.made.pub"
  done
  judge=openssl
}

verify() { # BUNDLE PUB
  "$FULLSOURCE" verify "$release" --bundle "$1" --key "$2"
}

for kind in ed25519 p256; do
  make_key "$kind" "$kind.made"
  judge_key "$kind"
  judge_signature "$kind"
done
[ "$failed" -eq 0 ]
