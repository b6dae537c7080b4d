//! Which segmentation is the journey, what its stages are, and which of them are ends.

use serde::Serialize;
use strata_spec::definition::{Layer, Origin};
use strata_spec::error::{ErrorCode, nearest};
use strata_spec::name::UNASSIGNED;
use strata_spec::table::Subject;

use super::Ask;
use crate::error::{Error, Result};
use crate::project::Project;
use crate::query::View;
use crate::query::ask::{Row, ask};

/// What is looked at where a project defines no journey of its own.
const CUSTOMARY: &str = "journey";
/// Stages of the shipped journeys that only a first order leads to: whoever is in one has been converted, seen or unseen.
const CONVERTED: [&str; 5] = ["onboard", "active", "loyal", "at_risk", "lapsed"];
/// The stage of the shipped journey of those who show no sign any more and have never ordered.
const LOST: [&str; 1] = ["unknown"];
/// A segmentation of more classes than this is no journey that anybody could follow.
const MOST_STAGES: usize = 40;

/// What a stage is to the journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// One goes on from it.
    Way,
    /// The journey has led where it should.
    Converted,
    /// It will lead nowhere any more.
    Lost,
}

/// A segmentation as a journey.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Target {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) subject: Subject,
    pub(super) version: String,
    pub(super) stages: Vec<Named>,
}

/// A stage.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) role: Role,
    pub(super) n_now: u64,
}

impl Target {
    /// The codes of the stages with a role.
    pub(super) fn codes(&self, role: Role) -> Vec<u16> {
        let places = self.stages.iter().zip(0_u16..);
        places.filter(|(stage, _)| stage.role == role).map(|(_, code)| code).collect()
    }

    /// The code of a stage.
    pub(super) fn code(&self, name: &str) -> Option<u16> {
        self.stages.iter().zip(0_u16..).find(|(stage, _)| stage.name == name).map(|(_, code)| code)
    }

    /// The code of a stage that somebody named.
    pub(super) fn named(&self, name: &str) -> Result<u16> {
        self.code(name).ok_or_else(|| {
            let error = Error::new(ErrorCode::NotFound, format!("`{}` has no class `{name}`", self.name));
            let names: Vec<&str> = self.stages.iter().map(|stage| stage.name.as_str()).collect();
            match nearest(name, names.iter().copied()) {
                Some(near) => error.with_hint(format!("did you mean `{near}`?")),
                None => error.with_hint(format!("its classes are {}", names.join(", "))),
            }
        })
    }
}

/// Finds the segmentation that is asked for, or else the one that is the project's journey.
pub(super) async fn find(project: &Project, view: &View, asked: &Ask<'_>) -> Result<Target> {
    let query = "select segmentation, segment, title, subject, version, n_members from segment \
                 where segmentation is not null order by segmentation, position, segment";
    let rows = ask(view, "list the classes of segmentations", query).await?;
    let mut known: Vec<&str> = rows.iter().map(|row| row.text(0)).collect();
    known.dedup();
    let name = match asked.segmentation {
        Some(name) => name,
        None => usual(project, &known)?,
    };
    if !known.contains(&name) {
        return Err(unknown(project, name, &known));
    }
    let own: Vec<&Row> = rows.iter().filter(|row| row.text(0) == name && row.text(1) != UNASSIGNED).collect();
    let definition =
        project.manifest.definitions.segmentations.iter().find(|(known, _)| known.as_str() == name);
    let layer = definition.map(|(_, this)| this.header.layer);
    let customary = |class: &str| match layer {
        Some(Layer::Journey) if CONVERTED.contains(&class) => Role::Converted,
        Some(Layer::Journey) if LOST.contains(&class) => Role::Lost,
        _ => Role::Way,
    };
    let stages = own.iter().map(|row| Named {
        name: row.text(1).to_owned(),
        title: row.text(2).to_owned(),
        role: customary(row.text(1)),
        n_now: row.count(5),
    });
    let is_company = own.first().is_some_and(|row| row.text(3) == Subject::Companies.as_str());
    let mut target = Target {
        name: name.to_owned(),
        title: definition.map_or_else(|| name.to_owned(), |(_, this)| this.header.title.clone()),
        subject: if is_company { Subject::Companies } else { Subject::Customers },
        version: own.first().map(|row| row.text(4).to_owned()).unwrap_or_default(),
        stages: stages.collect(),
    };
    if target.stages.len() < 2 || target.stages.len() > MOST_STAGES {
        let message = format!("`{name}` has {} classes, and no journey has", target.stages.len());
        let hint = format!("a journey has 2 to {MOST_STAGES} stages, as `{CUSTOMARY}` has");
        return Err(Error::new(ErrorCode::InvalidDefinition, message).with_hint(hint));
    }
    give_ends(&mut target, asked)?;
    Ok(target)
}

/// The project's own segmentation of the layer, the first where there are several, or else the shipped one; none where the last run has
/// neither.
pub(super) async fn own(project: &Project, view: &View) -> Result<Option<String>> {
    let query = format!(
        "select segmentation, count(*) from segment where segmentation is not null \
         and segment <> '{UNASSIGNED}' group by 1 order by 1"
    );
    let rows = ask(view, "list segmentations", &query).await?;
    let can_be = |row: &&Row| (2..=MOST_STAGES as u64).contains(&row.count(1));
    let known: Vec<&str> = rows.iter().filter(can_be).map(|row| row.text(0)).collect();
    let first = own_of(project, &known).into_iter().next();
    let usual = known.contains(&CUSTOMARY).then_some(CUSTOMARY);
    Ok(first.or(usual).map(str::to_owned))
}

/// The project's own segmentations of the layer that the last run has.
fn own_of<'a>(project: &'a Project, known: &[&'a str]) -> Vec<&'a str> {
    let all = &project.manifest.definitions.segmentations;
    let own = all.iter().filter(|(name, this)| {
        let header = &this.header;
        header.origin == Origin::Project
            && header.layer == Layer::Journey
            && header.subject == Subject::Customers
            && known.contains(&name.as_str())
    });
    own.map(|(name, _)| name.as_str()).collect()
}

/// The project's own segmentation of the layer, or else the shipped one.
fn usual<'a>(project: &'a Project, known: &[&'a str]) -> Result<&'a str> {
    let own = own_of(project, known);
    match own.as_slice() {
        [] => Ok(CUSTOMARY),
        [only] => Ok(only),
        several => {
            let message = format!("the project has several journeys: {}", several.join(", "));
            let hint = format!("name one: `strata journey show {}`", several[0]);
            Err(Error::new(ErrorCode::InvalidDefinition, message).with_hint(hint))
        }
    }
}

fn unknown(project: &Project, name: &str, known: &[&str]) -> Error {
    let is_defined = project.manifest.definitions.segmentations.keys().any(|each| each.as_str() == name);
    if is_defined {
        let error = Error::new(ErrorCode::NotFound, format!("the last run has no segmentation `{name}`"));
        return error
            .with_hint("`strata check` says what it lacks; `strata segments list` shows what there is");
    }
    let error = Error::new(ErrorCode::NotFound, format!("there is no segmentation `{name}`"));
    match nearest(name, known.iter().copied()) {
        Some(near) => error.with_hint(format!("did you mean `{near}`?")),
        None => error.with_hint("`strata segments list` lists them"),
    }
}

/// Whoever names ends decides; the usual ones stand where nobody does.
fn give_ends(target: &mut Target, asked: &Ask<'_>) -> Result<()> {
    for (names, role) in [(&asked.converted, Role::Converted), (&asked.lost, Role::Lost)] {
        if names.is_empty() {
            continue;
        }
        for stage in &mut target.stages {
            if stage.role == role {
                stage.role = Role::Way;
            }
        }
        for name in names.iter() {
            let code = target.named(name)?;
            target.stages[usize::from(code)].role = role;
        }
    }
    if let Some(both) = asked.converted.iter().find(|name| asked.lost.contains(name)) {
        let message = format!("`{both}` cannot be both where the journey should lead and where it is lost");
        return Err(Error::new(ErrorCode::InvalidDefinition, message)
            .with_hint("name it with --converted or with --lost"));
    }
    Ok(())
}
