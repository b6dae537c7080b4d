//! What a report says, as plain data: gathered from the lake's tables by `gather`, put into words by `findings`, and
//! shown by `render`. It holds sums over classes and nothing about a single customer, but for the nameless marks of a map of groups.

mod clusters;
mod expected;
mod migration;
mod plots;
mod portrait;
mod story;
mod suggested;

use chrono::{NaiveDate, NaiveDateTime};
use strata_spec::definition::Layer;
use strata_spec::name::UNASSIGNED;
use strata_spec::persona::Persona;
use strata_spec::table::Subject;

pub(crate) use self::clusters::{Feature, Groups};
pub(crate) use self::expected::{
    AliveBin, CurvePoint, Expected, ExpectedClass, ExpectedCompanies, ExpectedDivision, Total,
};
pub(crate) use self::migration::{MigrationData, Move};
pub(crate) use self::plots::{
    AgeBand, Ages, Bin, Cadence, Cross, Distribution, Feedback, PlotData, Scale, Side, Step, Topic,
};
pub(crate) use self::portrait::{Difference, Portrait};
pub(crate) use self::story::{Alike, Story, StoryMonth, Together};
pub(crate) use self::suggested::Suggested;
pub(crate) use crate::drift::{Drift, LifeChanges};
use crate::journey::Journey;
use crate::market::MarketIndex;
#[cfg(test)]
pub(crate) use crate::quality::{Change, Flagged, Freshness, Gap, LayerQuality};
pub(crate) use crate::quality::{ColumnQuality, IdentityData, Quality as QualityData, Reason};

/// Everything that a report shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ReportData {
    /// The project's title.
    pub title: String,
    /// The instant at which everything was evaluated, on the clock of the project's time zone.
    pub as_of: NaiveDateTime,
    /// That time zone.
    pub timezone: String,
    /// The run's id.
    pub run_id: String,
    /// The currency of all amounts, where the project names one.
    pub currency: Option<String>,
    /// Whether the lake knows memberships of an earlier instant, so that entering and leaving mean something.
    pub has_history: bool,
    /// The figures over everything.
    pub figures: Figures,
    /// How much of the revenue the best buyers bring.
    pub concentration: Option<Concentration>,
    /// The segmentations that the data supports, in the order of the layers.
    pub segmentations: Vec<SegmentationData>,
    /// The grid of recency and frequency scores.
    pub grid: Option<Grid>,
    /// The project's own segments.
    pub segments: Vec<SegmentData>,
    /// Orders and revenue by calendar month, without gaps, the earliest first.
    pub months: Vec<Month>,
    /// The files that were read.
    pub files: Vec<FileData>,
    /// How many rows were refused and values dropped, by table and reason, the most frequent first.
    pub rejected: Vec<Rejected>,
    /// Shipped segmentations that the data cannot support.
    pub left_out: Vec<LeftOut>,
    /// How many shipped traits and scores the data cannot support.
    pub n_figures_left_out: u64,
    /// What the stages warned of.
    pub warnings: Vec<String>,
    /// How far the data can be trusted; none where it was not examined.
    pub quality: Option<QualityData>,
    /// What the plots of the layers show beyond the sizes of classes.
    pub plots: PlotData,
    /// Which classes and segments are worth having apart; nothing where no run has measured it.
    pub meter: Vec<crate::meter::Metered>,
    /// Who went from which class to which between two instants, one for each segmentation followed.
    pub migrations: Vec<MigrationData>,
    /// What became of the project's own segments.
    pub stories: Vec<Story>,
    /// In which of them customers are together.
    pub together: Together,
    /// Which shares left their usual range and which traits have shifted, named by their titles.
    pub drift: Option<Drift>,
    /// Which properties changed since the run before, and what changed with them.
    pub life_changes: Option<LifeChanges>,
    /// The groups that segmentations are made of, or why there are none.
    pub groups: Vec<Groups>,
    /// Segments that the run suggests, by goals.
    pub suggested: Vec<Suggested>,
    /// What is measured of customers by asking them.
    pub surveys: Vec<crate::survey::SurveyQuality>,
    /// What features are to customers.
    pub wanted: Vec<crate::survey::kano::Wanted>,
    /// How far the types that surveys tell are known.
    pub typings: Vec<crate::survey::states::Typing>,
    /// Segments as people can picture them.
    pub personas: Vec<Persona>,
    /// The way of customers through the stages of their journey.
    pub journey: Option<Journey>,
    /// The most clicked pages.
    pub clicked: Vec<crate::heat::Page>,
    /// What a model expects of customers, and whether it can be trusted.
    pub expected: Option<Expected>,
    /// Customers and companies held against each market.
    pub markets: Vec<MarketIndex>,
}

/// The figures over everything. What the data does not support is `None`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Figures {
    /// Customers on file.
    pub n_customers: u64,
    /// Companies on file.
    pub n_companies: u64,
    /// Orders, those of guests included.
    pub n_orders: Option<u64>,
    /// What was paid for them after refunds.
    pub revenue: Option<f64>,
    /// The day of the first order, and of the last.
    pub orders_span: Option<(NaiveDate, NaiveDate)>,
    /// Revenue of customers and of companies, by whom shares are counted.
    pub revenue_of_customers: Option<f64>,
    /// Revenue of companies and their people.
    pub revenue_of_companies: Option<f64>,
    /// Customers who have ordered.
    pub n_buyers: Option<u64>,
    /// Customers who have ordered more than once.
    pub n_repeat_buyers: Option<u64>,
    /// Revenue of customers who have ordered more than once.
    pub revenue_of_repeat_buyers: Option<f64>,
    /// Half of the buyers ordered within so many days.
    pub median_days_since_last_order: Option<f64>,
}

/// How much of the revenue the tenth of buyers with most revenue brings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Concentration {
    /// Buyers in that tenth, rounded up.
    pub n_top: u64,
    /// Their share of the revenue of all buyers.
    pub share: f64,
}

/// A segmentation with its classes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SegmentationData {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// One sentence more.
    pub about: Option<String>,
    /// Its layer.
    pub layer: Layer,
    /// What it divides.
    pub subject: Subject,
    /// Its classes in their order, `unassigned` included.
    pub classes: Vec<ClassData>,
}

/// A class of a segmentation.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ClassData {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Who is in it now.
    pub n_members: u64,
    /// What they have brought.
    pub revenue: Option<f64>,
    /// How they differ from everyone else.
    pub portrait: Portrait,
}

/// One of the project's own segments.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SegmentData {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// One sentence more.
    pub about: Option<String>,
    /// Its layer.
    pub layer: Layer,
    /// What it holds.
    pub subject: Subject,
    /// What the business wants of it.
    pub goal: Option<String>,
    /// Who is in it now.
    pub n_members: u64,
    /// Who could not be decided for want of data.
    pub n_undecided: u64,
    /// Who has come since the instant before.
    pub n_entered: u64,
    /// Who has gone since then.
    pub n_left: u64,
    /// What its members have brought.
    pub revenue: Option<f64>,
    /// How they differ from everyone else.
    pub portrait: Portrait,
}

/// Customers by recency score and frequency score.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Grid {
    /// The highest recency score.
    pub n_recency: u32,
    /// The highest frequency score.
    pub n_frequency: u32,
    /// The cells that hold anyone, and the class that most of each cell's customers are in.
    pub cells: Vec<Cell>,
    /// Customers without scores: they have not ordered.
    pub n_outside: u64,
}

/// Customers with the same two scores.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Cell {
    /// Their recency score, from 1.
    pub recency: u32,
    /// Their frequency score, from 1.
    pub frequency: u32,
    /// How many they are.
    pub n_members: u64,
    /// What they have brought.
    pub revenue: Option<f64>,
    /// What the class that most of them are in is called.
    pub class: Option<String>,
}

/// A calendar month of the project's time zone.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Month {
    /// The year.
    pub year: i32,
    /// The month, from 1.
    pub month: u32,
    /// Orders, those of guests included.
    pub n_orders: u64,
    /// What was paid for them.
    pub revenue: f64,
    /// Whether orders of the whole month can be on file: it ends on the day of `as_of` or before, and neither do the
    /// orders begin later than its first days nor end earlier than its last.
    pub is_whole: bool,
}

/// A file that was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct FileData {
    /// Its path, as the project's folder sees it.
    pub file: String,
    /// The source that it belongs to.
    pub source: String,
    /// How many rows it gave.
    pub n_rows: u64,
    /// Its size.
    pub bytes: u64,
}

/// Rows that were refused, or kept without a value, for one reason.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Rejected {
    /// The table that they would have become part of.
    pub table: String,
    /// Why not, without the values of single rows.
    pub reason: String,
    /// Whether the row was kept without the value that the reason speaks of.
    pub is_kept: bool,
    /// How many they are.
    pub n_rows: u64,
}

/// A shipped segmentation that the data cannot support.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LeftOut {
    /// Its title.
    pub title: String,
    /// Its layer.
    pub layer: Layer,
    /// What is missing.
    pub reason: String,
}

impl ReportData {
    /// The revenue that shares of this subject are counted by, where there is any.
    pub(crate) fn revenue_of(&self, subject: Subject) -> Option<f64> {
        let revenue = match subject {
            Subject::Customers => self.figures.revenue_of_customers,
            Subject::Companies => self.figures.revenue_of_companies,
        };
        revenue.filter(|revenue| revenue.is_finite() && *revenue > 0.0)
    }

    /// How many there are of a subject.
    pub(crate) fn n_of(&self, subject: Subject) -> u64 {
        match subject {
            Subject::Customers => self.figures.n_customers,
            Subject::Companies => self.figures.n_companies,
        }
    }

    /// The segmentation of that name.
    pub(crate) fn segmentation(&self, name: &str) -> Option<&SegmentationData> {
        self.segmentations.iter().find(|segmentation| segmentation.name == name)
    }

    /// The segmentation that says most about revenue: what the first screen shows.
    pub(crate) fn headline(&self) -> Option<&SegmentationData> {
        self.revenue_of(Subject::Customers)?;
        let customary = ["rfm", "clv_tier", "journey", "purchase_frequency"];
        customary.iter().filter_map(|name| self.segmentation(name)).find(|segmentation| {
            let inhabited = segmentation.classes.iter().filter(|class| class.n_members > 0).count();
            segmentation.subject == Subject::Customers && inhabited > 1
        })
    }
}

impl ClassData {
    /// What to call it in a word or two, and the explanation of that.
    ///
    /// `Champions: bought lately` explains itself; `Silent for long`, named `lapsed`, is the explanation of its name. A title
    /// that has a word of the name in it is both.
    pub(crate) fn label(&self) -> (String, Option<&str>) {
        if let Some((short, explained)) = self.title.split_once(": ") {
            return (short.to_owned(), Some(explained));
        }
        let title = self.title.to_lowercase();
        let stem = |word: &str| word.chars().take(4).collect::<String>();
        let says_its_name = self.name.split('_').any(|word| title.contains(&stem(&word.to_lowercase())));
        match says_its_name || self.name == UNASSIGNED {
            true => (self.title.clone(), None),
            false => (capitalised(&self.name.replace('_', " ")), Some(&self.title)),
        }
    }
}

/// With its first letter as a capital.
pub(super) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A part of a whole, where there is a whole.
pub(crate) fn share(part: f64, whole: f64) -> Option<f64> {
    (part.is_finite() && whole.is_finite() && whole > 0.0).then(|| part / whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_called_by_a_word_or_two() {
        for (name, title, expected) in [
            ("champions", "Champions: bought lately", ("Champions", Some("bought lately"))),
            ("at_risk", "Silent for long", ("At risk", Some("Silent for long"))),
            ("family", "Families with children", ("Families with children", None)),
            ("from_18_to_24", "18 to 24", ("18 to 24", None)),
            ("Germany", "Germany", ("Germany", None)),
            ("unassigned", "Unassigned", ("Unassigned", None)),
            ("unassigned", "Nobody knows", ("Nobody knows", None)),
        ] {
            let class = ClassData { name: name.to_owned(), title: title.to_owned(), ..ClassData::default() };
            assert_eq!(class.label(), (expected.0.to_owned(), expected.1));
        }
    }
}
