//! The four states: whose type is measured, typed by a few questions, inferred from what similar customers answered, or unknown.
//!
//! A type is a class of a psychometric segmentation whose classes hang on the scales of surveys. Members are measured. Whoever answered
//! some questions, too few for a scale, is typed by those that tell types apart. Of everybody else a type is inferred where that has been
//! shown to work, and otherwise it is unknown. An inferred type makes nobody a member: it names no segment and drives no persona.
//!
//! | module | its part |
//! | --- | --- |
//! | `asked` | the segmentations that surveys decide, and which surveys |
//! | `known` | what is known of everybody, and who answered what |
//! | `infer` | from that to states |
//! | `table` | the tables `typing` and `psychometric_state`, and back |

mod asked;
mod infer;
mod known;
mod table;

use serde::{Deserialize, Serialize};
use strata_models::psychometrics::typing::abstain::Abstention;
use strata_models::psychometrics::typing::gate::Skill;
use strata_models::psychometrics::typing::golden::TypingTool;
use strata_models::psychometrics::typing::state::State;
use strata_models::psychometrics::typing::validate::Validation;

use super::Respondent;
use crate::error::Result;
use crate::project::Project;
use crate::query::View;

pub(crate) use table::batches;
pub use table::{PSYCHOMETRIC_STATE, TYPING, typings};

/// How far the types of a segmentation are known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Typing {
    /// The segmentation.
    pub segmentation: String,
    /// The segmentation, for people.
    pub title: String,
    /// The surveys that decide its classes.
    pub surveys: Vec<String>,
    /// Its classes.
    pub types: Vec<Type>,
    /// How many customers are of an unknown type.
    pub n_unknown: u64,
    /// The questions that tell types, those first that tell most; none where types cannot be told by questions.
    pub questions: Vec<Question>,
    /// By what types are inferred.
    pub features: Vec<String>,
    /// How well that works; none where it could not be tried.
    pub evidence: Option<Evidence>,
    /// Why no type is inferred; empty where some are.
    pub reasons: Vec<String>,
}

/// A class, and of how many customers it is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Type {
    /// Its name.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// Of how many it is measured.
    pub n_measured: u64,
    /// Of how many it is told by a few questions.
    pub n_typed: u64,
    /// Of how many it is inferred.
    pub n_inferred: u64,
    /// How many respondents those who are measured are worth, once weighted to stand for all customers.
    pub n_effective: Option<f64>,
    /// The weighted share of all customers; none where too few respondents say nothing.
    pub share: Option<f64>,
}

/// A question that tells types.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// The item.
    pub item: String,
    /// What people read; none where the text is not at hand.
    pub text: Option<String>,
    /// How often the type is right with this and all questions before it, for respondents that were not learned from.
    pub accuracy: f64,
}

/// How well types are told of those who were not asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// How many respondents it is learned from.
    pub n_respondents: u64,
    /// How many that is worth, once weighted to stand for all customers.
    pub n_effective: f64,
    /// The share of the commonest type: what is right without any question.
    pub base_rate: f64,
    /// How many answered every question; golden questions are chosen by them.
    pub n_complete: u64,
    /// What types those who answer the questions.
    pub tool: TypingTool,
    /// The skill of what infers, on respondents that it has not seen.
    pub skill: Skill,
    /// The skill of categories alone.
    pub of_categories: Option<Skill>,
    /// The skill for shuffled types, which has to be none.
    pub shuffled: Vec<Skill>,
    /// From which probability on a type is inferred.
    pub abstention: Abstention,
    /// How well inferred and measured types agree.
    pub validation: Validation,
}

/// A customer's state.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomerState {
    /// The customer.
    pub customer_id: String,
    /// How the type is known.
    pub state: State,
    /// The type, as a place among the segmentation's; none of the unknown.
    pub of_type: Option<usize>,
    /// Its probability.
    pub probability: f64,
    /// The types that hold the truth in 90 %, as places; empty where nothing is published.
    pub set: Vec<usize>,
}

impl Typing {
    /// How many customers are in a state.
    pub fn n_in(&self, state: State) -> u64 {
        let of = |of_type: &Type| match state {
            State::Measured => of_type.n_measured,
            State::Typed => of_type.n_typed,
            State::Inferred => of_type.n_inferred,
            State::Unknown => 0,
        };
        if state == State::Unknown { self.n_unknown } else { self.types.iter().map(of).sum() }
    }

    /// All states with their words and numbers, in their order.
    pub fn counts(&self) -> [(&'static str, u64); 4] {
        STATES.map(|(state, word)| (word, self.n_in(state)))
    }
}

/// The states and their words.
const STATES: [(State, &str); 4] = [
    (State::Measured, "measured"),
    (State::Typed, "typed"),
    (State::Inferred, "inferred"),
    (State::Unknown, "unknown"),
];

/// The word of a state.
fn word(state: State) -> &'static str {
    STATES.into_iter().find(|(each, _)| *each == state).map_or("unknown", |(_, word)| word)
}

/// Finds the state of every customer in every segmentation that surveys decide.
///
/// # Errors
/// When a table cannot be read.
pub(crate) async fn all(
    project: &Project,
    view: &View,
    respondents: &[Respondent],
) -> Result<Vec<(Typing, Vec<CustomerState>)>> {
    let mut all = Vec::new();
    for asked in asked::all(&project.manifest) {
        let known = known::read(view, &asked, respondents).await?;
        all.push(infer::states(asked, known, project.manifest.seed).await?);
    }
    Ok(all)
}
