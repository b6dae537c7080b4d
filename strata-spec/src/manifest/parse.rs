//! Reads a project: `strata.toml` and the files under `segments/`. Every mistake is an error with its line and a hint,
//! unknown keys included, and as many are reported at once as can be told apart.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate};
use toml::de::DeValue;

use super::Manifest;
use super::answered::definitions_of;
use super::identity::{DECISIONS, Identity, decisions, identity};
use super::market::{finished, markets};
use super::meter::{Meter, meter};
use super::personas::{Personas, personas};
use super::priority::priorities;
use super::source::sources;
use super::survey::surveys;
use super::text::{Text, text};
use crate::definition::shipped::shipped;
use crate::definition::{Definitions, FAMILIES, Family, Origin, Parsed, Properties};
use crate::document::{Document, Entry, Errors, Section, listed, suggestion};
use crate::error::SpecError;
use crate::table::{Kind, PROFILING_CONSENT, PROPERTIES, SOURCE, Subject, Table};

/// The sections that only `strata.toml` has.
const PROJECT_SECTIONS: [&str; 11] = [
    "project",
    "currencies",
    "identity",
    "meter",
    "personas",
    "properties",
    "sources",
    "surveys",
    "text",
    "market",
    "markets",
];

impl Manifest {
    /// Reads a project from its files, each given with the name that errors call it by. The first is `strata.toml`;
    /// `identity.toml` holds decisions about single customers, the others are those under `segments/` and hold definitions only.
    pub fn parse(files: &[(String, String)]) -> Result<Manifest, Vec<SpecError>> {
        parse_over(shipped()?, files)
    }
}

/// [`Manifest::parse`] with a project's definitions laid over those given.
pub(crate) fn parse_over(
    shipped: &[Parsed<'_>],
    files: &[(String, String)],
) -> Result<Manifest, Vec<SpecError>> {
    let mut errors = Errors::new();
    let mut manifest = empty();
    let mut definitions: Vec<Parsed> = Vec::new();
    let mut drafts = Vec::new();
    let mut readable = true;
    for (index, (file, text)) in files.iter().enumerate() {
        let document = Document { file, text };
        let Some(table) = document.parse(&mut errors) else {
            readable = false;
            continue;
        };
        let root = Section::root(document, table.get_ref());
        if index == 0 {
            project(&root, shipped, &mut manifest, &mut errors);
            drafts = markets(&root, &manifest, &mut errors);
        } else if file == DECISIONS {
            decisions(&root, &mut manifest.identity, &mut errors);
            continue;
        } else {
            definitions_alone(&root, &mut errors);
        }
        crate::definition::parse::parse(
            &root,
            Origin::Project,
            &manifest.properties,
            &mut definitions,
            &mut errors,
        );
    }
    let of_surveys: Vec<(String, String)> = manifest.surveys.iter().map(definitions_of).collect();
    for (file, text) in &of_surveys {
        let document = Document { file, text };
        let Some(table) = document.parse(&mut errors) else { continue };
        let root = Section::root(document, table.get_ref());
        let properties = &manifest.properties;
        crate::definition::parse::parse(&root, Origin::Project, properties, &mut definitions, &mut errors);
    }
    if files.is_empty() {
        errors.push(SpecError::new("a project needs `strata.toml`").with_hint("`strata init` writes one"));
    }
    let mut all: Vec<Parsed> = shipped
        .iter()
        .filter(|theirs| {
            !definitions.iter().any(|own| own.family == theirs.family && own.name.value == theirs.name.value)
        })
        .cloned()
        .collect();
    all.extend(definitions);
    // A file that is not TOML may hold any of the names that others use.
    if readable {
        crate::definition::check::check(&all, &manifest.properties, &mut errors);
        crate::definition::withheld::check(&all, &manifest.surveys, &mut errors);
    }
    if errors.is_empty() {
        manifest.definitions = Definitions::collect(all);
        manifest.markets = finished(drafts, &manifest, &mut errors);
    }
    if errors.is_empty() {
        Ok(manifest)
    } else {
        let rank = |error: &SpecError| files.iter().position(|(file, _)| error.place.as_ref() == Some(file));
        errors.sort_by_key(|error| (rank(error), error.position));
        Err(errors)
    }
}

fn empty() -> Manifest {
    Manifest {
        title: String::new(),
        timezone: "UTC".to_owned(),
        fiscal_year_start: 1,
        currency: None,
        as_of: None,
        seed: 0,
        currencies: BTreeMap::new(),
        sources: Vec::new(),
        surveys: Vec::new(),
        markets: Vec::new(),
        identity: Identity::default(),
        meter: Meter::default(),
        personas: Personas::default(),
        text: Text::default(),
        properties: Properties::new(),
        definitions: Definitions::default(),
    }
}

fn project(root: &Section, shipped: &[Parsed], manifest: &mut Manifest, errors: &mut Errors) {
    let known: Vec<&str> = PROJECT_SECTIONS.into_iter().chain(FAMILIES.map(|(section, _)| section)).collect();
    root.only(&known, errors);
    match root.get("project") {
        Some(entry) => {
            if let Some(section) = entry.section(errors) {
                settings(&section, manifest, errors);
            }
        }
        None => errors.push(root.error(
            "the section [project] is missing",
            "begin the file with `[project]` and, below it, `title = \"…\"`",
        )),
    }
    if let Some(section) = root.get("currencies").and_then(|entry| entry.section(errors)) {
        manifest.currencies = currencies(&section, manifest.currency.as_deref(), errors);
    }
    if let Some(section) = root.get("identity").and_then(|entry| entry.section(errors)) {
        manifest.identity = identity(&section, errors);
    }
    if let Some(section) = root.get("meter").and_then(|entry| entry.section(errors)) {
        manifest.meter = meter(&section, errors);
    }
    if let Some(section) = root.get("personas").and_then(|entry| entry.section(errors)) {
        manifest.personas = personas(&section, errors);
    }
    if let Some(section) = root.get("text").and_then(|entry| entry.section(errors)) {
        manifest.text = text(&section, errors);
    }
    if let Some(section) = root.get("properties").and_then(|entry| entry.section(errors)) {
        manifest.properties = properties(&section, shipped, errors);
    }
    if let Some(section) = root.get("surveys").and_then(|entry| entry.section(errors)) {
        manifest.surveys = surveys(&section, errors);
    }
    if let Some(section) = root.get("sources").and_then(|entry| entry.section(errors)) {
        manifest.sources = sources(&section, &manifest.properties, errors);
    }
    // Which sources there are and what they map has to be known.
    if let Some(section) =
        root.get("identity").filter(Entry::is_table).and_then(|entry| entry.section(errors))
    {
        manifest.identity.priority = priorities(&section, &manifest.sources, &manifest.properties, errors);
    }
}

fn definitions_alone(root: &Section, errors: &mut Errors) {
    let known = FAMILIES.map(|(section, _)| section);
    for entry in root.entries() {
        if PROJECT_SECTIONS.contains(&entry.name.as_str()) {
            errors.push(entry.key().error(
                format!("[{}] stands in a file of definitions", entry.name),
                "move it to `strata.toml`; files under `segments/` hold traits, scores, segmentations and segments",
            ));
        } else if !known.contains(&entry.name.as_str()) {
            errors.push(entry.unknown(&known));
        }
    }
}

fn settings(section: &Section, manifest: &mut Manifest, errors: &mut Errors) {
    section.only(&["title", "timezone", "fiscal_year_start", "currency", "as_of", "seed"], errors);
    if let Some(title) = section.required_text("title", "\"…\"", errors) {
        manifest.title = title.value;
    }
    if let Some(timezone) = section.text("timezone", errors) {
        manifest.timezone = timezone.value;
    }
    if let Some(entry) = section.get("fiscal_year_start") {
        match entry.whole(1, errors).map(u32::try_from) {
            Some(Ok(month @ 1..=12)) => manifest.fiscal_year_start = month,
            Some(_) => errors.push(entry.error(
                format!("`{}` is not a month", entry.path),
                "write the number of the month in which the fiscal year begins, 1 to 12",
            )),
            None => {}
        }
    }
    if let Some(currency) = section.text("currency", errors) {
        if is_currency(&currency.value) {
            manifest.currency = Some(currency.value);
        } else {
            errors.push(currency.error(format!("`{}` is not a currency", currency.value), CURRENCY_HINT));
        }
    }
    if let Some(entry) = section.get("as_of") {
        manifest.as_of = as_of(&entry, errors);
    }
    if let Some(seed) = section.get("seed").and_then(|entry| entry.whole(0, errors)) {
        manifest.seed = seed;
    }
}

const CURRENCY_HINT: &str = "currencies are the three capital letters of ISO 4217, as `EUR`";

fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|letter| letter.is_ascii_uppercase())
}

/// An instant, written as a date or as a time with its offset.
pub(crate) fn as_of(entry: &Entry, errors: &mut Errors) -> Option<String> {
    let text = match entry.value() {
        DeValue::Datetime(datetime) => datetime.to_string(),
        _ => entry.text(errors)?.value,
    };
    let is_date = NaiveDate::parse_from_str(&text, "%Y-%m-%d").is_ok_and(|date| date.to_string() == text);
    if is_date || DateTime::parse_from_rfc3339(&text).is_ok() {
        return Some(text);
    }
    errors.push(entry.error(
        format!("`{text}` is not an instant"),
        "write a date, as `\"2024-12-31\"` (its midnight in the project's time zone), or a time with its offset, as `\"2024-12-31T08:00:00+01:00\"`",
    ));
    None
}

fn currencies(section: &Section, own: Option<&str>, errors: &mut Errors) -> BTreeMap<String, f64> {
    if own.is_none() {
        errors.push(section.error(
            "[currencies] says what others are worth in the project's currency, which is not given",
            "add `currency = \"EUR\"` under [project]",
        ));
    }
    let mut rates = BTreeMap::new();
    for entry in section.entries() {
        if !is_currency(&entry.name) {
            errors.push(entry.key().error(format!("`{}` is not a currency", entry.name), CURRENCY_HINT));
        } else if own == Some(entry.name.as_str()) {
            errors.push(entry.key().error(
                format!("`{}` is the project's own currency", entry.name),
                "leave it out: one unit of it is worth 1",
            ));
        }
        match entry.number() {
            Some(rate) if rate.is_finite() && rate > 0.0 => {
                rates.insert(entry.name.clone(), rate);
            }
            _ => errors.push(entry.wrong(
                "a number above 0",
                &format!("write what one {} is worth in the project's currency, as `0.92`", entry.name),
            )),
        }
    }
    rates
}

fn properties(section: &Section, shipped: &[Parsed], errors: &mut Errors) -> Properties {
    let mut properties = Properties::new();
    let tables = Table::ALL.map(Table::as_str);
    for entry in section.entries() {
        let Some(table) = Table::parse(&entry.name) else {
            let hint =
                suggestion(&entry.name, tables, || format!("the tables are {}", listed(tables, "and")));
            errors.push(entry.key().error(format!("there is no table `{}`", entry.name), hint));
            continue;
        };
        let Some(columns) = entry.section(errors) else { continue };
        let declared: &mut BTreeMap<String, Kind> = properties.entry(table).or_default();
        for column in columns.entries() {
            let name = column.name.as_str();
            if let Some((message, hint)) = property_fault(table, name, declared, shipped) {
                errors.push(column.key().error(message, hint));
            }
            let kinds = Kind::ALL.map(|kind| (kind.as_str(), kind));
            // A property of an unknown kind is still a known name, lest its every use be reported too.
            let kind = column.word(&kinds, errors);
            if let (Table::Customers, PROFILING_CONSENT, Some(kind)) = (table, name, kind)
                && kind != Kind::Boolean
            {
                errors.push(column.wrong(
                    "`boolean`",
                    "false is the objection of a person, who is then in no segment; null is none",
                ));
            }
            let kind = kind.unwrap_or(Kind::Text);
            declared.insert(column.name, kind);
        }
    }
    properties
}

fn property_fault(
    table: Table,
    name: &str,
    declared: &BTreeMap<String, Kind>,
    shipped: &[Parsed],
) -> Option<(String, String)> {
    let same = |other: &str| other.to_lowercase() == name.to_lowercase();
    if let Some(column) = table.columns().iter().find(|column| same(column.name)) {
        return Some((
            format!("{table} has a column `{}` already", column.name),
            format!("leave the property out and map the column: `{} = \"…\"`", column.name),
        ));
    }
    if same(SOURCE) || same(PROPERTIES) || name.starts_with('_') {
        return Some((
            format!("a property cannot be called `{name}`"),
            format!(
                "`{SOURCE}`, `{PROPERTIES}` and names that begin with `_` are the system's own; choose another"
            ),
        ));
    }
    if name.is_empty() {
        return Some((
            "a property needs a name".to_owned(),
            "name it as its column is to be called".to_owned(),
        ));
    }
    let is_column = |parsed: &&Parsed| matches!(parsed.family, Family::Trait | Family::Score);
    let of_table = |parsed: &&Parsed| parsed.subject.map(Subject::table) == Some(table);
    if let Some(parsed) =
        shipped.iter().filter(is_column).filter(of_table).find(|parsed| same(&parsed.name.value))
    {
        return Some((
            format!("`{}` is the name of a shipped {} of {table}", parsed.name.value, parsed.family.word()),
            "choose another name for the property".to_owned(),
        ));
    }
    declared.keys().find(|other| same(other)).map(|other| {
        (
            format!("`{name}` and `{other}` differ in case only"),
            "table formats tell columns apart by more than case; choose another name".to_owned(),
        )
    })
}
