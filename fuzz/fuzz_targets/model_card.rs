//! Model cards: what stands behind the front matter changes nothing, and nor does a line before it.
#![no_main]

use fullsource_collect::read::model_card::ModelCard;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|card: &[u8]| {
    let Ok(Some(read)) = ModelCard::parse(card) else { return };
    let longer = [b"\n", card.strip_prefix(b"\xef\xbb\xbf").unwrap_or(card), b"\n---\ntext"].concat();
    assert_eq!(ModelCard::parse(&longer), Ok(Some(read)));
});
