//! CSV: encodings, delimiters, line breaks, broken rows, memory; what is written comes back.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use encoding_rs::{UTF_8, WINDOWS_1252};
use proptest::prelude::*;

use super::super::csv::CsvReader;
use super::super::{Compression, Dialect, Format};
use super::*;

fn utf_16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(to_bytes).collect()
}

#[test]
fn the_same_table_is_read_from_every_encoding() {
    let text = "name,city\nJosé,Köln\n\"Zoë, B.\",Zürich\n";
    let expected = ["2: José|Köln", "3: Zoë, B.|Zürich"];
    let files: [(&str, bool, Vec<u8>); 7] = [
        ("UTF-8", false, text.into()),
        ("UTF-8", true, format!("\u{feff}{text}").into()),
        ("UTF-16LE", true, utf_16(&format!("\u{feff}{text}"), u16::to_le_bytes)),
        ("UTF-16BE", true, utf_16(&format!("\u{feff}{text}"), u16::to_be_bytes)),
        ("UTF-16LE", false, utf_16(text, u16::to_le_bytes)),
        ("UTF-16BE", false, utf_16(text, u16::to_be_bytes)),
        ("windows-1252", false, WINDOWS_1252.encode(text).0.into()),
    ];
    for (encoding, bom, bytes) in files {
        let file = sample("people.csv", bytes);
        let reader = read(&file.path, &ReadOptions::default()).unwrap();
        assert_eq!((reader.dialect().encoding, reader.dialect().bom), (encoding, bom));
        assert_eq!(reader.dialect().columns, ["name", "city"], "{encoding}");
        assert_eq!(rows(&file.path, &ReadOptions::default()).unwrap(), expected, "{encoding}");
    }
}

#[test]
fn declared_options_prevail() {
    let latin = sample("a.csv", b"a;b\n'x;y';\xa4\n");
    let options = ReadOptions {
        delimiter: Some(b';'),
        quote: Some(b'\''),
        encoding: Some("iso-8859-15".to_owned()),
        ..ReadOptions::default()
    };
    assert_eq!(rows(&latin.path, &options).unwrap(), ["2: x;y|€"]);
}

#[test]
fn delimiters_and_line_breaks_of_every_kind() {
    let expected = ["2: 1|x", "3: 2|y"];
    for file in [
        "a,b\n1,x\n2,y\n",
        "a;b\r\n1;x\r\n2;y\r\n",
        "a\tb\r1\tx\r2\ty\r",
        "a|b\n1|x\n2|y",
        "a,b\n1,x,\n2,y,\n",
    ] {
        check("t.csv", file, &expected);
    }
    check("t.csv", "sep=;\r\na;b,c\r\n1;x\r\n", &["3: 1|x"]);
    check("t.tsv", "a,b\tc\n1\t2\n", &["2: 1|2"]);
}

#[test]
fn columns_of_blanks_are_read_with_a_header_and_without() {
    let rows_of = |lines: &str| format!(" 00004 0001 19970101  2   29.33\r\n{lines}");
    check(
        "cdnow.txt",
        rows_of(" 00004 0001 19970118 12  129.73\r\n\r\n00021\t0002 19970101 3 63.34"),
        &[
            "1: 00004|0001|19970101|2|29.33",
            "2: 00004|0001|19970118|12|129.73",
            "4: 00021|0002|19970101|3|63.34",
        ],
    );
    // A line that breaks the table is kept as a problem, the first one too.
    let sound = " 00004 0001 19970118 2 29.73\n".repeat(20);
    let content = rows_of(&format!("{sound} 00004 19970118 2 29.73\n 1 2 3 4 \"x y\n 1 2 3 4 \"x y\"\n"));
    let file = sample("cdnow.txt", content);
    let found = rows(&file.path, &ReadOptions::default()).unwrap();
    assert_eq!(
        found[21..],
        [
            "22! has 4 fields, the first line has 5 < 00004 19970118 2 29.73>",
            "23! a quote opened on line 23 is never closed < 1 2 3 4 \"x y>",
            "24: 1|2|3|4|x y",
        ]
    );
    check(
        "m.txt",
        "  id  date  cds\n 1  19970101 1\n 2 19970112 3\n",
        &["2: 1|19970101|1", "3: 2|19970112|3"],
    );
    // What is declared prevails over what is seen.
    let names = sample("n.csv", "a,b\nx,y\n");
    let options = ReadOptions { header: Some(false), ..ReadOptions::default() };
    assert_eq!(rows(&names.path, &options).unwrap(), ["1: a|b", "2: x|y"]);
    assert_eq!(read(&names.path, &options).unwrap().dialect().columns, ["column_1", "column_2"]);
    let days = sample("d.csv", "2024-01-01,2024-01-02\n2024-02-01,2024-02-02\n");
    let options = ReadOptions { header: Some(true), ..ReadOptions::default() };
    assert_eq!(rows(&days.path, &options).unwrap(), ["2: 2024-02-01|2024-02-02"]);
    let names = sample("n.txt", "a b\nx  y\n");
    let options = ReadOptions { delimiter: Some(b' '), max_record_bytes: 8, ..ReadOptions::default() };
    assert_eq!(rows(&names.path, &options).unwrap(), ["2: x|y"]);
    let long = sample("l.txt", "a b\nlonger than that\nx  y\n");
    let problem = "2! the record is longer than 8 bytes <longer than that>";
    assert_eq!(rows(&long.path, &options).unwrap(), [problem, "3: x|y"]);
}

#[test]
fn lines_are_counted_as_an_editor_does() {
    check("t.csv", "a,b\n1,\"x\ny\"\n2,z\n", &["2: 1|x\ny", "4: 2|z"]);
    check("t.csv", "a,b\r\n1,\"x\r\ny\"\r\n\r\n\r\n2,z", &["2: 1|x\r\ny", "6: 2|z"]);
    check("t.csv", "a,b\r1,\"x\ry\"\r\r2,z\r", &["2: 1|x\ry", "5: 2|z"]);
    check("t.csv", "\n\na,b\n\n1,x\n", &["5: 1|x"]);
}

#[test]
fn headers_become_names() {
    let cases: [(&str, &[&str]); 6] = [
        (" a , b\t\n1,2\n", &["a", "b"]),
        ("a,,a,a\n1,2,3,4\n", &["a", "column_2", "a_2", "a_3"]),
        ("\"What is\nyour name?\",b\n1,2\n", &["What is\nyour name?", "b"]),
        ("_line,_problem\n1,2\n", &["_line_2", "_problem_2"]),
        ("# ------\n# Start date: 20240101\n# ------\n\nCountry,Users\nDE,5\n", &["Country", "Users"]),
        ("#,Submit Date (UTC)\nx,2024-01-01\n", &["#", "Submit Date (UTC)"]),
    ];
    for (content, expected) in cases {
        assert_eq!(columns(&sample("t.csv", content).path), expected, "{content:?}");
    }
    check(
        "ga4.csv",
        "# ------\n# Start date: 20240101\n\nCountry,Users\nDE,5\n#1,6\n",
        &["5: DE|5", "6: #1|6"],
    );
}

#[test]
fn a_row_that_breaks_the_table_is_kept_as_a_problem() {
    let cases: [(&str, &[&str]); 9] = [
        ("1,2,3,4\n1,x,y\n", &["2! has 4 fields, the header has 3 <1,2,3,4>", "3: 1|x|y"]),
        ("1,2\n1,x,y\n", &["2! has 2 fields, the header has 3 <1,2>", "3: 1|x|y"]),
        ("1\n1,x,y\n", &["2! has 1 field, the header has 3 <1>", "3: 1|x|y"]),
        ("   \n,,\n1,\"\",y\n", &["3: ~|~|~", "4: 1|~|y"]),
        ("1,x,\"y\n2,x,y\n", &["2! a quote opened on line 2 is never closed <1,x,\"y>", "3: 2|x|y"]),
        ("1,x,\"y\n2,\"x\",y\n", &["2! a quote opened on line 2 is never closed <1,x,\"y>", "3: 2|x|y"]),
        (
            "1,\"x\ny\",\"z\n2,x,y\n",
            &[
                "2! a quote opened on line 3 is never closed <1,\"x>",
                "3! a quote opened on line 3 is never closed <y\",\"z>",
                "4: 2|x|y",
            ],
        ),
        ("1,5\" pipe,y\n2,\"5\"\" pipe\",y\n", &["2: 1|5\" pipe|y", "3: 2|5\" pipe|y"]),
        ("1,\"x\ny\"\n2,x,y\n", &["2! has 2 fields, the header has 3 <1,\"x\ny\">", "4: 2|x|y"]),
    ];
    for (content, expected) in cases {
        check("t.csv", format!("a,b,c\n{content}"), expected);
    }
}

#[test]
fn text_that_breaks_its_encoding() {
    // UTF-8 at its beginning, something else later on.
    let mut content = b"a,b\n".to_vec();
    content.extend(format!("1,{}\n", "é".repeat(200)).repeat(1000).as_bytes());
    content.extend(b"2,caf\xe9\n3,\xc3,\n4,x\n");
    let file = sample("t.csv", &content);
    let found = rows(&file.path, &ReadOptions::default()).unwrap();
    let problem =
        "not valid UTF-8 (if the file is in another encoding, declare it, for example `windows-1252`)";
    assert_eq!(found.len(), 1003);
    assert_eq!(found[1000], format!("1002! {problem} <2,caf\u{fffd}>"));
    assert_eq!(found[1001], format!("1003! {problem} <3,\u{fffd},>"));
    assert_eq!(found[1002], "1004: 4|x");
    // Halves of a character on both sides of a delimiter.
    let file = sample("t.csv", b"a,b\n\xc3,\xa9\n");
    let options = ReadOptions { encoding: Some("utf-8".to_owned()), ..ReadOptions::default() };
    assert_eq!(rows(&file.path, &options).unwrap(), [format!("2! {problem} <\u{fffd},\u{fffd}>")]);
    // In other encodings what is unknown becomes U+FFFD.
    let options = ReadOptions { encoding: Some("shift_jis".to_owned()), ..ReadOptions::default() };
    let file = sample("t.csv", b"a,b\nx\xfd,y\n");
    assert_eq!(rows(&file.path, &options).unwrap(), ["2: x\u{fffd}|y"]);
}

#[test]
fn records_beyond_the_limit_do_not_swallow_the_file() {
    let options = ReadOptions { max_record_bytes: 1024, ..ReadOptions::default() };
    let long = "y".repeat(5000);
    let cut = &long[..1998];
    let quoted = "\"x\n".to_owned() + &"z,w\n".repeat(1000);
    let cases = [
        (
            format!("1,{long}\n2,b\n"),
            vec![format!("2! the record is longer than 1 KiB <1,{cut}>"), "3: 2|b".to_owned()],
        ),
        (
            format!("1,{long}\r\n2,b"),
            vec![format!("2! the record is longer than 1 KiB <1,{cut}>"), "3: 2|b".to_owned()],
        ),
        (format!("1,{long}"), vec![format!("2! the record is longer than 1 KiB <1,{cut}>")]),
        (
            format!("1,{quoted}"),
            ["2! a quote opened on line 2 is never closed <1,\"x>".to_owned()]
                .into_iter()
                .chain((3..1003).map(|line| format!("{line}: z|w")))
                .collect(),
        ),
    ];
    for (content, expected) in cases {
        let file = sample("t.csv", format!("a,b\n{content}"));
        assert_eq!(rows(&file.path, &options).unwrap(), expected);
    }
}

/// A stream of `n` bytes that was never a file.
fn endless(head: &'static [u8], body: &'static [u8], n: u64, tail: &'static [u8]) -> Box<dyn Read + Send> {
    struct Cycle(Vec<u8>);
    impl Read for Cycle {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let n = buffer.len().min(self.0.len());
            buffer[..n].copy_from_slice(&self.0[..n]);
            let shift = n % self.0.len();
            self.0.rotate_left(shift);
            Ok(n)
        }
    }
    let cycle = Cycle(body.repeat(64 << 10));
    Box::new(head.chain(cycle.take(n)).chain(tail))
}

fn stream(source: Box<dyn Read + Send>, options: &ReadOptions) -> CsvReader {
    let dialect = Dialect {
        format: Format::Csv,
        compression: Compression::None,
        encoding: UTF_8.name(),
        bom: false,
        delimiter: b',',
        quote: b'"',
        comment: None,
        header: true,
        columns: Vec::new(),
        reasons: Vec::new(),
        keys: Vec::new(),
    };
    let progress = Arc::new(AtomicU64::new(0));
    CsvReader::new(Path::new("stream"), source, Compression::None, &dialect, options, progress).unwrap()
}

#[test]
fn memory_is_bounded_whatever_the_stream_holds() {
    const LIMIT: usize = 256 << 10;
    const MIB: u64 = 1 << 20;
    let options = ReadOptions { max_record_bytes: LIMIT, ..ReadOptions::default() };
    let cases: [(&'static [u8], u64, usize, usize); 4] = [
        // One line of 64 MiB.
        (b"x", 64 * MIB, 1, 1),
        // 4 Mi cells in it.
        (b",", 4 * MIB, 1, 1),
        // A quote before text without line breaks.
        (b"\"\"\"", 3 * MIB, 1, 1),
        // Each line opens a quote that the next ones do not close.
        (b"a\"b,\"c\n", 7 * 2048, 2048, 2048),
    ];
    for (body, n, problems, total) in cases {
        let mut reader = stream(endless(b"a,b\n", body, n, b"\n1,2\n"), &options);
        let (mut found, mut bad) = (0, 0);
        while let Some(batch) = reader.next_batch().unwrap() {
            assert!(reader.capacity() <= 4 * LIMIT, "{} bytes", reader.capacity());
            found += batch.num_rows();
            bad += batch.num_rows() - batch.column_by_name(PROBLEM).unwrap().null_count();
        }
        assert_eq!((bad, found), (problems, total + 1), "{:?}", String::from_utf8_lossy(body));
    }
}

#[test]
fn batches_are_bounded_in_rows_and_bytes() {
    let long = format!("1,{}\n", "x".repeat(1 << 20));
    for (batch_rows, rows, expected) in
        [(2, "1,2\n".repeat(5), vec![2, 2, 1]), (8192, long.repeat(18), vec![16, 2])]
    {
        let file = sample("t.csv", format!("a,b\n{rows}"));
        let options = ReadOptions { batch_rows, ..ReadOptions::default() };
        let sizes: Vec<usize> =
            read(&file.path, &options).unwrap().map(|batch| batch.unwrap().num_rows()).collect();
        assert_eq!(sizes, expected);
    }
}

/// Writes a table by RFC 4180, and says on which line each row starts.
fn write(rows: &[Vec<String>], delimiter: u8, line_break: &str) -> (String, Vec<usize>) {
    let delimiter = char::from(delimiter).to_string();
    let mut text = String::new();
    let mut lines = Vec::new();
    for row in rows {
        lines.push(1 + text.replace("\r\n", "\n").matches(['\n', '\r']).count());
        let special = |cell: &str| {
            cell.is_empty()
                || cell.contains([delimiter.as_str(), "\"", "\n", "\r"].map(|s| s.chars().next().unwrap()))
        };
        let cells: Vec<String> = row
            .iter()
            .map(
                |cell| {
                    if special(cell) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() }
                },
            )
            .collect();
        text.push_str(&cells.join(&delimiter));
        text.push_str(line_break);
    }
    (text, lines)
}

fn table() -> impl Strategy<Value = Vec<Vec<String>>> {
    let cell = prop_oneof!["[a-z0-9]{0,4}", "[,;\"\n\r\t| é’]{0,5}", any::<String>()];
    (1usize..5).prop_flat_map(move |width| {
        let row = prop::collection::vec(cell.clone(), width);
        prop::collection::vec(row, 0..12)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read(
        body in table(),
        delimiter in prop::sample::select(vec![b',', b';', b'\t', b'|']),
        line_break in prop::sample::select(vec!["\n", "\r\n", "\r"]),
    ) {
        let width = body.first().map_or(2, Vec::len);
        let header = (0..width).map(|i| format!("c{i}")).collect::<Vec<_>>();
        let all: Vec<Vec<String>> = std::iter::once(header).chain(body.iter().cloned()).collect();
        let (text, lines) = write(&all, delimiter, line_break);
        let file = sample("t.csv", text);
        let encoding = Some("utf-8".to_owned());
        let options =
            ReadOptions { delimiter: Some(delimiter), quote: Some(b'"'), encoding, ..ReadOptions::default() };
        let expected: Vec<String> = body.iter().zip(&lines[1..]).map(|(row, line)| {
            let cells: Vec<&str> = row.iter().map(|cell| if cell.is_empty() { "~" } else { cell }).collect();
            format!("{line}: {}", cells.join("|"))
        }).collect();
        prop_assert_eq!(rows(&file.path, &options).unwrap(), expected);
    }

    #[test]
    fn any_bytes_end_in_rows_or_an_error(
        content in prop::collection::vec(any::<u8>(), 0..300),
        name in prop::sample::select(vec!["t.csv", "t.jsonl", "t", "t.parquet", "t.csv.gz"]),
    ) {
        let file = sample(name, &content);
        let options = ReadOptions { max_record_bytes: 64, ..ReadOptions::default() };
        if let Err(error) = rows(&file.path, &options) {
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn no_line_of_a_broken_table_is_lost(content in "[a\",\n]{0,80}") {
        // Every letter that goes in comes out, in a cell or beside a problem.
        let file = sample("t.csv", format!("h,i\n{content}"));
        let (delimiter, quote) = (Some(b','), Some(b'"'));
        let options = ReadOptions { delimiter, quote, max_record_bytes: 16, ..ReadOptions::default() };
        let letters = |text: &str| text.matches('a').count();
        let found: usize = rows(&file.path, &options).unwrap().iter().map(|row| match row.split_once("! ") {
            Some((_, problem)) => letters(problem.split_once(" <").unwrap().1),
            None => letters(row),
        }).sum();
        prop_assert_eq!(found, letters(&content));
    }
}
