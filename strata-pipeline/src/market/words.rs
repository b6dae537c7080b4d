//! What deserves a sentence: the classes that the customers are least like the market in.

use strata_models::market::Measures;

use super::{Class, Division, MarketIndex};

/// So many classes of either kind are told.
const MOST: usize = 3;

/// Of a market, a sentence each: the classes most over-represented among the customers and those most under-represented, as far
/// as their intervals leave no doubt; then those where the two tables do not fit each other.
pub fn sentences(market: &MarketIndex) -> Vec<String> {
    sentences_with(market, &|division, class| match division.is_segment {
        true => class.name.clone(),
        false => format!("{}/{}", division.name, class.name),
    })
}

/// The same, with classes called otherwise.
pub(crate) fn sentences_with(
    market: &MarketIndex,
    name: &dyn Fn(&Division, &Class) -> String,
) -> Vec<String> {
    let mut all: Vec<Said> = Vec::new();
    for division in &market.divisions {
        let said = |class| Said { name: name(division, class), class, measures: division.measures(class) };
        all.extend(division.classes.iter().map(said));
    }
    let mut over: Vec<&Said> = all.iter().filter(|each| each.is_over()).collect();
    over.sort_by(|a, b| b.index().total_cmp(&a.index()));
    let mut under: Vec<&Said> = all.iter().filter(|each| each.is_under()).collect();
    under.sort_by(|a, b| {
        a.index().total_cmp(&b.index()).then(b.class.counts.n_market.total_cmp(&a.class.counts.n_market))
    });
    let subject = market.subject.as_str();
    let mut said: Vec<String> = over.iter().take(MOST).map(|each| each.over(subject)).collect();
    said.extend(under.iter().take(MOST).map(|each| each.under(subject)));
    if said.is_empty() && !market.divisions.is_empty() {
        said.push(format!("no class is so much more or less frequent among {subject} than in the market that it could not be chance"));
    }
    said.extend(all.iter().filter_map(|each| each.misfit(subject)).take(MOST));
    said
}

struct Said<'a> {
    name: String,
    class: &'a Class,
    measures: Measures,
}

impl Said<'_> {
    fn index(&self) -> f64 {
        self.measures.index.unwrap_or(100.0)
    }

    fn is_over(&self) -> bool {
        self.measures.index_range.is_some_and(|(low, _)| low > 100.0)
    }

    fn is_under(&self) -> bool {
        self.measures.index_range.is_some_and(|(_, high)| high < 100.0)
    }

    fn over(&self, subject: &str) -> String {
        format!("{} is over-represented: {}", self.name, self.figures(subject))
    }

    fn under(&self, subject: &str) -> String {
        let potential = self.measures.n_potential.map(f64::round).filter(|n| *n >= 1.0);
        let potential = potential.map_or_else(String::new, |n| {
            format!("; {} more {subject} if it were reached as the whole is", grouped(n))
        });
        format!("{} is under-represented: {}{potential}", self.name, self.figures(subject))
    }

    fn figures(&self, subject: &str) -> String {
        let (low, high) = self.measures.index_range.unwrap_or_default();
        let percent = |share: Option<f64>| format!("{:.1} %", share.unwrap_or(0.0) * 100.0);
        format!(
            "index {:.0} (95 %: {low:.0} to {high:.0}), {} of {subject} and {} of the market",
            self.index(),
            percent(self.measures.share_customers),
            percent(self.measures.share_market),
        )
    }

    /// That a class has customers whom the market's table does not have.
    fn misfit(&self, subject: &str) -> Option<String> {
        let counts = self.class.counts;
        if counts.n_customers <= counts.n_market {
            return None;
        }
        let (customers, market) = (grouped(counts.n_customers), grouped(counts.n_market));
        Some(match counts.n_market > 0.0 {
            true => format!(
                "{} has {customers} {subject} and a market of {market}: are both counted alike?",
                self.name
            ),
            false => format!(
                "{} has {customers} {subject} and is not in the market's table; `among` says whom it covers",
                self.name
            ),
        })
    }
}

/// A share as a percentage: one decimal from one percent on, below that two digits that tell something, as far as a
/// millionth.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    let decimals = match percent {
        percent if percent >= 1.0 || percent <= 0.0 => 1,
        percent if percent >= 0.1 => 2,
        percent if percent >= 0.01 => 3,
        _ => 4,
    };
    format!("{percent:.decimals$} %")
}

/// A number with its thousands apart, rounded to a whole.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
