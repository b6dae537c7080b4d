//! Sequences, what held at other times, and places among all subjects, from the builder's JSON.

use serde_json::Value;

use super::json_object::{Json, Object};
use super::json_read::unknown;
use super::{
    At, Change, Column, Condition, Group, Interval, Key, Literal, Ranking, Scope, Sequence, State, Step,
    Term, When, Window,
};
use crate::error::SpecError;
use crate::name::{SegmentName, SegmentationName};
use crate::table::Table;

impl Json {
    pub(super) fn sequence(&self, object: &Object<'_>) -> Result<Condition, SpecError> {
        let object = object.only(&["sequence", "same", "within", "filter"])?;
        if self.rows.is_some() {
            return Err(self
                .error("a sequence cannot stand inside an aggregate or another sequence")
                .with_hint("join the two by `all`"));
        }
        let steps =
            object.array("sequence")?.map(|(value, here)| here.step(value)).collect::<Result<_, _>>()?;
        let within = object.has("within").then(|| object.length("within")).transpose()?;
        let sequence = Sequence { steps, same: Vec::new(), within, filter: None, at: At::default() };
        let mut sequence = sequence.checked().map_err(|error| error.in_place(&*self.path))?;
        let tables = sequence.tables();
        if object.has("same") {
            let keys = object.array("same")?.map(|(value, here)| here.key(value, &tables));
            sequence.same = keys.collect::<Result<_, _>>()?;
        }
        if object.has("filter") {
            let here = Json { rows: tables.first().copied(), ..object.here.clone() };
            sequence.filter = Some(Object { here, map: object.map }.condition("filter")?);
        }
        Ok(Condition::Sequence(Box::new(sequence)))
    }

    fn step(&self, value: &Value) -> Result<Step, SpecError> {
        let (object, key) = self.object(value, "a step", &["step", "no_step"])?;
        let object = object.only(&[key, "where", "within"])?;
        let table = self.table(object.text(key)?, key)?;
        let here = Json { rows: Some(table), ..object.here.clone() };
        let inside = Object { here, map: object.map };
        let condition = inside.has("where").then(|| inside.condition("where")).transpose()?;
        Ok(Step {
            absent: key == "no_step",
            table,
            condition: condition.filter(|condition| *condition != Condition::All(Vec::new())),
            within: object.has("within").then(|| object.length("within")).transpose()?,
            at: At::default(),
        })
    }

    fn table(&self, name: &str, key: &str) -> Result<Table, SpecError> {
        Table::parse(name).ok_or_else(|| {
            unknown("table", name, &Table::ALL, Table::as_str).in_place(format!("{}.{key}", self.path))
        })
    }

    /// A name that a column has in all tables, or a term for each of them.
    fn key(&self, value: &Value, tables: &[Table]) -> Result<Key, SpecError> {
        let terms = match value {
            Value::String(name) if name.is_empty() => return Err(self.error("the name of a column is empty")),
            Value::String(name) => {
                let column = Column { scope: Scope::Row, name: name.clone(), at: At::default() };
                tables.iter().map(|&table| (table, Term::Column(column.clone()))).collect()
            }
            Value::Object(map) => {
                let names: Vec<&str> = tables.iter().map(|table| table.as_str()).collect();
                let object = Object { here: self.clone(), map }.only(&names)?;
                let term = |&table: &Table| {
                    let here = Json { rows: Some(table), ..self.clone() };
                    Ok((table, Object { here, map: object.map }.term(table.as_str())?))
                };
                tables.iter().map(term).collect::<Result<_, SpecError>>()?
            }
            other => {
                return Err(self
                    .error(format!("expected a key, found {other}"))
                    .with_hint("write the name of a column, or `{\"events\": …, \"orders\": …}`"));
            }
        };
        Ok(Key { terms })
    }

    pub(super) fn changed(&self, object: &Object<'_>, key: &'static str) -> Result<Condition, SpecError> {
        let known: &[&str] =
            if key == "changed" { &["changed", "from", "to", "window"] } else { &[key, "window"] };
        let object = object.only(known)?;
        let value = |key: &str| object.has(key).then(|| object.constant(key)).transpose();
        let change = match key {
            "changed" => {
                Change::Value { column: object.property(key)?, from: value("from")?, to: value("to")? }
            }
            "entered" => Change::Entered(object.group(key)?),
            _ => Change::Left(object.group(key)?),
        };
        let window = object.has("window").then(|| object.window()).transpose()?;
        Condition::changed(change, window, At::default()).map_err(|error| error.in_place(&*self.path))
    }

    pub(super) fn was(&self, object: &Object<'_>, key: &'static str) -> Result<Condition, SpecError> {
        let known: &[&str] =
            if key == "was" { &["was", "value", "at", "window"] } else { &[key, "at", "window"] };
        let object = object.only(known)?;
        let state = match key {
            "was" => State::Value { column: object.property(key)?, value: object.constant("value")? },
            _ => State::Member(object.group(key)?),
        };
        let when = match (object.has("at"), object.has("window")) {
            (false, false) => When::Ever,
            (true, false) => When::At(object.term("at")?),
            (false, true) => When::In(object.window()?),
            (true, true) => {
                return Err(self
                    .error("it is asked both `at` an instant and in a `window`")
                    .with_hint("leave one of the two out"));
            }
        };
        Condition::was(state, when, At::default()).map_err(|error| error.in_place(&*self.path))
    }

    pub(super) fn since(&self, object: &Object<'_>, key: &'static str) -> Result<Term, SpecError> {
        let state = match key {
            "since" => {
                let object = object.only(&["since", "value"])?;
                State::Value { column: object.property(key)?, value: object.constant("value")? }
            }
            _ => State::Member(object.only(&[key])?.group(key)?),
        };
        Ok(Term::Since { state, at: At::default() })
    }

    pub(super) fn rank(&self, object: &Object<'_>, key: &'static str) -> Result<Term, SpecError> {
        let object = object.only(&[key, "among"])?;
        let ranking = Ranking::ALL.into_iter().find(|ranking| ranking.as_str() == key);
        let ranking = ranking.ok_or_else(|| self.error(format!("`{key}` is not a ranking")))?;
        let among = object.has("among").then(|| object.condition("among")).transpose()?;
        Ok(Term::Rank {
            ranking,
            by: Box::new(object.term(key)?),
            among: among.map(Box::new),
            at: At::default(),
        })
    }
}

impl Object<'_> {
    fn length(&self, key: &str) -> Result<Interval, SpecError> {
        let (_, here) = self.need(key)?;
        Interval::parse(self.text(key)?).map_err(|error| error.in_place(&*here.path))
    }

    fn window(&self) -> Result<Window, SpecError> {
        let (value, here) = self.need("window")?;
        let (object, key) =
            here.object(value, "a window", &["in_last", "in_next", "ago_between", "in_period"])?;
        here.window(&object.only(&[key])?, key)
    }

    fn property(&self, key: &str) -> Result<Column, SpecError> {
        let (_, here) = self.need(key)?;
        match self.term(key)? {
            Term::Column(column) if column.scope == Scope::Subject => Ok(column),
            other => Err(here
                .error(format!("`{other}` is not a property of the subject"))
                .with_hint("write `{\"column\": \"plan\"}`")),
        }
    }

    fn constant(&self, key: &str) -> Result<Literal, SpecError> {
        let (_, here) = self.need(key)?;
        match self.term(key)? {
            Term::Literal(Literal::Null | Literal::Interval(_)) => {}
            Term::Literal(literal) => return Ok(literal),
            _ => {}
        }
        Err(here
            .error("expected a value that a property can have")
            .with_hint("write a constant, as `\"free\"`"))
    }

    fn group(&self, key: &str) -> Result<Group, SpecError> {
        let (value, here) = self.need(key)?;
        let placed = |error: SpecError| error.in_place(&*here.path);
        match value {
            Value::String(name) => SegmentName::new(name).map(Group::Segment).map_err(placed),
            _ => match self.texts(key)?.as_slice() {
                [segmentation, class] => {
                    let segmentation = SegmentationName::new(*segmentation).map_err(placed)?;
                    Ok(Group::Class { segmentation, class: (*class).to_owned() })
                }
                _ => Err(here
                    .error("expected a segment, or a segmentation and a class")
                    .with_hint("write `\"vip\"` or `[\"rfm\", \"champions\"]`")),
            },
        }
    }
}
