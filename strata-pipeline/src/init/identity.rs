//! By which key the customers of all sources are known, so that as many sources as possible speak of the same people.
//!
//! This joins only what is written alike. Finding that two keys are one person is a matter of its own.

use strata_spec::manifest::ColumnSource;
use strata_spec::table::Table;
use strata_spec::vendor::CUSTOMER;

use super::draft::{Draft, Key, Keys, as_sql, names_in};

/// A kind of key.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Space {
    Own(String),
    Email,
    Name,
}

/// Chooses the key that most sources have (their own id before the e-mail address before the name, where as many have
/// it) and writes it wherever a draft says `{customer}`.
pub(super) fn choose(drafts: &mut [Draft]) {
    let has_customers = |draft: &&Draft| !draft.keys.is_empty() && !draft.tables.is_empty();
    let people: Vec<&Draft> = drafts.iter().filter(has_customers).collect();
    let mut spaces: Vec<Space> = Vec::new();
    for (space, _) in people.iter().filter_map(|draft| draft.keys.own.as_ref()) {
        let space = Space::Own(space.clone());
        if !spaces.contains(&space) {
            spaces.push(space);
        }
    }
    spaces.extend([Space::Email, Space::Name]);
    let reach = |space: &Space| people.iter().filter(|draft| draft.keys.get(space).is_some()).count();
    // Of equals `max_by_key` takes the last.
    let Some(common) = spaces.into_iter().rev().max_by_key(reach) else { return };
    let joined = reach(&common);
    let n_people = people.len();
    let listed = people.iter().any(|draft| draft.keys.get(&common).is_some() && is_list(draft));
    for draft in drafts.iter_mut().filter(|draft| !draft.keys.is_empty()) {
        if listed && matches!(common, Space::Own(_)) && !is_list(draft) {
            leave_out_email(draft);
        }
        let (space, key) = draft.keys.chosen(&common);
        let note = match (&space, space == common) {
            (_, true) if n_people == 1 => None,
            (Space::Email, true) => Some(format!(
                "the e-mail address in lower case, since {joined} of {n_people} sources have it: so their customers join"
            )),
            (Space::Name, true) => Some(format!(
                "the full name in lower case, since {joined} of {n_people} sources have it: so their customers join"
            )),
            (Space::Own(own), true) => {
                (joined > 1).then(|| format!("the {own}, which {joined} of {n_people} sources share"))
            }
            (_, false) => Some(format!(
                "this file has no {}, so its customers do not join with those of the other sources",
                common.title()
            )),
        };
        let why = [note, key.why.clone()].into_iter().flatten().collect::<Vec<_>>().join("; ");
        write(draft, &key.source, (!why.is_empty()).then_some(why));
    }
}

/// Whether the rows are customers and nothing else.
fn is_list(draft: &Draft) -> bool {
    draft.tables.iter().all(|each| each.table.table == Table::Customers)
}

/// The address of an order need not be that of the customer's account; the account's word counts, and two addresses of
/// one id would be taken for two persons.
fn leave_out_email(draft: &mut Draft) {
    let customers = draft.tables.iter_mut().filter(|each| each.table.table == Table::Customers);
    customers.for_each(|each| each.table.columns.retain(|column| column.name != "email"));
}

fn write(draft: &mut Draft, source: &ColumnSource, why: Option<String>) {
    for table in draft.tables.iter_mut().map(|each| &mut each.table) {
        // A key that is made of no column is never missing.
        let always = names_in(source).is_empty();
        if always && table.filter.as_deref() == Some(&format!("{CUSTOMER} is not null")) {
            table.filter = None;
        }
        if let Some(filter) = &mut table.filter {
            *filter = filter.replace(CUSTOMER, &as_sql(source));
        }
        for column in &mut table.columns {
            if column.source == ColumnSource::Sql(CUSTOMER.to_owned()) {
                column.source = source.clone();
                column.why = why.clone();
            }
        }
    }
}

impl Keys {
    fn get(&self, space: &Space) -> Option<&Key> {
        match space {
            Space::Own(wanted) => self.own.as_ref().filter(|(own, _)| own == wanted).map(|(_, key)| key),
            Space::Email => self.email.as_ref(),
            Space::Name => self.name.as_ref(),
        }
    }

    /// The common key where there is one, else the best of one's own. A row without e-mail address is still somebody
    /// where it has an id.
    fn chosen(&self, common: &Space) -> (Space, Key) {
        let own = self.own.as_ref().map(|(space, key)| (Space::Own(space.clone()), key.clone()));
        match (common, self.get(common), &own) {
            (Space::Email, Some(email), Some((_, id))) => {
                let source = either(email, id);
                (
                    Space::Email,
                    Key {
                        source,
                        why: Some("the file's own id where there is no e-mail address".to_owned()),
                    },
                )
            }
            (Space::Own(_), Some(id), _)
                if self.guests
                    && let Some(email) = &self.email =>
            {
                let why =
                    id.why.iter().cloned().chain(["else the e-mail address".to_owned()]).collect::<Vec<_>>();
                (common.clone(), Key { source: either(id, email), why: Some(why.join("; ")) })
            }
            (_, Some(key), _) => (common.clone(), key.clone()),
            (_, None, _) => own
                .or_else(|| self.email.clone().map(|key| (Space::Email, key)))
                .or_else(|| self.name.clone().map(|key| (Space::Name, key)))
                .unwrap_or_else(|| {
                    (Space::Name, Key { source: ColumnSource::Sql("null".to_owned()), why: None })
                }),
        }
    }
}

/// One key, and where a row has none the other.
fn either(one: &Key, other: &Key) -> ColumnSource {
    ColumnSource::Sql(format!("coalesce({}, {})", as_sql(&one.source), as_sql(&other.source)))
}

impl Space {
    fn title(&self) -> &str {
        match self {
            Space::Own(space) => space,
            Space::Email => "e-mail address",
            Space::Name => "full name of the customer",
        }
    }
}
