//! What each parameter of a fit says of those that it was fitted on, in a line.

use strata_spec::definition::Model as Family;
use strata_spec::table::Subject;

use super::{Amount, Fit};

/// What a parameter of a model of when they buy means here; nothing of an unknown letter.
pub fn meaning(family: Family, fit: &Fit, name: &str) -> Option<String> {
    let ratio = |above: &str, below: &str| {
        Some(fit.value(above)? / fit.value(below)?).filter(|ratio| ratio.is_finite())
    };
    Some(match name {
        "r" => "how alike they are in how often they buy: the higher, the more alike".to_owned(),
        "alpha" => match ratio("alpha", "r") {
            Some(days) => format!(
                "with r, the mean pace of those who are still there: a purchase in {} days",
                number(days)
            ),
            None => "with r, the mean pace of those who are still there".to_owned(),
        },
        "a" => {
            let when = match family {
                Family::MbgNbd => "after a purchase, the first included",
                _ => "after a purchase from the second on",
            };
            let (a, b) = (fit.value("a")?, fit.value("b")?);
            format!("with b, how many leave {when}: {:.1} % on average", a / (a + b) * 100.0)
        }
        "b" => "how alike they are in leaving: the higher a and b together, the more alike".to_owned(),
        "s" => "how alike they are in how soon they leave: the higher, the more alike".to_owned(),
        "beta" => {
            // A customer is still there after t days with a probability of (β / (β + t))^s.
            let (s, beta) = (fit.value("s")?, fit.value("beta")?);
            let half = beta * (2_f64.powf(1.0 / s) - 1.0);
            match half.is_finite() {
                true => format!("with s, how soon: half are gone after {} days", number(half)),
                false => "with s, how soon they leave".to_owned(),
            }
        }
        _ => return None,
    })
}

/// What a parameter of a model of spend means here; nothing of an unknown letter.
pub fn spend_meaning(subject: Subject, fit: &Fit, name: &str, amount: Amount<'_>) -> Option<String> {
    let one = subject.singular();
    Some(match name {
        "p" => format!("how alike the purchases of one {one} are: the higher, the more alike"),
        "q" => format!("how alike {subject} are in what they spend: the higher, the more alike"),
        "v" => match fit.population_mean {
            Some(mean) => format!("with p and q, the mean spend of a {one} on a day: {}", amount(mean)),
            None => format!("with p and q, the mean spend of a {one} on a day"),
        },
        _ => return None,
    })
}

/// As many digits as say something.
fn number(value: f64) -> String {
    match value {
        value if value < 10.0 => format!("{value:.1}"),
        value if value < 1e6 => format!("{value:.0}"),
        value => format!("{value:.1e}"),
    }
}
