//! The instruments that come with Strata: the files of `instruments/`, compiled in.

use std::sync::LazyLock;

use super::attention::AttentionCheck;
use super::instrument::{AspectsDimension, Instrument};
use crate::document::{listed, suggestion};
use crate::error::SpecError;

/// Every instrument, by the name that errors call its file by.
const FILES: [(&str, &str); 16] = [
    ("attitudes.toml", include_str!("instruments/attitudes.toml")),
    ("values.toml", include_str!("instruments/values.toml")),
    ("interests.toml", include_str!("instruments/interests.toml")),
    ("ad_appeals.toml", include_str!("instruments/ad_appeals.toml")),
    ("emotions.toml", include_str!("instruments/emotions.toml")),
    ("needs.toml", include_str!("instruments/needs.toml")),
    ("kano.toml", include_str!("instruments/kano.toml")),
    ("traits.toml", include_str!("instruments/traits.toml")),
    ("mini_ipip.toml", include_str!("instruments/mini_ipip.toml")),
    ("ipip_50.toml", include_str!("instruments/ipip_50.toml")),
    ("need_for_cognition.toml", include_str!("instruments/need_for_cognition.toml")),
    ("tipi.toml", include_str!("instruments/tipi.toml")),
    ("orais_48.toml", include_str!("instruments/orais_48.toml")),
    ("pvq_21.toml", include_str!("instruments/pvq_21.toml")),
    ("pvq_40.toml", include_str!("instruments/pvq_40.toml")),
    ("twivi.toml", include_str!("instruments/twivi.toml")),
];

const CHECKS: (&str, &str) = ("attention.toml", include_str!("instruments/attention.toml"));

impl Instrument {
    /// Every instrument that comes with Strata, with its text or as a key.
    pub fn shipped() -> &'static [Instrument] {
        &SHIPPED
    }

    /// The shipped instrument of that id.
    pub fn find(id: &str) -> Result<&'static Instrument, SpecError> {
        Instrument::shipped().iter().find(|instrument| instrument.id == id).ok_or_else(|| {
            let ids = || Instrument::shipped().iter().map(|instrument| instrument.id.as_str());
            let hint = suggestion(id, ids(), || format!("there are {}", listed(ids(), "and")));
            SpecError::new(format!("no instrument is called `{id}`")).with_hint(hint)
        })
    }

    /// The shipped instruments that are asked where a project chooses none for the dimension.
    pub fn defaults(dimension: AspectsDimension) -> impl Iterator<Item = &'static Instrument> {
        let of = move |each: &&Instrument| each.default && each.aspects_dimension == dimension;
        Instrument::shipped().iter().filter(of)
    }
}

impl AttentionCheck {
    /// The checks that come with Strata.
    pub fn shipped() -> &'static [AttentionCheck] {
        &SHIPPED_CHECKS
    }
}

#[expect(clippy::expect_used, reason = "the files are part of the program, and a test reads them all")]
static SHIPPED: LazyLock<Vec<Instrument>> = LazyLock::new(|| {
    let read = |(file, text): &(&str, &str)| Instrument::parse(file, text);
    FILES.iter().map(read).collect::<Result<_, _>>().expect("shipped instruments are valid")
});

#[expect(clippy::expect_used, reason = "the file is part of the program, and a test reads it")]
static SHIPPED_CHECKS: LazyLock<Vec<AttentionCheck>> =
    LazyLock::new(|| AttentionCheck::parse(CHECKS.0, CHECKS.1).expect("shipped checks are valid"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_files_are_sound() {
        let mut messages = Vec::new();
        let mut note = |errors: Vec<SpecError>| {
            messages.extend(errors.iter().map(|error| format!("{error} ({:?})", error.hint)));
        };
        for (file, text) in FILES {
            Instrument::parse(file, text).err().into_iter().for_each(&mut note);
        }
        AttentionCheck::parse(CHECKS.0, CHECKS.1).err().into_iter().for_each(&mut note);
        assert!(messages.is_empty(), "{}", messages.join("\n"));
    }
}
