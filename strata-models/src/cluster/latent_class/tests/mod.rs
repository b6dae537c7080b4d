//! Hand cases, refusals, recovery, and agreement with what others publish.

mod data;
mod hand;
mod published;
mod recovery;
mod refusals;

use super::answers::{Answers, Item};

/// A row for each word and an item for each letter: digits are categories, anything else is missing.
fn words(rows: &[&str]) -> Answers {
    let n_items = rows[0].len();
    let columns: Vec<Vec<Option<u16>>> = (0..n_items)
        .map(|place| {
            rows.iter().map(|row| Some(u16::from(row.as_bytes()[place].checked_sub(b'0')?))).collect()
        })
        .collect();
    let names: Vec<String> = (0..n_items).map(|place| format!("q{place}")).collect();
    let items: Vec<Item<'_>> = columns
        .iter()
        .zip(&names)
        .map(|(answers, name)| {
            let most = answers.iter().flatten().max().map_or(0, |code| usize::from(*code));
            Item { name, n_categories: (most + 1).max(2), answers }
        })
        .collect();
    Answers::new(&items).unwrap()
}
