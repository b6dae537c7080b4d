//! Surveys with a column for each question: which columns are questions, and which of them hold free text.

use std::collections::BTreeSet;

use strata_spec::manifest::ColumnSource;
use strata_spec::survey::{Instrument, Items};
use strata_spec::table::Table;
use strata_spec::vendor::quoted;

use super::evidence::Evidence;
use super::words::{Kind, tokens};
use super::{FileSample, Proposal, ProposedTable};

/// The columns that look like questions, if there are enough of them for a survey: headers that ask, or many columns
/// of points from 0 to 10. `taken` are columns that have another role.
pub(super) fn questions(sample: &FileSample, evidence: &[Evidence], taken: &[&str]) -> Vec<String> {
    let open = || sample.columns.iter().zip(evidence).filter(|(column, _)| !taken.contains(&column.as_str()));
    let asks = |column: &str| column.trim_end().ends_with('?') || tokens(column).len() >= 5;
    let asking: Vec<String> =
        open().filter(|(column, _)| asks(column)).map(|(column, _)| column.clone()).collect();
    let points: Vec<String> = open()
        .filter(|(_, each)| each.share(each.n_points) >= 0.95 && each.n_distinct <= 11)
        .map(|(column, _)| column.clone())
        .collect();
    let many_points = points.len() >= 5 && points.len() * 5 >= sample.columns.len() * 3;
    if asking.len() < 3 && !many_points {
        return Vec::new();
    }
    let is_question = |column: &&String| asking.contains(column) || (many_points && points.contains(column));
    sample.columns.iter().filter(is_question).cloned().collect()
}

/// The question with the longest free text as feedback, so that the text can be analysed.
pub(super) fn feedback(
    responses: &ProposedTable,
    sample: &FileSample,
    evidence: &[Evidence],
) -> Option<ProposedTable> {
    let known: Vec<Items> = Instrument::shipped().iter().filter_map(Items::of_instrument).collect();
    // Of a questionnaire answers are chosen, however long they are.
    let is_item = |column: &String| known.iter().any(|items| items.find(column).is_some());
    let (text, seen) = sample
        .columns
        .iter()
        .zip(evidence)
        .filter(|(column, each)| responses.questions.contains(column) && each.suits(Kind::LongText) > 0.0)
        .filter(|(column, _)| !is_item(column))
        .max_by(|(_, one), (_, other)| one.mean_length().total_cmp(&other.mean_length()))?;
    let mut table =
        ProposedTable::of(Table::Feedback, "the question that is answered in free text".to_owned());
    table.filter = Some(format!("coalesce({}, '') <> ''", quoted(text)));
    let pairs = [("feedback_id", "response_id"), ("customer_id", "customer_id"), ("given_at", "answered_at")];
    for (name, from) in pairs {
        if let Some(column) = responses.column(from) {
            table.push(name, column.source.clone(), None);
        }
    }
    table.push("text", ColumnSource::Column(text.clone()), seen.says(Kind::LongText));
    table.push("channel", ColumnSource::Sql("'survey'".to_owned()), None);
    Some(table)
}

/// A questionnaire that a source's questions are of.
pub(super) struct Recognised {
    pub(super) instrument: &'static Instrument,
    pub(super) source: String,
    pub(super) n_found: usize,
    pub(super) n_items: usize,
}

impl Recognised {
    /// What a project calls the survey.
    pub(super) fn name(&self) -> &'static str {
        match self.instrument.best_worst() {
            Some(_) => "messages",
            None => self.instrument.aspects_dimension.as_str(),
        }
    }
}

/// The questionnaires of which a source asks half of the items or more, one of each name: that of which most were found.
pub(super) fn instruments(proposal: &Proposal) -> Vec<Recognised> {
    let mut found: Vec<Recognised> = Vec::new();
    for source in proposal.mapped() {
        let questions: Vec<&str> =
            source.tables.iter().flat_map(|table| &table.questions).map(String::as_str).collect();
        for instrument in Instrument::shipped() {
            let Some(items) = Items::of_instrument(instrument) else { continue };
            let asked =
                questions.iter().filter_map(|question| items.find(question)).map(|item| item.item.as_str());
            let n_found = asked.collect::<BTreeSet<&str>>().len();
            let n_items = items.iter().count();
            if 2 * n_found >= n_items {
                found.push(Recognised { instrument, source: source.name.clone(), n_found, n_items });
            }
        }
    }
    found.sort_by_key(|each| std::cmp::Reverse(each.n_found));
    let mut names = Vec::new();
    found.retain(|each| {
        let is_first = !names.contains(&each.name());
        names.push(each.name());
        is_first
    });
    found
}
