use base64::Engine as _;
use proptest::prelude::*;

use super::super::json::Value;
use super::*;

/// A case of `testdata/pickles.json`, by its name.
fn case(name: &str) -> Vec<u8> {
    let cases = include_bytes!("../../testdata/pickles.json");
    let cases = Value::parse(cases, 10_000).unwrap();
    let case = cases.items().iter().find(|case| case.get("name").unwrap().as_str() == Some(name));
    let base64 = case.unwrap_or_else(|| panic!("{name}")).get("base64").unwrap();
    base64::engine::general_purpose::STANDARD.decode(base64.as_str().unwrap()).unwrap()
}

/// What a case imports beyond the list, with how the walk ended behind it where it failed.
fn imports(name: &str) -> Vec<String> {
    let (bytes, mut imports) = (case(name), Imports::default());
    let walked = walk(&mut bytes.as_slice(), &mut imports);
    let mut found: Vec<_> = imports.found.iter().map(ToString::to_string).collect();
    match walked {
        Ok(walked) => assert_eq!(walked, bytes.len() as u64, "{name}"),
        Err(error) => found.push(error.to_string()),
    }
    found
}

#[test]
fn what_pythons_pickler_writes_is_walked_in_every_protocol() {
    for protocol in 0..6 {
        for plain in ["plain", "many", "ordered", "date", "shared", "set", "bytearray"] {
            assert_eq!(imports(&format!("{plain}-{protocol}")), [""; 0], "{plain}-{protocol}");
        }
        assert_eq!(imports(&format!("system-{protocol}")), ["posix.system"]);
        let eval = if protocol < 3 { "__builtin__.eval" } else { "builtins.eval" };
        assert_eq!(imports(&format!("nested-{protocol}")), [eval, "posix.system"]);
        assert_eq!(imports(&format!("kept-{protocol}")), ["__main__.Kept"]);
    }
    assert_eq!(imports("torch"), [""; 0]);
}

#[test]
fn every_way_to_import_is_seen() {
    for name in [
        "global",
        "stack-global-memo",
        "stack-global-put",
        "stack-global-overwritten",
        "stack-global-quoted",
        "inst",
        "obj",
    ] {
        assert_eq!(imports(name), ["os.system"], "{name}");
    }
    assert_eq!(imports("extension"), ["extension 5", "extension 513", "extension 65537"]);
    assert_eq!(imports("dotted"), ["collections.OrderedDict.__init__"]);
    for made in ["stack-global-made", "stack-global-escaped"] {
        assert_eq!(imports(made), ["a name made while it is read"], "{made}");
    }
    assert_eq!(imports("in-bytes"), [""; 0]);
}

#[test]
fn hostile_pickles_end_in_an_error_and_cost_nothing() {
    for (name, error) in [
        ("long4-negative", "byte 3: a negative length"),
        ("claims-100mb", "byte 11: it ends too early"),
        ("claims-exabytes", "byte 15: it ends too early"),
        ("claims-negative", "byte 3: a negative length"),
        ("no-value", "byte 2: a value is missing on the stack"),
        ("no-mark", "byte 3: no mark to go back to"),
        ("below-the-mark", "byte 4: a value is missing on the stack"),
        ("no-memo", "byte 2: a number that the memo does not have"),
        ("memo-far", "byte 3: a number of the memo above those that are read"),
        ("protocol-6", "byte 0: a protocol above 5"),
        ("no-opcode", "byte 3: 0xff is no opcode"),
        ("empty", "byte 0: it ends too early"),
    ] {
        assert_eq!(imports(name), [error], "{name}");
    }
    assert_eq!(imports("long4"), [""; 0]);
    assert_eq!(imports("pop-through-marks"), [""; 0]);
    assert_eq!(imports("truncated")[0], "builtins.eval");
    // What is imported before the fault is kept.
    let mut imports = Imports::default();
    assert!(walk(&mut &b"cos\nsystem\n\xff"[..], &mut imports).is_err());
    assert_eq!(imports.found.len(), 1);
}

#[test]
fn many_imports_are_counted_to_a_limit() {
    let mut pickle = b"\x80\x04(".to_vec();
    for number in 0..=IMPORTS {
        pickle.extend(format!("cevil\nf{number}\n").bytes());
    }
    pickle.extend(b"t.");
    let mut imports = Imports::default();
    walk(&mut pickle.as_slice(), &mut imports).unwrap();
    assert_eq!((imports.found.len(), imports.more), (IMPORTS, true));
    let long = format!("c{}\nf\n.", "m".repeat(NAME_BYTES + 1));
    let mut imports = Imports::default();
    walk(&mut long.as_bytes(), &mut imports).unwrap();
    assert_eq!(imports.found.first(), Some(&Import::Unnamed));
}

proptest! {
    #[test]
    fn any_opcodes_give_an_answer(bytes in prop::collection::vec(
        prop_oneof![Just(b'('), Just(b'.'), Just(b'0'), Just(0x93), Just(0x94), Just(b'h'), Just(b'q'),
            Just(0x8c), Just(1), Just(b'c'), Just(b'\n'), Just(b't'), Just(b'2'), any::<u8>()], 0..60)
    ) {
        let _ = walk(&mut bytes.as_slice(), &mut Imports::default());
    }
}
