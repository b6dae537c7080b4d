//! How many groups were considered, and what was found for each number, beside what is found without groups.

use super::super::super::data::Groups;
use super::super::html::{Column, Field, Row, table};
use super::super::number::{count, decimal, percent, percent_in_words};

pub(super) fn html(groups: &Groups, place: usize) -> String {
    let choices = &groups.found.choices;
    if choices.is_empty() {
        return String::new();
    }
    let has_criterion = choices.iter().any(|choice| choice.criterion.is_some());
    let mut heads = vec![
        ("Groups", Column::Text),
        ("Stability", Column::Bars),
        ("Explained", Column::Bars),
        ("Silhouette", Column::Number),
        ("Prediction strength", Column::Number),
        ("Smallest group", Column::Number),
    ];
    if has_criterion {
        heads.push(("Criterion", Column::Number));
    }
    let figure = |value: Option<f64>, decimals| value.map_or_else(dash, |value| decimal(value, decimals));
    let rows: Vec<Row> = choices
        .iter()
        .map(|choice| {
            let n = count(choice.n_clusters);
            let n = match Some(choice.n_clusters) == groups.found.n_clusters {
                true => format!(r#"<b>{n}</b> <span class="why">taken</span>"#),
                false => n,
            };
            let two = |value: f64| decimal(value, 2);
            let mut fields = vec![
                Field::new(n, ""),
                Field::new(against(choice.jaccard, choice.jaccard_null, &two), ""),
                Field::new(against(choice.explained, choice.explained_null, &percent_in_words), ""),
                Field::new(figure(choice.silhouette, 2), ""),
                Field::new(figure(choice.prediction_strength, 2), ""),
                Field::new(choice.smallest_share.map_or_else(dash, percent), ""),
            ];
            if has_criterion {
                fields.push(Field::new(figure(choice.criterion, 1), ""));
            }
            Row::of(fields)
        })
        .collect();
    let criterion = if has_criterion { " Criterion: the lower the better." } else { "" };
    format!(
        r#"<figure class="plot choice"><figcaption><h3 id="choice-{place}">How many</h3><p>The line in each bar is what is found without groups. Stability: how much of the least stable group comes back when {} are drawn again, from 0 to 1; without groups as much in all but one of 20 cases. Explained: the share of the variance that groups account for; without groups each trait is shuffled. Prediction strength: 0.8 and more is usually taken for support.{criterion}</p></figcaption><div class="wide-table" tabindex="0" role="region" aria-labelledby="choice-{place}">{}</div></figure>"#,
        groups.subject,
        table("What was found for each number of groups", "simple choices", &heads, &rows),
    )
}

/// A bar from 0 to 1 with a line at what is found without groups, and both in numbers.
fn against(value: Option<f64>, without: Option<f64>, number: &dyn Fn(f64) -> String) -> String {
    let Some(value) = value.filter(|value| value.is_finite()) else { return dash() };
    let at = |value: f64| value.clamp(0.0, 1.0) * 100.0;
    let without = without.filter(|without| without.is_finite());
    let kind = if without.is_some_and(|without| value <= without) { "of-n" } else { "of-r" };
    let (line, beside) = match without {
        Some(without) => (
            format!(r#"<line x1="{at:.2}%" x2="{at:.2}%" y1="0" y2="14"/>"#, at = at(without)),
            format!(r#" <span class="why">without {}</span>"#, number(without)),
        ),
        None => Default::default(),
    };
    format!(
        r#"<svg class="bars" width="100%" height="14" aria-hidden="true"><rect class="rest" x="0" y="3" width="100%" height="8"/><rect class="{kind}" x="0" y="3" width="{:.2}%" height="8"/>{line}</svg>{}{beside}"#,
        at(value),
        number(value),
    )
}

fn dash() -> String {
    "–".to_owned()
}
