//! Which column is which question.

use std::collections::BTreeMap;

use super::Reader;
use super::report::{By, Match, NamedBy};
use super::role::{Role, role_of};
use crate::document::listed;
use crate::error::nearest;
use crate::survey::text::normal;
use crate::vendor;

/// What a column is, with the place of its question.
#[derive(Debug, Clone)]
pub(super) enum Column {
    Question(usize, By),
    Role(Role),
    Tool,
    Nothing { reason: String, hint: Option<String> },
}

impl Column {
    pub(super) fn matched(&self, reader: &Reader) -> Match {
        match self {
            Column::Question(place, by) => {
                let item =
                    reader.questions.get(*place).map_or_else(String::new, |question| question.id.clone());
                Match::Item { item, by: *by }
            }
            Column::Role(role) => Match::Role(*role),
            Column::Tool => Match::Tool,
            Column::Nothing { reason, hint } => Match::Nothing { reason: reason.clone(), hint: hint.clone() },
        }
    }
}

/// What was found for one name.
pub(super) enum Found {
    One(usize, By),
    /// Several questions that people read as the same.
    Several(Vec<usize>),
    None,
}

impl Reader {
    /// The question that a name is the id or text of.
    pub(super) fn find(&self, name: &str) -> Found {
        if let Some(place) = self.by_id.get(&normal(name)) {
            return Found::One(*place, By::Id);
        }
        // `Instruction [statement]` is a row of a grid.
        let row = name.trim_end().strip_suffix(']').and_then(|name| name.split_once('[')).map(|(_, row)| row);
        let texts = [Some(name), row];
        for text in texts.into_iter().flatten() {
            match self.by_text.get(&normal(text)).map(Vec::as_slice) {
                Some([one]) => return Found::One(*one, By::Text),
                Some(several) => return Found::Several(several.to_vec()),
                None => {}
            }
        }
        Found::None
    }

    /// Why a name is no question.
    pub(super) fn unknown(&self, name: &str) -> Column {
        let texts = self.questions.iter().flat_map(|question| [question.id.as_str(), question.text.as_str()]);
        let near = nearest(name, texts.filter(|text| !text.is_empty()));
        let hint = near.map(|near| format!("did you mean `{near}`?"));
        Column::Nothing { reason: "no question is called or worded so".to_owned(), hint }
    }

    /// Why a name that several questions share is none of them.
    pub(super) fn ambiguous(&self, places: &[usize]) -> Column {
        let ids = places.iter().filter_map(|place| self.questions.get(*place)).map(|each| each.id.as_str());
        Column::Nothing {
            reason: format!("{} are worded so", listed(ids, "and")),
            hint: Some("head the column by the id of the item".to_owned()),
        }
    }
}

/// What each column of a table with a record for each completed form is.
pub(super) fn columns(reader: &Reader, header: &[String]) -> Vec<Column> {
    let export = vendor::recognise(header, &[]);
    let own = export.and_then(|export| export.own_columns.as_deref()).unwrap_or_default();
    let is_hotjar = export.is_some_and(|export| export.id.starts_with("hotjar"));
    let mut shared: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
    let mut columns = Vec::new();
    for (at, name) in header.iter().enumerate() {
        columns.push(match (reader.respondent(name), role_of(name, is_hotjar), reader.find(name)) {
            (true, ..) => Column::Role(Role::Respondent(NamedBy::Customer)),
            (_, _, Found::One(place, by)) => Column::Question(place, by),
            (_, Some(role), _) => Column::Role(role),
            _ if vendor::find_column(own, name).is_some() || normal(name) == "form" => Column::Tool,
            (_, _, Found::Several(places)) => {
                let column = reader.ambiguous(&places);
                shared.entry(places).or_default().push(at);
                column
            }
            _ => reader.unknown(name),
        });
    }
    resolve_shared(reader, &shared, &mut columns);
    by_position(reader, &mut columns);
    refuse_repeated(header, &mut columns);
    columns
}

impl Reader {
    /// Whether the reader was told that this column names who answered.
    fn respondent(&self, name: &str) -> bool {
        let wanted = self.options.respondent_column.as_deref();
        wanted.is_some_and(|wanted| normal(wanted) == normal(name))
    }
}

/// Columns that are headed by what several questions share are those questions in their order, if there are as many; questions of
/// instruments of which the table has nothing else do not count.
fn resolve_shared(reader: &Reader, shared: &BTreeMap<Vec<usize>, Vec<usize>>, columns: &mut [Column]) {
    let instrument =
        |place: &usize| reader.questions.get(*place).map(|question| question.instrument.as_str());
    let present: Vec<Option<&str>> = columns
        .iter()
        .filter_map(|column| match column {
            Column::Question(place, _) => Some(instrument(place)),
            _ => None,
        })
        .collect();
    let mut found = Vec::new();
    for (places, ats) in shared {
        let here: Vec<usize> =
            places.iter().copied().filter(|place| present.contains(&instrument(place))).collect();
        let candidates = if here.len() == ats.len() { &here } else { places };
        if candidates.len() == ats.len() {
            found.extend(ats.iter().copied().zip(candidates.iter().copied()));
        }
    }
    for (at, place) in found {
        if let Some(column) = columns.get_mut(at) {
            *column = Column::Question(place, By::Text);
        }
    }
}

/// Where no column is a question by its name, and there are as many columns as questions, each is the question of its place.
fn by_position(reader: &Reader, columns: &mut [Column]) {
    if columns.iter().any(|column| matches!(column, Column::Question(..))) {
        return;
    }
    let open: Vec<usize> =
        (0..columns.len()).filter(|at| matches!(columns.get(*at), Some(Column::Nothing { .. }))).collect();
    let Some(places) = reader.in_order().into_iter().find(|places| places.len() == open.len()) else {
        return;
    };
    for (at, place) in open.into_iter().zip(places) {
        if let Some(column) = columns.get_mut(at) {
            *column = Column::Question(place, By::Position);
        }
    }
}

/// A question is read from one column.
fn refuse_repeated(header: &[String], columns: &mut [Column]) {
    let mut first: BTreeMap<usize, &str> = BTreeMap::new();
    for (column, name) in columns.iter_mut().zip(header) {
        let Column::Question(place, _) = column else { continue };
        match first.get(place) {
            Some(other) => {
                let reason = format!("its question is read from the column `{other}`");
                *column = Column::Nothing { reason, hint: Some("keep one of the two".to_owned()) };
            }
            None => {
                first.insert(*place, name);
            }
        }
    }
}
