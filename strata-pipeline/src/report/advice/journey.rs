//! Advice by where customers and companies stand.

use super::Advice;

/// For the stages of the customer journey.
pub(super) const JOURNEY: &[Advice] = &[
    Advice {
        class: "loyal",
        action: "Thank them, ask for a review, and invite them to bring someone.",
        channel: "E-mail after delivery; a card in the parcel",
        measure: "Reviews written and friends who ordered",
    },
    Advice {
        class: "active",
        action: "Suggest the next category before their usual gap is over.",
        channel: "E-mail at their own rhythm; recommendations",
        measure: "Share with an order within the expected gap",
    },
    Advice {
        class: "onboard",
        action: "Make the first order a success: how to use it, whom to ask, what goes with it.",
        channel: "Series of e-mails in the first 30 days",
        measure: "Share with a second order within 60 days",
    },
    Advice {
        class: "at_risk",
        action: "Reach out now, while they still remember you: remind first, offer second.",
        channel: "E-mail, then app message or post",
        measure: "Share with an order before they lapse, against a group held back",
    },
    Advice {
        class: "lapsed",
        action: "Try once with what has changed since they left; then let them rest.",
        channel: "E-mail or post once a quarter",
        measure: "Share with an order within 60 days, cost taken off",
    },
    Advice {
        class: "intent",
        action: "Bring them back to what they left: the cart, the quote, the trial.",
        channel: "E-mail within a few hours; ads for two days",
        measure: "Share of carts and quotes that became an order",
    },
    Advice {
        class: "consider",
        action: "Answer what holds them back: reviews, comparison, size, delivery and return.",
        channel: "Product page; e-mail about the products they looked at",
        measure: "Share that put something in the cart within 14 days",
    },
    Advice {
        class: "engaged",
        action: "Give them a first reason to look at products: a guide, a sample, a starter set.",
        channel: "E-mail newsletter; social media",
        measure: "Share with a product view within 14 days",
    },
    Advice {
        class: "aware",
        action: "Say in one message what you stand for, and ask what they care about.",
        channel: "Welcome e-mail; ads",
        measure: "Share that clicked or came back within 30 days",
    },
    Advice {
        class: "unknown",
        action: "Check whether they may and can still be written to; clean the list.",
        channel: "One e-mail that asks to stay",
        measure: "Share that answered; undelivered mail",
    },
];

/// For the stages of a company.
pub(super) const COMPANY_JOURNEY: &[Advice] = &[
    Advice {
        class: "active",
        action: "Agree on the year: volumes, delivery dates, and a second department that could use it.",
        channel: "Account manager",
        measure: "Orders a quarter, and people who order",
    },
    Advice {
        class: "onboard",
        action: "Call after the first delivery and agree on the next order.",
        channel: "Account manager, within two weeks",
        measure: "Share with a second order within 90 days",
    },
    Advice {
        class: "engaged",
        action: "Offer a call to whoever was most active, about what they looked at.",
        channel: "Sales, by telephone",
        measure: "Share with a quote or an order within 60 days",
    },
    Advice {
        class: "prospect",
        action: "Find the right person, and send one example from their industry.",
        channel: "Sales e-mail; trade fairs",
        measure: "Companies with an active person within 90 days",
    },
    Advice {
        class: "at_risk",
        action: "Call the person who used to order: has the need gone, or the trust?",
        channel: "Account manager, this week",
        measure: "Share with an order within 60 days",
    },
    Advice {
        class: "lapsed",
        action: "Ask for a meeting with a new offer, or for the reason why they left.",
        channel: "Sales, by telephone",
        measure: "Reasons known; companies won back within half a year",
    },
];
