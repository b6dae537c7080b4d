//! Files as a whole: named, found, compressed, fingerprinted, refused.

use std::error::Error;
use std::io::Write;

use flate2::write::GzEncoder;

use super::super::{Compression, Format, expand, fingerprint};
use super::*;

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn zstd(content: &[u8]) -> Vec<u8> {
    ::zstd::encode_all(content, 1).unwrap()
}

#[test]
fn compressed_files_are_known_by_their_bytes() {
    let (head, tail) = (b"a,b\n1,x\n".as_slice(), b"2,y\n".as_slice());
    let cases = [
        ("t.csv", [head, tail].concat(), Compression::None),
        ("t.csv.gz", gzip(&[head, tail].concat()), Compression::Gzip),
        ("t.csv", [gzip(head), gzip(tail)].concat(), Compression::Gzip),
        ("t.csv.zst", zstd(&[head, tail].concat()), Compression::Zstd),
        ("t", [zstd(head), zstd(tail)].concat(), Compression::Zstd),
        ("t.csv.gz", [head, tail].concat(), Compression::None),
    ];
    for (name, content, compression) in cases {
        check(name, &content, &["2: 1|x", "3: 2|y"]);
        let file = sample(name, &content);
        let mut reader = read(&file.path, &ReadOptions::default()).unwrap();
        assert_eq!(reader.dialect().compression, compression);
        assert!(reader.by_ref().all(|batch| batch.is_ok()));
        assert_eq!(reader.bytes_read(), content.len() as u64, "{name}");
    }
}

#[test]
fn the_format_is_known_by_name_then_by_content() {
    let cases = [
        ("t.csv", "{\"a\":1}\n", Format::Csv),
        ("t.jsonl", "{\"a\":1}\n", Format::JsonLines),
        ("t.txt", "{\"a\":1}\n", Format::JsonLines),
        ("t", "[id],b\n1,2\n", Format::Csv),
    ];
    for (name, content, expected) in cases {
        let file = sample(name, content);
        let reader = read(&file.path, &ReadOptions::default()).unwrap();
        assert_eq!(reader.dialect().format, expected, "{name}: {content}");
    }
}

#[test]
fn a_header_alone_is_a_table_without_rows() {
    for content in ["a,b", "a,b\n", "a,b\r\n\r\n"] {
        let file = sample("t.csv", content);
        let mut reader = read(&file.path, &ReadOptions::default()).unwrap();
        let schema = reader.schema();
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        assert_eq!(names, ["a", "b", "_line", "_problem", "_text"]);
        assert!(reader.next().is_none());
    }
}

#[test]
fn files_that_cannot_be_read_say_why() {
    let text = (0..20_000).map(|i| format!("{i},{}\n", i * 7919 % 10_007)).collect::<String>();
    let content = format!("a,b\n{text}").into_bytes();
    let (gz, zst) = (gzip(&content), zstd(&content));
    let half = |bytes: &[u8]| bytes[..bytes.len() / 2].to_vec();
    let mut flipped = gz.clone();
    let middle = flipped.len() / 2;
    flipped[middle..middle + 64].fill(0xff);
    let cases: [(&str, Vec<u8>, &str); 16] = [
        ("t.csv", Vec::new(), "t.csv is empty"),
        ("t.csv", b"\xef\xbb\xbf".to_vec(), "t.csv is empty"),
        ("t.csv.gz", gzip(b""), "t.csv.gz is empty"),
        ("t.jsonl", b"\n\n".to_vec(), "t.jsonl is empty"),
        ("t.csv", b"\n \n".to_vec(), "t.csv has no header: there are only comments and blank lines"),
        (
            "t.csv",
            b"\"a,b\n1,2\n".to_vec(),
            "t.csv has no header: line 1: a quote opened on line 1 is never closed",
        ),
        ("t.csv.gz", half(&gz), "t.csv.gz is damaged: its gzip data cannot be read after"),
        ("t.csv.zst", half(&zst), "t.csv.zst is damaged: its zstd data cannot be read after"),
        ("t.csv.gz", flipped, "t.csv.gz is damaged: its gzip data cannot be read after"),
        ("t.zip", b"PK\x03\x04".to_vec(), "t.zip is a zip archive"),
        ("t.csv", b"PK\x03\x04....[Content_Types].xml".to_vec(), "t.csv is an Excel workbook"),
        ("t.xls", b"\xd0\xcf\x11\xe0\xa1".to_vec(), "t.xls is an Excel workbook"),
        ("t.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x01".to_vec(), "t.csv is not text: byte 9 is NUL"),
        ("t.parquet", b"a,b\n1,2\n".to_vec(), "t.parquet is damaged: its Parquet data cannot be read"),
        ("t.csv", b"PAR1....".to_vec(), "t.csv is damaged: its Parquet data cannot be read"),
        ("t.parquet", gzip(b"PAR1"), "t.parquet is a compressed Parquet file"),
    ];
    for (name, content, expected) in cases {
        let file = sample(name, content);
        let error = rows(&file.path, &ReadOptions::default()).map(|rows| rows.len()).unwrap_err();
        let message = error.to_string().replace(&format!("{}/", file.folder.path().display()), "");
        assert!(message.starts_with(expected), "{message}");
        assert!(error.hint().is_some(), "{message}");
        assert!(error.source().is_none_or(|source| !message.contains(&source.to_string())), "{message}");
    }
}

#[test]
fn after_an_error_there_are_no_more_batches() {
    let content = format!("a,b\n{}", format!("1,{}\n", "x".repeat(100)).repeat(8000));
    let gz = gzip(content.as_bytes());
    let file = sample("t.csv.gz", &gz[..gz.len() - 20]);
    let mut reader = read(&file.path, &ReadOptions::default()).unwrap();
    assert!(reader.by_ref().any(|batch| batch.is_err()));
    assert!(reader.next().is_none());
}

#[test]
fn options_that_cannot_work_are_refused() {
    let cases = [
        (ReadOptions { delimiter: Some(b'"'), quote: Some(b'"'), ..ReadOptions::default() }, "the same"),
        (ReadOptions { delimiter: Some(b'\n'), ..ReadOptions::default() }, "delimiter is a line break"),
        (
            ReadOptions { quote: Some(0xe9), ..ReadOptions::default() },
            "quote is a line break or not an ASCII",
        ),
        (
            ReadOptions { encoding: Some("ebcdic".into()), ..ReadOptions::default() },
            "ebcdic is not an encoding",
        ),
    ];
    for (options, expected) in cases {
        let file = sample("t.csv", "a,b\n");
        let error = rows(&file.path, &options).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn names_patterns_and_folders_become_files() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().join("data [1]");
    std::fs::create_dir_all(base.join("sub.csv")).unwrap();
    for name in ["b.csv", "a.csv.gz", "c.jsonl", ".d.csv", "readme.md", "orders.parquet"] {
        std::fs::write(base.join(name), "x").unwrap();
    }
    let cases: [(&str, Result<&[&str], &str>); 9] = [
        ("b.csv", Ok(&["b.csv"])),
        ("*.csv*", Ok(&["a.csv.gz", "b.csv"])),
        (".", Ok(&["./a.csv.gz", "./b.csv", "./c.jsonl", "./orders.parquet"])),
        ("*.md", Ok(&["readme.md"])),
        ("*.txt", Err("*.txt matches no data file")),
        ("sub.csv", Err("sub.csv matches no data file")),
        ("a[.csv", Err("a[.csv is not a file pattern")),
        ("order.parquet", Err("order.parquet does not exist hint: did you mean orders.parquet?")),
        ("a.csv", Err("a.csv does not exist hint: did you mean a.csv.gz?")),
    ];
    for (pattern, expected) in cases {
        let found = expand(pattern, &base).map_err(|error| {
            let hint = error.hint().unwrap();
            format!("{error} hint: {hint}").replace(&format!("{}/", base.display()), "")
        });
        match expected {
            Ok(names) => {
                let paths: Vec<PathBuf> = names.iter().map(|name| base.join(name)).collect();
                assert_eq!(found.unwrap(), paths, "{pattern}");
            }
            Err(message) => {
                let found = found.unwrap_err();
                assert!(found.starts_with(message), "{found}");
            }
        }
    }
    let error = read(&base, &ReadOptions::default()).err().unwrap();
    assert!(error.to_string().ends_with("is a folder, not a file"), "{error}");
    let error = read(&base.join("c.json"), &ReadOptions::default()).err().unwrap();
    assert_eq!(error.hint().unwrap(), "did you mean c.jsonl?");
}

#[test]
fn a_fingerprint_is_of_the_content() {
    let (one, same, other) = (sample("a.csv", "a,b\n"), sample("b.csv", "a,b\n"), sample("a.csv", "a,c\n"));
    let print = |file: &Sample| fingerprint(&file.path).unwrap();
    assert_eq!(print(&one).blake3, print(&same).blake3);
    assert_ne!(print(&one).blake3, print(&other).blake3);
    assert_eq!((print(&one).blake3.len(), print(&one).bytes), (64, 4));
    assert_eq!(print(&one).modified, one.path.metadata().unwrap().modified().unwrap());
}
