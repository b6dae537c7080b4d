//! Which rules tell the groups, or that none do.

use super::super::super::data::Groups;
use super::super::html::{Column, Field, Row, escape, sentence_of, table};
use super::super::number::percent_in_words;
use super::mark::mark;
use crate::models::told_by_rules;

pub(super) fn html(groups: &Groups) -> String {
    let found = &groups.found;
    let Some(told) = told_by_rules(found) else { return String::new() };
    let told = sentence_of(&told);
    if !found.has_rules() {
        return format!(
            r#"<div class="what"><h4>Which rules tell them</h4><p>{told} Column <code>{}</code> of table <code>{}</code> says who is in which.</p></div>"#,
            escape(&groups.score),
            escape(groups.subject.score_table()),
        );
    }
    let heads = [
        ("Group", Column::Text),
        ("Rule", Column::Text),
        ("Precision", Column::Number),
        ("Coverage", Column::Number),
    ];
    let share = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), percent_in_words);
    let rows: Vec<Row> = found
        .clusters
        .iter()
        .enumerate()
        .flat_map(|(place, cluster)| {
            let name = format!("{}{}", mark(place), escape(cluster.label()));
            let row = |rule: String, precision, coverage| {
                Row::of(vec![
                    Field::new(name.clone(), ""),
                    Field::new(rule, ""),
                    Field::new(share(precision), "precision"),
                    Field::new(share(coverage), "coverage"),
                ])
            };
            match cluster.rules.is_empty() {
                true => {
                    vec![row(r#"<span class="why">no rule tells this group</span>"#.to_owned(), None, None)]
                }
                false => cluster
                    .rules
                    .iter()
                    .map(|rule| {
                        row(format!("<code>{}</code>", escape(&rule.text)), rule.precision, rule.coverage)
                    })
                    .collect(),
            }
        })
        .collect();
    format!(
        r#"<div class="what"><h4>Which rules tell them</h4><p>{told} Precision: of those who meet the rule, how many are in the group. Coverage: of the group, how many meet the rule. A rule can be the <code>where</code> of a segment.</p>{}</div>"#,
        table("Which rules tell the groups", "simple stack rules", &heads, &rows)
    )
}
