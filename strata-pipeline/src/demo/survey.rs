//! The survey of those who agreed to mails: statements about buying, whether they would recommend the shop, and free text.
//!
//! Answers are driven by the person's attitudes: an item's answer is 3 plus 0.9 times the attitude (minus where the
//! statement says the contrary) plus noise, rounded to the five points of the scale.

use super::calendar::{DAY, END, FIRST_DAY};
use super::catalogue::CATEGORIES;
use super::chance::Chance;
use super::history::Order;
use super::person::Person;
use super::words;

/// A statement, the attitude (an index of `ATTITUDES`) and whether agreement means less of it.
pub(super) struct Item {
    pub(super) text: &'static str,
    pub(super) attitude: usize,
    pub(super) reversed: bool,
}

const fn item(text: &'static str, attitude: usize, reversed: bool) -> Item {
    Item { text, attitude, reversed }
}

/// The statements of the shipped instrument `attitudes-24-cc0`: three for each attitude, one of them against it.
pub(super) const ITEMS: [Item; 24] = [
    item("I compare prices before I buy.", 0, false),
    item("I would rather buy one good product than several cheap ones.", 1, false),
    item("When I find a brand I like, I stay with it.", 2, false),
    item("I am usually among the first of my friends to try a new product.", 3, false),
    item("I pay attention to how a product affects the environment.", 4, false),
    item("Saving time matters more to me than saving money.", 5, false),
    item("Advertising helps me to find products I like.", 6, false),
    item("I want to know what a company does with my data.", 7, false),
    item("I am willing to spend extra effort to pay less.", 0, false),
    item("I look closely at how well something is made.", 1, false),
    item("I would recommend my favourite brands to friends.", 2, false),
    item("I enjoy looking out for new products.", 3, false),
    item("I would change what I buy to reduce waste.", 4, false),
    item("I choose the shop that makes buying easiest.", 5, false),
    item("I find offers chosen for me useful.", 6, false),
    item("I avoid giving personal details when I can.", 7, false),
    item("The price of a product hardly affects my choice.", 0, true),
    item("Average quality is good enough for me.", 1, true),
    item("I switch brands without a second thought.", 2, true),
    item("I wait until a new product has proven itself.", 3, true),
    item("The environment plays no part in what I buy.", 4, true),
    item("I do not mind a complicated purchase if the product is right.", 5, true),
    item("I try to ignore advertising.", 6, true),
    item("I am relaxed about companies tracking what I do.", 7, true),
];

/// The questions besides the statements.
pub(super) const RECOMMEND: &str = "How likely are you to recommend us to a friend?";
pub(super) const FAVOURITE: &str = "Which of our departments do you like best?";
pub(super) const OPEN: &str = "What should we know about your last order?";

/// A form, completed or given up.
#[derive(Debug, Clone)]
pub(super) struct Answers {
    pub(super) at: i64,
    /// From 1 to 5, in the order of [`ITEMS`]; none from where the form was given up.
    pub(super) points: [Option<u8>; ITEMS.len()],
    /// What comes after the statements; none where the form was given up.
    pub(super) rest: Option<Rest>,
}

/// What is asked besides the statements.
#[derive(Debug, Clone)]
pub(super) struct Rest {
    /// From 0 to 10.
    pub(super) recommend: u8,
    pub(super) favourite: &'static str,
    pub(super) text: Option<String>,
    pub(super) topic: usize,
    pub(super) mood: i8,
}

/// The statements that whoever gives up has answered: one of each attitude, and a few more.
const GIVEN_UP: std::ops::Range<usize> = 8..13;

/// The answers of a person, where there are any: the survey went out in November 2025.
pub(super) fn answers(chance: &mut Chance, person: &Person, orders: &[Order]) -> Option<Answers> {
    let at = (FIRST_DAY + 500) * DAY + (chance.exponential() * 9.0 * DAY as f64) as i64;
    let is_asked = person.accepts_marketing && person.created_at < at;
    let completes = is_asked && chance.yes(0.2);
    let gives_up = is_asked && !completes && chance.yes(0.08);
    if !(completes || gives_up) || at >= END {
        return None;
    }
    let n_points = match gives_up {
        true => GIVEN_UP.start + chance.below(GIVEN_UP.len()),
        false => ITEMS.len(),
    };
    let points = std::array::from_fn(|index| {
        let item = &ITEMS[index];
        let attitude = person.attitudes[item.attitude];
        (index < n_points).then(|| points(chance, if item.reversed { -attitude } else { attitude }))
    });
    let rest = completes.then(|| rest(chance, person, orders, at));
    Some(Answers { at, points, rest })
}

fn rest(chance: &mut Chance, person: &Person, orders: &[Order], at: i64) -> Rest {
    let loyal = 0.8 * person.sentiment + 0.4 * person.attitudes[2];
    let recommend = (7.2 + 1.7 * loyal + 1.2 * chance.normal()).round().clamp(0.0, 10.0) as u8;
    let (topic, feeling) =
        (chance.below(words::TOPICS.len()), 0.5 + person.sentiment + 0.5 * chance.normal());
    let mood = words::mood(feeling);
    let text = chance.yes(0.6).then(|| words::text(chance, topic, mood, "parcel"));
    let favourite = CATEGORIES[chance.weighted(&person.latent().tastes)];
    let text = text.filter(|_| orders.iter().any(|order| order.at < at));
    Rest { recommend, favourite, text, topic, mood }
}

fn points(chance: &mut Chance, attitude: f64) -> u8 {
    (3.0 + 0.9 * attitude + 0.6 * chance.normal()).round().clamp(1.0, 5.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::chance::Part;
    use crate::demo::latent::ATTITUDES;

    #[test]
    fn statements_are_those_of_the_instrument() {
        let instrument = strata_spec::survey::Instrument::find("attitudes-24-cc0").unwrap();
        let rating = instrument.rating().unwrap();
        assert_eq!(rating.scales.len(), ATTITUDES.len());
        for (ours, theirs) in ITEMS.iter().zip(&rating.items) {
            assert_eq!(Some(ours.text), theirs.text.as_deref());
            assert_eq!(
                (rating.scales[ours.attitude].id.as_str(), ours.reversed),
                (&*theirs.scale, theirs.key < 0)
            );
        }
        assert_eq!(ITEMS.len(), rating.items.len());
    }

    #[test]
    fn points_follow_the_attitude() {
        let chance = &mut Chance::of(1, Part::Words, 2);
        let mut mean =
            |attitude| (0..2000).map(|_| f64::from(points(chance, attitude))).sum::<f64>() / 2000.0;
        let (low, middle, high) = (mean(-1.5), mean(0.0), mean(1.5));
        assert!(low < 2.0 && (middle - 3.0).abs() < 0.1 && high > 4.0, "{low} {middle} {high}");
    }
}
