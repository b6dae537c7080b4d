//! Checks definitions against each other and against the tables: every name that one uses must be there, must be
//! something that it may use, and must not lead back to itself.

use std::collections::{BTreeMap, BTreeSet};

use super::order::{Grouping, cyclic, sorted};
use super::{
    Classes, Definition, Definitions, Family, Header, Origin, Parsed, Part, Properties, Segmentation,
};
use crate::condition::references::Reference;
use crate::condition::{At, Condition, Ranking};
use crate::country;
use crate::document::{Errors, listed, suggestion};
use crate::error::SpecError;
use crate::name::{SegmentationName, UNASSIGNED};
use crate::table::{Subject, Table};

/// Adds an error for every name that is used and must not be, and for every cycle.
pub(crate) fn check(all: &[Parsed], properties: &Properties, errors: &mut Errors) {
    let names = Names::new(all.iter().map(Known::of_parsed), properties);
    for parsed in all {
        errors.extend(name_fault(parsed, all, &names));
        errors.extend(parsed.needs.iter().filter_map(|need| {
            names.need_fault(&need.value).map(|(message, hint)| need.error(message, hint))
        }));
        let Some(subject) = parsed.subject else { continue };
        for part in parsed.parts.iter().chain(&parsed.aims) {
            errors.extend(part.references.iter().filter_map(|(reference, at)| {
                let (message, hint) = names.fault(parsed.family, subject, reference)?;
                Some(part.text.inner_error(at.0, &message, Some(hint)))
            }));
        }
    }
    trait_cycles(all, errors);
    grouping_cycles(all, errors);
}

impl Definitions {
    /// Reads a condition that no definition holds yet, and checks it as that of a segment of the subject.
    ///
    /// # Errors
    /// What is wrong with the text, or every name in it that is not there.
    pub fn read_condition(
        &self,
        text: &str,
        subject: Subject,
        properties: &Properties,
    ) -> Result<Condition, Vec<SpecError>> {
        let condition = Condition::parse(text, subject).map_err(|error| vec![error])?;
        let names = Names::new(self.known(), properties);
        let faults = condition.references().into_iter().filter_map(|(reference, at)| {
            let (message, hint) = names.fault(Family::Segment, subject, &reference)?;
            let line = at.0.and_then(|position| text.lines().nth(position.line - 1)).map(str::to_owned);
            Some(SpecError { position: at.0, line, ..SpecError::new(message) }.with_hint(hint))
        });
        let faults: Vec<SpecError> = faults.collect();
        if faults.is_empty() { Ok(condition) } else { Err(faults) }
    }

    fn known(&self) -> impl Iterator<Item = (Family, &str, Known<'_>)> {
        let of = |header: &Header| Known { subject: Some(header.subject), classes: None };
        let traits =
            self.traits.iter().map(move |(name, this)| (Family::Trait, name.as_str(), of(&this.header)));
        let scores =
            self.scores.iter().map(move |(name, this)| (Family::Score, name.as_str(), of(&this.header)));
        let segments =
            self.segments.iter().map(move |(name, this)| (Family::Segment, name.as_str(), of(&this.header)));
        let segmentations = self.segmentations.iter().map(move |(name, this)| {
            let known = Known { classes: class_names(this), ..of(&this.header) };
            (Family::Segmentation, name.as_str(), known)
        });
        traits.chain(scores).chain(segments).chain(segmentations)
    }
}

/// What others may say of a definition.
struct Known<'a> {
    /// None where it cannot be told.
    subject: Option<Subject>,
    /// The classes of a segmentation; none where they are values of the data, or cannot be told.
    classes: Option<Vec<&'a str>>,
}

impl<'a> Known<'a> {
    fn of_parsed(parsed: &'a Parsed<'a>) -> (Family, &'a str, Known<'a>) {
        let classes = match &parsed.definition {
            Some(Definition::Segmentation(segmentation)) => class_names(segmentation),
            _ => None,
        };
        (parsed.family, &parsed.name.value, Known { subject: parsed.subject, classes })
    }
}

fn class_names(segmentation: &Segmentation) -> Option<Vec<&str>> {
    match &segmentation.classes {
        Classes::Rules(classes) => {
            Some(classes.iter().map(|class| class.name.as_str()).chain([UNASSIGNED]).collect())
        }
        Classes::By(_) => None,
    }
}

/// Everything that has a name.
struct Names<'a> {
    columns: BTreeMap<Table, BTreeSet<&'a str>>,
    families: BTreeMap<Family, BTreeMap<&'a str, Known<'a>>>,
}

/// The data hold a country's code, whatever its sources call it, so that no name of it is ever met.
fn country_fault(text: &str) -> Option<Fault> {
    let code = country::code(text).filter(|code| *code != text)?;
    Some((
        format!("no country is called `{text}` once it is read"),
        format!("write `'{code}'`: countries are codes"),
    ))
}

/// Subjects have places among each other only when the figures of all of them are known.
fn ranked_fault(user: Family, ranking: Ranking) -> Option<Fault> {
    matches!(user, Family::Trait | Family::Score).then(|| {
        (
            format!("a {} cannot use `{}`", user.word(), ranking.as_str()),
            "use it in a segment or segmentation; a score of so many `tiles` is a column".to_owned(),
        )
    })
}

/// What is wrong, and what to do about it.
type Fault = (String, String);

impl<'a> Names<'a> {
    fn new(all: impl Iterator<Item = (Family, &'a str, Known<'a>)>, properties: &'a Properties) -> Names<'a> {
        let mut columns: BTreeMap<Table, BTreeSet<&str>> = BTreeMap::new();
        for table in Table::ALL {
            let own = table.columns().iter().map(|column| column.name);
            let declared =
                properties.get(&table).into_iter().flat_map(|declared| declared.keys().map(String::as_str));
            columns.insert(table, own.chain(declared).collect());
        }
        let mut families: BTreeMap<Family, BTreeMap<&str, Known>> = BTreeMap::new();
        for (family, name, known) in all {
            families.entry(family).or_default().insert(name, known);
        }
        Names { columns, families }
    }

    fn get(&self, family: Family, name: &str) -> Option<&Known<'a>> {
        self.families.get(&family)?.get(name)
    }

    fn all(&self, family: Family, subject: Subject) -> impl Iterator<Item = &'a str> {
        let names = self.families.get(&family).into_iter().flatten();
        names
            .filter(move |(_, known)| known.subject.is_none_or(|theirs| theirs == subject))
            .map(|(name, _)| *name)
    }

    fn columns(&self, table: Table) -> impl Iterator<Item = &'a str> {
        self.columns.get(&table).into_iter().flatten().copied()
    }

    fn has_column(&self, table: Table, name: &str) -> bool {
        self.columns.get(&table).is_some_and(|columns| columns.contains(name))
    }

    fn fault(&self, user: Family, subject: Subject, reference: &Reference) -> Option<Fault> {
        match reference {
            Reference::Subject(name) => self.subject_fault(user, subject, name),
            Reference::Company(name) => {
                let known = || self.columns(Table::Companies);
                (!self.has_column(Table::Companies, name)).then(|| {
                    let hint =
                        suggestion(name, known(), || format!("companies has {}", listed(known(), "and")));
                    (format!("companies has no column `{name}`"), hint)
                })
            }
            // That an aggregate may range over the table is checked where its text is read.
            Reference::Rows(_) => None,
            Reference::Row(table, name) => self.row_fault(subject, *table, name),
            Reference::Country(text) => country_fault(text),
            Reference::Property(name) => self.property_fault(subject, name),
            Reference::Ranked(ranking) => ranked_fault(user, *ranking),
            Reference::Segment(name) => self.grouping_fault(user, Family::Segment, subject, name.as_str()),
            // Layers are what a score of clusters is made of, and no other is.
            Reference::Segmentation(name) => {
                self.grouping_fault(Family::Segmentation, Family::Segmentation, subject, name.as_str())
            }
            Reference::Class(segmentation, class) => self
                .grouping_fault(user, Family::Segmentation, subject, segmentation.as_str())
                .or_else(|| self.class_fault(segmentation.as_str(), class)),
        }
    }

    fn subject_fault(&self, user: Family, subject: Subject, name: &str) -> Option<Fault> {
        if self.has_column(subject.table(), name) {
            return None;
        }
        let of_profile = matches!(user, Family::Trait | Family::Score);
        for family in [Family::Trait, Family::Score] {
            let Some(known) = self.get(family, name) else { continue };
            let theirs = known.subject.unwrap_or(subject);
            if theirs != subject {
                return Some((
                    format!("`{name}` is a {} of {theirs}, not of {subject}", family.word()),
                    format!("define one for {subject} under another name"),
                ));
            }
            if family == Family::Score && of_profile {
                return Some((
                    format!("a {} cannot use the score `{name}`", user.word()),
                    "scores are ranked from traits; use it in a segment or segmentation".to_owned(),
                ));
            }
            return None;
        }
        let scores = self.all(Family::Score, subject).filter(|_| !of_profile);
        let known = self.columns(subject.table()).chain(self.all(Family::Trait, subject)).chain(scores);
        let hint = suggestion(name, known, || {
            format!(
                "declare a column of the data under [properties.{subject}], or define it as [traits.{}]",
                name.to_lowercase()
            )
        });
        let what = if of_profile { "column or trait" } else { "column, trait or score" };
        Some((format!("{subject} has no {what} `{name}`"), hint))
    }

    /// A history is kept of what the sources say of a subject, not of what is computed.
    fn property_fault(&self, subject: Subject, name: &str) -> Option<Fault> {
        if self.has_column(subject.table(), name) {
            return None;
        }
        let computed =
            [Family::Trait, Family::Score].into_iter().find(|family| self.get(*family, name).is_some());
        if let Some(family) = computed {
            return Some((
                format!("no history is kept of the {} `{name}`", family.word()),
                format!(
                    "make segments or classes of it, and ask when they were entered: `entered('…')`; only columns of {subject} have a history"
                ),
            ));
        }
        let known = self.columns(subject.table());
        let hint =
            suggestion(name, known, || format!("declare a column of the data under [properties.{subject}]"));
        Some((format!("{subject} has no column `{name}`"), hint))
    }

    fn row_fault(&self, subject: Subject, table: Table, name: &str) -> Option<Fault> {
        if self.has_column(table, name) {
            return None;
        }
        // The customers of a company are subjects themselves, whose traits are known before the company's.
        let of_customers = table == Table::Customers && subject == Subject::Companies;
        if of_customers && self.all(Family::Trait, Subject::Customers).any(|known| known == name) {
            return None;
        }
        let hint = if self.has_column(subject.table(), name) {
            format!(
                "inside an aggregate a bare name is a column of its table; write `{}.{name}`",
                subject.singular()
            )
        } else {
            suggestion(name, self.columns(table), || {
                format!("{table} has {}", listed(self.columns(table), "and"))
            })
        };
        Some((format!("{table} has no column `{name}`"), hint))
    }

    fn grouping_fault(&self, user: Family, family: Family, subject: Subject, name: &str) -> Option<Fault> {
        let word = family.word();
        if let Family::Trait | Family::Score = user {
            return Some((
                format!("a {} cannot use the {word} `{name}`", user.word()),
                format!("{word}s are computed from traits and scores; use it in a segment or segmentation"),
            ));
        }
        let Some(grouping) = self.get(family, name) else {
            let known = || self.all(family, subject);
            let hint = suggestion(name, known(), || match known().next() {
                Some(_) => format!("the {word}s of {subject} are {}", listed(known(), "and")),
                None => format!("define it under [{word}s.{name}]"),
            });
            return Some((format!("there is no {word} `{name}`"), hint));
        };
        let theirs = grouping.subject.filter(|theirs| *theirs != subject)?;
        Some((
            format!("`{name}` is a {word} of {theirs}, not of {subject}"),
            format!("use a {word} of {subject}"),
        ))
    }

    fn class_fault(&self, segmentation: &str, class: &str) -> Option<Fault> {
        let classes = self.get(Family::Segmentation, segmentation)?.classes.as_ref()?;
        let known = || classes.iter().copied();
        (!known().any(|known| known == class)).then(|| {
            let hint = suggestion(class, known(), || format!("its classes are {}", listed(known(), "and")));
            (format!("the segmentation `{segmentation}` has no class `{class}`"), hint)
        })
    }

    fn need_fault(&self, need: &str) -> Option<Fault> {
        let traits =
            || self.families.get(&Family::Trait).into_iter().flat_map(|traits| traits.keys().copied());
        let Some((table, column)) = need.split_once('.') else {
            return (self.get(Family::Trait, need).is_none()).then(|| {
                let hint = suggestion(need, traits(), || {
                    "write a column as `orders.amount`, or a trait's name".to_owned()
                });
                (format!("there is no trait `{need}`"), hint)
            });
        };
        let tables = Table::ALL.map(Table::as_str);
        let Some(table) = Table::parse(table) else {
            let hint = suggestion(table, tables, || format!("the tables are {}", listed(tables, "and")));
            return Some((format!("there is no table `{table}`"), hint));
        };
        (!self.has_column(table, column)).then(|| {
            let known = || self.columns(table);
            let hint = suggestion(column, known(), || format!("{table} has {}", listed(known(), "and")));
            (format!("{table} has no column `{column}`"), hint)
        })
    }
}

/// Traits and scores are columns: they need names that no other column of the subject has.
fn name_fault(parsed: &Parsed, all: &[Parsed], names: &Names) -> Option<SpecError> {
    let (name, word) = (&parsed.name.value, parsed.family.word());
    let other = match parsed.family {
        Family::Trait => Family::Score,
        Family::Score => Family::Trait,
        Family::Segmentation | Family::Segment => return None,
    };
    let table = parsed.subject.unwrap_or_default().table();
    let hint = "choose another name";
    // A property that has the name of a shipped trait is reported where the property is declared.
    let is_column = names.columns(table).any(|column| column.eq_ignore_ascii_case(name));
    if is_column && (parsed.origin == Origin::Project || table.column(name).is_some()) {
        return Some(
            parsed.name.error(format!("the {word} `{name}` has the name of a column of {table}"), hint),
        );
    }
    let twin = all.iter().find(|each| each.family == other && each.name.value == *name)?;
    // Of the two the project's own is wrong, or else the later one.
    let later = |this: &Parsed| all.iter().position(|each| std::ptr::eq(each, this));
    let is_to_blame =
        (parsed.origin == Origin::Project, later(parsed)) > (twin.origin == Origin::Project, later(twin));
    is_to_blame
        .then(|| parsed.name.error(format!("`{name}` is the name of a {} already", other.word()), hint))
}

fn trait_cycles(all: &[Parsed], errors: &mut Errors) {
    let traits: BTreeMap<&str, &Parsed> = all
        .iter()
        .filter(|parsed| parsed.family == Family::Trait)
        .map(|parsed| (parsed.name.value.as_str(), parsed))
        .collect();
    let used = |reference: &Reference| match reference {
        Reference::Subject(name) => Some(name.clone()),
        _ => None,
    };
    let (_, cycles) = sorted(
        &traits
            .iter()
            .map(|(name, parsed)| ((*name).to_owned(), parsed.uses(used).map(|(used, ..)| used).collect()))
            .collect(),
    );
    for cycle in cycles {
        let first = cycle.first().and_then(|name| traits.get(name.as_str()));
        let next = cycle.get(1).or(cycle.first());
        errors
            .extend(first.and_then(|first| cycle_fault(first, next, used, cycle.iter().map(String::as_str))));
    }
}

fn grouping_cycles(all: &[Parsed], errors: &mut Errors) {
    let groupings: BTreeMap<Grouping, &Parsed> = all
        .iter()
        .filter_map(|parsed| {
            let grouping = match parsed.definition.as_ref()? {
                Definition::Segmentation(this) => Grouping::Segmentation(this.name.clone()),
                Definition::Segment(this) => Grouping::Segment(this.name.clone()),
                Definition::Trait(_) | Definition::Score(_) => return None,
            };
            Some((grouping, parsed))
        })
        .collect();
    // What a score of clusters is made of, its segmentation is made of, and whoever speaks of the score speaks of the segmentation.
    let scores: BTreeMap<&str, (&str, &Parsed)> = all
        .iter()
        .filter_map(|parsed| match parsed.definition.as_ref()? {
            Definition::Score(score) => Some((parsed.name.value.as_str(), (score.segmentation()?, parsed))),
            _ => None,
        })
        .collect();
    let clusters_of = |name: &str| {
        let (segmentation, _) = scores.get(name)?;
        SegmentationName::new((*segmentation).to_owned()).ok().map(Grouping::Segmentation)
    };
    // A segmentation of clusters is by its own score, which leads nowhere.
    let used_by = |own: &Grouping, reference: &Reference| match reference {
        Reference::Subject(name) => clusters_of(name).filter(|used| used != own),
        other => Grouping::of(other),
    };
    let parts_of = |grouping: &Grouping| {
        let is_own = |name: &str| matches!(grouping, Grouping::Segmentation(own) if own.as_str() == name);
        let score = scores.values().find(|(name, _)| is_own(name)).map(|(_, score)| *score);
        groupings.get(grouping).copied().into_iter().chain(score)
    };
    let uses = groupings.keys().map(|name| {
        let used = |reference: &Reference| used_by(name, reference);
        (name.clone(), parts_of(name).flat_map(|parsed| parsed.uses(used)).map(|(used, ..)| used).collect())
    });
    let (_, cycles) = sorted(&uses.collect());
    for cycle in cycles {
        let Some(first) = cycle.first() else { continue };
        let next = cycle.get(1).unwrap_or(first);
        let used = |reference: &Reference| used_by(first, reference);
        let names = || cycle.iter().map(Grouping::as_str);
        errors.extend(parts_of(first).find_map(|parsed| cycle_fault(parsed, Some(next), used, names())));
    }
}

/// The error of a cycle, at the place where its first definition uses the next.
fn cycle_fault<'a, N: PartialEq>(
    first: &Parsed,
    next: Option<&N>,
    used: impl Fn(&Reference) -> Option<N>,
    cycle: impl Iterator<Item = &'a str>,
) -> Option<SpecError> {
    let (_, part, at) = first.uses(used).find(|(name, ..)| Some(name) == next)?;
    let fault = cyclic(cycle);
    Some(part.text.inner_error(at.0, &fault.message, fault.hint))
}

impl<'d> Parsed<'d> {
    /// What the definition's texts speak of, as far as `used` picks it out.
    fn uses<N>(&self, used: impl Fn(&Reference) -> Option<N>) -> impl Iterator<Item = (N, &Part<'d>, At)> {
        self.parts
            .iter()
            .flat_map(|part| part.references.iter().map(move |(reference, at)| (reference, part, *at)))
            .filter_map(move |(reference, part, at)| Some((used(reference)?, part, at)))
    }
}
