//! Reads an instrument from TOML, with every mistake at its line.

use super::best_worst::{APPEARANCES, Appeal, BestWorst, Contact};
use super::check;
use super::instrument::{
    AspectsDimension, Content, Contrast, HigherOrder, Instrument, Item, Rating, ResponseRange, Scale,
    Scoring, Standardise, Tier,
};
use super::kano::Kano;
use crate::document::{Document, Entry, Errors, Section};
use crate::error::SpecError;

/// What an instrument says about itself, whatever it asks.
const ABOUT: [&str; 14] = [
    "schema",
    "id",
    "name",
    "aspects_dimension",
    "tier",
    "default",
    "validated",
    "licence",
    "citation",
    "source",
    "credit",
    "instruction",
    "gdpr_note",
    "note",
];

const RATING: [&str; 6] = ["response", "scoring", "scales", "items", "higher_order", "contrasts"];
const BEST_WORST: [&str; 2] = ["best_worst", "contact"];
const KANO: [&str; 1] = ["kano"];

impl Instrument {
    /// The instrument that a TOML text describes; every mistake that was found, otherwise.
    pub fn parse(file: &str, text: &str) -> Result<Instrument, Vec<SpecError>> {
        let mut errors = Errors::new();
        let document = Document { file, text };
        let table = document.parse(&mut errors);
        let instrument = table.and_then(|table| read(&Section::root(document, table.get_ref()), &mut errors));
        match instrument {
            Some(instrument) if errors.is_empty() => Ok(instrument),
            _ => Err(errors),
        }
    }
}

fn read(root: &Section<'_, '_>, errors: &mut Errors) -> Option<Instrument> {
    root.only(&[&ABOUT[..], &RATING, &BEST_WORST, &KANO].concat(), errors);
    schema(root, errors);
    let id = text(root, "id", "\"my-instrument\"", errors);
    let name = text(root, "name", "\"What people see\"", errors);
    let dimension = word(root, "aspects_dimension", &AspectsDimension::WORDS, errors);
    let tier = word(root, "tier", &Tier::WORDS, errors);
    let licence = text(root, "licence", "\"CC0-1.0\"", errors);
    let citation = text(root, "citation", "\"Author (year). Title.\"", errors);
    let content = content(root, errors);
    let optional = |key: &str, errors: &mut Errors| root.text(key, errors).map(|text| text.value);
    let instrument = Instrument {
        source: optional("source", errors),
        credit: optional("credit", errors),
        instruction: optional("instruction", errors),
        gdpr_note: optional("gdpr_note", errors),
        note: optional("note", errors),
        default: truth(root, "default", errors),
        validated: truth(root, "validated", errors),
        has_own_text: false,
        id: id?,
        name: name?,
        aspects_dimension: dimension?,
        tier: tier?,
        licence: licence?,
        citation: citation?,
        content: content?,
    };
    check::check(&instrument, root, errors);
    Some(instrument)
}

/// The version of the format, of which there is one.
pub(super) fn schema(root: &Section<'_, '_>, errors: &mut Errors) {
    match root.get("schema") {
        None => errors.push(root.missing("schema", "1")),
        Some(entry) => {
            if entry.whole(1, errors).is_some_and(|version| version != 1) {
                errors.push(entry.error("`schema` is not 1", "this version of Strata reads `schema = 1`"));
            }
        }
    }
}

fn content(root: &Section<'_, '_>, errors: &mut Errors) -> Option<Content> {
    let has = |keys: &[&str]| keys.iter().any(|key| root.get(key).is_some());
    match (has(&RATING), has(&BEST_WORST), has(&KANO)) {
        (true, false, false) => rating(root, errors).map(Content::Rating),
        (false, true, false) => best_worst(root, errors),
        (false, false, true) => kano(root, errors).map(Content::Kano),
        _ => {
            errors.push(root.error(
                "an instrument asks in one way",
                "give [response], [scoring], [[scales]] and [[items]], or [best_worst], or [kano]",
            ));
            None
        }
    }
}

fn rating(root: &Section<'_, '_>, errors: &mut Errors) -> Option<Rating> {
    let response = section(root, "response", errors).and_then(|section| response(&section, errors));
    let scoring = section(root, "scoring", errors).and_then(|section| scoring(&section, errors));
    let scales = sections(root, "scales", errors);
    let scales: Vec<Option<Scale>> = scales.iter().map(|section| scale(section, errors)).collect();
    let items = sections(root, "items", errors);
    let items: Vec<Option<Item>> = items.iter().map(|section| item(section, errors)).collect();
    let orders = optional_sections(root, "higher_order", errors);
    let higher_order: Vec<Option<HigherOrder>> =
        orders.iter().map(|section| higher_order(section, errors)).collect();
    let differences = optional_sections(root, "contrasts", errors);
    let contrasts: Vec<Option<Contrast>> =
        differences.iter().map(|section| contrast(section, errors)).collect();
    Some(Rating {
        response: response?,
        scoring: scoring?,
        // What could not be read is an error already, and the rest is not checked without it.
        scales: scales.into_iter().collect::<Option<_>>()?,
        items: items.into_iter().collect::<Option<_>>()?,
        higher_order: higher_order.into_iter().collect::<Option<_>>()?,
        contrasts: contrasts.into_iter().collect::<Option<_>>()?,
    })
}

fn response(section: &Section<'_, '_>, errors: &mut Errors) -> Option<ResponseRange> {
    section.only(&["min", "max", "labels"], errors);
    let min = integer(section, "min", "1", errors);
    let max = integer(section, "max", "5", errors);
    let labels = labels(section, "labels", errors);
    Some(ResponseRange { min: min?, max: max?, labels })
}

/// Texts that may be empty.
pub(super) fn labels(section: &Section<'_, '_>, key: &str, errors: &mut Errors) -> Vec<String> {
    let Some(entry) = section.get(key) else {
        errors.push(section.missing(key, "[\"Never\", \"Sometimes\", \"Often\"]"));
        return Vec::new();
    };
    let items = entry.list("write it as `[\"a\", \"b\"]`", errors).unwrap_or_default();
    let mut labels = Vec::new();
    for item in items {
        match item.value().as_str() {
            Some(label) => labels.push(label.to_owned()),
            None => errors.push(item.wrong("a text", "write it in quotes: `\"…\"`")),
        }
    }
    labels
}

fn scoring(section: &Section<'_, '_>, errors: &mut Errors) -> Option<Scoring> {
    section.only(&["min_answered_fraction", "ipsatize", "standardize"], errors);
    let fraction = number(section, "min_answered_fraction", errors);
    let share = fraction.filter(|share| *share > 0.0 && *share <= 1.0);
    match (section.get("min_answered_fraction"), fraction, share) {
        (None, ..) => errors.push(section.missing("min_answered_fraction", "0.75")),
        (Some(entry), Some(_), None) => {
            errors.push(entry.wrong("a share above 0, at most 1", "0.75 asks for three of four items"));
        }
        _ => {}
    }
    let words = [("none", Standardise::None), ("within_sample", Standardise::WithinSample)];
    let standardise = word(section, "standardize", &words, errors);
    Some(Scoring {
        min_answered_fraction: share?,
        is_ipsatised: truth(section, "ipsatize", errors),
        standardise: standardise?,
    })
}

fn scale(section: &Section<'_, '_>, errors: &mut Errors) -> Option<Scale> {
    let known =
        ["id", "name", "n_items", "low_label", "high_label", "angle_deg", "alpha_published", "groups_only"];
    section.only(&known, errors);
    let id = text(section, "id", "\"E\"", errors);
    let name = text(section, "name", "\"Extraversion\"", errors);
    let n_items = match section.get("n_items") {
        Some(entry) => entry.whole(1, errors),
        None => {
            errors.push(section.missing("n_items", "3"));
            None
        }
    };
    Some(Scale {
        low_label: section.text("low_label", errors).map(|text| text.value),
        high_label: section.text("high_label", errors).map(|text| text.value),
        angle_deg: number(section, "angle_deg", errors),
        alpha_published: number(section, "alpha_published", errors),
        is_of_groups_only: truth(section, "groups_only", errors),
        id: id?,
        name: name?,
        n_items: usize::try_from(n_items?).ok()?,
    })
}

fn item(section: &Section<'_, '_>, errors: &mut Errors) -> Option<Item> {
    section.only(&["id", "scale", "key", "text"], errors);
    let id = text(section, "id", "\"item1\"", errors);
    let scale = text(section, "scale", "\"E\"", errors);
    let key = integer(section, "key", "1", errors);
    let text = section.text("text", errors).map(|text| text.value);
    Some(Item { id: id?, scale: scale?, key: key?, text })
}

fn higher_order(section: &Section<'_, '_>, errors: &mut Errors) -> Option<HigherOrder> {
    section.only(&["id", "name", "scales"], errors);
    let id = text(section, "id", "\"OPEN\"", errors);
    let name = text(section, "name", "\"Openness to change\"", errors);
    let scales = texts(section, "scales", errors);
    Some(HigherOrder { id: id?, name: name?, scales })
}

fn contrast(section: &Section<'_, '_>, errors: &mut Errors) -> Option<Contrast> {
    section.only(&["id", "name", "plus", "minus"], errors);
    let id = text(section, "id", "\"valence\"", errors);
    let name = text(section, "name", "\"Pleasant rather than unpleasant\"", errors);
    let (plus, minus) = (texts(section, "plus", errors), texts(section, "minus", errors));
    Some(Contrast { id: id?, name: name?, plus, minus })
}

fn best_worst(root: &Section<'_, '_>, errors: &mut Errors) -> Option<Content> {
    let main = section(root, "best_worst", errors)?;
    main.only(&["item_prefix", "best_stem", "worst_stem", "appeals", "sets"], errors);
    let item_prefix = text(&main, "item_prefix", "\"ad\"", errors);
    let best_stem = text(&main, "best_stem", "\"Which do you like most?\"", errors);
    let worst_stem = text(&main, "worst_stem", "\"Which do you like least?\"", errors);
    let appeals = sections(&main, "appeals", errors);
    let appeals: Vec<Option<Appeal>> = appeals
        .iter()
        .map(|section| {
            section.only(&["id", "name", "text"], errors);
            let id = text(section, "id", "\"DEAL\"", errors);
            let name = text(section, "name", "\"Saving\"", errors);
            let text = text(section, "text", "\"A good price\"", errors)?;
            Some(Appeal { scale: preference(id?, name?), text })
        })
        .collect();
    let hint = "write it as `[[1, 2, 3], [1, 4, 5]]`";
    let mut sets = Vec::new();
    for set in main.get("sets").and_then(|entry| entry.list(hint, errors)).unwrap_or_default() {
        let places = set.list(hint, errors).unwrap_or_default();
        let places = places.iter().filter_map(|place| place.whole(1, errors));
        sets.push(places.filter_map(|place| usize::try_from(place).ok()).collect());
    }
    let contact = match root.get("contact") {
        Some(entry) => Some(contact(&entry.section(errors)?, errors)?),
        None => None,
    };
    let appeals = appeals.into_iter().collect::<Option<_>>()?;
    let best_worst = BestWorst {
        item_prefix: item_prefix?,
        best_stem: best_stem?,
        worst_stem: worst_stem?,
        appeals,
        sets,
    };
    Some(Content::BestWorst { best_worst, contact })
}

/// What is known of how much somebody prefers an appeal.
fn preference(id: String, name: String) -> Scale {
    Scale {
        id,
        name,
        n_items: APPEARANCES,
        low_label: Some("liked least".to_owned()),
        high_label: Some("liked most".to_owned()),
        angle_deg: None,
        alpha_published: None,
        is_of_groups_only: false,
    }
}

fn contact(section: &Section<'_, '_>, errors: &mut Errors) -> Option<Contact> {
    section.only(&["channel_question", "channels", "frequency_question", "frequencies"], errors);
    let channel = text(section, "channel_question", "\"How may we contact you?\"", errors);
    let frequency = text(section, "frequency_question", "\"How often?\"", errors);
    let (channels, frequencies) = (texts(section, "channels", errors), texts(section, "frequencies", errors));
    Some(Contact { channel_question: channel?, channels, frequency_question: frequency?, frequencies })
}

fn kano(root: &Section<'_, '_>, errors: &mut Errors) -> Option<Kano> {
    let main = section(root, "kano", errors)?;
    let known = ["functional_stem", "dysfunctional_stem", "answers", "table", "min_n_per_segment"];
    main.only(&known, errors);
    let functional = text(&main, "functional_stem", "\"If we offered {feature}, …?\"", errors);
    let dysfunctional = text(&main, "dysfunctional_stem", "\"If we did not offer {feature}, …?\"", errors);
    let min_n = match main.get("min_n_per_segment") {
        Some(entry) => entry.whole(1, errors),
        None => Some(30),
    };
    Some(Kano {
        answers: texts(&main, "answers", errors),
        table: texts(&main, "table", errors).iter().map(|row| row.chars().collect()).collect(),
        functional_stem: functional?,
        dysfunctional_stem: dysfunctional?,
        min_n_per_segment: min_n?,
    })
}

pub(super) fn text(
    section: &Section<'_, '_>,
    key: &str,
    example: &str,
    errors: &mut Errors,
) -> Option<String> {
    section.required_text(key, example, errors).map(|text| text.value)
}

fn texts(section: &Section<'_, '_>, key: &str, errors: &mut Errors) -> Vec<String> {
    let Some(entry) = section.get(key) else {
        errors.push(section.missing(key, "[\"a\", \"b\"]"));
        return Vec::new();
    };
    entry.texts(errors).into_iter().map(|text| text.value).collect()
}

fn word<T: Copy>(
    section: &Section<'_, '_>,
    key: &str,
    words: &[(&str, T)],
    errors: &mut Errors,
) -> Option<T> {
    let entry = section.get(key);
    if entry.is_none() {
        errors.push(section.missing(key, &format!("\"{}\"", words.first().map_or("…", |(word, _)| word))));
    }
    entry?.word(words, errors)
}

fn truth(section: &Section<'_, '_>, key: &str, errors: &mut Errors) -> bool {
    section.get(key).and_then(|entry| entry.truth(errors)).unwrap_or(false)
}

fn number(section: &Section<'_, '_>, key: &str, errors: &mut Errors) -> Option<f64> {
    let entry = section.get(key)?;
    let number = entry.number().filter(|number| number.is_finite());
    if number.is_none() {
        errors.push(entry.wrong("a number", "write it without quotes"));
    }
    number
}

fn integer(section: &Section<'_, '_>, key: &str, example: &str, errors: &mut Errors) -> Option<i64> {
    let Some(entry) = section.get(key) else {
        errors.push(section.missing(key, example));
        return None;
    };
    // Answers are small numbers; what is far from them is a slip of the hand and would make a range that nobody can list.
    let whole = entry.number().filter(|number| number.fract() == 0.0 && number.abs() <= 1_000.0);
    if whole.is_none() {
        errors.push(entry.wrong("a small whole number", &format!("write it as `{example}`, without quotes")));
    }
    whole.map(|whole| whole as i64)
}

pub(super) fn section<'t, 'd>(
    parent: &Section<'t, 'd>,
    key: &str,
    errors: &mut Errors,
) -> Option<Section<'t, 'd>> {
    let entry = parent.get(key);
    if entry.is_none() {
        errors.push(parent.error(format!("[{key}] is missing"), format!("add a section [{key}]")));
    }
    entry?.section(errors)
}

/// The tables of a list that must be there.
pub(super) fn sections<'t, 'd>(
    parent: &Section<'t, 'd>,
    key: &str,
    errors: &mut Errors,
) -> Vec<Section<'t, 'd>> {
    if parent.get(key).is_none() {
        errors.push(parent.error(format!("there is no [[{key}]]"), format!("add a section [[{key}]]")));
    }
    optional_sections(parent, key, errors)
}

fn optional_sections<'t, 'd>(
    parent: &Section<'t, 'd>,
    key: &str,
    errors: &mut Errors,
) -> Vec<Section<'t, 'd>> {
    let hint = format!("write each as a section: `[[{key}]]`");
    let entries: Vec<Entry> = parent.get(key).and_then(|entry| entry.list(&hint, errors)).unwrap_or_default();
    entries.iter().filter_map(|entry| entry.section(errors)).collect()
}
