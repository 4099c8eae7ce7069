//! How many rebuilders there are, and who of them is the producer.

use serde_json::Value;

use super::case::Case;
use super::key::{ALICE, BOB, CAROL, PAM, Person};
use super::rebuild::{
    BOBS, CAROLS, REBUILDER, both, entry, files_of, given, graded, linked, of, of_shrink, of_train,
    release, trust,
};
use super::release::LAB;
use super::seal::{IN_TOTO, envelope, text};

pub(super) fn cases() -> Vec<Case> {
    [counted(), own()].concat()
}

/// How rebuilders are counted.
fn counted() -> Vec<Case> {
    let signed = release().signed(|_| {});
    let two = "digests = \"any\"\nrebuilds = 2\n";
    let with = |id: &str, about: &str, attestations: Vec<(Value, Person)>| {
        given(of(&signed, id, "reb-64", about), &attestations).policy(two)
    };
    let of_two = [both(&signed, BOB), both(&signed, CAROL)].concat();
    let shared = trust().replace(CAROLS, &format!("{CAROLS},{BOBS}"));
    let chained =
        trust().replace(CAROLS, &format!("{CAROLS},x")) + &entry(&format!("x,{BOBS}"), "", PAM);
    let doubled = trust().replace(BOBS, &format!("{BOBS},https://bob.example/2"));
    let payload = text(&of_train(&signed));
    let co_signed = text(&envelope(IN_TOTO, &payload, &[BOB, CAROL]));
    let shrink = text(&envelope(IN_TOTO, &text(&of_shrink(&signed)), &[BOB, CAROL]));
    vec![
        given(
            of(&signed, "two-unasked", "reb-65", "Two rebuilders, and nobody asked for them."),
            &of_two,
        )
        .passes(&[])
        .class(linked("rebuilt-exact, independent: 2")),
        with("two", "Two rebuilders, as the policy asks.", of_two.clone())
            .passes(&[])
            .class(linked("rebuilt-exact, independent: 2")),
        with(
            "one-twice",
            "One rebuilder twice.",
            [both(&signed, BOB), both(&signed, BOB)].concat(),
        )
        .incomplete(&["rebuild-missing"])
        .class(linked("asserted")),
        with("principal-shared", "Two keys of one principal.", of_two.clone())
            .trust(shared)
            .incomplete(&["rebuild-missing"])
            .class(linked("asserted")),
        with("principal-shared-by-way", "Two keys of one rebuilder by way of a third.", of_two)
            .trust(chained)
            .incomplete(&["rebuild-missing"])
            .class(linked("asserted")),
        with("key-of-two-principals", "One key under two names.", both(&signed, BOB))
            .trust(doubled)
            .incomplete(&["rebuild-missing"])
            .class(linked("asserted")),
        files_of(
            of(&signed, "two-signatures", "reb-64", "Two rebuilders signed the same."),
            vec![co_signed, shrink],
        )
        .policy(two)
        .passes(&[])
        .class(linked("rebuilt-exact, independent: 2")),
    ]
}

/// Who rebuilds what is their own.
fn own() -> Vec<Case> {
    let signed = release().signed(|_| {});
    let of_self = trust() + &entry("https://alice.example", REBUILDER, ALICE);
    let by_uri = trust().replace(BOBS, LAB);
    let one = "digests = \"any\"\nrebuilds = 1\n";
    let listed = format!("{one}rebuilders = [\"{LAB}\"]\n");
    let with = |id: &str, rule: &str, about: &str, by: Person, trust: &str| {
        given(of(&signed, id, rule, about), &both(&signed, by)).trust(trust)
    };
    let own = linked("rebuilt-exact, self");
    vec![
        with("self-by-key", "reb-64", "Who signed the statement rebuilt it.", ALICE, &of_self)
            .passes(&[])
            .class(own.clone()),
        with("self-by-principal", "reb-64", "A rebuilder with the producer's name.", BOB, &by_uri)
            .passes(&[])
            .class(own.clone()),
        with("self-asked", "pol-21", "Asked for a rebuilder, self is none.", BOB, &by_uri)
            .policy(one)
            .incomplete(&["rebuild-missing"])
            .class(linked("asserted")),
        with("self-listed", "pol-21", "A policy that takes the producer's own word.", BOB, &by_uri)
            .policy(&listed)
            .passes(&[])
            .class(own),
        given(
            of(
                &signed,
                "self-beside-independent",
                "reb-65",
                "Where others are enough, they count alone.",
            ),
            &[
                both(&signed, ALICE),
                vec![
                    (graded(of_train(&signed), "rebuilt-canonical"), BOB),
                    (of_shrink(&signed), BOB),
                ],
            ]
            .concat(),
        )
        .trust(of_self)
        .passes(&["rebuild-weaker"])
        .class(linked("rebuilt-canonical, independent: 1")),
    ]
}
