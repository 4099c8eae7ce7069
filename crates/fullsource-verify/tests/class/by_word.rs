//! What a manifest claims, and what it does not even claim, before anybody looked.

use fullsource_format::index::{FileRecord, FileTable};
use fullsource_verify::Status;
use fullsource_verify::class::{ByWord, Chain, Need, by_word};

use crate::release::{Draft, tuned, whole};

/// What a manifest claims, and what it would have to say for the next rung of a chain.
fn claimed(draft: &Draft, chain: Chain) -> (u8, Vec<String>) {
    let ByWord { claimed, next } = by_word(&draft.parse(), &FileTable::default()).unwrap();
    let next = next.into_iter().filter(|next| next.chain == chain);
    let texts = next.flat_map(|next| next.missing).map(|missing| missing.text.into_string());
    (claimed.on(chain).established, texts.collect())
}

#[test]
fn by_its_own_word_what_nobody_saw_counts_and_what_is_not_said_does_not() {
    let mut draft = whole("m");
    for id in ["trainer", "weights"] {
        draft.see(id, Status::Unchecked);
    }
    assert_eq!(claimed(&draft, Chain::Freedom), (4, Vec::new()));
    draft.edit("trainer").remove("digest");
    let says = "say where `trainer` is: `files` of the release, or `locators` and a `digest`";
    for chain in Chain::BOTH {
        assert_eq!(claimed(&draft, chain), (1, vec![says.to_owned()]));
    }
}

#[test]
fn by_its_own_word_nothing_is_to_be_seen() {
    let mut draft = tuned("m", "base");
    draft.edit("weights").remove("license");
    let (rung, texts) = claimed(&draft, Chain::Freedom);
    assert_eq!(rung, 0);
    assert!(texts.contains(&"say under which libre licence `weights` is".to_owned()), "{texts:?}");
    let (rung, texts) = claimed(&draft, Chain::Availability);
    assert_eq!(rung, 1);
    let says = "`base` has a `statement`: what that claims counts when `verify` has looked at it";
    assert_eq!(texts, [says]);
    draft.edit("base").remove("statement");
    let says = "name the `statement` of `base`, in which its own release tells its sources";
    assert!(claimed(&draft, Chain::Availability).1.contains(&says.to_owned()));
    draft.edit("base").remove("license");
    let says = "say where `base` is (`locators` and a `digest`) and its `license`, or name its \
                `statement`";
    assert!(claimed(&draft, Chain::Freedom).1.contains(&says.to_owned()));
    let mut draft = whole("m");
    draft.manifest.as_object_mut().unwrap().remove("closure");
    let says = "say `closure: complete`, once every stage, data set and parent is listed";
    assert_eq!(claimed(&draft, Chain::Availability).1, [says]);
}

#[test]
fn weights_that_a_statement_covers_and_nobody_lists_are_no_rung() {
    let mut files = FileTable::builder();
    let other = FileRecord { path: "other.safetensors", size: 1, sha256: None, blake3: None };
    files.push(other).unwrap();
    let by_word = by_word(&whole("m").parse(), &files.build().unwrap()).unwrap();
    assert_eq!(by_word.claimed.freedom.established, 0);
    assert_eq!(by_word.next[1].missing[0].need, Need::WeightsClaimed);
}
