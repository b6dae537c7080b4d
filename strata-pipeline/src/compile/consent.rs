//! Lowers consent and reach: what a customer has said to messages by a channel, and whether there is an address for it.

use strata_lake::datafusion::common::ScalarValue;
use strata_lake::datafusion::functions::expr_fn as functions;
use strata_lake::datafusion::logical_expr::{Expr, lit, when};
use strata_spec::condition::{At, Channel, Column, Function, Literal, Scope, Term};
use strata_spec::error::SpecError;
use strata_spec::table::{Kind, Subject, Table};

use super::kind::{Typed, article, placed};
use super::lower::{Frame, Lowering};

/// The texts of a property that are a grant; every other is a denial.
const GRANTS: [&str; 5] = ["granted", "subscribed", "opted_in", "yes", "true"];

impl Lowering<'_> {
    /// `consent('email')` or `reachable('email')`, where a customer's columns can be reached.
    pub(super) fn channel(
        &mut self,
        function: Function,
        arguments: &[Term],
        at: At,
        frame: Frame,
    ) -> Result<Typed, SpecError> {
        let channel = match arguments {
            [Term::Literal(Literal::Text(name))] => Channel::parse(name),
            _ => None,
        };
        let channel = channel.ok_or_else(|| {
            let names = Channel::ALL.map(|channel| format!("`{}`", channel.as_str())).join(", ");
            let error = SpecError::new(format!("`{}` takes the name of a channel", function.name()));
            placed(error.with_hint(format!("the channels are {names}")), at)
        })?;
        let scope = match (frame, self.setting.subject) {
            (Frame::Subject, Subject::Customers) => Scope::Subject,
            (Frame::Rows(Table::Customers), _) => Scope::Row,
            _ => {
                let error = SpecError::new(format!("`{}` speaks of a customer", function.name()));
                return Err(placed(error.with_hint("a company's customers are rows: `count(customers) filter (where reachable('email'))`"), at));
            }
        };
        let column = |name: &str| Column { scope, name: name.to_owned(), at };
        let declared = channel.consent_property();
        let source = match self.setting.kind_of(Table::Customers, declared) {
            Some(_) => declared,
            None => Channel::CONSENT,
        };
        let said = self.column(&column(source), frame)?;
        let consent = consent(said, source, at)?;
        if function == Function::Consent {
            return Ok(Typed::new(consent, Kind::Text));
        }
        let address = self.column(&column(channel.address_column()), frame)?.expr;
        let reachable = address.not_eq(lit("")).and(consent.eq(lit("granted")));
        Ok(Typed::new(crate::function::certainly().call(vec![reachable]), Kind::Boolean))
    }
}

/// `granted`, `denied`, or null where nothing is said.
fn consent(said: Typed, property: &str, at: At) -> Result<Expr, SpecError> {
    let nothing = lit(ScalarValue::Utf8(None));
    let cases = match said.kind {
        Some(Kind::Boolean) => when(said.expr.clone(), lit("granted"))
            .when(said.expr.is_null(), nothing)
            .otherwise(lit("denied")),
        Some(Kind::Text | Kind::Json) => {
            let text = functions::lower(functions::btrim(vec![said.expr]));
            let grants = GRANTS.iter().map(|grant| lit(*grant)).collect();
            when(text.clone().in_list(grants, false), lit("granted"))
                .when(text.clone().is_null().or(text.eq(lit(""))), nothing)
                .otherwise(lit("denied"))
        }
        other => {
            let found = other.map_or("nothing", article);
            let error = SpecError::new(format!("`{property}` is {found}, which is no consent"));
            return Err(placed(error.with_hint("declare it as `boolean` or `text`"), at));
        }
    };
    cases.map_err(|error| SpecError::new(error.to_string()))
}
