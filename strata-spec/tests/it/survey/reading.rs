//! Answers come back from the files of survey tools, and what does not is in the report with its reason.

use strata_spec::survey::{
    By, Consent, Form, Instrument, Match, NamedBy, Pack, PackOptions, ReadOptions, Reader, Reason, Responses,
    Role,
};

fn texts(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|&cell| cell.to_owned()).collect()
}

fn attitudes() -> Reader {
    Reader::of_instruments(&[Instrument::find("attitudes-24-cc0").unwrap()], &[])
}

fn wide(reader: &Reader, header: &[&str], records: &[&[&str]]) -> Responses {
    reader.wide(&texts(header), records.iter().map(|cells| texts(cells)))
}

/// What became rows, in short.
fn rows(responses: &Responses) -> Vec<(&str, &str, i64)> {
    responses.answers.iter().map(|row| (&*row.respondent, &*row.item, row.value)).collect()
}

fn refusals(responses: &Responses) -> Vec<String> {
    let say = |each: &strata_spec::survey::Refused| {
        format!("{} {} `{}`: {}", each.record, each.column, each.answer, each.reason)
    };
    responses.report.refused.iter().map(say).collect()
}

fn matches(responses: &Responses) -> Vec<String> {
    responses.report.columns.iter().map(|each| format!("{}: {}", each.column, each.matched)).collect()
}

#[test]
fn google_forms_heads_columns_by_questions() {
    let header = [
        "Timestamp",
        "Email Address",
        "How far do you agree with each statement? [I compare prices before I buy.]",
        "1. I look closely at how well something is made",
        "att_loy1",
        "Anything else?",
    ];
    let responses = wide(
        &attitudes(),
        &header,
        &[
            &[
                "2024/03/01 10:00:00 AM GMT+1",
                "a@example.com",
                "Agree",
                "5",
                "3 - Neither agree nor disagree",
                "Hi",
            ],
            &["2024/03/02 10:00:00 AM GMT+1", "b@example.com", "Agre", "9", "", ""],
            &["2024/03/03 10:00:00 AM GMT+1", "", "1", "", "", "", "beyond"],
        ],
    );
    assert_eq!(
        rows(&responses),
        [
            ("a@example.com", "att_pri1", 4),
            ("a@example.com", "att_qua2", 5),
            ("a@example.com", "att_loy1", 3)
        ]
    );
    let first = &responses.answers[0];
    assert_eq!(first.named_by, NamedBy::Email);
    assert_eq!(first.answered_at.as_deref(), Some("2024/03/01 10:00:00 AM GMT+1"));
    assert_eq!((&*first.instrument, first.consent, first.duration_seconds), ("attitudes-24-cc0", None, None));
    assert_eq!(
        refusals(&responses),
        [
            format!("2 {} `Agre`: no answer is labelled so; is `Agree` meant?", header[2]),
            format!("2 {} `9`: it is not a number from 1 to 5", header[3]),
            format!("3 {} `1`: nothing says who answered", header[2]),
            "3  `beyond`: it stands behind the last column".to_owned(),
        ]
    );
    assert_eq!(
        matches(&responses)[2..],
        [
            format!("{}: item `att_pri1` by its text", header[2]),
            format!("{}: item `att_qua2` by its text", header[3]),
            "att_loy1: item `att_loy1` by its id".to_owned(),
            "Anything else?: not read: no question is called or worded so".to_owned(),
        ]
    );
    let counts: Vec<(usize, usize)> =
        responses.report.columns.iter().map(|column| (column.n_given, column.n_read)).collect();
    assert_eq!(counts, [(3, 3), (2, 2), (3, 1), (2, 1), (1, 1), (1, 0)]);
    assert_eq!(responses.report.n_records, 3);
}

#[test]
fn typeform_csv_has_tokens_times_and_hidden_fields() {
    let options = PackOptions { consent: Some(Consent::to("offers")), ..PackOptions::default() };
    let forms = Pack::Pulse.forms(&options).unwrap();
    let reader = Reader::of_forms(&forms)
        .with(ReadOptions { purpose: Some("offers".to_owned()), ..ReadOptions::default() });
    let header = [
        "#",
        "I compare prices before I buy.",
        "May we keep your answers and use them for this purpose: offers?",
        "customer_id",
        "Response Type",
        "Start Date (UTC)",
        "Stage Date (UTC)",
        "Submit Date (UTC)",
        "Network ID",
        "Tags",
        "Ending",
    ];
    let responses = wide(
        &reader,
        &header,
        &[
            &[
                "tok1",
                "Strongly agree",
                "Yes",
                "c1",
                "completed",
                "2024-03-01 10:00:00",
                "",
                "2024-03-01 10:02:30",
                "n",
                "",
                "x",
            ],
            &[
                "tok2",
                "2",
                "0",
                "c2",
                "completed",
                "2024-03-01 10:00:00",
                "",
                "2024-03-01 09:00:00",
                "n",
                "",
                "x",
            ],
            &["tok3", "2", "", "", "completed", "", "", "2024-03-01 09:00:00", "n", "", "x"],
            &["tok1", "4", "", "c1", "completed", "", "", "2024-03-01 09:00:00", "n", "", "x"],
        ],
    );
    assert_eq!(rows(&responses), [("c1", "att_pri1", 5), ("c2", "att_pri1", 2)]);
    let [first, second] = responses.answers.as_slice() else { panic!("two rows") };
    assert_eq!(
        (first.duration_seconds, first.consent, first.response.as_deref()),
        (Some(150.0), Some(true), Some("tok1"))
    );
    assert_eq!(
        (second.duration_seconds, second.consent, second.purpose.as_deref()),
        (None, Some(false), Some("offers"))
    );
    let reasons: Vec<&Reason> = responses.report.refused.iter().map(|each| &each.reason).collect();
    assert_eq!(reasons, [&Reason::NoRespondent, &Reason::AnsweredTwice]);
    let tools = responses.report.columns.iter().filter(|column| column.matched == Match::Tool).count();
    assert_eq!(tools, 5, "response type, stage date, network, tags, ending");

    let anonymous = reader.with(ReadOptions { keeps_anonymous: true, ..ReadOptions::default() });
    let responses = wide(&anonymous, &header[..2], &[&["tok3", "2"]]);
    assert_eq!(rows(&responses), [("tok3", "att_pri1", 2)]);
    assert_eq!(responses.answers[0].named_by, NamedBy::Response);
}

#[test]
fn hotjar_names_the_browser() {
    let header = [
        "Number",
        "User",
        "Date Submitted",
        "Country",
        "Source URL",
        "Device",
        "Browser",
        "OS",
        "Hotjar User ID",
        "I compare prices before I buy.",
    ];
    let responses = wide(
        &attitudes(),
        &header,
        &[&[
            "7",
            "u",
            "2024-03-01 10:00",
            "Germany",
            "https://example.com",
            "desktop",
            "Firefox",
            "Linux",
            "hj-1",
            "Disagree",
        ]],
    );
    assert_eq!(rows(&responses), [("hj-1", "att_pri1", 2)]);
    let row = &responses.answers[0];
    assert_eq!((row.named_by, row.response.as_deref()), (NamedBy::Device, Some("7")));
    assert_eq!(responses.report.columns[0].matched, Match::Role(Role::Response));
}

#[test]
fn keys_alone_are_read_by_id_or_by_place() {
    let tipi = Reader::of_instruments(&[Instrument::find("tipi").unwrap()], &[]);
    let header = ["respondent", "Q1", "Q2", "Q3", "Q4", "Q5", "Q6", "Q7", "Q8", "Q9", "Q10"];
    let record = ["r", "1", "2", "3", "4", "5", "6", "7", "1", "2", "8"];
    let responses = wide(&tipi, &header, &[&record]);
    assert_eq!(responses.answers.len(), 9);
    assert_eq!(rows(&responses)[8], ("r", "tipi09", 2));
    assert_eq!(
        responses.report.columns[1].matched,
        Match::Item { item: "tipi01".to_owned(), by: By::Position }
    );
    assert_eq!(refusals(&responses), ["1 Q10 `8`: it is not a number from 1 to 7"]);

    // One column less, and places say nothing.
    let responses = wide(&tipi, &header[..10], &[&record[..10]]);
    assert_eq!(responses.answers, []);
    assert!(matches!(responses.report.columns[1].matched, Match::Nothing { .. }));

    let pvq = Reader::of_instruments(&[Instrument::find("pvq-21-ess").unwrap()], &[]);
    let pvq = pvq.with(ReadOptions { respondent_column: Some("idno".to_owned()), ..ReadOptions::default() });
    let responses = wide(&pvq, &["idno", "cntry", "ipcrtiv", "IMPRICH"], &[&["1", "DE", "2", "77"]]);
    assert_eq!(rows(&responses), [("1", "ipcrtiv", 2)]);
    assert_eq!(refusals(&responses), ["1 IMPRICH `77`: it is not a number from 1 to 6"]);
}

#[test]
fn texts_that_two_items_share_are_told_apart_by_order_or_refused() {
    let emotions = Instrument::find("core-affect-12-cc0").unwrap();
    let traits = Instrument::find("traits-adjectives-40").unwrap();
    let reader = Reader::of_instruments(&[emotions, traits], &[]);
    let responses = wide(&reader, &["respondent", "relaxed", "relaxed"], &[&["r", "1", "5"]]);
    assert_eq!(rows(&responses), [("r", "emo_pd2", 1), ("r", "adj14", 5)]);
    let responses = wide(&reader, &["respondent", "relaxed"], &[&["r", "1"]]);
    assert_eq!(rows(&responses), []);
    assert_eq!(
        matches(&responses)[1],
        "relaxed: not read: `emo_pd2` and `adj14` are worded so (head the column by the id of the item)"
    );
    // The table has other traits and no other feelings.
    let responses = wide(&reader, &["respondent", "relaxed", "talkative"], &[&["r", "1", "2"]]);
    assert_eq!(rows(&responses), [("r", "adj14", 1), ("r", "adj01", 2)]);
    let responses = wide(&reader, &["respondent", "adj14", "relaxed", "adj14"], &[&["r", "1", "2", "3"]]);
    assert_eq!(
        matches(&responses)[3],
        "adj14: not read: its question is read from the column `adj14` (keep one of the two)"
    );
}

#[test]
fn long_tables_have_a_record_for_each_answer() {
    let header = texts(&["respondent", "item", "answer", "answered_at", "duration", "note"]);
    let records = [
        ["r1", "att_pri1", "Agree", "2024-03-01", "90", ""],
        ["r1", "I look closely at how well something is made.", "2", "2024-03-01", "90", "x"],
        ["r1", "consent", "yes", "2024-03-01", "", ""],
        ["r1", "att_pri1", "5", "2024-03-01", "", ""],
        ["r1", "att_pri1", "5", "2024-04-01", "", ""],
        ["", "att_pri1", "5", "", "", ""],
        ["r2", "att_prj1", "5", "", "soon", ""],
        ["r2", "att_pri1", "", "", "", ""],
    ];
    let responses = attitudes().long(&header, records.map(|cells| texts(&cells))).unwrap();
    assert_eq!(rows(&responses), [("r1", "att_pri1", 4), ("r1", "att_qua2", 2), ("r1", "att_pri1", 5)]);
    let consents: Vec<Option<bool>> = responses.answers.iter().map(|row| row.consent).collect();
    assert_eq!(consents, [Some(true), Some(true), None], "consent is of one form");
    assert_eq!(responses.answers[0].duration_seconds, Some(90.0));
    assert_eq!(
        refusals(&responses),
        [
            "4 att_pri1 `5`: the item is answered in this form already",
            "6 att_pri1 `5`: nothing says who answered",
            "7 att_prj1 `5`: no question is called or worded so",
        ]
    );
    let matches = matches(&responses);
    assert_eq!(matches[5], "note: not read: it says nothing about an answer");
    assert!(matches.contains(
        &"att_prj1: not read: no question is called or worded so (did you mean `att_pri1`?)".to_owned()
    ));
}

#[test]
fn the_canonical_table_of_responses_is_a_long_table() {
    let header = texts(&[
        "response_id",
        "customer_id",
        "survey",
        "question",
        "answered_at",
        "answer",
        "answer_number",
    ]);
    let records = [
        ["1", "c1", "s", "I compare prices before I buy.", "2024-03-01", "agrees somewhat", "4"],
        ["1", "c1", "s", "I am willing to spend extra effort to pay less.", "2024-03-01", "Agree", ""],
        ["2", "c1", "s", "I compare prices before I buy.", "2024-03-01", "Agree", "4"],
    ];
    let responses = attitudes().long(&header, records.map(|cells| texts(&cells))).unwrap();
    assert_eq!(rows(&responses), [("c1", "att_pri1", 4), ("c1", "att_pri2", 4), ("c1", "att_pri1", 4)]);
    assert_eq!(refusals(&responses), Vec::<String>::new());
}

#[test]
fn a_long_table_without_what_it_needs_is_refused() {
    for (header, message, hint) in [
        (&["respondent", "itm", "answer"][..], "no column is the item", "did you mean `itm`?"),
        (
            &["respondent", "item", "x"],
            "no column is the answer",
            "name a column `answer`; there are `respondent`, `item` and `x`",
        ),
        (
            &["who", "item", "answer"],
            "no column is the respondent",
            "name a column `respondent`; there are `who`, `item` and `answer`",
        ),
    ] {
        let error = attitudes().long(&texts(header), Vec::<Vec<String>>::new()).unwrap_err();
        assert_eq!((error.message.as_str(), error.hint.as_deref()), (message, Some(hint)));
    }
}

#[test]
fn failed_checks_are_listed_by_respondent() {
    let form: &Form = &Pack::Core.forms(&PackOptions::default()).unwrap()[0];
    let reader = Reader::of_forms(std::slice::from_ref(form));
    let responses = wide(
        &reader,
        &["respondent", "chk_instr1_attitudes-24-cc0", "chk_instr2_traits-adjectives-40", "chk_self"],
        &[
            &["careful", "2", "5", "Yes, I answered carefully"],
            &["quick", "Agree", "", "No, I clicked through"],
        ],
    );
    let failed = responses.failed_checks(reader.questions());
    assert_eq!(failed.len(), 1);
    assert_eq!(failed["quick"], ["chk_instr1_attitudes-24-cc0", "chk_self"]);
}

#[test]
fn the_best_of_a_set_is_not_its_worst() {
    let reader = Reader::of_instruments(&[Instrument::find("ad-bws-7-cc0").unwrap()], &[]);
    let header = ["respondent", "ad_set1_best", "ad_set1_worst", "ad_set2_worst", "ad_set2_best"];
    let responses =
        wide(&reader, &header, &[&["r", "1", "A clear list of features and test results", "1", "4"]]);
    assert_eq!(
        rows(&responses),
        [("r", "ad_set1_best", 1), ("r", "ad_set2_worst", 1), ("r", "ad_set2_best", 4)]
    );
    assert_eq!(
        refusals(&responses),
        [
            "1 ad_set1_worst `A clear list of features and test results`: `ad_set1_best` has the same answer, which it cannot be"
        ]
    );
}
