//! What is expected of customers: first whether the model behind it can be trusted, then its predictions held against what happened, then
//! who is expected to bring what, and who is likely gone.

mod trusted;
mod who;

use super::super::data::{Expected, ExpectedCompanies, ReportData};
use super::html::{escape, sentence_of};
use super::number::{counted, money, percent_in_words};
use super::plot::{ABOVE, PLOT};
use crate::models::{Purchases, Told, Verdict, edges, sentences};

pub(super) fn html(data: &ReportData) -> String {
    let Some(expected) = &data.expected else { return String::new() };
    let currency = data.currency.as_deref();
    let plots = match expected.model.timing {
        Told::Not { .. } => String::new(),
        Told::Is(_) => [
            tiles(expected, currency),
            grid(&[trusted::html(expected, currency), who::html(expected, currency)].concat()),
        ]
        .concat(),
    };
    format!(
        r#"<section class="part" id="expected" aria-labelledby="h-expected"><header class="head"><h2 id="h-expected">What is expected</h2><p>whom the next year will come from, and how far that can be trusted</p></header>{}{plots}{}{}</section>"#,
        told(&expected.model, currency),
        expected.companies.as_ref().map_or_else(String::new, |companies| of_companies(companies, currency)),
        others(expected),
    )
}

fn grid(plots: &str) -> String {
    if plots.is_empty() { String::new() } else { format!(r#"<div class="plots">{plots}</div>"#) }
}

/// Whether the model can be trusted, before anything that it says.
fn told(model: &Purchases, currency: Option<&str>) -> String {
    let amount = |value: f64| money(value, currency);
    let said = sentences(model, &amount);
    let Some((first, rest)) = said.split_first() else { return String::new() };
    let is_doubtful = !matches!(model.verdict(), Some(Verdict::Better | Verdict::NoWorse));
    let kind = if is_doubtful { "meaning doubtful" } else { "meaning" };
    let warned = edges(model);
    let rest: String = rest
        .iter()
        .cloned()
        .chain(warned.iter().map(|warning| {
            format!("Of the parameters, {warning}. What the model predicts is finite and held against what happened; what these parameters mean is not to be trusted.")
        }))
        .map(|each| format!("<li>{}</li>", sentence_of(&each)))
        .collect();
    let rest = if rest.is_empty() { rest } else { format!(r#"<ul class="told">{rest}</ul>"#) };
    format!(r#"<p class="{kind}">{}</p>{rest}"#, sentence_of(first))
}

/// The same of companies, in words.
fn of_companies(companies: &ExpectedCompanies, currency: Option<&str>) -> String {
    let total = companies.total.map_or_else(String::new, |total| {
        let before = total.last_year.map_or_else(String::new, |revenue| {
            format!(", after {} in the last 365 days", money(revenue, currency))
        });
        format!(
            "<p class=\"total\">Of {} that have bought, {} are expected within {}{before}: <code>company_expected_value</code>.</p>",
            counted(total.n, "company", "companies"),
            escape(&money(total.expected, currency)),
            counted(u64::from(companies.horizon_days), "day", "days"),
        )
    });
    format!(r#"<h3 id="expected-companies">Companies</h3>{}{total}"#, told(&companies.model, currency))
}

/// What is expected of all together.
fn tiles(expected: &Expected, currency: Option<&str>) -> String {
    let mut tiles = Vec::new();
    if let Some(total) = &expected.total {
        let before = total.last_year.map_or_else(
            || "of today's customers".to_owned(),
            |revenue| {
                format!("of today's customers, who brought {} in the last 365 days", money(revenue, currency))
            },
        );
        tiles.push((
            format!("Within {}", counted(u64::from(expected.horizon_days), "day", "days")),
            money(total.expected, currency),
            before,
        ));
    }
    let first = expected.curve.iter().find(|point| point.customers >= 0.0999);
    if let Some(first) = first.filter(|point| point.customers < 0.12) {
        let of_revenue = first.revenue.map_or_else(
            || "of what is expected".to_owned(),
            |share| {
                format!(
                    "of what is expected; the tenth ahead so far has {} of revenue",
                    percent_in_words(share)
                )
            },
        );
        tiles.push(("From the first tenth".to_owned(), percent_in_words(first.expected), of_revenue));
    }
    if let Some(gone) = who::gone(expected) {
        let brought = gone.revenue.map_or_else(
            || format!("of {} that have bought", super::number::count(gone.n_all)),
            |revenue| {
                format!(
                    "{} of buyers; they brought {} so far",
                    percent_in_words(gone.share),
                    money(revenue, currency)
                )
            },
        );
        tiles.push(("Likely gone".to_owned(), super::number::count(gone.n), brought));
    }
    if tiles.is_empty() {
        return String::new();
    }
    let tiles: String = tiles
        .iter()
        .map(|(title, figure, sub)| {
            format!(
                r#"<div><dt>{}</dt><dd>{}</dd><dd class="sub">{}</dd></div>"#,
                escape(title),
                escape(figure),
                escape(sub)
            )
        })
        .collect();
    format!(r#"<dl class="tiles foreseen">{tiles}</dl>"#)
}

fn others(expected: &Expected) -> String {
    let others: Vec<String> = expected
        .others
        .iter()
        .map(|(name, standing)| format!("<code>{}</code> ({})", escape(name), escape(standing)))
        .collect();
    let others = match others.as_slice() {
        [] => String::new(),
        others => format!("Other models: {}. ", others.join(", ")),
    };
    format!(
        r#"<p class="note">{others}<code>strata models show</code> has parameters, standard errors and all measures.</p>"#
    )
}

/// A line through points in percent of the width and of the plot's height, which stretches with the page.
fn path(kind: &str, points: &[(f64, f64)]) -> String {
    let inside = |value: f64| if value.is_finite() { value.clamp(0.0, 100.0) } else { 0.0 };
    let steps: String = points
        .iter()
        .enumerate()
        .map(|(place, (x, y))| {
            format!("{}{:.2} {:.2}", if place == 0 { "M" } else { "L" }, inside(*x), 100.0 - inside(*y))
        })
        .collect();
    format!(
        r#"<svg x="0" y="{ABOVE:.0}" width="{WIDE:.0}%" height="{PLOT:.0}" viewBox="0 0 100 100" preserveAspectRatio="none"><path class="{kind}" d="{steps}"/></svg>"#
    )
}

/// The width of a plot in percent; right of it stand the scale's numbers.
const WIDE: f64 = 88.0;

/// What the marks mean: what was expected, and what came.
fn legend(expected: &str, came: &str) -> String {
    format!(
        r#"<div class="legend"><ul><li><i class="expects"></i>{expected}</li><li><i class="of-r"></i>{came}</li></ul></div>"#
    )
}
