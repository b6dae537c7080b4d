//! What one customer bought in the two years: orders with their lines, until the customer drops out or the years end.

use std::ops::Range;

use super::calendar::{DAY, END, FIRST_DAY, N_DAYS, START, berlin};
use super::catalogue::{APP_VOUCHER, BABY, Campaign, Catalogue, PER_CATEGORY, WELCOME, campaigns, sale_on};
use super::chance::{Chance, Part};
use super::latent::Seasons;
use super::person::{AccountKind, Person};
use super::survey::Answers;
use super::visits::{self, Event};
use super::words::Review;

/// What is the same for all customers.
#[derive(Debug)]
pub(super) struct World {
    pub(super) seed: u64,
    pub(super) catalogue: Catalogue,
    pub(super) seasons: Seasons,
    pub(super) campaigns: Vec<Campaign>,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, catalogue: Catalogue::new(seed), seasons: Seasons::new(), campaigns: campaigns() }
    }
}

/// Where an order was placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channel {
    Web,
    App,
    Store,
}

impl Channel {
    pub(super) fn name(self) -> &'static str {
        match self {
            Channel::Web => "web",
            Channel::App => "app",
            Channel::Store => "store",
        }
    }
}

/// What became of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Paid,
    PartlyRefunded,
    Refunded,
    Cancelled,
}

impl State {
    pub(super) fn name(self) -> &'static str {
        match self {
            State::Paid => "paid",
            State::PartlyRefunded => "partially_refunded",
            State::Refunded => "refunded",
            State::Cancelled => "cancelled",
        }
    }
}

/// An order; amounts are in cents.
#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) number: u64,
    pub(super) at: i64,
    pub(super) channel: Channel,
    /// Which of the person's accounts.
    pub(super) account: usize,
    pub(super) lines: Range<usize>,
    pub(super) voucher: Option<&'static str>,
    pub(super) n_items: i64,
    pub(super) subtotal: i64,
    pub(super) discount: i64,
    pub(super) shipping: i64,
    pub(super) tax: i64,
    pub(super) total: i64,
    pub(super) refunded: i64,
    pub(super) state: State,
    /// In the store: whether the card was shown.
    pub(super) carded: bool,
}

/// A line of an order; amounts are in cents.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) product: usize,
    pub(super) quantity: i64,
    pub(super) price: i64,
    pub(super) discount: i64,
}

/// What one customer did. It is filled anew for each, so that memory stays what the busiest needs.
#[derive(Debug, Default)]
pub(super) struct History {
    pub(super) orders: Vec<Order>,
    pub(super) lines: Vec<Line>,
    pub(super) events: Vec<Event>,
    pub(super) reviews: Vec<Review>,
    pub(super) answers: Option<Answers>,
    /// The last thing that the customer bought before dropping out.
    pub(super) churned_at: Option<i64>,
    /// How many orders a click in a mail led to that would not have been.
    pub(super) n_persuaded: usize,
    moments: Vec<i64>,
}

/// An order's number leaves room for so many of one customer.
const MOST_ORDERS: usize = 900;

impl History {
    /// Draws the customer's two years.
    pub(super) fn draw(&mut self, world: &World, person: &Person) {
        self.orders.clear();
        self.lines.clear();
        self.events.clear();
        self.reviews.clear();
        self.moments.clear();
        self.n_persuaded = 0;
        let chance = &mut Chance::of(world.seed, Part::History, person.number);
        self.churned_at = moments(chance, world, person, &mut self.moments);
        let active_until = self.churned_at.unwrap_or(END);
        let mails = &mut Chance::of(world.seed, Part::Visits, person.number);
        let before = self.moments.len();
        visits::mails(mails, world, person, active_until, &mut self.events, &mut self.moments);
        self.n_persuaded = self.moments.len() - before;
        self.moments.sort_unstable();
        self.moments.truncate(MOST_ORDERS);
        for index in 0..self.moments.len() {
            self.order(chance, world, person, index);
        }
        visits::visits(mails, world, person, active_until, &self.orders, &self.lines, &mut self.events);
        self.events.sort_by_key(|event| event.at);
        let words = &mut Chance::of(world.seed, Part::Words, person.number);
        super::words::reviews(words, world, person, &self.orders, &self.lines, &mut self.reviews);
        self.answers = super::survey::answers(words, person, &self.orders);
    }

    fn order(&mut self, chance: &mut Chance, world: &World, person: &Person, index: usize) {
        let latent = person.latent();
        let at = self.moments[index];
        let day = at.div_euclid(DAY);
        let channel = match chance.weighted(&latent.channels) {
            0 => Channel::Web,
            1 => Channel::App,
            _ => Channel::Store,
        };
        let offer = offer(chance, person, at, index == 0, channel);
        let tastes = tastes(person, at);
        let first = self.lines.len();
        for _ in 0..=chance.poisson(latent.more_lines) {
            let category = chance.weighted(&tastes);
            let thing = chance.below(12);
            let brand = chance.weighted(&latent.brands);
            let product = category * PER_CATEGORY + thing * latent.brands.len() + brand;
            let price = world.catalogue.products[product].price(day);
            let quantity = 1 + i64::from(chance.poisson(latent.more_units));
            let discount = offer.map_or(0, |(_, percent)| price * quantity * percent / 100);
            self.lines.push(Line { product, quantity, price, discount });
        }
        let lines = &self.lines[first..];
        let subtotal: i64 = lines.iter().map(|line| line.price * line.quantity).sum();
        let discount: i64 = lines.iter().map(|line| line.discount).sum();
        let shipping = if channel == Channel::Store || subtotal >= 6_000 { 0 } else { 495 };
        let total = subtotal - discount + shipping;
        let state = match chance.unit() {
            share if channel != Channel::Store && share < 0.015 => State::Cancelled,
            share if share < 0.015 + latent.returns * 0.5 => State::Refunded,
            share if share < 0.015 + latent.returns && lines.len() > 1 => State::PartlyRefunded,
            _ => State::Paid,
        };
        let refunded = match state {
            State::Refunded => total,
            State::PartlyRefunded => {
                lines.first().map_or(0, |line| line.price * line.quantity - line.discount)
            }
            State::Paid | State::Cancelled => 0,
        };
        self.orders.push(Order {
            number: person.number * 1000 + index as u64 + 1,
            at,
            channel,
            account: account(chance, person, at),
            n_items: lines.iter().map(|line| line.quantity).sum(),
            lines: first..self.lines.len(),
            voucher: offer.map(|(code, _)| code),
            subtotal,
            discount,
            shipping,
            tax: total * 19 / 119,
            total,
            refunded,
            state,
            carded: person.member && chance.yes(0.85),
        });
    }
}

/// The instants of the orders; the answer is when the customer dropped out, if so.
fn moments(chance: &mut Chance, world: &World, person: &Person, moments: &mut Vec<i64>) -> Option<i64> {
    if person.rate <= 0.0 {
        return None;
    }
    let mut day = 0.0;
    if person.created_at < START {
        // Whoever was there before the two years may have dropped out before them.
        let years = (START - person.created_at) as f64 / (365.0 * DAY as f64);
        let earlier = person.rate * years + 1.0;
        if !chance.yes((1.0 - person.dropout).powf(earlier)) {
            return Some(person.created_at + (chance.unit() * (START - person.created_at) as f64) as i64);
        }
    } else {
        day = (person.created_at - START) as f64 / DAY as f64;
        if chance.yes(0.8) {
            moments.push(person.created_at + 300 + chance.below(1800) as i64);
            if chance.yes(person.dropout) {
                return moments.last().copied();
            }
        }
    }
    let (mean_hour, spread) = person.latent().rhythm.hour();
    let per_day = person.rate / 365.0 * world.seasons.peak[person.latent];
    while moments.len() < MOST_ORDERS {
        day += chance.exponential() / per_day;
        if day >= N_DAYS as f64 {
            break;
        }
        if !chance.yes(world.seasons.on(person.latent, day as i64)) {
            continue;
        }
        let hour = (mean_hour + spread * chance.normal()).clamp(0.1, 23.9);
        let at = berlin(FIRST_DAY + day as i64, (hour * 3600.0) as i64);
        // Nobody orders before being known; the first hours in Berlin are the evening before in UTC.
        let earliest = moments.last().map_or(person.created_at.max(START), |last| last + 600);
        moments.push(at.max(earliest + 60).min(END - 1));
        if chance.yes(person.dropout) {
            return moments.last().copied();
        }
    }
    None
}

/// The voucher and its percentage.
fn offer(
    chance: &mut Chance,
    person: &Person,
    at: i64,
    is_first: bool,
    channel: Channel,
) -> Option<(&'static str, i64)> {
    let latent = person.latent();
    let (in_sale, otherwise) = (chance.unit(), chance.unit());
    let sale = sale_on((at - START).div_euclid(DAY));
    match sale {
        Some(sale) if in_sale < (0.35 + 0.1 * latent.sale_lift).min(0.95) => Some((sale.code, sale.percent)),
        _ if channel == Channel::Store => None,
        _ if is_first && person.created_at >= START && otherwise < 0.3 => Some(WELCOME),
        _ if otherwise < latent.voucher => Some(APP_VOUCHER),
        _ => None,
    }
}

/// What the person likes by category, after births and moves.
fn tastes(person: &Person, at: i64) -> [f64; 10] {
    let mut tastes = person.latent().tastes;
    let day = at.div_euclid(DAY);
    if person.children.iter().any(|born| (-60..720).contains(&(day - born))) {
        tastes[BABY] = tastes[BABY] * 4.0 + 2.0;
    }
    if person.homes.iter().skip(1).any(|home| (-30..150).contains(&(day - home.from.div_euclid(DAY)))) {
        tastes[6] += 1.0;
        tastes[7] = tastes[7] * 2.0 + 1.0;
    }
    tastes
}

/// Contacts of firms order under their present address, others now and then under another that they have.
fn account(chance: &mut Chance, person: &Person, at: i64) -> usize {
    let known = person.accounts.iter().take_while(|account| account.from <= at).count();
    let (other, which) = (chance.yes(0.45), chance.unit());
    if person.is_business() {
        return known.saturating_sub(1);
    }
    let usable: usize = person.accounts.iter().filter(|account| account.from <= at).count();
    if usable < 2 || !other {
        return 0;
    }
    let nth = 1 + (which * (usable - 1) as f64) as usize;
    person
        .accounts
        .iter()
        .enumerate()
        .filter(|(_, account)| account.kind == AccountKind::Main || account.from <= at)
        .nth(nth)
        .map_or(0, |(index, _)| index)
}
