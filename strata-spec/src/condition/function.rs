//! The functions of the language: figures over rows, and functions of terms. Each is listed once, with its word, its
//! number of arguments, an example and its meaning; hints of errors and `docs/language.md` are made from the list.

macro_rules! functions {
    ($(#[$doc:meta])* $enum:ident { $($(#[doc = $about:literal])+ $variant:ident = $name:literal ($least:literal ..= $most:literal) $example:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $enum {
            $($(#[doc = $about])+ $variant,)+
        }

        impl $enum {
            /// Every one, in the order of the documentation.
            pub const ALL: &'static [$enum] = &[$($enum::$variant,)+];

            /// The word in text.
            pub fn name(self) -> &'static str {
                match self {
                    $($enum::$variant => $name,)+
                }
            }

            /// The function of that name.
            pub fn parse(name: &str) -> Option<$enum> {
                Self::ALL.iter().copied().find(|each| each.name() == name)
            }

            /// The least and the greatest number of arguments.
            pub fn arguments(self) -> std::ops::RangeInclusive<usize> {
                match self {
                    $($enum::$variant => $least..=$most,)+
                }
            }

            /// How it is written.
            pub fn example(self) -> &'static str {
                match self {
                    $($enum::$variant => $example,)+
                }
            }

            /// What it means.
            pub fn about(self) -> &'static str {
                match self {
                    $($enum::$variant => concat!($($about),+).trim_ascii(),)+
                }
            }
        }
    };
}

functions! {
    /// Figures over rows. `count` and `sum` over no rows are 0, all others null.
    AggregateFunction {
        /// Rows; or rows where the argument is not null; or its distinct values.
        Count = "count"(0..=1) "count(orders)",
        /// Sum.
        Sum = "sum"(1..=1) "sum(orders.amount)",
        /// Arithmetic mean.
        Avg = "avg"(1..=1) "avg(orders.amount)",
        /// Least.
        Min = "min"(1..=1) "min(orders.amount)",
        /// Greatest.
        Max = "max"(1..=1) "max(orders.amount)",
        /// Median.
        Median = "median"(1..=1) "median(orders.amount)",
        /// Sample standard deviation.
        StdDev = "stddev"(1..=1) "stddev(orders.amount)",
        /// The value at a share of the way from least to greatest, interpolated.
        Percentile = "percentile"(2..=2) "percentile(orders.amount, 0.9)",
        /// The most frequent value; of several, the least.
        Mode = "mode"(1..=1) "mode(orders.channel)",
        /// The share of rows that have the most frequent value, in [0, 1].
        ModeShare = "mode_share"(1..=1) "mode_share(orders.channel)",
        /// The value of the earliest row.
        FirstValue = "first_value"(1..=1) "first_value(orders.channel)",
        /// The value of the latest row.
        LastValue = "last_value"(1..=1) "last_value(orders.channel)",
        /// Whether a condition is true of every row: false where it is false of one, else unknown where it is unknown
        /// of one.
        Every = "every"(1..=1) "every(orders.channel = 'web')",
        /// The number of distinct days of a time, in the project's time zone.
        ActiveDays = "active_days"(1..=1) "active_days(orders.ordered_at)",
        /// The number of distinct calendar periods of a time, of a constant unit, in which there are rows; or at least
        /// as many rows as the third argument says.
        ActivePeriods = "active_periods"(2..=3) "active_periods(orders.ordered_at, 'month')",
        /// The median gap in days between consecutive distinct days of a time.
        MedianGapDays = "median_gap_days"(1..=1) "median_gap_days(orders.ordered_at)",
        /// The coefficient of variation of those gaps (sample standard deviation ÷ mean); 0 is clockwork.
        GapVariation = "gap_variation"(1..=1) "gap_variation(orders.ordered_at)",
        /// The sum of a value over the rows of the earliest day of a time.
        FirstDaySum = "first_day_sum"(2..=2) "first_day_sum(orders.ordered_at, orders.amount)",
        /// The mean of the latest value of each key; null with fewer different keys than the third argument says.
        LatestMean = "latest_mean"(3..=3) "latest_mean(responses.answer_number, responses.question, 1)",
    }
}

functions! {
    /// Functions of terms. Days, hours and calendar parts are those of the project's time zone, unless a second
    /// argument names another.
    Function {
        /// The first that is not null.
        Coalesce = "coalesce"(1..=64) "coalesce(first, second)",
        /// Null where both are equal, else the first.
        NullIf = "nullif"(2..=2) "nullif(city, 'unknown')",
        /// Lower case.
        Lower = "lower"(1..=1) "lower(city)",
        /// Upper case.
        Upper = "upper"(1..=1) "upper(city)",
        /// Without white space at both ends.
        Trim = "trim"(1..=1) "trim(city)",
        /// Length in characters.
        Length = "length"(1..=1) "length(city)",
        /// Texts joined; null if any is.
        Concat = "concat"(1..=64) "concat(first, second)",
        /// Absolute value.
        Abs = "abs"(1..=1) "abs(n_orders)",
        /// Rounded to a number of decimals (0).
        Round = "round"(1..=2) "round(revenue, 2)",
        /// The next whole number below.
        Floor = "floor"(1..=1) "floor(n_orders)",
        /// The next whole number above.
        Ceil = "ceil"(1..=1) "ceil(n_orders)",
        /// Natural logarithm; null at or below 0.
        Ln = "ln"(1..=1) "ln(n_orders)",
        /// Square root; null below 0.
        Sqrt = "sqrt"(1..=1) "sqrt(n_orders)",
        /// The first to the power of the second.
        Power = "power"(2..=2) "power(n_orders, 2)",
        /// The least that is not null.
        Least = "least"(1..=64) "least(first, second)",
        /// The greatest that is not null.
        Greatest = "greatest"(1..=64) "greatest(first, second)",
        /// Whole days from the first time to the second, rounded down.
        DaysBetween = "days_between"(2..=2) "days_between(created_at, as_of)",
        /// Whole days from a time to `as_of`, rounded down.
        DaysSince = "days_since"(1..=1) "days_since(created_at)",
        /// Completed years from a date to `as_of`.
        YearsSince = "years_since"(1..=1) "years_since(birth_date)",
        /// Days from `as_of` to the next anniversary of a date, 0 on the day.
        DaysToAnniversary = "days_to_anniversary"(1..=1) "days_to_anniversary(birth_date)",
        /// Hour of the day, 0 to 23.
        HourOf = "hour_of"(1..=2) "hour_of(created_at)",
        /// The calendar day of a time.
        DayOf = "day_of"(1..=2) "day_of(created_at)",
        /// Day of the month, 1 to 31.
        MonthDayOf = "monthday_of"(1..=2) "monthday_of(created_at)",
        /// Quarter, 1 to 4.
        QuarterOf = "quarter_of"(1..=2) "quarter_of(created_at)",
        /// Day of the week, 1 for Monday to 7.
        WeekdayOf = "weekday_of"(1..=2) "weekday_of(created_at)",
        /// Month, 1 to 12.
        MonthOf = "month_of"(1..=2) "month_of(created_at)",
        /// Year.
        YearOf = "year_of"(1..=2) "year_of(created_at)",
        /// Great-circle distance in kilometres.
        DistanceKm = "distance_km"(4..=4) "distance_km(latitude, longitude, 52.52, 13.40)",
        /// Whether a point lies in a polygon, its edges included. The polygon is a constant well-known text, whose
        /// numbers are longitude and latitude.
        WithinPolygon = "within_polygon"(3..=3) "within_polygon(latitude, longitude, 'POLYGON ((13.1 52.3, 13.8 52.3, 13.5 52.7, 13.1 52.3))')",
        /// Whether a list has the value. A list is a text: a JSON array, or else what stands between its commas.
        ArrayHas = "array_has"(2..=2) "array_has(tags, 'wholesale')",
        /// Whether a list has one of the values at least.
        ArrayHasAny = "array_has_any"(2..=256) "array_has_any(tags, 'wholesale', 'press')",
        /// Whether a list has all of the values.
        ArrayHasAll = "array_has_all"(2..=256) "array_has_all(tags, 'wholesale', 'press')",
        /// How many elements a list has.
        ArrayLength = "array_length"(1..=1) "array_length(tags)",
        /// A stable number in [0, 1) for the subject and a salt.
        Bucket = "bucket"(1..=1) "bucket('newsletter')",
        /// What the customer has said to messages by a channel: `granted`, `denied`, or null where nothing is known.
        Consent = "consent"(1..=1) "consent('email')",
        /// Whether the customer has an address of the channel and has granted messages by it.
        Reachable = "reachable"(1..=1) "reachable('email')",
    }
}

impl Function {
    /// Whether the value is true or false, whatever the arguments are.
    pub fn is_predicate(self) -> bool {
        use Function::{ArrayHas, ArrayHasAll, ArrayHasAny, Reachable, WithinPolygon};
        matches!(self, ArrayHas | ArrayHasAny | ArrayHasAll | Reachable | WithinPolygon)
    }

    /// Whether the last argument, where there are two, is the name of a time zone.
    pub fn takes_timezone(self) -> bool {
        use Function::{DayOf, HourOf, MonthDayOf, MonthOf, QuarterOf, WeekdayOf, YearOf};
        matches!(self, HourOf | DayOf | MonthDayOf | QuarterOf | WeekdayOf | MonthOf | YearOf)
    }
}

/// A way to reach a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// E-mail.
    Email,
    /// Text messages.
    Sms,
    /// Telephone calls.
    Phone,
    /// Letters.
    Post,
}

impl Channel {
    /// The column of `customers` with the consent to all channels.
    pub const CONSENT: &'static str = "accepts_marketing";

    /// Every channel.
    pub const ALL: [Channel; 4] = [Channel::Email, Channel::Sms, Channel::Phone, Channel::Post];

    /// The channel's name: `email`, `sms`, `phone`, `post`.
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Email => "email",
            Channel::Sms => "sms",
            Channel::Phone => "phone",
            Channel::Post => "post",
        }
    }

    /// The channel of that name.
    pub fn parse(name: &str) -> Option<Channel> {
        Channel::ALL.into_iter().find(|channel| channel.as_str() == name)
    }

    /// The column of `customers` without which the channel leads nowhere.
    pub fn address_column(self) -> &'static str {
        match self {
            Channel::Email => "email",
            Channel::Sms | Channel::Phone => "phone",
            Channel::Post => "postal_code",
        }
    }

    /// The property that holds the consent to this channel, where the project declares it; `accepts_marketing` speaks
    /// for all channels where it does not.
    pub fn consent_property(self) -> &'static str {
        match self {
            Channel::Email => "email_consent",
            Channel::Sms => "sms_consent",
            Channel::Phone => "phone_consent",
            Channel::Post => "post_consent",
        }
    }
}
