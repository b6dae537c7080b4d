//! A file of no known system: which tables its rows can be, by the columns that are found for each.

use strata_spec::manifest::ColumnSource;
use strata_spec::table::Table;
use strata_spec::vendor::{CUSTOMER, quoted};

use super::draft::{Draft, DraftTable, Key, Keys};
use super::evidence::{Evidence, grouped};
use super::fill::{ATTRIBUTES, FIRMOGRAPHICS, Filled, Pick, Seen, fill, fill_by_name, slots};
use super::words::Kind;
use super::{FileSample, ProposedTable, exact, headless, project, survey};

/// The space of the ids that unknown files call customer ids; whether two files mean one the values decide.
pub(super) const OWN_SPACE: &str = "customer id";

/// The id of a row that has none of its own.
pub(super) const ROW_ID: &str = "_file || ':' || cast(_line as varchar)";

/// A proposal for a file that is no known export.
pub(super) fn draft(sample: &FileSample, evidence: &[Evidence]) -> Draft {
    if sample.columns.is_empty() {
        return Draft::left_out("an empty file", "the file is empty");
    }
    if let ([only], true) = (sample.columns.as_slice(), stands_in_columns(sample)) {
        let reason = format!(
            "its columns are set apart by spaces, which cannot be told from spaces within values ('{only}'): save it as CSV"
        );
        return Draft::left_out("a text with columns of spaces", reason);
    }
    if evidence.iter().all(|each| each.n_filled == 0) {
        return Draft::left_out(
            "a file without rows",
            "the file has a header and no rows, so that nothing says what its columns hold",
        );
    }
    if !sample.dialect.header {
        return headless::draft(sample, evidence);
    }
    let columns: Vec<Seen> =
        sample.columns.iter().zip(evidence).map(|(header, evidence)| Seen { header, evidence }).collect();
    let exact = exact::table(&columns).filter(|&table| !asks(table, sample, evidence));
    let file = File { sample, evidence, columns, exact };
    if let Some(table) = exact {
        return file.exactly(table);
    }
    let found = [
        file.long_survey(),
        file.order_lines(),
        file.events(),
        file.orders(),
        file.wide_survey(),
        file.feedback(),
        file.companies(),
        file.customers(),
    ];
    let reason = || {
        let numbers = "neither customers (an id or e-mail address), nor orders (who, when, how much), nor events (who, when, what), nor answers or texts can be told from its headers and values";
        Draft::left_out("a file of unknown kind", numbers)
    };
    found.into_iter().flatten().next().unwrap_or_else(reason)
}

/// Whether each row of a file that no delimiter divides has as many words as the others, and several.
fn stands_in_columns(sample: &FileSample) -> bool {
    let words = |row: &Vec<Option<String>>| match row.first() {
        Some(Some(line)) => line.split_whitespace().count(),
        _ => 0,
    };
    let mut counts = sample.rows.iter().take(100).map(words);
    let first = counts.next().unwrap_or_default();
    first >= 3 && sample.rows.len() > 1 && counts.all(|count| count == first)
}

/// Whether columns beside those of the table are the questions of a survey.
fn asks(table: Table, sample: &FileSample, evidence: &[Evidence]) -> bool {
    let taken: Vec<&str> = table.columns().iter().map(|column| column.name).collect();
    !survey::questions(sample, evidence, &taken).is_empty()
}

struct File<'a> {
    sample: &'a FileSample,
    evidence: &'a [Evidence],
    columns: Vec<Seen<'a>>,
    /// The table that the headers name, column by column.
    exact: Option<Table>,
}

impl File<'_> {
    /// A file of which the headers name the table.
    fn exactly(&self, table: Table) -> Draft {
        let more = match table {
            Table::Orders => self.orders(),
            Table::OrderLines => self.order_lines(),
            _ => None,
        };
        more.unwrap_or_else(|| {
            let found = self.fill(table);
            let keys = if table == Table::Companies { Keys::default() } else { self.keys(&found) };
            let title = table.as_str().replace('_', " ");
            let mut draft = self.start(&title, &found, keys, table);
            if table.subject().is_none() {
                self.add_customers(&mut draft, &found);
            }
            draft
        })
    }

    fn order_lines(&self) -> Option<Draft> {
        let found = self.fill(Table::OrderLines);
        let order = found.get("order_id").filter(|pick| pick.score >= 0.6)?;
        let product = found.count(&["product_id", "product_name"]) > 0;
        let priced = found.has("quantity") && found.count(&["unit_price", "amount"]) > 0;
        let repeats = self.columns[order.at].evidence.distinctness() < 0.98;
        let lines =
            (product && (repeats || priced) && found.count(&["quantity", "unit_price", "amount"]) > 0)
                || (repeats && priced);
        if !lines {
            return None;
        }
        let keys = self.keys(&found);
        let mut draft = self.start("lines of orders", &found, keys, Table::OrderLines);
        let seen = self.columns[order.at].evidence;
        draft.notes.push(format!(
            "One row per product bought: {} rows share {} values of {}.",
            grouped(seen.n_filled),
            grouped(seen.n_distinct),
            self.columns[order.at].header
        ));
        match (found.has("ordered_at"), draft.keys.is_empty() && !found.has("company_id")) {
            (true, false) => draft.notes.push("Orders are made from the lines.".to_owned()),
            _ => {
                draft.notes.push("Who ordered, and when, comes from the orders of another source.".to_owned())
            }
        }
        if let Some(quantity) = found.get("quantity") {
            let seen = self.columns[quantity.at].evidence;
            if seen.n_negative > 0 {
                draft.notes.push(format!(
                    "{} of {} quantities are negative: returned or cancelled lines.",
                    grouped(seen.n_negative),
                    grouped(seen.n_filled)
                ));
            }
        }
        self.leave_out_cancelled(&mut draft, &found);
        self.add_customers(&mut draft, &found);
        Some(draft)
    }

    /// Lines have no state of their own, and orders that are made of them would count though they came to nothing.
    fn leave_out_cancelled(&self, draft: &mut Draft, lines: &Filled) {
        let orders = self.fill(Table::Orders);
        let free = |at: usize| lines.picks().iter().all(|pick| pick.at != at);
        let Some(status) = orders.get("status").filter(|pick| free(pick.at)) else { return };
        let seen = &self.columns[status.at];
        let mut words: Vec<&String> = seen.evidence.counts.keys().filter(|word| is_void(word)).collect();
        words.sort();
        if words.is_empty() {
            return;
        }
        let listed: Vec<String> =
            words.into_iter().map(|word| format!("'{}'", word.replace('\'', "''"))).collect();
        let lines = &mut draft.tables[0].table;
        lines.filter = Some(format!("coalesce({}, '') not in ({})", quoted(seen.header), listed.join(", ")));
        lines.why = Some(format!("without orders that came to nothing, as {} says", seen.header));
    }

    fn events(&self) -> Option<Draft> {
        let found = self.fill(Table::Events);
        let who = found.count(&["customer_id", "anonymous_id", "company_id", "email"]) > 0;
        let orders = self.fill(Table::Orders);
        let ordered =
            orders.has_plainly("order_id") && orders.has_plainly("amount") && !same_id(&orders, &found);
        if !(who && found.has("occurred_at") && found.has_plainly("name")) || ordered {
            return None;
        }
        let keys = self.keys(&found);
        let mut draft = self.start("events", &found, keys, Table::Events);
        self.add_customers(&mut draft, &found);
        Some(draft)
    }

    fn orders(&self) -> Option<Draft> {
        let found = self.fill(Table::Orders);
        let lines = self.fill(Table::OrderLines);
        let keys = self.keys(&found);
        let who = !keys.is_empty() || found.has("company_id");
        let numbered = found.has_plainly("order_id");
        let time = found.get("ordered_at")?;
        let product_of_both = lines.has("quantity") && lines.has("unit_price");
        let worth = found.has("amount") || product_of_both;
        // A list of customers has a date and a sum too: when they joined and what they have spent.
        let listed = time.role == "created_at" || self.describes_people();
        if !who || !(worth || numbered) || (!numbered && listed) {
            return None;
        }
        let mut draft =
            self.start(if are_deals(&found) { "deals" } else { "orders" }, &found, keys, Table::Orders);
        let orders = &mut draft.tables[0].table;
        if !found.has("order_id") {
            let why = "no column numbers the orders, so each row is one".to_owned();
            orders.columns.insert(0, column("order_id", ROW_ID, why));
        }
        if let (true, Some(quantity), Some(price)) =
            (product_of_both, lines.get("quantity"), lines.get("unit_price"))
            && found.get("amount").is_none_or(|amount| amount.at == price.at)
        {
            let (quantity, price) = (&self.columns[quantity.at], &self.columns[price.at]);
            let sql = format!("number({}) * number({})", quoted(quantity.header), quoted(price.header));
            orders.columns.retain(|column| column.name != "amount");
            orders.push("amount", ColumnSource::Sql(sql), "quantity × price of one unit".to_owned());
        }
        if let Some(won) = found.get("status").and_then(|pick| self.won(pick.at)) {
            orders.filter =
                Some(format!("{} = '{}'", quoted(self.columns[won.0].header), won.1.replace('\'', "''")));
            orders.why = Some("the deals that were won".to_owned());
        }
        if numbered {
            self.add_lines(&mut draft, &found, &lines);
        }
        self.add_customers(&mut draft, &found);
        Some(draft)
    }

    /// Which product each order was for, where a row says one. Customer and time come from the order.
    fn add_lines(&self, draft: &mut Draft, orders: &Filled, lines: &Filled) {
        let mut table = ProposedTable::of(
            Table::OrderLines,
            "what was bought; customer and time come from the order".to_owned(),
        );
        table.filter = draft.tables[0].table.filter.clone();
        for name in ["order_id", "product_id", "product_name", "category", "brand"] {
            let pick = if name == "order_id" { orders.get(name) } else { lines.get(name) };
            let free = |at: usize| {
                name == "order_id"
                    || orders.picks().iter().all(|order| order.at != at || order.slot == "product_name")
            };
            if let Some(pick) = pick.filter(|pick| free(pick.at)) {
                table.push(name, pick.source(&self.columns), pick.why(&self.columns));
            }
        }
        if table.column("product_id").or(table.column("product_name")).is_none() {
            return;
        }
        if let Some(amount) = draft.tables[0].table.column("amount") {
            table.push("amount", amount.source.clone(), "each order has one line".to_owned());
        }
        draft.tables.push(DraftTable { fallback: false, table });
    }

    fn long_survey(&self) -> Option<Draft> {
        let found = self.fill(Table::Responses);
        if !(found.has_plainly("question") && found.has_plainly("answer")) {
            return None;
        }
        let keys = self.keys(&found);
        Some(self.start("answers to questions, one a row", &found, keys, Table::Responses))
    }

    fn wide_survey(&self) -> Option<Draft> {
        let found = self.fill(Table::Responses);
        let customers = self.fill(Table::Customers);
        let taken: Vec<&str> = found
            .picks()
            .iter()
            .filter(|pick| pick.slot != "question" && pick.slot != "answer" && pick.slot != "survey")
            .chain(customers.picks().iter().filter(|pick| pick.score >= 0.9))
            .map(|pick| self.columns[pick.at].header)
            .collect();
        let questions = survey::questions(self.sample, self.evidence, &taken);
        if questions.is_empty() {
            return None;
        }
        let mut table = ProposedTable::of(
            Table::Responses,
            format!("{} columns ask a question", grouped(questions.len() as u64)),
        );
        let mut keys = self.keys(&found);
        let completed = found.get("response_id").map(|pick| pick.source(&self.columns));
        let response = completed.unwrap_or_else(|| ColumnSource::Sql(ROW_ID.to_owned()));
        table.push("response_id", response.clone(), "each row is one completed form".to_owned());
        let stem = project::stem(&self.sample.path);
        if keys.is_empty() {
            let why = "nobody is named, so each completed form is a customer of its own".to_owned();
            keys.own = Some((format!("form in {stem}"), Key { source: response, why: Some(why) }));
        }
        table.push_customer(&keys);
        let title = ColumnSource::Sql(format!("'{}'", stem.replace('\'', "''")));
        table.push("survey", title, "from the file's name; write the survey's title here".to_owned());
        if let Some(time) = found.get("answered_at") {
            table.push("answered_at", time.source(&self.columns), time.why(&self.columns));
        }
        table.questions = questions;
        let feedback = survey::feedback(&table, self.sample, self.evidence);
        let tables =
            [Some(table), feedback].into_iter().flatten().map(|table| DraftTable { fallback: false, table });
        let mut draft = Draft {
            title: "a survey with a column for each question".to_owned(),
            keys,
            tables: tables.collect(),
            ..Draft::default()
        };
        self.add_customers(&mut draft, &found);
        Some(draft)
    }

    fn feedback(&self) -> Option<Draft> {
        let found = self.fill(Table::Feedback);
        let text = found.get("text")?;
        if self.columns[text.at].evidence.suits(Kind::LongText) == 0.0 {
            return None;
        }
        let keys = self.keys(&found);
        Some(self.start("free texts", &found, keys, Table::Feedback))
    }

    fn companies(&self) -> Option<Draft> {
        let found = self.fill(Table::Companies);
        let id = found.get("company_id")?;
        let unique = self.columns[id.at].evidence.distinctness() >= 0.95;
        if !unique || found.count(&FIRMOGRAPHICS) == 0 {
            return None;
        }
        let mut draft = self.start("companies", &found, Keys::default(), Table::Companies);
        let companies = &mut draft.tables[0].table;
        if let (None, Some(id)) = (companies.column("name"), companies.column("company_id").cloned()) {
            let why = "the account is known by its name".to_owned();
            let named = self.columns[found.get("company_id")?.at].evidence;
            if named.share(named.n_integers) < 0.5 && named.mean_length() > 3.0 {
                companies.columns.insert(
                    1,
                    super::ProposedColumn { name: "name".to_owned(), source: id.source, why: Some(why) },
                );
            }
        }
        Some(draft)
    }

    fn customers(&self) -> Option<Draft> {
        let found = self.fill(Table::Customers);
        let keys = self.keys(&found);
        let key = found.get("customer_id").or(found.get("email"))?;
        let unique = self.columns[key.at].evidence.distinctness() >= 0.9;
        let attributes = found.count(&ATTRIBUTES) + usize::from(found.has("created_at"));
        (unique && (attributes > 0 || found.has("email")) || attributes >= 3)
            .then(|| self.start("customers", &found, keys, Table::Customers))
    }

    /// What the rows of another table say about the person.
    fn add_customers(&self, draft: &mut Draft, other: &Filled) {
        let taken: Vec<usize> = other
            .picks()
            .iter()
            .filter(|pick| !["customer_id", "email", "phone", "company_id"].contains(&pick.slot))
            .map(|pick| pick.at)
            .collect();
        let asked: Vec<String> =
            draft.tables.iter().flat_map(|each| each.table.questions.iter().cloned()).collect();
        let mut found = fill(slots(Table::Customers), &self.columns, &taken);
        found.retain(|pick| {
            let kept = ATTRIBUTES.contains(&pick.slot) || pick.slot == "email";
            kept && !asked.iter().any(|question| question == self.columns[pick.at].header)
        });
        if draft.keys.is_empty() || found.picks().is_empty() {
            return;
        }
        let mut table =
            ProposedTable::of(Table::Customers, "what the same rows say about the customer".to_owned());
        table.filter = Some(format!("{CUSTOMER} is not null"));
        table.push_customer(&draft.keys);
        self.push_all(&mut table, &found);
        draft.tables.insert(0, DraftTable { fallback: false, table });
    }

    fn fill(&self, table: Table) -> Filled {
        if self.exact == Some(table) {
            return fill_by_name(table, &self.columns);
        }
        fill(slots(table), &self.columns, &[])
    }

    fn start(&self, title: &str, found: &Filled, keys: Keys, table: Table) -> Draft {
        let mut proposed = ProposedTable::of(table, None);
        self.push_all(&mut proposed, found);
        if !keys.is_empty() && table.column("customer_id").is_some() {
            proposed.columns.retain(|column| column.name != "customer_id");
            proposed.push_customer(&keys);
        }
        let order = |name: &str| table.columns().iter().position(|column| column.name == name);
        proposed.columns.sort_by_key(|column| order(&column.name));
        Draft {
            title: title.to_owned(),
            keys,
            tables: vec![DraftTable { fallback: false, table: proposed }],
            ..Draft::default()
        }
    }

    fn push_all(&self, table: &mut ProposedTable, found: &Filled) {
        for pick in found.picks() {
            if pick.slot == "customer_id" || table.table.column(pick.slot).is_none() {
                continue;
            }
            table.push(pick.slot, pick.source(&self.columns), pick.why(&self.columns));
        }
    }

    fn keys(&self, found: &Filled) -> Keys {
        let mut keys = Keys::default();
        if let Some(pick) = found.get("customer_id") {
            let seen = &self.columns[pick.at];
            if seen.evidence.suits(Kind::Email) >= 0.9 {
                keys.email = Some(self.key(pick));
            } else {
                keys.guests = seen.evidence.n_missing > 0;
                keys.own = Some((OWN_SPACE.to_owned(), self.key(pick)));
            }
        }
        keys.email = found.get("email").map(|pick| self.key(pick)).or(keys.email);
        keys.phone = found.get("phone").map(|pick| self.key(pick));
        keys.anonymous = found.get("anonymous_id").map(|pick| self.key(pick));
        keys
    }

    fn key(&self, pick: &Pick) -> Key {
        Key { source: pick.source(&self.columns), why: Some(pick.why(&self.columns)) }
    }

    /// The status of a deal that was won, where the column has one.
    fn won(&self, at: usize) -> Option<(usize, String)> {
        const WON: [&str; 7] = ["won", "closed won", "closedwon", "gewonnen", "gagné", "gagnée", "ganada"];
        let values = &self.columns[at].evidence.counts;
        values
            .keys()
            .find(|value| WON.contains(&value.to_lowercase().as_str()))
            .map(|value| (at, value.clone()))
    }

    /// Whether the columns speak of persons rather than of purchases.
    fn describes_people(&self) -> bool {
        const PERSONAL: [&str; 9] = [
            "birth_date",
            "age",
            "gender",
            "income",
            "education",
            "occupation",
            "marital_status",
            "n_children",
            "accepts_marketing",
        ];
        let found = self.fill(Table::Customers);
        let key = found.get("customer_id").or(found.get("email"));
        let unique = key.is_some_and(|pick| self.columns[pick.at].evidence.distinctness() >= 0.98);
        unique && found.count(&PERSONAL) >= 2
    }
}

fn same_id(orders: &Filled, events: &Filled) -> bool {
    match (orders.get("order_id"), events.get("event_id")) {
        (Some(order), Some(event)) => order.at == event.at,
        _ => false,
    }
}

/// Whether a state says that an order was cancelled, has failed or was wholly paid back.
fn is_void(status: &str) -> bool {
    const WORDS: [&str; 18] = [
        "cancelled",
        "canceled",
        "voided",
        "void",
        "failed",
        "refunded",
        "returned",
        "storniert",
        "abgebrochen",
        "erstattet",
        "annulé",
        "annulée",
        "remboursé",
        "remboursée",
        "cancelado",
        "cancelada",
        "anulado",
        "reembolsado",
    ];
    WORDS.contains(&status.trim().to_lowercase().as_str())
}

fn are_deals(found: &Filled) -> bool {
    found.has("company_id") && !found.has("customer_id")
}

fn column(name: &str, sql: &str, why: String) -> super::ProposedColumn {
    super::ProposedColumn { name: name.to_owned(), source: ColumnSource::Sql(sql.to_owned()), why: Some(why) }
}
