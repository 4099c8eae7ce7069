//! Policies: one that is read is written and read again, and takes no weight from an error.
#![no_main]

use fullsource_verify::finding::{Code, Finding, Severity};
use fullsource_verify::policy::{Policy, WirePolicy};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(wire) = toml::from_str::<WirePolicy>(text) else { return };
    let written = toml::to_string(&wire).expect("a policy can be written");
    assert_eq!(toml::from_str(&written).as_ref(), Ok(&wire), "{written}");
    let Ok(policy) = Policy::try_from(wire) else { return };
    assert!(policy.threshold().is_none_or(|threshold| (1..=64).contains(&threshold)));
    let mut findings: Vec<Finding> = Code::ALL.iter().map(|c| Finding::new(*c, "x")).collect();
    policy.weigh(&mut findings);
    for finding in findings {
        let own = finding.code.severity();
        assert!(own != Severity::Error || finding.severity == own, "{finding:?}");
    }
});
