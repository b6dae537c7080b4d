//! Answers on their way back: from the exports of survey tools to one row an answer, with a report of what could not be read.
//!
//! Files are read elsewhere; this module takes records of text, or JSON. Nothing is lost on the way: an answer is a row, or stands in the
//! report with the reason, or its whole column does.

mod collect;
mod columns;
mod long;
mod report;
mod role;
mod typeform;
pub(super) mod value;
mod wide;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::form::{CHECKS, CONSENT, Consent, Form, Question, questions_of};
use super::instrument::Instrument;
use super::kano::Feature;
use super::text::normal;

pub use report::{Answer, By, ColumnMatch, Match, MatchReport, NamedBy, Reason, Refused, Responses};
pub use role::Role;

/// Reads answers to a known set of questions.
#[derive(Debug, Clone)]
pub struct Reader {
    questions: Vec<Question>,
    /// The instrument and the item of each question, as rows share them.
    names: Vec<(Arc<str>, Arc<str>)>,
    /// Places in `questions` by the id's words.
    by_id: HashMap<String, usize>,
    /// Places in `questions` by the words of what people read.
    by_text: HashMap<String, Vec<usize>>,
    /// Whether consent was among the questions that were asked.
    asks_consent: bool,
    options: ReadOptions,
}

/// What a file does not say itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadOptions {
    /// The column that names who answered, where it is none of the usual ones.
    pub respondent_column: Option<String>,
    /// Whether answers of somebody whom no column names are read under the id of the completed form. They describe segments of people who
    /// answered, but belong to no customer.
    pub keeps_anonymous: bool,
    /// What people agreed to, where no column says it.
    pub purpose: Option<String>,
}

impl Reader {
    /// A reader of the questions of forms; those of several are read once.
    pub fn of_forms(forms: &[Form]) -> Reader {
        let questions = forms.iter().flat_map(Form::questions).collect();
        Reader::of_questions(questions)
    }

    /// A reader of all questions of instruments, also of those of which only the key is known: these are found by the ids of their items,
    /// or by their order.
    pub fn of_instruments(instruments: &[&Instrument], features: &[Feature]) -> Reader {
        let questions = instruments.iter().flat_map(|instrument| questions_of(instrument, features));
        Reader::of_questions(questions.collect())
    }

    fn of_questions(mut questions: Vec<Question>) -> Reader {
        let mut seen = BTreeSet::new();
        questions.retain(|question| seen.insert(question.id.clone()));
        let asks_consent = seen.contains(CONSENT);
        if !asks_consent {
            questions.push(Consent { purpose: String::new(), text: String::new() }.question());
        }
        let mut by_id = HashMap::new();
        let mut by_text: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, question) in questions.iter().enumerate() {
            by_id.entry(normal(&question.id)).or_insert(place);
            let whole = format!("{} {}", question.instruction, question.text);
            let keys = [normal(&question.text), normal(&question.title), normal(&whole)];
            let is_known = !question.text.is_empty();
            for key in keys.into_iter().filter(|key| is_known && !key.is_empty()).collect::<BTreeSet<_>>() {
                by_text.entry(key).or_default().push(place);
            }
        }
        let name = |question: &Question| (Arc::from(&*question.instrument), Arc::from(&*question.id));
        let names = questions.iter().map(name).collect();
        Reader { questions, names, by_id, by_text, asks_consent, options: ReadOptions::default() }
    }

    /// The same with these options.
    pub fn with(self, options: ReadOptions) -> Reader {
        Reader { options, ..self }
    }

    /// The questions that are read, attention checks and consent among them.
    pub fn questions(&self) -> &[Question] {
        &self.questions
    }

    /// Reads a table with a record for each completed form and a column for each question: of Typeform, Hotjar, Google Forms or anyone.
    ///
    /// A column is a question by the id of its item, by its text (in brackets behind an instruction, too), or, where not one is found so
    /// and there are as many columns as questions, by its place.
    pub fn wide<R: AsRef<[String]>>(
        &self,
        header: &[String],
        records: impl IntoIterator<Item = R>,
    ) -> Responses {
        wide::read(self, header, records)
    }

    /// Reads a table with a record for each answer: `respondent`, `item` and `answer`, and what else is known. Refuses a table without
    /// one of the three.
    pub fn long<R: AsRef<[String]>>(
        &self,
        header: &[String],
        records: impl IntoIterator<Item = R>,
    ) -> Result<Responses, crate::error::SpecError> {
        long::read(self, header, records)
    }

    /// Reads what Typeform's Responses API answers, or the body of its webhook, or a list of either. `form` is the form's definition, if it
    /// is at hand: where a form was not made from an export its `ref`s say nothing and its titles do.
    pub fn typeform(
        &self,
        body: &serde_json::Value,
        form: Option<&serde_json::Value>,
    ) -> Result<Responses, crate::error::SpecError> {
        typeform::read(self, body, form)
    }

    /// The place of the question about consent, which every reader has.
    fn consent(&self) -> usize {
        self.by_id.get(CONSENT).copied().unwrap_or(usize::MAX)
    }

    /// The questions whose places may stand for them: all, or without consent, or without attention checks as well.
    fn in_order(&self) -> [Vec<usize>; 3] {
        let places = |kept: &dyn Fn(&Question) -> bool| {
            (0..self.questions.len()).filter(|place| kept(&self.questions[*place])).collect()
        };
        [
            places(&|question| self.asks_consent || question.id != CONSENT),
            places(&|question| question.id != CONSENT),
            places(&|question| question.id != CONSENT && question.instrument != CHECKS),
        ]
    }
}
