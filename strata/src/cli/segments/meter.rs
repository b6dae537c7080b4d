//! `strata segments meter`: which classes and segments are worth having apart.

use clap::Args;
use strata_pipeline::error::Error;
use strata_pipeline::meter::{Criterion, Finding, METER, Metered, Verdict, overview, read};
use strata_pipeline::query::View;
use strata_pipeline::spec::error::{ErrorCode, nearest};

use super::{count, json, lines};
use crate::cli::prose::wrapped;
use crate::cli::{Shape, output, table};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// A segmentation, a segment, a class as rfm/champions, or `segments` for all of the project's own; an overview unless given
    name: Option<String>,
    /// How many sentences are shown
    #[arg(long, default_value_t = 20, value_name = "N")]
    limit: usize,
    #[command(flatten)]
    shape: Shape,
}

pub(super) async fn run(view: &View, arguments: Arguments) -> Result<(), Error> {
    let all = overview(read(view).await?);
    let wanted = wanted(&all, arguments.name.as_deref())?;
    if arguments.shape.csv {
        let query = format!(
            "select subject, segmentation, segment, other, position, criterion, value, threshold, verdict, reason \
             from {METER} where {} order by subject desc, segmentation nulls first, segment is not null, position, \
             segment, criterion, other",
            wanted.condition()
        );
        return output::rows(view.sql(&query).await?, arguments.shape, None).await;
    }
    if arguments.shape.json {
        return json(&wanted.json());
    }
    let width = output::width();
    match wanted {
        Wanted::All(all) => show_all(all, arguments.limit, width),
        Wanted::Whole(metered) => {
            metered.iter().try_for_each(|metered| show(metered, arguments.limit, width))
        }
        Wanted::One(metered, segment) => show_one(metered, segment, width),
    }
}

/// What a name means.
enum Wanted<'a> {
    All(&'a [Metered]),
    /// A segmentation, or the segments of customers and of companies.
    Whole(Vec<&'a Metered>),
    One(&'a Metered, &'a str),
}

fn wanted<'a>(all: &'a [Metered], name: Option<&'a str>) -> Result<Wanted<'a>, Error> {
    let Some(name) = name else { return Ok(Wanted::All(all)) };
    let whole: Vec<&Metered> = all.iter().filter(|metered| metered.name() == name).collect();
    if !whole.is_empty() {
        return Ok(Wanted::Whole(whole));
    }
    let full_name = |metered: &Metered, segment: &str| match &metered.segmentation {
        Some(segmentation) => format!("{segmentation}/{segment}"),
        None => segment.to_owned(),
    };
    let mut known: Vec<String> = all.iter().map(|metered| metered.name().to_owned()).collect();
    for metered in all {
        for segment in metered.segments() {
            let full = full_name(metered, segment);
            if full == name {
                return Ok(Wanted::One(metered, segment));
            }
            known.push(full);
        }
    }
    let error = Error::new(ErrorCode::NotFound, format!("nothing that is measured is called `{name}`"));
    Err(match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => error.with_hint(format!("did you mean `{near}`?")),
        None => error.with_hint("`strata segments meter` lists what is"),
    })
}

impl Wanted<'_> {
    fn json(&self) -> serde_json::Value {
        match self {
            Wanted::All(all) => all.iter().map(Metered::json).collect(),
            Wanted::Whole(whole) => whole.iter().map(|metered| metered.json()).collect(),
            Wanted::One(metered, segment) => {
                let about = |finding: &&Finding| finding.segment.as_deref() == Some(*segment);
                let findings = metered.findings.iter().filter(about).cloned().collect();
                let only = Metered { findings, ..(*metered).clone() }.json();
                serde_json::json!({
                    "subject": only["subject"],
                    "segmentation": only["segmentation"],
                    "segment": segment,
                    "findings": only["findings"],
                })
            }
        }
    }

    /// The rows that it means, in SQL.
    fn condition(&self) -> String {
        let text = |text: &str| format!("'{}'", text.replace('\'', "''"));
        let within = |metered: &Metered| match &metered.segmentation {
            Some(segmentation) => format!("segmentation = {}", text(segmentation)),
            None => "segmentation is null".to_owned(),
        };
        match self {
            Wanted::All(_) => "true".to_owned(),
            Wanted::Whole(whole) => whole.first().map_or_else(|| "false".to_owned(), |first| within(first)),
            Wanted::One(metered, segment) => {
                format!("{} and segment = {} and criterion <> 'merge'", within(metered), text(segment))
            }
        }
    }
}

/// Everything that is measured, in a line each, and what is to be said of the project's own segments.
fn show_all(all: &[Metered], limit: usize, width: Option<usize>) -> Result<(), Error> {
    if all.is_empty() {
        return output::line("there is nothing to measure: the project has no segments and no segmentations");
    }
    let heads = ["what", "meter", "has", "would do", "failed"].map(str::to_owned);
    let numeric = [false, true, true, true, false];
    let rows: Vec<Vec<Option<String>>> = all
        .iter()
        .map(|metered| {
            let failed: Vec<String> = Criterion::FIVE
                .iter()
                .filter_map(|criterion| {
                    let n = metered.tally(*criterion).n_failed;
                    (n > 0).then(|| format!("{} {n}", short(*criterion)))
                })
                .collect();
            vec![
                Some(named(metered)),
                metered.meter().map(|meter| format!("{meter:.0}")),
                Some(count(metered.n_segments())),
                Some(count(metered.n_left())),
                Some(failed.join(", ")),
            ]
        })
        .collect();
    lines(table::lines(&heads, &numeric, &rows, width))?;
    for metered in all.iter().filter(|metered| metered.segmentation.is_none()) {
        output::line("")?;
        output::line(format!("segments of {}", metered.subject))?;
        sentences(metered, limit, width)?;
    }
    let known = all.iter().any(|metered| metered.verdict() == Verdict::Failed);
    if known {
        output::note(
            "`strata segments meter NAME` says why; meter is the share of criteria failed, 0 to 100",
        );
    }
    Ok(())
}

/// One segmentation, or the segments of a subject: what each class meets, and why not.
fn show(metered: &Metered, limit: usize, width: Option<usize>) -> Result<(), Error> {
    let meter = metered.meter().map_or_else(|| "unknown".to_owned(), |meter| format!("{meter:.0} of 100"));
    output::line(format!("{}: meter {meter}", named(metered)))?;
    output::line("")?;
    let singular = if metered.segmentation.is_some() { "class" } else { "segment" };
    let heads = [singular, "members"]
        .into_iter()
        .chain(Criterion::FIVE.map(short))
        .map(str::to_owned)
        .collect::<Vec<_>>();
    let numeric = [false, true, false, false, false, false, false];
    let rows: Vec<Vec<Option<String>>> = metered
        .segments()
        .into_iter()
        .map(|segment| {
            let size = metered.of(segment, Criterion::Substantial).and_then(|finding| finding.value);
            let verdicts =
                Criterion::FIVE.map(|criterion| Some(mark(metered.of(segment, criterion)).to_owned()));
            [Some(segment.to_owned()), size.map(|size| count(size as u64))]
                .into_iter()
                .chain(verdicts)
                .collect()
        })
        .collect();
    lines(table::lines(&heads, &numeric, &rows, width))?;
    output::line("")?;
    sentences(metered, limit, width)?;
    let why: Vec<String> = metered
        .findings
        .iter()
        .filter(|finding| Criterion::FIVE.contains(&finding.criterion) && finding.verdict == Verdict::Failed)
        // Of classes it is said once, above: it is the same for all of them.
        .filter(|finding| metered.segmentation.is_none() || finding.criterion != Criterion::Measurable)
        .filter_map(|finding| {
            let segment = finding.segment.as_ref()?;
            Some(format!("{segment} is not {}: {}", finding.criterion.as_str(), finding.reason))
        })
        .collect();
    if !why.is_empty() {
        output::line("")?;
        for sentence in why.iter().take(limit) {
            lines(wrapped(sentence, "", "  ", width))?;
        }
        lines(
            (why.len() > limit).then(|| format!("({} more: --limit, or --json for all)", why.len() - limit)),
        )?;
    }
    Ok(())
}

/// All that is said of a class or segment.
fn show_one(metered: &Metered, segment: &str, width: Option<usize>) -> Result<(), Error> {
    let of_it = |criterion: &Criterion| metered.of(segment, *criterion);
    for finding in Criterion::ALL.iter().filter(|criterion| **criterion != Criterion::Merge).filter_map(of_it)
    {
        let name = finding.criterion.as_str().replace('_', " ");
        let first = format!("{name:<14}  {:<3}  ", mark(Some(finding)));
        lines(wrapped(&finding.reason, &first, &" ".repeat(21), width))?;
    }
    Ok(())
}

fn sentences(metered: &Metered, limit: usize, width: Option<usize>) -> Result<(), Error> {
    let told = metered.sentences();
    for sentence in told.iter().take(limit) {
        lines(wrapped(sentence, "- ", "  ", width))?;
    }
    lines((told.len() > limit).then(|| format!("({} more: --limit, or --json for all)", told.len() - limit)))
}

/// What is measured, and of whom where that is companies.
fn named(metered: &Metered) -> String {
    match &metered.segmentation {
        Some(segmentation) => segmentation.clone(),
        None => format!("segments of {}", metered.subject),
    }
}

/// The heads of the columns and the words for what is failed, short enough for a narrow terminal.
fn short(criterion: Criterion) -> &'static str {
    match criterion {
        Criterion::Measurable => "meas",
        Criterion::Substantial => "subst",
        Criterion::Accessible => "access",
        Criterion::Differentiable => "differ",
        Criterion::Actionable => "act",
        other => other.as_str(),
    }
}

fn mark(finding: Option<&Finding>) -> &'static str {
    match finding.map(|finding| finding.verdict) {
        Some(Verdict::Met) => "yes",
        Some(Verdict::Failed) => "no",
        Some(Verdict::Unknown) | None => "?",
    }
}
