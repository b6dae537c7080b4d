//! The texts that customers wrote, as the last run left them in the table `feedback`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use strata_models::text::error::TextError;
use strata_models::text::language::{Told, tell_all};
use strata_models::text::sentiment::Lexicon;
use strata_spec::error::ErrorCode;
use strata_spec::name::UNASSIGNED;

use crate::error::{Error, Result};
use crate::project::Project;
use crate::query::ask::{Row, ask, instant_literal};
use crate::query::{View, quoted};

/// Of more texts than these, those of some authors are read where not all have to be.
const ENOUGH: u64 = 50_000;
/// What decides whose, with the author.
const SALT: &str = "texts";

/// What was written in so many days before a run is recent.
const RECENT_DAYS: i64 = 30;

const ID: usize = 0;
const AUTHOR: usize = 1;
const TEXT: usize = 2;
const CLASS: usize = 3;
const IS_RECENT: usize = 4;

/// Texts in the order of their ids; at least one.
pub(super) struct Heard(Vec<Row>);

impl Heard {
    /// All texts, each with the class of its author where a segmentation is given.
    ///
    /// # Errors
    /// `NotFound` where there are none, or no such segmentation.
    pub(super) async fn of(project: &Project, view: &View, by: Option<&str>) -> Result<Heard> {
        let hint = "map a source's column to feedback.text: reviews, tickets, comments";
        if !has_feedback(view) {
            return Err(Error::new(ErrorCode::NotFound, "the last run has no feedback").with_hint(hint));
        }
        let heard = Heard::read(project, view, by, 1.0).await?;
        heard.ok_or_else(|| Error::new(ErrorCode::NotFound, "nobody has written anything").with_hint(hint))
    }

    /// As many texts as tell enough of what is said, all of each author; none where nobody has written anything.
    pub(super) async fn enough(project: &Project, view: &View) -> Result<Option<Heard>> {
        if !has_feedback(view) {
            return Ok(None);
        }
        let rows =
            ask(view, "count what customers say", "select count(*) from feedback where text <> ''").await?;
        let n_texts = rows.first().map_or(0, |row| row.count(0));
        Heard::read(project, view, None, ENOUGH as f64 / n_texts.max(ENOUGH) as f64).await
    }

    /// The texts of a share of all authors; of those without an author, the same share.
    async fn read(project: &Project, view: &View, by: Option<&str>, share: f64) -> Result<Option<Heard>> {
        let (class, joined) = match by {
            None => ("cast(null as varchar)".to_owned(), String::new()),
            Some(name) => {
                project.check_segmentation_of_customers(name)?;
                let joined = format!(
                    "left join (select subject_id, segment from membership where subject = 'customers' \
                     and segmentation = {} and left_at is null) m on m.subject_id = f.customer_id",
                    quoted(name)
                );
                (format!("coalesce(m.segment, '{UNASSIGNED}')"), joined)
            }
        };
        let drawn = match share < 1.0 {
            true => format!("and bucket(coalesce(f.customer_id, f.feedback_id, f.text), '{SALT}') < {share}"),
            false => String::new(),
        };
        let recent = instant_literal(view.complete.as_of - TimeDelta::days(RECENT_DAYS));
        let query = format!(
            "select f.feedback_id, f.customer_id, f.text, {class}, \
             case when f.given_at > {recent} then 1 else 0 end from feedback f {joined} \
             where f.text is not null and f.text <> '' {drawn} order by f.feedback_id, f.text"
        );
        let rows = ask(view, "read what customers say", &query).await?;
        Ok(Some(Heard(rows)).filter(|heard| !heard.0.is_empty()))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn texts(&self) -> Vec<&str> {
        self.0.iter().map(|row| row.text(TEXT)).collect()
    }

    pub(super) fn id(&self, place: usize) -> &str {
        self.0[place].text(ID)
    }

    pub(super) fn text(&self, place: usize) -> &str {
        self.0[place].text(TEXT)
    }

    /// The customer who wrote it, where that is known.
    pub(super) fn author(&self, place: usize) -> Option<&str> {
        self.0[place].maybe(AUTHOR)
    }

    /// Whether it was written in the 30 days before the run.
    pub(super) fn is_recent(&self, place: usize) -> bool {
        self.0[place].count(IS_RECENT) > 0
    }

    /// How many customers wrote them, as far as they are known.
    pub(super) fn n_authors(&self) -> usize {
        self.0.iter().filter_map(|row| row.maybe(AUTHOR)).collect::<BTreeSet<_>>().len()
    }

    /// The places of the texts of each class; of nothing where no segmentation was given.
    pub(super) fn by_class(&self) -> BTreeMap<String, Vec<usize>> {
        let mut classes: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, row) in self.0.iter().enumerate() {
            if let Some(class) = row.maybe(CLASS) {
                classes.entry(class.to_owned()).or_default().push(place);
            }
        }
        classes
    }

    /// The language of each, and how it feels where that is English.
    pub(super) fn told(&self) -> Vec<Told> {
        tell_all(&Lexicon::shipped(), &self.texts())
    }
}

/// How each text feels, from −1 to 1; not a number where that is not told.
pub(super) fn compounds(told: &[Told]) -> Vec<f64> {
    told.iter().map(|told| told.sentiment.map_or(f64::NAN, |sentiment| sentiment.compound)).collect()
}

/// What the models of texts refuse; what to do about it is a hint of its own here.
pub(super) fn refused(error: &TextError) -> Error {
    let said = error.to_string();
    let (message, hint) = said
        .split_once("; hint: ")
        .unwrap_or((&said, "`strata sql \"select text from feedback\"` shows the texts"));
    Error::new(ErrorCode::InvalidInput, message).with_hint(hint)
}

fn has_feedback(view: &View) -> bool {
    view.complete.tables.contains_key("feedback")
}
