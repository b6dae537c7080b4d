//! By which identifiers the customers of each source are known, so that the sources speak of the same people.
//!
//! A source's customer id is its own, unique in its space; what rows say of e-mail address, telephone and device is
//! mapped beside it, and a run finds by these which customers of which sources are one.

use strata_spec::manifest::{ColumnSource, Identifier};
use strata_spec::table::Table;
use strata_spec::vendor::CUSTOMER;

use super::draft::{Draft, Key, Keys, as_sql, names_in};
use super::evidence::grouped;
use super::spaces::{self, Space};
use super::{FileSample, ProposedTable};

/// How the rows of a source name their customer.
#[derive(Debug, Clone)]
struct Chosen {
    /// The id of the customer, and where rows of customers have none, what stands for it.
    id: Key,
    id_of_customers: Key,
}

/// Chooses each source's customer id, writes it wherever a draft says `{customer}`, and maps the other identifiers of
/// the rows beside it.
pub(super) fn choose(files: &[FileSample], drafts: &mut [Draft]) {
    let spaces = spaces::spaces(files, drafts);
    let people: Vec<usize> = (0..drafts.len()).filter(|&at| has_customers(&drafts[at])).collect();
    let situation = Situation {
        n_people: people.len(),
        names_only: people.iter().filter(|&&at| drafts[at].keys.is_only_a_name()).count(),
        n_named: people.iter().filter(|&&at| drafts[at].keys.name.is_some()).count(),
        devices_only: people.iter().all(|&at| drafts[at].keys.anonymous.is_some()),
        shared: Identifier::ALL
            .into_iter()
            .filter(|&each| {
                people.iter().filter(|&&at| drafts[at].keys.identifier(each).is_some()).count() > 1
            })
            .collect(),
    };
    let lists: Vec<(bool, Option<String>)> = drafts
        .iter()
        .zip(&spaces)
        .map(|(draft, space)| (draft.is_list(), space.as_ref().map(|space| space.title.clone())))
        .collect();
    for (at, space) in spaces.into_iter().enumerate() {
        let draft = &mut drafts[at];
        if draft.keys.is_empty() {
            continue;
        }
        let by_name = situation.names_only > 0
            && draft.keys.name.is_some()
            && space.as_ref().is_none_or(|space| space.n_sources == 1);
        let space = space.filter(|_| !by_name);
        let listed = lists.iter().any(|(list, title)| {
            *list && title.is_some() && *title == space.as_ref().map(|each| each.title.clone())
        });
        let left_out = listed && !draft.is_list() && draft.keys.email.is_some();
        if left_out {
            leave_out_email(draft);
        }
        let chosen = situation.chosen(&draft.keys, space.as_ref(), by_name, left_out);
        draft.space = match by_name {
            true => Some(Space::of_names(situation.n_named)),
            false => space,
        };
        write(draft, chosen.as_ref());
    }
}

/// What is known of all sources together.
struct Situation {
    /// Sources whose rows have customers.
    n_people: usize,
    /// Sources that know nothing but their customers' names.
    names_only: usize,
    n_named: usize,
    /// No source knows more than devices and who has signed in on them.
    devices_only: bool,
    /// The identifiers that several sources have.
    shared: Vec<Identifier>,
}

impl Situation {
    fn chosen(&self, keys: &Keys, space: Option<&Space>, by_name: bool, left_out: bool) -> Option<Chosen> {
        let alone = self.n_people < 2;
        let said = |why: String| if alone { None } else { Some(why) };
        let named = |key: &Key| {
            let (n, all) = (self.n_named, self.n_people);
            let why = format!(
                "the full name in lower case, since {n} of {all} sources have it and some nothing else: so their customers join"
            );
            Key { source: key.source.clone(), why: joined([said(why), key.why.clone()]) }
        };
        if let Some(key) = keys.name.as_ref().filter(|_| by_name) {
            return Some(Chosen::same(named(key)));
        }
        let others: Vec<&str> = keys.others(&self.shared);
        let joins = match others.as_slice() {
            [] => "no other source has anything of this one, so its customers do not join with theirs"
                .to_owned(),
            others => format!("customers of other sources join by {}", others.join(" and ")),
        };
        if let (Some((_, own)), Some(space)) = (&keys.own, space) {
            return Some(self.own(keys, own, space, said(joins), left_out));
        }
        let by_value = match (&keys.email, &keys.phone) {
            (Some(email), _) => {
                Some((lower(email), "the e-mail address in lower case, since the file has no id of its own"))
            }
            (None, Some(phone)) => Some((
                format!("nullif(trim({}), '')", plain_sql(phone)),
                "the telephone number, since the file has neither an id nor an e-mail address",
            )),
            (None, None) => None,
        };
        if let Some((sql, why)) = by_value {
            let why = said(format!("{why}; {joins}"));
            return Some(Chosen::same(Key { source: ColumnSource::Sql(sql), why }));
        }
        if let Some(key) = &keys.name {
            return Some(Chosen::same(named(key)));
        }
        let device = keys.anonymous.as_ref().filter(|_| self.devices_only)?;
        let why = "the device, since nothing says who uses it".to_owned();
        Some(Chosen::same(Key {
            source: device.source.clone(),
            why: joined([Some(why), device.why.clone()]),
        }))
    }

    fn own(&self, keys: &Keys, own: &Key, space: &Space, joins: Option<String>, left_out: bool) -> Chosen {
        let (n, all) = (space.n_sources, self.n_people);
        let first = if n > 1 {
            Some(format!("the {}, which {n} of {all} sources share", space.title))
        } else {
            joins
        };
        let why = [first, own.why.clone(), space.why.clone()];
        if let Some(device) = keys.anonymous.as_ref().filter(|_| self.devices_only && keys.guests) {
            let why =
                joined(why.into_iter().chain([Some("the device where nobody has signed in".to_owned())]));
            return Chosen::same(Key { source: either(own, &as_sql(&device.source)), why });
        }
        let guests = || match (&keys.email, &keys.phone) {
            _ if !keys.guests => None,
            (Some(_), _) => Some("empty for guests, whom the e-mail address tells".to_owned()),
            (None, Some(_)) => Some("empty for guests, whom the telephone number tells".to_owned()),
            (None, None) => Some("empty where nobody is known".to_owned()),
        };
        let id = Key { source: own.source.clone(), why: joined(why.clone().into_iter().chain([guests()])) };
        // A row of a table of customers has to say whose it is.
        let id_of_customers = match keys.email.as_ref().filter(|_| keys.guests && !left_out) {
            Some(email) => {
                let why = joined(why.into_iter().chain([Some("else the e-mail address".to_owned())]));
                Key { source: either(own, &lower(email)), why }
            }
            None => id.clone(),
        };
        Chosen { id, id_of_customers }
    }
}

impl Chosen {
    fn same(id: Key) -> Chosen {
        Chosen { id_of_customers: id.clone(), id }
    }
}

fn joined(reasons: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    let reasons: Vec<String> = reasons.into_iter().flatten().collect();
    (!reasons.is_empty()).then(|| reasons.join("; "))
}

fn plain_sql(key: &Key) -> String {
    match &key.source {
        ColumnSource::Column(name) => strata_spec::vendor::quoted(name),
        ColumnSource::Sql(sql) => sql.clone(),
    }
}

fn lower(email: &Key) -> String {
    format!("nullif(lower(trim({})), '')", plain_sql(email))
}

/// One key, and where a row has none the other.
fn either(one: &Key, other: &str) -> ColumnSource {
    ColumnSource::Sql(format!("coalesce({}, {other})", as_sql(&one.source)))
}

fn has_customers(draft: &Draft) -> bool {
    !draft.keys.is_empty() && !draft.tables.is_empty()
}

/// The address of an order need not be that of the customer's account; the account's word counts, and two sources that
/// know one id by different addresses would be taken to speak of two persons. It still joins, beside the order.
fn leave_out_email(draft: &mut Draft) {
    let customers = draft.tables.iter_mut().filter(|each| each.table.table == Table::Customers);
    customers.for_each(|each| each.table.columns.retain(|column| column.name != "email"));
    // Whoever occurs in another table is a customer anyhow.
    draft.tables.retain(|each| each.table.table != Table::Customers || each.table.columns.len() > 1);
}

fn write(draft: &mut Draft, chosen: Option<&Chosen>) {
    let only_customers = draft.is_list();
    for table in draft.tables.iter_mut().map(|each| &mut each.table) {
        match chosen {
            Some(chosen) if table.table == Table::Customers => write_id(table, &chosen.id_of_customers),
            Some(chosen) => write_id(table, &chosen.id),
            None => table.columns.retain(|column| !is_open(&column.source)),
        }
        if table.table != Table::Customers || only_customers {
            write_identifiers(table, &draft.keys);
        }
    }
    // Whoever is nobody is no customer either.
    let speaks_of_nobody =
        |table: &ProposedTable| table.filter.as_deref().is_some_and(|sql| sql.contains(CUSTOMER));
    draft.tables.retain(|each| each.table.is_complete() && !speaks_of_nobody(&each.table));
}

fn write_id(table: &mut ProposedTable, id: &Key) {
    // A key that is made of no column is never missing.
    let always = names_in(&id.source).is_empty();
    if always && table.filter.as_deref() == Some(&format!("{CUSTOMER} is not null")) {
        table.filter = None;
    }
    if let Some(filter) = &mut table.filter {
        *filter = filter.replace(CUSTOMER, &as_sql(&id.source));
    }
    for column in table.columns.iter_mut().filter(|column| is_open(&column.source)) {
        column.source = id.source.clone();
        column.why = id.why.clone();
    }
}

fn is_open(source: &ColumnSource) -> bool {
    *source == ColumnSource::Sql(CUSTOMER.to_owned())
}

/// The identifiers of a row that names its customer, or would if it could.
fn write_identifiers(table: &mut ProposedTable, keys: &Keys) {
    let of_customers = table.table.column("customer_id").is_some();
    let names_customer = table.column("customer_id").is_some() || table.table == Table::Events;
    if !of_customers || !names_customer {
        return;
    }
    let mut at = table.columns.iter().position(|column| column.name == "customer_id").map_or(0, |at| at + 1);
    for identifier in Identifier::ALL {
        let name = identifier.as_str();
        let allowed =
            table.table.column(name).is_some() || table.table.identifiers().any(|each| each == identifier);
        if let Some(key) = keys.identifier(identifier).filter(|_| allowed && table.column(name).is_none()) {
            let column = super::ProposedColumn {
                name: name.to_owned(),
                source: key.source.clone(),
                why: key.why.clone(),
            };
            table.columns.insert(at, column);
            at += 1;
        }
    }
}

impl Keys {
    /// What the rows say of an identifier.
    pub(super) fn identifier(&self, identifier: Identifier) -> Option<&Key> {
        match identifier {
            Identifier::Email => self.email.as_ref(),
            Identifier::Phone => self.phone.as_ref(),
            Identifier::AnonymousId => self.anonymous.as_ref(),
        }
    }

    fn is_only_a_name(&self) -> bool {
        let others = Identifier::ALL.into_iter().any(|each| self.identifier(each).is_some());
        self.name.is_some() && self.own.is_none() && !others
    }

    /// The identifiers among `shared` that the rows have, in words.
    fn others(&self, shared: &[Identifier]) -> Vec<&'static str> {
        let has = |identifier: &&Identifier| self.identifier(**identifier).is_some();
        let words = shared.iter().filter(has).map(|identifier| match identifier {
            Identifier::Email => "e-mail address",
            Identifier::Phone => "telephone number",
            Identifier::AnonymousId => "device",
        });
        words.collect()
    }
}

/// `412 of 800 values` in words.
pub(super) fn part(n: u64, of: u64) -> String {
    format!("{} of {}", grouped(n), grouped(of))
}
