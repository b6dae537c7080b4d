//! What is really so, written beside the exports: who is who, which row is wrong and why, what a text is about.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::calendar::{date, iso};
use super::catalogue::CATEGORIES;
use super::dirt::Dirt;
use super::history::{History, World};
use super::latent::{ATTITUDES, LATENTS};
use super::person::{Home, Job, Person, birth_date, person_id};
use super::sheet::{push_cents, push_row};
use super::words::TOPICS;
use super::{DemoError, Result};

/// One thing that is wrong.
pub(super) struct Finding<'a> {
    pub(super) dirt: Dirt,
    pub(super) file: &'a str,
    /// Counted from 1, the header among them; in Parquet rows.
    pub(super) line: u64,
    pub(super) key: &'a str,
    pub(super) column: &'a str,
    pub(super) written: &'a str,
    pub(super) truth: &'a str,
    pub(super) person: Option<u64>,
}

/// Names of files and their numbers of rows.
pub(super) type Written = Vec<(String, u64)>;

/// The files of the truth.
pub(super) struct Truth {
    people: TruthFile,
    identifiers: TruthFile,
    dirt: TruthFile,
    feedback: TruthFile,
    /// Identifiers of the present person that are written already.
    seen: HashSet<String>,
    /// What kind of customer the present person is.
    latent: &'static str,
    scratch: String,
    counts: BTreeMap<Dirt, u64>,
    folder: PathBuf,
}

const PEOPLE: [&str; 28] = [
    "person_id",
    "latent_type",
    "first_name",
    "last_name",
    "gender",
    "birth_date",
    "homes",
    "births",
    "jobs",
    "created_at",
    "churned_at",
    "orders_per_year",
    "dropout",
    "n_orders",
    "n_persuaded_orders",
    "tracked",
    "accepts_marketing",
    "shares_email",
    ATTITUDES[0],
    ATTITUDES[1],
    ATTITUDES[2],
    ATTITUDES[3],
    ATTITUDES[4],
    ATTITUDES[5],
    ATTITUDES[6],
    ATTITUDES[7],
    "sentiment",
    "n_accounts",
];

impl Truth {
    /// Creates the files in a folder.
    pub(super) fn create(folder: &Path) -> Result<Self> {
        Ok(Self {
            people: TruthFile::create(folder, "people.csv", &PEOPLE)?,
            identifiers: TruthFile::create(
                folder,
                "identifiers.csv",
                &["file", "kind", "value", "person_id", "note", "latent_type"],
            )?,
            dirt: TruthFile::create(
                folder,
                "dirt.csv",
                &["kind", "file", "line", "key", "column", "written", "truth", "person_id"],
            )?,
            feedback: TruthFile::create(
                folder,
                "feedback.csv",
                &["feedback_id", "person_id", "topic", "mood"],
            )?,
            seen: HashSet::new(),
            latent: "",
            scratch: String::new(),
            counts: BTreeMap::new(),
            folder: folder.to_owned(),
        })
    }

    /// Writes down who a person is and what they did.
    pub(super) fn person(&mut self, person: &Person, history: &History) -> Result<()> {
        self.seen.clear();
        self.latent = person.latent().name;
        let since = |from: i64| if from == 0 { String::new() } else { format!("{} ", iso(from)) };
        let home = |home: &Home| {
            let place = home.place;
            format!("{}{} {} {}", since(home.from), place.country, place.postal_code, place.city)
        };
        let homes: Vec<String> = person.homes.iter().map(home).collect();
        let job = |job: &Job| {
            let firm = job.company.as_ref().map(|company| format!(" {}", company.id())).unwrap_or_default();
            format!("{}{} {:.0}{firm}", since(job.from), job.title, job.income)
        };
        let jobs: Vec<String> = person.jobs.iter().map(job).collect();
        let births: Vec<String> = person.children.iter().map(|&born| date(born)).collect();
        let mut cells = vec![
            person.id(),
            person.latent().name.to_owned(),
            person.first_name.to_owned(),
            person.last_name.to_owned(),
            person.gender.to_owned(),
            birth_date(person),
            homes.join("|"),
            births.join("|"),
            jobs.join("|"),
            iso(person.created_at),
            history.churned_at.map(iso).unwrap_or_default(),
            format!("{:.3}", person.rate),
            format!("{:.4}", person.dropout),
            history.orders.len().to_string(),
            history.n_persuaded.to_string(),
            person.tracked.to_string(),
            person.accepts_marketing.to_string(),
            person.shares_email.to_string(),
        ];
        cells.extend(person.attitudes.iter().map(|attitude| format!("{attitude:.3}")));
        cells.extend([format!("{:.3}", person.sentiment), person.accounts.len().to_string()]);
        self.people.row(&cells)
    }

    /// Writes down that a value stands for a person (for nobody, where none) in a file; once for each.
    pub(super) fn identifier(
        &mut self,
        file: &str,
        kind: &str,
        value: &str,
        person: Option<u64>,
        note: &str,
    ) -> Result<()> {
        self.scratch.clear();
        for part in [file, kind, value] {
            self.scratch.push_str(part);
            self.scratch.push('\u{1f}');
        }
        if self.seen.contains(&self.scratch) {
            return Ok(());
        }
        self.seen.insert(self.scratch.clone());
        let latent = person.map_or("", |_| self.latent);
        let person = person.map(person_id).unwrap_or_default();
        self.identifiers.row(&[file, kind, value, &person, note, latent])
    }

    /// Writes down what is wrong.
    pub(super) fn dirt(&mut self, finding: &Finding<'_>) -> Result<()> {
        *self.counts.entry(finding.dirt).or_default() += 1;
        let person = finding.person.map(person_id).unwrap_or_default();
        self.dirt.row(&[
            finding.dirt.name(),
            finding.file,
            &finding.line.to_string(),
            finding.key,
            finding.column,
            finding.written,
            finding.truth,
            &person,
        ])
    }

    /// Writes down what a text is about and in which mood it was written.
    pub(super) fn text(&mut self, id: &str, person: &Person, topic: usize, mood: i8) -> Result<()> {
        let mood = match mood {
            -1 => "negative",
            0 => "neutral",
            _ => "positive",
        };
        self.feedback.row(&[id, &person.id(), TOPICS[topic], mood])
    }

    /// Forgets which identifiers are written, for those who are no customers.
    pub(super) fn nobody(&mut self) {
        self.seen.clear();
    }

    /// Ends the files and writes those that are the same for all customers; the answer is the files and how
    /// much dirt of each kind there is.
    pub(super) fn close(self, world: &World) -> Result<(Written, BTreeMap<Dirt, u64>)> {
        let types = types(&self.folder)?;
        let prices = prices(&self.folder, world)?;
        let readme = self.folder.join("README.txt");
        std::fs::write(&readme, README).map_err(|cause| DemoError::new("cannot write", &readme, cause))?;
        let files = [self.people, self.identifiers, self.dirt, self.feedback, types, prices];
        let closed: Result<Vec<_>> = files.into_iter().map(TruthFile::close).collect();
        Ok((closed?, self.counts))
    }
}

fn types(folder: &Path) -> Result<TruthFile> {
    let header = [
        "latent_type",
        "share_of_persons",
        "orders_per_year",
        "sale_lift",
        "orders_per_click",
        "favourite_category",
        "share_store",
        "share_app",
    ];
    let mut file = TruthFile::create(folder, "types.csv", &header)?;
    for latent in &LATENTS {
        let favourite =
            (0..CATEGORIES.len()).max_by(|&one, &other| latent.tastes[one].total_cmp(&latent.tastes[other]));
        let total: f64 = latent.channels.iter().sum();
        file.row(&[
            latent.name,
            &latent.share.to_string(),
            &latent.orders_per_year.to_string(),
            &latent.sale_lift.to_string(),
            &latent.persuaded.to_string(),
            favourite.map_or("", |at| CATEGORIES[at]),
            &(latent.channels[2] / total).to_string(),
            &(latent.channels[1] / total).to_string(),
        ])?;
    }
    Ok(file)
}

fn prices(folder: &Path, world: &World) -> Result<TruthFile> {
    let header = [
        "product_id",
        "product",
        "category",
        "brand",
        "price",
        "raised_on",
        "price_2",
        "raised_again_on",
        "price_3",
    ];
    let mut file = TruthFile::create(folder, "prices.csv", &header)?;
    for product in &world.catalogue.products {
        let [first, second] = product.rises();
        let cents = |cents| {
            let mut text = String::new();
            push_cents(&mut text, cents, '.');
            text
        };
        file.row(&[
            product.sku.as_str(),
            &product.name,
            CATEGORIES[product.category],
            product.brand,
            &cents(product.first_price()),
            &date(first),
            &cents(product.price(first)),
            &date(second),
            &cents(product.price(second)),
        ])?;
    }
    Ok(file)
}

/// A CSV file of the truth.
struct TruthFile {
    name: &'static str,
    path: PathBuf,
    out: BufWriter<File>,
    bytes: Vec<u8>,
    rows: u64,
}

impl TruthFile {
    fn create(folder: &Path, name: &'static str, header: &[&str]) -> Result<Self> {
        let path = folder.join(name);
        let file = File::create(&path).map_err(|cause| DemoError::new("cannot create", &path, cause))?;
        let mut file = Self { name, path, out: BufWriter::new(file), bytes: Vec::new(), rows: 0 };
        file.row(header)?;
        file.rows = 0;
        Ok(file)
    }

    fn row<T: AsRef<str>>(&mut self, cells: &[T]) -> Result<()> {
        self.bytes.clear();
        push_row(&mut self.bytes, cells, b',');
        self.rows += 1;
        self.out.write_all(&self.bytes).map_err(|cause| DemoError::new("cannot write", &self.path, cause))
    }

    fn close(mut self) -> Result<(String, u64)> {
        self.out.flush().map_err(|cause| DemoError::new("cannot finish", &self.path, cause))?;
        Ok((self.name.to_owned(), self.rows))
    }
}

const README: &str = "\
What is really so in this shop. Nothing reads these files but whoever measures how much of it was found.

people.csv       One row per person: the latent type that decides what they do, how they live (homes, births and jobs
                 with the instants of their changes, separated by |), when they became known and when they dropped out
                 (churned_at: their last order; empty for those who are still active), their own rate of orders and
                 probability of dropping out after each, and the attitudes that drive their survey answers
                 (in standard deviations).
identifiers.csv  Every identifier as it is written in a file, the person it stands for and their latent type. Without
                 person_id it belongs to a bot or a test order. A note says that the value is wrong (typo) or says
                 nothing (blocked_identifier); one value with several persons is shared.
dirt.csv         What is wrong: its kind, the file, the line (counted from 1, the header among them; rows in Parquet),
                 the value of the row's key column, the column, what is written there and what is true. For a duplicate
                 row, truth is the line that it repeats; for another account of a person, their main address; for a
                 bot, what it did.
feedback.csv     What each text is about and in which mood it was written.
types.csv        The latent types and what is true of them on average. orders_per_click is the effect of the mailings:
                 the probability that a click in a mail leads to an order that would not have been.
prices.csv       What each product cost, and when it was raised.
";
