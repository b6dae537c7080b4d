//! Reviews and complaints: texts about a topic in a mood, put together from tables of sentences.

use super::calendar::{DAY, END};
use super::chance::Chance;
use super::history::{Line, Order, State, World};
use super::person::Person;

/// A text that a customer wrote about an order.
#[derive(Debug, Clone)]
pub(super) struct Review {
    pub(super) at: i64,
    /// The order's number.
    pub(super) order: u64,
    pub(super) account: usize,
    pub(super) product: usize,
    pub(super) stars: u8,
    /// An index of [`TOPICS`].
    pub(super) topic: usize,
    /// -1, 0 or 1.
    pub(super) mood: i8,
    pub(super) text: String,
    pub(super) channel: &'static str,
}

/// What texts are about.
pub(super) const TOPICS: [&str; 6] = ["delivery", "quality", "price", "service", "size", "packaging"];

/// Sentences about each topic: bad, middling, good. `{}` stands for the product.
const SENTENCES: [[&[&str]; 3]; 6] = [
    [
        &[
            "It took eleven days to get here and nobody told me why.",
            "The parcel was left in the rain in front of the house.",
            "Delivered three days late, after the birthday it was meant for.",
            "According to the tracking the {} was delivered, but I had to look for it at four neighbours.",
        ],
        &["Delivery took the usual three days.", "It came when it was announced, no more and no less."],
        &[
            "Ordered in the evening, here the next morning!",
            "The delivery was surprisingly fast.",
            "The courier even carried the {} up to the third floor.",
            "Arrived two days early, just in time for our trip.",
        ],
    ],
    [
        &[
            "After two weeks the seam of the {} came apart.",
            "The material feels thin and cheap.",
            "The {} broke the second time I used it.",
            "For a maker with that name the finish is poor.",
        ],
        &["The {} does what it should.", "Decent quality, though I have seen better."],
        &[
            "The {} is beautifully made.",
            "I have used the {} every day for months and it looks like new.",
            "You can feel the quality at once.",
            "Solid, well thought out, and it will last for years.",
        ],
    ],
    [
        &[
            "A week later it cost twenty percent less.",
            "Far too dear for what you get.",
            "The price has gone up twice since I first bought here.",
            "The voucher did not work, so I paid the full price.",
        ],
        &["The price is about what others ask.", "Not cheap, but all right."],
        &[
            "For that price you will not find a better {}.",
            "Got it in the sale: a real bargain.",
            "Very good value for money.",
            "With the voucher it was cheaper than anywhere else.",
        ],
    ],
    [
        &[
            "Nobody answers the telephone, and my mail has been waiting for a week.",
            "I had to explain the same problem to three people.",
            "They refused to take the {} back although it was unused.",
            "The chat sent me round in circles.",
        ],
        &["My question was answered after two days.", "The service was neither good nor bad."],
        &[
            "A friendly person on the telephone solved it within five minutes.",
            "The return was simple and the money was back at once.",
            "Great advice in the store, they knew the {} well.",
            "They replaced the {} without asking a single question.",
        ],
    ],
    [
        &[
            "Runs two sizes small, I had to send it back.",
            "The measurements on the page are wrong.",
            "The {} is much smaller than the pictures make you think.",
        ],
        &["Fits more or less as expected.", "Take it one size larger, then it is fine."],
        &[
            "Fits perfectly.",
            "The size chart was right to the centimetre.",
            "The {} has just the right size for our flat.",
        ],
    ],
    [
        &[
            "So much plastic around one {}!",
            "The box was torn and half of the parts were loose.",
            "It came in a box four times its size.",
        ],
        &["Ordinary packaging.", "The box had a dent, but nothing was damaged."],
        &[
            "Packed with care, and without any plastic.",
            "The gift wrapping was lovely.",
            "Everything was packed so neatly that I kept the box.",
        ],
    ],
];

const OPENINGS: [&[&str]; 3] = [
    &["Disappointed.", "Never again.", "Sorry, but no.", "I had expected more.", "Not what I hoped for."],
    &["All right.", "Mixed feelings.", "So so.", "Could be worse."],
    &["Love it!", "Very happy.", "Great!", "Just what I wanted.", "I can only recommend it."],
];

const ENDINGS: [&[&str]; 3] = [
    &[
        "I will order elsewhere.",
        "I want my money back.",
        "What a pity, it used to be better.",
        "One star is too many.",
    ],
    &["Let us see how it holds.", "I may order again.", "Nothing more to say."],
    &[
        "I will be back.",
        "Thank you!",
        "The whole family is delighted.",
        "Five stars from me.",
        "Already ordered another.",
    ],
];

/// The texts that a customer wrote about some of the orders.
pub(super) fn reviews(
    chance: &mut Chance,
    world: &World,
    person: &Person,
    orders: &[Order],
    lines: &[Line],
    reviews: &mut Vec<Review>,
) {
    for order in orders.iter().filter(|order| order.state != State::Cancelled) {
        let returned = order.refunded > 0;
        let at = order.at + 3 * DAY + (chance.exponential() * 6.0 * DAY as f64) as i64;
        let writes = chance.yes(if returned { 0.06 } else { 0.025 });
        let Some(line) = lines.get(order.lines.start) else { continue };
        if !writes || at >= END {
            continue;
        }
        let feeling = 0.5 + person.sentiment + 0.7 * chance.normal() - if returned { 1.8 } else { 0.0 };
        let topic = chance.weighted(&[1.2, 1.6, 0.6 + person.attitudes[0].max(0.0), 0.8, 0.8, 0.5]);
        let product = &world.catalogue.products[line.product];
        let thing = product.name.split_once(' ').map_or(product.name.as_str(), |(_, thing)| thing);
        let mood = mood(feeling);
        let stars = match mood {
            -1 => 1 + chance.below(2) as u8,
            0 => 3,
            _ => 4 + u8::from(chance.yes(0.65)),
        };
        reviews.push(Review {
            at,
            order: order.number,
            account: order.account,
            product: line.product,
            stars,
            topic,
            mood,
            text: text(chance, topic, mood, thing),
            channel: if mood < 0 && chance.yes(0.5) { "support" } else { "review" },
        });
    }
}

/// -1, 0 or 1 for a feeling whose mean is about 0.5.
pub(super) fn mood(feeling: f64) -> i8 {
    match feeling {
        ..-0.4 => -1,
        ..0.25 => 0,
        _ => 1,
    }
}

/// A text about a topic in a mood.
pub(super) fn text(chance: &mut Chance, topic: usize, mood: i8, thing: &str) -> String {
    let level = (mood + 1) as usize;
    let mut parts: Vec<&str> = Vec::with_capacity(4);
    if chance.yes(0.55) {
        parts.push(chance.pick(OPENINGS[level]));
    }
    let sentences = SENTENCES[topic][level];
    let first = chance.below(sentences.len());
    parts.push(sentences[first]);
    if chance.yes(0.3) {
        parts.push(sentences[(first + 1) % sentences.len()]);
    }
    if chance.yes(0.5) {
        parts.push(chance.pick(ENDINGS[level]));
    }
    parts.join(" ").replace("{}", thing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::chance::Part;

    #[test]
    fn texts_vary_and_name_the_thing() {
        let chance = &mut Chance::of(1, Part::Words, 1);
        let mut texts: Vec<String> = (0..300).map(|index| text(chance, index % 6, 1, "kettle")).collect();
        assert!(texts.iter().any(|text| text.contains("kettle")));
        assert!(texts.iter().all(|text| !text.contains("{}") && text.len() > 10));
        texts.sort_unstable();
        texts.dedup();
        assert!(texts.len() > 150, "{}", texts.len());
    }

    #[test]
    fn moods() {
        for (feeling, expected) in [(-2.0, -1), (0.0, 0), (0.25, 1), (3.0, 1)] {
            assert_eq!(mood(feeling), expected, "{feeling}");
        }
    }
}
