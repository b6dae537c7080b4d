//! The first screen: what this is, what was found, and the figures over everything.

use strata_spec::table::Subject;

use super::super::data::{ReportData, share};
use super::super::findings::findings;
use super::flow;
use super::html::{escape, sentence};
use super::number::{count, counted, day, decimal, instant, money, percent_in_words};

pub(super) fn html(data: &ReportData, title: &str, mark: &str) -> String {
    let found = findings(data);
    let sentences: String = found
        .iter()
        .map(|finding| {
            format!(r#"<li><h3>{}</h3><p>{}</p></li>"#, escape(finding.topic), sentence(&finding.parts))
        })
        .collect();
    let figure = flow::html(data);
    let alone = if figure.is_empty() { " alone" } else { "" };
    format!(
        r#"<header class="top"><p class="brand">{mark}<span>Strata</span></p><h1>{}</h1><p class="when">{}</p></header>
<section class="first{alone}" aria-labelledby="found"><div class="found"><h2 id="found">What was found</h2><ol>{sentences}</ol></div>{figure}</section>
{}"#,
        escape(title),
        when(data),
        figures(data),
    )
}

fn when(data: &ReportData) -> String {
    let mut parts =
        vec![format!("As of <strong>{}</strong> ({})", instant(data.as_of), escape(&data.timezone))];
    if let Some((first, last)) = data.figures.orders_span {
        parts.push(format!("orders from {} to {}", day(first), day(last)));
    }
    if !data.run_id.is_empty() {
        let short: String = data.run_id.chars().take(8).collect();
        parts.push(format!("run <code>{}</code>", escape(&short)));
    }
    parts.iter().map(|part| format!("<span>{part}</span>")).collect()
}

fn figures(data: &ReportData) -> String {
    let figures = &data.figures;
    let currency = data.currency.as_deref();
    let mut shown = Vec::new();
    if figures.n_customers > 0 || figures.n_companies == 0 {
        shown.push(("Customers", count(figures.n_customers), String::new()));
    }
    if let (Some(n_buyers), true) = (figures.n_buyers, figures.n_customers > 0)
        && n_buyers < figures.n_customers
        && let Some((_, _, note)) = shown.first_mut()
    {
        *note = format!("{} of them have ordered", count(n_buyers));
    }
    if figures.n_companies > 0 {
        shown.push(("Companies", count(figures.n_companies), String::new()));
    }
    if let Some(n_orders) = figures.n_orders {
        let each = figures.revenue.and_then(|revenue| share(revenue, n_orders as f64));
        let note = each.map(|each| format!("{} each on average", money(each, currency))).unwrap_or_default();
        shown.push(("Orders", count(n_orders), note));
    }
    if let Some(revenue) = figures.revenue {
        shown.push(("Revenue", money(revenue, currency), "after refunds".to_owned()));
    }
    if let (Some(n_buyers), Some(n_repeat)) = (figures.n_buyers, figures.n_repeat_buyers)
        && let Some(rate) = share(n_repeat as f64, n_buyers as f64)
    {
        let note = format!("{} of {}", count(n_repeat), counted(n_buyers, "buyer", "buyers"));
        shown.push(("Ordered again", percent_in_words(rate), note));
    }
    if let Some(median) = figures.median_days_since_last_order.filter(|median| median.is_finite()) {
        let unit = if (median - 1.0).abs() < f64::EPSILON { "day" } else { "days" };
        let decimals = if median.fract() == 0.0 { 0 } else { 1 };
        shown.push((
            "Since the last order",
            format!("{} {unit}", decimal(median, decimals)),
            "median over buyers".to_owned(),
        ));
    }
    let guests = match (figures.revenue, data.revenue_of(Subject::Customers)) {
        (Some(all), Some(known)) if all - known > 0.005 * all => format!(
            r#"<p class="note">{} of the revenue comes from orders that name no customer: it counts in these figures, not in the classes below.</p>"#,
            share(all - known, all).map(percent_in_words).unwrap_or_default()
        ),
        _ => String::new(),
    };
    let tiles: String = shown
        .iter()
        .map(|(what, value, note)| {
            let note = if note.is_empty() {
                String::new()
            } else {
                format!("<dd class=\"sub\">{}</dd>", escape(note))
            };
            format!("<div><dt>{what}</dt><dd>{}</dd>{note}</div>", escape(value))
        })
        .collect();
    format!(r#"<section class="figures" aria-label="Key figures"><dl>{tiles}</dl>{guests}</section>"#)
}
