//! `strata heat`: where people click on a page, and how far down they see it.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;
use strata_pipeline::error::Error;
use strata_pipeline::heat::{Ask, Clicks, FEWEST, Page, Pages, Reach, page, pages, pictures, svg};
use strata_pipeline::run::Session;
use strata_pipeline::spec::error::ErrorCode;

use super::output;
use super::prose::wrapped;
use super::segments::{count, json, lines, percent};
use super::table;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The path of a page, as /checkout, or of all pages that begin alike, as '/products/*'; unless given, all pages are listed
    page: Option<String>,
    /// Compare the classes of a segmentation of customers, as rfm
    #[arg(long, value_name = "SEGMENTATION", requires = "page")]
    by: Option<String>,
    /// Events of one device alone, as the column `device` says it
    #[arg(long, value_name = "DEVICE")]
    device: Option<String>,
    /// One JSON object
    #[arg(long)]
    json: bool,
    /// Draw the maps: as one SVG file, or as a PNG file each, transparent where nobody clicks
    #[arg(short, long, value_name = "FILE.svg|FILE.png", requires = "page")]
    output: Option<PathBuf>,
}

pub(super) async fn run(folder: &Path, session: Session, arguments: &Arguments) -> Result<(), Error> {
    let drawing = arguments.output.as_deref().map(|path| Drawing::of(path).map(|drawing| (path, drawing)));
    let drawing = drawing.transpose()?;
    let (project, view) = super::open(folder, session).await?;
    let asked = Ask { by: arguments.by.as_deref(), device: arguments.device.as_deref() };
    let Some(name) = &arguments.page else {
        let found = pages(&project, &view, asked.device).await?;
        return if arguments.json { as_json(serde_json::to_value(&found)) } else { list(&found) };
    };
    let found = page(&project, &view, name, asked).await?;
    if let Some((path, drawing)) = drawing {
        draw(&found, path, drawing)?;
    }
    if arguments.json { as_json(serde_json::to_value(&found)) } else { tell(&found) }
}

fn as_json(found: serde_json::Result<Value>) -> Result<(), Error> {
    let found = found
        .map_err(|error| Error::new(ErrorCode::Internal, "cannot write heat maps down").caused_by(error))?;
    json(&found)
}

/// What a map is drawn as.
#[derive(Debug, Clone, Copy)]
enum Drawing {
    Svg,
    Png,
}

impl Drawing {
    /// By the end of the file's name.
    fn of(path: &Path) -> Result<Drawing, Error> {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        match extension.to_ascii_lowercase().as_str() {
            "svg" => Ok(Drawing::Svg),
            "png" => Ok(Drawing::Png),
            _ => {
                let message = format!("cannot draw a map as {}", path.display());
                let hint =
                    "end the file's name in .svg, or in .png for a map to lay over a picture of the page";
                Err(Error::new(ErrorCode::InvalidDefinition, message).with_hint(hint))
            }
        }
    }
}

fn draw(found: &Page, path: &Path, drawing: Drawing) -> Result<(), Error> {
    let too_few = || {
        let message =
            format!("fewer than {FEWEST} visitors clicked on `{}`: there is nothing to draw", found.page);
        Error::new(ErrorCode::NotFound, message).with_hint("without -o it is told how far they scroll")
    };
    if let Drawing::Svg = drawing {
        write(path, svg(found).ok_or_else(too_few)?.as_bytes())?;
        output::note(format!("map: {}", path.display()));
        return Ok(());
    }
    let drawn = pictures(found)?;
    if drawn.is_empty() {
        return Err(too_few());
    }
    let mut taken: Vec<PathBuf> = Vec::with_capacity(drawn.len());
    for picture in drawn {
        let path =
            picture.class.as_deref().map_or_else(|| path.to_owned(), |class| beside(path, class, &taken));
        write(&path, &picture.png)?;
        let of = picture.class.map(|class| format!(" of {class}")).unwrap_or_default();
        output::note(format!("map{of}: {}", path.display()));
        taken.push(path);
    }
    Ok(())
}

fn write(path: &Path, content: &[u8]) -> Result<(), Error> {
    std::fs::write(path, content).map_err(|error| {
        Error::new(ErrorCode::Storage, format!("cannot write {}", path.display())).caused_by(error)
    })
}

/// The file of a class beside that of all visitors: `map-hunter.png`. A class may be called what no file can be.
fn beside(path: &Path, class: &str, taken: &[PathBuf]) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    let name = class.replace(|letter: char| !(letter.is_alphanumeric() || letter == '_'), "-");
    let mut found = path.with_file_name(format!("{stem}-{name}.{extension}"));
    let mut n = 2;
    while taken.contains(&found) {
        found = path.with_file_name(format!("{stem}-{name}-{n}.{extension}"));
        n += 1;
    }
    found
}

fn list(found: &Pages) -> Result<(), Error> {
    let width = output::width();
    let about = format!(
        "{} clicks and {} views with a depth",
        count(found.n_clicks as u64),
        count(found.n_views as u64)
    );
    output::line(about)?;
    output::line("")?;
    let heads = ["page", "pages", "clicks", "views", "visitors"].map(str::to_owned);
    let rows: Vec<Vec<Option<String>>> = found
        .pages
        .iter()
        .map(|page| {
            let numbers = [page.n_pages, page.n_clicks, page.n_views, page.n_visitors];
            let numbers = numbers.map(|n| Some(count(n as u64)));
            std::iter::once(Some(page.page.clone())).chain(numbers).collect()
        })
        .collect();
    lines(table::lines(&heads, &[false, true, true, true, true], &rows, width))?;
    if found.n_left_out > 0 {
        let left_out = match found.n_left_out {
            1 => "1 page is left out".to_owned(),
            n => format!("{} pages are left out", count(n as u64)),
        };
        let left_out = format!("{left_out}: fewer than {FEWEST} visitors are known there.");
        lines(wrapped(&left_out, "", "", width))?;
    }
    Ok(())
}

fn tell(found: &Page) -> Result<(), Error> {
    let width = output::width();
    match &found.clicks {
        Some(clicks) => {
            output::line(summary(found, clicks))?;
            output::line("")?;
            selectors(clicks, width)?;
        }
        None => output::line(format!("{}: fewer than {FEWEST} visitors clicked", found.page))?,
    }
    if !found.reach.is_empty() {
        output::line("")?;
        let told = reached(&found.reach);
        lines(wrapped(
            &format!("of {} views so many reach a depth: {told}", count(found.n_views as u64)),
            "",
            "  ",
            width,
        ))?;
    }
    if let Some(by) = &found.by {
        output::line("")?;
        classes(found, by, width)?;
    }
    Ok(())
}

fn summary(found: &Page, clicks: &Clicks) -> String {
    let pages = match found.n_pages {
        1 => String::new(),
        n => format!(" ({} pages)", count(n as u64)),
    };
    let outside = match clicks.map.n_outside {
        0 => String::new(),
        n => format!("; {} outside of the page", count(n as u64)),
    };
    format!(
        "{}{pages}: {} clicks of {} visitors{outside}",
        found.page,
        count(clicks.n_clicks as u64),
        count(clicks.n_visitors as u64)
    )
}

fn selectors(clicks: &Clicks, width: Option<usize>) -> Result<(), Error> {
    if clicks.selectors.is_empty() {
        return lines(wrapped(
            &format!("what they click is not told: no selector was clicked by {FEWEST} visitors"),
            "",
            "  ",
            width,
        ));
    }
    let heads = ["clicked", "clicks", "share", "visitors"].map(str::to_owned);
    let rows: Vec<Vec<Option<String>>> = clicks
        .selectors
        .iter()
        .map(|each| {
            vec![
                Some(each.selector.clone()),
                Some(count(each.n_clicks as u64)),
                Some(percent(each.n_clicks as u64, clicks.n_clicks as u64)),
                Some(count(each.n_visitors as u64)),
            ]
        })
        .collect();
    lines(table::lines(&heads, &[false, true, true, true], &rows, width))
}

/// `10 % 100.0 %, 20 % 91.2 %, …`
fn reached(reach: &[Reach]) -> String {
    let told = reach.iter().map(|step| format!("{:.0} %: {:.1} %", step.depth * 100.0, step.share * 100.0));
    told.collect::<Vec<_>>().join(", ")
}

fn classes(found: &Page, by: &str, width: Option<usize>) -> Result<(), Error> {
    // A column of which nothing is known is none.
    let has_depths = found.classes.iter().any(|class| !class.reach.is_empty());
    let n_columns = if has_depths { 5 } else { 4 };
    let heads = [by, "customers", "clicks", "most clicked", "see half"].map(str::to_owned);
    let rows: Vec<Vec<Option<String>>> = found
        .classes
        .iter()
        .map(|class| {
            let clicks = class.clicks.as_ref();
            let few = || Some(format!("< {FEWEST}"));
            let most = clicks.and_then(|clicks| clicks.selectors.first()).map(|most| most.selector.clone());
            let half = class.reach.iter().find(|step| step.depth >= 0.5);
            let mut row = vec![
                Some(class.class.clone()),
                clicks.map_or_else(few, |clicks| Some(count(clicks.n_visitors as u64))),
                clicks.map(|clicks| count(clicks.n_clicks as u64)),
                most,
                half.map(|step| format!("{:.1} %", step.share * 100.0)),
            ];
            row.truncate(n_columns);
            row
        })
        .collect();
    lines(table::lines(&heads[..n_columns], &[false, true, true, false, true], &rows, width))?;
    if found.clicks.is_none() {
        return Ok(());
    }
    output::line("")?;
    if found.differences.is_empty() {
        return lines(wrapped(
            "no class clicks anything markedly more or less than other customers do",
            "",
            "  ",
            width,
        ));
    }
    for each in &found.differences {
        let text = format!(
            "{} clicks {} {}: {:.1} % of a customer's clicks, {:.1} % of others' ({:+.1} points, {:+.1} to {:+.1}; q {})",
            each.class,
            each.selector,
            if each.difference > 0.0 { "more" } else { "less" },
            each.share * 100.0,
            each.elsewhere * 100.0,
            each.difference * 100.0,
            each.interval.0 * 100.0,
            each.interval.1 * 100.0,
            if each.q < 0.001 { "< 0.001".to_owned() } else { format!("{:.3}", each.q) },
        );
        lines(wrapped(&text, "- ", "  ", width))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_classes_stand_beside_the_first_and_never_in_the_place_of_another() {
        let path = Path::new("maps/map.png");
        let mut taken = vec![path.to_owned()];
        for (class, expected) in [
            ("hunter", "maps/map-hunter.png"),
            ("a/b", "maps/map-a-b.png"),
            ("a b", "maps/map-a-b-2.png"),
            ("../x", "maps/map----x.png"),
            ("größe", "maps/map-größe.png"),
        ] {
            let found = beside(path, class, &taken);
            assert_eq!(found, Path::new(expected));
            taken.push(found);
        }
    }
}
