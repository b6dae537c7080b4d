//! Which encoding a text is in: by declaration, by byte order mark, or by what its first bytes can be.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// An encoding and how it was decided.
#[derive(Debug, PartialEq)]
pub(super) struct Decided {
    pub(super) encoding: &'static Encoding,
    pub(super) bom: bool,
    pub(super) why: String,
}

/// What keeps a sample from being text.
#[derive(Debug, PartialEq)]
pub(super) enum NotText {
    /// The declared label names no encoding.
    UnknownLabel,
    /// A NUL at this offset, in bytes that are neither UTF-8 nor UTF-16.
    Binary(usize),
}

/// Decides on the first bytes of a file; `whole` if there are no others.
pub(super) fn decide(sample: &[u8], whole: bool, declared: Option<&str>) -> Result<Decided, NotText> {
    let labelled = match declared {
        Some(label) => {
            Some(Encoding::for_label_no_replacement(label.trim().as_bytes()).ok_or(NotText::UnknownLabel)?)
        }
        None => None,
    };
    if let Some((encoding, _)) = Encoding::for_bom(sample) {
        return Ok(Decided { encoding, bom: true, why: "by the byte order mark".to_owned() });
    }
    let decided = |encoding, why: &str| Ok(Decided { encoding, bom: false, why: why.to_owned() });
    if let Some(encoding) = labelled {
        return decided(encoding, "declared");
    }
    // Before UTF-8, since UTF-16 text in Latin letters is valid UTF-8 full of NULs.
    if let Some(encoding) = utf_16(sample) {
        return decided(encoding, "every other byte of many characters is NUL");
    }
    let read = utf_8(sample, whole);
    if read.invalid == 0 {
        return decided(UTF_8, "its beginning is valid UTF-8");
    }
    if let Some(nul) = sample.iter().position(|byte| *byte == 0) {
        return Err(NotText::Binary(nul));
    }
    if read.multibyte > 20 * read.invalid {
        return decided(UTF_8, "nearly all characters at its beginning are valid UTF-8");
    }
    decided(WINDOWS_1252, "its beginning is not valid UTF-8, and Windows-1252 is the usual alternative")
}

/// The UTF-16 that a text without byte order mark is in. Even a text in another script has digits, spaces, delimiters
/// or line breaks, whose high byte is NUL.
fn utf_16(sample: &[u8]) -> Option<&'static Encoding> {
    let nuls = |parity: usize| sample.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (nuls(0), nuls(1));
    let many = |count: usize| count > 0 && 20 * count >= sample.len() / 2;
    match (even, odd) {
        _ if sample.len() < 4 => None,
        (even, odd) if many(odd) && 100 * even <= odd => Some(UTF_16LE),
        (even, odd) if many(even) && 100 * odd <= even => Some(UTF_16BE),
        _ => None,
    }
}

struct Utf8Reading {
    multibyte: usize,
    invalid: usize,
}

/// Counts what is and what is not UTF-8. A character cut by the sample's end is neither, unless the file ends there.
fn utf_8(sample: &[u8], whole: bool) -> Utf8Reading {
    let mut reading = Utf8Reading { multibyte: 0, invalid: 0 };
    let mut chunks = sample.utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        reading.multibyte += chunk.valid().chars().filter(|char| !char.is_ascii()).count();
        let cut = chunks.peek().is_none() && !whole && is_prefix(chunk.invalid());
        reading.invalid += usize::from(!chunk.invalid().is_empty() && !cut);
    }
    reading
}

/// Whether more bytes could make this a character.
fn is_prefix(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_told_by_their_bytes() {
        let russian: Vec<u8> = "имя;город\nАнна;Москва\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let mostly = [b"\xe9\n".as_slice(), "é".repeat(50).as_bytes()].concat();
        type Case<'a> = (&'a [u8], bool, Option<&'a str>, Result<(&'static Encoding, bool), NotText>);
        let cases: [Case<'_>; 13] = [
            (b"a,b\n", true, None, Ok((UTF_8, false))),
            (b"\xef\xbb\xbfa", true, None, Ok((UTF_8, true))),
            (b"\xff\xfea\0", true, None, Ok((UTF_16LE, true))),
            (b"\xfe\xff\0a", true, Some("utf-16le"), Ok((UTF_16BE, true))),
            (b"a\0,\0b\0\n\0", true, None, Ok((UTF_16LE, false))),
            (&russian, true, None, Ok((UTF_16BE, false))),
            (b"caf\xe9", true, None, Ok((WINDOWS_1252, false))),
            (b"caf\xc3", false, None, Ok((UTF_8, false))),
            (b"caf\xe9,b", false, None, Ok((WINDOWS_1252, false))),
            (&mostly, true, None, Ok((UTF_8, false))),
            (b"caf\xe9", true, Some("latin1"), Ok((WINDOWS_1252, false))),
            (b"a", true, Some("ebcdic"), Err(NotText::UnknownLabel)),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x01", true, None, Err(NotText::Binary(8))),
        ];
        for (sample, whole, declared, expected) in cases {
            let found = decide(sample, whole, declared).map(|decided| (decided.encoding, decided.bom));
            assert_eq!(found, expected, "{sample:?}");
        }
    }
}
