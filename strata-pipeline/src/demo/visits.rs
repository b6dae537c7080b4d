//! What is tracked of one customer: mails with what became of them, and visits to web shop and app.

use super::calendar::{DAY, END, FIRST_DAY, START, berlin};
use super::catalogue::PER_CATEGORY;
use super::chance::Chance;
use super::history::{Channel, Line, Order, World};
use super::person::Person;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    PageView,
    ProductView,
    AddToCart,
    Checkout,
    Received,
    Opened,
    Clicked,
    Unsubscribed,
}

impl What {
    /// As the tools that record it say.
    pub(super) fn name(self) -> &'static str {
        match self {
            What::PageView => "page_view",
            What::ProductView => "product_viewed",
            What::AddToCart => "add_to_cart",
            What::Checkout => "checkout_started",
            What::Received => "Received Email",
            What::Opened => "Opened Email",
            What::Clicked => "Clicked Email",
            What::Unsubscribed => "Unsubscribed from Email",
        }
    }

    pub(super) fn is_mail(self) -> bool {
        matches!(self, What::Received | What::Opened | What::Clicked | What::Unsubscribed)
    }
}

/// By what a visitor is known besides the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Nobody,
    Account,
    Email,
}

/// A tracked event.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) at: i64,
    pub(super) what: What,
    pub(super) visit: usize,
    /// Which of the person's two devices.
    pub(super) device: usize,
    pub(super) known: Known,
    pub(super) product: Option<usize>,
    pub(super) campaign: Option<usize>,
    pub(super) in_app: bool,
    /// What lay in the cart, in cents.
    pub(super) value: i64,
}

/// The share of a campaign's addressees whose mail is in the export: it holds a sample.
const SAMPLED: f64 = 0.23;

/// The mails that a person got until they unsubscribed, and the instants of orders that a click led to.
pub(super) fn mails(
    chance: &mut Chance,
    world: &World,
    person: &Person,
    active_until: i64,
    events: &mut Vec<Event>,
    orders: &mut Vec<i64>,
) {
    if !person.accepts_marketing {
        return;
    }
    let latent = person.latent();
    for (index, campaign) in world.campaigns.iter().enumerate() {
        let sent = campaign.sent_at;
        if sent < person.created_at || !chance.yes(SAMPLED) {
            continue;
        }
        let mut add = |what, at: i64| {
            let campaign = Some(index);
            events.push(Event {
                at,
                what,
                visit: 0,
                device: 0,
                known: Known::Email,
                product: None,
                campaign,
                in_app: false,
                value: 0,
            });
        };
        add(What::Received, sent + chance.below(900) as i64);
        // Those who have dropped out hardly look any more.
        let interest = if sent > active_until { 0.25 } else { 1.0 };
        if !chance.yes(latent.opens * interest) {
            continue;
        }
        let opened = sent + 960 + (chance.exponential() * 9.0 * 3600.0) as i64;
        if opened + 4 * DAY >= END {
            continue;
        }
        add(What::Opened, opened);
        let clicked = opened + 5 + chance.below(240) as i64;
        if chance.yes(latent.clicks * interest) {
            add(What::Clicked, clicked);
            if sent <= active_until && person.rate > 0.0 && chance.yes(latent.persuaded) {
                orders.push(clicked + 600 + (chance.unit() * 3.0 * DAY as f64) as i64);
            }
        } else if chance.yes(0.02) {
            add(What::Unsubscribed, clicked);
            break;
        }
    }
}

/// The visits of those who may be tracked: to look round, and before orders.
pub(super) fn visits(
    chance: &mut Chance,
    world: &World,
    person: &Person,
    active_until: i64,
    orders: &[Order],
    lines: &[Line],
    events: &mut Vec<Event>,
) {
    if !person.tracked {
        return;
    }
    let latent = person.latent();
    let mut visit = 0;
    for order in orders.iter().filter(|order| order.channel != Channel::Store) {
        if order.at >= START + 1200 && chance.yes(0.07) {
            let mut steps = Steps { chance, events, visit, in_app: order.channel == Channel::App };
            steps.before_order(order, &lines[order.lines.clone()]);
            visit += 1;
        }
    }
    // Some look before they are known, and some after they have bought for the last time.
    let begin = (person.created_at - 20 * DAY).max(START);
    let end = active_until.max(begin + 15 * DAY).min(END - DAY);
    let days = (end - begin) as f64 / DAY as f64;
    for _ in 0..chance.poisson(latent.visits_per_year * days / 365.0) {
        let (hour, spread) = latent.rhythm.hour();
        let second = (hour + spread * chance.normal()).clamp(1.1, 22.9) * 3600.0;
        let day = begin.div_euclid(DAY) + (chance.unit() * days) as i64;
        let at = berlin(day.max(FIRST_DAY), second as i64).max(START);
        let known = at > person.created_at && chance.yes(0.5);
        let in_app = chance.yes(latent.channels[1]);
        let mut steps = Steps { chance, events, visit, in_app };
        steps.looking_round(world, person, at, known);
        visit += 1;
    }
}

struct Steps<'a> {
    chance: &'a mut Chance,
    events: &'a mut Vec<Event>,
    visit: usize,
    in_app: bool,
}

impl Steps<'_> {
    fn add(&mut self, at: i64, what: What, known: Known, device: usize, product: Option<usize>, value: i64) {
        let (visit, in_app) = (self.visit, self.in_app);
        self.events.push(Event { at, what, visit, device, known, product, campaign: None, in_app, value });
    }

    fn login(&mut self) -> Known {
        if self.chance.yes(0.7) { Known::Account } else { Known::Email }
    }

    fn device(&mut self) -> usize {
        usize::from(!self.in_app && self.chance.yes(0.5))
    }

    fn before_order(&mut self, order: &Order, lines: &[Line]) {
        let (device, login) = (self.device(), self.login());
        let mut at = order.at - 700 - self.chance.below(400) as i64;
        self.add(at, What::PageView, Known::Nobody, device, None, 0);
        for line in lines.iter().take(3) {
            at += 15 + self.chance.below(120) as i64;
            self.add(at, What::ProductView, Known::Nobody, device, Some(line.product), 0);
            at += 10 + self.chance.below(60) as i64;
            self.add(
                at,
                What::AddToCart,
                Known::Nobody,
                device,
                Some(line.product),
                line.price * line.quantity,
            );
        }
        self.add(order.at - 60, What::Checkout, login, device, None, order.total);
    }

    fn looking_round(&mut self, world: &World, person: &Person, begin: i64, known: bool) {
        let latent = person.latent();
        let device = self.device();
        let login = if known { self.login() } else { Known::Nobody };
        let mut at = begin;
        self.add(at, What::PageView, Known::Nobody, device, None, 0);
        for _ in 0..self.chance.poisson(0.6) {
            at += 8 + self.chance.below(90) as i64;
            self.add(at, What::PageView, login, device, None, 0);
        }
        for _ in 0..self.chance.poisson(1.3) {
            at += 12 + self.chance.below(150) as i64;
            let category = self.chance.weighted(&latent.tastes);
            let product = category * PER_CATEGORY + self.chance.below(PER_CATEGORY);
            self.add(at, What::ProductView, login, device, Some(product), 0);
            if self.chance.yes(0.15) {
                at += 10 + self.chance.below(60) as i64;
                let price = world.catalogue.products[product].price(at.div_euclid(DAY));
                self.add(at, What::AddToCart, login, device, Some(product), price);
            }
        }
    }
}
