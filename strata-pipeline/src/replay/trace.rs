//! Where each subject would have stood at each date: in which class of a segmentation, as it is known now.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use strata_lake::arrow::array::RecordBatch;
use strata_lake::arrow::buffer::BooleanBuffer;
use strata_lake::datafusion::dataframe::DataFrame;
use strata_lake::datafusion::prelude::ident;
use strata_spec::table::Subject;

use super::ask;
use super::count::certain;
use super::dates::Dates;
use super::evaluate::{Asked, DATES_OF_A_PASS, evaluating, planning};
use crate::compile::OverTime;
use crate::error::{Context, Result};
use crate::preview::{Basis, texts, truths};
use crate::project::Project;
use crate::query::View;
use crate::run;

/// The classes of subjects over time.
pub(crate) struct Traces {
    /// The dates, the earliest first.
    pub(crate) dates: Vec<DateTime<Utc>>,
    /// The classes.
    pub(crate) classes: Vec<String>,
    /// The ids of the subjects.
    pub(crate) ids: Vec<String>,
    /// By subject, then by date: the place of the class; none where the subject was not known.
    pub(crate) places: Vec<Vec<Option<u16>>>,
    by_id: HashMap<String, usize>,
}

/// Evaluates a segmentation at dates and at the last run, subject by subject.
///
/// # Errors
/// As those of [`super::replay`].
pub(crate) async fn traces(
    project: &Project,
    view: &View,
    segmentation: &str,
    dates: &Dates,
) -> Result<Traces> {
    let mut dates = dates.list(project, view.complete.as_of)?;
    if dates.last().is_some_and(|last| *last < view.complete.as_of) {
        dates.push(view.complete.as_of);
    }
    let basis = Basis::open(project, view, None).await?;
    let (subject, tracked) = ask::named(project, view, segmentation).await?;
    let asked = Asked::of(&tracked);
    let class = |name: &str| name.rsplit_once('/').map_or(name, |(_, class)| class).to_owned();
    let mut found = Traces {
        classes: tracked.iter().map(|tracked| class(&tracked.name)).collect(),
        dates: dates.clone(),
        ids: Vec::new(),
        places: Vec::new(),
        by_id: HashMap::new(),
    };
    for (pass, dates) in dates.chunks(DATES_OF_A_PASS).enumerate() {
        let first = pass * DATES_OF_A_PASS;
        let programs =
            dates.iter().map(|at| asked.compile(&basis, subject, *at)).collect::<Result<Vec<_>>>()?;
        match OverTime::of(programs).context(planning(subject))? {
            Some(together) => {
                let (whole, rows) = basis.evaluate(together.whole.clone(), &BTreeSet::new()).await?;
                let memberships = basis.memberships_if(together.asks_for_memberships()).await?;
                let id = vec![ident(subject.id_column())];
                let answer = together.of_whole(whole).answer(rows, &memberships, id);
                let moments: Vec<Moment> = (0..dates.len())
                    .map(|place| Moment {
                        date: first + place,
                        place: Some(1 + place * (1 + asked.n_conditions())),
                    })
                    .collect();
                found.read(answer.context(planning(subject))?, &asked, &moments).await?;
            }
            None => found.date_by_date(&basis, subject, &asked, first, dates).await?,
        }
    }
    Ok(found)
}

/// Where the answer of a date stands.
struct Moment {
    date: usize,
    /// The column that says who was known; none where whoever has a row was.
    place: Option<usize>,
}

impl Traces {
    /// What holds subjects against each other is evaluated at one date after the other.
    async fn date_by_date(
        &mut self,
        basis: &Basis<'_>,
        subject: Subject,
        asked: &Asked<'_>,
        first: usize,
        dates: &[DateTime<Utc>],
    ) -> Result<()> {
        for (place, as_of) in dates.iter().enumerate() {
            let basis = basis.at(*as_of);
            let program = asked.compile(&basis, subject, *as_of)?;
            let (program, rows) = basis.evaluate(program, &BTreeSet::new()).await?;
            let memberships = basis.memberships(&program).await?;
            let answer = program.answer(rows, &memberships, vec![ident(subject.id_column())]);
            let moment = Moment { date: first + place, place: None };
            self.read(answer.context(planning(subject))?, asked, &[moment]).await?;
        }
        Ok(())
    }

    async fn read(&mut self, answer: DataFrame, asked: &Asked<'_>, moments: &[Moment]) -> Result<()> {
        let mut answers = run::stream(answer).await.context(evaluating())?;
        while let Some(batch) = answers.try_next().await.context(evaluating())? {
            let subjects = self.subjects(&batch)?;
            for moment in moments {
                let (known, conditions) = match moment.place {
                    Some(place) => (certain(truths(&batch, place)?), place + 1),
                    None => (BooleanBuffer::new_set(batch.num_rows()), 1),
                };
                for (class, code) in (0..self.classes.len()).zip(0_u16..) {
                    for row in asked.members(&batch, class, &known, conditions)?.set_indices() {
                        self.places[subjects[row]][moment.date] = Some(code);
                    }
                }
            }
        }
        Ok(())
    }

    /// The places of the subjects of a batch.
    fn subjects(&mut self, batch: &RecordBatch) -> Result<Vec<usize>> {
        let ids = texts(batch, 0)?;
        let mut subjects = Vec::with_capacity(batch.num_rows());
        for row in 0..batch.num_rows() {
            let id = ids.value(row);
            let known = self.by_id.get(id).copied();
            subjects.push(known.unwrap_or_else(|| {
                self.by_id.insert(id.to_owned(), self.ids.len());
                self.ids.push(id.to_owned());
                self.places.push(vec![None; self.dates.len()]);
                self.ids.len() - 1
            }));
        }
        Ok(subjects)
    }
}
