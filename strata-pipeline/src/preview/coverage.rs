//! A segmentation as a list of priorities: whom each class would have, whom the classes before it leave to it, and whom none has.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use serde_json::{Value, json};
use strata_lake::arrow::array::Array;
use strata_lake::datafusion::prelude::ident;
use strata_spec::condition::Condition;
use strata_spec::definition::{Class, Classes, Segmentation};
use strata_spec::error::{ErrorCode, nearest};
use strata_spec::name::UNASSIGNED;
use strata_spec::table::Subject;

use super::basis::Basis;
use super::{texts, truths};
use crate::compile::{Node, Question, column_name, compile};
use crate::error::{Context, Error, Result};
use crate::project::Project;
use crate::query::View;
use crate::run;

/// A segmentation's classes in order, and whom they cover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The segmentation.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Whom it divides.
    pub subject: Subject,
    /// The instant at which it was evaluated.
    pub as_of: DateTime<Utc>,
    /// How many subjects there are.
    pub n_subjects: u64,
    /// Its classes: in order of priority, or the largest first where each value is a class.
    pub classes: Vec<ClassCoverage>,
    /// How many are in no class.
    pub n_unassigned: u64,
}

/// A class, and whom it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassCoverage {
    /// The class.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its condition in its normal form and in plain English; none where the class is a value.
    pub condition: Option<[String; 2]>,
    /// How many subjects its condition holds for, whatever the classes before it have.
    pub n_matching: u64,
    /// How many its condition leaves undecided for want of data.
    pub n_undecided: u64,
    /// How many are in it.
    pub n_members: u64,
}

/// Evaluates a segmentation over the tables of the last complete run.
///
/// # Errors
/// `NotFound` when there is no such segmentation, or the data does not support it.
pub async fn coverage(project: &Project, view: &View, name: &str) -> Result<Coverage> {
    let segmentation = find(project, name)?;
    let subject = segmentation.header.subject;
    let basis = Basis::open(project, view, None).await?;
    let setting = basis.setting(subject);
    let whole = compile(&setting).map_err(|faults| project.refused(faults))?;
    let left_out =
        whole.left_out.iter().find(|left_out| left_out.kind == "segmentation" && left_out.name == name);
    if let Some(left_out) = left_out {
        return Err(Error::new(ErrorCode::NotFound, format!("`{name}` is left out: {}", left_out.reason))
            .with_hint("map what it needs in strata.toml, and run"));
    }
    let classes: &[Class] = match &segmentation.classes {
        Classes::Rules(classes) => classes,
        Classes::By(_) => &[],
    };
    let conditions: Vec<Condition> = classes.iter().map(|class| class.condition.clone()).collect();
    let nodes = BTreeSet::from([Node::Segmentation(segmentation.name.as_str())]);
    let program =
        basis.compile(subject, &Question { nodes, conditions: &conditions, ..Question::default() })?;
    let (program, rows) = basis.evaluate(program, &BTreeSet::new()).await?;
    let memberships = basis.memberships(&program).await?;
    let class = vec![ident(column_name::class_of(name)).alias("class")];
    let answer = program.answer(rows, &memberships, class);
    let answer = answer.context(format!("cannot plan segmentation `{name}`"))?;

    let evaluating = || format!("cannot evaluate segmentation `{name}`");
    let mut n_subjects = 0;
    let mut n_members: BTreeMap<String, u64> = BTreeMap::new();
    let mut matching = vec![[0_u64; 2]; classes.len()];
    let mut answers = run::stream(answer).await.context(evaluating())?;
    while let Some(batch) = answers.try_next().await.context(evaluating())? {
        n_subjects += batch.num_rows() as u64;
        for class in texts(&batch, 0)?.iter().flatten() {
            match n_members.get_mut(class) {
                Some(n) => *n += 1,
                None => drop(n_members.insert(class.to_owned(), 1)),
            }
        }
        for (n, [n_matching, n_undecided]) in matching.iter_mut().enumerate() {
            let condition = truths(&batch, 1 + n)?;
            *n_matching += condition.true_count() as u64;
            *n_undecided += condition.null_count() as u64;
        }
    }
    let n_unassigned = n_members.remove(UNASSIGNED).unwrap_or(0);
    let classes = match &segmentation.classes {
        Classes::Rules(classes) => classes
            .iter()
            .zip(matching)
            .map(|(class, [n_matching, n_undecided])| ClassCoverage {
                name: class.name.clone(),
                title: class.title.clone(),
                condition: Some([class.condition.text(subject), class.condition.sentence()]),
                n_matching,
                n_undecided,
                n_members: n_members.get(&class.name).copied().unwrap_or(0),
            })
            .collect(),
        by @ Classes::By(_) => values(by, n_members),
    };
    Ok(Coverage {
        name: name.to_owned(),
        title: segmentation.header.title.clone(),
        subject,
        as_of: basis.as_of,
        n_subjects,
        classes,
        n_unassigned,
    })
}

impl Coverage {
    /// A number of subjects as a share of all; none of nobody.
    pub fn share(&self, n: u64) -> Option<f64> {
        (self.n_subjects > 0).then(|| n as f64 / self.n_subjects as f64)
    }

    /// Everything as one JSON object.
    pub fn json(&self) -> Value {
        let classes: Vec<Value> = self
            .classes
            .iter()
            .map(|class| {
                json!({
                    "name": class.name,
                    "title": class.title,
                    "condition": class.condition.as_ref().map(|[text, _]| text),
                    "sentence": class.condition.as_ref().map(|[_, sentence]| sentence),
                    "n_matching": class.n_matching,
                    "n_undecided": class.n_undecided,
                    "n_members": class.n_members,
                    "share": self.share(class.n_members),
                })
            })
            .collect();
        json!({
            "segmentation": self.name,
            "title": self.title,
            "subject": self.subject.as_str(),
            "as_of": self.as_of.to_rfc3339(),
            "n_subjects": self.n_subjects,
            "classes": classes,
            "n_unassigned": self.n_unassigned,
            "share_unassigned": self.share(self.n_unassigned),
        })
    }
}

fn find<'p>(project: &'p Project, name: &str) -> Result<&'p Segmentation> {
    let all = &project.manifest.definitions.segmentations;
    all.get(name).ok_or_else(|| {
        let error = Error::new(ErrorCode::NotFound, format!("there is no segmentation `{name}`"));
        match nearest(name, all.keys().map(|name| name.as_str())) {
            Some(near) => error.with_hint(format!("did you mean `{near}`?")),
            None => error.with_hint("`strata segments list` shows them all"),
        }
    })
}

/// The classes of values, the largest first.
fn values(by: &Classes, n_members: BTreeMap<String, u64>) -> Vec<ClassCoverage> {
    let class = |(name, n): (String, u64)| ClassCoverage {
        title: by.value_title(&name),
        name,
        condition: None,
        n_matching: n,
        n_undecided: 0,
        n_members: n,
    };
    let mut classes: Vec<ClassCoverage> = n_members.into_iter().map(class).collect();
    classes.sort_by_key(|class| std::cmp::Reverse(class.n_members));
    classes
}
