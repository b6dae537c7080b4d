//! The protocol: what is learned from the past, what is refused, and leaks that were planted.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::*;
use crate::learn::chance::Places;
use crate::learn::explain::sigmoid;

const HORIZON: i32 = 90;

/// What a column is, given the customer's lasting pace in [0, 1), the label that is to come, and a number in [0, 1) of its own.
type Column = (&'static str, fn(f64, u8, f64) -> f64);

const HONEST: [Column; 4] = [
    ("recency", |pace, _, chance| 100.0 * (1.0 - pace) * (0.3 + chance)),
    ("frequency", |pace, _, chance| (10.0 * pace + 2.0 * chance).floor()),
    ("newsletter", |_, _, chance| if chance < 0.1 { f64::NAN } else { f64::from(u8::from(chance < 0.4)) }),
    ("noise", |_, _, chance| chance),
];

/// Customers at four dates, who leave with log-odds of `strength · (1/2 − pace)`.
fn blocks(n_rows: u64, strength: f64, columns: &[Column]) -> Vec<Block> {
    let block = |time: u64| {
        let (lasting, chance) = (Places::from_seed(1), Places::from_seed(100 + time));
        let mut rows = RawMatrix {
            names: columns.iter().map(|(name, _)| (*name).to_owned()).collect(),
            columns: vec![Vec::new(); columns.len()],
            ..Default::default()
        };
        for customer in 0..n_rows {
            let pace = lasting.share(customer);
            let share = |place: u64| chance.share(customer * 16 + place);
            let label = u8::from(share(0) < sigmoid(strength * (0.5 - pace)));
            rows.labels.push(label);
            for (place, (values, (_, value))) in rows.columns.iter_mut().zip(columns).enumerate() {
                values.push(value(pace, label, share(1 + place as u64)));
            }
        }
        Block { date: time as i32 * HORIZON, customers: (0..n_rows).collect(), rows }
    };
    (0..4).map(block).collect()
}

fn settings() -> ChurnSettings {
    ChurnSettings { recency: Some("recency".to_owned()), n_draws: 100, ..Default::default() }
}

fn learned(blocks: Vec<Block>, settings: &ChurnSettings) -> Result<Churn, ChurnError> {
    learn(blocks, settings, &mut ChaCha8Rng::seed_from_u64(11))
}

fn with(column: Column) -> Vec<Column> {
    HONEST.into_iter().chain([column]).collect()
}

fn suspicions(column: Column) -> Vec<Suspicion> {
    learned(blocks(4000, 4.0, &with(column)), &settings()).unwrap().verdict.suspected_leak
}

#[test]
fn honest_columns_make_a_model_that_beats_the_base_rate_and_is_not_suspected() {
    let churn = learned(blocks(4000, 4.0, &HONEST), &settings()).unwrap();
    assert_eq!(churn.chosen, LearnerKind::Logistic, "the truth is a line: {:?}", churn.gain_of_boosting);
    assert_eq!(churn.verdict, Verdict::default());
    assert_eq!(churn.importance[0].column, "frequency");
    assert!(churn.importance.iter().find(|column| column.column == "noise").unwrap().log_loss.abs() < 1e-3);
    let recency = churn.of_recency.unwrap();
    assert!(churn.logistic.log_loss.value < recency.log_loss.value);
    assert!(recency.log_loss.value < churn.of_base_rate.log_loss.value);
    assert!((churn.of_base_rate.auc.value - 0.5).abs() < 1e-12);
    assert!(churn.logistic.expected_calibration_error < 0.04, "{:?}", churn.logistic);
    assert_eq!(churn.reliability.iter().map(|band| band.n).sum::<u64>(), 4000);

    let ready = churn.model.ready().unwrap();
    let row = [150.0, 0.0, f64::NAN, 0.5];
    let explanation = ready.explain(&row);
    assert!((sigmoid(explanation.margin) - ready.probability(&row)).abs() < 1e-12);
}

#[test]
fn a_repeated_run_is_the_same() {
    let run = || learned(blocks(1000, 4.0, &HONEST), &settings()).unwrap();
    assert_eq!(run(), run());
}

/// Who buys neither too much nor too little stays: no line says so.
#[test]
fn trees_are_chosen_where_a_line_does_not_do() {
    let mut bent = blocks(4000, 0.0, &HONEST);
    for (time, block) in bent.iter_mut().enumerate() {
        let chance = Places::from_seed(200 + time as u64);
        for (row, label) in block.rows.labels.iter_mut().enumerate() {
            let frequency = block.rows.columns[1][row];
            let p = if (3.0..8.0).contains(&frequency) { 0.1 } else { 0.7 };
            *label = u8::from(chance.share(row as u64) < p);
        }
    }
    let churn = learned(bent, &settings()).unwrap();
    assert_eq!(churn.chosen, LearnerKind::Boosting);
    assert!(churn.gain_of_boosting.low > 0.1, "{:?}", churn.gain_of_boosting);
    assert_eq!(churn.importance[0].column, "frequency");
}

#[test]
fn labels_that_hang_on_nothing_are_told_to_be_no_better_than_the_base_rate() {
    for n in [2000, 8000, 40_000] {
        let churn = learned(blocks(n, 0.0, &HONEST), &settings()).unwrap();
        assert!(churn.verdict.no_better_than_base_rate && churn.verdict.no_better_than_recency, "{n}");
        assert_eq!(churn.chosen, LearnerKind::Logistic);
    }
}

#[test]
fn a_planted_column_that_equals_the_label_is_reported_and_not_learned_from() {
    let leak: Column = ("refund_after", |_, label, _| f64::from(label));
    let expected = Suspicion { column: "refund_after".to_owned(), sign: Sign::EqualsLabel };
    let churn = learned(blocks(2000, 4.0, &with(leak)), &settings()).unwrap();
    assert_eq!(churn.verdict.suspected_leak, [expected]);
    assert!(!churn.model.learner.names().contains(&"refund_after".to_owned()));
}

#[test]
fn a_planted_column_that_nearly_tells_the_label_is_reported() {
    let leak: Column = ("orders_after", |_, label, chance| {
        if label == 1 { f64::from(u8::from(chance < 0.02)) } else { 1.0 + (chance * 5.0).floor() }
    });
    let found = suspicions(leak);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].column, "orders_after");
    assert!(matches!(found[0].sign, Sign::ImplausibleAuc { auc } if auc > 0.97), "{found:?}");
}

/// Visits in the days after the date: they rank customers well, but not too well to be true.
#[test]
fn a_planted_column_computed_after_the_date_is_reported_because_it_does_not_last() {
    let leak: Column = ("visits_after", |_, label, chance| chance + 0.45 * f64::from(1 - label));
    let found = suspicions(leak);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].column, "visits_after");
    assert!(
        matches!(found[0].sign, Sign::CollapsesWhenLagged { auc, retained } if auc < 0.95 && retained < 0.33)
    );

    // As strong a column that lasts is a good column.
    let lasts: Column = ("pace", |pace, _, chance| pace + 0.05 * chance);
    let churn = learned(blocks(4000, 7.0, &with(lasts)), &settings()).unwrap();
    assert!(churn.logistic.auc.value > 0.86, "{:?}", churn.logistic.auc);
    assert_eq!(churn.verdict.suspected_leak, []);
    let unknown =
        blocks(4000, 4.0, &with(leak)).into_iter().map(|block| Block { customers: vec![], ..block });
    let churn = learned(unknown.collect(), &settings()).unwrap();
    assert_eq!(churn.verdict.suspected_leak, [], "nobody can be lagged");
}

#[test]
fn what_is_out_of_order_is_refused() {
    let with = |change: &dyn Fn(&mut Vec<Block>)| {
        let mut blocks = blocks(200, 4.0, &HONEST);
        change(&mut blocks);
        learned(blocks, &settings()).unwrap_err()
    };
    assert_eq!(with(&|blocks| blocks.truncate(2)), ChurnError::TooFewBlocks { n_blocks: 2 });
    assert_eq!(with(&Vec::clear), ChurnError::TooFewBlocks { n_blocks: 0 });
    let too_soon = ChurnError::TooSoon { date: 179, before: 90, horizon_days: 90 };
    assert_eq!(with(&|blocks| blocks[2].date = 179), too_soon);
    let customers = ChurnError::Customers { date: 90, n_customers: 3, n_rows: 200 };
    assert_eq!(with(&|blocks| blocks[1].customers.truncate(3)), customers);
    let infinite = with(&|blocks| blocks[3].rows.columns[1][5] = f64::INFINITY);
    let source = MatrixError::Infinite { column: "frequency".to_owned(), row: 5 };
    assert_eq!(infinite, ChurnError::Block { date: 270, source });
    let missing = with(&|blocks| blocks[2].rows.names[0] = "other".to_owned());
    let source = MatrixError::Missing { column: "recency".to_owned() };
    assert_eq!(missing, ChurnError::Block { date: 180, source });
    let one_class = with(&|blocks| blocks[3].rows.labels.fill(0));
    assert_eq!(one_class, ChurnError::Block { date: 270, source: MatrixError::OneClass { label: 0 } });

    let refused = |settings: ChurnSettings| learned(blocks(200, 4.0, &HONEST), &settings).unwrap_err();
    let recency = ChurnError::Recency { column: "last".to_owned() };
    assert_eq!(refused(ChurnSettings { recency: Some("last".to_owned()), ..settings() }), recency);
    assert_eq!(
        refused(ChurnSettings { horizon_days: 0, ..settings() }),
        ChurnError::Horizon { horizon_days: 0 }
    );
    let boosting = BoostingSettings { depth: 0, ..Default::default() };
    assert!(matches!(refused(ChurnSettings { boosting, ..settings() }), ChurnError::Boosting(_)));
}

#[test]
fn few_customers_weights_and_steps_are_no_hindrance() {
    let mut few = blocks(40, 6.0, &HONEST);
    few[0].rows.weights = Some(vec![2.0; 40]);
    let churn =
        learned(few, &ChurnSettings { calibration: CalibrationKind::Isotonic, ..settings() }).unwrap();
    assert!(churn.logistic.log_loss.value.is_finite());
    let ready = churn.model.ready().unwrap();
    assert!((0.0..=1.0).contains(&ready.probability(&[f64::NAN; 4])));
}
