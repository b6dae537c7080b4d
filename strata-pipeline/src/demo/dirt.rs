//! What is wrong with the shop's exports, on purpose: how a true cell becomes a wrong one.

use super::chance::Chance;

/// A kind of dirt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Dirt {
    DuplicateRow,
    MissingValue,
    MixedDateFormat,
    Typo,
    ImpossibleBirthDate,
    ImpossibleAge,
    NegativeAmount,
    AbsurdAmount,
    CurrencySymbol,
    TestOrder,
    Bot,
    SecondAccountOtherCase,
    SecondAccountOtherEmail,
    GuestCheckout,
    NewWorkEmail,
    BlockedIdentifier,
    SharedEmail,
}

impl Dirt {
    /// All kinds, for tests that each occurs.
    #[cfg(test)]
    pub(super) const ALL: [Dirt; 17] = [
        Dirt::DuplicateRow,
        Dirt::MissingValue,
        Dirt::MixedDateFormat,
        Dirt::Typo,
        Dirt::ImpossibleBirthDate,
        Dirt::ImpossibleAge,
        Dirt::NegativeAmount,
        Dirt::AbsurdAmount,
        Dirt::CurrencySymbol,
        Dirt::TestOrder,
        Dirt::Bot,
        Dirt::SecondAccountOtherCase,
        Dirt::SecondAccountOtherEmail,
        Dirt::GuestCheckout,
        Dirt::NewWorkEmail,
        Dirt::BlockedIdentifier,
        Dirt::SharedEmail,
    ];

    /// Its name in the truth.
    pub(super) fn name(self) -> &'static str {
        match self {
            Dirt::DuplicateRow => "duplicate_row",
            Dirt::MissingValue => "missing_value",
            Dirt::MixedDateFormat => "mixed_date_format",
            Dirt::Typo => "typo",
            Dirt::ImpossibleBirthDate => "impossible_birth_date",
            Dirt::ImpossibleAge => "impossible_age",
            Dirt::NegativeAmount => "negative_amount",
            Dirt::AbsurdAmount => "absurd_amount",
            Dirt::CurrencySymbol => "currency_symbol",
            Dirt::TestOrder => "test_order",
            Dirt::Bot => "bot",
            Dirt::SecondAccountOtherCase => "second_account_other_case",
            Dirt::SecondAccountOtherEmail => "second_account_other_email",
            Dirt::GuestCheckout => "guest_checkout",
            Dirt::NewWorkEmail => "new_work_email",
            Dirt::BlockedIdentifier => "blocked_identifier",
            Dirt::SharedEmail => "shared_email",
        }
    }

    /// What this dirt makes of a true cell; none where it can do nothing to it.
    pub(super) fn spoil(self, chance: &mut Chance, truth: &str) -> Option<String> {
        let spoilt = match self {
            Dirt::MissingValue => String::new(),
            Dirt::MixedDateFormat => other_date(chance, truth)?,
            Dirt::Typo => typo(chance, truth)?,
            Dirt::ImpossibleBirthDate => {
                chance.pick(&["1867-04-12", "1799-01-01", "2031-08-03", "2044-02-29"]).to_string()
            }
            Dirt::ImpossibleAge => chance.pick(&["214", "-3", "999", "0"]).to_string(),
            Dirt::NegativeAmount if truth.starts_with('-') => return None,
            Dirt::NegativeAmount => format!("-{truth}"),
            Dirt::AbsurdAmount => without_mark(truth)?,
            Dirt::CurrencySymbol => {
                match (truth.ends_with(|last: char| last.is_ascii_digit()), chance.below(3)) {
                    (false, _) => return None,
                    (_, 0) => format!("€{truth}"),
                    (_, 1) => format!("{truth} €"),
                    _ => format!("EUR {truth}"),
                }
            }
            Dirt::BlockedIdentifier => blocked(chance, truth).to_owned(),
            _ => return None,
        };
        (spoilt != truth).then_some(spoilt)
    }
}

/// The decimal mark of 149.90 lost, which makes it 14990. Only amounts that then are out of all proportion.
fn without_mark(truth: &str) -> Option<String> {
    let (whole, rest) = truth.split_once(['.', ','])?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (whole.len() >= 3 && rest.len() == 2 && digits(whole) && digits(rest)).then(|| format!("{whole}{rest}"))
}

/// What stands where somebody had to fill in something, or a program had nothing.
fn blocked(chance: &mut Chance, truth: &str) -> &'static str {
    let digits = truth.chars().filter(char::is_ascii_digit).count();
    let phone = truth.starts_with(['+', '0']) && digits > 6;
    if truth.contains('@') {
        chance.pick(&["null", "info@example.com", "noreply@example.com", "n/a", "-1"])
    } else if phone {
        chance.pick(&["000000", "-1", "null", "0000000000"])
    } else {
        chance.pick(&["null", "-1", "undefined"])
    }
}

/// `1985-12-31` as others write it, and `31.12.1985` as ISO does.
fn other_date(chance: &mut Chance, truth: &str) -> Option<String> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    if let [day, month, year] = truth.split('.').collect::<Vec<_>>().as_slice() {
        return Some(format!("{year}-{month}-{day}"));
    }
    let parts: Vec<&str> = truth.get(..10)?.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return None };
    let name = MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?)?;
    Some(match chance.below(3) {
        0 => format!("{day}.{month}.{year}"),
        1 => format!("{day}/{month}/{year}"),
        _ => format!("{} {name} {year}", day.trim_start_matches('0')),
    })
}

/// Two letters swapped, one lost or one doubled. Digits stay, lest the address become another customer's.
fn typo(chance: &mut Chance, truth: &str) -> Option<String> {
    let letters: Vec<char> = truth.chars().collect();
    let places: Vec<usize> = (1..letters.len())
        .filter(|&at| letters[at - 1].is_alphabetic() && letters[at].is_alphabetic())
        .collect();
    if places.len() < 2 {
        return None;
    }
    let at = chance.pick(&places);
    let mut typed = letters;
    match chance.below(3) {
        0 => typed.swap(at - 1, at),
        1 => drop(typed.remove(at)),
        _ => typed.insert(at, typed[at]),
    }
    Some(typed.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::chance::Part;

    #[test]
    fn true_cells_become_wrong_ones() {
        for (dirt, truth, expected) in [
            (Dirt::MissingValue, "Köln", &[""] as &[&str]),
            (Dirt::MixedDateFormat, "1985-12-01", &["01.12.1985", "01/12/1985", "1 Dec 1985"]),
            (Dirt::MixedDateFormat, "01.12.1985", &["1985-12-01"]),
            (Dirt::NegativeAmount, "49.90", &["-49.90"]),
            (Dirt::AbsurdAmount, "149,90", &["14990"]),
            (Dirt::CurrencySymbol, "49.90", &["€49.90", "49.90 €", "EUR 49.90"]),
            (Dirt::Typo, "abc7", &["bac7", "acb7", "ac7", "ab7", "abbc7", "abcc7"]),
            (Dirt::BlockedIdentifier, "+49151", &["null", "-1", "undefined"]),
        ] {
            let chance = &mut Chance::of(1, Part::Dirt, 1);
            for _ in 0..50 {
                let spoilt = dirt.spoil(chance, truth).unwrap();
                assert!(expected.contains(&spoilt.as_str()), "{dirt:?} made {spoilt} of {truth}");
            }
        }
    }

    #[test]
    fn what_cannot_be_spoilt_stays() {
        let chance = &mut Chance::of(1, Part::Dirt, 1);
        for (dirt, truth) in [
            (Dirt::Typo, "7"),
            (Dirt::MixedDateFormat, "soon"),
            (Dirt::TestOrder, "x"),
            (Dirt::MissingValue, ""),
            (Dirt::AbsurdAmount, "49.90"),
            (Dirt::AbsurdAmount, "1.249,90"),
            (Dirt::NegativeAmount, "-49.90"),
        ] {
            assert_eq!(dirt.spoil(chance, truth), None, "{dirt:?} of {truth}");
        }
    }
}
