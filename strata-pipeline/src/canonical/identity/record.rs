//! Records in memory: each identifier once, each record as the identifiers that its rows carry together.

use strata_lake::datafusion::common::HashMap;
use strata_models::identity::Claim;
use strata_spec::manifest::{Identifier, Identity};
use strata_spec::table::Kind as ColumnKind;

/// The columns of `identity`: a row for each identifier of a customer.
pub const IDENTITY: [(&str, ColumnKind); 6] = [
    ("customer_id", ColumnKind::Text),
    ("kind", ColumnKind::Text),
    ("namespace", ColumnKind::Text),
    ("value", ColumnKind::Text),
    ("source", ColumnKind::Text),
    ("joined_by", ColumnKind::Text),
];

/// What kind of identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// A customer id, in a namespace.
    Id,
    /// Any other.
    Other(Identifier),
}

impl Kind {
    /// All, in the order of a record's slots.
    pub(crate) const ALL: [Kind; 4] = [
        Kind::Id,
        Kind::Other(Identifier::Email),
        Kind::Other(Identifier::Phone),
        Kind::Other(Identifier::AnonymousId),
    ];

    /// Its name, which is that of its column.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Kind::Id => "customer_id",
            Kind::Other(identifier) => identifier.as_str(),
        }
    }

    /// Its place in the project's order of trust; none where it does not join.
    pub(crate) fn place(self, identity: &Identity) -> Option<u8> {
        match self {
            Kind::Id => Some(0),
            Kind::Other(identifier) => {
                let at = identity.join_by.iter().position(|each| *each == identifier)?;
                u8::try_from(at + 1).ok()
            }
        }
    }

    /// The kind at a place.
    pub(crate) fn at(place: u8, identity: &Identity) -> Kind {
        match usize::from(place).checked_sub(1).and_then(|at| identity.join_by.get(at)) {
            Some(identifier) => Kind::Other(*identifier),
            None => Kind::Id,
        }
    }

    fn slot(self) -> usize {
        Kind::ALL.iter().position(|kind| *kind == self).unwrap_or_default()
    }
}

/// An identifier, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) kind: Kind,
    /// The place of its namespace in [`Records::namespace`].
    pub(crate) namespace: u16,
    pub(crate) text: Box<str>,
    pub(crate) hash: u64,
}

/// The identifiers that some rows of one mapping carry together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record {
    /// The place of its source in [`Records::source`]; none where a decision names the identifier.
    pub(crate) source: Option<u16>,
    /// The places of its values, by slot.
    values: [Option<u32>; 4],
    /// The fingerprint of the person, 0 where unknown.
    pub(crate) person: u64,
}

impl Record {
    /// The places of its values, the most trusted kind first.
    pub(crate) fn values(&self) -> impl Iterator<Item = u32> + use<> {
        self.values.into_iter().flatten()
    }
}

/// All records of a run.
#[derive(Debug, Default)]
pub(crate) struct Records {
    identity: Identity,
    sources: Vec<String>,
    namespaces: Vec<String>,
    values: Vec<Value>,
    places: HashMap<u64, u32>,
    records: Vec<Record>,
}

impl Records {
    pub(crate) fn new(identity: &Identity) -> Records {
        Records { identity: identity.clone(), ..Records::default() }
    }

    /// Adds a record of these identifiers, by slot, empty where absent.
    pub(crate) fn add(&mut self, source: &str, namespace: &str, texts: [Option<&str>; 4], person: u64) {
        let source = Some(place_of(&mut self.sources, source));
        let mut values = [None; 4];
        for ((slot, kind), text) in values.iter_mut().zip(Kind::ALL).zip(texts) {
            if let Some(text) = text.filter(|_| kind.place(&self.identity).is_some()) {
                *slot = Some(self.value(kind, namespace, text));
            }
        }
        self.records.push(Record { source, values, person });
    }

    /// A record of one identifier, which may or may not occur in others.
    pub(crate) fn of_identifier(&mut self, kind: Kind, namespace: &str, text: &str) -> u32 {
        let mut values = [None; 4];
        values[kind.slot()] = Some(self.value(kind, namespace, text));
        self.records.push(Record { source: None, values, person: 0 });
        u32::try_from(self.records.len() - 1).unwrap_or(u32::MAX)
    }

    /// Numbers the records so that nothing depends on the order in which they came.
    pub(crate) fn put_in_order(&mut self) {
        let values = &self.values;
        let hash = |place: Option<u32>| place.map(|place| values[place as usize].hash);
        self.records.sort_by_cached_key(|record| (record.source, record.values.map(hash), record.person));
        self.records.dedup();
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Record> {
        self.records.iter()
    }

    pub(crate) fn n_values(&self) -> usize {
        self.values.len()
    }

    pub(crate) fn value_at(&self, place: u32) -> &Value {
        &self.values[place as usize]
    }

    /// The identifier with that hash.
    pub(crate) fn of_hash(&self, hash: u64) -> Option<&Value> {
        self.places.get(&hash).map(|place| self.value_at(*place))
    }

    /// The identifier with that hash, as people write it.
    pub(crate) fn written(&self, hash: u64) -> String {
        let value = self.of_hash(hash);
        value.map(|value| write(value.kind, self.namespace(value), &value.text)).unwrap_or_default()
    }

    pub(crate) fn namespace(&self, value: &Value) -> &str {
        self.namespaces.get(usize::from(value.namespace)).map_or("", String::as_str)
    }

    /// The source of a record; none where it stands for a decision.
    pub(crate) fn source(&self, record: u32) -> Option<&str> {
        let record = self.records.get(record as usize)?;
        record.source.and_then(|at| self.sources.get(usize::from(at))).map(String::as_str)
    }

    /// What each record claims to be.
    pub(crate) fn claims(&self) -> Vec<Claim> {
        let mut claims = Vec::with_capacity(self.records.len() * 2);
        for (number, record) in (0_u32..).zip(&self.records) {
            for value in record.values().map(|place| self.value_at(place)) {
                if let Some(kind) = value.kind.place(&self.identity) {
                    claims.push(Claim { value: value.hash, record: number, kind });
                }
            }
        }
        claims
    }

    pub(crate) fn persons(&self) -> Vec<u64> {
        self.records.iter().map(|record| record.person).collect()
    }

    fn value(&mut self, kind: Kind, namespace: &str, text: &str) -> u32 {
        // An e-mail address is the same wherever it stands.
        let namespace = if kind == Kind::Id { namespace } else { "" };
        let hash = hash(kind, namespace, text);
        if let Some(place) = self.places.get(&hash) {
            return *place;
        }
        let namespace = place_of(&mut self.namespaces, namespace);
        let place = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.values.push(Value { kind, namespace, text: text.into(), hash });
        self.places.insert(hash, place);
        place
    }
}

/// An identifier as people write it: `email:ann@example.com`, `shop:1001`, `1001`.
pub(crate) fn write(kind: Kind, namespace: &str, text: &str) -> String {
    match (kind, namespace) {
        (Kind::Id, "") => text.to_owned(),
        (Kind::Id, namespace) => format!("{namespace}:{text}"),
        (Kind::Other(identifier), _) => format!("{identifier}:{text}"),
    }
}

/// The first 8 bytes of a cryptographic hash: of ten million identifiers, two collide once in 400,000 projects.
fn hash(kind: Kind, namespace: &str, text: &str) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(kind.as_str().as_bytes()).update(&[0]).update(namespace.as_bytes()).update(&[0]);
    hasher.update(text.as_bytes());
    let bytes = hasher.finalize();
    u64::from_le_bytes(bytes.as_bytes().first_chunk::<8>().copied().unwrap_or_default())
}

fn place_of(names: &mut Vec<String>, name: &str) -> u16 {
    let found = names.iter().position(|each| each == name).unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    });
    u16::try_from(found).unwrap_or(u16::MAX)
}
