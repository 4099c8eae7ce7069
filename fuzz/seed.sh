#!/bin/sh
# Fills fuzz/corpus from the vectors, test data and examples of the repository. Run it from anywhere;
# what is there already stays. Where the program is built, it adds evidence that it collects itself.
set -eu
cd "$(dirname "$0")/.."

# put TARGET FILE...: copies files as seeds, named by their content.
put() {
    corpus=fuzz/corpus/$1
    shift
    mkdir -p "$corpus"
    for file in "$@"; do
        if [ -f "$file" ] && [ "$(wc -c <"$file")" -le 200000 ]; then
            cp "$file" "$corpus/$(sha256sum <"$file" | cut -c1-40)"
        fi
    done
}

# text TARGET TEXT...: each text is a seed; `\n` and octal escapes are read.
text() {
    target=$1
    shift
    for seed in "$@"; do
        printf '%b' "$seed" >"$scratch"
        put "$target" "$scratch"
    done
}

# form TARGET OCTAL FILE...: seeds behind one byte that tells the target how to read them.
form() {
    target=$1 byte=$2
    shift 2
    for file in "$@"; do
        if [ -f "$file" ]; then
            { printf '%b' "\\0$byte" && cat "$file"; } >"$scratch"
            put "$target" "$scratch"
        fi
    done
}

found() { find tests/vectors examples crates -path '*/target' -prune -o -type f "$@" -print 2>/dev/null; }

scratch=$(mktemp)
trap 'rm -f "$scratch"' EXIT

found -name '*.json' | while read -r file; do
    for target in json_profile json_values model_config; do put "$target" "$file"; done
    case $file in *index.json) put safetensors_index "$file" ;; esac
    if grep -q '"payloadType"' "$file"; then
        put envelope "$file"
        tr -d '\n' <"$file" | sed -n 's/.*"payload": *"\([^"]*\)".*/\1/p' | tr -- '-_' '+/' |
            base64 -d >"$scratch" 2>/dev/null && put statement "$scratch"
    elif grep -q '"predicateType"' "$file"; then
        put statement "$file"
    elif grep -q '"collectedAt"' "$file"; then
        put evidence "$file"
    elif grep -q '"artifacts"' "$file"; then
        put manifest "$file"
    fi
done
put statement fuzz/payload.json
found -name '*.jsonl' | while read -r file; do put file_index "$file" && put envelope "$file"; done
found -name '*.toml' | while read -r file; do put policy "$file"; done
found \( -name '*trust*' -o -name 'allowed_signers*' \) | while read -r file; do put trust_file "$file"; done
found -name '*revoked*' | while read -r file; do put revocation_file "$file"; done
found -name '*.pub' | while read -r file; do
    form public_key 3 "$file"
    put revocation_file "$file"
    grep -q '^ssh-\|^ecdsa-' "$file" && sed 's/^/me namespaces="fullsource" /' "$file" >"$scratch" &&
        put trust_file "$scratch"
done || true
found \( -name '*.key' -o -name '*.pem' \) | while read -r file; do
    form public_key 3 "$file"
    form secret_key 4 "$file"
done
found -name '*.safetensors' | while read -r file; do put safetensors "$file"; done
found -name '*.gguf' | while read -r file; do put gguf "$file"; done
found -name '*.md' | while read -r file; do put model_card "$file"; done
found -name 'LICENSE*' | while read -r file; do put license_text "$file"; done

# Archives of a small tree, as far as their writers are there.
archives() {
    tree=$(mktemp -d)
    mkdir -p "$tree/t/d/$(printf '%0110d' 0)"
    echo text >"$tree/t/a"
    echo text >"$tree/t/d/$(printf '%0110d' 0)/b"
    ln -s a "$tree/t/l"
    for format in ustar pax gnu v7; do
        tar --format="$format" -cf "$scratch" -C "$tree/t" . 2>/dev/null || true
        put archive "$scratch"
        gzip -c "$scratch" >"$tree/gz" && put archive "$tree/gz"
        zstd -q -c "$scratch" >"$tree/zst" 2>/dev/null && put archive "$tree/zst"
    done
    (cd "$tree/t" && zip -q -r -y ../y.zip . && zip -q -r - a d | cat >../p.zip) 2>/dev/null &&
        put archive "$tree/y.zip" "$tree/p.zip"
    rm -rf "$tree"
}
archives || true

evidence() {
    program=$(find target -maxdepth 2 -name fullsource -type f 2>/dev/null | head -n 1)
    for release in examples/*/full-source examples/*/weights-only; do
        if [ -n "$program" ] && [ -d "$release" ]; then
            "$program" verify "$release" --save-evidence "$scratch" >/dev/null 2>&1 || true
            put evidence "$scratch"
        fi
    done
}
evidence

zeros=0000000000000000000000000000000000000000
key=AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti
text locator data/a.txt data/ "https://a.example/x.tar#path=a%20b" "hf:models/o/n@$zeros" \
    "git+https://h/r.git@$zeros#path=x" "git+file:///srv/r@$zeros" "s3://bucket/key" "gs://b/k" \
    "az://c/k" "oci:r.example/m@sha256:$(printf '%064d' 0)" "swh:1:dir:$zeros"
text license MIT 'MIT OR Apache-2.0' '(MIT AND (ISC OR GPL-2.0-only WITH Classpath-exception-2.0))' \
    NONE NOASSERTION 'LicenseRef-a' 'DocumentRef-x:LicenseRef-y' 'GPL-2.0+'
text glob 'a/*\na/b' '**/x.bin\nd/e/x.bin' 'logs/\nlogs/1/2' '[a-z]?[!0-9]*\nab_c' '*.[ch]\nx.c'
text path a/b.c data/ '.git' 'Stra\0303\0237e' 'e\0314\0201/x' 'C:x' '../x' 'a//b'
text file_table 'b\na/x\na\na-b\na/y\nA/x' 'x\nx' 'd/e/f\nd/e-f\nd/e'
text file_index "{\"path\":\"a\",\"size\":1,\"sha256\":\"$(printf '%064d' 1)\"}\n{\"path\":\"b\",\"size\":2,\"sha256\":\"$(printf '%064d' 2)\",\"blake3\":\"$(printf '%064d' 3)\"}\n"
text policy 'scope = "release"\nthreshold = 2\ndigests = "sha256"\n[severity]\nlicense-unknown = "error"\n'
text trust_file "me,you namespaces=\"fullsource,fullsource-observer\",valid-after=20200101,valid-before=\"20300101120000Z\" ssh-ed25519 $key me\n# x\n"
text revocation_file "ssh-ed25519 $key x\nsha256:$(printf '%064d' 7) # old\n"
text public_key "\0003ssh-ed25519 $key c" '\00000*0\0005\0006\0003+ep\0003!\0000bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'
text secret_key '\00000.\0002\0001\00000\0005\0006\0003+ep\0004"\0004 bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' \
    '\0002openssh-key-v1\0000\0000\0000\0000\0004none\0000\0000\0000\0004none\0000\0000\0000\0000\0000\0000\0000\0001'
text envelope_edit '\0000abcd' '\0001\0100\0000\0000 '
text model_card '---\nlicense: mit\nbase_model: [a/b]\ntags:\n- x\n---\n# x\n'
text hub_license mit apache-2.0 llama3 'other\nmy licence' 'MIT OR ISC'
text gguf 'GGUF\0003\0000\0000\0000\0000\0000\0000\0000\0000\0000\0000\0000\0001\0000\0000\0000\0000\0000\0000\0000\0001\0000\0000\0000\0000\0000\0000\0000a\0004\0000\0000\0000\0007\0000\0000\0000'
text safetensors_index '{"metadata":{"total_size":4},"weight_map":{"a":"x-1.safetensors"}}'
text safetensors '\0102\0000\0000\0000\0000\0000\0000\0000{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[0],"data_offsets":[4,4]}}1234'
text model_config '{"auto_map":{"AutoModel":"o/r--m.C"},"base_model_name_or_path":"o/n","_class_name":["m","C"]}'
