//! Lowers the functions of the language to the engine's.

use strata_lake::arrow::datatypes::DataType;
use strata_lake::datafusion::common::ScalarValue;
use strata_lake::datafusion::functions::expr_fn as functions;
use strata_lake::datafusion::logical_expr::{Expr, cast, lit};
use strata_lake::datafusion::prelude::ident;
use strata_spec::condition::{At, Function};
use strata_spec::error::{SpecError, nearest};
use strata_spec::table::Kind;

use super::arithmetic::one_zero;
use super::kind::{Typed, article, common_kind, instant, placed, timestamp_type};
use super::lower::Lowering;
use crate::function as own;

/// The characters that are white space in Unicode.
const WHITE_SPACE: &str = "\t\n\u{b}\u{c}\r \u{85}\u{a0}\u{1680}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}";

/// Lowers one call; the number of arguments was checked when it was parsed.
pub(super) fn lower(
    lowering: &Lowering<'_>,
    function: Function,
    arguments: Vec<Typed>,
    at: At,
) -> Result<Typed, SpecError> {
    let setting = lowering.setting;
    let as_of = instant(setting.as_of);
    let zone = lit(setting.timezone.name());
    let today = || own::local_date().call(vec![as_of.clone(), zone.clone()]);
    let mut given = Arguments { lowering, function, at, of: arguments.into_iter() };
    use Kind::{Integer, Number, Text};
    Ok(match function {
        Function::Coalesce | Function::Least | Function::Greatest => {
            let values: Vec<Typed> = given.of.by_ref().collect();
            let kind = common_kind(values.iter()).map_err(|error| placed(error, at))?;
            let values = values.into_iter().map(|value| value.expr).collect();
            let expr = match function {
                Function::Coalesce => functions::coalesce(values),
                Function::Least => functions::least(values),
                _ => functions::greatest(values),
            };
            Typed { expr, kind }
        }
        Function::NullIf => {
            let (value, other) = (given.any(), given.any());
            let (value, other) = lowering.alike(value, other).map_err(|error| placed(error, at))?;
            Typed { expr: functions::nullif(value.expr, other.expr), kind: value.kind }
        }
        Function::Lower => Typed::new(functions::lower(given.text()?), Text),
        Function::Upper => Typed::new(functions::upper(given.text()?), Text),
        // By itself the engine trims blanks only.
        Function::Trim => Typed::new(functions::btrim(vec![given.text()?, lit(WHITE_SPACE)]), Text),
        Function::Length => {
            Typed::new(cast(functions::character_length(given.text()?), DataType::Int64), Integer)
        }
        Function::Concat => {
            let mut joined = given.text()?;
            for next in given.of.by_ref() {
                joined = strata_lake::datafusion::logical_expr::binary_expr(
                    joined,
                    strata_lake::datafusion::logical_expr::Operator::StringConcat,
                    cast(next.expr, DataType::Utf8),
                );
            }
            Typed::new(joined, Text)
        }
        Function::Abs => {
            let value = given.numeric()?;
            Typed { expr: functions::abs(value.expr), kind: value.kind }
        }
        Function::Round => {
            let mut arguments = vec![given.number()?];
            if given.of.len() > 0 {
                arguments.push(cast(given.number()?, DataType::Int32));
            }
            Typed::new(one_zero(functions::round(arguments)), Number)
        }
        Function::Floor => Typed::new(functions::floor(given.number()?), Number),
        Function::Ceil => Typed::new(one_zero(functions::ceil(given.number()?)), Number),
        Function::Ln => {
            let value = given.number()?;
            Typed::new(functions::ln(only_if(value.clone().gt(lit(0.0)), value)?), Number)
        }
        Function::Sqrt => {
            let value = given.number()?;
            Typed::new(functions::sqrt(only_if(value.clone().gt_eq(lit(0.0)), value)?), Number)
        }
        Function::Power => Typed::new(functions::power(given.number()?, given.number()?), Number),
        Function::DaysBetween => {
            Typed::new(own::days_between().call(vec![given.time()?, given.time()?]), Integer)
        }
        Function::DaysSince => Typed::new(own::days_between().call(vec![given.time()?, as_of]), Integer),
        Function::YearsSince => Typed::new(own::years_between().call(vec![given.day()?, today()]), Integer),
        Function::DaysToAnniversary => {
            Typed::new(own::days_to_anniversary().call(vec![given.day()?, today()]), Integer)
        }
        Function::DayOf => day_of(&mut given)?,
        Function::HourOf => part(&mut given, "hour")?,
        Function::MonthDayOf => part(&mut given, "monthday")?,
        Function::QuarterOf => part(&mut given, "quarter")?,
        Function::WeekdayOf => part(&mut given, "weekday")?,
        Function::MonthOf => part(&mut given, "month")?,
        Function::YearOf => part(&mut given, "year")?,
        Function::DistanceKm => {
            let places = vec![given.number()?, given.number()?, given.number()?, given.number()?];
            Typed::new(own::distance_km().call(places), Number)
        }
        Function::WithinPolygon => {
            let place = vec![given.number()?, given.number()?, given.text()?];
            Typed::new(own::within_polygon().call(place), Kind::Boolean)
        }
        Function::ArrayHas | Function::ArrayHasAny => {
            Typed::new(own::text_list_has_any().call(given.list_and_values()?), Kind::Boolean)
        }
        Function::ArrayHasAll => {
            Typed::new(own::text_list_has_all().call(given.list_and_values()?), Kind::Boolean)
        }
        Function::ArrayLength => Typed::new(own::text_list_length().call(vec![given.text()?]), Integer),
        // They speak of columns and not of their arguments.
        Function::Consent | Function::Reachable => {
            return Err(placed(SpecError::new(format!("`{}` is not known here", function.name())), at));
        }
        Function::Bucket => {
            let subject = cast(ident(setting.subject.id_column()), DataType::Utf8);
            Typed::new(own::bucket().call(vec![subject, given.text()?]), Number)
        }
    })
}

/// A part of a time, in the project's zone or the one that is named. A date has no clock, and no zone.
fn part(given: &mut Arguments<'_>, part: &str) -> Result<Typed, SpecError> {
    let (time, zone) = given.time_and_zone()?;
    let expr = match (time.kind, zone) {
        (Some(Kind::Date), _) => {
            own::local_part().call(vec![cast(time.expr, timestamp_type()), lit("UTC"), lit(part)])
        }
        (_, Some(zone)) => own::part_in_zone().call(vec![time.expr, zone, lit(part)]),
        (_, None) => own::local_part().call(vec![time.expr, given.own_zone(), lit(part)]),
    };
    Ok(Typed::new(expr, Kind::Integer))
}

fn day_of(given: &mut Arguments<'_>) -> Result<Typed, SpecError> {
    let (time, zone) = given.time_and_zone()?;
    let expr = match (time.kind, zone) {
        (Some(Kind::Date), _) => time.expr,
        (_, Some(zone)) => own::day_in_zone().call(vec![time.expr, zone]),
        (_, None) => own::local_date().call(vec![time.expr, given.own_zone()]),
    };
    Ok(Typed::new(expr, Kind::Date))
}

fn only_if(condition: Expr, value: Expr) -> Result<Expr, SpecError> {
    strata_lake::datafusion::logical_expr::when(condition, value)
        .end()
        .map_err(|error| SpecError::new(error.to_string()))
}

/// The arguments of a call, each taken as what the function needs.
struct Arguments<'a> {
    lowering: &'a Lowering<'a>,
    function: Function,
    at: At,
    of: std::vec::IntoIter<Typed>,
}

impl Arguments<'_> {
    fn any(&mut self) -> Typed {
        self.of.next().unwrap_or(Typed { expr: lit(ScalarValue::Null), kind: None })
    }

    fn text(&mut self) -> Result<Expr, SpecError> {
        let typed = self.any();
        match typed.kind {
            Some(Kind::Text | Kind::Json) | None => Ok(cast(typed.expr, DataType::Utf8)),
            Some(kind) => Err(self.wrong(kind, "a text")),
        }
    }

    fn numeric(&mut self) -> Result<Typed, SpecError> {
        let typed = self.any();
        match typed.kind {
            Some(Kind::Integer | Kind::Number) | None => Ok(typed),
            Some(kind) => Err(self.wrong(kind, "a number")),
        }
    }

    fn number(&mut self) -> Result<Expr, SpecError> {
        Ok(cast(self.numeric()?.expr, DataType::Float64))
    }

    fn time(&mut self) -> Result<Expr, SpecError> {
        let typed = self.any();
        match typed.kind {
            Some(Kind::Timestamp | Kind::Date) | None => {
                Ok(cast(self.lowering.as_instant(typed).expr, timestamp_type()))
            }
            Some(kind) => Err(self.wrong(kind, "a time")),
        }
    }

    /// A date as it is or an instant, and the zone behind it, if there is one.
    fn time_and_zone(&mut self) -> Result<(Typed, Option<Expr>), SpecError> {
        let mut time = self.any();
        match time.kind {
            Some(Kind::Date) => {}
            Some(Kind::Timestamp) | None => time.expr = cast(time.expr, timestamp_type()),
            Some(kind) => return Err(self.wrong(kind, "a time")),
        }
        let zone = if self.of.len() > 0 { Some(self.zone()?) } else { None };
        Ok((time, zone))
    }

    /// The name of a time zone. One that is written must be there; of a property's values, one may not be.
    fn zone(&mut self) -> Result<Expr, SpecError> {
        let zone = self.any();
        if let Expr::Literal(ScalarValue::Utf8(Some(name)), _) = &zone.expr
            && name.parse::<chrono_tz::Tz>().is_err()
        {
            let error = SpecError::new(format!("there is no time zone `{name}`"));
            let names = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
            let hint = match nearest(name, names) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "use a name of the IANA list, as `Europe/Berlin` or `UTC`".to_owned(),
            };
            return Err(placed(error.with_hint(hint), self.at));
        }
        match zone.kind {
            Some(Kind::Text | Kind::Json) | None => Ok(cast(zone.expr, DataType::Utf8)),
            Some(kind) => Err(self.wrong(kind, "the name of a time zone")),
        }
    }

    fn own_zone(&self) -> Expr {
        lit(self.lowering.setting.timezone.name())
    }

    /// A list, and values as texts.
    fn list_and_values(&mut self) -> Result<Vec<Expr>, SpecError> {
        let list = self.text()?;
        let values = self.of.by_ref().map(|value| cast(value.expr, DataType::Utf8));
        Ok([list].into_iter().chain(values).collect())
    }

    fn day(&mut self) -> Result<Expr, SpecError> {
        let typed = self.any();
        match typed.kind {
            Some(Kind::Date) | None => Ok(cast(typed.expr, DataType::Date32)),
            Some(Kind::Timestamp) => {
                let zone = lit(self.lowering.setting.timezone.name());
                Ok(own::local_date().call(vec![typed.expr, zone]))
            }
            Some(kind) => Err(self.wrong(kind, "a date")),
        }
    }

    fn wrong(&self, found: Kind, wanted: &str) -> SpecError {
        let name = self.function.name();
        let error = SpecError::new(format!("`{name}` needs {wanted} and was given {}", article(found)));
        placed(error.with_hint(format!("write `{}`", self.function.example())), self.at)
    }
}
