//! Answers of respondents to items: a column for each item, NaN where somebody did not answer.

use std::borrow::Cow;

use super::error::PsychometricsError;
use super::instrument::{Key, Response, Scale};

/// Answers, checked: columns of one length, no two of one name, every number finite or NaN.
#[derive(Debug, Clone, PartialEq)]
pub struct Answers<'a> {
    items: Vec<String>,
    columns: Vec<Cow<'a, [f64]>>,
    n_respondents: usize,
}

impl<'a> Answers<'a> {
    /// These items with their columns; a column may be borrowed, so that nothing is copied.
    pub fn new(items: Vec<String>, columns: Vec<Cow<'a, [f64]>>) -> Result<Answers<'a>, PsychometricsError> {
        let n_respondents = columns.first().map_or(0, |column| column.len());
        if items.len() != columns.len() {
            return Err(PsychometricsError::Design {
                place: "the answers".to_owned(),
                reason: format!("{} names for {} columns", items.len(), columns.len()),
                hint: "name every column",
            });
        }
        if items.is_empty() {
            return Err(PsychometricsError::NoItems { what: "the table of answers".to_owned() });
        }
        if n_respondents == 0 {
            return Err(PsychometricsError::NoRespondents);
        }
        for (place, (item, column)) in items.iter().zip(&columns).enumerate() {
            if items[..place].contains(item) {
                let place = "the answers".to_owned();
                return Err(PsychometricsError::DuplicateItem { item: item.clone(), place });
            }
            if column.len() != n_respondents {
                let n_values = column.len();
                return Err(PsychometricsError::Lengths { item: item.clone(), n_values, n_respondents });
            }
            if let Some(respondent) = column.iter().position(|value| value.is_infinite()) {
                let (value, max) = (column[respondent], f64::MAX);
                return Err(PsychometricsError::OutOfRange {
                    item: item.clone(),
                    respondent,
                    value,
                    min: -max,
                    max,
                });
            }
        }
        Ok(Answers { items, columns, n_respondents })
    }

    /// The same from rows: one respondent after another.
    pub fn from_rows(items: Vec<String>, values: &[f64]) -> Result<Answers<'static>, PsychometricsError> {
        let n_items = items.len();
        if n_items == 0 {
            return Err(PsychometricsError::NoItems { what: "the table of answers".to_owned() });
        }
        let column = |item: usize| values.iter().skip(item).step_by(n_items).copied().collect::<Vec<f64>>();
        Answers::new(items, (0..n_items).map(|item| Cow::Owned(column(item))).collect())
    }

    /// How many people were asked.
    pub fn n_respondents(&self) -> usize {
        self.n_respondents
    }

    /// How many items there are.
    pub fn n_items(&self) -> usize {
        self.items.len()
    }

    /// The names of the items.
    pub fn items(&self) -> &[String] {
        &self.items
    }

    /// The answers to the item at a place.
    pub fn column(&self, item: usize) -> &[f64] {
        &self.columns[item]
    }

    /// The place of an item; `place` says who asks.
    pub fn place_of(&self, item: &str, place: &str) -> Result<usize, PsychometricsError> {
        self.items
            .iter()
            .position(|other| other == item)
            .ok_or_else(|| PsychometricsError::UnknownItem { item: item.to_owned(), place: place.to_owned() })
    }

    /// The items at these places alone, in that order.
    pub fn of_items(&self, places: &[usize]) -> Answers<'_> {
        Answers {
            items: places.iter().map(|place| self.items[*place].clone()).collect(),
            columns: places.iter().map(|place| Cow::Borrowed(&*self.columns[*place])).collect(),
            n_respondents: self.n_respondents,
        }
    }

    /// The respondents at these places alone, in that order. Refuses to keep nobody.
    pub fn of_respondents(&self, places: &[usize]) -> Result<Answers<'static>, PsychometricsError> {
        if places.is_empty() {
            return Err(PsychometricsError::NoRespondents);
        }
        let column =
            |column: &Cow<'_, [f64]>| Cow::Owned(places.iter().map(|place| column[*place]).collect());
        Ok(Answers {
            items: self.items.clone(),
            columns: self.columns.iter().map(column).collect(),
            n_respondents: places.len(),
        })
    }

    /// The places of respondents who answered every item.
    pub fn complete(&self) -> Vec<usize> {
        let mut complete = vec![true; self.n_respondents];
        for column in &self.columns {
            complete.iter_mut().zip(column.iter()).for_each(|(complete, value)| *complete &= !value.is_nan());
        }
        (0..self.n_respondents).filter(|place| complete[*place]).collect()
    }

    /// The items of a scale with those of key −1 reversed: `x′ = min + max − x`. Refuses answers outside of the range.
    pub fn keyed(&self, scale: &Scale, response: Response) -> Result<Answers<'_>, PsychometricsError> {
        response.check()?;
        let place = scale.place();
        let mut columns = vec![];
        for keyed in &scale.items {
            let item = self.place_of(&keyed.item, &place)?;
            self.check_range(item, response)?;
            columns.push(match keyed.key {
                Key::Forward => Cow::Borrowed(self.column(item)),
                Key::Reversed => {
                    Cow::Owned(self.column(item).iter().map(|x| response.reversed(*x)).collect())
                }
            });
        }
        let items: Vec<String> = scale.items.iter().map(|keyed| keyed.item.clone()).collect();
        if items.is_empty() {
            return Err(PsychometricsError::NoItems { what: place });
        }
        Answers::new(items, columns)
    }

    /// Refuses the first answer of an item that is outside of the range.
    pub(crate) fn check_range(&self, item: usize, response: Response) -> Result<(), PsychometricsError> {
        let column = self.column(item);
        // Without leaving early, so that eight are compared at a time.
        let outside = |x: f64| x < response.min || x > response.max;
        let any = |chunk: &[f64]| chunk.iter().fold(false, |any, x| any | outside(*x));
        if !column.chunks(4096).any(any) {
            return Ok(());
        }
        match column.iter().position(|x| outside(*x)) {
            None => Ok(()),
            Some(respondent) => Err(PsychometricsError::OutOfRange {
                item: self.items[item].clone(),
                respondent,
                value: column[respondent],
                min: response.min,
                max: response.max,
            }),
        }
    }
}
