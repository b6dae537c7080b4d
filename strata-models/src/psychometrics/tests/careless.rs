use super::data::{SIX, bfi, bfi_scale, table};
use crate::psychometrics::careless::consistency::even_odd;
use crate::psychometrics::careless::distance::distances;
use crate::psychometrics::careless::screening::{Survey, screen};
use crate::psychometrics::careless::{long_string, response_variability};
use crate::psychometrics::instrument::Instrument;

#[test]
fn probe() {
    let answers = bfi("").unwrap();
    let answers = answers.of_respondents(&answers.complete()).unwrap();
    let rows: Vec<Vec<f64>> = (0..2436).map(|r| (0..25).map(|i| answers.column(i)[r]).collect()).collect();
    let mut t = std::collections::BTreeMap::new();
    rows.iter().for_each(|r| *t.entry(long_string(r).longest).or_insert(0) += 1);
    println!(">> {t:?}");
    let irv: Vec<f64> = rows.iter().map(|r| response_variability(r).unwrap()).collect();
    println!(">> {:?} {}", crate::group::mean_and_deviation(&irv), irv.iter().filter(|x| **x == 0.0).count());
    let d = distances(&answers).unwrap();
    let sq: Vec<f64> = d.squares.iter().map(|x| x.unwrap()).collect();
    println!(
        ">> {} {} {} {}",
        sq.iter().sum::<f64>() / 2436.0,
        sq.iter().copied().fold(0.0, f64::max),
        d.cutoff(0.001),
        sq.iter().filter(|x| **x > d.cutoff(0.001)).count()
    );
    let names = ["A", "C", "E", "N", "O"];
    let keyed: Vec<_> = names.iter().map(|n| answers.keyed(&bfi_scale(n), SIX).unwrap()).collect();
    let raw: Vec<_> = (0..5).map(|s| answers.of_items(&(5 * s..5 * s + 5).collect::<Vec<_>>())).collect();
    for k in [&keyed, &raw] {
        let e = even_odd(k);
        let v: Vec<f64> = e.iter().flatten().copied().collect();
        println!(
            ">> eo {} {} {}",
            v.len(),
            v.iter().sum::<f64>() / v.len() as f64,
            v.iter().filter(|x| **x < 0.0).count()
        );
    }
    let c = table("", "careless_dataset.csv").unwrap();
    for r in 0..3 {
        let row: Vec<f64> = (0..50).map(|i| c.column(i)[r]).collect();
        println!(">> {:?} {:?}", long_string(&row), response_variability(&row));
    }
    let d = distances(&c).unwrap();
    println!(
        ">> {:?} {}",
        &d.squares[..3],
        d.squares.iter().flatten().filter(|x| **x > d.cutoff(0.01)).count()
    );
    let inst = Instrument {
        name: "bfi".into(),
        response: SIX,
        min_answered_fraction: 0.75,
        is_ipsatised: false,
        scales: names.iter().map(|n| bfi_scale(n)).collect(),
    };
    let s = screen(&Survey {
        answers: &answers,
        blocks: &[inst],
        instructed: &[],
        said_not_to_use: None,
        seconds: None,
    })
    .unwrap();
    println!(">> excl {} {:?}", s.n_excluded(), s.notes);
    for r in s.respondents.iter().filter(|r| r.is_excluded).take(4) {
        println!(">> {}", r.signs.iter().map(|s| s.to_string()).collect::<Vec<_>>().join("; "));
    }
}
