//! Heat maps: where people click on a page and how far down they see it, in all and by the classes of a segmentation.
//!
//! Read are the events of the last run that say where: clicks have a place in a window of known width, views a depth. A visitor is a customer or,
//! where nobody knows who it was, a device or a visit. Nothing is told of fewer than ten, and of classes only what ten customers do.
//!
//! | module | its part |
//! | --- | --- |
//! | `property` | how tools spell places and depths |
//! | `tracked` | clicks and views as the last run knows them |
//! | `compare` | what classes click more or less than others |
//! | `draw` | a map as few shapes, and as an SVG file of its own |
//! | `paint` | maps as pictures to be laid over one of the page |
//! | `png` | the format of such a picture's file |

mod compare;
mod draw;
mod paint;
mod png;
mod property;
mod tracked;

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;
use strata_models::heat::{HeatError, Plane, Point, heat_map, reach};
pub use strata_models::heat::{HeatMap, Reach};
use strata_spec::error::{ErrorCode, nearest};

use crate::error::{Error, Result};
use crate::project::Project;
use crate::query::View;
pub use compare::Difference;
pub use draw::svg;
pub(crate) use draw::{SHADES, aspect, layers};
pub use paint::{Picture, pictures};
use tracked::{Click, Tracked, Wanted};

/// Of fewer visitors or customers nothing is told.
pub const FEWEST: usize = 10;
/// Cells across a page, and at most so many down.
const N_COLUMNS: usize = 48;
const MOST_ROWS: usize = 120;
/// What is clicked further down a page, in pixels, counts as outside.
const LONGEST: f64 = 20_000.0;
/// How far a click's heat spreads: the standard deviation in cells.
const BANDWIDTH: f64 = 1.2;
/// The depths that are told: every tenth of a page.
const N_DEPTHS: usize = 10;
/// So many selectors of a page are told.
const MOST_SELECTORS: usize = 12;

/// What is asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ask<'a> {
    /// The segmentation of customers whose classes are compared.
    pub by: Option<&'a str>,
    /// Events of one device or platform, as the column `device` says it; of all unless given.
    pub device: Option<&'a str>,
}

/// The pages that something is known of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pages {
    /// Clicks on all pages.
    pub n_clicks: usize,
    /// Views of all pages whose depth is known.
    pub n_views: usize,
    /// Pages and groups of pages, the most clicked first.
    pub pages: Vec<PageCount>,
    /// Pages that too few visitors have been to, alone and in groups.
    pub n_left_out: usize,
}

/// A page, or all pages below one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PageCount {
    /// The path of its URL; ends in `*` where it stands for all pages that begin so.
    pub page: String,
    /// How many pages these are.
    pub n_pages: usize,
    /// How many clicks are known.
    pub n_clicks: usize,
    /// How many views are known by their depth: a visit counts once a page.
    pub n_views: usize,
    /// How many visitors clicked or viewed.
    pub n_visitors: usize,
}

/// What is known of a page.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Page {
    /// The path of its URL; ends in `*` where it stands for all pages that begin so.
    pub page: String,
    /// How many pages these are.
    pub n_pages: usize,
    /// The usual width of a window, in pixels: the median of clicks.
    pub width: Option<f64>,
    /// Where visitors click; none where fewer than ten did.
    pub clicks: Option<Clicks>,
    /// How many views are known by their depth: a visit counts once a page.
    pub n_views: usize,
    /// The share of views that reach each tenth of the page; nothing where they are of fewer than ten visitors.
    pub reach: Vec<Reach>,
    /// The segmentation that was asked for.
    pub by: Option<String>,
    /// The same of the customers of each class.
    pub classes: Vec<ClassHeat>,
    /// What classes click markedly more or less than other customers do, the greatest difference first.
    pub differences: Vec<Difference>,
}

/// Where visitors click.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Clicks {
    /// How many clicks.
    pub n_clicks: usize,
    /// How many visitors clicked.
    pub n_visitors: usize,
    /// The heat of each cell.
    pub map: HeatMap,
    /// What they click most, of what ten visitors and more clicked.
    pub selectors: Vec<SelectorShare>,
}

/// What is clicked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SelectorShare {
    /// What it is, as the source says it.
    pub selector: String,
    /// How many clicks are on it.
    pub n_clicks: usize,
    /// Their share of all clicks on the page.
    pub share: f64,
    /// How many visitors clicked it.
    pub n_visitors: usize,
}

/// What the customers of a class do on a page.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassHeat {
    /// The class.
    pub class: String,
    /// Where they click; none where fewer than ten of them did.
    pub clicks: Option<Clicks>,
    /// How far they see; nothing where fewer than ten of them are known to have.
    pub reach: Vec<Reach>,
}

/// Lists the pages that something is known of.
///
/// # Errors
/// `NotFound` where no event of the last run says where somebody clicked or how far down a page was seen.
pub async fn pages(project: &Project, view: &View, device: Option<&str>) -> Result<Pages> {
    let tracked = read(project, view, Ask { by: None, device }).await?;
    Ok(counted(&tracked))
}

/// What is known of a page, or of all pages that begin alike: `/products/*`.
///
/// # Errors
/// `NotFound` where nothing is known of any page, or not of this one, where it is known of fewer than ten visitors, and where there is no such
/// segmentation.
pub async fn page(project: &Project, view: &View, page: &str, asked: Ask<'_>) -> Result<Page> {
    let tracked = read(project, view, asked).await?;
    let found = told(&tracked, page, asked.by)?;
    if let Some(found) = found {
        return Ok(found);
    }
    if members(&tracked, page).is_empty() {
        let error = Error::new(ErrorCode::NotFound, format!("nothing is known of a page `{page}`"));
        let known = counted(&tracked);
        let names = known.pages.iter().map(|known| known.page.as_str());
        return Err(match nearest(page, names) {
            Some(near) => error.with_hint(format!("did you mean `{near}`?")),
            None => error.with_hint("`strata heat` lists the pages"),
        });
    }
    let message = format!("fewer than {FEWEST} visitors are known on `{page}`: too few to tell of");
    Err(Error::new(ErrorCode::NotFound, message)
        .with_hint("take all pages below one together: `strata heat '/products/*'`"))
}

/// The most clicked pages, no two of which hold one another; nothing where no event says where.
pub(crate) async fn most_clicked(
    project: &Project,
    view: &View,
    by: Option<&str>,
    most: usize,
) -> Result<Vec<Page>> {
    let tracked = Tracked::of(project, view, Wanted { by, device: None }).await?;
    let mut taken: Vec<String> = Vec::new();
    let mut found = Vec::new();
    for count in counted(&tracked).pages {
        let is_apart = |known: &String| !is_of(&count.page, known) && !is_of(known, &count.page);
        if found.len() == most || count.n_clicks == 0 || !taken.iter().all(is_apart) {
            continue;
        }
        let Some(page) = told(&tracked, &count.page, by)? else { continue };
        if page.clicks.is_some() {
            taken.push(count.page);
            found.push(page);
        }
    }
    Ok(found)
}

async fn read(project: &Project, view: &View, asked: Ask<'_>) -> Result<Tracked> {
    let tracked = Tracked::of(project, view, Wanted { by: asked.by, device: asked.device }).await?;
    if !tracked.is_empty() {
        return Ok(tracked);
    }
    let of = asked.device.map(|device| format!(" of the device `{device}`")).unwrap_or_default();
    let message =
        format!("no event{of} of the last run says where somebody clicked or how far down a page was seen");
    let hint = "clicks need the properties `x`, `y` and `viewport_width` (and `selector`), views `scroll_depth`, beside a column mapped to \
                events.url; what a source has and maps to nothing is kept";
    Err(Error::new(ErrorCode::NotFound, message).with_hint(hint))
}

/// Whether a page is the one named, or one of those that a name with `*` stands for.
fn is_of(page: &str, name: &str) -> bool {
    match name.strip_suffix('*') {
        Some(begin) => page.len() > begin.len() && page.starts_with(begin),
        None => page == name,
    }
}

/// All pages below the one that holds this one; none directly below the root, where they need not be alike.
fn group_of(page: &str) -> Option<String> {
    let (above, own) = page.rsplit_once('/')?;
    (!above.is_empty() && !own.is_empty()).then(|| format!("{above}/*"))
}

/// The places of the pages that a name stands for.
fn members(tracked: &Tracked, name: &str) -> HashSet<u32> {
    tracked.pages.all().filter(|(_, page)| is_of(page, name)).map(|(place, _)| place).collect()
}

#[derive(Default)]
struct Tally {
    pages: HashSet<u32>,
    visitors: HashSet<u32>,
    n_clicks: usize,
    n_views: usize,
}

fn counted(tracked: &Tracked) -> Pages {
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let mut add = |page: u32, visitor: Option<u32>, n_clicks: usize, n_views: usize| {
        let name = tracked.pages.name(page);
        for name in [Some(name.to_owned()), group_of(name)].into_iter().flatten() {
            let tally = tallies.entry(name).or_default();
            tally.pages.insert(page);
            tally.visitors.extend(visitor);
            (tally.n_clicks, tally.n_views) = (tally.n_clicks + n_clicks, tally.n_views + n_views);
        }
    };
    tracked.clicks.iter().for_each(|click| add(click.page, click.visitor, 1, 0));
    tracked.seen.iter().for_each(|seen| add(seen.page, seen.visitor, 0, 1));
    // A group of one page says what the page says.
    let is_told = |(name, tally): &(&String, &Tally)| {
        tally.visitors.len() >= FEWEST && (!name.ends_with('*') || tally.pages.len() > 1)
    };
    let shown: HashSet<u32> =
        tallies.iter().filter(is_told).flat_map(|(_, tally)| tally.pages.iter().copied()).collect();
    let n_left_out = tracked.pages.all().filter(|(place, _)| !shown.contains(place)).count();
    let mut pages: Vec<PageCount> = tallies
        .iter()
        .filter(is_told)
        .map(|(name, tally)| PageCount {
            page: name.clone(),
            n_pages: tally.pages.len(),
            n_clicks: tally.n_clicks,
            n_views: tally.n_views,
            n_visitors: tally.visitors.len(),
        })
        .collect();
    pages.sort_by_key(|page| std::cmp::Reverse((page.n_clicks, page.n_views)));
    Pages { n_clicks: tracked.clicks.len(), n_views: tracked.seen.len(), pages, n_left_out }
}

/// What is known of a page; none where it is known of too few visitors.
fn told(tracked: &Tracked, name: &str, by: Option<&str>) -> Result<Option<Page>> {
    let pages = members(tracked, name);
    let clicked: Vec<Click> =
        tracked.clicks.iter().filter(|click| pages.contains(&click.page)).copied().collect();
    let seen: Vec<_> = tracked.seen.iter().filter(|seen| pages.contains(&seen.page)).copied().collect();
    let depths = |class: Option<u32>| -> Result<(usize, Vec<Reach>)> {
        let wanted = || seen.iter().filter(move |seen| class.is_none() || seen.class == class);
        let visitors: HashSet<u32> = wanted().filter_map(|seen| seen.visitor).collect();
        let depths: Vec<f64> = wanted().map(|seen| seen.depth).collect();
        let is_told = visitors.len() >= FEWEST;
        let shares =
            if is_told { reach(&depths, N_DEPTHS).map_err(|error| refused(&error))? } else { Vec::new() };
        Ok((depths.len(), shares))
    };
    let plane = plane(&clicked);
    let clicks = clicks_of(tracked, &clicked, &plane)?;
    let (n_views, reach) = depths(None)?;
    if clicks.is_none() && reach.is_empty() {
        return Ok(None);
    }
    let mut named: Vec<(u32, &str)> = tracked.classes.all().collect();
    named.sort_by_key(|(_, class)| *class);
    let mut classes = Vec::with_capacity(named.len());
    for (place, class) in named {
        let of_class: Vec<Click> =
            clicked.iter().filter(|click| click.class == Some(place)).copied().collect();
        classes.push(ClassHeat {
            class: class.to_owned(),
            clicks: clicks_of(tracked, &of_class, &plane)?,
            reach: depths(Some(place))?.1,
        });
    }
    Ok(Some(Page {
        page: name.to_owned(),
        n_pages: pages.len(),
        width: middle(&clicked),
        clicks,
        n_views,
        reach,
        by: by.map(str::to_owned),
        classes,
        differences: compare::differences(tracked, &clicked),
    }))
}

/// Cells that are as high as they are wide in a usual window, unless a page is so long that there would be too many. All maps of a page share
/// it, so that they can be held against each other.
fn plane(clicked: &[Click]) -> Plane {
    let lowest = clicked.iter().map(|click| click.y).filter(|y| *y <= LONGEST).fold(1.0, f64::max);
    let wanted = middle(clicked).unwrap_or(1.0) / N_COLUMNS as f64;
    let row = wanted.max(lowest / MOST_ROWS as f64);
    let n_rows = ((lowest / row).ceil() as usize).clamp(1, MOST_ROWS);
    Plane { n_columns: N_COLUMNS, n_rows, height: (row * n_rows as f64).max(lowest), bandwidth: BANDWIDTH }
}

/// The median of the windows' widths.
fn middle(clicked: &[Click]) -> Option<f64> {
    let mut widths: Vec<f64> = clicked.iter().map(|click| click.width).collect();
    widths.sort_by(f64::total_cmp);
    widths.get(widths.len() / 2).copied()
}

fn clicks_of(tracked: &Tracked, clicked: &[Click], plane: &Plane) -> Result<Option<Clicks>> {
    let visitors: HashSet<u32> = clicked.iter().filter_map(|click| click.visitor).collect();
    if visitors.len() < FEWEST {
        return Ok(None);
    }
    let points: Vec<Point> =
        clicked.iter().map(|click| Point { x: click.x, y: click.y, weight: 1.0 }).collect();
    let map = heat_map(&points, plane).map_err(|error| refused(&error))?;
    let mut counts: BTreeMap<u32, (usize, HashSet<u32>)> = BTreeMap::new();
    for click in clicked {
        if let Some(selector) = click.selector {
            let (n, visitors) = counts.entry(selector).or_default();
            *n += 1;
            visitors.extend(click.visitor);
        }
    }
    let mut selectors: Vec<SelectorShare> = counts
        .into_iter()
        .filter(|(_, (_, visitors))| visitors.len() >= FEWEST)
        .map(|(selector, (n, visitors))| SelectorShare {
            selector: tracked.selectors.name(selector).to_owned(),
            n_clicks: n,
            share: n as f64 / clicked.len() as f64,
            n_visitors: visitors.len(),
        })
        .collect();
    selectors.sort_by(|one, other| {
        other.n_clicks.cmp(&one.n_clicks).then_with(|| one.selector.cmp(&other.selector))
    });
    selectors.truncate(MOST_SELECTORS);
    Ok(Some(Clicks { n_clicks: clicked.len(), n_visitors: visitors.len(), map, selectors }))
}

/// What the kernel refuses; what to do about it is a hint of its own here.
fn refused(error: &HeatError) -> Error {
    let said = error.to_string();
    let (message, hint) = said.split_once("; hint: ").unwrap_or((&said, "`strata heat` lists the pages"));
    Error::new(ErrorCode::InvalidInput, message).with_hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_a_star_stand_for_the_pages_below() {
        assert!(is_of("/products/1", "/products/*") && is_of("/a", "/a"));
        assert!(!is_of("/products/", "/products/*") && !is_of("/a/b", "/a"));
        let groups = ["/products/1", "/de/products/1", "/a", "/", "Home", "/a/"].map(group_of);
        let expected = [Some("/products/*"), Some("/de/products/*"), None, None, None, None];
        assert_eq!(groups.each_ref().map(Option::as_deref), expected);
    }

    #[test]
    fn cells_are_square_unless_a_page_is_long() {
        let click =
            |y, width| Click { page: 0, visitor: None, selector: None, class: None, x: 0.5, y, width };
        let short = plane(&[click(480.0, 960.0), click(10.0, 960.0)]);
        assert_eq!((short.n_rows, short.height), (24, 480.0));
        let long = plane(&[click(12_000.0, 960.0), click(90_000.0, 960.0)]);
        assert_eq!((long.n_rows, long.height), (120, 12_000.0));
        assert!(plane(&[]).height > 0.0);
    }
}
