//! Advice by value: recency and frequency, and lifetime value.

use super::Advice;

/// For the ten customary classes of recency and frequency.
pub(super) const RFM: &[Advice] = &[
    Advice {
        class: "champions",
        action: "Give them something first: early access to what is new, and a reason to bring a friend.",
        channel: "Personal e-mail; a card in the parcel",
        measure: "Friends who ordered through an invitation; share still champions after 90 days",
    },
    Advice {
        class: "loyal_customers",
        action: "Offer the product that fits what they buy anyway; leave out discounts, they come without.",
        channel: "E-mail after the order, and recommendations in the shop",
        measure: "Mean order value against a group held back",
    },
    Advice {
        class: "potential_loyalists",
        action: "Make the next order easy: a reminder at their own rhythm, membership or a subscription.",
        channel: "E-mail or app message, when their usual gap is almost over",
        measure: "Share with one more order within 60 days",
    },
    Advice {
        class: "new_customers",
        action: "Help with what they bought, then show the second product that buyers of the first take \
                 most.",
        channel: "Welcome series of two or three e-mails",
        measure: "Share with a second order within 60 days",
    },
    Advice {
        class: "promising",
        action: "Give a small reason to come back soon that has a date on it.",
        channel: "E-mail; ads to people who were in the shop",
        measure: "Share with a second order within 60 days, cost of the offer taken off",
    },
    Advice {
        class: "need_attention",
        action: "Ask what they are missing, and show what is new in the categories they bought.",
        channel: "E-mail with one question",
        measure: "Orders within 30 days against a group held back",
    },
    Advice {
        class: "about_to_sleep",
        action: "Remind them once, of what they looked at or use up, before an offer is needed.",
        channel: "E-mail, then a postcard for those who do not open",
        measure: "Share with an order within 45 days",
    },
    Advice {
        class: "cant_lose",
        action: "Speak to each of them in person: find out what went wrong and put it right.",
        channel: "Telephone or a signed letter",
        measure: "Share won back within 90 days, and their revenue",
    },
    Advice {
        class: "at_risk",
        action: "Win them back with an offer on what they used to buy; stop after two attempts.",
        channel: "E-mail, then post",
        measure: "Revenue won back less discount, against a group held back",
    },
    Advice {
        class: "hibernating",
        action: "Write seldom and cheaply; ask whether they want to hear from you at all.",
        channel: "One e-mail a season, left out of paid ads",
        measure: "Mail sent for each order won; complaints and sign-offs",
    },
];

/// For the tiers of lifetime value.
pub(super) const CLV_TIER: &[Advice] = &[
    Advice {
        class: "top",
        action: "Name a person who looks after them, and see that nothing they order goes wrong.",
        channel: "Personal contact; service with priority",
        measure: "Share still in the top tier after a year; refunds",
    },
    Advice {
        class: "high",
        action: "Find what the top tier buys and they do not, and offer that.",
        channel: "Recommendations in the shop; e-mail",
        measure: "Share that moved up a tier within six months",
    },
    Advice {
        class: "middle",
        action: "Raise orders rather than discounts: sets, a threshold for free delivery, refills.",
        channel: "Cart and product page",
        measure: "Mean order value and orders a year against a group held back",
    },
    Advice {
        class: "low",
        action: "Serve them well by machine, and spend no money on bringing them in again.",
        channel: "Automatic e-mail; self-service",
        measure: "Cost of service and ads for each order",
    },
];
