//! The segment or class that is asked about, and what is asked of it.

use std::collections::BTreeSet;

use strata_spec::condition::{At, Condition, Group, Literal, Term};
use strata_spec::definition::{Class, Classes, Header, Segment, Segmentation};
use strata_spec::error::{ErrorCode, nearest};
use strata_spec::name::UNASSIGNED;
use strata_spec::table::Subject;

use super::Standing;
use super::clause::{Shown, figures_of, shown_of};
use super::evidence::Counted;
use super::moment::{self, Moment};
use super::own_rows::OwnRows;
use crate::compile::Node;
use crate::error::{Error, Result};
use crate::preview::{Basis, clauses_of};
use crate::project::Project;

/// A definition of the project.
pub(crate) enum Target<'p> {
    Segment(&'p Segment),
    Segmentation(&'p Segmentation),
}

/// What is asked of a moment: conditions and terms, in the order of its answers.
pub(super) struct Asked {
    pub(super) subject: Subject,
    /// `vip`, or `rfm/champions`.
    pub(super) name: String,
    pub(super) title: String,
    pub(super) group: Group,
    /// Of a class, its segmentation.
    pub(super) segmentation: Option<String>,
    /// Ids that are in, and that are not, whatever the condition says.
    pub(super) lists: [Vec<String>; 2],
    /// Whether the subject is in, whether the condition holds, then each clause.
    pub(super) conditions: Vec<Condition>,
    /// Of each clause the earlier class whose condition it is.
    pub(super) earlier: Vec<Option<String>>,
    /// Of each clause what is shown of it.
    pub(super) shown: Vec<Vec<Shown>>,
    pub(super) terms: Vec<Term>,
    /// Of each clause the rows that are counted, by their places in `counted`.
    pub(super) evidence: Vec<Vec<usize>>,
    pub(super) counted: Vec<Counted>,
}

/// How many conditions stand before the clauses.
pub(super) const BEFORE_CLAUSES: usize = 2;

/// Finds the segment or class of a name; of a segmentation alone no class.
pub(crate) fn find<'p>(project: &'p Project, name: &str) -> Result<(Target<'p>, Option<String>)> {
    let definitions = &project.manifest.definitions;
    let (of, class) = match name.split_once('/') {
        Some((of, class)) => (of, Some(class)),
        None => (name, None),
    };
    let segmentations = &definitions.segmentations;
    if let Some((_, segmentation)) = segmentations.iter().find(|(name, _)| name.as_str() == of) {
        if let (Some(class), Classes::Rules(classes)) = (class, &segmentation.classes) {
            let mut names: Vec<&str> = classes.iter().map(|class| class.name.as_str()).collect();
            names.push(UNASSIGNED);
            if !names.contains(&class) {
                let error = Error::new(ErrorCode::NotFound, format!("`{of}` has no class `{class}`"));
                return Err(match nearest(class, names.iter().copied()) {
                    Some(near) => error.with_hint(format!("did you mean `{of}/{near}`?")),
                    None => error.with_hint(format!("its classes are {}", names.join(", "))),
                });
            }
        }
        return Ok((Target::Segmentation(segmentation), class.map(str::to_owned)));
    }
    let mut segments = definitions.segments.iter();
    if let (None, Some((_, segment))) = (class, segments.find(|(name, _)| name.as_str() == of)) {
        return Ok((Target::Segment(segment), None));
    }
    let segments = definitions.segments.keys().map(|name| name.to_string());
    let classes = segmentations.iter().flat_map(|(name, segmentation)| {
        let classes = match &segmentation.classes {
            Classes::Rules(classes) => classes.as_slice(),
            Classes::By(_) => &[],
        };
        let classes = classes.iter().map(move |class| format!("{name}/{}", class.name));
        classes.chain([name.to_string()])
    });
    let names: Vec<String> = segments.chain(classes).collect();
    let error = Error::new(ErrorCode::NotFound, format!("there is no segment `{name}`"));
    Err(match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => error.with_hint(format!("did you mean `{near}`?")),
        None => error.with_hint(
            "`strata segments list` shows them all; a class is written `segmentation/class`, as `rfm/champions`",
        ),
    })
}

/// The class of a segmentation that the subject is in.
pub(super) async fn own_class(
    basis: &Basis<'_>,
    rows: &mut OwnRows<'_>,
    target: &Target<'_>,
) -> Result<Option<String>> {
    let Target::Segmentation(segmentation) = target else { return Ok(None) };
    // What the run has noted needs no second look, as long as it means the same.
    let subject = segmentation.header.subject;
    let is_of_run = basis.as_of == basis.view.complete.as_of;
    if is_of_run
        && basis.unchanged(&basis.setting(subject)).contains(&target.node())
        && let Some(class) = rows.noted_class(segmentation.name.as_str())
    {
        return Ok(Some(class));
    }
    let asked = target.asked(Some(UNASSIGNED), rows.project(), subject);
    let asked = Asked {
        conditions: asked.conditions.into_iter().take(BEFORE_CLAUSES).collect(),
        terms: Vec::new(),
        counted: Vec::new(),
        ..asked
    };
    let program = moment::compile(basis, &asked, basis.as_of)?;
    rows.read_for(&program).await?;
    let moment = Moment::of(rows, program, &asked, &mut rows.memberships()).await?;
    Ok(moment.class)
}

impl Target<'_> {
    pub(crate) fn header(&self) -> &Header {
        match self {
            Target::Segment(segment) => &segment.header,
            Target::Segmentation(segmentation) => &segmentation.header,
        }
    }

    /// As a node of the project's definitions.
    pub(super) fn node(&self) -> Node<'_> {
        match self {
            Target::Segment(segment) => Node::Segment(segment.name.as_str()),
            Target::Segmentation(segmentation) => Node::Segmentation(segmentation.name.as_str()),
        }
    }

    /// What is asked of it.
    pub(super) fn asked(&self, class: Option<&str>, project: &Project, subject: Subject) -> Asked {
        match self {
            Target::Segment(segment) => {
                let clauses = clauses_of(&segment.condition).iter().map(|clause| (None, clause.clone()));
                let group = Group::Segment(segment.name.clone());
                let asked = Asked {
                    name: segment.name.to_string(),
                    title: segment.header.title.clone(),
                    group,
                    lists: [segment.include.clone(), segment.exclude.clone()],
                    ..Asked::empty(subject, Group::Segment(segment.name.clone()))
                };
                let is_in = Condition::InSegment(segment.name.clone(), At::default());
                asked.with(project, is_in, segment.condition.clone(), clauses.collect())
            }
            Target::Segmentation(segmentation) => {
                let class = class.unwrap_or(UNASSIGNED).to_owned();
                let name = segmentation.name.clone();
                let group = Group::Class { segmentation: name.clone(), class: class.clone() };
                let is_in = Condition::InClass {
                    segmentation: name.clone(),
                    class: class.clone(),
                    at: At::default(),
                };
                let (title, clauses) = clauses_of_class(segmentation, &class);
                let whole = is_in.clone();
                let asked = Asked {
                    name: format!("{name}/{class}"),
                    title,
                    segmentation: Some(name.to_string()),
                    ..Asked::empty(subject, group)
                };
                asked.with(project, is_in, whole, clauses)
            }
        }
    }
}

/// The title of a class, and its clauses: that none of the classes before it has the subject, and its own.
fn clauses_of_class(segmentation: &Segmentation, class: &str) -> (String, Vec<(Option<String>, Condition)>) {
    match &segmentation.classes {
        Classes::By(term) => {
            let value = Term::Literal(Literal::Text(class.to_owned()));
            let clause = match class {
                UNASSIGNED => Condition::IsNull { term: term.clone(), negated: false },
                _ => Condition::In { term: term.clone(), values: vec![value], negated: false },
            };
            (segmentation.classes.value_title(class), vec![(None, clause)])
        }
        Classes::Rules(classes) => {
            let before = |each: &&Class| each.name != class;
            let earlier = classes.iter().take_while(before);
            let mut clauses: Vec<(Option<String>, Condition)> =
                earlier.map(|class| (Some(class.name.clone()), class.condition.clone())).collect();
            let own = classes.iter().find(|each| each.name == class);
            if let Some(own) = own {
                let own = clauses_of(&own.condition).iter().map(|clause| (None, clause.clone()));
                clauses.splice(0..0, own);
            }
            let title = own.map_or_else(|| "in none of the classes".to_owned(), |own| own.title.clone());
            (title, clauses)
        }
    }
}

impl Asked {
    fn empty(subject: Subject, group: Group) -> Asked {
        Asked {
            subject,
            name: String::new(),
            title: String::new(),
            group,
            segmentation: None,
            lists: [Vec::new(), Vec::new()],
            conditions: Vec::new(),
            earlier: Vec::new(),
            shown: Vec::new(),
            terms: Vec::new(),
            evidence: Vec::new(),
            counted: Vec::new(),
        }
    }

    fn with(
        mut self,
        project: &Project,
        is_in: Condition,
        whole: Condition,
        clauses: Vec<(Option<String>, Condition)>,
    ) -> Asked {
        self.conditions = vec![is_in, whole];
        for (earlier, clause) in clauses {
            let shown = shown_of(&clause, self.subject);
            for term in shown.iter().filter_map(|shown| shown.term.as_ref()) {
                if !self.terms.contains(term) {
                    self.terms.push(term.clone());
                }
            }
            self.shown.push(shown);
            let mut places = Vec::new();
            for counted in figures_of(&clause, project, self.subject) {
                let known = self.counted.iter().position(|other| *other == counted);
                places.push(known.unwrap_or(self.counted.len()));
                if known.is_none() {
                    self.counted.push(counted);
                }
            }
            self.evidence.push(places);
            self.earlier.push(earlier);
            self.conditions.push(clause);
        }
        self
    }

    pub(super) fn n_clauses(&self) -> usize {
        self.earlier.len()
    }

    /// Where the subject stands at a moment.
    pub(super) fn standing(&self, moment: &Moment, id: &str) -> Standing {
        let listed = |ids: &[String]| ids.iter().any(|listed| listed == id);
        let [include, exclude] = &self.lists;
        match (moment.conditions[0] == Some(true), moment.conditions[1]) {
            (false, _) if listed(exclude) => Standing::Excluded,
            (true, Some(true)) => Standing::Member,
            (true, _) if listed(include) => Standing::Included,
            (true, _) => Standing::Member,
            (false, None) => Standing::Undecided,
            (false, _) => Standing::NotAMember,
        }
    }

    /// The definitions that have to be there, the target's own.
    pub(super) fn nodes(&self) -> BTreeSet<Node<'_>> {
        let node = match &self.group {
            Group::Segment(name) => Node::Segment(name.as_str()),
            Group::Class { segmentation, .. } => Node::Segmentation(segmentation.as_str()),
        };
        BTreeSet::from([node])
    }
}
