//! The reference of the segment language: the words that the reader knows, as tables.

use strata_spec::condition::vocabulary::{CLAUSES, CONDITIONS, Form, IDIOMS, TERMS};
use strata_spec::condition::{AggregateFunction, CalendarUnit, Channel, Condition, Function};
use strata_spec::table::Subject;

use crate::failure::Result;
use crate::shipped::{capital, cell};
use crate::tree::{Tree, missing};

/// What is often asked: by family, each with its condition and the sentence that says it back.
pub(crate) fn idioms(_: &Tree) -> Result<String> {
    let mut page = String::new();
    let mut family = "";
    for idiom in IDIOMS {
        if idiom.family != family {
            family = idiom.family;
            page.push_str(&format!(
                "\n**{}**\n\n| who | condition | said back |\n| --- | --- | --- |\n",
                capital(family)
            ));
        }
        let condition = Condition::parse(idiom.text, idiom.subject).map_err(|error| {
            missing("strata-spec/src/condition/vocabulary.rs", &format!("{}: {error}", idiom.text))
        })?;
        let companies = if idiom.subject == Subject::Companies { "companies: " } else { "" };
        let (who, sentence) = (cell(idiom.who), cell(&condition.sentence()));
        page.push_str(&format!("| {companies}{who} | `{}` | {sentence} |\n", cell(idiom.text)));
    }
    Ok(page)
}

/// The functions that are conditions.
pub(crate) fn conditions(_: &Tree) -> Result<String> {
    Ok(forms(CONDITIONS))
}

/// The clauses of a sequence.
pub(crate) fn clauses(_: &Tree) -> Result<String> {
    Ok(forms(CLAUSES))
}

/// The values about other times and other subjects.
pub(crate) fn terms(_: &Tree) -> Result<String> {
    Ok(forms(TERMS))
}

/// The figures over rows.
pub(crate) fn figures(_: &Tree) -> Result<String> {
    Ok(table(AggregateFunction::ALL.iter().map(|each| (each.name(), each.example(), each.about()))))
}

/// The functions of values.
pub(crate) fn functions(_: &Tree) -> Result<String> {
    Ok(table(Function::ALL.iter().map(|each| (each.name(), each.example(), each.about()))))
}

/// The units of the calendar, in a sentence.
pub(crate) fn units(_: &Tree) -> Result<String> {
    let units: Vec<String> = CalendarUnit::ALL.iter().map(|unit| format!("`{}`", unit.as_str())).collect();
    Ok(format!("The units of the calendar are {}.", units.join(", ")))
}

/// On what each channel of consent rests.
pub(crate) fn channels(_: &Tree) -> Result<String> {
    let mut page = "| channel | address | consent |\n| --- | --- | --- |\n".to_owned();
    for channel in Channel::ALL {
        page.push_str(&format!(
            "| `{}` | `{}` | the property `{}` where it is declared, else `{}` |\n",
            channel.as_str(),
            channel.address_column(),
            channel.consent_property(),
            Channel::CONSENT
        ));
    }
    Ok(page)
}

fn forms(forms: &[Form]) -> String {
    table(forms.iter().map(|form| (form.name, form.example, form.about)))
}

fn table<'w>(rows: impl Iterator<Item = (&'w str, &'w str, &'w str)>) -> String {
    let mut page = "| word | written | meaning |\n| --- | --- | --- |\n".to_owned();
    for (name, example, about) in rows {
        page.push_str(&format!("| `{name}` | `{}` | {} |\n", cell(example), cell(about)));
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::planted;

    #[test]
    fn every_word_has_its_row() {
        let tree = planted(&[]);
        let pages =
            [conditions, clauses, terms, figures, functions, channels].map(|page| page(&tree).unwrap());
        let all = pages.concat();
        for row in [
            "| `count` | `count(orders)` | Rows; or rows where the argument is not null; or its distinct values. |\n",
            "| `left` | `left('vip', in_last('7 days'))` | The subject left a segment or a class. |\n",
            "| `sms` | `phone` | the property `sms_consent` where it is declared, else `accepts_marketing` |\n",
        ] {
            assert!(all.contains(row), "{row} is not in\n{all}");
        }
    }

    #[test]
    fn idioms_are_said_back() {
        let page = idioms(&planted(&[])).unwrap();
        let row = "| new in a segment | `entered('vip', in_last('7 days'))` | entered the segment vip in the last 7 days |\n";
        assert!(page.contains(row), "{page}");
        assert!(page.contains("**Membership**") && page.contains("| companies: nobody"), "{page}");
    }
}
