//! Reads definitions: `[traits.…]`, `[scores.…]`, `[segmentations.…]` and `[segments.…]`, shipped or a project's own.

use super::example::examples;
use super::goal;
use super::{
    Class, Classes, Definition, FAMILIES, Family, Header, Layer, Origin, Parsed, Part, Properties, Segment,
    Segmentation, Trait, Version,
};
use crate::condition::references::Reference;
use crate::condition::{At, Condition, Term};
use crate::document::{Entry, Errors, Section, Text};
use crate::error::{Position, SpecError};
use crate::name::{SegmentName, SegmentationName, TraitName, UNASSIGNED};
use crate::table::Subject;

/// The keys that every definition may have.
const COMMON: [&str; 5] = ["title", "about", "layer", "subject", "needs_any"];

/// Adds the definitions of a document to those found so far. What is wrong is an error, and its name is added all the
/// same, so that whoever uses it is not told that there is no such thing.
pub(crate) fn parse<'d>(
    root: &Section<'_, 'd>,
    origin: Origin,
    properties: &Properties,
    definitions: &mut Vec<Parsed<'d>>,
    errors: &mut Errors,
) {
    for (name, family) in FAMILIES {
        let Some(section) = root.get(name).and_then(|entry| entry.section(errors)) else { continue };
        for entry in section.entries() {
            if let Some(earlier) = definitions
                .iter()
                .find(|earlier| earlier.family == family && earlier.name.value == entry.name)
            {
                errors.push(twice(&entry, &entry.name, earlier));
                continue;
            }
            let read = Reader { origin, properties, errors, parts: Vec::new(), aims: Vec::new() }
                .read(family, &entry);
            for parsed in read {
                // What comes with a definition may be called like one that was read before.
                let is_known =
                    |known: &&Parsed| known.family == parsed.family && known.name.value == parsed.name.value;
                match definitions.iter().find(is_known) {
                    Some(earlier) => errors.push(twice(&entry, &parsed.name.value, earlier)),
                    None => definitions.push(parsed),
                }
            }
        }
    }
}

fn twice(entry: &Entry, name: &str, earlier: &Parsed) -> SpecError {
    let Position { line, .. } = Position::of_offset(earlier.name.document.text, earlier.name.span.start);
    entry.key().error(
        format!("the {} `{name}` is defined twice", earlier.family.word()),
        format!(
            "it stands in {}, line {line}, already: rename or remove one of the two",
            earlier.name.document.file
        ),
    )
}

/// One definition on its way from text to type.
pub(super) struct Reader<'r, 'd> {
    pub(super) origin: Origin,
    properties: &'r Properties,
    pub(super) errors: &'r mut Errors,
    /// The texts read so far, with what they speak of.
    pub(super) parts: Vec<Part<'d>>,
    /// Those that say nothing of who is in.
    aims: Vec<Part<'d>>,
}

impl<'d> Reader<'_, 'd> {
    /// What an entry defines: itself and, where it is made of clusters, the score that says in which a subject is.
    fn read(mut self, family: Family, entry: &Entry<'_, 'd>) -> Vec<Parsed<'d>> {
        let Some(section) = entry.section(self.errors) else { return Vec::new() };
        let known = match family {
            Family::Trait => &["value", "unit"][..],
            Family::Score => &super::read_score::KEYS,
            Family::Segmentation => &super::read_clusters::SEGMENTATION,
            Family::Segment => &["goal", "where", "include", "exclude", "examples"],
        };
        section.only(&[known, &COMMON].concat(), self.errors);
        let header = self.header(family, &section, &entry.name);
        let needs = section.get("needs_any").map_or(Vec::new(), |needs| needs.texts(&mut Errors::new()));
        let score = match (family, section.get("model")) {
            (Family::Segmentation, Some(model)) => {
                self.read_clusters(&section, entry, &model, header.clone(), &needs)
            }
            _ => None,
        };
        let mut definition = header.clone().and_then(|header| match family {
            Family::Trait => self.read_trait(&section, entry, header).map(Definition::Trait),
            Family::Score => self.read_score(&section, entry, header).map(Definition::Score),
            Family::Segmentation => {
                self.read_segmentation(&section, entry, header).map(Definition::Segmentation)
            }
            Family::Segment => self.read_segment(&section, entry, header).map(Definition::Segment),
        });
        if let Some(definition) = &mut definition {
            let version = definition.version();
            definition.header_mut().version = version;
        }
        let ends = match &definition {
            Some(Definition::Score(score)) => self.read_ends(&section, entry, score, &needs),
            _ => Vec::new(),
        };
        let this = Parsed {
            family,
            name: entry.key(),
            subject: header.map(|header| header.subject),
            origin: self.origin,
            definition,
            parts: self.parts,
            aims: self.aims,
            needs,
        };
        score.into_iter().chain([this]).chain(ends).collect()
    }

    fn header(&mut self, family: Family, section: &Section, name: &str) -> Option<Header> {
        let layers = Layer::ALL.map(|layer| (layer.as_str(), layer));
        let layer = section.get("layer").map(|entry| entry.word(&layers, self.errors));
        let subjects = Subject::ALL.map(|subject| (subject.as_str(), subject));
        let subject = section.get("subject").map(|entry| entry.word(&subjects, self.errors));
        let default = match family {
            Family::Trait | Family::Score => Layer::Behavioural,
            Family::Segmentation | Family::Segment => Layer::Composite,
        };
        let title = section.text("title", self.errors).map(|text| text.value);
        let needs = section.get("needs_any").map_or(Vec::new(), |entry| entry.texts(self.errors));
        Some(Header {
            title: title.unwrap_or_else(|| title_of(name)),
            about: section.text("about", self.errors).map(|text| text.value),
            layer: layer.unwrap_or(Some(default)).unwrap_or(default),
            subject: subject.unwrap_or_else(|| Some(Subject::default()))?,
            origin: self.origin,
            needs_any: needs.into_iter().map(|need| need.value).collect(),
            version: Version(String::new()),
        })
    }

    fn read_trait(&mut self, section: &Section<'_, 'd>, entry: &Entry, header: Header) -> Option<Trait> {
        let name = self.named(entry, TraitName::new);
        let unit = section.text("unit", self.errors).map(|text| text.value);
        let value = section.required_text("value", "\"count(orders)\"", self.errors);
        let value = self.term(value?, header.subject);
        Some(Trait { name: name?, header, unit, value: value? })
    }

    fn read_segmentation(
        &mut self,
        section: &Section<'_, 'd>,
        entry: &Entry,
        header: Header,
    ) -> Option<Segmentation> {
        let name = self.named(entry, SegmentationName::new);
        let classes = match (section.get("classes"), section.get("by")) {
            // What it has besides was refused with the clusters.
            _ if section.get("model").is_some() => {
                Classes::By(self.cluster_term(section, &entry.name, header.subject)?)
            }
            (Some(list), None) => Classes::Rules(self.classes(&list, header.subject)?),
            (None, Some(by)) => {
                let by = by.text(self.errors)?;
                Classes::By(self.term(by, header.subject)?)
            }
            (classes, _) => {
                let path = &section.path;
                let what = if classes.is_some() { "has classes and `by`" } else { "has no classes" };
                self.errors.push(section.error(
                    format!("`{path}` {what}"),
                    format!("give it either [[{path}.classes]] with `name` and `where`, or a column: `by = \"country\"`; clusters have a `model` and `features`"),
                ));
                return None;
            }
        };
        Some(Segmentation { name: name?, header, classes })
    }

    fn classes(&mut self, list: &Entry<'_, 'd>, subject: Subject) -> Option<Vec<Class>> {
        let entries = list.list(&format!("write each class as [[{}]]", list.path), self.errors)?;
        if entries.is_empty() {
            self.errors.push(list.error(
                format!("`{}` is empty", list.path),
                "give it at least one class with `name` and `where`",
            ));
        }
        let mut names: Vec<String> = Vec::new();
        let mut classes = Vec::new();
        for entry in &entries {
            let Some(section) = entry.section(self.errors) else { continue };
            section.only(&["name", "title", "where"], self.errors);
            let name = section.required_text("name", "\"frequent\"", self.errors);
            if let Some(name) = &name {
                self.errors.extend(class_name_fault(name, &names));
                names.push(name.value.clone());
            }
            let title = section.text("title", self.errors).map(|text| text.value);
            let condition = section.required_text("where", "\"n_orders >= 3\"", self.errors);
            let condition = condition.and_then(|text| self.condition(text, subject));
            if let (Some(name), Some(condition)) = (name, condition) {
                let title = title.unwrap_or_else(|| title_of(&name.value));
                classes.push(Class { name: name.value, title, condition });
            }
        }
        // One wrong class makes the segmentation wrong: it would put its members elsewhere.
        (!classes.is_empty() && classes.len() == entries.len()).then_some(classes)
    }

    fn read_segment(&mut self, section: &Section<'_, 'd>, entry: &Entry, header: Header) -> Option<Segment> {
        let name = self.named(entry, SegmentName::new);
        let goal = section.get("goal").map(|entry| goal::read(&entry, header.subject, self));
        let mut ids = |key| {
            let texts = section.get(key).map_or(Vec::new(), |entry| entry.texts(self.errors));
            texts.into_iter().map(|text| text.value).collect()
        };
        let (include, exclude) = (ids("include"), ids("exclude"));
        let examples = section
            .get("examples")
            .map_or(Vec::new(), |entry| examples(&entry, header.subject, self.properties, self.errors));
        let condition = section.required_text("where", "\"n_orders >= 3\"", self.errors);
        let condition = self.condition(condition?, header.subject);
        let goal = match goal {
            Some(goal) => Some(goal?),
            None => None,
        };
        Some(Segment { name: name?, header, goal, condition: condition?, include, exclude, examples })
    }

    pub(super) fn named<N>(
        &mut self,
        entry: &Entry,
        new: impl Fn(String) -> Result<N, SpecError>,
    ) -> Option<N> {
        let name = new(entry.name.clone());
        name.map_err(|fault| self.errors.push(entry.key().located(fault))).ok()
    }

    pub(super) fn condition(&mut self, text: Text<'d>, subject: Subject) -> Option<Condition> {
        let condition = Condition::parse(&text.value, subject);
        let references = condition.as_ref().map_or(Vec::new(), Condition::references);
        self.part(text, condition, references)
    }

    pub(super) fn term(&mut self, text: Text<'d>, subject: Subject) -> Option<Term> {
        let term = Term::parse(&text.value, subject);
        let references = term.as_ref().map_or(Vec::new(), Term::references);
        self.part(text, term, references)
    }

    /// A condition that is held against members, and does not say who is one.
    pub(super) fn aimed_condition(&mut self, text: Text<'d>, subject: Subject) -> Option<Condition> {
        let condition = self.condition(text, subject)?;
        self.aims.extend(self.parts.pop());
        Some(condition)
    }

    /// A value of members, that does not say who is one.
    pub(super) fn aimed_term(&mut self, text: Text<'d>, subject: Subject) -> Option<Term> {
        let term = self.term(text, subject)?;
        self.aims.extend(self.parts.pop());
        Some(term)
    }

    fn part<T>(
        &mut self,
        text: Text<'d>,
        read: Result<T, SpecError>,
        references: Vec<(Reference, At)>,
    ) -> Option<T> {
        match read {
            Ok(read) => {
                self.parts.push(Part { text, references });
                Some(read)
            }
            Err(fault) => {
                self.errors.push(text.inner_error(fault.position, &fault.message, fault.hint));
                None
            }
        }
    }
}

fn class_name_fault(name: &Text, earlier: &[String]) -> Option<SpecError> {
    let value = &name.value;
    let is_word = |each: u8| each.is_ascii_lowercase() || each.is_ascii_digit() || each == b'_';
    if value == UNASSIGNED {
        return Some(name.error(
            format!("a class cannot be called `{UNASSIGNED}`"),
            "that is the class of whoever matches no other; choose another name",
        ));
    }
    if value.len() > 64 || !value.bytes().all(is_word) {
        return Some(name.error(
            format!("`{value}` cannot be the name of a class"),
            "names have at most 64 lower-case letters, digits and underscores; a `title` may be any text",
        ));
    }
    earlier.contains(value).then(|| {
        name.error(
            format!("there are two classes `{value}`"),
            "a subject is in one class: join their conditions with `or`, or rename one",
        )
    })
}

/// The title of what has none: its name with spaces, capitalised.
fn title_of(name: &str) -> String {
    let spaced = name.replace('_', " ");
    let mut characters = spaced.chars();
    characters.next().map_or(String::new(), |first| first.to_uppercase().chain(characters).collect())
}
