//! Two persons compared field by field.

use strsim::jaro_winkler;

use super::model::{Chances, DUPLICATES, EMAIL_OF_NAMESAKES, FIELDS, HOUSEHOLDS, SWAPPED, chances};
use super::table::Table;
use super::{Field, Reason};

/// Texts at least this similar by Jaro and Winkler are near: one typing error, or a name with and without its second.
const NEAR_TEXT: f64 = 0.88;

/// How many pairs of persons are drawn to see how often values are near by chance.
const N_SAMPLED: u64 = 20_000;

/// How far two values agree.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Level {
    Exact,
    Near(f64),
    /// The first name of each is the last name of the other.
    Swapped(f64),
    Contradictory(f64),
}

/// How the first and last names of two persons agree.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Names {
    /// Both are equal or near.
    Agree,
    /// Both are crosswise, and neither is straight; with the lesser similarity.
    Swapped(f64),
    Differ,
}

/// What one field says, in bits.
struct Evidence {
    level: Level,
    /// log₂(m / u), against strangers.
    against_strangers: f64,
    /// log₂(m / h), against members of a household.
    against_household: f64,
}

/// Compares persons of a table.
pub(super) struct Comparer<'a> {
    table: &'a Table,
    /// The share of near pairs in a sample, for each of [`FIELDS`].
    p_near: [f64; FIELDS.len()],
    prior_against_strangers: f64,
    prior_against_household: f64,
}

impl<'a> Comparer<'a> {
    pub(super) fn new(table: &'a Table) -> Comparer<'a> {
        let n_persons = table.n_persons.max(2) as f64;
        Comparer {
            table,
            p_near: FIELDS.map(|field| p_near(table, field)),
            prior_against_strangers: (DUPLICATES / n_persons).log2(),
            prior_against_household: (DUPLICATES / HOUSEHOLDS).log2(),
        }
    }

    /// The posterior chance that two persons are one.
    pub(super) fn score(&self, a: u32, b: u32) -> f64 {
        let names = self.names(a, b);
        let mut strangers = self.prior_against_strangers;
        let mut household = self.prior_against_household;
        for n in 0..FIELDS.len() {
            if let Some(evidence) = self.evidence(n, a, b, names) {
                strangers += evidence.against_strangers;
                household += evidence.against_household;
            }
        }
        1.0 / (1.0 + (-strangers).exp2() + (-household).exp2())
    }

    /// What each field says that both persons have, the strongest for their being one first.
    pub(super) fn reasons(&self, a: u32, b: u32) -> Vec<Reason> {
        let names = self.names(a, b);
        let of_field = |n: usize| {
            let evidence = self.evidence(n, a, b, names)?;
            let similarity = match evidence.level {
                Level::Exact => 1.0,
                Level::Near(similarity) | Level::Swapped(similarity) | Level::Contradictory(similarity) => {
                    similarity
                }
            };
            Some(Reason { field: FIELDS[n], similarity, weight: evidence.against_strangers })
        };
        let mut reasons: Vec<Reason> = (0..FIELDS.len()).filter_map(of_field).collect();
        reasons.sort_by(|x, y| y.weight.total_cmp(&x.weight));
        reasons
    }

    fn evidence(&self, n: usize, a: u32, b: u32, names: Names) -> Option<Evidence> {
        let field = FIELDS[n];
        let column = self.table.column(field, a, b);
        let (x, y) = column.both(a, b)?;
        let is_name = matches!(field, Field::FirstName | Field::LastName);
        let level = match names {
            Names::Swapped(similarity) if is_name => Level::Swapped(similarity),
            _ => level(self.table, field, x, y),
        };
        let Chances { m_exact, m_near, h_exact } = chances(field);
        let p_near = self.p_near[n];
        // An e-mail address is often made of the name, so among namesakes a near one says nothing, and an equal one less.
        let is_of_namesakes = field == Field::EmailLocal && names != Names::Differ;
        let (m, u, h) = match level {
            Level::Near(_) if is_of_namesakes => (m_near, m_near, m_near),
            Level::Exact if is_of_namesakes => {
                let u = EMAIL_OF_NAMESAKES.max(column.share(x));
                (m_exact, u, h_exact.max(u))
            }
            Level::Exact => (m_exact, column.share(x), h_exact.max(column.share(x))),
            Level::Near(_) => {
                let u = p_near.max(column.share(x)).max(column.share(y));
                (m_near, u, u)
            }
            Level::Swapped(_) => {
                let (first, last) = (&self.table.first_name, &self.table.last_name);
                let u = p_near.max(first.share(x) + last.share(x)).max(first.share(y) + last.share(y));
                (SWAPPED, u, u)
            }
            Level::Contradictory(_) => {
                let rest = |p_exact: f64| (1.0 - p_exact - p_near).max(0.01);
                (1.0 - m_exact - m_near, rest(column.p_same), rest(column.p_same.max(h_exact)))
            }
        };
        Some(Evidence { level, against_strangers: (m / u).log2(), against_household: (m / h).log2() })
    }

    /// How the names of two persons agree.
    fn names(&self, a: u32, b: u32) -> Names {
        let (first, last) = (self.table.first_name.both(a, b), self.table.last_name.both(a, b));
        let (Some((first_a, first_b)), Some((last_a, last_b))) = (first, last) else { return Names::Differ };
        let similarity = |x, y| match name_level(self.table, x, y) {
            Level::Exact => Some(1.0),
            Level::Near(similarity) => Some(similarity),
            _ => None,
        };
        match (similarity(first_a, first_b), similarity(last_a, last_b)) {
            (Some(_), Some(_)) => return Names::Agree,
            (None, None) => {}
            _ => return Names::Differ,
        }
        match (similarity(first_a, last_b), similarity(last_a, first_b)) {
            (Some(x), Some(y)) => Names::Swapped(x.min(y)),
            _ => Names::Differ,
        }
    }
}

fn level(table: &Table, field: Field, x: u32, y: u32) -> Level {
    if x == y {
        return Level::Exact;
    }
    let (i, j) = (x as usize, y as usize);
    match field {
        Field::FirstName | Field::LastName => name_level(table, x, y),
        Field::BirthDate => date_level(table.dates[i], table.dates[j]),
        Field::EmailLocal => text_level(&table.email_locals[i], &table.email_locals[j]),
        Field::Street => street_level(&table.streets[i], &table.streets[j]),
        Field::EmailDomain | Field::Phone | Field::Place => Level::Contradictory(0.0),
    }
}

fn name_level(table: &Table, x: u32, y: u32) -> Level {
    if x == y {
        return Level::Exact;
    }
    text_level(&table.names[x as usize], &table.names[y as usize])
}

fn text_level(a: &str, b: &str) -> Level {
    let similarity = jaro_winkler(a, b);
    if similarity >= NEAR_TEXT { Level::Near(similarity) } else { Level::Contradictory(similarity) }
}

/// Streets are near when their names are and their house numbers are equal: the next house is another one.
fn street_level(a: &str, b: &str) -> Level {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    match text_level(a, b) {
        Level::Near(similarity) if digits(a) != digits(b) => Level::Contradictory(similarity),
        level => level,
    }
}

/// Dates are near when day and month are swapped, or one digit is another.
fn date_level(a: i32, b: i32) -> Level {
    let ((year_a, month_a, day_a), (year_b, month_b, day_b)) = (civil(a), civil(b));
    let is_swapped = year_a == year_b && month_a == day_b && day_a == month_b;
    let digits = |(year, month, day): (i32, i32, i32)| format!("{year:04}{month:02}{day:02}");
    let (a, b) = (digits((year_a, month_a, day_a)), digits((year_b, month_b, day_b)));
    let n_equal = a.chars().zip(b.chars()).filter(|(x, y)| x == y).count();
    let similarity = n_equal as f64 / a.len().max(b.len()) as f64;
    if is_swapped || (a.len() == b.len() && n_equal + 1 == a.len()) {
        Level::Near(similarity)
    } else {
        Level::Contradictory(similarity)
    }
}

/// Year, month and day of a number of days since 1970-01-01, in the Gregorian calendar: years are counted from March, so that the
/// leap day is the last, in eras of 400 years.
fn civil(days: i32) -> (i32, i32, i32) {
    const DAYS_OF_ERA: i64 = 146_097;
    let since_march_0000 = i64::from(days) + 719_468;
    let (era, day) = (since_march_0000.div_euclid(DAYS_OF_ERA), since_march_0000.rem_euclid(DAYS_OF_ERA));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    (year as i32, month as i32, day_of_month as i32)
}

/// The share of pairs of persons whose values are near but not equal, in a fixed sample; at least one pair of it.
fn p_near(table: &Table, field: Field) -> f64 {
    let n_persons = table.n_persons as u64;
    let least = 1.0 / N_SAMPLED as f64;
    if n_persons < 2 {
        return least;
    }
    let (mut n_both, mut n_near) = (0_u32, 0_u32);
    for n in 0..N_SAMPLED {
        let (a, b) = ((mixed(2 * n) % n_persons) as u32, (mixed(2 * n + 1) % n_persons) as u32);
        let Some((x, y)) = table.column(field, a, b).both(a, b) else { continue };
        n_both += 1;
        n_near += u32::from(matches!(level(table, field, x, y), Level::Near(_)));
    }
    (f64::from(n_near) / f64::from(n_both.max(1))).max(least)
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014), which spreads consecutive numbers.
fn mixed(n: u64) -> u64 {
    let x = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_dates() {
        let cases = [
            (0, (1970, 1, 1)),
            (-1, (1969, 12, 31)),
            (11_016, (2000, 2, 29)),
            (11_017, (2000, 3, 1)),
            (-25_508, (1900, 3, 1)),
        ];
        for (days, expected) in cases {
            assert_eq!(civil(days), expected, "{days}");
        }
    }

    #[test]
    fn near_values_are_slips() {
        let near = |level| matches!(level, Level::Near(_));
        // 2000-03-05 and 2000-05-03; 2000-03-05 and 2000-03-15; 2000-03-05 and 2001-04-05.
        assert!(near(date_level(11_021, 11_080)));
        assert!(near(date_level(11_021, 11_031)));
        assert!(!near(date_level(11_021, 11_417)));
        assert!(near(street_level("hauptstrasse 5", "hauptstrase 5")));
        assert!(!near(street_level("hauptstrasse 5", "hauptstrasse 7")));
        assert!(near(text_level("katharina", "katarina")));
        assert!(!near(text_level("thomas", "andreas")));
    }
}
