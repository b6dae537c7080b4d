//! The shop as Parquet files with the columns of the canonical tables: clean, and written at speed, for tests of scale.

use std::fmt::Write as _;
use std::path::Path;

use super::business::{Company, record_of};
use super::calendar::END;
use super::catalogue::CATEGORIES;
use super::columns::Columns;
use super::columns::Kind::{Day, Id, Instant, Integer, Number, Text, Truth as Flag};
use super::exports::{anonymous_id, device_name, session_id};
use super::history::{History, World};
use super::person::Person;
use super::survey::{FAVOURITE, ITEMS, OPEN, RECOMMEND};
use super::truth::{Truth, Written};
use super::visits::Known;
use super::{Result, columns};

const ROWS_PER_FILE: u64 = 2_000_000;

/// The files being written, and scratch space for ids.
pub(super) struct Canonical {
    customers: Columns,
    companies: Columns,
    orders: Columns,
    lines: Columns,
    events: Columns,
    responses: Columns,
    feedback: Columns,
    id: String,
    order: String,
    company: String,
}

type Header = [(&'static str, columns::Kind)];

const CUSTOMERS: &Header = &[
    ("customer_id", Id),
    ("company_id", Text),
    ("email", Id),
    ("phone", Id),
    ("first_name", Text),
    ("last_name", Text),
    ("birth_date", Day),
    ("gender", Text),
    ("income", Number),
    ("education", Text),
    ("occupation", Text),
    ("marital_status", Text),
    ("household_size", Integer),
    ("n_children", Integer),
    ("preferred_language", Text),
    ("country", Text),
    ("region", Text),
    ("city", Text),
    ("postal_code", Text),
    ("latitude", Number),
    ("longitude", Number),
    ("urbanity", Text),
    ("climate", Text),
    ("accepts_marketing", Flag),
    ("created_at", Instant),
];
const COMPANIES: &Header = &[
    ("company_id", Id),
    ("name", Id),
    ("industry", Text),
    ("n_employees", Integer),
    ("annual_revenue", Number),
    ("founded_year", Integer),
    ("parent_company_id", Text),
    ("country", Text),
    ("region", Text),
    ("city", Text),
    ("postal_code", Text),
    ("latitude", Number),
    ("longitude", Number),
    ("created_at", Instant),
];
const ORDERS: &Header = &[
    ("order_id", Id),
    ("customer_id", Id),
    ("company_id", Text),
    ("ordered_at", Instant),
    ("amount", Number),
    ("refunded_amount", Number),
    ("discount_amount", Number),
    ("shipping_amount", Number),
    ("tax_amount", Number),
    ("currency", Text),
    ("status", Text),
    ("channel", Text),
    ("discount_code", Text),
    ("n_items", Number),
];
const LINES: &Header = &[
    ("order_id", Id),
    ("line_id", Id),
    ("customer_id", Id),
    ("company_id", Text),
    ("ordered_at", Instant),
    ("product_id", Text),
    ("product_name", Text),
    ("category", Text),
    ("brand", Text),
    ("quantity", Number),
    ("unit_price", Number),
    ("amount", Number),
    ("discount_amount", Number),
];
const EVENTS: &Header = &[
    ("event_id", Id),
    ("customer_id", Id),
    ("anonymous_id", Id),
    ("occurred_at", Instant),
    ("name", Text),
    ("value", Number),
    ("session_id", Id),
    ("channel", Text),
    ("campaign", Text),
    ("product_id", Text),
    ("category", Text),
    ("device", Text),
];
const RESPONSES: &Header = &[
    ("response_id", Id),
    ("customer_id", Id),
    ("survey", Text),
    ("question", Text),
    ("answered_at", Instant),
    ("answer", Text),
    ("answer_number", Number),
];
const FEEDBACK: &Header = &[
    ("feedback_id", Id),
    ("customer_id", Id),
    ("given_at", Instant),
    ("text", Id),
    ("rating", Number),
    ("channel", Text),
    ("product_id", Text),
];

impl Canonical {
    pub(super) fn create(folder: &Path) -> Self {
        let table = |name: &str, header: &Header, most| Columns::new(&folder.join(name), header, most);
        Self {
            customers: table("customers.parquet", CUSTOMERS, None),
            companies: table("companies.parquet", COMPANIES, None),
            orders: table("orders.parquet", ORDERS, Some(ROWS_PER_FILE)),
            lines: table("order_lines.parquet", LINES, Some(ROWS_PER_FILE)),
            events: table("events.parquet", EVENTS, Some(ROWS_PER_FILE)),
            responses: table("responses.parquet", RESPONSES, None),
            feedback: table("feedback.parquet", FEEDBACK, None),
            id: String::new(),
            order: String::new(),
            company: String::new(),
        }
    }

    /// Writes all of one customer.
    pub(super) fn customer(
        &mut self,
        world: &World,
        person: &Person,
        history: &History,
        truth: &mut Truth,
    ) -> Result<()> {
        for company in Company::met_with(world.seed, person.number) {
            self.company(&company)?;
        }
        for account in 0..person.accounts.len() {
            self.account(person, account, truth)?;
        }
        self.orders(world, person, history)?;
        self.events(world, person, history, truth)?;
        self.texts(world, person, history, truth)
    }

    /// Ends the files; the answer is their names and numbers of rows.
    pub(super) fn close(self) -> Result<Written> {
        let mut files = Vec::new();
        let tables = [
            self.customers,
            self.companies,
            self.orders,
            self.lines,
            self.events,
            self.responses,
            self.feedback,
        ];
        for table in tables {
            for (path, rows) in table.close()? {
                files.push((path.file_name().unwrap_or_default().to_string_lossy().into_owned(), rows));
            }
        }
        Ok(files)
    }

    fn company(&mut self, company: &Company) -> Result<()> {
        let place = company.home.place;
        self.companies
            .text(&company.id().to_string())
            .text(&company.name)
            .text(company.industry)
            .integer(Some(company.n_employees))
            .number(Some(company.annual_revenue as f64))
            .integer(Some(company.founded_year))
            .text(&company.parent.map(|parent| record_of(parent).to_string()).unwrap_or_default())
            .text(place.country)
            .text(place.region)
            .text(place.city)
            .text(place.postal_code)
            .number(Some(company.home.latitude))
            .number(Some(company.home.longitude))
            .integer(Some(company.created_at));
        self.companies.end()
    }

    fn account(&mut self, person: &Person, index: usize, truth: &mut Truth) -> Result<()> {
        let account = &person.accounts[index];
        let (home, job) = (person.home(END), person.job(END));
        push_id(&mut self.id, person.number, index);
        push_company(&mut self.company, person, END);
        for (kind, value) in [("customer_id", &self.id), ("email", &account.email), ("phone", &person.phone)]
        {
            truth.identifier("customers.parquet", kind, value, Some(person.number), "")?;
        }
        let n_children = person.n_children(END);
        self.customers
            .text(&self.id)
            .text(&self.company)
            .text(&account.email)
            .text(&person.phone)
            .text(person.first_name)
            .text(person.last_name)
            .integer(Some(person.birth_day))
            .text(person.gender)
            .number(Some(job.income))
            .text(person.degree)
            .text(job.title)
            .text(person.marital_status)
            .integer(Some(person.adults + n_children))
            .integer(Some(n_children))
            .text(person.language)
            .text(home.place.country)
            .text(home.place.region)
            .text(home.place.city)
            .text(home.place.postal_code)
            .number(Some(home.latitude))
            .number(Some(home.longitude))
            .text(home.place.urbanity)
            .text(home.place.climate())
            .truth(person.accepts_marketing)
            .integer(Some(account.from));
        self.customers.end()
    }

    fn orders(&mut self, world: &World, person: &Person, history: &History) -> Result<()> {
        for order in &history.orders {
            push_id(&mut self.id, person.number, order.account);
            push_company(&mut self.company, person, order.at);
            push_number(&mut self.order, 'O', order.number, 12);
            self.orders
                .text(&self.order)
                .text(&self.id)
                .text(&self.company)
                .integer(Some(order.at))
                .cents(order.total - order.refunded)
                .cents(order.refunded)
                .cents(order.discount)
                .cents(order.shipping)
                .cents(order.tax)
                .text("EUR")
                .text(order.state.name())
                .text(order.channel.name())
                .text(order.voucher.unwrap_or_default())
                .number(Some(order.n_items as f64));
            self.orders.end()?;
            let n_digits = self.order.len();
            for (index, line) in history.lines[order.lines.clone()].iter().enumerate() {
                let product = &world.catalogue.products[line.product];
                self.lines.text(&self.order);
                let _ = write!(self.order, "-{}", index + 1);
                self.lines
                    .text(&self.order)
                    .text(&self.id)
                    .text(&self.company)
                    .integer(Some(order.at))
                    .text(&product.sku)
                    .text(&product.name)
                    .text(CATEGORIES[product.category])
                    .text(product.brand)
                    .number(Some(line.quantity as f64))
                    .cents(line.price)
                    .cents(line.price * line.quantity - line.discount)
                    .cents(line.discount);
                self.order.truncate(n_digits);
                self.lines.end()?;
            }
        }
        Ok(())
    }

    fn events(&mut self, world: &World, person: &Person, history: &History, truth: &mut Truth) -> Result<()> {
        for (index, event) in history.events.iter().enumerate() {
            push_number(&mut self.order, 'E', person.number * 1000 + index as u64, 12);
            push_id(&mut self.id, person.number, 0);
            let mail = event.what.is_mail();
            let anonymous =
                if mail { String::new() } else { anonymous_id(world.seed, person.number, event.device) };
            if !mail {
                truth.identifier("events.parquet", "anonymous_id", &anonymous, Some(person.number), "")?;
            }
            let product = event.product.map(|at| &world.catalogue.products[at]);
            self.events
                .text(&self.order)
                .text(if event.known == Known::Nobody { "" } else { &self.id })
                .text(&anonymous)
                .integer(Some(event.at))
                .text(event.what.name())
                .number((event.value > 0).then_some(event.value as f64 / 100.0))
                .text(&if mail { String::new() } else { session_id(world.seed, person.number, event.visit) })
                .text(if mail {
                    "email"
                } else if event.in_app {
                    "app"
                } else {
                    "web"
                })
                .text(event.campaign.map_or("", |at| &world.campaigns[at].name))
                .text(product.map_or("", |product| &product.sku))
                .text(product.map_or("", |product| CATEGORIES[product.category]))
                .text(if mail { "" } else { device_name(event.device) });
            self.events.end()?;
        }
        Ok(())
    }

    fn texts(&mut self, world: &World, person: &Person, history: &History, truth: &mut Truth) -> Result<()> {
        for review in &history.reviews {
            push_id(&mut self.id, person.number, review.account);
            push_number(&mut self.order, 'R', review.order, 12);
            truth.text(&self.order, person, review.topic, review.mood)?;
            self.feedback
                .text(&self.order)
                .text(&self.id)
                .integer(Some(review.at))
                .text(&review.text)
                .number(Some(f64::from(review.stars)))
                .text(review.channel)
                .text(&world.catalogue.products[review.product].sku);
            self.feedback.end()?;
        }
        let Some(answers) = &history.answers else { return Ok(()) };
        push_id(&mut self.id, person.number, 0);
        push_number(&mut self.order, 'F', person.number, 9);
        let mut add = |question: &str, answer: &str, number: Option<f64>| {
            self.responses
                .text(&self.order)
                .text(&self.id)
                .text("Autumn survey")
                .text(question)
                .integer(Some(answers.at))
                .text(answer)
                .number(number);
            self.responses.end()
        };
        for (item, points) in ITEMS.iter().zip(answers.points) {
            if let Some(points) = points {
                add(item.text, &points.to_string(), Some(f64::from(points)))?;
            }
        }
        let Some(rest) = &answers.rest else { return Ok(()) };
        add(RECOMMEND, &rest.recommend.to_string(), Some(f64::from(rest.recommend)))?;
        add(FAVOURITE, rest.favourite, None)?;
        if let Some(text) = &rest.text {
            truth.text(&format!("F{:09}", person.number), person, rest.topic, rest.mood)?;
            add(OPEN, text, None)?;
        }
        Ok(())
    }
}

/// `C0000012`, and `C0000012-2` for the second id of the same person.
fn push_id(id: &mut String, person: u64, account: usize) {
    push_number(id, 'C', person, 7);
    if account > 0 {
        let _ = write!(id, "-{}", account + 1);
    }
}

fn push_company(company: &mut String, person: &Person, at: i64) {
    company.clear();
    if let Some(firm) = &person.job(at).company {
        let _ = write!(company, "{}", firm.id());
    }
}

/// A letter and a number with leading zeros, without the cost of formatting.
fn push_number(text: &mut String, letter: char, number: u64, n_digits: usize) {
    text.clear();
    text.push(letter);
    let mut digits = [b'0'; 20];
    let (mut left, mut at) = (number, digits.len());
    while left > 0 && at > 0 {
        at -= 1;
        digits[at] = b'0' + (left % 10) as u8;
        left /= 10;
    }
    let from = at.min(digits.len() - n_digits.min(digits.len()));
    text.extend(digits[from..].iter().map(|&digit| char::from(digit)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids() {
        let mut id = String::new();
        for (number, account, expected) in
            [(12, 0, "C0000012"), (12, 2, "C0000012-3"), (123_456_789, 0, "C123456789"), (0, 0, "C0000000")]
        {
            push_id(&mut id, number, account);
            assert_eq!(id, expected);
        }
    }
}
