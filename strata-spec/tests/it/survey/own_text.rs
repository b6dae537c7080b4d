//! A user's own text makes a full instrument of a key, or is refused with names.

use strata_spec::survey::{Instrument, ItemTexts, Permission};

fn tipi_csv() -> String {
    let items: Vec<String> =
        (1..=10).map(|number| format!("tipi{number:02},\"Words, no. {number}\"\n")).collect();
    format!("\u{feff}Item,Text\n{}", items.concat())
}

#[test]
fn a_complete_text_makes_a_full_instrument() {
    let tipi = Instrument::find("tipi").unwrap();
    assert!(!tipi.has_text());
    let texts = ItemTexts::from_csv("tipi.csv", &tipi_csv()).unwrap();
    let full = tipi.with_text(&texts, Permission::Held).unwrap();
    assert!(full.has_text() && full.has_own_text);
    let rating = full.rating().unwrap();
    assert_eq!(rating.items[1].text.as_deref(), Some("Words, no. 2"));
    assert_eq!(rating.items[1].key, -1, "the key stays");

    let toml: Vec<String> =
        (1..=10).map(|number| format!("tipi{number:02} = \"Words, no. {number}\"\n")).collect();
    let texts = ItemTexts::from_toml("tipi.toml", &format!("[items]\n{}", toml.concat())).unwrap();
    assert_eq!(tipi.with_text(&texts, Permission::Held).unwrap(), full);
}

#[test]
fn without_permission_only_free_texts_are_taken() {
    let texts = ItemTexts::from_csv("tipi.csv", &tipi_csv()).unwrap();
    let error = Instrument::find("tipi").unwrap().with_text(&texts, Permission::NotHeld).unwrap_err();
    assert_eq!(error.to_string(), "tipi.csv: nobody says that the text of `tipi` may be used");
    assert!(error.hint.unwrap().contains("commercial use not stated"));

    let items: Vec<String> = (1..=20).map(|number| format!("mipip{number:02},Words {number}\n")).collect();
    let texts = ItemTexts::from_csv("mini.csv", &format!("item,text\n{}", items.concat())).unwrap();
    assert!(Instrument::find("mini-ipip-20").unwrap().with_text(&texts, Permission::NotHeld).is_ok());
}

#[test]
fn missing_and_unknown_items_are_named() {
    let tipi = Instrument::find("tipi").unwrap();
    let refused = |text: &str| {
        let error = match ItemTexts::from_csv("t.csv", text) {
            Ok(texts) => tipi.with_text(&texts, Permission::Held).unwrap_err(),
            Err(error) => error,
        };
        format!("{} ({})", error.to_string().lines().next().unwrap(), error.hint.unwrap_or_default())
    };
    for (text, expected) in [
        (
            tipi_csv().replace("tipi03,\"Words, no. 3\"\n", "").replace("tipi04,\"Words, no. 4\"\n", ""),
            "t.csv: there is no text for items `tipi03` and `tipi04` (`tipi` is scored over all of its 10 items: give each its text)",
        ),
        (
            tipi_csv().replace("tipi10", "tipi1O"),
            "t.csv: `tipi` has no item `tipi1O` (did you mean `tipi10`?)",
        ),
        (
            tipi_csv().replace("tipi10", "tipi09"),
            "t.csv:11:1: item `tipi09` has two texts (keep one of the two)",
        ),
        (
            tipi_csv().replace("tipi10", ""),
            "t.csv:11:1: item `` and its text `Words, no. 10`: one of the two is empty (give both)",
        ),
        (
            "id,words\na,b\n".to_owned(),
            "t.csv:1:1: there is no column `item` (begin with the line `item,text`)",
        ),
        (String::new(), "t.csv:1:1: the file is empty (begin with the line `item,text`)"),
        (
            "item,text\n\"a".to_owned(),
            "t.csv:2:1: a quoted cell does not end (close it with `\"`; a quote inside a cell is written twice)",
        ),
    ] {
        assert_eq!(refused(&text), expected);
    }
    let errors = ItemTexts::from_toml("t.toml", "[items]\na = 3\n[more]\n").unwrap_err();
    let messages: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
    assert_eq!(messages, ["unknown key `more`", "`items.a` must be a text, not 3"]);
}

#[test]
fn an_instrument_without_items_takes_no_text() {
    let texts = ItemTexts::from_csv("t.csv", "item,text\na,b").unwrap();
    let error = Instrument::find("kano").unwrap().with_text(&texts, Permission::Held).unwrap_err();
    assert_eq!(error.message, "`kano` has no items to bring a text for");
}
