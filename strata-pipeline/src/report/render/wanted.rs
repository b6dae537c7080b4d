//! What features are to customers: expected, the more the better, a pleasure or all the same; to everybody, and to classes that see it otherwise.

use super::super::data::ReportData;
use super::html::{Column, Field, Row, escape, table};
use super::number::{count, decimal, percent};
use crate::survey::kano::{Group, Told, Wanted};

/// Of one feature no more classes are named.
const MOST: usize = 6;

pub(super) fn html(data: &ReportData) -> String {
    let answered: Vec<&Wanted> = data.wanted.iter().filter(|wanted| wanted.all.n > 0).collect();
    if answered.is_empty() {
        return String::new();
    }
    let heads = [
        ("Feature", Column::Text),
        ("To most it is", Column::Text),
        ("Answers", Column::Number),
        ("Having it satisfies", Column::Number),
        ("Lacking it dissatisfies", Column::Number),
    ];
    let rows: Vec<Row> = answered.into_iter().map(|wanted| row(data, wanted)).collect();
    let about = "Each was asked how they would feel with the feature and how without it. Having it satisfies from 0 to 1, lacking it \
                 dissatisfies from −1 to 0. Of fewer than 30 answers nothing is told.";
    format!(
        r#"<figure class="plot"><figcaption><h3 id="features">What features are to customers</h3><p>{}</p></figcaption><div class="wide-table" tabindex="0" role="region" aria-labelledby="features">{}</div></figure>"#,
        escape(about),
        table("What features are to customers", "simple", &heads, &rows),
    )
}

fn row(data: &ReportData, wanted: &Wanted) -> Row {
    let figure = |of: &dyn Fn(&Told) -> Option<f64>| {
        wanted.all.told.as_ref().and_then(of).map_or_else(|| "–".to_owned(), |value| decimal(value, 2))
    };
    Row::of(vec![
        Field::new(escape(&wanted.title), ""),
        Field::new(format!("{}{}", kind(&wanted.all), why(data, wanted)), ""),
        Field::new(count(wanted.all.n), "Answers"),
        Field::new(figure(&|told| told.satisfaction), "Having it satisfies"),
        Field::new(figure(&|told| told.dissatisfaction), "Lacking it dissatisfies"),
    ])
}

fn kind(group: &Group) -> String {
    group.told.as_ref().map_or_else(|| "too few answers to tell".to_owned(), |told| escape(&told.in_words()))
}

/// Where the question is to blame, and to whom the feature is something else.
fn why(data: &ReportData, wanted: &Wanted) -> String {
    let mut said = Vec::new();
    if let Some(told) = wanted.all.told.as_ref().filter(|told| told.is_bad_question) {
        let share = percent(told.questionable_share);
        said.push(format!(
            "{share} of the answers contradict each other: the question should be worded anew."
        ));
    }
    let category = |group: &Group| group.told.as_ref().map(|told| told.category.clone());
    let shown = wanted.segments.iter().filter(|of| {
        let is_other = of.group.told.as_ref().is_some_and(|told| told.is_clear);
        is_other && category(&of.group) != category(&wanted.all)
    });
    for of in shown.take(MOST) {
        let segmentation = of.segmentation.as_ref().and_then(|name| data.segmentation(name));
        let place = segmentation.map_or_else(String::new, |this| format!("{}, ", this.title));
        said.push(format!("{place}{}: {}.", of.title, kind_of(&of.group)));
    }
    match said.is_empty() {
        true => String::new(),
        false => format!(r#"<div class="why">{}</div>"#, escape(&said.join(" "))),
    }
}

fn kind_of(group: &Group) -> String {
    group.told.as_ref().map(Told::in_words).unwrap_or_default()
}
