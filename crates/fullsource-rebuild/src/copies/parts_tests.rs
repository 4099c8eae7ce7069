//! What is looked for of an output, and what is left out.

use super::tests::{called_weights, find, hex, noise, stretches, weights};

/// A list of words, none of which stands there twice.
fn words(count: usize) -> Vec<u8> {
    (0..count).flat_map(|nth| format!("a word{nth} of many\n").into_bytes()).collect()
}

#[test]
fn tensors_beside_other_weights_are_no_decoy() {
    let (decoy, real) = (weights(&noise(64, 1)), noise(100_000, 2));
    let files: [(&str, &[u8]); 2] = [("a.safetensors", &decoy), ("pytorch_model.bin", &real)];
    let stretches = stretches(&files);
    assert_eq!(find(&stretches, &real[..200]), [(0, 200)]);
    assert!(stretches.are_the_output());
}

#[test]
fn what_is_named_like_a_text_is_looked_for_where_nothing_else_is_there() {
    let (real, beside) = (noise(10_000, 2), words(500));
    for name in ["vocab.bin", "Tokenizer", "a.json", "merges", "m.model", "c.jinja", "LICENSE"] {
        let stretches = called_weights(&[(name, &beside), ("w.bin", &real)]);
        assert_eq!(find(&stretches, &beside), [], "{name}");
        let stretches = called_weights(&[(name, &beside)]);
        find(&stretches, &beside);
        assert!(stretches.are_the_output(), "{name}");
    }
    // Of what is no weights, all is the output.
    let stretches = stretches(&[("corpus.txt", &beside), ("index", &noise(100, 4))]);
    find(&stretches, &beside);
    assert!(stretches.are_the_output());
}

#[test]
fn tensors_are_looked_for_and_what_lies_beside_them_is_not() {
    let (tensors, beside) = (noise(10_000, 6), words(500));
    let stretches = stretches(&[("tokenizer.json", &beside), ("w", &weights(&tensors))]);
    assert_eq!(find(&stretches, &beside), []);
    let without = self::stretches(&[("tokenizer.json", &beside)]);
    assert_eq!(find(&without, &beside), [(0, beside.len() as u64)]);
}

/// Weights as numbers in a file named like a text, or as bytes; and so much beside that it is more than words.
#[test]
fn what_is_named_like_a_text_and_holds_no_words_is_looked_for() {
    let (tensors, bytes) = (weights(&noise(10_000, 21)), noise(20_000, 22));
    let numbers: Vec<String> =
        bytes.iter().map(|byte| format!("{}", f32::from(*byte) / 99.0)).collect();
    let numbers = format!("{{\"w\": [{}]}}", numbers.join(", ")).into_bytes();
    let digits = format!("{{\"w\": \"{}\"}}", hex(&bytes, "")).into_bytes();
    let named = [b"GGUF", &bytes[..]].concat();
    for (name, beside) in
        [("vocab.txt", &bytes), ("vocab", &named), ("w.json", &numbers), ("README.md", &digits)]
    {
        let stretches = called_weights(&[(name, beside), ("w", &tensors)]);
        find(&stretches, beside);
        assert!(stretches.are_the_output(), "{name}");
    }
}

/// Weights in the header of a file, whose tensors are a decoy.
#[test]
fn what_is_put_into_a_header_is_looked_for() {
    let bytes = noise(20_000, 24);
    let (decoy, hidden) = (weights(&noise(640, 25)), hex(&bytes, ""));
    let header = format!(
        r#"{{"__metadata__":{{"w":"{hidden}"}},"w":{{"dtype":"U8","shape":[640],"data_offsets":[0,640]}}}}"#
    );
    let file =
        [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &decoy[decoy.len() - 640..]]
            .concat();
    let stretches = stretches(&[("w", &file)]);
    find(&stretches, hidden.as_bytes());
    assert!(stretches.are_the_output());
    // The header that a file needs may stand anywhere.
    let stretches = self::stretches(&[("w", &decoy)]);
    assert_eq!(find(&stretches, &decoy[..decoy.len() - 640]), []);
}

/// Tensors of less than a window, one behind the other.
#[test]
fn small_tensors_are_found_across_their_borders() {
    let data = noise(32 * 500, 23);
    let tensor = |nth: usize| {
        let (start, end) = (32 * nth, 32 * nth + 32);
        format!(r#""t{nth}":{{"dtype":"U8","shape":[32],"data_offsets":[{start},{end}]}}"#)
    };
    let header = format!("{{{}}}", (0..500).map(tensor).collect::<Vec<_>>().join(","));
    let file = [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &data].concat();
    let stretches = stretches(&[("w", &file)]);
    assert_eq!(find(&stretches, &data), [(0, data.len() as u64)]);
    assert!(stretches.are_the_output());
}
