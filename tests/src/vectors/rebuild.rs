//! Attestations of rebuilds: who counts, what confirms, what disagrees.

use serde_json::{Value, json};

use super::case::{Case, case};
use super::key::{ALICE, BOB, CAROL, Person};
use super::release::{LAB, Release, Signed, subject, weights};
use super::seal::{bundle, lines, sha256, text};
use super::{rebuild_broken, rebuild_counted, rebuild_weighed};

/// Carol's principal.
pub(super) const CAROLS: &str = "https://carol.example";
/// Bob's principal.
pub(super) const BOBS: &str = "https://bob.example";
pub(super) const REBUILDER: &str = "namespaces=\"fullsource-rebuilder\"";

/// A release of two stages, of which the first has two segments. Everything lies in it.
pub(super) fn release() -> Release {
    let files = ["train.py", "shrink.py", "train.json", "corpus.txt"];
    let toy = files.iter().fold(Release::toy(), |toy, file| toy.with(file, format!("{file}\n")));
    toy.with("half.safetensors", weights(2)).with("small.safetensors", weights(3)).manifest(|m| {
        let artifact = |id: &str, role: &str, file: &str| {
            json!({ "id": id, "roles": [role], "files": [file], "license": "Apache-2.0" })
        };
        m["artifacts"] = json!([
            artifact("weights", "weights.intermediate", "model.safetensors"),
            artifact("half", "weights.intermediate", "half.safetensors"),
            artifact("small", "weights.final", "small.safetensors"),
            artifact("config", "config.model", "config.json"),
            artifact("trainer", "code.training", "train.py"),
            artifact("shrinker", "code.transform", "shrink.py"),
            artifact("settings", "config.training", "train.json"),
            artifact("corpus", "data.pretraining", "corpus.txt"),
        ]);
        m["stages"] = json!([
            { "id": "train", "kind": "pretrain", "code": ["trainer"], "config": ["settings"],
              "data": ["corpus"], "init": { "prng": "none" }, "outputs": ["half", "weights"],
              "command": ["{input:trainer}", "{output}"],
              "segments": [
                  { "id": "one", "from": "init", "to": "half", "command": ["{input:trainer}", "{output}"] },
                  { "id": "two", "from": "half", "to": "weights",
                    "command": ["{input:trainer}", "{checkpoint}", "{output}"] } ] },
            { "id": "shrink", "kind": "quantize", "code": ["shrinker"], "noData": "it rounds",
              "models": [{ "artifact": "weights", "use": "init" }], "outputs": ["small"],
              "command": ["{input:shrinker}", "{input:weights}", "{output}"] }
        ]);
    })
}

/// An output that came out as it is claimed.
pub(super) fn exact(id: &str) -> Value {
    json!({ "artifact": id, "grade": "rebuilt-exact" })
}

/// What a rebuild of a stage with these outputs attests.
pub(super) fn attest(signed: &Signed, stage: &str, outputs: &[(&str, &str)]) -> Value {
    let named = outputs.iter().map(|(_, file)| {
        subject(file, &signed.files.get(*file).map_or_else(String::new, |bytes| sha256(bytes)))
    });
    let made: Vec<_> = outputs.iter().map(|(id, _)| exact(id)).collect();
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": named.collect::<Vec<_>>(),
        "predicateType": "https://fullsource.dev/rebuild/v0.1",
        "predicate": {
            "statement": { "sha256": signed.id() },
            "stage": stage,
            "grade": "rebuilt-exact",
            "runs": [{ "grade": "rebuilt-exact", "exit": 0, "outputs": made }],
            "inputs": [{ "artifact": "trainer", "files": 1, "bytes": 9 }],
            "environment": {
                "platform": "linux/amd64", "cpu": "c", "kernel": "k", "libc": "l",
                "sandbox": "namespaces", "threads": 1,
                "limits": { "wallSeconds": 60, "memory": 1, "disk": 1, "processes": 1 }
            },
            "tool": { "name": "by hand", "version": "1" },
            "startedAt": "2026-03-01T00:00:00Z",
            "finishedAt": "2026-03-01T00:01:00Z"
        }
    })
}

pub(super) fn of_train(signed: &Signed) -> Value {
    attest(signed, "train", &[("half", "half.safetensors"), ("weights", "model.safetensors")])
}

pub(super) fn of_shrink(signed: &Signed) -> Value {
    attest(signed, "shrink", &[("small", "small.safetensors")])
}

/// The same with that grade all the way.
pub(super) fn graded(mut attestation: Value, grade: &str) -> Value {
    let predicate = &mut attestation["predicate"];
    predicate["grade"] = json!(grade);
    for run in predicate["runs"].as_array_mut().into_iter().flatten() {
        run["grade"] = json!(grade);
        for output in run["outputs"].as_array_mut().into_iter().flatten() {
            output["grade"] = json!(grade);
        }
    }
    attestation
}

/// The first stage by its segments: these of the two.
pub(super) fn audited(signed: &Signed, segments: &[(&str, &str)]) -> Value {
    let mut attestation = of_train(signed);
    let runs = segments.iter().map(|(id, to)| {
        let checkpoint = (*id == "two").then_some("{checkpoint}");
        let command = [Some("{input:trainer}"), checkpoint, Some("{output}")];
        json!({ "segment": id, "command": command.iter().flatten().collect::<Vec<_>>(),
                "grade": "rebuilt-exact", "exit": 0, "outputs": [exact(to)] })
    });
    attestation["predicate"]["runs"] = runs.collect();
    let miss = if segments.len() == 2 { "0/1" } else { "1/2" };
    attestation["predicate"]["audit"] = json!({
        "seed": "s", "drawn": segments.len(), "of": 2, "missWorst": miss, "missEven": miss
    });
    attestation
}

pub(super) fn entry(principals: &str, options: &str, person: Person) -> String {
    format!("{principals} {options} {}\n", person.openssh())
}

/// Alice is the producer, Bob and Carol are rebuilders.
pub(super) fn trust() -> String {
    [
        entry(LAB, "namespaces=\"fullsource\"", ALICE),
        entry(BOBS, REBUILDER, BOB),
        entry(CAROLS, REBUILDER, CAROL),
    ]
    .concat()
}

/// The files that are given, each signed by somebody.
pub(super) fn given(case: Case, attestations: &[(Value, Person)]) -> Case {
    let sealed = attestations.iter().map(|(one, person)| text(&bundle(&text(one), *person)));
    files_of(case, sealed.collect())
}

pub(super) fn files_of(mut case: Case, files: Vec<Vec<u8>>) -> Case {
    let names: Vec<_> = (1..=files.len()).map(|nth| format!("rebuild-{nth}.json")).collect();
    for (name, bytes) in names.iter().zip(files) {
        case.files.insert(name.clone(), bytes);
    }
    case.input("rebuilds", names)
}

/// A case of the release above, with the trust file above.
pub(super) fn start(id: &str, rule: &str, about: &str) -> (Case, Signed) {
    let signed = release().signed(|_| {});
    (of(&signed, id, rule, about), signed)
}

pub(super) fn of(signed: &Signed, id: &str, rule: &str, about: &str) -> Case {
    case(format!("rebuild/{id}"), rule, "rebuilds", about).signed(signed).trust(trust())
}

pub(super) fn linked(linkage: &str) -> Value {
    json!({ "linkage": linkage })
}

pub(super) const ONE: &str = "rebuilt-exact, independent: 1";

pub(super) fn cases() -> Vec<Case> {
    [
        confirmed(),
        short_of_it(),
        rebuild_counted::cases(),
        rebuild_weighed::cases(),
        rebuild_broken::cases(),
    ]
    .concat()
}

/// Both stages, by this person.
pub(super) fn both(signed: &Signed, person: Person) -> Vec<(Value, Person)> {
    vec![(of_train(signed), person), (of_shrink(signed), person)]
}

fn confirmed() -> Vec<Case> {
    let (one, signed) = start("confirmed", "reb-65", "Every stage was run again by a rebuilder.");
    let (audit, _) = start("audited-whole", "reb-58", "All segments count like the stage.");
    let segments = [("one", "half"), ("two", "weights")];
    let (in_lines, _) = start("json-lines", "reb-60", "Attestations in one file of JSON Lines.");
    let sealed =
        both(&signed, BOB).iter().map(|(one, by)| bundle(&text(one), *by)).collect::<Vec<_>>();
    let (by_id, ided) = {
        let without_files = release().manifest(|m| {
            m["artifacts"][1] = json!({ "id": "half", "roles": ["weights.intermediate"],
                "digest": { "sha256": "5".repeat(64) }, "locators": ["https://example.org/half"] });
        });
        let mut without_files = without_files;
        without_files.files.remove("half.safetensors");
        let signed = without_files.signed(|_| {});
        (
            of(&signed, "subject-by-id", "reb-7", "An output without files is named by its id."),
            signed,
        )
    };
    let mut named = of_train(&ided);
    named["subject"][0] = subject("half", &"5".repeat(64));
    let mut of_statement = of_shrink(&signed);
    of_statement["subject"] = json!([subject("statement", &signed.id())]);
    let (statement, _) =
        start("subject-statement", "reb-7", "The statement itself as the subject.");
    let (evidence, _) = start("unknown-field", "reb-60", "A field that nobody knows is ignored.");
    let mut unknown = both(&signed, BOB);
    unknown[0].0["predicate"]["colour"] = json!("blue");
    let mut told = both(&signed, BOB);
    told[0].0["predicate"]["runs"][0]["command"] = json!(["{input:trainer}", "{output}"]);
    vec![
        given(one, &told).passes(&[]).class(linked(ONE)),
        given(audit, &[(audited(&signed, &segments), BOB), (of_shrink(&signed), BOB)])
            .passes(&[])
            .class(linked(ONE)),
        files_of(in_lines, vec![lines(&sealed)]).passes(&[]).class(linked(ONE)),
        given(by_id, &[(named, BOB), (of_shrink(&ided), BOB)])
            .incomplete(&["artifact-unchecked"])
            .class(linked(ONE)),
        given(statement, &[(of_train(&signed), BOB), (of_statement, BOB)])
            .passes(&[])
            .class(linked(ONE)),
        given(evidence, &unknown).passes(&[]).class(linked(ONE)),
    ]
}

/// What confirms nothing, and contradicts nothing.
fn short_of_it() -> Vec<Case> {
    let signed = release().signed(|_| {});
    let short = |id: &str, rule: &str, about: &str, train: Value| {
        let attestations = [(train, BOB), (of_shrink(&signed), BOB)];
        given(of(&signed, id, rule, about), &attestations).passes(&[]).class(linked("asserted"))
    };
    let mut bare = of_train(&signed);
    bare["predicate"]["environment"]["sandbox"] = json!("none");
    let mut shouted = of_train(&signed);
    shouted["predicate"]["environment"]["sandbox"] = json!(" None ");
    let mut partly = of_train(&signed);
    partly["predicate"]["runs"][0]["outputs"] = json!([exact("weights")]);
    let not_run = graded(of_train(&signed), "not-run");
    let loose = release().manifest(|m| {
        m["artifacts"][1] = json!({ "id": "half", "roles": ["weights.intermediate"] });
    });
    let mut loose = loose;
    loose.files.remove("half.safetensors");
    let loose = loose.signed(|_| {});
    let mut without = of_train(&loose);
    without["subject"] = json!([without["subject"][1]]);
    without["predicate"]["runs"][0]["outputs"] = json!([exact("weights")]);
    let mut in_part = audited(&signed, &[("two", "weights")]);
    in_part["predicate"]["runs"][0]["outputs"] = json!([exact("half"), exact("weights")]);
    let mut of_loose = audited(&loose, &[("one", "half"), ("two", "weights")]);
    of_loose["subject"] = json!([of_train(&loose)["subject"][1]]);
    let empty = release().manifest(|m| {
        for (nth, id) in [(0, "weights"), (1, "half")] {
            m["artifacts"][nth] = json!({ "id": id, "roles": ["weights.intermediate"] });
        }
    });
    let mut empty = empty;
    for file in ["model.safetensors", "half.safetensors"] {
        empty.files.remove(file);
    }
    let empty = empty.signed(|_| {});
    let mut of_empty = of_train(&empty);
    of_empty["subject"] = json!([subject("statement", &empty.id())]);
    let unmade = release()
        .with("other.safetensors", weights(4))
        .artifact(json!({ "id": "other", "roles": ["weights.final"],
        "files": ["other.safetensors"], "license": "Apache-2.0" }));
    let unmade = unmade.signed(|_| {});
    vec![
        short("sandbox-none", "reb-62", "It ran without a sandbox.", bare),
        short("sandbox-none-in-capitals", "reb-62", "So it did, in other letters.", shouted),
        short("output-left-out", "reb-62", "An output of the stage was not compared.", partly),
        short("not-run", "reb-62", "Nothing was run.", not_run),
        short(
            "audited-in-part",
            "reb-62",
            "One of two segments was run.",
            audited(&signed, &[("two", "weights")]),
        ),
        short(
            "audited-in-part-all-outputs",
            "reb-62",
            "One of two segments was run, and all outputs are told of.",
            in_part,
        ),
        given(
            of(
                &loose,
                "output-without-content",
                "reb-62",
                "An output of which nothing is claimed.",
            ),
            &[(without, BOB), (of_shrink(&loose), BOB)],
        )
        .passes(&[])
        .class(linked(ONE)),
        given(
            of(
                &empty,
                "stage-without-content",
                "reb-62",
                "Nothing is claimed of any output of the stage: nothing can come out as claimed.",
            ),
            &[(of_empty, BOB), (of_shrink(&empty), BOB)],
        )
        .passes(&[])
        .class(linked("asserted")),
        given(
            of(&signed, "one-stage-of-two", "reb-65", "Nobody ran the other stage."),
            &[(of_train(&signed), BOB)],
        )
        .passes(&[])
        .class(linked("asserted")),
        given(
            of(
                &loose,
                "audited-whole-loose",
                "reb-58",
                "What is between the segments has no digest.",
            ),
            &[(of_loose, BOB), (of_shrink(&loose), BOB)],
        )
        .passes(&[])
        .class(linked("asserted")),
        given(
            of(&unmade, "weights-of-no-stage", "reb-65", "Final weights that no stage makes."),
            &both(&unmade, BOB),
        )
        .passes(&[])
        .class(linked("asserted")),
    ]
}
