//! What the sources together say about the project: names, order, currency, and the day at which to evaluate.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use strata_spec::manifest::{ColumnSource, DateOrder};
use strata_spec::name::SourceName;
use strata_spec::table::Table;

use super::draft::{Draft, leftovers, names_in};
use super::group::dates;
use super::words::tokens;
use super::{Explained, FileSample, Options, Proposal, ProposedSource, ProposedTable, spaces};

/// A sample of as many rows need not be the whole file.
const SAMPLE_ROWS: usize = 1_000;
/// Files that end longer ago than this are evaluated at their end, not today.
const STALE_DAYS: u64 = 30;

/// The finished proposal.
pub(super) fn proposal(files: &[FileSample], mut drafts: Vec<Draft>, options: &Options) -> Proposal {
    drafts = drafts.into_iter().flat_map(|draft| one_pattern_each(files, draft)).collect();
    // Of two sources that know a customer the earlier one's word counts: a list of customers knows them best, and who
    // has unsubscribed in one place has unsubscribed.
    // The ids that most sources share come first: customers are called by them.
    let n_sources = |draft: &Draft| draft.space.as_ref().map_or(usize::MAX, |space| space.n_sources);
    drafts.sort_by_key(|draft| (rank(draft), !unsubscribed(draft), Reverse(n_sources(draft))));
    spaces::name_spaces(&mut drafts);
    let phones = drafts.iter().any(|draft| draft.maps_customers() && draft.keys.phone.is_some());
    let country = if phones { countries(files, &drafts) } else { None };
    let currencies = currencies(files, &drafts);
    let as_of = as_of(files, &drafts, options.today);
    let mut names: Vec<String> = Vec::new();
    let sources = drafts.into_iter().map(|draft| source(files, draft, &mut names)).collect();
    let mut currencies = currencies.into_iter();
    Proposal {
        title: title(&options.folder),
        currency: currencies.next(),
        other_currencies: currencies.map(|currency| currency.value).collect(),
        as_of,
        sources,
        phones,
        country,
    }
}

/// A file's name without folder and extensions.
pub(super) fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.trim_start_matches('.').split_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}

fn rank(draft: &Draft) -> usize {
    let first = draft.tables.iter().map(|each| each.table.table).find(|_| draft.left_out.is_none());
    // A file of orders that also says something about its customers ranks with the orders.
    let main = Table::ALL.into_iter().skip(2).find(|&table| draft.table(table).is_some()).or(first);
    main.and_then(|table| Table::ALL.iter().position(|each| *each == table)).unwrap_or(Table::ALL.len())
}

/// The files of a source must be all that its pattern meets; where no pattern does that, each file is a source.
fn one_pattern_each(files: &[FileSample], draft: Draft) -> Vec<Draft> {
    if pattern(files, &draft).is_some() {
        return vec![draft];
    }
    draft.files.iter().map(|&index| Draft { files: vec![index], ..draft.clone() }).collect()
}

fn pattern(files: &[FileSample], draft: &Draft) -> Option<String> {
    let paths = |own: bool| -> Vec<&str> {
        let part = files.iter().enumerate().filter(|(index, _)| draft.files.contains(index) == own);
        part.map(|(_, file)| file.path.as_str()).collect()
    };
    glob(&paths(true), &paths(false))
}

/// Whether nobody in the file accepts marketing messages.
fn unsubscribed(draft: &Draft) -> bool {
    let no = ColumnSource::Sql("false".to_owned());
    let consent = draft.table(Table::Customers).and_then(|table| table.column("accepts_marketing"));
    consent.is_some_and(|column| column.source == no)
}

fn source(files: &[FileSample], draft: Draft, names: &mut Vec<String>) -> ProposedSource {
    let paths: Vec<&str> = draft.files.iter().map(|&index| files[index].path.as_str()).collect();
    let name = unique(&common_stem(&paths), names);
    let path = pattern(files, &draft).unwrap_or_default();
    let first = draft.files.first().map(|&index| &files[index]);
    let mut notes = draft.notes;
    if paths.len() > 1 {
        notes.push(format!("{} files of one shape: {}.", paths.len(), paths.join(", ")));
    }
    let mut tables: Vec<ProposedTable> = draft.tables.into_iter().map(|each| each.table).collect();
    tables.sort_by_key(|table| table.table);
    let date_order = first.and_then(|file| date_order(file, draft.date_order, &tables, &mut notes));
    ProposedSource {
        name,
        path,
        title: draft.title,
        notes,
        namespace: draft.namespace,
        dialect: first.map(|file| file.dialect.clone()).unwrap_or_else(|| super::Dialect {
            kind: strata_spec::manifest::FormatKind::Csv,
            delimiter: ',',
            header: true,
            encoding: "utf-8".to_owned(),
            preamble: Vec::new(),
        }),
        comment: draft.comment,
        timezone: draft.timezone,
        date_order,
        decimal: draft.decimal,
        leftovers: first.map(|file| leftovers(file, &tables)).unwrap_or_default(),
        tables,
        left_out: draft.left_out,
    }
}

/// The order of day and month: what the values prove, else what the vendor writes; nothing where no date leaves it open.
fn date_order(
    file: &FileSample,
    vendor: Option<DateOrder>,
    tables: &[ProposedTable],
    notes: &mut Vec<String>,
) -> Option<Explained<DateOrder>> {
    let mut facts = super::DateFacts::default();
    for (at, _) in time_columns(file, tables, true) {
        facts.merge(&dates(file, at));
    }
    if facts.n_day_first + facts.n_month_first + facts.n_ambiguous == 0 {
        return None;
    }
    if let (Some(proved), n) = (facts.order(), facts.n_day_first.max(facts.n_month_first)) {
        let first = if proved == DateOrder::DayFirst { "day" } else { "month" };
        let n = super::evidence::grouped(n);
        return Some(Explained {
            value: proved,
            why: format!("{n} dates make sense only with the {first} first"),
        });
    }
    if let Some(value) = vendor {
        return Some(Explained {
            value,
            why: "as the export writes them; every date makes sense both ways".to_owned(),
        });
    }
    notes.push("Every date makes sense with the day first and with the month first: say `date_order = \"day_first\"` or `\"month_first\"`.".to_owned());
    None
}

/// The columns that say when something happened, by their index in the file; `all` with birth dates.
fn time_columns(file: &FileSample, tables: &[ProposedTable], all: bool) -> Vec<(usize, Table)> {
    let mut found = Vec::new();
    for table in tables {
        for column in &table.columns {
            if column.name == table.table.time_column() || (all && column.name == "birth_date") {
                let names = names_in(&column.source);
                let at = names.iter().filter_map(|name| file.columns.iter().position(|each| each == name));
                found.extend(at.map(|at| (at, table.table)));
            }
        }
    }
    found
}

fn as_of(files: &[FileSample], drafts: &[Draft], today: NaiveDate) -> Option<Explained<NaiveDate>> {
    let mut newest: Option<(NaiveDate, &str)> = None;
    // Where only the first rows are known, the newest date is not, and a day too early would cut off what follows.
    if files.iter().any(|file| file.dates.is_empty() && file.rows.len() >= SAMPLE_ROWS) {
        return None;
    }
    for draft in drafts {
        let tables: Vec<ProposedTable> = draft.tables.iter().map(|each| each.table.clone()).collect();
        for file in draft.files.iter().map(|&index| &files[index]) {
            // When the last customer joined says nothing about when the file was written.
            let columns = time_columns(file, &tables, false);
            for (at, _) in columns.into_iter().filter(|(_, table)| table.subject().is_none()) {
                let seen =
                    dates(file, at).newest(draft.date_order, today).map(|date| (date, file.path.as_str()));
                newest = newest.into_iter().chain(seen).max_by_key(|(date, _)| *date);
            }
        }
    }
    let (newest, path) = newest?;
    let stale = newest.checked_add_days(Days::new(STALE_DAYS))? < today;
    stale.then_some(())?;
    Some(Explained {
        value: newest.checked_add_days(Days::new(1))?,
        why: format!(
            "the newest date is {newest} (in {path}), long before {today}: at today's date everybody would be lapsed. Take the line out once fresh files come in"
        ),
    })
}

/// Currencies, the most frequent first, from mapped currency columns, else from signs and codes.
fn currencies(files: &[FileSample], drafts: &[Draft]) -> Vec<Explained<String>> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut hint: Option<Explained<String>> = None;
    for draft in drafts.iter().filter(|draft| draft.left_out.is_none()) {
        let Some(file) = draft.files.first().map(|&index| &files[index]) else { continue };
        for column in draft.tables.iter().flat_map(|each| &each.table.columns) {
            for name in names_in(&column.source) {
                let Some(at) = file.columns.iter().position(|each| *each == name) else { continue };
                let values = file.rows.iter().filter_map(|row| row.get(at)?.as_deref());
                match column.name.as_str() {
                    "currency" => values
                        .map(|value| value.trim().to_uppercase())
                        .filter(|code| is_code(code))
                        .for_each(|code| *counts.entry(code).or_default() += 1),
                    "amount" | "unit_price" => hint = hint.or_else(|| hinted(&name, values)),
                    _ => {}
                }
            }
        }
    }
    let mut counted: Vec<(String, u64)> = counts.into_iter().collect();
    counted.sort_by_key(|(_, n)| Reverse(*n));
    if counted.is_empty() {
        return hint.into_iter().collect();
    }
    let many = counted.len() > 1;
    let why = |n: u64| {
        format!(
            "{} rows of the sample are in it{}",
            super::evidence::grouped(n),
            if many { ", more than in any other" } else { "" }
        )
    };
    counted.into_iter().map(|(value, n)| Explained { value, why: why(n) }).collect()
}

/// The country of most sampled rows with a telephone number, where their columns say one.
fn countries(files: &[FileSample], drafts: &[Draft]) -> Option<Explained<String>> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    let mut n_rows = 0;
    for draft in drafts.iter().filter(|draft| draft.left_out.is_none()) {
        let Some(phone) = &draft.keys.phone else { continue };
        let columns = draft.tables.iter().flat_map(|each| &each.table.columns);
        let country = columns
            .filter(|column| column.name == "country")
            .find_map(|column| names_in(&column.source).pop());
        let Some(country) = country else { continue };
        for file in draft.files.iter().map(|&index| &files[index]) {
            let place = |name: &String| file.columns.iter().position(|each| each == name);
            let numbers: Vec<usize> = names_in(&phone.source).iter().filter_map(place).collect();
            let Some(country) = place(&country) else { continue };
            let cell = |row: &[Option<String>], at: usize| {
                row.get(at).and_then(|cell| cell.as_deref()).map(str::trim).unwrap_or_default().to_owned()
            };
            for row in file.rows.iter().filter(|row| numbers.iter().any(|&at| !cell(row, at).is_empty())) {
                let country = cell(row, country);
                n_rows += u64::from(!country.is_empty());
                if let Some(code) = strata_spec::country::code(&country) {
                    *counts.entry(code).or_default() += 1;
                }
            }
        }
    }
    let (code, n) = counts.into_iter().max_by_key(|(_, n)| *n)?;
    (n * 2 > n_rows).then(|| Explained {
        value: code.to_owned(),
        why: format!(
            "a number without a calling code is taken for one of this country: {} sampled rows with numbers are there",
            super::identity::part(n, n_rows)
        ),
    })
}

fn is_code(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn hinted<'a>(header: &str, mut values: impl Iterator<Item = &'a str>) -> Option<Explained<String>> {
    const CODES: [&str; 12] =
        ["eur", "usd", "gbp", "chf", "sek", "nok", "dkk", "pln", "cad", "aud", "jpy", "mxn"];
    let tokens = tokens(header);
    let code = CODES.into_iter().find(|code| tokens.iter().any(|token| token == code)).map(str::to_uppercase);
    let code = code.or_else(|| header.contains('€').then(|| "EUR".to_owned()));
    if let Some(value) = code {
        return Some(Explained { value, why: format!("the header '{header}' says so") });
    }
    let sign = values
        .find_map(|value| [("€", "EUR"), ("£", "GBP")].into_iter().find(|(sign, _)| value.contains(sign)))?;
    Some(Explained {
        value: sign.1.to_owned(),
        why: format!("amounts in '{header}' have the sign {}", sign.0),
    })
}

fn title(folder: &str) -> String {
    let words = folder.trim_matches('/').rsplit('/').next().unwrap_or_default().replace(['_', '-'], " ");
    let words = words.trim();
    let mut characters = words.chars();
    match characters.next() {
        Some(first) if words != "." => first.to_uppercase().chain(characters).collect(),
        _ => "Customers".to_owned(),
    }
}

/// A source's name from a file's, with a number where another source has it already.
fn unique(stem: &str, names: &mut Vec<String>) -> String {
    let mut plain = tokens(stem).join("_");
    plain
        .retain(|character| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_');
    let plain: String = plain.trim_matches('_').chars().take(58).collect();
    let base = match plain.as_str() {
        "" => "source".to_owned(),
        name if name.starts_with(|first: char| first.is_ascii_lowercase()) => name.to_owned(),
        name => format!("file_{name}"),
    };
    let numbered = (2..).map(|number| format!("{base}_{number}"));
    let name = std::iter::once(base.clone())
        .chain(numbered)
        .find(|name| SourceName::new(name.as_str()).is_ok() && !names.contains(name))
        .unwrap_or(base);
    names.push(name.clone());
    name
}

/// What the names of files have in common, without what only counts them.
pub(super) fn common_stem(paths: &[&str]) -> String {
    let stems: Vec<&str> = paths.iter().map(|path| stem(path)).collect();
    let (before, after) = common(&stems);
    let first = stems.first().copied().unwrap_or_default();
    let text = if stems.len() < 2 { first.to_owned() } else { format!("{before} {after}") };
    let kept = text.trim_matches(|character: char| !character.is_alphabetic());
    // A number that is part of a word stays: `PVQ40`, but not `orders_2024-01`.
    let after = text.split_once(kept).map_or("", |(_, after)| after);
    let end = after.find(|character: char| !character.is_ascii_digit()).unwrap_or(after.len());
    if kept.is_empty() { first.to_owned() } else { format!("{kept}{}", &after[..end]) }
}

/// A glob that meets the paths of one folder and none of the others, if there is one; a single path is its own.
fn glob(paths: &[&str], others: &[&str]) -> Option<String> {
    let [first, _, ..] = paths else { return paths.first().map(|&path| path.to_owned()) };
    let folder = first.rfind('/').map_or(0, |slash| slash + 1);
    let (before, after) = common(&paths.iter().map(|path| &path[folder..]).collect::<Vec<_>>());
    let meets = |path: &&str| {
        path.rfind('/').map_or(0, |slash| slash + 1) == folder
            && path[..folder] == first[..folder]
            && path.len() - folder >= before.len() + after.len()
            && path[folder..].starts_with(&before)
            && path.ends_with(&after)
    };
    let clash = others.iter().any(meets);
    (!clash).then(|| format!("{}{before}*{after}", &first[..folder]))
}

/// The longest common beginning, and the longest common end of what remains, without the digits that count files.
fn common(texts: &[&str]) -> (String, String) {
    let Some((first, rest)) = texts.split_first() else { return (String::new(), String::new()) };
    let forward = first
        .chars()
        .enumerate()
        .take_while(|&(at, each)| rest.iter().all(|text| text.chars().nth(at) == Some(each)));
    let whole: String = forward.map(|(_, each)| each).collect();
    let before =
        whole.trim_end_matches(|each: char| each.is_ascii_digit() || each == '-' || each == '.').to_owned();
    let shortest =
        texts.iter().map(|text| text.chars().count()).min().unwrap_or_default() - whole.chars().count();
    let backward = first.chars().rev().take(shortest).enumerate();
    let after: Vec<char> = backward
        .take_while(|&(at, each)| rest.iter().all(|text| text.chars().rev().nth(at) == Some(each)))
        .map(|(_, each)| each)
        .collect();
    let after: String = after.into_iter().rev().collect();
    (before, after.trim_start_matches(|each: char| each.is_ascii_digit()).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_of_file_names_and_unique() {
        let mut names = Vec::new();
        for (stem, expected) in [
            ("orders_export_1", "orders_export_1"),
            ("Kunden Übersicht", "kunden_uebersicht"),
            ("2024-orders", "file_2024_orders"),
            ("orders export 1", "orders_export_1_2"),
            ("顧客", "source"),
        ] {
            assert_eq!(unique(stem, &mut names), expected);
        }
    }

    #[test]
    fn globs_meet_the_files_of_a_source_and_no_others() {
        for (paths, others, expected) in [
            (&["in/orders.csv"][..], &[][..], Some("in/orders.csv")),
            (
                &["in/orders_2024-01.csv", "in/orders_2024-02.csv"],
                &["in/customers.csv"],
                Some("in/orders_*.csv"),
            ),
            (&["a1.csv", "a2.csv"], &["abc.csv"], None),
            (&["a1.csv", "a2.csv"], &["in/abc.csv"], Some("a*.csv")),
        ] {
            assert_eq!(glob(paths, others).as_deref(), expected, "{paths:?}");
        }
    }

    #[test]
    fn titles_are_made_of_folders() {
        for (folder, expected) in
            [("my-shop", "My shop"), ("shops/Bike_Shop/", "Bike Shop"), (".", "Customers"), ("", "Customers")]
        {
            assert_eq!(title(folder), expected);
        }
    }
}
