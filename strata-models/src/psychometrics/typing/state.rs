//! The four states: measured, typed, inferred, unknown, for everybody at once.

use rand_chacha::rand_core::RngCore;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::abstain::Abstention;
use super::conformal::TypeSet;
use super::error::{TypingError, check_option, check_types};
use super::feature::{Feature, Values};
use super::gate::{Skill, SkillGates, Verdict, skill};
use super::golden::{Golden, GoldenSettings, Typed, TypingTool, choose, greatest};
use super::look_alike::{LookAlike, LookAlikeSettings, estimate, learn};
use super::validate::{Validation, validate};
use super::weights::{
    Category, Margin, Raking, SegmentSize, WeightSettings, effective, propensity_weights, rake, segment_sizes,
};
use crate::learn::chance::Places;
use crate::psychometrics::answers::Answers;

/// How a person's type is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum State {
    /// By the whole questionnaire.
    Measured,
    /// By golden questions.
    Typed,
    /// By what similar customers answered.
    Inferred,
    /// Not at all.
    Unknown,
}

impl State {
    /// Whether the type may name a segment, shape a persona, or enter a joint model with behaviour. An inferred type may not: it is made of
    /// behaviour and adds nothing to it.
    pub fn may_drive(self) -> bool {
        matches!(self, State::Measured | State::Typed)
    }
}

/// What is known of a person's type.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// How it is known.
    pub state: State,
    /// The type; none of the unknown.
    pub of_type: Option<u16>,
    /// Its probability: 1 of the measured, the posterior of the typed, the calibrated probability of the inferred. 0 of the unknown.
    pub probability: f64,
    /// Types that hold the truth in 90 %, where types are inferred; of the measured and typed their type; empty where nothing is published.
    pub set: TypeSet,
}

/// Those who answered the questionnaire.
#[derive(Debug, Clone, Copy)]
pub struct Respondents<'a> {
    /// Their places among all persons.
    pub persons: &'a [usize],
    /// Their types.
    pub types: &'a [u16],
    /// Their answers, in which golden questions are looked for.
    pub answers: &'a Answers<'a>,
}

/// Those who answered golden questions only.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Their places among all persons.
    pub persons: &'a [usize],
    /// Their answers; NaN where one is missing.
    pub answers: &'a Answers<'a>,
}

/// All that is known.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// How many persons there are.
    pub n_persons: usize,
    /// How many types.
    pub n_types: usize,
    /// Who answered all.
    pub respondents: Respondents<'a>,
    /// Who answered a little.
    pub asked: Option<Asked<'a>>,
    /// The typing tool that asked them; none to use what is chosen now.
    pub tool: Option<&'a TypingTool>,
    /// What is known of everybody.
    pub features: &'a [Feature<'a>],
    /// The customer behind each person; empty where each person is one.
    pub customers: &'a [u64],
    /// The population's margins, by the levels of respondents.
    pub margins: &'a [Margin<'a>],
}

/// How states are found.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct StateSettings {
    /// How respondents are weighted.
    pub weights: WeightSettings,
    /// How golden questions are chosen.
    pub golden: GoldenSettings,
    /// How look-alikes are learned.
    pub look_alike: LookAlikeSettings,
    /// What is published.
    pub gates: SkillGates,
    /// How often inferred types should be right.
    pub abstain: Accuracy,
}

/// The accuracy that inferred types must have.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Accuracy {
    /// The share that is right.
    pub least: f64,
}

impl Default for Accuracy {
    fn default() -> Accuracy {
        Accuracy { least: 0.70 }
    }
}

/// States and how they came about.
#[derive(Debug, Clone, PartialEq)]
pub struct States {
    /// A person each, in their order.
    pub people: Vec<Person>,
    /// All figures.
    pub report: Report,
    /// What infers types, also where the gate keeps it from it.
    pub model: LookAlike,
}

/// All figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The weight of each respondent.
    pub weights: Vec<f64>,
    /// How many effective respondents there are.
    pub n_effective: f64,
    /// How raking ended.
    pub raking: Raking,
    /// What the respondents of each type are worth.
    pub sizes: Vec<SegmentSize>,
    /// The golden questions.
    pub golden: Golden,
    /// The accuracy of categories alone, without questions or numbers; none where there are no categories.
    pub of_categories: Option<Skill>,
    /// The skill of look-alikes on respondents that they have not seen.
    pub skill: Skill,
    /// The same for shuffled types.
    pub shuffled: Vec<Skill>,
    /// Whether inferred types are published.
    pub verdict: Verdict,
    /// For whom.
    pub abstention: Abstention,
    /// How well look-alikes agree with measured types, on respondents that they have not seen.
    pub validation: Validation,
    /// How many persons are measured, typed, inferred, unknown.
    pub counts: [usize; 4],
}

/// Persons whose states are found at a time.
const CHUNK: usize = 8192;

/// The state of one person, from all that may be known of it: the measured type, what the typing tool says, and the inferred type with its
/// probability and set, where the gate lets it pass.
pub fn state_of(
    measured: Option<u16>,
    typed: Option<&Typed>,
    inferred: Option<(Option<u16>, f64, TypeSet)>,
) -> Person {
    let one = |of_type: u16| TypeSet(1 << of_type.min(63));
    if let Some(of_type) = measured {
        return Person { state: State::Measured, of_type: measured, probability: 1.0, set: one(of_type) };
    }
    if let Some((of_type, typed)) = typed.and_then(|typed| Some((typed.of_type?, typed))) {
        let probability = greatest(&typed.posterior).1;
        return Person { state: State::Typed, of_type: Some(of_type), probability, set: one(of_type) };
    }
    match inferred {
        Some((Some(of_type), probability, set)) => {
            Person { state: State::Inferred, of_type: Some(of_type), probability, set }
        }
        other => {
            let set = other.map_or(TypeSet::default(), |(_, _, set)| set);
            Person { state: State::Unknown, of_type: None, probability: 0.0, set }
        }
    }
}

/// Finds everybody's state. Memory is linear in persons: besides the states nothing is kept for each of them but its features.
///
/// A type with too few effective respondents is not inferred for anybody.
///
/// # Errors
/// What any of the parts refuses; persons that do not exist or occur twice.
pub fn infer_states(
    known: &Known<'_>,
    settings: &StateSettings,
    random: &mut impl RngCore,
) -> Result<States, TypingError> {
    let Respondents { persons, types, answers } = known.respondents;
    check_option("abstain", settings.abstain.least, 0.0..=1.0, "give a share, usually 0.7")?;
    check_types(types, known.n_types, 0)?;
    let measured = measured(known)?;
    let mut weights = weights_of(known, &measured, &settings.weights)?;
    let raking = rake(&mut weights, known.margins, &settings.weights)?;
    let sizes = segment_sizes(&weights, types, known.n_types, &settings.weights);
    let golden = choose(answers, types, known.n_types, &settings.golden, random)?;
    let typed = typed_people(known, &measured, &golden.tool)?;
    let customers: Vec<u64> = persons
        .iter()
        .map(|person| known.customers.get(*person).copied().unwrap_or(*person as u64))
        .collect();
    let (model, out) =
        learn(known.features, persons, &customers, types, known.n_types, &settings.look_alike, random)?;
    let n_draws = settings.gates.n_draws;
    let nobody = || TypingError::TooFew { of_type: 0, found: 0, needed: settings.look_alike.n_folds };
    let skill_of = |p: &[f64], types: &[u16], random: &mut _| {
        skill(p, types, known.n_types, n_draws, random).ok_or_else(nobody)
    };
    let found = skill_of(&out.probabilities, types, random)?;
    let at_ridge = LookAlikeSettings { ridges: vec![model.ridge], ..settings.look_alike.clone() };
    let mut shuffled = vec![];
    for _ in 0..settings.gates.n_shuffles {
        let order = Places::new(random).order(types.len());
        let types: Vec<u16> = order.into_iter().map(|row| types[row]).collect();
        let out = estimate(known.features, persons, &customers, &types, known.n_types, &at_ridge, random)?;
        shuffled.push(skill_of(&out.probabilities, &types, random)?);
    }
    let categories: Vec<Feature<'_>> =
        known.features.iter().filter(|feature| matches!(feature.values, Values::Codes(_))).copied().collect();
    let of_categories = if categories.is_empty() {
        None
    } else {
        let out = estimate(&categories, persons, &customers, types, known.n_types, &at_ridge, random)?;
        Some(skill_of(&out.probabilities, types, random)?)
    };
    let verdict = settings.gates.judge(&found, known.n_types, &shuffled);
    let abstention = Abstention::of(&out.probabilities, types, known.n_types, settings.abstain.least);
    let says: Vec<bool> = sizes.iter().map(|size| size.share.is_some()).collect();
    let infers = (verdict == Verdict::Publish).then_some((&model, &abstention, says.as_slice()));
    let people = people(known, &measured, &typed, infers);
    let mut counts = [0; 4];
    people.iter().for_each(|person| counts[person.state as usize] += 1);
    let report = Report {
        n_effective: effective(weights.iter().copied()),
        weights,
        raking,
        sizes,
        golden,
        of_categories,
        skill: found,
        shuffled,
        verdict,
        abstention,
        validation: validate(&out.probabilities, &out.sets, types, known.n_types),
        counts,
    };
    Ok(States { people, report, model })
}

/// The place of each person among the respondents.
fn measured(known: &Known<'_>) -> Result<Vec<u32>, TypingError> {
    let Respondents { persons, types, answers } = known.respondents;
    let n_rows = persons.len();
    for (what, n_values) in [("types", types.len()), ("answers", answers.n_respondents())] {
        if n_values != n_rows {
            return Err(TypingError::Length { what: what.to_owned(), n_values, n_rows });
        }
    }
    if !known.customers.is_empty() && known.customers.len() != known.n_persons {
        let (what, n_values) = ("customers".to_owned(), known.customers.len());
        return Err(TypingError::Length { what, n_values, n_rows: known.n_persons });
    }
    super::feature::check_features(known.features, known.n_persons)?;
    places("respondents", persons, known.n_persons)
}

/// The place of a person who is not in the list.
const NOBODY: u32 = u32::MAX;

/// For each person its place in the list.
fn places(what: &'static str, persons: &[usize], n_persons: usize) -> Result<Vec<u32>, TypingError> {
    let mut places = vec![NOBODY; n_persons];
    for (place, person) in persons.iter().enumerate() {
        match places.get_mut(*person) {
            Some(free) if *free == NOBODY => *free = place as u32,
            _ => return Err(TypingError::Person { what, person: *person, n_persons }),
        }
    }
    Ok(places)
}

fn weights_of(
    known: &Known<'_>,
    measured: &[u32],
    settings: &WeightSettings,
) -> Result<Vec<f64>, TypingError> {
    let mut categories = vec![];
    for feature in known.features {
        if let Values::Codes(codes) = feature.values {
            categories.push(Category { name: feature.name, codes });
        }
    }
    let responded: Vec<bool> = measured.iter().map(|place| *place != NOBODY).collect();
    // Where everybody answered, nobody stands for others.
    let by_person = if responded.iter().all(|responded| *responded) {
        vec![1.0; responded.len()]
    } else {
        propensity_weights(&categories, &responded, settings)?
    };
    let mut weights = vec![0.0; known.respondents.persons.len()];
    let in_order = measured.iter().filter(|place| **place != NOBODY);
    in_order.zip(by_person).for_each(|(place, weight)| weights[*place as usize] = weight);
    Ok(weights)
}

/// What the tool says of those who were asked, at each person's place; empty where nobody was.
fn typed_people(
    known: &Known<'_>,
    measured: &[u32],
    chosen: &TypingTool,
) -> Result<(Vec<u32>, Vec<Typed>), TypingError> {
    let Some(asked) = known.asked else { return Ok((vec![], vec![])) };
    let (n_values, n_rows) = (asked.answers.n_respondents(), asked.persons.len());
    if n_values != n_rows {
        return Err(TypingError::Length { what: "golden answers".to_owned(), n_values, n_rows });
    }
    let tool = known.tool.unwrap_or(chosen);
    if tool.clouds.prior.len() != known.n_types {
        return Err(TypingError::Types { n_types: tool.clouds.prior.len() });
    }
    Ok((places("golden answers", asked.persons, measured.len())?, tool.assign(asked.answers)?))
}

/// Everybody, a chunk of persons at a time on each core.
fn people(
    known: &Known<'_>,
    measured: &[u32],
    (place_of, typed): &(Vec<u32>, Vec<Typed>),
    infers: Option<(&LookAlike, &Abstention, &[bool])>,
) -> Vec<Person> {
    let unknown = Person { state: State::Unknown, of_type: None, probability: 0.0, set: TypeSet::default() };
    let mut people = vec![unknown; known.n_persons];
    people.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, people)| {
        let mut terms = vec![0.0; infers.map_or(0, |(model, _, _)| model.encoding.n_terms())];
        let mut p = vec![0.0; known.n_types];
        for (place, to) in people.iter_mut().enumerate() {
            let person = chunk * CHUNK + place;
            let own = known.respondents.types.get(measured[person] as usize).copied();
            let tool = place_of.get(person).and_then(|place| typed.get(*place as usize));
            let needs = own.is_none() && tool.is_none_or(|typed| typed.of_type.is_none());
            let inferred = infers.filter(|_| needs).map(|(model, abstention, says)| {
                model.probabilities(known.features, person, &mut terms, &mut p);
                let set = model.threshold.set(&p);
                let of_type = abstention.assign(&p, set).filter(|of_type| says[usize::from(*of_type)]);
                (of_type, greatest(&p).1, set)
            });
            *to = state_of(own, tool, inferred);
        }
    });
    people
}
