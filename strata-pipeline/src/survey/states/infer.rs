//! From what is known of everybody, and from the answers of some, to everybody's state.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use strata_models::psychometrics::answers::Answers;
use strata_models::psychometrics::error::PsychometricsError;
use strata_models::psychometrics::typing::error::TypingError;
use strata_models::psychometrics::typing::feature::{Feature, Values};
use strata_models::psychometrics::typing::gate::Verdict;
use strata_models::psychometrics::typing::state::{
    self, Person, Respondents, State, StateSettings, States, infer_states,
};
use strata_models::psychometrics::typing::weights::Margin;
use strata_spec::error::ErrorCode;
use strata_spec::survey::Item;
use tokio::task::spawn_blocking;

use super::asked::Asked;
use super::known::Known;
use super::{CustomerState, Evidence, Question, Type, Typing};
use crate::error::{Error, Result};

/// Questions that tell types are looked for among those that so many of the measured have answered: only who answered all of them counts.
const ANSWERED: f64 = 0.8;
/// Respondents are weighted until they divide as all customers do by these.
const MARGINS: [&str; 3] = ["age_band", "gender", "rfm"];
/// A class with fewer respondents is weighted together with the commonest: a few people cannot stand for many.
const FEWEST_OF_MARGIN: usize = 10;

/// Finds the states of a segmentation.
///
/// # Errors
/// Should the search stop half-way, which it cannot.
pub(super) async fn states(
    asked: Asked<'_>,
    known: Known,
    seed: u64,
) -> Result<(Typing, Vec<CustomerState>)> {
    let text = |item: &Item| Some((item.id.clone(), item.text.clone()?));
    let items = asked.surveys.iter().filter_map(|survey| survey.rating()).flat_map(|rating| &rating.items);
    let texts: BTreeMap<String, String> = items.filter_map(text).collect();
    let typing = Typing {
        segmentation: asked.name,
        title: asked.title,
        surveys: asked.surveys.iter().map(|survey| survey.name.to_string()).collect(),
        types: Vec::new(),
        n_unknown: 0,
        questions: Vec::new(),
        features: known.features().iter().map(|feature| feature.name.to_owned()).collect(),
        evidence: None,
        reasons: Vec::new(),
    };
    let found = spawn_blocking(move || told(typing, known, &texts, seed)).await;
    found.map_err(|error| Error::new(ErrorCode::Internal, "cannot tell types of customers").caused_by(error))
}

fn told(
    mut typing: Typing,
    known: Known,
    texts: &BTreeMap<String, String>,
    seed: u64,
) -> (Typing, Vec<CustomerState>) {
    let people = match known.infer(seed) {
        Ok(states) => {
            typing.reasons = reasons(&states);
            typing.questions = questions(&states, texts);
            typing.types = known.types(&states.people, Some(&states));
            typing.evidence = Some(evidence(&states, known.measured.len()));
            states.people
        }
        Err(reason) => {
            typing.reasons = vec![reason.to_string()];
            let people = known.measured_only();
            typing.types = known.types(&people, None);
            people
        }
    };
    let n_unknown = people.iter().filter(|person| person.state == State::Unknown).count();
    typing.n_unknown = (n_unknown + known.left_out.len()) as u64;
    let rows = known.rows(&people);
    (typing, rows)
}

/// Why nothing is inferred, or of some types nothing; empty where all is well.
fn reasons(states: &States) -> Vec<String> {
    match &states.report.verdict {
        Verdict::Refuse(reasons) => reasons.iter().map(ToString::to_string).collect(),
        Verdict::Publish => Vec::new(),
    }
}

fn questions(states: &States, texts: &BTreeMap<String, String>) -> Vec<Question> {
    let question = |step: &strata_models::psychometrics::typing::golden::Step| Question {
        item: step.item.clone(),
        text: texts.get(&step.item).cloned(),
        accuracy: step.accuracy,
    };
    states.report.golden.steps.iter().map(question).collect()
}

fn evidence(states: &States, n_respondents: usize) -> Evidence {
    let report = &states.report;
    Evidence {
        n_respondents: n_respondents as u64,
        n_effective: report.n_effective,
        base_rate: report.golden.base_rate,
        n_complete: report.golden.n_complete as u64,
        tool: report.golden.tool.clone(),
        skill: report.skill,
        of_categories: report.of_categories,
        shuffled: report.shuffled.clone(),
        abstention: report.abstention.clone(),
        validation: report.validation.clone(),
    }
}

/// Why states cannot be told.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error(
        "nobody is of a type: too few have answered, or there are no groups among them (`strata models show` says which)"
    )]
    Nobody,
    #[error("all who have answered are of one type")]
    OneType,
    #[error(transparent)]
    Answers(#[from] PsychometricsError),
    #[error(transparent)]
    Typing(#[from] TypingError),
}

impl Known {
    /// What types are inferred from.
    fn features(&self) -> Vec<Feature<'_>> {
        let numbers =
            self.numbers.iter().map(|(name, values)| Feature { name, values: Values::Numbers(values) });
        let codes =
            self.categories.iter().map(|(name, codes)| Feature { name, values: Values::Codes(codes) });
        numbers.chain(codes).collect()
    }

    fn infer(&self, seed: u64) -> std::result::Result<States, Refusal> {
        match (self.measured.is_empty(), self.types.len()) {
            (true, _) => return Err(Refusal::Nobody),
            (false, 0 | 1) => return Err(Refusal::OneType),
            _ => {}
        }
        let row_of: BTreeMap<usize, usize> =
            self.answered.iter().enumerate().map(|(row, person)| (*person, row)).collect();
        let persons: Vec<usize> = self.measured.keys().copied().collect();
        let types: Vec<u16> = self.measured.values().copied().collect();
        let rows_of = |persons: &[usize]| -> Vec<Option<usize>> {
            persons.iter().map(|person| row_of.get(person).copied()).collect()
        };
        let rows = rows_of(&persons);
        let items = self.candidates(&rows);
        let answers = self.answers(&items, &rows)?;
        let others: Vec<usize> =
            self.answered.iter().copied().filter(|person| !self.measured.contains_key(person)).collect();
        let of_others = match others.is_empty() {
            true => None,
            false => Some(self.answers(&items, &rows_of(&others))?),
        };
        let margins = self.margins(&persons);
        let features = self.features();
        let known = state::Known {
            n_persons: self.customers.len(),
            n_types: self.types.len(),
            respondents: Respondents { persons: &persons, types: &types, answers: &answers },
            asked: of_others.as_ref().map(|answers| state::Asked { persons: &others, answers }),
            tool: None,
            features: &features,
            customers: &[],
            margins: &margins.iter().map(Levels::margin).collect::<Vec<_>>(),
        };
        Ok(infer_states(&known, &StateSettings::default(), &mut ChaCha8Rng::seed_from_u64(seed))?)
    }

    /// The items, by place, that most of these rows have answered.
    fn candidates(&self, rows: &[Option<usize>]) -> Vec<usize> {
        let least = ANSWERED * rows.len() as f64;
        let n_answered = |item: &usize| {
            rows.iter().flatten().filter(|row| !self.points[*item][**row].is_nan()).count() as f64
        };
        (0..self.items.len()).filter(|item| n_answered(item) >= least).collect()
    }

    /// The answers of some customers to some items, by their rows; without a row nothing is answered.
    fn answers(
        &self,
        items: &[usize],
        rows: &[Option<usize>],
    ) -> std::result::Result<Answers<'static>, PsychometricsError> {
        let column = |item: &usize| {
            let points = &self.points[*item];
            Cow::Owned(rows.iter().map(|row| row.map_or(f64::NAN, |row| points[row])).collect::<Vec<f64>>())
        };
        let names = items.iter().map(|item| self.items[*item].clone()).collect();
        Answers::new(names, items.iter().map(column).collect())
    }

    /// How respondents and all customers divide by what respondents are weighted by.
    fn margins(&self, persons: &[usize]) -> Vec<Levels> {
        let wanted = self.categories.iter().filter(|(name, _)| MARGINS.contains(name));
        wanted.filter_map(|(name, codes)| Levels::of(name, codes, persons)).collect()
    }

    /// Everybody's state where nothing but measuring works.
    fn measured_only(&self) -> Vec<Person> {
        let own = |place: usize| self.measured.get(&place).copied();
        (0..self.customers.len()).map(|place| state::state_of(own(place), None, None)).collect()
    }

    fn types(&self, people: &[Person], states: Option<&States>) -> Vec<Type> {
        let of = |(place, (name, title)): (usize, &(String, String))| {
            let n_in = |state: State| {
                let is_one = |person: &&Person| {
                    person.state == state && person.of_type.map(usize::from) == Some(place)
                };
                people.iter().filter(is_one).count() as u64
            };
            let size = states.and_then(|states| states.report.sizes.get(place));
            Type {
                name: name.clone(),
                title: title.clone(),
                n_measured: n_in(State::Measured),
                n_typed: n_in(State::Typed),
                n_inferred: n_in(State::Inferred),
                n_effective: size.map(|size| size.n_effective),
                share: size.and_then(|size| size.share),
            }
        };
        self.types.iter().enumerate().map(of).collect()
    }

    fn rows(self, people: &[Person]) -> Vec<CustomerState> {
        let n_types = self.types.len() as u16;
        let row = |(customer_id, person): (String, &Person)| CustomerState {
            customer_id,
            state: person.state,
            of_type: person.of_type.map(usize::from),
            probability: person.probability,
            set: (0..n_types).filter(|one| person.set.contains(*one)).map(usize::from).collect(),
        };
        let left_out = self.left_out.into_iter().map(|customer_id| CustomerState {
            customer_id,
            state: State::Unknown,
            of_type: None,
            probability: 0.0,
            set: Vec::new(),
        });
        self.customers.into_iter().zip(people).map(row).chain(left_out).collect()
    }
}

/// A margin with its levels, those of few respondents put together with the commonest.
struct Levels {
    name: &'static str,
    of_respondents: Vec<u32>,
    population: Vec<f64>,
}

impl Levels {
    /// None where there is but one.
    fn of(name: &'static str, codes: &[u32], persons: &[usize]) -> Option<Levels> {
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        persons.iter().for_each(|person| *counts.entry(codes[*person]).or_default() += 1);
        let commonest = counts.iter().max_by_key(|(code, n)| (**n, std::cmp::Reverse(**code)))?.0;
        let own: Vec<u32> =
            counts.iter().filter(|(_, n)| **n >= FEWEST_OF_MARGIN).map(|(code, _)| *code).collect();
        let level = |code: &u32| {
            let place = |code: &u32| own.binary_search(code).ok();
            place(code).or_else(|| place(commonest)).unwrap_or(0) as u32
        };
        if own.len() < 2 {
            return None;
        }
        let mut population = vec![0.0; own.len()];
        codes.iter().for_each(|code| population[level(code) as usize] += 1.0);
        let of_respondents = persons.iter().map(|person| level(&codes[*person])).collect();
        Some(Levels { name, of_respondents, population })
    }

    fn margin(&self) -> Margin<'_> {
        Margin { name: self.name, levels: &self.of_respondents, population: &self.population }
    }
}
