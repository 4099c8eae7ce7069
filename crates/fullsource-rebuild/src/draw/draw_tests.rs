use proptest::prelude::*;

use super::*;

fn segment(cost: Option<&str>) -> Segment {
    let id = |text: &str| text.parse().unwrap();
    Segment {
        id: id("s"),
        from: id("init"),
        to: id("t"),
        steps: None,
        command: Vec::new(),
        cost: cost.map(|cost| Amount::Decimal(cost.to_owned())),
    }
}

fn segments(costs: &[Option<&str>]) -> Vec<Segment> {
    costs.iter().map(|cost| segment(*cost)).collect()
}

const STATEMENT: Sha256 = Sha256::new([7; 32]);

/// The file that `tests/reference/draw.py` reads too, which wrote it from the spec alone.
#[test]
fn a_second_implementation_draws_the_same() {
    let vectors = include_str!("../../../../tests/reference/draws.json");
    let cases: serde_json::Value = serde_json::from_str(vectors).unwrap();
    let cases = cases.as_array().unwrap();
    assert!(cases.len() >= 15);
    for case in cases {
        let text = |field: &str| case[field].as_str().unwrap().to_owned();
        let costs: Vec<_> = case["costs"].as_array().unwrap().iter().map(|c| c.as_str()).collect();
        let k = case["k"].as_u64().unwrap() as usize;
        let statement = text("statement").parse().unwrap();
        let drawn = draw(&segments(&costs), k, &text("seed"), &statement).unwrap();
        let expected: Vec<usize> = serde_json::from_value(case["drawn"].clone()).unwrap();
        assert_eq!(drawn.segments, expected, "{}", text("about"));
        assert_eq!(drawn.audit.miss_worst.as_str(), text("missWorst"), "{}", text("about"));
        assert_eq!(drawn.audit.miss_even.as_str(), text("missEven"), "{}", text("about"));
    }
}

#[test]
fn none_and_more_than_there_are_cannot_be_drawn() {
    let three = segments(&[None; 3]);
    for asked in [0, 4] {
        let error = draw(&three, asked, "x", &STATEMENT).unwrap_err();
        assert_eq!(error, DrawError::Number { asked, of: 3 });
    }
    assert!(draw(&[], 0, "x", &STATEMENT).is_err());
}

#[test]
fn costs_are_summed_exactly_and_only_where_all_are_stated() {
    let costs = [Some("0.1"), Some("0.2"), Some("0.00000000000000000001")];
    let audit = draw(&segments(&costs), 3, "x", &STATEMENT).unwrap().audit;
    let sum = Some(Amount::Decimal("0.30000000000000000001".to_owned()));
    assert_eq!((audit.cost, audit.cost_of_all), (sum.clone(), sum));
    let audit = draw(&segments(&[Some("1.5"), Some("1.5")]), 2, "x", &STATEMENT).unwrap().audit;
    assert_eq!(audit.cost_of_all, Some(Amount::Integer(3)));
    let audit = draw(&segments(&[Some("1"), None]), 1, "x", &STATEMENT).unwrap().audit;
    assert_eq!((audit.cost, audit.cost_of_all), (None, None));
    let most = "9".repeat(40);
    let audit = draw(&segments(&[Some(&most), Some("1")]), 1, "x", &STATEMENT).unwrap().audit;
    assert_eq!(audit.cost, Some(Amount::Decimal(most)));
    assert_eq!(audit.cost_of_all, None);
}

/// 4000 fixed seeds: the number of times that each is drawn is within 4.5 standard deviations of what its
/// chance gives.
#[test]
fn each_is_drawn_as_often_as_its_chance_says() {
    let costs = ["40", "1", "2", "3", "4", "0.5", "8", "2.5", "6", "3"];
    let some: Vec<_> = costs.iter().map(|cost| Some(*cost)).collect();
    let (segments, k, seeds) = (segments(&some), 4, 4000);
    // 40·4 ≥ 70: certain. Of the 30 left, 8·3 < 30: p = 3c/30.
    let chance = |cost: &str| (cost.parse::<f64>().unwrap() / 10.0).min(1.0);
    let mut counts = [0u32; 10];
    for seed in 0..seeds {
        let drawn = draw(&segments, k, &seed.to_string(), &STATEMENT).unwrap().segments;
        drawn.into_iter().for_each(|nth| counts[nth] += 1);
    }
    for (count, cost) in counts.iter().zip(costs) {
        let (p, n) = (chance(cost), f64::from(seeds));
        let deviation = (f64::from(*count) - n * p).abs();
        assert!(deviation <= 4.5 * (n * p * (1.0 - p)).sqrt(), "{cost}: {count} of {seeds}");
    }
}

#[test]
fn ten_thousand_segments_are_drawn_in_no_time() {
    let costs: Vec<String> = (1..=10_000).map(|n| format!("{n}{}.5", "0".repeat(30))).collect();
    let some: Vec<_> = costs.iter().map(|cost| Some(cost.as_str())).collect();
    let (segments, start) = (segments(&some), std::time::Instant::now());
    assert_eq!(draw(&segments, 5000, "x", &STATEMENT).unwrap().segments.len(), 5000);
    // Some 30 ms where nothing is optimised.
    assert!(start.elapsed().as_secs() < 5);
}

proptest! {
    #[test]
    fn exactly_k_are_drawn_ascending(
        costs in proptest::collection::vec(proptest::option::of("[0-9]{1,12}(\\.[0-9]{1,6})?"), 1..40),
        share in 0.0..1.0f64,
        seed in ".{0,8}",
    ) {
        let some: Vec<_> = costs.iter().map(|cost| cost.as_deref()).collect();
        let k = 1 + (share * (costs.len() - 1) as f64) as usize;
        let drawn = draw(&segments(&some), k, &seed, &STATEMENT).unwrap().segments;
        prop_assert_eq!(drawn.len(), k);
        prop_assert!(drawn.is_sorted_by(|a, b| a < b) && drawn.iter().all(|nth| *nth < costs.len()));
    }

    #[test]
    fn the_unit_of_costs_does_not_matter(
        costs in proptest::collection::vec(1..1000u32, 1..20),
        seed in "[a-z]{4}",
        share in 0.0..1.0f64,
    ) {
        let k = 1 + (share * (costs.len() - 1) as f64) as usize;
        let in_unit = |zeros: &str| {
            let texts: Vec<String> = costs.iter().map(|cost| format!("{cost}{zeros}")).collect();
            let some: Vec<_> = texts.iter().map(|cost| Some(cost.as_str())).collect();
            draw(&segments(&some), k, &seed, &STATEMENT).unwrap()
        };
        let (small, large) = (in_unit(""), in_unit("000000"));
        prop_assert_eq!(small.segments, large.segments);
        prop_assert_eq!(small.audit.miss_worst, large.audit.miss_worst);
    }

    /// Whatever the order of the chain, the chances are those of the costs.
    #[test]
    fn the_least_chance_does_not_depend_on_the_order(
        costs in proptest::collection::vec(1..1000u32, 2..20),
    ) {
        let worst = |costs: &[u32]| {
            let texts: Vec<String> = costs.iter().map(u32::to_string).collect();
            let some: Vec<_> = texts.iter().map(|cost| Some(cost.as_str())).collect();
            draw(&segments(&some), 2, "x", &STATEMENT).unwrap().audit.miss_worst
        };
        let reversed: Vec<u32> = costs.iter().rev().copied().collect();
        prop_assert_eq!(worst(&costs), worst(&reversed));
    }
}
