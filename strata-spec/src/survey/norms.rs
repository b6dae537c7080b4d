//! Norms: means and deviations of a reference group, by which scores are read. A project brings them as a CSV file of its own.

use super::csv::{self, Record};
use super::instrument::Rating;
use super::text::normal;
use crate::document::{Errors, listed, suggestion};
use crate::error::{Position, SpecError};

/// The norms of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Norms {
    /// The file, as the project names it.
    pub file: String,
    cells: Vec<NormCell>,
}

/// What is known of one group of people on one scale.
#[derive(Debug, Clone, PartialEq)]
pub struct NormCell {
    /// The scale, by its id.
    pub scale: String,
    /// Whom it is of, in lower case; none of everybody.
    pub gender: Option<String>,
    /// The youngest and the oldest of them, in completed years; none of everybody.
    pub ages: Option<(u32, u32)>,
    /// How many they are.
    pub n: u64,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation.
    pub deviation: f64,
}

/// What somebody is held against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reference<'a> {
    /// The group.
    pub cell: &'a NormCell,
    /// How it was found.
    pub by: ReferenceBy,
}

/// How the group was found that somebody is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferenceBy {
    /// It is that of their gender and age, as far as the norms tell people apart.
    Own,
    /// It is everybody, since their gender or age is not known.
    Unknown,
    /// It is everybody, since the norms have too few people like them, or none.
    TooFew,
}

/// A group of fewer people is no reference: the mean of a hundred is known to a tenth of a deviation.
pub const FEWEST_OF_CELL: u64 = 100;

/// In a file: everybody.
const ALL: &str = "all";

const HINT: &str = "the columns are scale, n, mean and sd, and gender and age where groups are told apart: `E,female,18-24,4757,2.953,1.013`; `all` \
                    stands for everybody";

impl Norms {
    /// Reads the norms of some scales of a questionnaire; every mistake that was found, otherwise.
    ///
    /// # Errors
    /// A table without its columns, scales that there are not, figures that cannot be, groups that overlap, a scale without a row for
    /// everybody.
    pub fn parse(file: &str, text: &str, rating: &Rating) -> Result<Norms, Vec<SpecError>> {
        let records = csv::records(file, text).map_err(|error| vec![error])?;
        let mut errors = Errors::new();
        let cells = match records.split_first() {
            Some((header, rows)) => cells(file, header, rows, rating, &mut errors),
            None => Vec::new(),
        };
        if errors.is_empty() && cells.is_empty() {
            errors.push(SpecError::new("there are no norms").with_hint(HINT).in_place(file));
        }
        match errors.is_empty() {
            true => Ok(Norms { file: file.to_owned(), cells }),
            false => Err(errors),
        }
    }

    /// Whether there are any of a scale.
    pub fn has(&self, scale: &str) -> bool {
        self.cells.iter().any(|cell| cell.scale == scale)
    }

    /// What somebody is held against on a scale; none of a scale without norms. Where the norms tell people apart by gender and age, those
    /// of whom either is unknown are held against everybody, and so are those like whom there are too few.
    pub fn reference(&self, scale: &str, gender: Option<&str>, age: Option<f64>) -> Option<Reference<'_>> {
        let of_scale = || self.cells.iter().filter(move |cell| cell.scale == scale);
        let everybody = of_scale().find(|cell| cell.gender.is_none() && cell.ages.is_none())?;
        let tells_gender = of_scale().any(|cell| cell.gender.is_some());
        let tells_age = of_scale().any(|cell| cell.ages.is_some());
        if (tells_gender && gender.is_none()) || (tells_age && age.is_none()) {
            return Some(Reference { cell: everybody, by: ReferenceBy::Unknown });
        }
        let gender = gender.filter(|_| tells_gender).map(str::to_lowercase);
        let age = age.filter(|_| tells_age);
        let is_own = |cell: &&NormCell| {
            let is_of_age = match (age, cell.ages) {
                (Some(age), Some((from, to))) => f64::from(from) <= age && age < f64::from(to) + 1.0,
                (None, None) => true,
                _ => false,
            };
            cell.gender == gender && is_of_age
        };
        let own = of_scale().find(is_own).filter(|cell| cell.n >= FEWEST_OF_CELL);
        Some(match own {
            Some(cell) => Reference { cell, by: ReferenceBy::Own },
            None => Reference { cell: everybody, by: ReferenceBy::TooFew },
        })
    }
}

fn cells(
    file: &str,
    header: &Record,
    rows: &[Record],
    rating: &Rating,
    errors: &mut Errors,
) -> Vec<NormCell> {
    let names: Vec<String> = header.cells.iter().map(|name| name.trim().to_lowercase()).collect();
    let place = |wanted: &[&str]| names.iter().position(|name| wanted.contains(&name.as_str()));
    let needed = [
        ("scale", place(&["scale"])),
        ("n", place(&["n"])),
        ("mean", place(&["mean"])),
        ("sd", place(&["sd"])),
    ];
    let missing: Vec<&str> = needed.iter().filter(|(_, at)| at.is_none()).map(|(name, _)| *name).collect();
    let [Some(scale), Some(n), Some(mean), Some(sd)] = needed.map(|(_, at)| at) else {
        let message = format!("columns are missing: {}", listed(missing, "and"));
        errors.push(at(file, header.line, message, HINT));
        return Vec::new();
    };
    let (gender, age) = (place(&["gender"]), place(&["age", "age_band"]));
    let mut cells: Vec<NormCell> = Vec::new();
    for row in rows {
        let text = |at: usize| row.cells.get(at).map_or("", |cell| cell.trim());
        let read = Row {
            scale: text(scale),
            gender: gender.map_or(ALL, text),
            age: age.map_or(ALL, text),
            figures: [text(n), text(mean), text(sd)],
        };
        match read.cell(rating) {
            Err((message, hint)) => errors.push(at(file, row.line, message, hint)),
            Ok(cell) => match cells.iter().find(|known| overlap(known, &cell)) {
                Some(known) => errors.push(at(
                    file,
                    row.line,
                    format!("`{}` has norms of {} already", cell.scale, known.whom()),
                    "give each group of people one row for a scale",
                )),
                None => cells.push(cell),
            },
        }
    }
    let is_total =
        |cell: &NormCell, scale: &str| cell.scale == scale && cell.gender.is_none() && cell.ages.is_none();
    for scale in &rating.scales {
        let has_some = cells.iter().any(|cell| cell.scale == scale.id);
        if errors.is_empty() && has_some && !cells.iter().any(|cell| is_total(cell, &scale.id)) {
            let message = format!("`{}` has no norms of everybody", scale.id);
            let hint = "add a row with `all` for gender and age: those of whom they are not known are held against it";
            errors.push(SpecError::new(message).with_hint(hint).in_place(file));
        }
    }
    cells
}

fn at(file: &str, line: usize, message: impl Into<String>, hint: impl Into<String>) -> SpecError {
    let error = SpecError::new(message).with_hint(hint).in_place(file);
    SpecError { position: Some(Position { line, column: 1 }), ..error }
}

/// A row of the file on its way.
struct Row<'r> {
    scale: &'r str,
    gender: &'r str,
    age: &'r str,
    /// How many, the mean and the deviation.
    figures: [&'r str; 3],
}

impl Row<'_> {
    /// The cell; or what is wrong with it and a hint.
    fn cell(&self, rating: &Rating) -> Result<NormCell, (String, String)> {
        let is = |scale: &&super::instrument::Scale| {
            scale.id.eq_ignore_ascii_case(self.scale) || normal(&scale.name) == normal(self.scale)
        };
        let scale = rating.scales.iter().find(is).ok_or_else(|| {
            let ids = || rating.scales.iter().map(|scale| scale.id.as_str());
            let hint = suggestion(self.scale, ids(), || format!("there are {}", listed(ids(), "and")));
            (format!("there is no scale `{}`", self.scale), hint)
        })?;
        let wrong = |what: &str, found: &str, hint: &str| {
            Err((format!("`{found}` cannot be {what} of `{}`", scale.id), hint.to_owned()))
        };
        let [n, mean, sd] = self.figures;
        let Some(n_people) = n.parse::<u64>().ok().filter(|n| *n >= 2) else {
            return wrong("the n", n, "write how many people the row is of, 2 or more");
        };
        let (least, greatest) = (rating.response.min as f64, rating.response.max as f64);
        let width = greatest - least;
        let (least, greatest) = if rating.scoring.is_ipsatised { (-width, width) } else { (least, greatest) };
        let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
        let Some(found) = number(mean).filter(|mean| (least..=greatest).contains(mean)) else {
            let hint = format!(
                "scores are means of answers, from {least} to {greatest}; sums are divided by the number of items first"
            );
            return wrong("the mean", mean, &hint);
        };
        let Some(deviation) = number(sd).filter(|sd| *sd > 0.0 && *sd <= width) else {
            return wrong("the sd", sd, "write the standard deviation of scores, above 0");
        };
        let gender = self.gender.to_lowercase();
        let ages = match self.age {
            "" => None,
            age if age.eq_ignore_ascii_case(ALL) => None,
            age => match ages(age) {
                None => return wrong("the age", age, "write it as `18-24`, `55+` or `all`"),
                found => found,
            },
        };
        Ok(NormCell {
            scale: scale.id.clone(),
            gender: (!gender.is_empty() && gender != ALL).then_some(gender),
            ages,
            n: n_people,
            mean: found,
            deviation,
        })
    }
}

impl NormCell {
    /// Whom it is of, in words.
    pub fn whom(&self) -> String {
        let ages = self.ages.map(|(from, to)| match to {
            u32::MAX => format!("{from} and older"),
            to => format!("{from} to {to}"),
        });
        match (&self.gender, ages) {
            (None, None) => "everybody".to_owned(),
            (Some(gender), None) => gender.clone(),
            (None, Some(ages)) => ages,
            (Some(gender), Some(ages)) => format!("{gender}, {ages}"),
        }
    }
}

/// `18-24`, `55+` or `18`.
fn ages(text: &str) -> Option<(u32, u32)> {
    let whole = |text: &str| text.trim().parse::<u32>().ok().filter(|age| *age < 200);
    if let Some(from) = text.strip_suffix('+') {
        return Some((whole(from)?, u32::MAX));
    }
    let (from, to) = text.split_once(['-', '–']).unwrap_or((text, text));
    Some((whole(from)?, whole(to)?)).filter(|(from, to)| from <= to)
}

/// Whether somebody could be of both.
fn overlap(one: &NormCell, other: &NormCell) -> bool {
    let is_same = one.scale == other.scale && one.gender == other.gender;
    is_same
        && match (one.ages, other.ages) {
            (None, None) => true,
            (Some((from, to)), Some((other_from, other_to))) => from <= other_to && other_from <= to,
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::Instrument;

    fn parse(text: &str) -> Result<Norms, String> {
        let rating = Instrument::find("mini-ipip-20").unwrap().rating().unwrap();
        let said = |error: &SpecError| format!("{error} {:?}\n", error.hint);
        Norms::parse("norms.csv", text, rating).map_err(|errors| errors.iter().map(said).collect())
    }

    const TEXT: &str = "scale,gender,age,n,mean,sd\nE,all,all,19718,2.8961,1.0293\nE,female,18-24,4757,2.953,1.013\nE,male,55+,266,2.9041,1.0114\n\
                        Agreeableness,all,all,19718,3.9121,0.8698\nE,male,18-24,99,2.7,1.0\n";

    #[test]
    fn people_are_held_against_their_own_group_or_everybody() {
        let norms = parse(TEXT).unwrap();
        for (scale, gender, age, mean, by) in [
            ("E", Some("female"), Some(18.0), 2.953, ReferenceBy::Own),
            ("E", Some("Female"), Some(24.9), 2.953, ReferenceBy::Own),
            ("E", Some("male"), Some(90.0), 2.9041, ReferenceBy::Own),
            ("E", Some("female"), Some(25.0), 2.8961, ReferenceBy::TooFew),
            ("E", Some("male"), Some(20.0), 2.8961, ReferenceBy::TooFew),
            ("E", Some("female"), None, 2.8961, ReferenceBy::Unknown),
            ("E", None, Some(20.0), 2.8961, ReferenceBy::Unknown),
            // Nobody is told apart, so nothing has to be known.
            ("A", None, None, 3.9121, ReferenceBy::Own),
        ] {
            let found = norms.reference(scale, gender, age).unwrap();
            assert_eq!((found.cell.mean, found.by), (mean, by), "{scale} {gender:?} {age:?}");
        }
        assert_eq!(norms.reference("C", None, None), None);
        assert!(norms.has("E") && !norms.has("C"));
        assert_eq!(norms.reference("E", Some("male"), Some(60.0)).unwrap().cell.whom(), "male, 55 and older");
    }

    #[test]
    fn what_cannot_be_a_norm_is_refused_at_its_line() {
        for (text, said) in [
            ("", "there are no norms"),
            ("scale,n,mean,sd\n", "there are no norms"),
            ("scale,mean\nE,3\n", "columns are missing: `n` and `sd`"),
            ("scale,n,mean,sd\nX,100,3,1\n", "norms.csv:2:1: there is no scale `X`"),
            ("scale,n,mean,sd\nE,1,3,1\n", "`1` cannot be the n of `E`"),
            ("scale,n,mean,sd\nE,100,12,1\n", "sums are divided by the number of items first"),
            ("scale,n,mean,sd\nE,100,3,0\n", "`0` cannot be the sd of `E`"),
            ("scale,age,n,mean,sd\nE,young,100,3,1\n", "`young` cannot be the age of `E`"),
            ("scale,n,mean,sd\nE,100,3,1\nE,100,3,1\n", "norms.csv:3:1: `E` has norms of everybody already"),
            (
                "scale,age,n,mean,sd\nE,all,100,3,1\nE,18-24,100,3,1\nE,24-30,100,3,1\n",
                "`E` has norms of 18 to 24 already",
            ),
            ("scale,gender,n,mean,sd\nE,female,100,3,1\n", "`E` has no norms of everybody"),
        ] {
            let told = parse(text).unwrap_err();
            assert!(told.contains(said), "{said} is not in {told}");
        }
    }
}
