//! Advice by how engaged people are and how often they buy.

use super::Advice;

/// For how engaged people are.
pub(super) const ENGAGEMENT: &[Advice] = &[
    Advice {
        class: "highly_engaged",
        action: "Ask them for something: a review, an answer, a test of what is new.",
        channel: "App or website while they are there",
        measure: "Answers and reviews; orders within 30 days",
    },
    Advice {
        class: "engaged",
        action: "Show what fits what they just looked at.",
        channel: "Recommendations in the shop; e-mail the day after",
        measure: "Orders for each visit",
    },
    Advice {
        class: "cooling",
        action: "Send the one message that they open most, not more messages.",
        channel: "E-mail at their usual hour",
        measure: "Share active again within 30 days",
    },
    Advice {
        class: "dormant",
        action: "Halve the mail they get, and try another channel once.",
        channel: "Post or ads to a list of customers",
        measure: "Share active again within 60 days; complaints",
    },
    Advice {
        class: "never_active",
        action: "Check that mail arrives and that their visits are recorded; then ask them to confirm.",
        channel: "One e-mail with a confirmation",
        measure: "Share confirmed; undelivered mail",
    },
];

/// For how often people buy.
pub(super) const PURCHASE_FREQUENCY: &[Advice] = &[
    Advice {
        class: "frequent",
        action: "Save them trouble: subscription, favourites list, one-step checkout.",
        channel: "Account page; e-mail",
        measure: "Orders a year, and share with a subscription",
    },
    Advice {
        class: "occasional",
        action: "Give each season its reason to order.",
        channel: "E-mail with what is in season for their categories",
        measure: "Share with four orders within a year",
    },
    Advice {
        class: "one_time",
        action: "Concentrate on the second order: it decides who stays.",
        channel: "E-mails 14 and 40 days after the first order",
        measure: "Share with a second order within 90 days",
    },
    Advice {
        class: "browsing_only",
        action: "Take away the risk of a first order: free return, samples, a small first price.",
        channel: "Website; e-mail to those who may be written to",
        measure: "Share with a first order within 30 days",
    },
];
