//! The data that tests read: small files committed beside them, and larger ones that may lie beside the repository.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::clv::purchases::RepeatPurchases;

/// A committed file; see `tests/data/clv/README.md`.
pub(super) fn committed(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/clv").join(file)).unwrap()
}

/// A file of the data that is kept beside the repository (`shared/data`, in any folder above); none, said on stderr, where it is not there.
pub(crate) fn shared(test: &str, file: &str) -> Option<String> {
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let found: Option<PathBuf> =
        folders.find_map(|folder| Some(folder.join("shared/data").join(file)).filter(|path| path.is_file()));
    let Some(path) = found else {
        eprintln!("skipped: {test}, for {file} is not there");
        return None;
    };
    let bytes = std::fs::read(path).unwrap();
    let mut text = vec![];
    if file.ends_with(".gz") {
        flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_end(&mut text).unwrap();
    } else {
        text = bytes;
    }
    Some(String::from_utf8_lossy(&text).into_owned())
}

/// The columns of a table of numbers, without its heading; what is no number is NaN.
pub(super) fn columns(text: &str) -> Vec<Vec<f64>> {
    let mut columns: Vec<Vec<f64>> = vec![];
    for line in text.lines().skip(1) {
        for (place, cell) in line.split(',').enumerate() {
            if columns.len() <= place {
                columns.push(vec![]);
            }
            columns[place].push(cell.trim().parse().unwrap_or(f64::NAN));
        }
    }
    columns
}

/// The rows of a table of numbers, without its heading.
pub(super) fn rows(text: &str) -> Vec<Vec<f64>> {
    text.lines()
        .skip(1)
        .map(|line| line.split(',').map(|cell| cell.trim().parse().unwrap()).collect())
        .collect()
}

/// The CDNOW sample of 2,357 customers as the package `lifetimes` has it: weeks, T rounded to two decimals.
pub(super) fn cdnow() -> RepeatPurchases {
    let columns = columns(&committed("cdnow_customers_summary.csv"));
    RepeatPurchases::new(&columns[1], &columns[2], &columns[3]).unwrap()
}

/// The summary of dated purchases up to the last day of calibration: one event per customer and day, times in days over `unit`.
pub(super) fn summary(events: impl Iterator<Item = (u64, i64)>, last_day: i64, unit: f64) -> RepeatPurchases {
    let mut days = std::collections::BTreeMap::<u64, std::collections::BTreeSet<i64>>::new();
    for (customer, day) in events.filter(|(_, day)| *day <= last_day) {
        days.entry(customer).or_default().insert(day);
    }
    let (mut frequency, mut recency, mut tenure) = (vec![], vec![], vec![]);
    for days in days.values() {
        let (first, last) = (*days.first().unwrap(), *days.last().unwrap());
        frequency.push(days.len() as f64 - 1.0);
        recency.push((last - first) as f64 / unit);
        tenure.push((last_day - first) as f64 / unit);
    }
    RepeatPurchases::new(&frequency, &recency, &tenure).unwrap()
}

/// The number of a day in the proleptic Gregorian calendar, from 1970-01-01.
pub(super) fn day(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}
