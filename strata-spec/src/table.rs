//! The canonical tables: what every source is turned into, and what every condition may speak of.
//!
//! The lists below are the one source of the schemas; the stage `canonical` builds its plans from them, the
//! documentation's `docs/tables.md` is generated from them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::manifest::Identifier;

/// What kind of thing a segment holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Persons.
    #[default]
    Customers,
    /// Business accounts.
    Companies,
}

impl Subject {
    /// Both subjects.
    pub const ALL: [Subject; 2] = [Subject::Customers, Subject::Companies];

    /// `customers` or `companies`.
    pub fn as_str(self) -> &'static str {
        self.table().as_str()
    }

    /// The canonical table with one row per subject.
    pub fn table(self) -> Table {
        match self {
            Subject::Customers => Table::Customers,
            Subject::Companies => Table::Companies,
        }
    }

    /// The column that holds the subject's id, in its own table and in every table of its rows.
    pub fn id_column(self) -> &'static str {
        match self {
            Subject::Customers => "customer_id",
            Subject::Companies => "company_id",
        }
    }

    /// The name by which a filter inside an aggregate reaches the subject: `customer.city`, `company.industry`.
    pub fn singular(self) -> &'static str {
        match self {
            Subject::Customers => "customer",
            Subject::Companies => "company",
        }
    }

    /// The lake table that holds this subject's traits.
    pub fn profile_table(self) -> &'static str {
        match self {
            Subject::Customers => "profile",
            Subject::Companies => "company_profile",
        }
    }

    /// The lake table that holds this subject's scores.
    pub fn score_table(self) -> &'static str {
        match self {
            Subject::Customers => "score",
            Subject::Companies => "company_score",
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// UTF-8 text.
    Text,
    /// A 64-bit whole number.
    Integer,
    /// A 64-bit floating-point number.
    Number,
    /// True or false.
    Boolean,
    /// A calendar day.
    Date,
    /// An instant, in microseconds, UTC.
    Timestamp,
    /// A JSON object as text.
    Json,
}

impl Kind {
    /// Every type.
    pub const ALL: [Kind; 7] =
        [Kind::Text, Kind::Integer, Kind::Number, Kind::Boolean, Kind::Date, Kind::Timestamp, Kind::Json];

    /// The word used in manifests and documentation.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::Integer => "integer",
            Kind::Number => "number",
            Kind::Boolean => "boolean",
            Kind::Date => "date",
            Kind::Timestamp => "timestamp",
            Kind::Json => "json",
        }
    }
}

/// A canonical table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// One row per person.
    Customers,
    /// One row per business account.
    Companies,
    /// One row per completed purchase.
    Orders,
    /// One row per product bought.
    OrderLines,
    /// One row per thing that happened: web, e-mail, campaign, cancelled order.
    Events,
    /// One row per answered survey question.
    Responses,
    /// One row per free text.
    Feedback,
}

/// A column of a canonical table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// A row without it is refused.
    pub required: bool,
    /// What it holds, with its unit.
    pub about: &'static str,
}

impl Table {
    /// Every canonical table.
    pub const ALL: [Table; 7] = [
        Table::Customers,
        Table::Companies,
        Table::Orders,
        Table::OrderLines,
        Table::Events,
        Table::Responses,
        Table::Feedback,
    ];

    /// The table's name in SQL and in manifests.
    pub fn as_str(self) -> &'static str {
        match self {
            Table::Customers => "customers",
            Table::Companies => "companies",
            Table::Orders => "orders",
            Table::OrderLines => "order_lines",
            Table::Events => "events",
            Table::Responses => "responses",
            Table::Feedback => "feedback",
        }
    }

    /// The table of that name.
    pub fn parse(name: &str) -> Option<Table> {
        Table::ALL.into_iter().find(|table| table.as_str() == name)
    }

    /// The columns that every project has; declared properties come after them.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Table::Customers => CUSTOMERS,
            Table::Companies => COMPANIES,
            Table::Orders => ORDERS,
            Table::OrderLines => ORDER_LINES,
            Table::Events => EVENTS,
            Table::Responses => RESPONSES,
            Table::Feedback => FEEDBACK,
        }
    }

    /// The column of that name.
    pub fn column(self, name: &str) -> Option<&'static Column> {
        self.columns().iter().find(|column| column.name == name)
    }

    /// The identifiers that a source may map for this table though it has no column for them: they find the row's customer
    /// and are kept in the table `identity`.
    pub fn identifiers(self) -> impl Iterator<Item = Identifier> {
        let of_customers = self.column(Subject::Customers.id_column()).is_some();
        let missing =
            move |identifier: &Identifier| of_customers && self.column(identifier.as_str()).is_none();
        Identifier::ALL.into_iter().filter(missing)
    }

    /// The column that says when a row happened; windows speak of it.
    pub fn time_column(self) -> &'static str {
        match self {
            Table::Customers | Table::Companies => "created_at",
            Table::Orders | Table::OrderLines => "ordered_at",
            Table::Events => "occurred_at",
            Table::Responses => "answered_at",
            Table::Feedback => "given_at",
        }
    }

    /// The column that identifies a row. Where a source has none, equal rows of two files are one row, and equal
    /// rows of one file are as many as that file says.
    pub fn key_column(self) -> &'static str {
        match self {
            Table::Customers => "customer_id",
            Table::Companies => "company_id",
            Table::Orders => "order_id",
            Table::OrderLines => "line_id",
            Table::Events => "event_id",
            Table::Responses => "response_id",
            Table::Feedback => "feedback_id",
        }
    }

    /// Whether a history is kept of a column of a subject's table, canonical or declared: of what describes the subject, and
    /// not of what says which one it is or since when it is known.
    pub fn keeps_history_of(self, column: &str) -> bool {
        const IDENTIFYING: [&str; 9] = [
            "customer_id",
            "company_id",
            "parent_company_id",
            "email",
            "phone",
            "first_name",
            "last_name",
            "name",
            "created_at",
        ];
        // A property that a project declares may have any of these names where the table has no such column.
        let identifies = IDENTIFYING.contains(&column) && self.column(column).is_some();
        self.subject().is_some() && !identifies
    }

    /// The subject of which this table has one row each, if it is a subject's own table.
    pub fn subject(self) -> Option<Subject> {
        Subject::ALL.into_iter().find(|subject| subject.table() == self)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// The property of customers that is false where a person objects to profiling: who is then in no profile, score or segment.
pub const PROFILING_CONSENT: &str = "profiling_consent";

/// The column, in every canonical table, with the leftovers of a row: what the manifest maps to no column, as a JSON object.
pub const PROPERTIES: &str = "properties";

/// The column, in every canonical table, with the name of the source that a row came from.
pub const SOURCE: &str = "source";

const fn needed(name: &'static str, kind: Kind, about: &'static str) -> Column {
    Column { name, kind, required: true, about }
}

const fn column(name: &'static str, kind: Kind, about: &'static str) -> Column {
    Column { name, kind, required: false, about }
}

const CUSTOMERS: &[Column] = &[
    needed("customer_id", Kind::Text, "the business's id of the person"),
    column("company_id", Kind::Text, "the account that the person belongs to"),
    column("email", Kind::Text, "e-mail address, lower case"),
    column("phone", Kind::Text, "telephone number as given"),
    column("first_name", Kind::Text, "given name"),
    column("last_name", Kind::Text, "family name"),
    column("birth_date", Kind::Date, "day of birth"),
    column("age", Kind::Integer, "age in years as given, where there is no day of birth"),
    column("gender", Kind::Text, "`female`, `male` or `other`"),
    column("income", Kind::Number, "yearly income in the project's currency"),
    column("education", Kind::Text, "highest degree, as given"),
    column("occupation", Kind::Text, "occupation, as given"),
    column("marital_status", Kind::Text, "`single`, `married`, `divorced`, `widowed`, or as given"),
    column("household_size", Kind::Integer, "persons in the household"),
    column("n_children", Kind::Integer, "children in the household"),
    column("preferred_language", Kind::Text, "language, as given"),
    column(
        "country",
        Kind::Text,
        "country: its ISO 3166-1 alpha-2 code, or as given where it is not recognised",
    ),
    column("region", Kind::Text, "state, province or region"),
    column("city", Kind::Text, "city"),
    column("postal_code", Kind::Text, "postal code"),
    column("latitude", Kind::Number, "degrees north"),
    column("longitude", Kind::Number, "degrees east"),
    column("urbanity", Kind::Text, "`urban`, `suburban`, `rural`, or as given"),
    column("climate", Kind::Text, "climate zone, as given"),
    column("accepts_marketing", Kind::Boolean, "whether the person has agreed to marketing messages"),
    column("created_at", Kind::Timestamp, "when the person became known"),
];

const COMPANIES: &[Column] = &[
    needed("company_id", Kind::Text, "the business's id of the account"),
    column("name", Kind::Text, "the account's name"),
    column("industry", Kind::Text, "industry, as given"),
    column("n_employees", Kind::Integer, "employees"),
    column("annual_revenue", Kind::Number, "yearly revenue, in the unit given"),
    column("founded_year", Kind::Integer, "year of foundation"),
    column("parent_company_id", Kind::Text, "the account that owns this one"),
    column(
        "country",
        Kind::Text,
        "country: its ISO 3166-1 alpha-2 code, or as given where it is not recognised",
    ),
    column("region", Kind::Text, "state, province or region"),
    column("city", Kind::Text, "city"),
    column("postal_code", Kind::Text, "postal code"),
    column("latitude", Kind::Number, "degrees north"),
    column("longitude", Kind::Number, "degrees east"),
    column("created_at", Kind::Timestamp, "when the account became known"),
];

const ORDERS: &[Column] = &[
    needed("order_id", Kind::Text, "the business's id of the order"),
    column("customer_id", Kind::Text, "who ordered; empty for a guest"),
    column("company_id", Kind::Text, "the account that ordered"),
    needed("ordered_at", Kind::Timestamp, "when"),
    column("amount", Kind::Number, "what was paid after refunds, in the project's currency"),
    column("refunded_amount", Kind::Number, "what was paid back, in the project's currency"),
    column("discount_amount", Kind::Number, "what was taken off the price, in the project's currency"),
    column("shipping_amount", Kind::Number, "shipping, in the project's currency"),
    column("tax_amount", Kind::Number, "tax, in the project's currency"),
    column("currency", Kind::Text, "the currency that the order was paid in"),
    column(
        "status",
        Kind::Text,
        "the order's state as given; cancelled, failed and wholly refunded orders are events, not orders",
    ),
    column("channel", Kind::Text, "where it was placed: `web`, `store`, `app`, as given"),
    column("discount_code", Kind::Text, "the voucher used"),
    column("n_items", Kind::Number, "units bought"),
];

const ORDER_LINES: &[Column] = &[
    needed("order_id", Kind::Text, "the order that the line belongs to"),
    column("line_id", Kind::Text, "the business's id of the line"),
    column("customer_id", Kind::Text, "who ordered; taken from the order where the line has none"),
    column(
        "company_id",
        Kind::Text,
        "the account that ordered; taken from the order where the line has none",
    ),
    column("ordered_at", Kind::Timestamp, "when; taken from the order where the line has none"),
    column("product_id", Kind::Text, "the product's id"),
    column("product_name", Kind::Text, "the product's name"),
    column("category", Kind::Text, "the product's category"),
    column("brand", Kind::Text, "the product's brand"),
    column("quantity", Kind::Number, "units bought"),
    column("unit_price", Kind::Number, "price of one unit, in the project's currency"),
    column(
        "amount",
        Kind::Number,
        "price of the line, in the project's currency; quantity × unit price where not given",
    ),
    column("discount_amount", Kind::Number, "what was taken off the line, in the project's currency"),
];

const EVENTS: &[Column] = &[
    column("event_id", Kind::Text, "the source's id of the event"),
    column("customer_id", Kind::Text, "who did it; empty for an anonymous visitor"),
    column("anonymous_id", Kind::Text, "the visitor's device id"),
    column("company_id", Kind::Text, "the account concerned"),
    needed("occurred_at", Kind::Timestamp, "when"),
    needed("name", Kind::Text, "what happened"),
    column("value", Kind::Number, "what it was worth, in the project's currency"),
    column("session_id", Kind::Text, "the visit that it belongs to"),
    column("channel", Kind::Text, "`web`, `email`, `app`, as given"),
    column("campaign", Kind::Text, "the campaign that it belongs to"),
    column("product_id", Kind::Text, "the product concerned"),
    column("category", Kind::Text, "the product category concerned"),
    column("url", Kind::Text, "the page concerned"),
    column("device", Kind::Text, "device or platform"),
];

const RESPONSES: &[Column] = &[
    column("response_id", Kind::Text, "the survey tool's id of the completed form"),
    column("customer_id", Kind::Text, "who answered"),
    column("company_id", Kind::Text, "the account concerned"),
    column("survey", Kind::Text, "the survey"),
    needed("question", Kind::Text, "the question, as its column is headed"),
    column("answered_at", Kind::Timestamp, "when"),
    needed("answer", Kind::Text, "the answer as given"),
    column("answer_number", Kind::Number, "the answer as a number, where it is one"),
    column(
        "item",
        Kind::Text,
        "the item of a questionnaire that the question is; found where `[surveys]` names the questionnaire",
    ),
    column("scale", Kind::Text, "the trait that the answer counts towards; found likewise"),
    column(
        "points",
        Kind::Number,
        "what the answer counts towards it: its number, turned round where agreement means less; found likewise",
    ),
];

const FEEDBACK: &[Column] = &[
    column("feedback_id", Kind::Text, "the source's id of the text"),
    column("customer_id", Kind::Text, "who wrote it"),
    column("company_id", Kind::Text, "the account concerned"),
    column("given_at", Kind::Timestamp, "when"),
    needed("text", Kind::Text, "what was written"),
    column("rating", Kind::Number, "stars or points given with it"),
    column("channel", Kind::Text, "`review`, `support`, `survey`, as given"),
    column("product_id", Kind::Text, "the product concerned"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_its_key_and_time_columns() {
        for table in Table::ALL {
            assert!(table.column(table.key_column()).is_some(), "{table} lacks its key");
            let time = table.column(table.time_column()).unwrap_or_else(|| panic!("{table} lacks its time"));
            assert_eq!(time.kind, Kind::Timestamp);
            assert_eq!(Table::parse(table.as_str()), Some(table));
        }
    }

    #[test]
    fn a_history_is_kept_of_what_describes_a_subject() {
        let cases = [
            (Table::Customers, "city", true),
            (Table::Customers, "birth_date", true),
            (Table::Customers, "plan", true),
            (Table::Customers, "company_id", false),
            (Table::Customers, "email", false),
            (Table::Customers, "created_at", false),
            (Table::Companies, "name", false),
            // A property that happens to have a name which identifies elsewhere.
            (Table::Companies, "email", true),
            (Table::Customers, "name", true),
            (Table::Orders, "status", false),
        ];
        for (table, column, expected) in cases {
            assert_eq!(table.keeps_history_of(column), expected, "{table}.{column}");
        }
    }

    #[test]
    fn column_names_are_unique_within_a_table() {
        for table in Table::ALL {
            let mut names: Vec<_> = table.columns().iter().map(|column| column.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), table.columns().len(), "{table} repeats a column");
        }
    }
}
