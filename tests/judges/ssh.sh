#!/usr/bin/env bash
# Keys that ssh-keygen made sign releases, and one allowed_signers file serves ssh-keygen and us.
#
# usage: ssh.sh WORK     (WORK as tests/judges/run lays it out)
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
judge=ssh-keygen
source "$here/claims.sh"

work=$1/ssh
release=$1/release
producer=https://lab.example
mkdir "$work"
cd "$work" || exit 1
echo "correct horse" >passphrase

# entry OPTIONS PUB: a line of an allowed_signers file for the release's producer.
entry() {
  echo "$producer $1 $(cut -d ' ' -f 1,2 "$2")"
}

ssh_verify() { # FILE NAMESPACE KIND
  ssh-keygen -Y verify -f "$1" -I "$producer" -n "$2" -s "$3.message.sig" <"$3.message"
}

verify() { # TRUST BUNDLE [OPTION...]
  "$FULLSOURCE" verify "$release" --trust "$1" --bundle "$2" "${@:3}"
}

judge_kind() { # NAME SSH-TYPE
  local kind=$1
  ssh-keygen -q -t "$2" -N '' -C 'a comment' -f "$kind"
  ssh-keygen -q -t "$2" -N 'correct horse' -f "$kind.locked"
  echo message >"$kind.message"
  ssh-keygen -q -Y sign -f "$kind" -n fullsource "$kind.message"

  judge="fullsource (ssh-keygen's work)"
  accepts "a release signed with an OpenSSH $kind key" "$FULLSOURCE" sign "$release" --key "$kind" -o "$kind.json"
  accepts "its public key line" "$FULLSOURCE" verify "$release" --bundle "$kind.json" --key "$kind.pub"
  accepts "an encrypted OpenSSH $kind key" \
    "$FULLSOURCE" sign "$release" --key "$kind.locked" --passphrase-file passphrase -o "$kind.locked.json"
  accepts "what it signed" "$FULLSOURCE" verify "$release" --bundle "$kind.locked.json" --key "$kind.locked.pub"

  entry 'namespaces="fullsource"' "$kind.pub" >"$kind.signers"
  entry 'namespaces="git"' "$kind.pub" >"$kind.git.signers"
  entry 'namespaces="fullsource",valid-after="20260101Z",valid-before="20270101Z"' "$kind.pub" >"$kind.dated.signers"
  judge_signers "$kind"
}

# One file, two readers, the same answer.
judge_signers() { # NAME
  local kind=$1
  judge=ssh-keygen
  accepts "an allowed_signers file with our namespace ($kind)" ssh_verify "$kind.signers" fullsource "$kind"
  refuses 255 "a file with another namespace ($kind)" ssh_verify "$kind.git.signers" fullsource "$kind"
  judge=fullsource
  accepts "the same file as a trust file ($kind)" verify "$kind.signers" "$kind.json"
  refuses 1 "the file with another namespace ($kind)" verify "$kind.git.signers" "$kind.json"
  judge=ssh-keygen
  accepts "the window at noon within it ($kind)" ssh_at 20260601120000Z "$kind"
  refuses 255 "the window after its end ($kind)" ssh_at 20270601120000Z "$kind"
  refuses 255 "the window before its start ($kind)" ssh_at 20250601120000Z "$kind"
  judge=fullsource
  accepts "the window at noon within it ($kind)" verify "$kind.dated.signers" "$kind.json" --now 2026-06-01T12:00:00Z
  refuses 1 "the window after its end ($kind)" verify "$kind.dated.signers" "$kind.json" --now 2027-06-01T12:00:00Z
  refuses 1 "the window before its start ($kind)" verify "$kind.dated.signers" "$kind.json" --now 2025-06-01T12:00:00Z
}

ssh_at() { # TIME KIND
  ssh-keygen -Y verify -O verify-time="$1" -f "$2.dated.signers" -I "$producer" -n fullsource \
    -s "$2.message.sig" <"$2.message"
}

judge_kind ed25519 ed25519
judge_kind p256 ecdsa
[ "$failed" -eq 0 ]
