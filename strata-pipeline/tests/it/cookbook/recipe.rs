//! A recipe as a world: its definitions, its rows, and who is expected where.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use strata_pipeline::spec::condition::Group;
use strata_pipeline::spec::definition::Definitions;
use strata_pipeline::spec::error::SpecError;
use strata_pipeline::spec::manifest::Manifest;
use strata_pipeline::spec::name::{SegmentName, SegmentationName};
use strata_pipeline::spec::table::{Kind, Subject, Table};

use super::page::{Recipe, fields};
use crate::reference::{Decided, Row, Spell, Stay, Value, World};

/// When a recipe takes place that does not say.
const AS_OF: &str = "2026-03-31T12:00:00Z";

impl Recipe {
    /// The blocks of a kind: what else its opening fence says, and what it holds.
    fn blocks_of(&self, kind: &str) -> impl Iterator<Item = (&str, &str)> {
        self.blocks.iter().filter_map(move |block| {
            let (first, rest) = block.info.split_once(' ').unwrap_or((&block.info, ""));
            (first == kind).then_some((rest, block.text.as_str()))
        })
    }

    /// The definitions as `strata.toml` holds them, or what is wrong with them.
    pub(crate) fn manifest(&self) -> Result<Manifest, Vec<SpecError>> {
        let mut text: String = self.blocks_of("toml").map(|(_, text)| text).collect();
        if !text.contains("[project]") {
            text.push_str("[project]\n");
        }
        // Behind the recipe's own lines, whose numbers errors name.
        let text = text.replace("[project]\n", "[project]\ntitle = \"Recipe\"\n");
        Manifest::parse(&[("strata.toml".to_owned(), text)])
    }

    /// The errors that are expected.
    pub(crate) fn errors(&self) -> Option<&str> {
        self.blocks_of("error").map(|(_, text)| text).next()
    }

    /// Checks what else a recipe says: sentences, definitions that are the same, and no block of another kind.
    pub(crate) fn check_words(&self, definitions: &Definitions) {
        for (_, text) in self.blocks_of("sentence") {
            for line in text.lines() {
                let (segment, sentence) = line.split_once(": ").unwrap();
                assert_eq!(definitions.segments[segment].condition.sentence(), sentence, "{}", self.name);
            }
        }
        for (_, text) in self.blocks_of("same") {
            let versions = text.trim().split(", ").map(|name| &definitions.segments[name].header.version);
            assert_eq!(versions.collect::<BTreeSet<_>>().len(), 1, "{}: {text}", self.name);
        }
        const KINDS: [&str; 6] = ["toml", "csv", "members", "error", "sentence", "same"];
        let n_known: usize = KINDS.iter().map(|kind| self.blocks_of(kind).count()).sum();
        assert_eq!(n_known, self.blocks.len(), "{}: a block is of no known kind", self.name);
    }

    /// Its rows, seen at its instant.
    pub(crate) fn world(&self, manifest: Manifest) -> World {
        let timezone: Tz = manifest.timezone.parse().unwrap();
        let as_of = manifest.as_of.as_deref().unwrap_or(AS_OF);
        let mut world = World {
            as_of: time(as_of, timezone),
            timezone,
            fiscal_year_start: manifest.fiscal_year_start,
            definitions: manifest.definitions,
            properties: manifest.properties,
            tables: BTreeMap::new(),
            spells: Vec::new(),
            stays: Vec::new(),
        };
        for (name, text) in self.blocks_of("csv") {
            for row in rows(text) {
                match name {
                    "history" => world.spells.push(spell(&row, &world)),
                    "membership" => world.stays.push(stay(&row, timezone)),
                    name => {
                        let table =
                            Table::parse(name).unwrap_or_else(|| panic!("there is no table `{name}`"));
                        let row = typed(row, table, &world);
                        world.tables.entry(table).or_default().push(row);
                    }
                }
            }
        }
        name_subjects(&mut world);
        world
    }

    /// Who is expected in what. Every segment and segmentation of the recipe has a line.
    pub(crate) fn expected(&self, world: &World) -> Decided {
        let mut expected = Decided::default();
        for line in self.blocks_of("members").flat_map(|(_, text)| text.lines()) {
            let (what, ids) = line.split_once(": ").unwrap_or_else(|| panic!("`{line}` has no colon"));
            let ids: BTreeSet<String> =
                ids.split(", ").filter(|id| *id != "nobody").map(str::to_owned).collect();
            match what.split_once(' ') {
                None => {
                    expected.undecided.entry(what.to_owned()).or_default();
                    expected.members.insert(what.to_owned(), ids);
                }
                Some((segment, "undecided")) => {
                    expected.undecided.insert(segment.to_owned(), ids);
                }
                Some((segmentation, class)) => {
                    assert!(world.definitions.segmentations.contains_key(segmentation), "`{line}`");
                    expected
                        .classes
                        .entry(segmentation.to_owned())
                        .or_default()
                        .insert(class.to_owned(), ids);
                }
            }
        }
        expected
    }
}

/// The rows of a table of comma-separated values, cells without a text left out.
fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut lines = text.lines();
    let header = fields(lines.next().unwrap());
    lines
        .map(|line| {
            let cells = fields(line);
            assert_eq!(cells.len(), header.len(), "`{line}` has other columns than the header");
            let cells = header.iter().cloned().zip(cells);
            cells.filter(|(_, cell)| !cell.is_empty()).collect()
        })
        .collect()
}

fn typed(row: BTreeMap<String, String>, table: Table, world: &World) -> Row {
    row.into_iter()
        .map(|(column, cell)| {
            let value = value(&cell, kind(table, &column, world), world.timezone);
            (column, value)
        })
        .collect()
}

fn kind(table: Table, column: &str, world: &World) -> Kind {
    let declared = || world.properties.get(&table).and_then(|declared| declared.get(column)).copied();
    let known = table.column(column).map(|column| column.kind).or_else(declared);
    known.unwrap_or_else(|| panic!("{table} has no column `{column}`"))
}

fn value(cell: &str, kind: Kind, zone: Tz) -> Value {
    match kind {
        Kind::Text | Kind::Json => {
            Value::Text(if cell == "(empty)" { String::new() } else { cell.to_owned() })
        }
        Kind::Integer => Value::Integer(cell.parse().unwrap()),
        Kind::Number => Value::Number(cell.parse().unwrap()),
        Kind::Boolean => Value::Boolean(cell.parse().unwrap()),
        Kind::Date => Value::Date(cell.parse().unwrap()),
        Kind::Timestamp => Value::Time(time(cell, zone)),
    }
}

/// An instant: with an offset, or as clocks of the project's time zone show it; a day alone is its midnight.
fn time(text: &str, zone: Tz) -> DateTime<Utc> {
    if let Ok(at) = text.parse() {
        return at;
    }
    let day = text.parse::<NaiveDate>().map(|day| day.and_time(NaiveTime::MIN));
    let clock = day
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M"))
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f"))
        .unwrap_or_else(|_| panic!("`{text}` is not a time"));
    zone.from_local_datetime(&clock).earliest().unwrap().to_utc()
}

fn owner(row: &BTreeMap<String, String>) -> (Subject, String) {
    let named = |subject: &Subject| row.contains_key(subject.id_column());
    let subject = Subject::ALL.into_iter().find(named).unwrap();
    (subject, row[subject.id_column()].clone())
}

fn spell(row: &BTreeMap<String, String>, world: &World) -> Spell {
    let (subject, id) = owner(row);
    let property = row["property"].clone();
    let kind = kind(subject.table(), &property, world);
    let value = row.get("value").map_or(Value::Null, |cell| value(cell, kind, world.timezone));
    Spell { subject, id, property, value, since: time(&row["since"], world.timezone) }
}

fn stay(row: &BTreeMap<String, String>, zone: Tz) -> Stay {
    let (subject, id) = owner(row);
    let group = match row.get("class") {
        None => Group::Segment(SegmentName::new(row["segment"].clone()).unwrap()),
        Some(class) => Group::Class {
            segmentation: SegmentationName::new(row["segmentation"].clone()).unwrap(),
            class: class.clone(),
        },
    };
    let left_at = row.get("left_at").map(|text| time(text, zone));
    Stay { subject, id, group, entered_at: time(&row["entered_at"], zone), left_at }
}

/// Whoever is named by a row is there, whether or not more is known of them, and company customers' rows are their company's.
fn name_subjects(world: &mut World) {
    let employers: BTreeMap<String, Value> = employers(world);
    for (table, rows) in &mut world.tables {
        if table.column("customer_id").is_none() || *table == Table::Customers {
            continue;
        }
        for row in rows {
            let employer = row.get("customer_id").and_then(Value::text).and_then(|id| employers.get(id));
            if let (Some(employer), false) = (employer, row.contains_key("company_id")) {
                row.insert("company_id".to_owned(), employer.clone());
            }
        }
    }
    for subject in Subject::ALL {
        let id = subject.id_column();
        let named: BTreeSet<String> = world
            .tables
            .values()
            .flatten()
            .filter_map(|row| row.get(id)?.text().map(str::to_owned))
            .collect();
        if named.is_empty() && subject == Subject::Companies {
            continue;
        }
        let own = world.tables.entry(subject.table()).or_default();
        let known: BTreeSet<String> =
            own.iter().filter_map(|row| row.get(id)?.text().map(str::to_owned)).collect();
        own.extend(
            named.difference(&known).map(|name| Row::from([(id.to_owned(), Value::Text(name.clone()))])),
        );
    }
}

/// The company of each customer.
fn employers(world: &World) -> BTreeMap<String, Value> {
    let customers = world.tables.get(&Table::Customers).into_iter().flatten();
    customers
        .filter_map(|row| Some((row.get("customer_id")?.text()?.to_owned(), row.get("company_id")?.clone())))
        .collect()
}
