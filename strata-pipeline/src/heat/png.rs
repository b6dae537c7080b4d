//! The format PNG, as far as a picture of 256 colours needs it: four chunks, each with its checksum, and the pixels deflated.
//!
//! The crate `png` would turn on features of a crate that the engine rests on, and with that a second build of the engine for this one file.
//!
//! Portable Network Graphics (PNG) Specification, third edition (W3C 2025), sections 5, 10 and 11.

use std::io::Write;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

use crate::error::{Context, Result};

const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
/// Eight bits a pixel, each the place of a colour; compression, filter and order of rows are the only or the plain ones.
const KIND: [u8; 5] = [8, 3, 0, 0, 0];
/// A row begins with how it is filtered: not at all, which is best where pixels are places of colours.
const UNFILTERED: u8 = 0;

/// A picture of few colours.
pub(super) struct Indexed<'a> {
    /// Pixels across, 1 and more.
    pub(super) width: usize,
    /// Red, green, blue and opacity of each colour, 256 at most.
    pub(super) palette: &'a [[u8; 4]],
    /// The place of the colour of each pixel, row by row from the top left.
    pub(super) pixels: &'a [u8],
}

/// The file.
pub(super) fn encode(picture: &Indexed<'_>) -> Result<Vec<u8>> {
    let mut deflated = ZlibEncoder::new(Vec::new(), Compression::default());
    let rows = picture.pixels.chunks_exact(picture.width);
    let n_rows = rows.len();
    for row in rows {
        deflated
            .write_all(&[UNFILTERED])
            .and_then(|()| deflated.write_all(row))
            .context("cannot draw a map")?;
    }
    let deflated = deflated.finish().context("cannot draw a map")?;
    let size = [picture.width, n_rows].map(|pixels| (pixels as u32).to_be_bytes());
    let colours: Vec<u8> =
        picture.palette.iter().flat_map(|[red, green, blue, _]| [*red, *green, *blue]).collect();
    let opacities: Vec<u8> = picture.palette.iter().map(|[.., opacity]| *opacity).collect();
    let mut file = SIGNATURE.to_vec();
    chunk(&mut file, b"IHDR", &[&size.concat()[..], &KIND].concat());
    chunk(&mut file, b"PLTE", &colours);
    chunk(&mut file, b"tRNS", &opacities);
    chunk(&mut file, b"IDAT", &deflated);
    chunk(&mut file, b"IEND", &[]);
    Ok(file)
}

/// The length of the content, the name, the content, and a checksum of both.
fn chunk(file: &mut Vec<u8>, name: &[u8; 4], content: &[u8]) {
    let mut sum = Crc::new();
    sum.update(name);
    sum.update(content);
    file.extend((content.len() as u32).to_be_bytes());
    file.extend(name);
    file.extend(content);
    file.extend(sum.sum().to_be_bytes());
}
