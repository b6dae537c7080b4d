//! A window of decoded text that slides over a stream of bytes: UTF-8 as it is, other encodings converted.

use std::io::{self, Read};

use encoding_rs::{Decoder, Encoding, UTF_8};

use super::stream::Bytes;

/// How much is read at a time.
pub(super) const CHUNK: usize = 256 << 10;

/// The text not yet consumed, and the bytes that follow it.
pub(super) struct Text {
    source: Bytes,
    /// None for UTF-8, which passes through unchecked: whether it is valid is asked record by record.
    decoder: Option<Decoder>,
    /// Bytes read and not yet decoded.
    raw: Vec<u8>,
    window: Vec<u8>,
    start: usize,
    begun: bool,
    ended: bool,
}

impl Text {
    pub(super) fn new(source: Bytes, encoding: &'static Encoding) -> Self {
        let decoder = (encoding != UTF_8).then(|| encoding.new_decoder_with_bom_removal());
        Self { source, decoder, raw: Vec::new(), window: Vec::new(), start: 0, begun: false, ended: false }
    }

    /// The text in the window.
    pub(super) fn unread(&self) -> &[u8] {
        &self.window[self.start..]
    }

    /// Moves the start of the window forward by `n` bytes.
    pub(super) fn consume(&mut self, n: usize) {
        self.start = (self.start + n).min(self.window.len());
    }

    /// Extends the window. False at the end of the stream, when nothing more will come.
    pub(super) fn more(&mut self) -> io::Result<bool> {
        self.window.drain(..self.start);
        self.start = 0;
        let before = self.window.len();
        while !self.ended && self.window.len() == before {
            match self.decoder {
                None => self.read_plain()?,
                Some(_) => self.read_decoded()?,
            }
            self.begun = true;
        }
        Ok(self.window.len() > before)
    }

    /// How much memory the buffers hold.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.window.capacity() + self.raw.capacity()
    }

    fn read_plain(&mut self) -> io::Result<()> {
        let before = self.window.len();
        self.window.reserve_exact(CHUNK);
        // Whole chunks, so that a byte order mark is never cut and a pipe's small writes are gathered.
        (&mut self.source).take(CHUNK as u64).read_to_end(&mut self.window)?;
        self.ended = self.window.len() - before < CHUNK;
        if !self.begun && self.window.starts_with(b"\xef\xbb\xbf") {
            self.window.drain(..3);
        }
        Ok(())
    }

    fn read_decoded(&mut self) -> io::Result<()> {
        self.raw.clear();
        let read = (&mut self.source).take(CHUNK as u64).read_to_end(&mut self.raw)?;
        self.ended = read < CHUNK;
        let Some(decoder) = &mut self.decoder else { return Ok(()) };
        let before = self.window.len();
        let room = decoder.max_utf8_buffer_length(read).unwrap_or(4 * CHUNK);
        self.window.resize(before + room, 0);
        // With room for the longest result the decoder takes all its input.
        let (_, _, written, _) = decoder.decode_to_utf8(&self.raw, &mut self.window[before..], self.ended);
        self.window.truncate(before + written);
        Ok(())
    }
}
