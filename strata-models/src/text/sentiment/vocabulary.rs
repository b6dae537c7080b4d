//! The words that the rules know apart from their ratings: those that strengthen, weaken, negate or turn.

use std::collections::HashMap;

/// What is known of a word.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Word {
    /// Its mean rating, −4 to 4; none of a word that is not rated.
    pub(super) rating: Option<f64>,
    /// What it adds to the amount of the rating of a word near it; 0 of a word that neither strengthens nor weakens.
    pub(super) boost: f64,
    /// Whether it turns the word behind it around.
    pub(super) negates: bool,
    /// Which of the words it is that rules name.
    pub(super) name: Name,
}

/// Words that a rule or an idiom names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[rustfmt::skip]
pub(super) enum Name {
    /// No rule names it.
    #[default]
    Other,
    Ass, At, Bad, Beating, Bomb, Bus, But, Death, Die, Doubt, Enough, For, Heart, Just, Kind, Kiss, Least, Never, No, Nor, Of, Or,
    Right, Shit, So, Sort, Stop, The, This, To, Very, Without, Yeah,
}

/// How much a word that strengthens adds.
const MORE: f64 = 0.293;

/// Idioms of which a word is rated, with the rating of the whole.
pub(super) const IDIOMS: [(&[Name], f64); 8] = [
    (&[Name::The, Name::Shit], 3.0),
    (&[Name::The, Name::Bomb], 3.0),
    (&[Name::Bad, Name::Ass], 1.5),
    (&[Name::Bus, Name::Stop], 0.0),
    (&[Name::Yeah, Name::Right], -2.0),
    (&[Name::Kiss, Name::Of, Name::Death], -1.5),
    (&[Name::To, Name::Die, Name::For], 3.0),
    (&[Name::Beating, Name::Heart], 3.5),
];

/// What two words weaken together.
pub(super) fn boost_of_pair(pair: [Name; 2]) -> f64 {
    let weakens = [[Name::Just, Name::Enough], [Name::Kind, Name::Of], [Name::Sort, Name::Of]];
    if weakens.contains(&pair) { -MORE } else { 0.0 }
}

/// All words of the rules, without ratings.
pub(super) fn grammar() -> HashMap<Box<str>, Word> {
    let mut words: HashMap<Box<str>, Word> = HashMap::new();
    for word in STRENGTHENING.split_whitespace() {
        words.entry(word.into()).or_default().boost = MORE;
    }
    for word in WEAKENING.split_whitespace() {
        words.entry(word.into()).or_default().boost = -MORE;
    }
    for word in NEGATING.split_whitespace() {
        words.entry(word.into()).or_default().negates = true;
        // Contractions count with their apostrophe and without it.
        if let Some(stem) = word.strip_suffix("n't") {
            words.entry(format!("{stem}nt").into()).or_default().negates = true;
        }
    }
    for (word, name) in NAMED {
        words.entry(word.into()).or_default().name = name;
    }
    words
}

const STRENGTHENING: &str = "absolutely amazingly awfully completely considerable considerably decidedly deeply effing enormous \
    enormously entirely especially exceptional exceptionally extreme extremely fabulously flippin flipping frackin fracking frickin \
    fricking friggin frigging fuckin fucking fuggin fugging fully greatly hella highly hugely incredible incredibly intensely major \
    majorly more most particularly purely quite really remarkably so substantially thoroughly total totally tremendous tremendously \
    uber unbelievably unusually utter utterly very";

const WEAKENING: &str = "almost barely hardly kind-of kinda kindof less little marginal marginally occasional occasionally partly \
    scarce scarcely slight slightly somewhat sort-of sorta sortof";

const NEGATING: &str = "ain't aren't can't cannot couldn't daren't despite didn't doesn't don't hadn't hasn't haven't isn't mightn't \
    mustn't needn't neither never none nope nor not nothing nowhere oughtn't rarely seldom shan't shouldn't uh-uh uhuh wasn't weren't \
    without won't wouldn't";

const NAMED: [(&str, Name); 33] = [
    ("ass", Name::Ass),
    ("at", Name::At),
    ("bad", Name::Bad),
    ("beating", Name::Beating),
    ("bomb", Name::Bomb),
    ("bus", Name::Bus),
    ("but", Name::But),
    ("death", Name::Death),
    ("die", Name::Die),
    ("doubt", Name::Doubt),
    ("enough", Name::Enough),
    ("for", Name::For),
    ("heart", Name::Heart),
    ("just", Name::Just),
    ("kind", Name::Kind),
    ("kiss", Name::Kiss),
    ("least", Name::Least),
    ("never", Name::Never),
    ("no", Name::No),
    ("nor", Name::Nor),
    ("of", Name::Of),
    ("or", Name::Or),
    ("right", Name::Right),
    ("shit", Name::Shit),
    ("so", Name::So),
    ("sort", Name::Sort),
    ("stop", Name::Stop),
    ("the", Name::The),
    ("this", Name::This),
    ("to", Name::To),
    ("very", Name::Very),
    ("without", Name::Without),
    ("yeah", Name::Yeah),
];
