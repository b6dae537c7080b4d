//! Valid texts and JSON with parts lost, doubled, moved and exchanged. The fuzz targets look further along the same ways, and
//! need another compiler.

use proptest::prelude::*;
use strata_spec::condition::vocabulary;
use strata_spec::table::Subject;

use crate::arbitrary::{Place, condition};
use crate::target;

/// Characters that mean something, or that are more than one byte.
const MARKS: &str = "'\"()\\,.%_-;\n0é";

/// A change of a text: which, where, how much.
type Change = (u8, usize, usize);

fn changes() -> impl Strategy<Value = Vec<Change>> {
    prop::collection::vec((0..6_u8, any::<usize>(), 0..30_usize), 1..4)
}

/// The text with the changes made, pieces of the other text among them.
fn changed(text: &str, other: &str, changes: &[Change]) -> String {
    let mut text: Vec<char> = text.chars().collect();
    let other: Vec<char> = other.chars().collect();
    for &(change, at, length) in changes {
        let from = at % (text.len() + 1);
        let to = (from + length).min(text.len());
        let piece = |of: &[char]| {
            let from = at % (of.len() + 1);
            of[from..(from + length).min(of.len())].to_vec()
        };
        match change {
            0 => drop(text.drain(from..to)),
            1 => drop(text.splice(to..to, text[from..to].to_vec())),
            2 => drop(text.splice(from..to, piece(&other))),
            3 => drop(text.splice(from..from, piece(&other))),
            4 => text[from..to].reverse(),
            _ => drop(text.splice(from..to.min(from + 1), MARKS.chars().nth(length % MARKS.len()))),
        }
    }
    text.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_texts_are_read_or_refused(
        one in condition(Place { subject: Subject::Customers, rows: None }, 2),
        other in condition(Place { subject: Subject::Companies, rows: None }, 2),
        changes in changes(),
    ) {
        target::text(&changed(&one.to_string(), &other.to_string(), &changes));
    }

    #[test]
    fn changed_idioms_are_read_or_refused(one in any::<usize>(), other in any::<usize>(), changes in changes()) {
        let idiom = |at: usize| vocabulary::IDIOMS[at % vocabulary::IDIOMS.len()].text;
        target::text(&changed(idiom(one), idiom(other), &changes));
    }

    #[test]
    fn changed_json_is_read_or_refused(
        one in condition(Place { subject: Subject::Customers, rows: None }, 2),
        other in condition(Place { subject: Subject::Companies, rows: None }, 2),
        changes in changes(),
    ) {
        let [one, other] = [one, other].map(|condition| condition.to_json().to_string());
        target::json(changed(&one, &other, &changes).as_bytes());
    }
}
