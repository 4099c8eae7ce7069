//! Whether a file holds words, as tokenizers, configurations and licences do, and not numbers or what was encoded.

/// Bytes of a token that are more than a word.
const LONG: usize = 64;

/// Whether bytes are words: UTF-8 without control characters, of whose tokens at most three in four are numbers, and
/// of whose bytes at most one in four stands in a long token of ASCII; or pieces of a `SentencePiece` model.
pub(super) fn are_words(bytes: &[u8]) -> bool {
    let words = match bytes {
        // The header of safetensors, behind its length.
        [_, _, _, _, _, _, _, _, words @ ..] if bytes.get(8) == Some(&b'{') => words,
        words => words,
    };
    std::str::from_utf8(words).is_ok_and(is_prose) || are_pieces(bytes)
}

fn is_prose(text: &str) -> bool {
    if text.bytes().any(|byte| byte < b' ' && !matches!(byte, b'\t'..=b'\r')) {
        return false;
    }
    let (mut tokens, mut numbers, mut long) = (0u64, 0u64, 0u64);
    let between = |byte: &u8| byte.is_ascii_whitespace() || b"\"',:;[](){}".contains(byte);
    for token in text.as_bytes().split(between).filter(|token| !token.is_empty()) {
        tokens += 1;
        numbers += u64::from(is_number(token));
        if token.len() > LONG && token.is_ascii() {
            long += token.len() as u64;
        }
    }
    numbers * 4 <= tokens * 3 && long * 4 <= text.len() as u64
}

fn is_number(token: &[u8]) -> bool {
    let of_numbers = |byte: &u8| byte.is_ascii_hexdigit() || b"+-.xX".contains(byte);
    token.iter().all(of_numbers) && token.iter().any(u8::is_ascii_digit)
}

/// Whether nine bytes in ten are pieces of a `SentencePiece` model, from its start on: the field 1 again and
/// again, each with a text in its own field 1.
fn are_pieces(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let [0x0a, length @ ..=0x7f, more @ ..] = rest
        && let Some((piece, behind)) = more.split_at_checked(usize::from(*length))
        && is_piece(piece)
    {
        rest = behind;
    }
    !bytes.is_empty() && rest.len() * 10 <= bytes.len()
}

/// A text; a score of four bytes; a kind.
fn is_piece(piece: &[u8]) -> bool {
    let [0x0a, length, more @ ..] = piece else { return false };
    let Some((text, behind)) = more.split_at_checked(usize::from(*length)) else { return false };
    let behind = match behind {
        [0x15, _, _, _, _, behind @ ..] => behind,
        behind => behind,
    };
    std::str::from_utf8(text).is_ok() && matches!(behind, [] | [0x18, ..=0x7f])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_from_numbers_and_from_what_was_encoded() {
        let vocab: String = (0..2000).map(|nth| format!("\"Ġword{nth}\": {nth}, ")).collect();
        let scores: String = (0..2000).map(|nth| format!("[\"▁w{nth}\",-{nth}.5],")).collect();
        for words in
            [&vocab, &scores, "# A model\n\nIt was trained on 12 books.\n", "{\"a\": 1}", ""]
        {
            assert!(are_words(words.as_bytes()), "{words:.60}");
        }
        let floats: String = (0..2000).map(|nth| format!("-0.0{nth}, ")).collect();
        let named = format!("{{\"weights\": [{floats}]}}");
        let bytes: String = (0..2000).map(|nth| format!("{},", nth % 256)).collect();
        let hex: String = (0..2000).map(|nth| format!("0x{nth:02x} ")).collect();
        let encoded = format!("{{\"weights\": \"{}\"}}", "iVBORw0KGgo".repeat(200));
        for other in [&named, &bytes, &hex, &encoded, "a\0b"] {
            assert!(!are_words(other.as_bytes()), "{other:.60}");
        }
        assert!(!are_words(&[0x80; 100]));
    }

    #[test]
    fn the_pieces_of_a_sentencepiece_model_are_words() {
        let piece = |nth: u32| {
            let text = format!("▁piece{nth}");
            let head = [0x0a, text.len() as u8 + 9, 0x0a, text.len() as u8];
            [&head, text.as_bytes(), &[0x15], &(nth as f32).to_le_bytes(), &[0x18, 1]].concat()
        };
        let model: Vec<u8> = (0..500).flat_map(piece).collect();
        assert!(are_words(&model));
        assert!(are_words(&[&model[..], &[0x12, 3, 1, 2, 3]].concat()));
        let more = vec![0x92; model.len()];
        assert!(!are_words(&[model, more].concat()));
    }
}
