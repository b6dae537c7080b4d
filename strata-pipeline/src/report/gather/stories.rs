//! What became of the project's own segments: a replay of all of them at once, their goals, and what they share.

use strata_spec::table::Subject;

use super::super::data::{Alike, ReportData, Story, StoryMonth, Together};
use crate::error::Result;
use crate::goal;
use crate::overlap::{Ask, OVERLAP, Relation, overlap};
use crate::preview::Basis;
use crate::project::Project;
use crate::query::ask::ask;
use crate::query::{View, quoted};
use crate::replay::{Dates, Outcome, Tracked, evaluate, reaches_back};

/// So many others are named beside a segment.
const ALIKE: usize = 4;
/// So many segments are drawn together.
const TOGETHER: usize = 12;

/// Adds the stories of segments, and in which of them subjects are together.
pub(super) async fn gather(view: &View, project: &Project, data: &mut ReportData) -> Result<()> {
    let basis = Basis::open(project, view, None).await?;
    let mut goals = goal::read(view).await?;
    for point in goals.iter_mut().flat_map(|goal| &mut goal.points) {
        point.at = point.at.with_timezone(&project.timezone).naive_local().and_utc();
    }
    for subject in Subject::ALL {
        let segments = project.manifest.definitions.segments.values();
        // Those that a run has not evaluated yet are not in the report either.
        let known = |name: &str| data.segments.iter().any(|segment| segment.name == name);
        let own: Vec<_> = segments
            .filter(|segment| segment.header.subject == subject && known(segment.name.as_str()))
            .collect();
        if own.is_empty() || !basis.has(subject) {
            continue;
        }
        let dates = Dates::default().list(project, view.complete.as_of)?;
        let Some(first) = dates.first() else { continue };
        let mut told = Vec::with_capacity(own.len());
        for segment in &own {
            if reaches_back(&basis, subject, &Tracked::segment(segment), *first)? {
                told.push(*segment);
            }
        }
        let tracked: Vec<Tracked> = told.iter().map(|segment| Tracked::segment(segment)).collect();
        let Outcome { n_subjects, tracks, .. } = evaluate(&basis, subject, &tracked, &dates).await?;
        for (segment, moments) in told.iter().zip(tracks) {
            let months =
                dates.iter().zip(&n_subjects).zip(moments).map(|((at, n_subjects), moment)| StoryMonth {
                    day: at.with_timezone(&project.timezone).date_naive(),
                    n_members: moment.n_members,
                    n_subjects: *n_subjects,
                    n_entered: moment.n_entered.unwrap_or(0),
                    n_left: moment.n_left.unwrap_or(0),
                });
            let name = segment.name.as_str();
            data.stories.push(Story {
                segment: name.to_owned(),
                title: segment.header.title.clone(),
                subject,
                sentence: segment.condition.sentence(),
                months: months.collect(),
                alike: alike(view, subject, name).await?,
                goal: goals.iter().find(|goal| goal.segment == name).cloned(),
            });
        }
        if subject == Subject::Customers {
            let own: Vec<(String, String)> =
                own.iter().map(|segment| (segment.name.to_string(), segment.header.title.clone())).collect();
            data.together = together(view, &own).await?;
        }
    }
    Ok(())
}

/// The segments and classes that share most with a segment.
async fn alike(view: &View, subject: Subject, name: &str) -> Result<Vec<Alike>> {
    if !view.complete.tables.contains_key(OVERLAP) {
        return Ok(Vec::new());
    }
    let name = quoted(name);
    let query = format!(
        "select case when first = {name} then second else first end as other, \
           cast(n_both as double) / case when first = {name} then n_first else n_second end as share, jaccard \
         from overlap where subject = '{subject}' and (first = {name} or second = {name}) \
         order by jaccard desc, other limit {ALIKE}"
    );
    let rows = ask(view, "find what overlaps", &query).await?;
    let alike = |row: &crate::query::ask::Row| {
        Some(Alike { name: row.text(0).to_owned(), share: row.number(1)?, jaccard: row.number(2)? })
    };
    Ok(rows.iter().filter_map(alike).collect())
}

/// In which of their own segments customers are together.
async fn together(view: &View, own: &[(String, String)]) -> Result<Together> {
    let inhabited =
        "select segment from segment where segmentation is null and subject = 'customers' and n_members > 0";
    let inhabited = ask(view, "list the segments", inhabited).await?;
    let names = own.iter().map(|(name, _)| name);
    let names = names.filter(|name| inhabited.iter().any(|row| row.text(0) == name.as_str()));
    let names: Vec<String> = names.take(TOGETHER).cloned().collect();
    if names.len() < 2 {
        return Ok(Together::default());
    }
    let found = overlap(view, &Ask { subject: Subject::Customers, names, at: None }).await?;
    let title = |at: usize| {
        let name = &found.sets[at].name;
        own.iter().find(|(known, _)| known == name).map_or_else(|| name.clone(), |(_, title)| title.clone())
    };
    let redundant = found.pairs.iter().filter_map(|pair| {
        let (first, second) = (title(pair.first), title(pair.second));
        match pair.relation() {
            Relation::Same => {
                Some(format!("{first} and {second} have the same members: one of them will do."))
            }
            Relation::Redundant => Some(format!(
                "{first} and {second} are {:.0} % the same: one of them may do.",
                pair.jaccard() * 100.0
            )),
            Relation::Within => Some(format!("{first} lies within {second}.")),
            Relation::Contains => Some(format!("{second} lies within {first}.")),
            Relation::Overlaps => None,
        }
    });
    let combinations = found.combinations.iter().flatten().filter(|each| !each.sets.is_empty());
    Ok(Together {
        redundant: redundant.collect(),
        combinations: combinations.map(|each| (each.sets.clone(), each.n_subjects)).collect(),
        sets: (0..found.sets.len()).map(|at| (title(at), found.sets[at].n_members)).collect(),
    })
}
