//! The shop as a whole, written small and read back: it repeats, it holds what it promises, and its truth is true.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use strata_lake::arrow::array::{Array, AsArray, RecordBatch};
use strata_lake::arrow::datatypes::{Float64Type, TimestampMicrosecondType};
use strata_lake::datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::dirt::Dirt;
use super::{DemoOptions, DemoSummary, write};

/// A folder that goes when it is no longer needed.
struct Shop {
    folder: tempfile::TempDir,
    summary: DemoSummary,
}

impl Shop {
    fn new(n_customers: u64, seed: u64, parquet: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = DemoOptions { n_customers, seed, parquet };
        let summary = write(folder.path(), &options, &|_| ()).unwrap();
        Self { folder, summary }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    fn n_rows(&self, prefix: &str) -> u64 {
        self.summary.files.iter().filter(|file| file.path.starts_with(prefix)).map(|file| file.n_rows).sum()
    }

    /// All files with their bytes.
    fn bytes(&self) -> BTreeMap<String, Vec<u8>> {
        let of = |file: &super::DemoFile| (file.path.clone(), std::fs::read(self.path(&file.path)).unwrap());
        self.summary.files.iter().map(of).collect()
    }

    fn truth(&self, name: &str) -> Vec<HashMap<String, String>> {
        let table = Table::read(&self.path(&format!("truth/{name}")));
        let of = |row: &Vec<String>| table.columns.iter().cloned().zip(row.iter().cloned()).collect();
        table.rows.iter().map(of).collect()
    }
}

/// An export as cells of text. The first row stands on line `first_line`.
struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
    first_line: usize,
}

impl Table {
    fn read(path: &Path) -> Self {
        let name = path.to_string_lossy().into_owned();
        if name.ends_with(".parquet") {
            return Self::of_parquet(path);
        }
        let mut bytes = Vec::new();
        let mut file = File::open(path).unwrap();
        match name.ends_with(".gz") {
            true => GzDecoder::new(file).read_to_end(&mut bytes).unwrap(),
            false => file.read_to_end(&mut bytes).unwrap(),
        };
        if name.contains(".jsonl") {
            return Self::of_json_lines(&String::from_utf8(bytes).unwrap());
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            // Windows-1252: the letters that are used are those of Latin-1, but for the euro.
            Err(error) => error
                .as_bytes()
                .iter()
                .map(|&byte| if byte == 0x80 { '€' } else { char::from(byte) })
                .collect(),
        };
        let delimiter = if name.contains("grosshandel") { b';' } else { b',' };
        let mut rows = csv_rows(&text, delimiter);
        let columns = rows.remove(0);
        Self { columns, rows, first_line: 2 }
    }

    fn of_json_lines(text: &str) -> Self {
        let objects: Vec<serde_json::Map<String, serde_json::Value>> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let columns: BTreeSet<String> = objects.iter().flat_map(|object| object.keys().cloned()).collect();
        let cell = |value: Option<&serde_json::Value>| match value {
            None => String::new(),
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        let row =
            |object: &serde_json::Map<_, _>| columns.iter().map(|name| cell(object.get(name))).collect();
        Self {
            rows: objects.iter().map(row).collect(),
            columns: columns.into_iter().collect(),
            first_line: 1,
        }
    }

    fn of_parquet(path: &Path) -> Self {
        let batches = batches(path);
        let columns: Vec<String> =
            batches[0].schema().fields().iter().map(|field| field.name().clone()).collect();
        let mut rows = Vec::new();
        for batch in &batches {
            for row in 0..batch.num_rows() {
                rows.push((0..columns.len()).map(|at| parquet_cell(batch, at, row)).collect());
            }
        }
        Self { columns, rows, first_line: 1 }
    }

    fn column(&self, name: &str) -> usize {
        self.columns.iter().position(|column| column == name).unwrap()
    }

    fn line(&self, line: usize) -> &Vec<String> {
        &self.rows[line - self.first_line]
    }
}

fn csv_rows(text: &str, delimiter: u8) -> Vec<Vec<String>> {
    let mut reader = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
    let (mut rows, mut input) = (Vec::new(), text.as_bytes());
    let (mut bytes, mut ends) = (vec![0; 1 << 16], vec![0; 256]);
    loop {
        let (result, n_read, _, n_ends) = reader.read_record(input, &mut bytes, &mut ends);
        input = &input[n_read..];
        match result {
            csv_core::ReadRecordResult::Record => {
                let starts = std::iter::once(0).chain(ends[..n_ends - 1].iter().copied());
                let cell =
                    |(from, to): (usize, &usize)| String::from_utf8(bytes[from..*to].to_vec()).unwrap();
                rows.push(starts.zip(&ends[..n_ends]).map(cell).collect());
            }
            csv_core::ReadRecordResult::End => return rows,
            other => assert!(input.is_empty(), "{other:?}"),
        }
    }
}

fn batches(path: &Path) -> Vec<RecordBatch> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    builder.build().unwrap().map(|batch| batch.unwrap()).collect()
}

fn parquet_cell(batch: &RecordBatch, column: usize, row: usize) -> String {
    let array = batch.column(column);
    if array.is_null(row) {
        return String::new();
    }
    if let Some(text) = array.as_string_opt::<i32>() {
        text.value(row).to_owned()
    } else if let Some(number) = array.as_primitive_opt::<Float64Type>() {
        let mut text = format!("{:.2}", number.value(row));
        if batch.schema().field(column).name() == "quantity" {
            text.truncate(text.len() - 3);
        }
        text
    } else {
        array.as_primitive::<TimestampMicrosecondType>().value(row).to_string()
    }
}

/// Parquet holds numbers, so that 20380 reads back as 20380.00.
fn is_written(cell: &str, written: &str, file: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().ok();
    cell == written
        || (file.ends_with(".parquet") && number(cell).is_some() && number(cell) == number(written))
}

#[test]
fn equal_options_give_equal_bytes_and_another_seed_others() {
    for parquet in [false, true] {
        let shop = Shop::new(300, 1, parquet).bytes();
        assert!(shop == Shop::new(300, 1, parquet).bytes(), "parquet: {parquet}");
        let other = Shop::new(300, 2, parquet).bytes();
        let equal: Vec<&String> =
            shop.iter().filter(|(name, bytes)| other[*name] == **bytes).map(|(name, _)| name).collect();
        let same_for_all = ["exports/campaigns.csv", "truth/types.csv", "truth/dirt.csv"];
        assert!(equal.iter().all(|name| same_for_all.contains(&name.as_str())), "{equal:?}");
    }
}

#[test]
fn more_customers_change_nothing_for_the_first() {
    let (few, many) = (Shop::new(250, 3, false), Shop::new(400, 3, false));
    for file in few.summary.files.iter().filter(|file| file.path.ends_with(".csv")) {
        let (few, many) =
            (std::fs::read(few.path(&file.path)).unwrap(), std::fs::read(many.path(&file.path)).unwrap());
        assert!(many.starts_with(&few), "{}", file.path);
    }
}

#[test]
fn averages_are_as_promised() {
    let shop = Shop::new(2000, 5, true);
    let n = 2000.0;
    let (orders, lines) = (shop.n_rows("exports/orders") as f64, shop.n_rows("exports/order_lines") as f64);
    let events = shop.n_rows("exports/events") as f64;
    for (name, found, expected, tolerance) in [
        ("orders per customer", orders / n, 10.0, 1.0),
        ("lines per order", lines / orders, 1.7, 0.1),
        ("events per customer", events / n, 5.0, 0.7),
        ("ids per customer", shop.n_rows("exports/customers") as f64 / n, 1.16, 0.04),
    ] {
        assert!((found - expected).abs() <= tolerance, "{name}: {found}, expected {expected}");
    }
}

#[test]
fn latent_types_differ_as_they_should() {
    let shop = Shop::new(2000, 6, true);
    let mut sums: HashMap<String, (f64, f64)> = HashMap::new();
    for person in shop.truth("people.csv") {
        let sum = sums.entry(person["latent_type"].clone()).or_default();
        sum.0 += person["n_orders"].parse::<f64>().unwrap();
        sum.1 += 1.0;
    }
    let mean = |name: &str| sums[name].0 / sums[name].1;
    assert_eq!(sums.len(), 9);
    assert!(mean("one_time_visitor") < 1.5);
    assert!(mean("premium_enthusiast") > 1.3 * mean("bargain_hunter"));
    assert!(mean("chain") > 1.5 * mean("small_studio"));
}

#[test]
fn every_kind_of_dirt_occurs_and_is_where_it_is_said_to_be() {
    let shop = Shop::new(2000, 1, false);
    let findings = shop.truth("dirt.csv");
    let kinds: BTreeSet<&str> = findings.iter().map(|finding| finding["kind"].as_str()).collect();
    let promised: BTreeSet<&str> = Dirt::ALL.iter().map(|dirt| dirt.name()).collect();
    assert_eq!(kinds, promised);
    let counted: u64 = shop.summary.dirt.iter().map(|(_, count)| count).sum();
    assert_eq!(counted, findings.len() as u64);
    let mut tables: HashMap<String, Table> = HashMap::new();
    for finding in &findings {
        let file = &finding["file"];
        let table =
            tables.entry(file.clone()).or_insert_with(|| Table::read(&shop.path(&format!("exports/{file}"))));
        let row = table.line(finding["line"].parse().unwrap());
        assert!(finding["key"].is_empty() || row.contains(&finding["key"]), "{finding:?} in {row:?}");
        if finding["kind"] == "duplicate_row" {
            assert_eq!(row, table.line(finding["truth"].parse().unwrap()), "{finding:?}");
        } else {
            let cell = &row[table.column(&finding["column"])];
            assert!(is_written(cell, &finding["written"], file), "{cell}: {finding:?}");
            assert_ne!(finding["written"], finding["truth"], "{finding:?}");
        }
    }
}

#[test]
fn every_identifier_is_in_the_truth() {
    let shop = Shop::new(1200, 8, false);
    let known: HashSet<(String, String)> = shop
        .truth("identifiers.csv")
        .into_iter()
        .map(|mut row| (row.remove("file").unwrap(), row.remove("value").unwrap()))
        .collect();
    let identifying = [
        ("shopify_customers.csv", &["Customer ID", "Email", "Phone"] as &[&str]),
        ("shopify_orders_2024.csv", &["Email", "Phone"]),
        ("shopify_orders_2025.csv", &["Email", "Phone"]),
        ("shopify_orders_2026.csv", &["Email", "Phone"]),
        ("hubspot_contacts.csv", &["Record ID", "Email", "Phone Number"]),
        ("loyalty_members.csv", &["member_number", "email", "phone"]),
        ("store_receipts.parquet", &["member_number", "phone"]),
        ("web_events.jsonl.gz", &["anonymous_id", "user_id", "email"]),
        ("email_events.csv", &["email"]),
        ("grosshandel_auftraege.csv", &["Kundennummer", "E-Mail-Adresse", "Telefon"]),
        ("typeform_survey.csv", &["email"]),
        ("reviews.jsonl", &["customer_id", "email"]),
    ];
    let mut n_found = 0;
    for (file, columns) in identifying {
        let table = Table::read(&shop.path(&format!("exports/{file}")));
        assert!(!table.rows.is_empty(), "{file}");
        for name in columns {
            let column = table.column(name);
            for row in table.rows.iter().filter(|row| !row[column].is_empty()) {
                n_found += 1;
                let key = (file.to_owned(), row[column].clone());
                assert!(known.contains(&key), "{name} {} of {file}", row[column]);
            }
        }
    }
    assert!(n_found > 10_000, "{n_found}");
}

#[test]
fn one_person_has_up_to_three_accounts_and_couples_share_an_address() {
    let shop = Shop::new(2000, 1, false);
    let mut accounts: HashMap<String, HashSet<String>> = HashMap::new();
    let mut owners: HashMap<String, HashSet<String>> = HashMap::new();
    for row in shop.truth("identifiers.csv") {
        if row["kind"] == "email" && row["note"].is_empty() && !row["person_id"].is_empty() {
            accounts.entry(row["person_id"].clone()).or_default().insert(row["value"].clone());
            owners.entry(row["value"].clone()).or_default().insert(row["person_id"].clone());
        }
    }
    let most = accounts.values().map(HashSet::len).max();
    assert_eq!(most, Some(3));
    let shared = owners.values().filter(|owners| owners.len() == 2).count();
    assert!((20..=40).contains(&shared), "{shared}");
    assert!(owners.values().all(|owners| owners.len() <= 2));
}

#[test]
fn parquet_has_the_rows_that_it_says_and_canonical_columns() {
    let shop = Shop::new(500, 2, true);
    for file in shop.summary.files.iter().filter(|file| file.path.ends_with(".parquet")) {
        let rows: usize = batches(&shop.path(&file.path)).iter().map(RecordBatch::num_rows).sum();
        assert_eq!(rows as u64, file.n_rows, "{}", file.path);
        assert!(rows > 0, "{}", file.path);
    }
    let names: Vec<&str> = shop.summary.files.iter().map(|file| file.path.as_str()).collect();
    assert!(names.contains(&"exports/orders-000.parquet"), "{names:?}");
    let orders = batches(&shop.path("exports/orders-000.parquet"));
    let of = |name: &str| orders[0].column_by_name(name).unwrap().clone();
    let customers: HashSet<String> = batches(&shop.path("exports/customers.parquet"))
        .iter()
        .flat_map(|batch| {
            batch
                .column_by_name("customer_id")
                .unwrap()
                .as_string::<i32>()
                .iter()
                .flatten()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(of("customer_id").as_string::<i32>().iter().flatten().all(|id| customers.contains(id)));
    let (start, end) = (super::calendar::START * 1_000_000, super::calendar::END * 1_000_000);
    let times = of("ordered_at");
    let times = times.as_primitive::<TimestampMicrosecondType>();
    assert!(times.iter().flatten().all(|at| (start..end).contains(&at)));
    let paid: HashSet<String> = of("status").as_string::<i32>().iter().flatten().map(str::to_owned).collect();
    assert_eq!(paid.len(), 4, "{paid:?}");
}

#[test]
fn nothing_happens_outside_of_the_two_years() {
    let shop = Shop::new(600, 4, true);
    for (prefix, column) in [
        ("orders", "ordered_at"),
        ("events", "occurred_at"),
        ("feedback", "given_at"),
        ("responses", "answered_at"),
    ] {
        for file in
            shop.summary.files.iter().filter(|file| file.path.starts_with(&format!("exports/{prefix}")))
        {
            for batch in batches(&shop.path(&file.path)) {
                let times = batch
                    .column_by_name(column)
                    .map(|times| times.as_primitive::<TimestampMicrosecondType>().clone());
                let Some(times) = times else { continue };
                for at in times.iter().flatten() {
                    let second = at / 1_000_000;
                    assert!(
                        (super::calendar::START..super::calendar::END).contains(&second),
                        "{prefix}: {second}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let blocked = folder.path().join("file");
    std::fs::write(&blocked, "").unwrap();
    let options = DemoOptions { n_customers: 1, seed: 1, parquet: false };
    let error = write(&blocked, &options, &|_| ()).unwrap_err();
    assert!(error.to_string().starts_with("cannot create folder"), "{error}");
    assert!(error.path().starts_with(&blocked) && std::error::Error::source(&error).is_some());
}

#[test]
fn progress_ends_with_all_customers() {
    let folder = tempfile::tempdir().unwrap();
    let told = std::cell::RefCell::new(Vec::new());
    let options = DemoOptions { n_customers: 600, seed: 1, parquet: false };
    write(folder.path(), &options, &|done| told.borrow_mut().push(done)).unwrap();
    assert_eq!(told.into_inner(), [256, 512, 600]);
}
