//! Fills the columns of a canonical table from the columns of an unknown file, the best match first.

use strata_spec::manifest::ColumnSource;
use strata_spec::table::{Kind as ColumnKind, Table};
use strata_spec::vendor::quoted;

use super::evidence::Evidence;
use super::words::{Kind, Match, role};

/// A column of the file and what its values look like.
#[derive(Debug)]
pub(super) struct Seen<'a> {
    pub(super) header: &'a str,
    pub(super) evidence: &'a Evidence,
}

/// A canonical column and the roles that may fill it, the best first.
pub(super) type Slot = (&'static str, &'static [&'static str]);

/// A canonical column filled.
#[derive(Debug, Clone)]
pub(super) struct Pick {
    pub(super) slot: &'static str,
    /// The file's column, by its index.
    pub(super) at: usize,
    pub(super) role: &'static str,
    pub(super) score: f64,
    kind: Kind,
    word: Option<String>,
}

/// What one table makes of the file.
#[derive(Debug, Clone, Default)]
pub(super) struct Filled(Vec<Pick>);

impl Filled {
    pub(super) fn get(&self, slot: &str) -> Option<&Pick> {
        self.0.iter().find(|pick| pick.slot == slot)
    }

    pub(super) fn has(&self, slot: &str) -> bool {
        self.get(slot).is_some()
    }

    /// Whether the slot is filled by a column whose header names it plainly.
    pub(super) fn has_plainly(&self, slot: &str) -> bool {
        self.get(slot).is_some_and(|pick| pick.score >= 0.6)
    }

    pub(super) fn count(&self, slots: &[&str]) -> usize {
        slots.iter().filter(|slot| self.has(slot)).count()
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&Pick) -> bool) {
        self.0.retain(keep);
    }

    pub(super) fn picks(&self) -> &[Pick] {
        &self.0
    }
}

/// Weaker matches are no better than none.
const THRESHOLD: f64 = 0.45;
/// What a role costs that stands behind another in its slot's list.
const STEP: f64 = 0.12;

/// Fills a table's slots, each column at most once. Columns in `taken` stay free.
pub(super) fn fill(slots: &[Slot], columns: &[Seen], taken: &[usize]) -> Filled {
    let mut picks: Vec<Pick> = Vec::new();
    for &(slot, roles) in slots {
        for (step, &name) in roles.iter().enumerate() {
            for (at, column) in columns.iter().enumerate() {
                let found = role(name)
                    .and_then(|role| pick(slot, name, role.kind, role.matches(column.header), at, column));
                picks.extend(found.map(|found| Pick { score: found.score - STEP * step as f64, ..found }));
            }
        }
    }
    picks.retain(|pick| pick.score >= THRESHOLD && !taken.contains(&pick.at));
    picks.sort_by(|one, other| other.score.total_cmp(&one.score));
    let mut filled = Filled::default();
    for pick in picks {
        if !filled.0.iter().any(|earlier| earlier.slot == pick.slot || earlier.at == pick.at) {
            filled.0.push(pick);
        }
    }
    filled.0.sort_by_key(|pick| slots.iter().position(|(slot, _)| *slot == pick.slot));
    filled
}

/// Fills a table's columns, and the identifiers that it may carry, from the columns that bear their very names. Values
/// of another kind leave a column out.
pub(super) fn fill_by_name(table: Table, columns: &[Seen]) -> Filled {
    let identifiers = table.identifiers().map(|identifier| (identifier.as_str(), Kind::Identifier));
    let named = table.columns().iter().map(|column| (column.name, by_type(column.kind))).chain(identifiers);
    let picks = named.filter_map(|(slot, kind)| {
        let (at, column) = columns.iter().enumerate().find(|(_, column)| column.header.trim() == slot)?;
        let suits = |kind: Kind| column.evidence.suits(kind) > 0.0;
        let kind = role(slot).map(|role| role.kind).filter(|kind| suits(*kind)).unwrap_or(kind);
        (column.evidence.n_filled == 0 || suits(kind)).then(|| Pick {
            slot,
            at,
            role: slot,
            score: 1.0,
            kind,
            word: Some(slot.to_owned()),
        })
    });
    Filled(picks.collect())
}

fn by_type(kind: ColumnKind) -> Kind {
    match kind {
        ColumnKind::Text => Kind::Text,
        ColumnKind::Integer => Kind::Integer,
        ColumnKind::Number => Kind::Number,
        ColumnKind::Boolean => Kind::Boolean,
        ColumnKind::Date | ColumnKind::Timestamp => Kind::Date,
        ColumnKind::Json => Kind::Any,
    }
}

fn pick(
    slot: &'static str,
    role: &'static str,
    kind: Kind,
    found: Option<Match>,
    at: usize,
    column: &Seen,
) -> Option<Pick> {
    let suits = column.evidence.suits(kind);
    let (score, word) = match found {
        // `id` and `name` alone say enough; `review id` speaks of a review.
        Some(found) if found.score < 0.9 && ["id", "name"].contains(&role) => return None,
        Some(found) => (found.score * suits, Some(found.word)),
        None => (by_values(role, column)?, None),
    };
    Some(Pick { slot, at, role, score, kind, word })
}

/// How well values alone speak for a role. Dates are taken only where no header word says what they are.
fn by_values(name: &str, column: &Seen) -> Option<f64> {
    let evidence = column.evidence;
    match name {
        "email" => (evidence.suits(Kind::Email) >= 0.9).then_some(0.6),
        "country" => {
            let known = evidence.share(evidence.n_countries) >= 0.9 && evidence.mean_length() > 2.5;
            known.then_some(0.5)
        }
        "date" => {
            const NAMED: [&str; 6] =
                ["birth_date", "created_at", "ordered_at", "occurred_at", "answered_at", "given_at"];
            let named = NAMED
                .iter()
                .any(|&name| role(name).is_some_and(|role| role.matches(column.header).is_some()));
            let dates =
                evidence.share(evidence.dates.n_dates) >= 0.95 && evidence.share(evidence.n_integers) < 0.5;
            (dates && !named).then_some(0.6)
        }
        _ => None,
    }
}

impl Pick {
    /// Why the column was picked.
    pub(super) fn why(&self, columns: &[Seen]) -> String {
        let evidence = columns[self.at].evidence;
        let says = match evidence.n_filled {
            0 => "no value in the sample".to_owned(),
            _ => evidence.says(self.kind),
        };
        let guess = if self.score < 0.6 { "a guess: " } else { "" };
        match &self.word {
            Some(word) => format!("{guess}{says}; header says '{word}'"),
            None => format!("a guess from values alone: {says}"),
        }
    }

    /// The column's place in the file: the column itself, or an expression where its values need mending.
    pub(super) fn source(&self, columns: &[Seen]) -> ColumnSource {
        let Seen { header, evidence } = columns[self.at];
        // Columns that are read as numbers, dates and the like know the customary words for nothing.
        let is_read =
            !matches!(self.kind, Kind::Text | Kind::LongText | Kind::Identifier | Kind::Category | Kind::Any);
        if evidence.missing_words.is_empty() || is_read {
            return ColumnSource::Column(header.to_owned());
        }
        let missing = evidence
            .missing_words
            .iter()
            .fold(quoted(header), |inner, word| format!("nullif({inner}, '{}')", word.replace('\'', "''")));
        ColumnSource::Sql(missing)
    }
}

/// The slots of each table. Canonical columns that no header names on its own are not among them.
pub(super) fn slots(table: Table) -> &'static [Slot] {
    match table {
        Table::Customers => &CUSTOMERS,
        Table::Companies => &COMPANIES,
        Table::Orders => &ORDERS,
        Table::OrderLines => &ORDER_LINES,
        Table::Events => &EVENTS,
        Table::Responses => &RESPONSES,
        Table::Feedback => &FEEDBACK,
    }
}

/// Columns of `customers` that say something about the person, beyond names and addresses for messages.
pub(super) const ATTRIBUTES: [&str; 22] = [
    "first_name",
    "last_name",
    "phone",
    "birth_date",
    "age",
    "gender",
    "income",
    "education",
    "occupation",
    "marital_status",
    "household_size",
    "n_children",
    "preferred_language",
    "country",
    "region",
    "city",
    "postal_code",
    "latitude",
    "longitude",
    "urbanity",
    "climate",
    "accepts_marketing",
];

/// Columns of `companies` that make a file one of companies.
pub(super) const FIRMOGRAPHICS: [&str; 5] =
    ["industry", "n_employees", "annual_revenue", "founded_year", "parent_company_id"];

const CUSTOMERS: [Slot; 26] = [
    ("customer_id", &["customer_id", "id"]),
    ("company_id", &["company_id"]),
    ("email", &["email"]),
    ("phone", &["phone"]),
    ("first_name", &["first_name"]),
    ("last_name", &["last_name"]),
    ("birth_date", &["birth_date"]),
    ("age", &["age"]),
    ("gender", &["gender"]),
    ("income", &["income"]),
    ("education", &["education"]),
    ("occupation", &["occupation"]),
    ("marital_status", &["marital_status"]),
    ("household_size", &["household_size"]),
    ("n_children", &["n_children"]),
    ("preferred_language", &["preferred_language"]),
    ("country", &["country"]),
    ("region", &["region"]),
    ("city", &["city"]),
    ("postal_code", &["postal_code"]),
    ("latitude", &["latitude"]),
    ("longitude", &["longitude"]),
    ("urbanity", &["urbanity"]),
    ("climate", &["climate"]),
    ("accepts_marketing", &["accepts_marketing"]),
    ("created_at", &["created_at"]),
];

const COMPANIES: [Slot; 14] = [
    ("company_id", &["company_id", "id"]),
    ("name", &["company_name", "name"]),
    ("industry", &["industry"]),
    ("n_employees", &["n_employees"]),
    ("annual_revenue", &["annual_revenue"]),
    ("founded_year", &["founded_year"]),
    ("parent_company_id", &["parent_company_id"]),
    ("country", &["country"]),
    ("region", &["region"]),
    ("city", &["city"]),
    ("postal_code", &["postal_code"]),
    ("latitude", &["latitude"]),
    ("longitude", &["longitude"]),
    ("created_at", &["created_at"]),
];

const ORDERS: [Slot; 18] = [
    ("order_id", &["order_id", "id"]),
    ("customer_id", &["customer_id"]),
    ("company_id", &["company_id"]),
    ("ordered_at", &["ordered_at", "date", "created_at", "occurred_at"]),
    ("amount", &["amount", "unit_price"]),
    ("refunded_amount", &["refunded_amount"]),
    ("discount_amount", &["discount_amount"]),
    ("shipping_amount", &["shipping_amount"]),
    ("tax_amount", &["tax_amount"]),
    ("currency", &["currency"]),
    ("status", &["status"]),
    ("channel", &["channel"]),
    ("discount_code", &["discount_code"]),
    ("n_items", &["n_items"]),
    // Not of the canonical table, but by them a customer is known.
    ("email", &["email"]),
    ("phone", &["phone"]),
    ("anonymous_id", &["anonymous_id"]),
    ("product_name", &["product_name"]),
];

const ORDER_LINES: [Slot; 15] = [
    ("order_id", &["order_id"]),
    ("line_id", &["line_id"]),
    ("customer_id", &["customer_id"]),
    ("company_id", &["company_id"]),
    ("ordered_at", &["ordered_at", "date", "created_at", "occurred_at"]),
    ("product_id", &["product_id"]),
    ("product_name", &["product_name"]),
    ("category", &["category"]),
    ("brand", &["brand"]),
    ("quantity", &["quantity"]),
    ("unit_price", &["unit_price"]),
    ("amount", &["amount"]),
    ("discount_amount", &["discount_amount"]),
    ("email", &["email"]),
    ("phone", &["phone"]),
];

const EVENTS: [Slot; 16] = [
    ("event_id", &["event_id", "id"]),
    ("customer_id", &["customer_id"]),
    ("anonymous_id", &["anonymous_id"]),
    ("company_id", &["company_id"]),
    ("occurred_at", &["occurred_at", "date", "created_at"]),
    ("name", &["event_name"]),
    ("value", &["amount", "unit_price"]),
    ("session_id", &["session_id"]),
    ("channel", &["channel"]),
    ("campaign", &["campaign"]),
    ("product_id", &["product_id"]),
    ("category", &["category"]),
    ("url", &["url"]),
    ("device", &["device"]),
    ("email", &["email"]),
    ("phone", &["phone"]),
];

const RESPONSES: [Slot; 10] = [
    ("response_id", &["response_id", "id"]),
    ("customer_id", &["customer_id"]),
    ("company_id", &["company_id"]),
    ("survey", &["survey"]),
    ("question", &["question"]),
    ("answered_at", &["answered_at", "date", "created_at", "occurred_at"]),
    ("answer", &["answer"]),
    ("email", &["email"]),
    ("phone", &["phone"]),
    ("anonymous_id", &["anonymous_id"]),
];

const FEEDBACK: [Slot; 11] = [
    ("feedback_id", &["feedback_id", "response_id", "id"]),
    ("customer_id", &["customer_id"]),
    ("company_id", &["company_id"]),
    ("given_at", &["given_at", "answered_at", "date", "created_at"]),
    ("text", &["text"]),
    ("rating", &["rating"]),
    ("channel", &["channel"]),
    ("product_id", &["product_id", "product_name"]),
    ("email", &["email"]),
    ("phone", &["phone"]),
    ("anonymous_id", &["anonymous_id"]),
];
