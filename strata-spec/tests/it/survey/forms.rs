//! Packs ask what they promise, and the three forms of the full set let any two instruments meet.

use std::collections::BTreeSet;

use strata_spec::survey::{
    Block, CHECKS, CONSENT, Consent, Content, Feature, Form, Instrument, ItemTexts, Pack, PackOptions,
    Permission,
};

fn asked(form: &Form) -> Vec<String> {
    form.questions()
        .into_iter()
        .filter(|question| question.instrument != CHECKS)
        .map(|question| question.id)
        .collect()
}

fn checks(form: &Form) -> Vec<String> {
    form.questions()
        .into_iter()
        .filter(|question| question.pass.is_some())
        .map(|question| question.id)
        .collect()
}

#[test]
fn the_pulse_takes_a_minute() {
    let forms = Pack::Pulse.forms(&PackOptions::default()).unwrap();
    assert_eq!(forms.len(), 1);
    let expected = [
        "emo_pa3",
        "emo_nd2",
        "att_pri1",
        "att_qua1",
        "att_loy1",
        "att_inn1",
        "att_eco1",
        "att_con1",
        "contact_channel",
    ];
    let found: BTreeSet<String> = asked(&forms[0]).into_iter().collect();
    assert_eq!(found, expected.iter().map(|&id| id.to_owned()).collect());
    assert_eq!(checks(&forms[0]), Vec::<String>::new());

    let golden = vec!["val_un1".to_owned(), "adj05".to_owned()];
    let forms = Pack::Pulse.forms(&PackOptions { golden, ..PackOptions::default() }).unwrap();
    let found: BTreeSet<String> = asked(&forms[0]).into_iter().collect();
    assert!(found.contains("val_un1") && found.contains("adj05") && !found.contains("att_pri1"));

    let golden = vec!["val_un9".to_owned()];
    let error = Pack::Pulse.forms(&PackOptions { golden, ..PackOptions::default() }).unwrap_err();
    assert_eq!(error.message, "no question is called `val_un9`");
    assert!(error.hint.unwrap().starts_with("did you mean `val_"));
}

#[test]
fn the_core_asks_traits_values_and_attitudes() {
    let forms = Pack::Core.forms(&PackOptions::default()).unwrap();
    assert_eq!((forms.len(), asked(&forms[0]).len()), (1, 24 + 20 + 20));
    assert_eq!(
        checks(&forms[0]),
        ["chk_instr1_attitudes-24-cc0", "chk_instr2_traits-adjectives-40", "chk_self"]
    );
    let traits = Instrument::find("traits-adjectives-40").unwrap().rating().unwrap();
    let core = asked(&forms[0]);
    for scale in &traits.scales {
        assert_eq!(
            traits.items_of(&scale.id).filter(|item| core.contains(&item.id)).count(),
            4,
            "{}",
            scale.id
        );
    }
}

#[test]
fn the_full_set_is_planned_to_be_missing() {
    let options = PackOptions {
        features: vec![Feature { id: "returns".to_owned(), name: "free returns".to_owned() }],
        consent: Some(Consent::to("offers that suit you")),
        ..PackOptions::default()
    };
    let forms = Pack::Full.forms(&options).unwrap();
    let left_out: Vec<Option<Block>> = forms.iter().map(|form| form.left_out).collect();
    assert_eq!(left_out, [Some(Block::A), Some(Block::B), Some(Block::C)]);
    let (a, b, c, x) = (40, 24 + 14, 48, 20 + 16 + 12 + 2 + 2 + 1);
    let counts: Vec<usize> = forms.iter().map(|form| asked(form).len()).collect();
    assert_eq!(counts, [x + b + c, x + a + c, x + a + b]);

    let all =
        Instrument::shipped().iter().filter(|each| each.default || matches!(each.content, Content::Kano(_)));
    let all: Vec<&Instrument> = all.collect();
    let asks = |form: &Form, id: &str| form.sections.iter().any(|section| section.instrument == id);
    for one in &all {
        for other in &all {
            assert!(
                forms.iter().any(|form| asks(form, &one.id) && asks(form, &other.id)),
                "{} and {} never meet",
                one.id,
                other.id
            );
        }
        if let Some(rating) = one.rating() {
            for form in &forms {
                let asked = asked(form);
                let n = rating.items.iter().filter(|item| asked.contains(&item.id)).count();
                assert!(n == 0 || n == rating.items.len(), "half of {} in {}", one.id, form.id);
            }
        }
    }
    for form in &forms {
        assert_eq!(form.questions()[0].id, CONSENT);
        let last = if form.left_out == Some(Block::A) { "interests-48-cc0" } else { "traits-adjectives-40" };
        let last = format!("chk_instr2_{last}");
        assert_eq!(checks(form), ["chk_instr1_core-affect-12-cc0", &last, "chk_self"]);
        for id in ["contact_channel", "contact_frequency", "kano_returns_with", "kano_returns_without"] {
            assert!(asked(form).contains(&id.to_owned()), "{id} in {}", form.id);
        }
    }
}

#[test]
fn checks_stand_among_items_and_name_a_label_of_theirs() {
    let form = &Pack::Core.forms(&PackOptions::default()).unwrap()[0];
    let section = &form.sections[0];
    let place = section.questions.iter().position(|question| question.pass.is_some()).unwrap();
    assert_eq!((section.questions.len(), place), (25, 12));
    assert!(section.is_grid());
    let check = &section.questions[place];
    assert_eq!(check.text, "To show that you are reading, please choose 'Disagree' here.");
    assert_eq!(check.pass, Some(2));
    let last = form.sections.last().unwrap();
    assert_eq!((last.instrument.as_str(), last.questions[0].pass), (CHECKS, Some(1)));
}

#[test]
fn titles_of_a_form_are_unique() {
    for pack in [Pack::Pulse, Pack::Core, Pack::Full] {
        for form in pack.forms(&PackOptions::default()).unwrap() {
            let titles: Vec<String> =
                form.questions().into_iter().map(|question| question.title.to_lowercase()).collect();
            let distinct: BTreeSet<&String> = titles.iter().collect();
            assert_eq!(distinct.len(), titles.len(), "{}", form.id);
        }
    }
}

#[test]
fn people_are_spread_over_the_forms_and_stay_there() {
    let mut counts = [0; 3];
    for number in 0..3_000 {
        let respondent = format!("customer-{number}");
        let form = Pack::form_of(&respondent, 3);
        assert_eq!(form, Pack::form_of(&respondent, 3));
        counts[form] += 1;
    }
    assert!(counts.iter().all(|count| (900..1_100).contains(count)), "{counts:?}");
    assert_eq!(Pack::form_of("x", 0), 0);
}

#[test]
fn own_texts_take_the_place_of_the_shipped() {
    let texts: Vec<String> = (1..=20).map(|number| format!("mipip{number:02},Words {number}\n")).collect();
    let texts = ItemTexts::from_csv("mini.csv", &format!("item,text\n{}", texts.concat())).unwrap();
    let mini = Instrument::find("mini-ipip-20").unwrap();
    let own = vec![mini.with_text(&texts, Permission::Held).unwrap()];
    let form = &Pack::Core.forms(&PackOptions { own, ..PackOptions::default() }).unwrap()[0];
    let asked = asked(form);
    assert!(asked.contains(&"mipip20".to_owned()) && !asked.contains(&"adj01".to_owned()));
    assert_eq!(asked.len(), 24 + 20 + 20);
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let find = |id: &str| Instrument::find(id).unwrap();
    let feature = |id: &str| Feature { id: id.to_owned(), name: "it".to_owned() };
    for (instruments, features, expected) in [
        (vec![find("tipi")], vec![], "`tipi` has no text to ask"),
        (vec![find("needs-16-cc0"), find("needs-16-cc0")], vec![], "form `f` asks `need_sav1` twice"),
        (vec![find("kano")], vec![feature("a b")], "`a b` cannot be the id of a feature"),
        (vec![find("kano")], vec![feature("a"), feature("a")], "two features are called `a`"),
    ] {
        let error = Form::of("f", "F", &instruments, &features).unwrap_err();
        assert_eq!(error.message, expected);
        assert!(error.hint.is_some());
    }
    let error = Pack::parse("puls").unwrap_err();
    assert_eq!(error.hint.as_deref(), Some("did you mean `pulse`?"));
}
