//! Which traits are kept, and with which reasons.

use super::*;
use crate::clv::draw::{normal, uniform};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

struct Shop {
    columns: Vec<Column>,
    orders_before: Column,
    luck_before: Column,
    goal: Vec<bool>,
}

fn shop(n: usize) -> Shop {
    let mut generator = ChaCha8Rng::seed_from_u64(4);
    let mut normals = || (0..n).map(|_| normal(&mut generator)).collect::<Vec<f64>>();
    let (habit, basket, luck, luck_before, a, b) =
        (normals(), normals(), normals(), normals(), normals(), normals());
    let plus = |x: &[f64], y: &[f64], by: f64| x.iter().zip(y).map(|(x, y)| x + by * y).collect::<Vec<f64>>();
    let (orders, orders_before) = (plus(&habit, &a, 0.3), plus(&habit, &b, 0.3));
    let spend: Vec<f64> = orders.iter().map(|x| (x * 2.0).exp()).collect();
    let mut rarely = basket.clone();
    rarely.iter_mut().step_by(2).for_each(|value| *value = f64::NAN);
    let mut seed = ChaCha8Rng::seed_from_u64(5);
    let goal = basket.iter().map(|x| uniform(&mut seed) < 1.0 / (1.0 + (1.0 - 2.0 * x).exp())).collect();
    let number = |name: &str, values: &[f64]| Column::numbers(name, values).unwrap();
    let ids: Vec<f64> = (0..n).map(|row| row as f64).collect();
    let columns = vec![
        number("orders", &orders),
        number("spend", &spend),
        number("basket", &basket),
        number("luck", &luck),
        number("rarely", &rarely),
        number("customer", &ids),
        Column::categories("country", vec![Some("de"); n]).unwrap(),
        number("other", &b),
    ];
    Shop {
        columns,
        orders_before: number("orders", &orders_before),
        luck_before: number("luck", &luck_before),
        goal,
    }
}

fn appraise_shop(shop: &Shop, goal: Option<&[bool]>, options: &KeyVariableOptions) -> Vec<Appraisal> {
    let mut contenders: Vec<Contender> =
        shop.columns.iter().map(|column| Contender { column, again: None }).collect();
    contenders[0].again = Some(&shop.orders_before);
    contenders[1].again = Some(&shop.orders_before);
    contenders[3].again = Some(&shop.luck_before);
    key_variables(&contenders, goal, options, 1).unwrap()
}

#[test]
fn each_trait_is_taken_or_left_out_for_its_reason() {
    let shop = shop(3000);
    let found = appraise_shop(&shop, None, &KeyVariableOptions::default());
    let of = |name: &str| found.iter().find(|appraisal| appraisal.name == name).unwrap();
    let chosen: Vec<&str> = found[..3].iter().map(|appraisal| appraisal.name.as_str()).collect();
    assert_eq!(chosen, ["basket", "other", "orders"]);
    assert!(matches!(&of("spend").decision, Decision::Redundant { with, .. } if with == "orders"));
    assert_eq!(of("luck").decision, Decision::Unstable);
    assert_eq!(of("rarely").decision, Decision::Missing);
    assert!(matches!(&of("customer").decision, Decision::NoTrait { reason } if reason.contains("is an id")));
    assert!(matches!(&of("country").decision, Decision::NoTrait { reason } if reason.contains("one value")));
    assert!(of("spend").to_string().contains("orders says nearly the same"), "{}", of("spend"));
    assert!(of("rarely").to_string().contains("50 % of customers have no value"));
    assert!(of("orders").stability.unwrap() > 0.85 && of("luck").stability.unwrap() < 0.1);
}

#[test]
fn a_goal_puts_what_tells_it_first() {
    let shop = shop(3000);
    let options = KeyVariableOptions { most_traits: 1, ..KeyVariableOptions::default() };
    let found = appraise_shop(&shop, Some(&shop.goal), &options);
    assert_eq!((found[0].name.as_str(), &found[0].decision), ("basket", &Decision::Chosen));
    assert!(found[0].relevance.unwrap() > 0.2 && found[0].auc.unwrap() > 0.8, "{}", found[0]);
    let orders = found.iter().find(|appraisal| appraisal.name == "orders").unwrap();
    assert!(orders.relevance.unwrap() < 0.01 && orders.auc.unwrap() < 0.55);
    assert_eq!(orders.decision, Decision::Irrelevant);
    assert!(orders.to_string().contains("tells nothing of the goal"), "{orders}");
    // Whoever asks for no relevance has enough.
    let lenient = KeyVariableOptions { least_relevance: 0.0, ..options };
    let found = appraise_shop(&shop, Some(&shop.goal), &lenient);
    let orders = found.iter().find(|appraisal| appraisal.name == "orders").unwrap();
    assert_eq!(orders.decision, Decision::Enough);
}

#[test]
fn unsuitable_columns_and_settings_are_refused() {
    let column = Column::numbers("a", &[1.0, 2.0, 3.0]).unwrap();
    let short = Column::numbers("b", &[1.0]).unwrap();
    let contender = Contender { column: &column, again: None };
    let options = KeyVariableOptions::default();
    let refused =
        |contenders: &[Contender], goal: Option<&[bool]>, options: &KeyVariableOptions, text: &str| {
            let error = key_variables(contenders, goal, options, 1).unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
        };
    refused(&[], None, &options, "no columns");
    refused(
        &[contender, Contender { column: &short, again: None }],
        None,
        &options,
        "column `b` has 1 values",
    );
    refused(&[Contender { again: Some(&short), ..contender }], None, &options, "column `b` has 1 values");
    refused(&[contender], Some(&[true]), &options, "column `goal` has 1 values");
    refused(&[contender], None, &KeyVariableOptions { most_traits: 0, ..options }, "`most_traits` is 0");
    refused(&[contender], None, &KeyVariableOptions { most_missing: f64::NAN, ..options }, "`most_missing`");
    refused(&[contender], None, &KeyVariableOptions { most_rows: 5, ..options }, "`most_rows` is 5");
}
