//! What the last run knows of clicks and scrolling: events of the table `events` that say where.

use std::collections::HashMap;

use futures::StreamExt;
use strata_lake::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use strata_lake::arrow::compute::cast;
use strata_lake::arrow::datatypes::DataType;
use strata_spec::error::ErrorCode;

use super::property::{Depth, Properties, WANTED, path, spellings};
use crate::error::{Context, Error, Result};
use crate::project::Project;
use crate::query::ask::{columns_of, instant_literal};
use crate::query::{View, quoted};

const EVENTS: &str = "events";

/// The columns that are read of each event, before those that a project has declared.
const URL: usize = 0;
const CUSTOMER: usize = 1;
const DEVICE: usize = 2;
const SESSION: usize = 3;
const SOURCE: usize = 4;
const CLASS: usize = 5;
const PROPERTIES: usize = 6;
const DECLARED: usize = 7;

/// Which events are read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wanted<'a> {
    /// Those of one device or platform, as the column `device` says it.
    pub(super) device: Option<&'a str>,
    /// With the class of each customer in a segmentation.
    pub(super) by: Option<&'a str>,
}

/// A click. Pages, visitors, selectors and classes are places in the lists of [`Tracked`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Click {
    pub(super) page: u32,
    pub(super) visitor: Option<u32>,
    pub(super) selector: Option<u32>,
    pub(super) class: Option<u32>,
    /// A share of the window's width.
    pub(super) x: f64,
    /// Pixels from the top of the page.
    pub(super) y: f64,
    /// The window's width in pixels.
    pub(super) width: f64,
}

/// A page seen in a visit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) page: u32,
    pub(super) visitor: Option<u32>,
    pub(super) class: Option<u32>,
    /// How far down it was seen, as a share of its height.
    pub(super) depth: f64,
}

/// Texts, each once.
#[derive(Debug, Default)]
pub(super) struct Names {
    list: Vec<String>,
    places: HashMap<String, u32>,
}

/// Clicks and scrolling.
#[derive(Debug, Default)]
pub(super) struct Tracked {
    pub(super) pages: Names,
    pub(super) selectors: Names,
    pub(super) classes: Names,
    pub(super) clicks: Vec<Click>,
    pub(super) seen: Vec<Seen>,
}

impl Tracked {
    /// All that the last run knows; empty where no event says where.
    ///
    /// # Errors
    /// `NotFound` where there is no such segmentation.
    pub(super) async fn of(project: &Project, view: &View, wanted: Wanted<'_>) -> Result<Tracked> {
        if let Some(by) = wanted.by {
            project.check_segmentation_of_customers(by)?;
        }
        if !view.complete.tables.contains_key(EVENTS) {
            return Ok(Tracked::default());
        }
        let columns = columns_of(view, EVENTS).await?;
        let declared: Vec<&str> = spellings().filter(|name| columns.has(name)).collect();
        let answer = view.sql(&query(view, wanted, &declared)).await?;
        let what = "cannot read clicks and scrolling";
        let mut rows = answer.0.execute_stream().await.context(what)?;
        let mut reading = Reading::default();
        while let Some(batch) = rows.next().await {
            reading.add(&batch.context(what)?, &declared)?;
        }
        Ok(reading.finished())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.clicks.is_empty() && self.seen.is_empty()
    }
}

impl Names {
    /// The place of a text, new or known.
    fn place(&mut self, name: &str) -> u32 {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let place = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.list.push(name.to_owned());
        self.places.insert(name.to_owned(), place);
        place
    }

    pub(super) fn name(&self, place: u32) -> &str {
        self.list.get(place as usize).map_or("", String::as_str)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (u32, &str)> {
        (0..).zip(self.list.iter().map(String::as_str))
    }
}

/// A depth as it was read: of which source, on which page in which visit, and by whom.
struct Raw {
    source: u32,
    visit: Option<u32>,
    page: u32,
    visitor: Option<u32>,
    class: Option<u32>,
    depth: Depth,
}

#[derive(Default)]
struct Reading {
    tracked: Tracked,
    visitors: Names,
    visits: Names,
    sources: Names,
    raw: Vec<Raw>,
    /// The greatest depth of each source that may be a share or a percentage.
    greatest: HashMap<u32, f64>,
}

impl Reading {
    fn add(&mut self, batch: &RecordBatch, declared: &[&str]) -> Result<()> {
        let text = |column: &ArrayRef| {
            cast(column, &DataType::Utf8).map_err(|error| {
                Error::new(ErrorCode::Internal, "cannot read events as text").caused_by(error)
            })
        };
        let columns = batch.columns().iter().map(text).collect::<Result<Vec<_>>>()?;
        for row in 0..batch.num_rows() {
            let cell = |column: usize| -> Option<&str> {
                let texts = columns.get(column)?.as_string::<i32>();
                Some(texts).filter(|texts| texts.is_valid(row)).map(|texts| texts.value(row))
            };
            let mut properties = cell(PROPERTIES).map(Properties::of).unwrap_or_default();
            for (place, name) in declared.iter().enumerate() {
                if let Some(value) = cell(DECLARED + place) {
                    properties.add(name, value);
                }
            }
            self.event(&cell, &properties);
        }
        Ok(())
    }

    fn event<'a>(&mut self, cell: &dyn Fn(usize) -> Option<&'a str>, properties: &Properties) {
        let (place, depth) = (properties.place(), properties.depth());
        if place.is_none() && depth.is_none() {
            return;
        }
        let Some(url) = cell(URL).filter(|url| !url.is_empty()).or_else(|| properties.page()) else { return };
        let page = self.tracked.pages.place(path(url));
        // A customer who is known, else a device, else a visit: letters keep their ids apart.
        let ids = [("c", CUSTOMER), ("d", DEVICE), ("v", SESSION)];
        let visitor = ids.into_iter().find_map(|(kind, column)| Some(format!("{kind}{}", cell(column)?)));
        let visitor = visitor.map(|visitor| self.visitors.place(&visitor));
        let class = cell(CLASS).map(|class| self.tracked.classes.place(class));
        if let Some((x, y, width)) = place {
            let selector = properties.selector().map(|selector| self.tracked.selectors.place(selector));
            self.tracked.clicks.push(Click { page, visitor, selector, class, x, y, width });
        }
        if let Some(depth) = depth {
            let source = self.sources.place(cell(SOURCE).unwrap_or_default());
            if let Depth::Either(depth) = depth {
                let greatest = self.greatest.entry(source).or_insert(0.0);
                *greatest = greatest.max(depth);
            }
            let visit = cell(SESSION).map(|visit| self.visits.place(visit));
            self.raw.push(Raw { source, visit, page, visitor, class, depth });
        }
    }

    /// Whatever a source calls a depth is a percentage where one of its values is above 1. A visit counts once a page, as deep as it got;
    /// depths that cannot be are left out.
    fn finished(self) -> Tracked {
        let Reading { mut tracked, raw, greatest, .. } = self;
        let mut of_visit: HashMap<(u32, u32), usize> = HashMap::new();
        for each in raw {
            let depth = match each.depth {
                Depth::Share(depth) => depth,
                Depth::Either(depth) if greatest.get(&each.source).is_some_and(|most| *most > 1.0) => {
                    depth / 100.0
                }
                Depth::Either(depth) => depth,
            };
            if !(0.0..=1.0).contains(&depth) {
                continue;
            }
            let seen = Seen { page: each.page, visitor: each.visitor, class: each.class, depth };
            let known = each.visit.map(|visit| (visit, each.page));
            match known.and_then(|known| of_visit.get(&known)) {
                Some(place) => {
                    let before = &mut tracked.seen[*place];
                    before.depth = before.depth.max(depth);
                    // Who it was may be known only after the log-in.
                    before.class = before.class.or(seen.class);
                }
                None => {
                    if let Some(known) = known {
                        of_visit.insert(known, tracked.seen.len());
                    }
                    tracked.seen.push(seen);
                }
            }
        }
        tracked
    }
}

fn query(view: &View, wanted: Wanted<'_>, declared: &[&str]) -> String {
    let (class, joined) = match wanted.by {
        None => ("cast(null as varchar)", String::new()),
        Some(by) => {
            let joined = format!(
                "left join (select subject_id, segment from membership where subject = 'customers' \
                 and segmentation = {} and left_at is null) m on m.subject_id = e.customer_id",
                quoted(by)
            );
            ("m.segment", joined)
        }
    };
    let own: String =
        declared.iter().map(|name| format!(", cast(e.\"{name}\" as varchar) as \"{name}\"")).collect();
    // What tells of no place is not parsed.
    let named = WANTED.into_iter().flatten().flat_map(|name| {
        let column = declared.contains(name).then(|| format!("e.\"{name}\" is not null"));
        let property = format!("lower(e.properties) like '%\"{name}\"%'");
        [Some(property), column].into_iter().flatten()
    });
    let named: Vec<String> = named.collect();
    let device =
        wanted.device.map(|device| format!(" and e.device = {}", quoted(device))).unwrap_or_default();
    format!(
        "select e.url, e.customer_id, e.anonymous_id, e.session_id, e.source, {class} as class, e.properties{own} \
         from {EVENTS} e {joined} where e.occurred_at <= {} and ({}){device} \
         order by e.occurred_at, e.event_id, e.url",
        instant_literal(view.complete.as_of),
        named.join(" or "),
    )
}
