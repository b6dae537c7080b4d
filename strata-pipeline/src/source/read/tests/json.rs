//! JSON Lines: nesting, keys that come late, numbers as they are written, broken lines.

use super::*;

#[test]
fn objects_are_flattened_and_nothing_is_lost() {
    let cases: [(&str, &[&str], &[&str]); 6] = [
        (
            "{\"event\":\"View\",\"properties\":{\"time\":1,\"$browser\":\"C\\u00e9\",\"tags\":[1, {\"a\":2}]},\"ok\":true}\n",
            &["event", "properties.time", "properties.$browser", "properties.tags", "ok"],
            &["1: View|1|Cé|[1, {\"a\":2}]|true|~"],
        ),
        // Numbers keep their digits.
        (
            "{\"id\":9223372036854775807,\"x\":1.10,\"y\":1e400,\"z\":-0}\n",
            &["id", "x", "y", "z"],
            &["1: 9223372036854775807|1.10|1e400|-0|~"],
        ),
        // Null, missing and empty.
        (
            "{\"a\":null,\"b\":\"\"}\n\n{\"b\":{}}\r\n{\"b\":{\"c\":1}}",
            &["a", "b", "b.c"],
            &["1: ~||~|~", "3: ~|{}|~|~", "4: ~|~|1|~"],
        ),
        // A key given twice.
        ("{\"a\":1,\"a\":\"2\"}\n", &["a"], &["1: 1|{\"a\":\"2\"}"]),
        // Strata's own names.
        ("{\"_line\":1,\"_more\":2}\n", &["_line_2", "_more_2"], &["1: 1|2|~"]),
        // Broken lines.
        (
            "{\"a\":1}\n{\"a\":\n[1]\n5\n{\"a\":\"\\ud800\"}\n{\"a\":2} x\n",
            &["a"],
            &[
                "1: 1|~",
                "2! not a JSON object: EOF while parsing a value at column 5 <{\"a\":>",
                "3! not a JSON object: invalid type: sequence, expected an object at column 0 <[1]>",
                "4! not a JSON object: invalid type: integer `5`, expected an object at column 1 <5>",
                "5! not a JSON object: unexpected end of hex escape at column 8 <{\"a\":\"\\ud800\"}>",
                "6! not a JSON object: trailing characters at column 9 <{\"a\":2} x>",
            ],
        ),
    ];
    for (content, names, expected) in cases {
        let file = sample("t.jsonl", content);
        assert_eq!(columns(&file.path), names, "{content}");
        assert_eq!(rows(&file.path, &ReadOptions::default()).unwrap(), expected, "{content}");
    }
}

#[test]
fn a_key_that_comes_late_goes_to_more() {
    let content = "{\"a\":1}\n".repeat(1000) + "{\"a\":2,\"late\":{\"x\":\"y\"},\"n\\\"\":3}\n";
    let file = sample("t.ndjson", content);
    let found = rows(&file.path, &ReadOptions::default()).unwrap();
    assert_eq!(columns(&file.path), ["a"]);
    assert_eq!(found[1000], "1001: 2|{\"late.x\":\"y\",\"n\\\"\":3}");
}

#[test]
fn deep_nesting_stays_text() {
    let deep = "{\"k\":".repeat(20_000) + "1" + &"}".repeat(20_000);
    let file = sample("t.jsonl", format!("{deep}\n"));
    assert_eq!(columns(&file.path), [["k"; 16].join(".")]);
}

#[test]
fn long_lines_and_wrong_bytes_are_problems() {
    let options = ReadOptions { max_record_bytes: 64, ..ReadOptions::default() };
    let long = "x".repeat(600_000);
    let mut content = format!("{{\"a\":1}}\n{{\"a\":\"{long}\"}}\n").into_bytes();
    content.extend(b"{\"a\":\"\xe9\"}\n{\"a\":3}");
    let file = sample("t.jsonl", content);
    let declared = ReadOptions { encoding: Some("utf-8".to_owned()), ..options };
    let found = rows(&file.path, &declared).unwrap();
    assert_eq!(found.len(), 4);
    assert!(found[1].starts_with("2! the record is longer than 64 bytes <{\"a\":\"xxx"), "{}", found[1]);
    assert!(found[2].starts_with("3! not valid UTF-8"), "{}", found[2]);
    assert_eq!(found[3], "4: 3|~");
}

#[test]
fn json_that_is_not_in_lines_is_refused() {
    for (name, content) in [
        ("t.json", "[{\"a\":1}]"),
        ("t", " [ {\"a\":1} ]"),
        ("t.json", "{\n  \"a\": 1\n}\n"),
        ("t.jsonl", "a,b\n1,2\n"),
    ] {
        let file = sample(name, content);
        let error = rows(&file.path, &ReadOptions::default()).unwrap_err();
        assert!(matches!(error, ReadError::NotJsonLines { .. }), "{content}: {error}");
        assert!(error.hint().unwrap().contains("one object a line"));
    }
}
