//! Records in memory: each identifier once, each record as the identifiers that its rows carry together.

use std::num::NonZeroU64;

use strata_lake::datafusion::common::{HashMap, HashSet};
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

    pub(super) fn slot(self) -> usize {
        Kind::ALL.iter().position(|kind| *kind == self).unwrap_or_default()
    }
}

/// An identifier, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) kind: Kind,
    namespace: u16,
    pub(crate) text: Box<str>,
    hash: NonZeroU64,
}

impl Value {
    /// The place of its namespace in [`Records::namespaces`].
    pub(crate) fn namespace(&self) -> usize {
        usize::from(self.namespace)
    }
}

/// The identifiers that some rows of one mapping carry together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Record {
    /// The place of its source in [`Records::source`]; none where a decision names the identifier.
    source: Option<u16>,
    /// The hashes of its values, by slot.
    values: [Option<NonZeroU64>; 4],
    /// The fingerprint of the person, 0 where unknown.
    person: u64,
}

impl Record {
    /// Its values, the most trusted kind first.
    fn values(&self) -> impl Iterator<Item = (Kind, NonZeroU64)> + use<> {
        Kind::ALL.into_iter().zip(self.values).filter_map(|(kind, value)| Some((kind, value?)))
    }
}

/// Where rows come from: the places of their source, of their namespace, and of the namespace of what counts everywhere.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin {
    source: u16,
    namespace: u16,
    everywhere: u16,
}

/// The records and identifiers of some rows of one mapping, each once: what one task makes of its share.
#[derive(Debug)]
pub(crate) struct Gathered {
    origin: Origin,
    namespace: String,
    joining: [bool; 4],
    records: HashSet<Record>,
    values: HashMap<NonZeroU64, Value>,
    hashed: Vec<u8>,
}

impl Gathered {
    /// Adds a record of these identifiers, by slot, empty where absent.
    pub(crate) fn add(&mut self, texts: [Option<&str>; 4], person: u64) {
        let mut values = [None; 4];
        for ((slot, kind), text) in values.iter_mut().zip(Kind::ALL).zip(texts) {
            if self.joining[kind.slot()] {
                *slot = text.map(|text| self.value(kind, text));
            }
        }
        self.records.insert(Record { source: Some(self.origin.source), values, person });
    }

    fn value(&mut self, kind: Kind, text: &str) -> NonZeroU64 {
        let (namespace, place) = match kind {
            Kind::Id => (self.namespace.as_str(), self.origin.namespace),
            // An e-mail address is the same wherever it stands.
            Kind::Other(_) => ("", self.origin.everywhere),
        };
        let hash = hash(&mut self.hashed, kind, namespace, text);
        self.values.entry(hash).or_insert_with(|| Value { kind, namespace: place, text: text.into(), hash });
        hash
    }
}

/// All records of a run.
#[derive(Debug, Default)]
pub(crate) struct Records {
    identity: Identity,
    sources: Vec<String>,
    namespaces: Vec<String>,
    /// After [`Records::put_in_order`], in the order of their kinds' trust and their hashes, as claims are.
    values: Vec<Value>,
    records: Vec<Record>,
}

impl Records {
    pub(crate) fn new(identity: &Identity) -> Records {
        Records { identity: identity.clone(), ..Records::default() }
    }

    /// To gather records of a source in.
    pub(crate) fn gather(&mut self, source: &str, namespace: &str) -> Gathered {
        let origin = Origin {
            source: place_of(&mut self.sources, source),
            namespace: place_of(&mut self.namespaces, namespace),
            everywhere: place_of(&mut self.namespaces, ""),
        };
        Gathered {
            origin,
            namespace: namespace.to_owned(),
            joining: Kind::ALL.map(|kind| kind.place(&self.identity).is_some()),
            records: HashSet::default(),
            values: HashMap::default(),
            hashed: Vec::new(),
        }
    }

    /// Takes in what was gathered.
    pub(crate) fn extend(&mut self, gathered: Gathered) {
        self.records.extend(gathered.records);
        self.values.extend(gathered.values.into_values());
    }

    /// A record of one identifier, which may or may not occur in others. To be numbered by [`Records::push`].
    pub(crate) fn of_identifier(&mut self, kind: Kind, namespace: &str, text: &str) -> Record {
        let namespace = if kind == Kind::Id { namespace } else { "" };
        let hash = hash(&mut Vec::new(), kind, namespace, text);
        let namespace = place_of(&mut self.namespaces, namespace);
        self.values.push(Value { kind, namespace, text: text.into(), hash });
        let mut values = [None; 4];
        values[kind.slot()] = Some(hash);
        Record { source: None, values, person: 0 }
    }

    /// Numbers records and values, side by side, so that nothing depends on the order in which they came.
    pub(crate) fn put_in_order(&mut self) {
        let trust = Kind::ALL.map(|kind| kind.place(&self.identity).unwrap_or(u8::MAX));
        let key = |value: &Value| (trust[value.kind.slot()], value.hash);
        let Records { records, values, .. } = self;
        std::thread::scope(|scope| {
            scope.spawn(|| {
                records.sort_unstable();
                records.dedup();
            });
            values.sort_unstable_by_key(key);
            values.dedup_by_key(|value| key(value));
        });
    }

    /// Adds a record behind all others and returns its number.
    pub(crate) fn push(&mut self, record: Record) -> u32 {
        self.records.push(record);
        u32::try_from(self.records.len() - 1).unwrap_or(u32::MAX)
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn n_values(&self) -> usize {
        self.values.len()
    }

    pub(crate) fn value_at(&self, place: u32) -> &Value {
        &self.values[place as usize]
    }

    /// The place of the identifier with that kind and hash. Asked for one after the other in the order of claims, all of them
    /// are found in one walk: the search begins where the last one, `from`, ended.
    pub(crate) fn place(&self, kind: u8, hash: u64, from: u32) -> Option<u32> {
        let before = |value: &Value| {
            (value.kind.place(&self.identity).unwrap_or(u8::MAX), value.hash.get()) < (kind, hash)
        };
        let from = (from as usize).min(self.values.len());
        let is_behind = from == 0 || before(&self.values[from - 1]);
        let from = if is_behind { from } else { 0 };
        // Steps that double find what is near at once, and what is far in the time of a search.
        let mut step = 1;
        while from + step < self.values.len() && before(&self.values[from + step]) {
            step *= 2;
        }
        let end = (from + step + 1).min(self.values.len());
        let place = from + self.values[from..end].partition_point(before);
        let found = self.values.get(place).is_some_and(|value| value.hash.get() == hash);
        found.then(|| u32::try_from(place).unwrap_or(u32::MAX))
    }

    /// An identifier as people write it.
    pub(crate) fn written(&self, value: &Value) -> String {
        write(value.kind, self.namespace(value), &value.text)
    }

    pub(crate) fn namespaces(&self) -> &[String] {
        &self.namespaces
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
        let trust = Kind::ALL.map(|kind| kind.place(&self.identity));
        let mut claims = Vec::with_capacity(self.records.len() * 2);
        for (number, record) in (0_u32..).zip(&self.records) {
            for (kind, value) in record.values() {
                if let Some(kind) = trust[kind.slot()] {
                    claims.push(Claim { value: value.get(), record: number, kind });
                }
            }
        }
        claims
    }

    pub(crate) fn persons(&self) -> Vec<u64> {
        self.records.iter().map(|record| record.person).collect()
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

/// The first 8 bytes of a cryptographic hash: of ten million identifiers, two collide once in 400,000 projects. The buffer is
/// there to be used again: a hash of one piece takes a third of the time of one of several.
fn hash(buffer: &mut Vec<u8>, kind: Kind, namespace: &str, text: &str) -> NonZeroU64 {
    buffer.clear();
    for part in [kind.as_str(), "\0", namespace, "\0", text] {
        buffer.extend_from_slice(part.as_bytes());
    }
    let hash = blake3::hash(buffer);
    let bytes = hash.as_bytes().first_chunk::<8>().copied().unwrap_or_default();
    NonZeroU64::new(u64::from_le_bytes(bytes)).unwrap_or(NonZeroU64::MIN)
}

fn place_of(names: &mut Vec<String>, name: &str) -> u16 {
    let found = names.iter().position(|each| each == name).unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    });
    u16::try_from(found).unwrap_or(u16::MAX)
}
