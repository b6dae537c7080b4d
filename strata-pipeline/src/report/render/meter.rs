//! Which segmentations have more classes than are worth having apart: criteria against segmentations, and what could be merged.
//! The picture is a real table whose cells say in words what their colours show.

use super::super::data::{ReportData, capitalised, share};
use super::html::{Column, Field, Row, escape, table};
use super::number::count;
use super::plot::shade;
use crate::meter::{Criterion, Metered, Verdict};

/// So many are shown before the rest is folded away.
const SHOWN: usize = 12;

pub(super) fn html(data: &ReportData) -> String {
    if data.meter.is_empty() {
        return String::new();
    }
    let mut all: Vec<&Metered> = data.meter.iter().collect();
    // The project's own segments first, then the worst.
    let meter = |metered: &Metered| metered.meter().unwrap_or(-1.0);
    all.sort_by(|a, b| {
        let own = |metered: &Metered| metered.segmentation.is_some();
        own(a).cmp(&own(b)).then(meter(b).total_cmp(&meter(a)))
    });
    let n_failed = all.iter().filter(|metered| metered.verdict() == Verdict::Failed).count();
    let meaning = match n_failed {
        0 => "Every division of your customers has as many parts as are worth having apart.".to_owned(),
        n => format!(
            "<strong>{}</strong> of {} divisions have more parts than are worth having apart.",
            count(n as u64),
            count(all.len() as u64)
        ),
    };
    let (shown, rest) = all.split_at(all.len().min(SHOWN));
    let rest = match rest {
        [] => String::new(),
        rest => format!(
            "<details><summary>{} more</summary>{}</details>",
            count(rest.len() as u64),
            matrix(data, rest, "More divisions by the five criteria")
        ),
    };
    format!(
        r#"<section class="part" id="meter" aria-labelledby="h-meter"><header class="head"><h2 id="h-meter">Worth having apart</h2><p>which classes and segments are too many</p></header><p class="meaning">{meaning}</p><figure class="plot"><figcaption><h3 id="meter-m">Five criteria</h3><p>In each cell how many of the classes meet the criterion, the darker the fewer do; a question mark where the data does not tell. The meter is the share of criteria that are failed, from 0 to 100.</p></figcaption>{}{rest}</figure>{}</section>"#,
        matrix(data, shown, "Divisions by the five criteria"),
        merges(data, &all),
    )
}

fn matrix(data: &ReportData, all: &[&Metered], caption: &str) -> String {
    let heads: String = Criterion::FIVE
        .iter()
        .map(|criterion| format!(r#"<th scope="col"><span>{}</span></th>"#, capitalised(criterion.as_str())))
        .collect();
    let rows: String = all
        .iter()
        .map(|metered| {
            let cells: String =
                Criterion::FIVE.iter().map(|criterion| cell(data, metered, *criterion)).collect();
            let meter = metered.meter().map_or_else(|| "?".to_owned(), |meter| format!("{meter:.0}"));
            format!(
                r#"<tr><th scope="row">{} <small>{}</small></th>{cells}<td>{meter}</td></tr>"#,
                escape(&title(data, metered)),
                count(metered.n_segments())
            )
        })
        .collect();
    format!(
        r#"<div class="wide-table" tabindex="0" role="region" aria-labelledby="meter-m"><table class="cells" style="min-width:{:.1}rem"><caption class="unseen">{caption}</caption><thead><tr><td></td>{heads}<th scope="col"><span>Meter</span></th></tr></thead><tbody>{rows}</tbody></table></div>"#,
        super::cross::width(Criterion::FIVE.len() + 1)
    )
}

fn cell(data: &ReportData, metered: &Metered, criterion: Criterion) -> String {
    let tally = metered.tally(criterion);
    let (title, name) = (title(data, metered), criterion.as_str());
    let n_known = tally.n_met + tally.n_failed;
    if n_known == 0 {
        return format!(
            r#"<td class="few tip" data-tip="{}, {name}: the data does not tell">?</td>"#,
            escape(&title)
        );
    }
    // The lightest shade is of what fails nowhere.
    let step = shade(share(tally.n_failed as f64, n_known as f64)).map_or(0, |step| step.max(1));
    format!(
        r#"<td class="q{step} tip" data-tip="{}, {name}: met by {} of {} {}">{}/{}</td>"#,
        escape(&title),
        count(tally.n_met),
        count(n_known),
        metered.parts(),
        count(tally.n_met),
        count(n_known),
    )
}

/// What is said of those that have too many, and of the project's own segments.
fn merges(data: &ReportData, all: &[&Metered]) -> String {
    let told = |metered: &&&Metered| {
        metered.verdict() == Verdict::Failed
            || metered.segmentation.is_none() && !metered.sentences().is_empty()
    };
    let heads = [("What", Column::Text), ("What could be done", Column::Text)];
    let rows: Vec<Row> = all
        .iter()
        .filter(told)
        .map(|metered| {
            let sentences: String = metered
                .sentences()
                .iter()
                .map(|sentence| format!("<li>{}.</li>", escape(&capitalised(sentence))))
                .collect();
            Row::of(vec![
                Field::new(format!("<b>{}</b>", escape(&title(data, metered))), ""),
                Field::new(format!("<ul>{sentences}</ul>"), ""),
            ])
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    format!(
        "<details><summary>What could be merged, and why</summary>{}<p>Merges are in thought: whichever two cost least are \
         put together while one is too small or is not told apart. <code>strata segments meter NAME</code> says more.</p></details>",
        table("What could be merged, and why", "simple stack", &heads, &rows)
    )
}

fn title(data: &ReportData, metered: &Metered) -> String {
    match &metered.segmentation {
        None => format!("Your segments of {}", metered.subject),
        Some(name) => data.segmentation(name).map_or_else(|| name.clone(), |known| known.title.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{emporium, metered};
    use super::*;

    #[test]
    fn cells_say_how_many_meet_a_criterion_and_the_worst_comes_first() {
        let data = ReportData { meter: metered(), ..emporium() };
        let page = html(&data);
        assert!(page.contains("<strong>1</strong> of 2 divisions have more parts"), "{page}");
        assert!(
            page.contains(
                r#"<td class="q4 tip" data-tip="Slices, substantial: met by 0 of 2 classes">0/2</td>"#
            ),
            "{page}"
        );
        assert!(page.contains(">?</td>"), "what the data does not tell");
        assert!(page.contains("<li>Merge them all: a has 3 members.</li>"), "{page}");
        assert_eq!(html(&ReportData::default()), "");
    }
}
