//! A map of heat as a picture: the map alone, smooth, in the true proportions of the page, and transparent where nobody clicks, so that it can be
//! laid over a picture of the page itself.

use strata_models::heat::HeatMap;

use super::Page;
use super::draw::{COLOURS, SHADES};
use super::png::{Indexed, encode};
use crate::error::Result;

/// Pixels across, unless the page is so long that there would be too many down.
const WIDTH: f64 = 960.0;
const MOST_HIGH: f64 = 9_600.0;
/// How much of the page the hottest place covers. It is less than all, so that what is clicked can be seen.
const MOST_OPAQUE: f64 = 0.8;
/// From this heat on a place covers as much as the hottest one.
const OPAQUE_FROM: f64 = 0.5;

/// A map as a PNG file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The class whose clicks these are; none for those of all visitors.
    pub class: Option<String>,
    /// The file.
    pub png: Vec<u8>,
}

/// The maps of a page: that of all visitors, then those of the classes of which enough is known. None where too few clicked.
///
/// # Errors
/// `Storage`, where a picture cannot be written down.
pub fn pictures(page: &Page) -> Result<Vec<Picture>> {
    let Some(all) = &page.clicks else { return Ok(Vec::new()) };
    let classes =
        page.classes.iter().filter_map(|class| Some((Some(class.class.clone()), class.clicks.as_ref()?)));
    let maps = std::iter::once((None, all)).chain(classes);
    maps.map(|(class, clicks)| Ok(Picture { class, png: painted(&clicks.map, page.width)? })).collect()
}

fn painted(map: &HeatMap, page_width: Option<f64>) -> Result<Vec<u8>> {
    let (width, height) = size(map, page_width);
    let columns = between(width, map.n_columns);
    let mut pixels = Vec::with_capacity(width * height);
    for row in between(height, map.n_rows) {
        let [above, below] = [row.first, row.second].map(|row| &map.values[row * map.n_columns..]);
        pixels.extend(columns.iter().map(|column| {
            let heat = row.mix(column.of(above), column.of(below));
            (heat * 255.0).round() as u8
        }));
    }
    let palette: Vec<[u8; 4]> = (0..=255_u8).map(|place| colour(f64::from(place) / 255.0)).collect();
    encode(&Indexed { width, palette: &palette, pixels: &pixels })
}

/// Pixels across and down.
fn size(map: &HeatMap, page_width: Option<f64>) -> (usize, usize) {
    let times = page_width.map_or(1.0, |width| map.height / width);
    let times = if times.is_finite() && times > 0.0 { times } else { 1.0 };
    let width = WIDTH.min(MOST_HIGH / times);
    let [width, height] = [width, width * times].map(|pixels| (pixels.round() as usize).max(1));
    (width, height)
}

/// Where the middle of a pixel lies between the middles of two cells, which may be one at the edge.
struct Between {
    first: usize,
    second: usize,
    /// How much the second counts.
    share: f64,
}

impl Between {
    fn of(&self, values: &[f64]) -> f64 {
        self.mix(values[self.first], values[self.second])
    }

    fn mix(&self, first: f64, second: f64) -> f64 {
        first + (second - first) * self.share
    }
}

fn between(n_pixels: usize, n_cells: usize) -> Vec<Between> {
    let last = n_cells.saturating_sub(1);
    let of_pixel = |pixel: usize| {
        let place = (pixel as f64 + 0.5) / n_pixels as f64 * n_cells as f64 - 0.5;
        let place = place.clamp(0.0, last as f64);
        let first = place as usize;
        Between { first, second: (first + 1).min(last), share: place - first as f64 }
    };
    (0..n_pixels).map(of_pixel).collect()
}

/// The colour of a heat from 0 to 1: that of a shade in the middle of the shade's range, and mixed between two; more opaque the hotter it is.
fn colour(heat: f64) -> [u8; 4] {
    let place = (heat * SHADES as f64 - 0.5).clamp(0.0, SHADES as f64 - 1.0);
    let first = place as usize;
    let (one, other) = (COLOURS[first], COLOURS[(first + 1).min(SHADES - 1)]);
    let share = place - first as f64;
    let mix =
        |part: usize| (f64::from(one[part]) * (1.0 - share) + f64::from(other[part]) * share).round() as u8;
    let opacity = (heat / OPAQUE_FROM).min(1.0) * MOST_OPAQUE * 255.0;
    [mix(0), mix(1), mix(2), opacity.round() as u8]
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::ZlibDecoder;

    use super::super::{ClassHeat, Clicks};
    use super::*;

    /// What a file says: pixels across and down, and red, green, blue and opacity of each.
    fn decoded(file: &[u8]) -> (usize, usize, Vec<[u8; 4]>) {
        let number = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().unwrap()) as usize;
        assert_eq!(&file[..8], b"\x89PNG\r\n\x1a\n");
        let (mut rest, mut chunks) = (&file[8..], Vec::new());
        while !rest.is_empty() {
            let (name, content) = rest[4..8 + number(&rest[..4])].split_at(4);
            let end = 8 + content.len();
            assert_eq!(number(&rest[end..end + 4]), checksum(&rest[4..end]), "{name:?}");
            chunks.push((std::str::from_utf8(name).unwrap(), content));
            rest = &rest[end + 4..];
        }
        let names: Vec<&str> = chunks.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"]);
        let (header, colours, opacities) = (chunks[0].1, chunks[1].1, chunks[2].1);
        assert_eq!(header[8..], [8, 3, 0, 0, 0]);
        let (width, height) = (number(&header[..4]), number(&header[4..8]));
        let mut rows = Vec::new();
        ZlibDecoder::new(chunks[3].1).read_to_end(&mut rows).unwrap();
        assert_eq!(rows.len(), (width + 1) * height);
        let colour = |place: &u8| {
            let place = usize::from(*place);
            [colours[3 * place], colours[3 * place + 1], colours[3 * place + 2], opacities[place]]
        };
        let mut pixels = Vec::new();
        for row in rows.chunks(width + 1) {
            assert_eq!(row[0], 0, "no row is filtered");
            pixels.extend(row[1..].iter().map(colour));
        }
        (width, height, pixels)
    }

    /// The checksum of the format (CRC-32), bit by bit as its specification has it.
    fn checksum(bytes: &[u8]) -> usize {
        let mut sum = u32::MAX;
        for byte in bytes {
            sum ^= u32::from(*byte);
            for _ in 0..8 {
                sum = if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 };
            }
        }
        !sum as usize
    }

    fn clicks(map: HeatMap) -> Clicks {
        Clicks { n_clicks: 10, n_visitors: 10, map, selectors: Vec::new() }
    }

    /// Six cells across and three down; the hottest is the fifth of the second row, and the last row is cold.
    fn map() -> HeatMap {
        let mut values = vec![0.0; 18];
        (values[3], values[4], values[9], values[10]) = (0.1, 0.4, 0.3, 1.0);
        HeatMap { n_columns: 6, n_rows: 3, height: 500.0, values, n_outside: 0 }
    }

    fn page(width: f64, map: HeatMap) -> Page {
        let class = |class: &str, clicks| ClassHeat { class: class.to_owned(), clicks, reach: Vec::new() };
        Page {
            page: "/shop".to_owned(),
            n_pages: 1,
            width: Some(width),
            classes: vec![class("few", None), class("many", Some(clicks(map.clone())))],
            clicks: Some(clicks(map)),
            n_views: 0,
            reach: Vec::new(),
            by: Some("kind".to_owned()),
            differences: Vec::new(),
        }
    }

    #[test]
    fn the_hottest_cell_is_the_hottest_pixel_and_cold_ones_are_transparent() {
        let drawn = pictures(&page(1000.0, map())).unwrap();
        let classes: Vec<Option<&str>> = drawn.iter().map(|picture| picture.class.as_deref()).collect();
        assert_eq!(classes, [None, Some("many")], "of few nothing is drawn");
        let (width, height, pixels) = decoded(&drawn[0].png);
        assert_eq!((width, height), (960, 480), "half as high as wide, as the page");
        // Of equally opaque pixels the hotter one is less green.
        let hottest =
            (0..pixels.len()).max_by_key(|place| (pixels[*place][3], 255 - pixels[*place][1])).unwrap();
        let (row, column) = (hottest / width, hottest % width);
        assert_eq!((row / 160, column / 160), (1, 4), "at {row}, {column}");
        assert_eq!(pixels[hottest], [0xb3, 0x32, 0x1f, 204]);
        // Cells without a click, further from one than the middle of the next.
        for (place, pixel) in pixels.iter().enumerate() {
            let (row, column) = (place / width, place % width);
            assert!(pixel[3] == 0 || (row < 400 && column >= 400), "{pixel:?} at {row}, {column}");
        }
        let across: Vec<u8> = pixels[240 * width..241 * width].iter().map(|pixel| pixel[3]).collect();
        assert!(across.windows(2).all(|pair| pair[0].abs_diff(pair[1]) <= 4), "it is smooth");
    }

    #[test]
    fn a_long_page_keeps_its_proportions() {
        let long = HeatMap { height: 20_000.0, ..map() };
        let (width, height, _) = decoded(&pictures(&page(400.0, long)).unwrap()[0].png);
        assert_eq!((width, height), (192, 9_600));
        let unknown = Page { width: None, ..page(1.0, map()) };
        let (width, height, _) = decoded(&pictures(&unknown).unwrap()[0].png);
        assert_eq!((width, height), (960, 960));
        assert_eq!(pictures(&Page { clicks: None, ..unknown }).unwrap(), []);
    }

    #[test]
    fn colours_are_those_of_the_shades() {
        for (shade, [red, green, blue]) in COLOURS.into_iter().enumerate() {
            let [r, g, b, _] = colour((shade as f64 + 0.5) / SHADES as f64);
            assert_eq!([r, g, b], [red, green, blue]);
        }
        assert_eq!((colour(0.0)[3], colour(0.25)[3], colour(0.5)[3], colour(1.0)[3]), (0, 102, 204, 204));
    }
}
