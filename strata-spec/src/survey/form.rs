//! Forms: the questions of one or more instruments in the order in which one person meets them.

use std::collections::{BTreeMap, BTreeSet};

use super::attention::AttentionCheck;
use super::instrument::{Choice, Content, Instrument};
use super::kano::Feature;
use super::pack::{Block, Pack};
use super::text::normal;
use crate::error::SpecError;

/// A questionnaire as one person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Its id.
    pub id: String,
    /// Its title for people.
    pub title: String,
    /// The pack that it is of.
    pub pack: Option<Pack>,
    /// The block that this form leaves out so that it stays short; another form asks it.
    pub left_out: Option<Block>,
    /// What people are asked to agree to first.
    pub consent: Option<Consent>,
    /// Its parts.
    pub sections: Vec<FormSection>,
}

/// Questions under one instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormSection {
    /// The instrument that they are of.
    pub instrument: String,
    /// What people are asked to do.
    pub instruction: String,
    /// What must be printed with it.
    pub credit: Option<String>,
    /// The questions.
    pub questions: Vec<Question>,
}

/// A question of which one answer is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The id of its item.
    pub id: String,
    /// The instrument that it is of.
    pub instrument: String,
    /// What people are asked to do with it and those beside it.
    pub instruction: String,
    /// What people read; empty where only its key is known.
    pub text: String,
    /// Its text, with the instruction before it where another question of the form has the same.
    pub title: String,
    /// What may be answered.
    pub choices: Vec<Choice>,
    /// The right answer, if it is an attention check.
    pub pass: Option<i64>,
    /// The question that cannot have the same answer: the worst of a set is not its best.
    pub other_than: Option<String>,
}

/// What people are asked to agree to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// What the answers are used for.
    pub purpose: String,
    /// How they are asked.
    pub text: String,
}

/// The id of the question about consent.
pub const CONSENT: &str = "consent";

/// The instrument that attention checks are said to be of.
pub const CHECKS: &str = "attention-checks";

/// Shorter sections have no check: it would be more noticed than obeyed.
const LEAST_FOR_CHECK: usize = 12;

impl Consent {
    /// Consent to that purpose, asked for in plain words.
    pub fn to(purpose: &str) -> Consent {
        let text = format!("May we keep your answers and use them for this purpose: {purpose}?");
        Consent { purpose: purpose.to_owned(), text }
    }

    /// The question, of which 1 is yes and 0 no.
    pub fn question(&self) -> Question {
        let choice = |value: i64, label: &str| Choice { value, label: label.to_owned() };
        Question {
            id: CONSENT.to_owned(),
            instrument: CONSENT.to_owned(),
            instruction: String::new(),
            text: self.text.clone(),
            title: self.text.clone(),
            choices: vec![choice(1, "Yes"), choice(0, "No")],
            pass: None,
            other_than: None,
        }
    }
}

impl Form {
    /// The form that asks these instruments in this order, with attention checks in long parts. Refuses an instrument without its text.
    pub fn of(
        id: &str,
        title: &str,
        instruments: &[&Instrument],
        features: &[Feature],
    ) -> Result<Form, SpecError> {
        let mut sections = Vec::new();
        for instrument in instruments {
            sections.extend(sections_of(instrument, features)?);
        }
        Form::of_sections(id, title, sections)
    }

    pub(super) fn of_sections(
        id: &str,
        title: &str,
        mut sections: Vec<FormSection>,
    ) -> Result<Form, SpecError> {
        sections.retain(|section| !section.questions.is_empty());
        let mut seen = BTreeSet::new();
        for question in sections.iter().flat_map(|section| &section.questions) {
            if !seen.insert(question.id.as_str()) {
                return Err(SpecError::new(format!("form `{id}` asks `{}` twice", question.id))
                    .with_hint("name each instrument and each feature once"));
            }
        }
        place_checks(&mut sections);
        tell_apart(&mut sections);
        let (id, title) = (id.to_owned(), title.to_owned());
        Ok(Form { id, title, pack: None, left_out: None, consent: None, sections })
    }

    /// Every question in the order of the form, consent first.
    pub fn questions(&self) -> Vec<Question> {
        let consent = self.consent.as_ref().map(Consent::question);
        consent
            .into_iter()
            .chain(self.sections.iter().flat_map(|section| section.questions.clone()))
            .collect()
    }
}

impl FormSection {
    /// Whether all questions have the same answers, so that they make a grid.
    pub fn is_grid(&self) -> bool {
        match self.questions.as_slice() {
            [first, rest @ ..] => !rest.is_empty() && rest.iter().all(|other| other.choices == first.choices),
            [] => false,
        }
    }
}

/// The parts of a form that ask an instrument. Refuses one without its text.
pub(super) fn sections_of(
    instrument: &Instrument,
    features: &[Feature],
) -> Result<Vec<FormSection>, SpecError> {
    if !instrument.has_text() {
        return Err(SpecError::new(format!("`{}` has no text to ask", instrument.id))
            .with_hint(format!("bring its text; its licence: {}", instrument.licence)));
    }
    for (place, feature) in features.iter().enumerate() {
        if !Feature::is_id(&feature.id) {
            return Err(SpecError::new(format!("`{}` cannot be the id of a feature", feature.id))
                .with_hint("write it in lower case letters, digits and `_`: `free_returns`"));
        }
        if features[..place].iter().any(|other| other.id == feature.id) {
            return Err(SpecError::new(format!("two features are called `{}`", feature.id))
                .with_hint("give each feature an id of its own"));
        }
    }
    let mut sections: Vec<FormSection> = Vec::new();
    for question in questions_of(instrument, features) {
        match sections.last_mut() {
            Some(section) if section.instruction == question.instruction => section.questions.push(question),
            _ => sections.push(FormSection {
                instrument: instrument.id.clone(),
                instruction: question.instruction.clone(),
                credit: instrument.credit.clone(),
                questions: vec![question],
            }),
        }
    }
    Ok(sections)
}

/// The questions of an instrument, without texts where only its key is known.
pub(super) fn questions_of(instrument: &Instrument, features: &[Feature]) -> Vec<Question> {
    let instruction = instrument.instruction.as_deref().unwrap_or_default();
    let question = |id: &str, instruction: &str, text: &str, choices: Vec<Choice>| Question {
        id: id.to_owned(),
        instrument: instrument.id.clone(),
        instruction: instruction.to_owned(),
        text: text.to_owned(),
        title: text.to_owned(),
        choices,
        pass: None,
        other_than: None,
    };
    match &instrument.content {
        Content::Rating(rating) => rating
            .items
            .iter()
            .map(|item| {
                let text = item.text.as_deref().unwrap_or_default();
                question(&item.id, instruction, text, rating.response.choices())
            })
            .collect(),
        Content::BestWorst { best_worst, contact } => {
            let n_sets = best_worst.sets.len();
            let sets = (0..n_sets).flat_map(|set| {
                let (best, worst) = (best_worst.best_id(set), best_worst.worst_id(set));
                let asked = |id: &str, stem: &str, other: &str| {
                    let text = format!("{stem} ({} of {n_sets})", set + 1);
                    let instruction = "Choose one message each time.";
                    let question = question(id, instruction, &text, best_worst.choices(set));
                    Question { other_than: Some(other.to_owned()), ..question }
                };
                [asked(&best, &best_worst.best_stem, &worst), asked(&worst, &best_worst.worst_stem, &best)]
            });
            let contact = contact.iter().flat_map(|contact| {
                [
                    ("contact_channel", &contact.channel_question, &contact.channels),
                    ("contact_frequency", &contact.frequency_question, &contact.frequencies),
                ]
            });
            let contact = contact.map(|(id, text, labels)| {
                let choice = |(label, value): (&String, i64)| Choice { value, label: label.clone() };
                question(id, "How to reach you.", text, labels.iter().zip(1..).map(choice).collect())
            });
            sets.chain(contact).collect()
        }
        Content::Kano(kano) => features
            .iter()
            .flat_map(|feature| {
                let pair = kano.pair(feature);
                [pair.functional, pair.dysfunctional]
            })
            .map(|(id, text)| question(&id, "About what we could offer.", &text, kano.choices()))
            .collect(),
    }
}

/// Puts checks with the range of the items around them into the middle of the first and the last long part, and one that asks outright
/// at the end of a form that has such parts.
fn place_checks(sections: &mut Vec<FormSection>) {
    let long: Vec<usize> = (0..sections.len())
        .filter(|place| sections[*place].is_grid() && sections[*place].questions.len() >= LEAST_FOR_CHECK)
        .collect();
    let Some(first) = long.first() else { return };
    let last = long.last().filter(|last| *last != first);
    let mut places = [Some(first), last].into_iter().flatten();
    let mut outright = Vec::new();
    for check in AttentionCheck::shipped() {
        if !check.labels.is_empty() {
            outright.extend(check_question(check, check.id.clone(), &[], ""));
        } else if let Some(section) = places.next().and_then(|place| sections.get_mut(*place)) {
            let range = section.questions.first().map_or(Vec::new(), |question| question.choices.clone());
            let middle = section.questions.len() / 2;
            // Another form asks it among other items, with another label: it is another question.
            let id = format!("{}_{}", check.id, section.instrument);
            if let Some(question) = check_question(check, id, &range, &section.instruction) {
                section.questions.insert(middle, question);
            }
        }
    }
    let (instrument, instruction) = (CHECKS.to_owned(), "One last question.".to_owned());
    sections.push(FormSection { instrument, instruction, credit: None, questions: outright });
}

fn check_question(
    check: &AttentionCheck,
    id: String,
    range: &[Choice],
    instruction: &str,
) -> Option<Question> {
    let (choices, text, pass) = check.among(range)?;
    Some(Question {
        id,
        instrument: CHECKS.to_owned(),
        instruction: instruction.to_owned(),
        title: text.clone(),
        text,
        choices,
        pass: Some(pass),
        other_than: None,
    })
}

/// Puts the instruction before the text of questions that another question of the form shares its text with.
fn tell_apart(sections: &mut [FormSection]) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for question in sections.iter().flat_map(|section| &section.questions) {
        *counts.entry(normal(&question.text)).or_default() += 1;
    }
    for question in sections.iter_mut().flat_map(|section| &mut section.questions) {
        let is_shared = counts.get(&normal(&question.text)).is_some_and(|count| *count > 1);
        if is_shared && !question.instruction.is_empty() {
            question.title = format!("{} {}", question.instruction, question.text);
        }
    }
}
