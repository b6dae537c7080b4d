//! A text without what a model of uncased words does not read: capitals, accents and what cannot be seen; with blanks around what is a word of
//! its own.
//!
//! This is the normalisation of BERT's uncased models. Accents are taken off the letters of Latin, Greek and Cyrillic script, for the models are
//! for English; letters of others that are composed of several stay as they are.

/// Letters in lower case without their accents, and the same with them.
const ACCENTED: [(char, &str); 47] = [
    ('a', "àáâãäåāăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặ"),
    ('b', "ḃḅḇ"),
    ('c', "çćĉċčḉ"),
    ('d', "ďḋḍḏḑḓ"),
    ('e', "èéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ"),
    ('f', "ḟ"),
    ('g', "ĝğġģǧǵḡ"),
    ('h', "ĥȟḣḥḧḩḫẖ"),
    ('i', "ìíîïĩīĭįǐȉȋḭḯỉị"),
    ('j', "ĵǰ"),
    ('k', "ķǩḱḳḵ"),
    ('l', "ĺļľḷḹḻḽ"),
    ('m', "ḿṁṃ"),
    ('n', "ñńņňǹṅṇṉṋ"),
    ('o', "òóôõöōŏőơǒǫǭȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợ"),
    ('p', "ṕṗ"),
    ('r', "ŕŗřȑȓṙṛṝṟ"),
    ('s', "śŝşšșṡṣṥṧṩ"),
    ('t', "ţťțṫṭṯṱẗ"),
    ('u', "ùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự"),
    ('v', "ṽṿ"),
    ('w', "ŵẁẃẅẇẉẘ"),
    ('x', "ẋẍ"),
    ('y', "ýÿŷȳẏẙỳỵỷỹ"),
    ('z', "źżžẑẓẕ"),
    ('æ', "ǣǽ"),
    ('ø', "ǿ"),
    ('α', "ά"),
    ('ε', "έ"),
    ('η', "ή"),
    ('ι', "ΐίϊ"),
    ('ο', "ό"),
    ('υ', "ΰϋύ"),
    ('ω', "ώ"),
    ('а', "ӑӓ"),
    ('г', "ѓ"),
    ('е', "ѐёӗ"),
    ('ж', "ӂӝ"),
    ('з', "ӟ"),
    ('и', "йѝӣӥ"),
    ('к', "ќ"),
    ('о', "ӧ"),
    ('у', "ўӯӱӳ"),
    ('ч', "ӵ"),
    ('ы', "ӹ"),
    ('э', "ӭ"),
    ('і', "ї"),
];

/// Marks that are written over or under the letter before them.
const MARKS: [(char, char); 9] = [
    ('\u{300}', '\u{36f}'),
    ('\u{483}', '\u{487}'),
    ('\u{1ab0}', '\u{1aff}'),
    ('\u{1dc0}', '\u{1dff}'),
    ('\u{20d0}', '\u{20dc}'),
    ('\u{20e1}', '\u{20e1}'),
    ('\u{20e5}', '\u{20f0}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{fe20}', '\u{fe2f}'),
];

/// What says how others are written and is not seen itself.
const UNSEEN: [(char, char); 10] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{180e}', '\u{180e}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{202a}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{e000}', '\u{f8ff}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{fff9}', '\u{fffb}'),
    ('\u{e0000}', '\u{10ffff}'),
];

/// Punctuation beyond ASCII, as far as English texts have it.
const PUNCTUATION: [(char, char); 30] = [
    ('¡', '¡'),
    ('§', '§'),
    ('«', '«'),
    ('¶', '·'),
    ('»', '»'),
    ('¿', '¿'),
    ('\u{2010}', '\u{2027}'),
    ('\u{2030}', '\u{2043}'),
    ('\u{2045}', '\u{2051}'),
    ('\u{2053}', '\u{205e}'),
    ('\u{207d}', '\u{207e}'),
    ('\u{208d}', '\u{208e}'),
    ('\u{2308}', '\u{230b}'),
    ('\u{2329}', '\u{232a}'),
    ('\u{2768}', '\u{2775}'),
    ('\u{27e6}', '\u{27ef}'),
    ('\u{2e00}', '\u{2e4f}'),
    ('\u{3001}', '\u{3003}'),
    ('\u{3008}', '\u{3011}'),
    ('\u{3014}', '\u{301f}'),
    ('\u{30fb}', '\u{30fb}'),
    ('\u{ff01}', '\u{ff03}'),
    ('\u{ff05}', '\u{ff0a}'),
    ('\u{ff0c}', '\u{ff0f}'),
    ('\u{ff1a}', '\u{ff1b}'),
    ('\u{ff1f}', '\u{ff20}'),
    ('\u{ff3b}', '\u{ff3d}'),
    ('\u{ff3f}', '\u{ff3f}'),
    ('\u{ff5b}', '\u{ff5d}'),
    ('\u{ff5f}', '\u{ff65}'),
];

/// Chinese characters, each of which is a word.
const CHINESE: [(char, char); 8] = [
    ('\u{3400}', '\u{4dbf}'),
    ('\u{4e00}', '\u{9fff}'),
    ('\u{f900}', '\u{faff}'),
    ('\u{20000}', '\u{2a6df}'),
    ('\u{2a700}', '\u{2b73f}'),
    ('\u{2b740}', '\u{2b81f}'),
    ('\u{2b920}', '\u{2ceaf}'),
    ('\u{2f800}', '\u{2fa1f}'),
];

/// Writes the text to `folded`, with a blank between any two words.
pub(super) fn fold(text: &str, folded: &mut String) {
    folded.clear();
    for character in text.chars() {
        match character {
            character
                if character.is_ascii_punctuation()
                    || is_in(character, &PUNCTUATION)
                    || is_in(character, &CHINESE) =>
            {
                folded.extend([' ', character, ' ']);
            }
            ' '..='~' => folded.push(character.to_ascii_lowercase()),
            character if character.is_whitespace() => folded.push(' '),
            character if character.is_control() || character == '\u{fffd}' || is_in(character, &UNSEEN) => {}
            character => {
                let letters = character.to_lowercase().filter(|letter| !is_in(*letter, &MARKS));
                folded.extend(letters.map(bare));
            }
        }
    }
}

/// A letter in lower case without its accents.
fn bare(letter: char) -> char {
    ACCENTED.iter().find(|(_, accented)| accented.contains(letter)).map_or(letter, |(bare, _)| *bare)
}

fn is_in(character: char, ranges: &[(char, char)]) -> bool {
    !character.is_ascii() && ranges.iter().any(|(first, last)| (*first..=*last).contains(&character))
}
