//! Proposals held to hand-made cases in a town of strangers, and to a synthetic file whose duplicates are known.

use std::collections::HashSet;

use super::*;

/// A person who owns what is known of them.
#[derive(Debug, Clone, Default)]
struct Record {
    first_name: String,
    last_name: String,
    birth_date: Option<i32>,
    email: String,
    phone: String,
    street: String,
    postal_code: String,
}

impl Record {
    fn person(&self) -> Person<'_> {
        fn known(text: &str) -> Option<&str> {
            (!text.is_empty()).then_some(text)
        }
        Person {
            first_name: known(&self.first_name),
            last_name: known(&self.last_name),
            birth_date: self.birth_date,
            email_local: self.email.split_once('@').map(|(local, _)| local),
            email_domain: self.email.split_once('@').map(|(_, domain)| domain),
            phone: known(&self.phone),
            street: known(&self.street),
            postal_code: known(&self.postal_code),
            city: None,
        }
    }
}

/// A linear congruential generator (constants of Knuth's MMIX), so that every run has the same town.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    /// One of `end`, the first ones more often: the density falls linearly.
    fn skewed(&mut self, end: usize) -> usize {
        self.below(end).min(self.below(end))
    }
}

const SYLLABLES: [&str; 16] =
    ["ba", "der", "lin", "mo", "sa", "ne", "ko", "ric", "tu", "hel", "wen", "fi", "gor", "pas", "jun", "vel"];

fn name(n: usize) -> String {
    format!("{}{}{}", SYLLABLES[n % 16], SYLLABLES[n / 16 % 16], SYLLABLES[(n / 7 + 3) % 16])
}

fn stranger(random: &mut Random) -> Record {
    let (first_name, last_name) = (name(random.skewed(120)), name(500 + random.skewed(2_000)));
    let email = format!(
        "{first_name}.{last_name}{}@{}.example",
        random.below(90),
        ["one", "two", "three"][random.skewed(3)]
    );
    Record {
        email,
        birth_date: Some(random.below(20_000) as i32 - 5_000),
        phone: format!("+49301{:07}", random.below(9_999_999)),
        street: format!("{}strasse {}", name(random.below(300)), 1 + random.below(60)),
        postal_code: format!("{:05}", 10_000 + random.skewed(300)),
        first_name,
        last_name,
    }
}

fn town(n: usize) -> Vec<Record> {
    let mut random = Random(7);
    (0..n).map(|_| stranger(&mut random)).collect()
}

fn anna() -> Record {
    Record {
        first_name: "Anna".into(),
        last_name: "Müller".into(),
        birth_date: Some(5_000),
        email: "anna.mueller@one.example".into(),
        phone: "+49301112223".into(),
        street: "Lindenweg 5".into(),
        postal_code: "10115".into(),
    }
}

/// What differs, whether it is proposed, and how the second record comes about.
type Case = (&'static str, bool, fn(&mut Record));

#[test]
fn slips_are_proposed_and_other_people_are_not() {
    let cases: [Case; 16] = [
        ("the same in everything", true, |_| {}),
        ("umlauts written out", true, |it| it.last_name = "MUELLER".into()),
        ("umlauts lost", true, |it| it.last_name = "Muller".into()),
        ("names swapped", true, |it| std::mem::swap(&mut it.first_name, &mut it.last_name)),
        ("typing error, other address and telephone", true, |it| {
            it.first_name = "Annna".into();
            it.street = "Gartenstrasse 9".into();
            it.postal_code = "80331".into();
            it.phone.clear();
        }),
        ("day and month swapped, no e-mail", true, |it| {
            // 1983-09-10 and 1983-10-09.
            it.birth_date = Some(5_029);
            it.email.clear();
        }),
        ("names and address only", true, |it| {
            (it.birth_date, it.email, it.phone) = (None, String::new(), String::new());
        }),
        ("another e-mail address", true, |it| it.email = "am83@two.example".into()),
        ("a new surname", true, |it| it.last_name = "Schneider".into()),
        ("a twin", false, |it| {
            it.first_name = "Bernd".into();
            it.email = "bernd.mueller@two.example".into();
        }),
        ("a twin with the family's e-mail and telephone", false, |it| it.first_name = "Bernd".into()),
        ("a partner", false, |it| {
            it.first_name = "Bernd".into();
            it.birth_date = Some(4_000);
        }),
        ("a child of the same name", false, |it| {
            it.birth_date = Some(15_000);
            it.email = "little.anna@three.example".into();
        }),
        ("a namesake with a similar e-mail address", false, |it| {
            it.birth_date = None;
            it.email = "anna.mueller7@one.example".into();
            it.phone.clear();
            it.street = "Gartenstrasse 9".into();
            it.postal_code = "80331".into();
        }),
        ("a namesake of whom no more is known than a similar e-mail address", false, |it| {
            let email = "anna.mueller7@one.example".into();
            *it =
                Record { first_name: "Anna".into(), last_name: "Müller".into(), email, ..Record::default() };
        }),
        ("a namesake elsewhere", false, |it| {
            it.birth_date = None;
            it.email.clear();
            it.phone = "+49891234567".into();
            it.street = "Gartenstrasse 9".into();
            it.postal_code = "80331".into();
        }),
    ];
    // All in one town, so each value of Anna's is rather common there, and every case the harder.
    let mut records = town(3_000);
    records.push(anna());
    for (_, _, change) in cases {
        let mut other = anna();
        change(&mut other);
        records.push(other);
    }
    let persons: Vec<Person<'_>> = records.iter().map(Record::person).collect();
    let found = propose(&persons, &Settings::default());
    for ((name, expected, _), other) in cases.into_iter().zip(3_001..) {
        let proposal = found.proposals.iter().find(|proposal| (proposal.a, proposal.b) == (3_000, other));
        assert_eq!(proposal.is_some(), expected, "{name}: {proposal:?}");
    }
}

#[test]
fn a_rare_name_says_more_than_a_common_one() {
    let weight = |last_name: &str| {
        let mut records = town(500);
        for record in records.iter_mut().step_by(5) {
            record.last_name = "Smith".into();
        }
        records.extend([anna(), anna()]);
        records[500].last_name = last_name.into();
        records[501].last_name = last_name.into();
        let persons: Vec<Person<'_>> = records.iter().map(Record::person).collect();
        let found = propose(&persons, &Settings::default());
        let proposal = found.proposals.iter().find(|proposal| proposal.b == 501).unwrap();
        proposal.reasons.iter().find(|reason| reason.field == Field::LastName).unwrap().weight
    };
    // log₂(0.9 / share), with shares of 102 and of 2 among 502.
    assert!((weight("Smith") - (0.9_f64 * 502.0 / 102.0).log2()).abs() < 1e-9);
    assert!((weight("Quistorp") - (0.9_f64 * 502.0 / 2.0).log2()).abs() < 1e-9);
}

#[test]
fn a_block_over_the_cap_is_reported() {
    let mut records = town(30);
    for record in &mut records {
        record.phone = "+49301111111".into();
    }
    // The first two share all keys.
    records[1] = records[0].clone();
    let persons: Vec<Person<'_>> = records.iter().map(Record::person).collect();
    let skipped = |most_in_block| {
        let found = propose(&persons, &Settings { most_in_block, ..Settings::default() });
        let of_phone = |block: &&SkippedBlock| block.key == Key::Phone;
        (found.skipped.iter().find(of_phone).copied(), found.n_compared)
    };
    let expected = SkippedBlock { key: Key::Phone, n_persons: 30, example: 0 };
    assert_eq!(skipped(29), (Some(expected), 1));
    // All pairs, each once.
    assert_eq!(skipped(30), (None, 30 * 29 / 2));
}

#[test]
fn too_few_persons_or_values_are_no_error() {
    for persons in [vec![], vec![Person::default()], vec![Person::default(); 2]] {
        assert_eq!(propose(&persons, &Settings::default()), Proposals::default());
    }
}

/// What a clerk, a form or a move does to a person's second record.
fn spoil(record: &mut Record, random: &mut Random) {
    for _ in 0..=random.below(3) {
        match random.below(9) {
            0 => spoil_text(&mut record.first_name, random),
            1 => spoil_text(&mut record.last_name, random),
            2 => spoil_text(&mut record.street, random),
            3 => record.email.clear(),
            4 => record.phone.clear(),
            5 => record.birth_date = None,
            6 => record.email = format!("{}@three.example", name(random.below(5_000))),
            7 => std::mem::swap(&mut record.first_name, &mut record.last_name),
            _ => {
                let other = stranger(random);
                (record.street, record.postal_code) = (other.street, other.postal_code);
            }
        }
    }
}

/// Repeats, drops or swaps a letter.
fn spoil_text(text: &mut String, random: &mut Random) {
    let mut letters: Vec<char> = text.chars().collect();
    let place = 1 + random.below(letters.len() - 2);
    match random.below(3) {
        0 => letters.insert(place, letters[place]),
        1 => drop(letters.remove(place)),
        _ => letters.swap(place, place + 1),
    }
    *text = letters.into_iter().collect();
}

#[test]
fn known_duplicates_are_found_and_households_are_not() {
    let mut random = Random(11);
    let mut records = town(4_000);
    let mut truth = HashSet::new();
    for original in 0..400 {
        let mut copy = records[original].clone();
        spoil(&mut copy, &mut random);
        truth.insert((original as u32, records.len() as u32));
        records.push(copy);
    }
    // One in ten lives with a partner, one in a hundred is a twin.
    for original in 400..840 {
        let record = records[original].clone();
        let other = stranger(&mut random);
        let birth_date = if original < 800 { other.birth_date } else { record.birth_date };
        records.push(Record { first_name: other.first_name, email: other.email, birth_date, ..record });
    }
    let persons: Vec<Person<'_>> = records.iter().map(Record::person).collect();
    let found = propose(&persons, &Settings::default());
    let n_true = found.proposals.iter().filter(|proposal| truth.contains(&(proposal.a, proposal.b))).count();
    let (precision, recall) =
        (n_true as f64 / found.proposals.len() as f64, n_true as f64 / truth.len() as f64);
    assert!(precision > 0.97, "precision {precision}");
    assert!(recall > 0.95, "recall {recall}");
    assert!(found.proposals.is_sorted_by(|x, y| x.score >= y.score));
}
