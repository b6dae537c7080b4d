//! Blocks: which pairs are worth comparing, found by sorting keys.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::fold::sound;
use super::table::{NONE, Table};
use super::{Key, SkippedBlock};

const KEYS: [Key; 5] =
    [Key::LastNameAndPlace, Key::BirthDateAndInitials, Key::EmailLocal, Key::Phone, Key::Names];

/// No key: a person lacks what it is made of, or too many share it.
const NO_KEY: u64 = 0;

/// The persons by each of their keys.
pub(super) struct Blocks {
    keys_of: Vec<[u64; KEYS.len()]>,
    pub(super) skipped: Vec<SkippedBlock>,
}

impl Blocks {
    pub(super) fn new(table: &Table, most_in_block: u32) -> Blocks {
        let sounds: Vec<String> = table.names.iter().map(|name| sound(name)).collect();
        let keys_of = (0..table.n_persons as u32).map(|person| keys(table, &sounds, person)).collect();
        let mut blocks = Blocks { keys_of, skipped: Vec::new() };
        for (n, key) in KEYS.into_iter().enumerate() {
            let members = blocks.members(n);
            for block in
                members.chunk_by(|a, b| a.0 == b.0).filter(|block| block.len() > most_in_block as usize)
            {
                blocks.skipped.push(SkippedBlock { key, n_persons: block.len() as u32, example: block[0].1 });
                for (_, person) in block {
                    blocks.keys_of[*person as usize][n] = NO_KEY;
                }
            }
        }
        blocks
    }

    /// Calls with each pair that shares a key, once, whatever the number of keys that it shares.
    pub(super) fn for_each_pair(&self, mut call: impl FnMut(u32, u32)) {
        for n in 0..KEYS.len() {
            for block in self.members(n).chunk_by(|a, b| a.0 == b.0) {
                for (i, (_, a)) in block.iter().enumerate() {
                    for (_, b) in &block[i + 1..] {
                        if !self.share_earlier_key(n, *a, *b) {
                            call(*a, *b);
                        }
                    }
                }
            }
        }
    }

    /// The n-th key and the person, sorted; without those who have none.
    fn members(&self, n: usize) -> Vec<(u64, u32)> {
        let with_person = self.keys_of.iter().zip(0..).map(|(keys, person)| (keys[n], person));
        let mut members: Vec<(u64, u32)> = with_person.filter(|(key, _)| *key != NO_KEY).collect();
        members.sort_unstable();
        members
    }

    fn share_earlier_key(&self, n: usize, a: u32, b: u32) -> bool {
        let (a, b) = (&self.keys_of[a as usize], &self.keys_of[b as usize]);
        (0..n).any(|earlier| a[earlier] != NO_KEY && a[earlier] == b[earlier])
    }
}

fn keys(table: &Table, sounds: &[String], person: u32) -> [u64; KEYS.len()] {
    let person = person as usize;
    let known = |value: u32| (value != NONE).then_some(value);
    let first = known(table.first_name.values[person]);
    let last = known(table.last_name.values[person]);
    let sound = |name: u32| sounds[name as usize].as_str();
    let initial = |name: u32| table.names[name as usize].chars().next();
    let place = known(table.postal_code.values[person])
        .map(|code| (0, code))
        .or(known(table.city.values[person]).map(|city| (1, city)));
    let both = first.zip(last);
    [
        hash(last.zip(place).map(|(last, place)| (sound(last), place))),
        hash(known(table.birth_date.values[person]).map(|date| {
            let initials = [first, last].map(|name| name.and_then(initial));
            (date, initials.iter().min().copied(), initials.iter().max().copied())
        })),
        hash(known(table.email_local.values[person])),
        hash(known(table.phone.values[person])),
        hash(both.map(|(first, last)| {
            let (first, last) = (sound(first), sound(last));
            (first.min(last), first.max(last))
        })),
    ]
}

/// Two keys with one hash cost a comparison in vain; nothing else depends on the function.
fn hash(key: Option<impl Hash>) -> u64 {
    let Some(key) = key else { return NO_KEY };
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish().max(NO_KEY + 1)
}
