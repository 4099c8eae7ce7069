use super::*;

fn rank_of(form: Small, bits: u8) -> Option<u64> {
    form.value(bits.into()).rank
}

/// Every rank of a form is the number of values below, and values ascend with ranks.
#[test]
fn values_ascend_with_their_ranks_in_steps_of_one() {
    for form in [Small::E4M3, Small::E5M2, Small::E4M3Fnuz, Small::E5M2Fnuz, Small::E8M0] {
        let mut values: Vec<Value> =
            form.values().into_iter().filter(|value| value.rank.is_some()).collect();
        values.sort_by_key(|value| value.rank);
        for pair in values.windows(2) {
            let zeros = pair[0].value == 0.0 && pair[1].value == 0.0;
            assert!(pair[0].value < pair[1].value || zeros, "{form:?} {pair:?}");
            assert_eq!(pair[0].rank.unwrap() + 1, pair[1].rank.unwrap(), "{form:?} {pair:?}");
        }
    }
    let mut halves: Vec<Value> = (0..=u16::MAX).map(|bits| f16_of(bits.to_le_bytes())).collect();
    halves.retain(|value| value.rank.is_some());
    assert_eq!(halves.len(), 65536 - 2 * 1024);
    halves.sort_by_key(|value| value.rank);
    let ascends = |pair: &[Value]| {
        pair[0].rank.unwrap() + 1 == pair[1].rank.unwrap()
            && (pair[0].value < pair[1].value || pair[1].value == 0.0)
    };
    assert!(halves.windows(2).all(ascends));
}

/// Values of OCP's FP8 (E4M3, E5M2), of Graphcore's FNUZ forms, of OCP's E8M0 and of IEEE's half.
#[test]
fn values_are_those_that_the_forms_define() {
    let value = |form: Small, bits: u64| form.value(bits).value;
    assert_eq!(value(Small::E4M3, 0x7e), 448.0);
    assert_eq!(value(Small::E4M3, 0x01), 2f64.powi(-9));
    assert_eq!(value(Small::E4M3, 0xb8), -1.0);
    assert_eq!(value(Small::E5M2, 0x7b), 57344.0);
    assert_eq!(value(Small::E5M2, 0x01), 2f64.powi(-16));
    assert_eq!(value(Small::E4M3Fnuz, 0x7f), 240.0);
    assert_eq!(value(Small::E4M3Fnuz, 0x01), 2f64.powi(-10));
    assert_eq!(value(Small::E5M2Fnuz, 0x7f), 57344.0);
    assert_eq!(value(Small::E5M2Fnuz, 0x01), 2f64.powi(-17));
    assert_eq!(value(Small::E8M0, 127), 1.0);
    assert_eq!(f16_of(0x3c00u16.to_le_bytes()).value, 1.0);
    assert_eq!(f16_of(0x7bffu16.to_le_bytes()).value, 65504.0);
    assert_eq!(f16_of(0x0001u16.to_le_bytes()).value, 2f64.powi(-24));
    assert_eq!(bf16_of(0x3f80u16.to_le_bytes()).value, 1.0);
}

#[test]
fn what_is_no_number_has_no_rank() {
    for (form, bits) in [
        (Small::E4M3, 0x7f),
        (Small::E4M3, 0xff),
        (Small::E5M2, 0x7c),
        (Small::E5M2, 0xfc),
        (Small::E5M2, 0x7d),
        (Small::E4M3Fnuz, 0x80),
        (Small::E5M2Fnuz, 0x80),
        (Small::E8M0, 0xff),
    ] {
        assert_eq!(rank_of(form, bits), None, "{form:?} {bits:#x}");
    }
    // Without a −0, the least negative is right below 0.
    assert_eq!(rank_of(Small::E4M3Fnuz, 0x81).unwrap() + 1, rank_of(Small::E4M3Fnuz, 0).unwrap());
    assert_eq!(rank_of(Small::E4M3, 0x80).unwrap() + 1, rank_of(Small::E4M3, 0).unwrap());
}

/// Every type of safetensors and of ggml has blocks whose bytes and elements fit the readers' own sizes.
#[test]
fn packed_types_are_compared_by_block() {
    let measured = |name: &str, a: &[u8], b: &[u8]| Element::of(name).measure(a, b).differing;
    assert_eq!(measured("F4", &[1, 2, 3], &[1, 2, 9]), 2);
    assert_eq!(measured("F6_E2M3", &[0; 6], &[0, 1, 0, 0, 0, 0]), 4);
    assert_eq!(measured("C64", &[0; 16], &[1; 16]), 2);
    assert_eq!(measured("Q8_0", &[0; 68], &[[0; 34], [1; 34]].concat()), 32);
    assert_eq!(measured("Q4_K", &[0; 144], &[1; 144]), 256);
    assert_eq!(measured("BOOL", &[0, 1, 0], &[0, 0, 0]), 1);
    let integers = Element::of("I32").measure(&[0; 8], &[1, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!((integers.differing, integers.ulp, integers.difference), (1, None, None));
}

#[test]
fn extremes_of_doubles_do_not_vanish() {
    let bytes = |value: f64| value.to_le_bytes();
    let tiny = Element::of("F64").measure(&bytes(0.0), &bytes(f64::MIN_POSITIVE));
    assert!(tiny.difference.unwrap() > 0.0);
    let far = Element::of("F64").measure(&bytes(f64::MIN), &bytes(f64::MAX));
    assert_eq!(far.ulp, Some(2 * f64::MAX.to_bits() + 1));
    assert!(!far.difference.unwrap().is_finite());
}
