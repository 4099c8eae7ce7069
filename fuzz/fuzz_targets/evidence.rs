//! Evidence: read, written, read again; and judged beside a statement, where it never makes a
//! pass: it is not vouched for, and the release's files are not those that are covered.
#![no_main]

use std::sync::LazyLock;

use fullsource_format::envelope::Unverified;
use fullsource_format::evidence::Evidence;
use fullsource_format::index::FileTable;
use fullsource_format::statement::{Covered, Statement};
use fullsource_fuzz::round_trip;
use fullsource_verify::judge::{Claim, Provenance, Verifier, judge};
use fullsource_verify::policy::Policy;
use fullsource_verify::report::Verdict;
use fullsource_verify::signers::Trust;
use libfuzzer_sys::fuzz_target;

static STATEMENT: LazyLock<Unverified<Statement>> = LazyLock::new(|| {
    Unverified::from_payload(include_bytes!("../payload.json")).expect("the payload is a statement")
});

fuzz_target!(|document: &[u8]| {
    let Some(evidence) = round_trip::<Evidence>(document) else { return };
    let nothing = FileTable::default();
    let files = match STATEMENT.value().covered() {
        Covered::Listed(files) => files,
        Covered::Indexed(_) => &nothing,
    };
    let verifier = Verifier {
        trust: Trust { threshold: 1, ..Trust::default() },
        policy: Policy::standard(),
        now: "2026-01-01T00:00:00Z".parse().expect("this is a time"),
        require: None,
        expect: None,
        accept_evidence: false,
    };
    for provenance in [Provenance::Own, Provenance::Supplied] {
        let report = judge(&Claim::unsigned(&STATEMENT, files), &evidence, provenance, &verifier);
        assert_ne!(report.verdict(), Verdict::Pass, "nobody signed");
        let written = serde_json::to_vec(&report).expect("a report can be written");
        round_trip::<fullsource_verify::report::Report>(&written).expect("and read");
    }
});
