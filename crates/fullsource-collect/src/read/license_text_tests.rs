use proptest::prelude::*;

use super::*;

fn recognize(text: &str) -> LicenseMatch {
    LicenseText::recognize(text.as_bytes()).unwrap().license.unwrap()
}

fn spdx_text(id: &str) -> &'static str {
    spdx::license_id(id).unwrap().text()
}

/// As people keep it: another title, their own notice, narrow lines, other quotes.
const MIT: &str = "The MIT License (MIT)\n\nCopyright (c) 2024 Example & Co.\n\n\
Permission is hereby granted, free of charge, to any person obtaining a copy\n\
of this software and associated documentation files (the \u{201c}Software\u{201d}), to deal\n\
in the Software without restriction, including without limitation the rights\n\
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell\n\
copies of the Software, and to permit persons to whom the Software is\n\
furnished to do so, subject to the following conditions:\n\n\
The above copyright notice and this permission notice shall be included in all\n\
copies or substantial portions of the Software.\n\n\
THE SOFTWARE IS PROVIDED \"AS IS\", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR\n\
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,\n\
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE\n\
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER\n\
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,\n\
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE\n\
SOFTWARE.\n";

#[test]
fn a_text_as_people_keep_it_is_exact() {
    let text = LicenseText::recognize(MIT.as_bytes()).unwrap();
    assert_eq!(text.notices, ["Copyright (c) 2024 Example & Co."]);
    let license = text.license.unwrap();
    assert_eq!((license.id.as_str(), license.exact, license.score), ("MIT", true, 1.0));
    let gpl = recognize(spdx_text("GPL-3.0-or-later"));
    assert_eq!((gpl.id.as_str(), gpl.exact), ("GPL-3.0-only", true));
    assert_eq!(gpl.same_text, ["GPL-3.0-or-later"]);
    for id in
        ["CC-BY-4.0", "CC-BY-NC-4.0", "CC0-1.0", "OpenMDW-1.0", "BSD-3-Clause", "LGPL-3.0-only"]
    {
        let text = spdx_text(id);
        let lesser = text.find("\nGNU GENERAL PUBLIC LICENSE\n").filter(|_| id == "LGPL-3.0-only");
        let license = recognize(&text[..lesser.unwrap_or(text.len())]);
        assert!(license.exact && license.id == id, "{id}: {license:?}");
    }
}

/// Trap: each of these scores above 0.98 as the licence that it is not.
#[test]
fn a_changed_text_is_never_exact() {
    let apache = spdx_text("Apache-2.0");
    let restriction = "You may not use the Work to train competing models.";
    let license = recognize(&format!("{apache}\n\n{restriction}\n"));
    assert!(license.score > 0.98 && !license.exact && license.id == "Apache-2.0", "{license:?}");
    assert_eq!(license.extra, [restriction]);

    let hidden = apache.replace("9. Accepting", "You may not use it in war. 9. Accepting");
    assert_eq!(recognize(&hidden).extra[0], "You may not use it in war.");

    let noted = MIT.replace("Example & Co.", "Example, for noncommercial use only");
    let license = recognize(&noted);
    assert!(!license.exact && license.extra[0].contains("noncommercial"), "{license:?}");

    let cut = MIT.find("IN NO EVENT").unwrap();
    let license = recognize(&MIT[..cut]);
    let missing = license.missing.first().is_some_and(|first| first.starts_with("IN NO EVENT"));
    assert!(!license.exact && license.id == "MIT" && missing, "{license:?}");

    let one_word = MIT.replace("without restriction", "with restriction");
    assert!(!recognize(&one_word).exact);
    let titled = MIT.replace("The MIT License (MIT)", "Noncommercial MIT License");
    assert!(!recognize(&titled).exact);
}

#[test]
fn a_text_may_end_with_its_terms() {
    let apache = spdx_text("Apache-2.0");
    let end = apache.find("END OF TERMS AND CONDITIONS").unwrap() + 27;
    assert!(recognize(&apache[..end]).exact);
    let filled =
        apache.replace("Copyright [yyyy] [name of copyright owner]", "Copyright 2024 Example");
    assert!(recognize(&filled).exact);
    assert!(!recognize(&format!("{}\nNo war.", &apache[..end])).exact);
}

#[test]
fn model_licenses_are_known_by_phrases() {
    let llama = "LLAMA 3.1 COMMUNITY LICENSE AGREEMENT\nLlama 3.1 Version Release Date: July 23, 2024\n\
                 \u{201c}Llama Materials\u{201d} means, collectively, Meta's proprietary Llama 3.1";
    let license = recognize(llama);
    assert_eq!(license.id, "LicenseRef-scancode-llama-3.1-license-2024");
    assert_eq!((license.by, license.exact), (RecognizedBy::Phrases, false));
    let gemma =
        "Gemma Terms of Use\nLast modified: March 24, 2025\n... the Gemma Prohibited Use Policy";
    assert_eq!(recognize(gemma).id, "LicenseRef-scancode-gemma-tou-2025-03-24");
    let undated = "Gemma Terms of Use\n... the Gemma Prohibited Use Policy";
    assert_eq!(recognize(undated).id, "LicenseRef-gemma");
    let kimi = format!(
        "{}\nOur only modification part is that you shall prominently display \"Kimi K2\".",
        &MIT[22..]
    );
    assert_eq!(recognize(&kimi).id, "LicenseRef-scancode-moonshot-ai-modified-mit-2025");
    let late = format!("{}\n{llama}", "filler words here ".repeat(100));
    assert_eq!(LicenseText::recognize(late.as_bytes()).unwrap().license, None);
}

#[test]
fn other_texts_are_no_license_and_long_ones_refused() {
    for text in ["", "MIT", "All rights reserved.", "# A model\n\nIt is good.", "\u{fffd}(((("] {
        assert_eq!(LicenseText::recognize(text.as_bytes()).unwrap().license, None, "{text}");
    }
    let long = vec![b'a'; LICENSE_BYTES + 1];
    assert_eq!(LicenseText::recognize(&long), Err(LicenseTooLong(long.len())));
}

/// Each would take minutes if anything were quadratic in the whole text.
#[test]
fn hostile_texts_end_soon() {
    let fill = |part: &str| part.repeat(120_000 / part.len());
    for part in
        ["(", "(1", "\u{a9}a\n", "Copyright 1\n", "a. ", "the software. ", "1. ", "\n\n", "(c) "]
    {
        let text = fill(part);
        let _ = LicenseText::recognize(text.as_bytes()).unwrap();
        let mixed = format!("{MIT}{text}");
        let _ = LicenseText::recognize(mixed.as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_bytes_give_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = LicenseText::recognize(&bytes);
    }

    /// No single word can be added to a licence unseen.
    #[test]
    fn a_word_more_is_seen(at in 0usize..160, word in "[a-z]{3,9}") {
        let body = MIT.find("Permission").unwrap();
        let spaces: Vec<_> = MIT.match_indices(' ').map(|(at, _)| at).filter(|at| *at > body).collect();
        let at = spaces[at % spaces.len()];
        let text = format!("{} {word}{}", &MIT[..at], &MIT[at..]);
        prop_assert!(!recognize(&text).exact);
    }
}
