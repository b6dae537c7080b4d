//! Where respondents stand: the score of each as deviations from a reference, the project's own respondents or the norms of a file.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use strata_models::psychometrics::scoring::norm::Norm;
use strata_spec::manifest::Survey;
use strata_spec::survey::{Norms, ReferenceBy};
use strata_spec::table::Subject;

use crate::error::Result;
use crate::query::View;
use crate::query::ask::{Row, ask, columns_of};

/// A score as deviations from its reference. None is made of what is told of groups only.
#[derive(Debug, Clone, PartialEq)]
pub struct StandardScore {
    /// The trait.
    pub scale: String,
    /// Whom it is held against.
    pub reference: String,
    /// `(score − mean) / deviation` of the reference.
    pub z: f64,
}

impl StandardScore {
    /// The score with a mean of 50 and a deviation of 10.
    pub fn t(&self) -> f64 {
        50.0 + 10.0 * self.z
    }
}

/// Where all respondents together stand against norms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// The file of norms.
    pub file: String,
    /// How many are held against it.
    pub n: usize,
    /// The mean of their standard scores.
    pub mean_z: f64,
    /// Its 95 % interval, of who happened to answer; none of one respondent.
    pub interval: Option<(f64, f64)>,
    /// How many are held against everybody, since their gender or age is not known.
    pub n_unknown: usize,
    /// How many are held against everybody, since the norms have too few people like them.
    pub n_too_few: usize,
}

impl Standing {
    /// Where they stand, in words.
    pub fn in_words(&self) -> String {
        let side = if self.mean_z < 0.0 { "below" } else { "above" };
        let interval =
            self.interval.map_or_else(String::new, |(low, high)| format!(" ({low:.2} to {high:.2})"));
        format!("{:.2} deviations {side} {}{interval}", self.mean_z.abs(), self.file)
    }
}

/// What norms tell people apart by.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Person {
    gender: Option<String>,
    age: Option<f64>,
}

/// What people under this age answered is not used.
const ADULT: f64 = 18.0;

impl Person {
    fn is_adult(&self) -> bool {
        self.age.is_none_or(|age| age >= ADULT)
    }
}

/// What is known of everybody whom some knowledge of gender or age is of; nobody where a survey has no scales to stand on.
///
/// # Errors
/// When the table cannot be read.
pub(super) async fn people(view: &View, survey: &Survey) -> Result<HashMap<String, Person>> {
    let table = Subject::Customers.profile_table();
    let columns = columns_of(view, table).await?;
    let gender = if columns.has("gender") { "p.gender" } else { "cast(null as varchar)" };
    let age = columns.as_number("age_years", "p.").unwrap_or_else(|| "cast(null as double)".to_owned());
    if survey.rating().is_none() || !(columns.has("gender") || columns.has("age_years")) {
        return Ok(HashMap::new());
    }
    let query = format!(
        "select p.customer_id, {gender}, {age} from {table} p where p.customer_id in (select customer_id from responses)"
    );
    let known = ask(view, "read the age and gender of respondents", &query).await?;
    let person = |row: &Row| Person { gender: row.maybe(1).map(str::to_owned), age: row.number(2) };
    Ok(known.iter().map(|row| (row.text(0).to_owned(), person(row))).collect())
}

/// What is held against a reference: respondents who answered with care, and their scores on a scale.
pub(super) struct Scored<'a> {
    /// The trait.
    pub(super) name: &'a str,
    /// The scale, by its id.
    pub(super) scale: &'a str,
    /// The respondents, …
    pub(super) customers: &'a [&'a str],
    /// … and of each the score, NaN where there is none.
    pub(super) scores: &'a [f64],
    /// What is known of people.
    pub(super) people: &'a HashMap<String, Person>,
}

impl Scored<'_> {
    /// The places of adults with a score.
    fn places(&self) -> impl Iterator<Item = (usize, f64, Option<&Person>)> + '_ {
        let known = self.customers.iter().zip(self.scores).enumerate();
        let person = |customer: &str| self.people.get(customer);
        known
            .filter(|(_, (_, score))| !score.is_nan())
            .map(move |(place, (customer, score))| (place, *score, person(customer)))
            .filter(|(_, _, person)| person.is_none_or(Person::is_adult))
    }

    /// The standard scores by the place of the respondent, against the norms where there are some of the scale, otherwise against each other;
    /// and where all stand against norms.
    pub(super) fn stand(&self, norms: Option<&Norms>) -> (Vec<(usize, StandardScore)>, Option<Standing>) {
        match norms.filter(|norms| norms.has(self.scale)) {
            None => (self.against_each_other(), None),
            Some(norms) => self.against(norms),
        }
    }

    fn against_each_other(&self) -> Vec<(usize, StandardScore)> {
        let scores: Vec<f64> = self.places().map(|(_, score, _)| score).collect();
        // Of one respondent, or of respondents who are all alike, there is no deviation.
        let Ok(norm) = Norm::of(self.name, &scores) else { return Vec::new() };
        let standard = norm.z(&scores);
        let one = |((place, _, _), z): ((usize, f64, Option<&Person>), f64)| {
            (place, StandardScore { scale: self.name.to_owned(), reference: OWN.to_owned(), z })
        };
        self.places().zip(standard).map(one).collect()
    }

    fn against(&self, norms: &Norms) -> (Vec<(usize, StandardScore)>, Option<Standing>) {
        let (mut n_unknown, mut n_too_few) = (0, 0);
        let mut standard = Vec::new();
        for (place, score, person) in self.places() {
            let gender = person.and_then(|person| person.gender.as_deref());
            let age = person.and_then(|person| person.age);
            let Some(found) = norms.reference(self.scale, gender, age) else { continue };
            n_unknown += usize::from(found.by == ReferenceBy::Unknown);
            n_too_few += usize::from(found.by == ReferenceBy::TooFew);
            let z = (score - found.cell.mean) / found.cell.deviation;
            let reference = format!("{}: {}", norms.file, found.cell.whom());
            standard.push((place, StandardScore { scale: self.name.to_owned(), reference, z }));
        }
        let n = standard.len();
        let mean_z = standard.iter().map(|(_, one)| one.z).sum::<f64>() / n as f64;
        let squares: f64 = standard.iter().map(|(_, one)| (one.z - mean_z).powi(2)).sum();
        let reach = 1.96 * (squares / (n as f64 - 1.0) / n as f64).sqrt();
        let standing = (n > 0).then(|| Standing {
            file: norms.file.clone(),
            n,
            mean_z,
            interval: (n > 1).then_some((mean_z - reach, mean_z + reach)),
            n_unknown,
            n_too_few,
        });
        (standard, standing)
    }
}

/// The reference where there are no norms.
pub(super) const OWN: &str = "own respondents";

#[cfg(test)]
mod tests {
    use strata_spec::survey::Instrument;

    use super::*;

    fn norms(text: &str) -> Norms {
        let rating = Instrument::find("mini-ipip-20").unwrap().rating().unwrap();
        Norms::parse("norms.csv", text, rating).unwrap()
    }

    fn person(gender: Option<&str>, age: Option<f64>) -> Person {
        Person { gender: gender.map(str::to_owned), age }
    }

    fn scored<'a>(scores: &'a [f64], people: &'a HashMap<String, Person>) -> Scored<'a> {
        static CUSTOMERS: [&str; 5] = ["a", "b", "c", "d", "e"];
        Scored {
            name: "traits_extraversion",
            scale: "E",
            customers: &CUSTOMERS[..scores.len()],
            scores,
            people,
        }
    }

    #[test]
    fn without_norms_respondents_are_held_against_each_other() {
        let people = HashMap::new();
        let (standard, standing) = scored(&[2.0, 3.0, f64::NAN, 4.0], &people).stand(None);
        assert_eq!(standing, None);
        let told: Vec<(usize, f64, f64)> =
            standard.iter().map(|(place, one)| (*place, one.z, one.t())).collect();
        assert_eq!(told, [(0, -1.0, 40.0), (1, 0.0, 50.0), (3, 1.0, 60.0)]);
        assert_eq!(standard[0].1.reference, OWN);
        // Of respondents who are all alike there is no deviation, and of a scale without norms no standing.
        assert_eq!(scored(&[3.0, 3.0], &people).stand(None), (Vec::new(), None));
        let of_others = norms("scale,n,mean,sd\nA,500,3,1\n");
        assert_eq!(scored(&[2.0, 4.0], &people).stand(Some(&of_others)).1, None);
    }

    #[test]
    fn with_norms_each_is_held_against_people_alike() {
        let norms = norms(
            "scale,gender,age,n,mean,sd\nE,all,all,19718,3.0,1.0\nE,female,18-24,4757,2.5,0.5\nE,male,18-24,20,1,1\n",
        );
        let people = HashMap::from([
            ("a".to_owned(), person(Some("female"), Some(20.0))),
            ("b".to_owned(), person(Some("female"), None)),
            ("c".to_owned(), person(Some("male"), Some(20.0))),
            ("d".to_owned(), person(Some("female"), Some(17.0))),
        ]);
        let (standard, standing) = scored(&[3.0, 4.0, 2.0, 5.0, 3.0], &people).stand(Some(&norms));
        // The fourth is under age; of the fifth nothing is known.
        let told: Vec<(usize, f64)> = standard.iter().map(|(place, one)| (*place, one.z)).collect();
        assert_eq!(told, [(0, 1.0), (1, 1.0), (2, -1.0), (4, 0.0)]);
        assert_eq!(standard[0].1.reference, "norms.csv: female, 18 to 24");
        assert_eq!(standard[2].1.reference, "norms.csv: everybody");
        let standing = standing.unwrap();
        assert_eq!((standing.n, standing.n_unknown, standing.n_too_few), (4, 2, 1));
        assert!((standing.mean_z - 0.25).abs() < 1e-12);
        // The deviation of 1, 1, -1 and 0 is .957, its error .479.
        let (low, high) = standing.interval.unwrap();
        assert!(
            (low - (0.25 - 1.96 * 0.478_714)).abs() < 1e-5 && (high - (0.25 + 1.96 * 0.478_714)).abs() < 1e-5
        );
        assert_eq!(standing.in_words(), "0.25 deviations above norms.csv (-0.69 to 1.19)");
    }
}
