//! Statements: what is read is written and read again; the covered files are the subjects.
#![no_main]

use fullsource_format::json::UnknownFields;
use fullsource_format::statement::{Covered, Statement, StatementError, WireStatement};
use fullsource_fuzz::round_trip;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|payload: &[u8]| {
    let wire = round_trip::<WireStatement>(payload);
    match Statement::parse(payload, UnknownFields::Ignore) {
        Ok(statement) => {
            let wire = wire.expect("a statement has the form of one");
            let written = serde_json::to_vec(&wire).expect("a statement can be written");
            Statement::parse(&written, UnknownFields::Refuse).expect("and read again");
            match statement.covered() {
                Covered::Listed(files) => {
                    assert_eq!(files.len(), wire.subject.len());
                    let known = |name: &str| files.get(name).is_some_and(|f| f.sha256.is_some());
                    assert!(wire.subject.iter().all(|subject| known(subject.name.as_str())));
                }
                Covered::Indexed(_) => assert_eq!(wire.subject.len(), 1),
            }
        }
        Err(StatementError::Rules(broken)) => assert!(!broken.is_empty()),
        Err(_) => {}
    }
});
