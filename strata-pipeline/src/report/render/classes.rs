//! The classes of a segmentation as a table: how many, what they brought, and both shares as a pair of bars.

use strata_spec::name::UNASSIGNED;

use super::super::data::{ClassData, ReportData, SegmentationData, capitalised, share};
use super::super::findings::differ::differences;
use super::html::{Column, Field, Row, anchor, escape, sentence, table};
use super::number::{count, counted, decimal, decimals_of, percent, percent_in_words};

/// So many classes are shown before the rest is folded away.
const SHOWN: usize = 12;

/// One segmentation: what it says, and its table; `extra` stands above the table. One that is not `open` shows itself in
/// a line: its title, its classes as parts of one bar, and the largest.
pub(super) fn card(data: &ReportData, segmentation: &SegmentationData, extra: &str, is_open: bool) -> String {
    let about =
        segmentation.about.as_ref().map(|about| format!(r#"<p>{}</p>"#, escape(about))).unwrap_or_default();
    let named = segmentation.classes.iter().filter(|class| class.name != UNASSIGNED).count() as u64;
    let largest = segmentation
        .classes
        .iter()
        .filter(|class| class.name != UNASSIGNED && class.n_members > 0)
        .max_by_key(|class| class.n_members)
        .and_then(|class| {
            Some((class, share(class.n_members as f64, data.n_of(segmentation.subject) as f64)?))
        })
        .map(|(class, of_n)| format!("most: {}, {}", escape(&class.label().0), percent_in_words(of_n)));
    format!(
        r#"<details class="block" id="{}"{}><summary><h3>{}</h3>{}<span>{} · {}{}</span></summary>{about}{extra}<div class="what">{}</div></details>"#,
        anchor("by", &segmentation.name),
        if is_open { " open" } else { "" },
        escape(&segmentation.title),
        strip(segmentation),
        segmentation.subject.as_str(),
        counted(named, "class", "classes"),
        largest.map(|largest| format!(" · {largest}")).unwrap_or_default(),
        tables(data, segmentation),
    )
}

/// The classes as parts of one bar, the largest darkest, those without a class blank.
fn strip(segmentation: &SegmentationData) -> String {
    let n: u64 = segmentation.classes.iter().map(|class| class.n_members).sum();
    let largest = segmentation
        .classes
        .iter()
        .filter(|class| class.name != UNASSIGNED)
        .map(|class| class.n_members)
        .max()
        .unwrap_or(0);
    let mut x = 0.0;
    let mut parts = String::new();
    for class in segmentation.classes.iter().filter(|class| class.n_members > 0) {
        let width = share(class.n_members as f64, n as f64).unwrap_or(0.0) * 100.0;
        let step = super::plot::shade(share(class.n_members as f64, largest as f64)).unwrap_or(0);
        let kind = if class.name == UNASSIGNED { "rest".to_owned() } else { format!("q{step}") };
        parts.push_str(&format!(
            r#"<rect class="{kind}" x="{x:.2}%" width="{:.2}%" height="10"/>"#,
            (width - 0.6).max(0.2)
        ));
        x += width;
    }
    format!(r#"<svg class="strip" width="100%" height="10" aria-hidden="true">{parts}</svg>"#)
}

fn tables(data: &ReportData, segmentation: &SegmentationData) -> String {
    let (rest, named): (Vec<&ClassData>, Vec<&ClassData>) =
        segmentation.classes.iter().partition(|class| class.name == UNASSIGNED);
    let rest: Vec<&ClassData> = rest.into_iter().filter(|class| class.n_members > 0).collect();
    // Folding a single class away would save nothing.
    let n_shown = if named.len() > SHOWN + 1 { SHOWN } else { named.len() };
    let (shown, folded) = named.split_at(n_shown);
    let scale = Scale::of(data, segmentation);
    let visible: Vec<&ClassData> = shown.iter().chain(&rest).copied().collect();
    let mut html = scale.table(&segmentation.title, &visible);
    if !folded.is_empty() {
        let n: u64 = folded.iter().map(|class| class.n_members).sum();
        let of_all =
            share(n as f64, scale.n).map(|share| format!(", {}", percent(share))).unwrap_or_default();
        html.push_str(&format!(
            r#"<details><summary>{} more <span>together {} {}{of_all}</span></summary>{}</details>"#,
            count(folded.len() as u64),
            count(n),
            segmentation.subject.as_str(),
            scale.table(&format!("{}, further classes", segmentation.title), folded),
        ));
    }
    html
}

/// What the columns of one segmentation have in common.
struct Scale<'a> {
    name: &'a str,
    subject: &'static str,
    currency: Option<&'a str>,
    n: f64,
    revenue: Option<f64>,
    /// The largest share of either kind: what the longest bar stands for.
    longest: f64,
    revenue_decimals: usize,
    mean_decimals: usize,
    /// Whether any class knows its orders, and its last ones.
    has_orders: bool,
    has_days: bool,
}

impl<'a> Scale<'a> {
    fn of(data: &'a ReportData, segmentation: &'a SegmentationData) -> Scale<'a> {
        let n = data.n_of(segmentation.subject) as f64;
        let revenue = data.revenue_of(segmentation.subject);
        let has_orders = segmentation.classes.iter().any(|class| class.portrait.n_orders.is_some());
        let revenues = || segmentation.classes.iter().filter_map(|class| class.revenue);
        let shares = segmentation.classes.iter().flat_map(|class| {
            let of_revenue = revenue.and_then(|whole| share(class.revenue?, whole));
            [share(class.n_members as f64, n), of_revenue]
        });
        Scale {
            name: &segmentation.name,
            subject: segmentation.subject.as_str(),
            currency: data.currency.as_deref(),
            n,
            revenue,
            longest: shares.flatten().fold(0.0, f64::max),
            revenue_decimals: decimals_of(revenues()),
            mean_decimals: match has_orders {
                true => decimals_of(segmentation.classes.iter().filter_map(mean_order)),
                false => decimals_of(segmentation.classes.iter().filter_map(mean)),
            },
            has_orders,
            has_days: segmentation
                .classes
                .iter()
                .any(|class| class.portrait.median_days_since_last_order.is_some()),
        }
    }

    fn table(&self, caption: &str, classes: &[&ClassData]) -> String {
        let unit =
            self.currency.map(|currency| format!(" <small>{}</small>", escape(currency))).unwrap_or_default();
        let subject = capitalised(self.subject);
        let (revenue_head, mean_head) = (
            format!("Revenue{unit}"),
            format!("{}{unit}", if self.has_orders { "Mean order" } else { "Each" }),
        );
        let bars_head = match self.revenue {
            Some(_) => r#"<i class="dot of-n"></i>customers <i class="dot of-r"></i>revenue"#
                .replace("customers", self.subject),
            None => String::new(),
        };
        let mut heads = vec![
            ("Class", Column::Text),
            (bars_head.as_str(), Column::Bars),
            (subject.as_str(), Column::Number),
            ("%", Column::Number),
        ];
        if self.revenue.is_some() {
            heads.extend([
                (revenue_head.as_str(), Column::Number),
                ("%", Column::Number),
                (mean_head.as_str(), Column::Number),
            ]);
        }
        if self.has_days {
            heads.push(("Last order", Column::Number));
        }
        let rows: Vec<Row> = classes.iter().map(|class| self.row(class)).collect();
        table(caption, if self.revenue.is_some() { "classes" } else { "classes plain" }, &heads, &rows)
    }

    fn row(&self, class: &ClassData) -> Row {
        let of_n = share(class.n_members as f64, self.n);
        let shown = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), percent);
        let mut fields = vec![
            Field::new(title(class), ""),
            Field::new(String::new(), ""),
            Field::new(count(class.n_members), self.subject),
            Field::new(shown(of_n), ""),
        ];
        let mut of_revenue = None;
        if let Some(whole) = self.revenue {
            of_revenue = class.revenue.and_then(|revenue| share(revenue, whole));
            let amount = |amount: Option<f64>, decimals| {
                amount.map_or_else(|| "–".to_owned(), |amount| decimal(amount, decimals))
            };
            let label =
                self.currency.map_or_else(|| "revenue".to_owned(), |currency| format!("{currency} revenue"));
            fields.extend([
                Field::new(amount(class.revenue, self.revenue_decimals), &label),
                Field::new(shown(of_revenue), ""),
                match self.has_orders {
                    true => Field::new(amount(mean_order(class), self.mean_decimals), "mean order"),
                    false => Field::new(amount(mean(class), self.mean_decimals), "each"),
                },
            ]);
        }
        if self.has_days {
            let days = class.portrait.median_days_since_last_order.filter(|days| days.is_finite());
            let days = days.map_or_else(|| "–".to_owned(), |days| format!("{} days", decimal(days, 0)));
            fields.push(Field::new(days, "since the last order"));
        }
        if let Some(bars) = fields.get_mut(1) {
            bars.html = self.bars(of_n, of_revenue);
        }
        let told: Vec<String> = differences(&class.portrait, Some(self.name), self.currency)
            .iter()
            .map(|parts| sentence(parts))
            .collect();
        Row {
            fields,
            is_muted: class.n_members == 0 || class.name == UNASSIGNED,
            also: told.join(r#" <span class="sep">·</span> "#),
        }
    }

    /// The numbers beside them say the same, so they are not read out.
    fn bars(&self, of_n: Option<f64>, of_revenue: Option<f64>) -> String {
        bars(self.longest, of_n, of_revenue)
    }
}

/// Two bars: a share of subjects, and a share of revenue where there is any.
pub(super) fn bars(longest: f64, of_n: Option<f64>, of_revenue: Option<f64>) -> String {
    let width = |of: f64| share(of, longest).map_or(0.0, |width| width.clamp(0.0, 1.0) * 100.0);
    let bar = |of: f64, kind: &str, top: u32, height: u32| {
        // What is there can be seen, however small it is.
        let width = if of > 0.0 { width(of).max(0.8) } else { 0.0 };
        format!(r#"<rect class="{kind}" x="0" y="{top}" width="{width:.2}%" height="{height}" rx="1"/>"#)
    };
    if [of_n, of_revenue].into_iter().flatten().all(|of| of <= 0.0) {
        return String::new();
    }
    let rects = match (of_n, of_revenue) {
        (Some(of_n), Some(of_revenue)) => bar(of_n, "of-n", 1, 6) + &bar(of_revenue, "of-r", 9, 6),
        (Some(of_n), None) => bar(of_n, "of-n", 4, 8),
        _ => String::new(),
    };
    format!(r#"<svg class="bars" width="100%" height="16" aria-hidden="true">{rects}</svg>"#)
}

fn title(class: &ClassData) -> String {
    match class.label() {
        (short, Some(explained)) => {
            format!(r#"<b>{}</b> <span class="why">{}</span>"#, escape(&short), escape(explained))
        }
        (title, None) => format!("<b>{}</b>", escape(&title)),
    }
}

fn mean(class: &ClassData) -> Option<f64> {
    share(class.revenue?, class.n_members as f64)
}

fn mean_order(class: &ClassData) -> Option<f64> {
    share(class.revenue?, class.portrait.n_orders? as f64)
}
