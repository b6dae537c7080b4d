//! A map of heat as few shapes, one for each shade, and as an SVG file that needs nothing but itself.

use strata_models::heat::HeatMap;

use super::{ClassHeat, Clicks, Page};

/// Shades of the map. What is cooler than half of the first is not drawn.
pub(crate) const SHADES: usize = 5;
/// Red, green and blue of each.
pub(super) const COLOURS: [[u8; 3]; SHADES] =
    [[0xd9, 0xe8, 0xef], [0xa9, 0xcf, 0xd6], [0xf2, 0xc8, 0x79], [0xe5, 0x89, 0x3d], [0xb3, 0x32, 0x1f]];
/// A page is drawn at most so many times as high as wide.
const HIGHEST: f64 = 1.5;
/// The width of a map in the file, the gap between two, and how many stand side by side.
const WIDTH: f64 = 320.0;
const GAP: f64 = 28.0;
const SIDE_BY_SIDE: usize = 3;
/// The room for a map's name, and for what stands above and below all of them.
const NAME: f64 = 40.0;
const ABOVE: f64 = 56.0;
const BELOW: f64 = 44.0;

/// The cells of each shade as the data of one path, in cells from the top left; neighbours in a row are one shape. Empty where no cell has it.
pub(crate) fn layers(map: &HeatMap) -> [String; SHADES] {
    let mut layers: [String; SHADES] = Default::default();
    for (row, values) in map.values.chunks(map.n_columns.max(1)).enumerate() {
        let mut column = 0;
        while column < values.len() {
            let shade = shade(values[column]);
            let n = values[column..].iter().take_while(|value| self::shade(**value) == shade).count();
            if let Some(layer) = shade.and_then(|shade| layers.get_mut(shade)) {
                layer.push_str(&format!("M{column} {row}h{n}v1h-{n}z"));
            }
            column += n;
        }
    }
    layers
}

/// How many times as high as wide a map is drawn: as the page is, unless that is too long.
pub(crate) fn aspect(page: &Page, map: &HeatMap) -> f64 {
    let page = page.width.map_or(1.0, |width| map.height / width);
    if page.is_finite() { page.clamp(0.2, HIGHEST) } else { 1.0 }
}

/// The maps of a page as one SVG file: that of all visitors, then those of the classes of which enough is known. None where too few clicked.
pub fn svg(page: &Page) -> Option<String> {
    let all = page.clicks.as_ref()?;
    let of_class = |class: &'_ ClassHeat| Some((class.class.clone(), class.clicks.clone()?));
    let maps: Vec<(String, Clicks)> = std::iter::once(("everybody".to_owned(), all.clone()))
        .chain(page.classes.iter().filter_map(of_class))
        .collect();
    let height = WIDTH * aspect(page, &all.map);
    let n_across = maps.len().min(SIDE_BY_SIDE);
    let n_down = maps.len().div_ceil(SIDE_BY_SIDE);
    let whole =
        ((WIDTH + GAP) * n_across as f64 + GAP, ABOVE + (NAME + height + GAP) * n_down as f64 + BELOW);
    let drawn: String = maps
        .iter()
        .enumerate()
        .map(|(place, (name, clicks))| {
            let x = GAP + (WIDTH + GAP) * (place % SIDE_BY_SIDE) as f64;
            let y = ABOVE + (NAME + height + GAP) * (place / SIDE_BY_SIDE) as f64;
            one(name, clicks, (x, y), height)
        })
        .collect();
    let title = format!("Where they click on {}", page.page);
    let told: Vec<String> = all
        .selectors
        .iter()
        .take(3)
        .map(|selector| format!("{} {:.0} %", selector.selector, selector.share * 100.0))
        .collect();
    let most = if told.is_empty() { String::new() } else { format!(". Most clicked: {}", told.join(", ")) };
    let spoken = format!("{} clicks of {} visitors{most}", all.n_clicks, all.n_visitors);
    Some(format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="t d" width="{w:.0}" height="{h:.0}" viewBox="0 0 {w:.0} {h:.0}" font-family="sans-serif">
<title id="t">{title}</title>
<desc id="d">{spoken}</desc>
<rect width="100%" height="100%" fill="#fff"/>
<text x="{GAP}" y="34" font-size="18" font-weight="600" fill="#1d2327">{title}</text>
{drawn}{legend}</svg>
"##,
        w = whole.0,
        h = whole.1,
        title = escaped(&title),
        spoken = escaped(&spoken),
        legend = legend(whole.1 - BELOW),
    ))
}

fn one(name: &str, clicks: &Clicks, (x, y): (f64, f64), height: f64) -> String {
    let map = &clicks.map;
    let paths: String = layers(map)
        .iter()
        .zip(COLOURS)
        .filter(|(layer, _)| !layer.is_empty())
        .map(|(layer, colour)| format!(r#"<path fill="{}" d="{layer}"/>"#, hex(colour)))
        .collect();
    format!(
        r##"<text x="{x:.0}" y="{:.0}" font-size="14" fill="#1d2327">{}</text>
<text x="{x:.0}" y="{:.0}" font-size="12" fill="#555d63">{} clicks of {}</text>
<svg x="{x:.0}" y="{:.0}" width="{WIDTH:.0}" height="{height:.0}" viewBox="0 0 {} {}" preserveAspectRatio="none" shape-rendering="crispEdges"><rect width="{}" height="{}" fill="#f4f3ef"/>{paths}</svg>
"##,
        y + 12.0,
        escaped(name),
        y + 29.0,
        clicks.n_clicks,
        clicks.n_visitors,
        y + NAME,
        map.n_columns,
        map.n_rows,
        map.n_columns,
        map.n_rows,
    )
}

/// What the shades mean: shares of the hottest cell of the map.
fn legend(y: f64) -> String {
    let steps: String = COLOURS
        .iter()
        .enumerate()
        .map(|(place, colour)| {
            let x = GAP + 40.0 * place as f64;
            format!(r#"<rect x="{x:.0}" y="{y:.0}" width="40" height="10" fill="{}"/>"#, hex(*colour))
        })
        .collect();
    let below = y + 26.0;
    let end = GAP + 40.0 * SHADES as f64 + 10.0;
    format!(
        r##"{steps}<text x="{GAP}" y="{below:.0}" font-size="12" fill="#555d63">few clicks</text><text x="{end:.0}" y="{:.0}" font-size="12" fill="#555d63">as many as at the hottest place of each map</text>
"##,
        y + 10.0
    )
}

/// The shade of a heat; none of what is hardly any.
fn shade(heat: f64) -> Option<usize> {
    let scaled = heat * SHADES as f64;
    (scaled >= 0.5).then(|| (scaled as usize).min(SHADES - 1))
}

fn hex([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// A text inside of tags, with what a file must not hold replaced.
fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace(char::is_control, "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_one_shade_are_one_shape() {
        let values = vec![0.05, 0.15, 0.19, 0.25, 1.0, 1.0, 1.0, 0.0];
        let map = HeatMap { n_columns: 4, n_rows: 2, height: 10.0, values, n_outside: 0 };
        let layers = layers(&map);
        let expected = ["M1 0h2v1h-2z", "M3 0h1v1h-1z", "", "", "M0 1h3v1h-3z"];
        assert_eq!(layers.each_ref().map(String::as_str), expected);
    }

    #[test]
    fn a_file_holds_no_markup_from_outside() {
        let values = vec![1.0];
        let map = HeatMap { n_columns: 1, n_rows: 1, height: 10.0, values, n_outside: 0 };
        let page = Page {
            page: "/<script>&".to_owned(),
            n_pages: 1,
            width: Some(10.0),
            clicks: Some(Clicks { n_clicks: 10, n_visitors: 10, map, selectors: Vec::new() }),
            n_views: 0,
            reach: Vec::new(),
            by: None,
            classes: Vec::new(),
            differences: Vec::new(),
        };
        let drawn = svg(&page).unwrap();
        assert!(drawn.contains("/&lt;script&gt;&amp;") && !drawn.contains("<script"), "{drawn}");
        assert!(
            drawn.contains("10 clicks of 10 visitors")
                && drawn.contains(r##"<path fill="#b3321f" d="M0 0h1v1h-1z"/>"##),
            "{drawn}"
        );
        assert_eq!(svg(&Page { clicks: None, ..page }), None);
    }
}
