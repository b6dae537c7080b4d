//! Lowers columns: of the subject, of its company, of an aggregate's rows, and of whom those rows belong to.

use strata_lake::datafusion::prelude::ident;
use strata_spec::condition::{Column, Scope};
use strata_spec::error::{SpecError, nearest};
use strata_spec::table::{Kind, Subject, Table};

use super::kind::{Typed, placed};
use super::lower::{Frame, Lowering};
use super::{column_name, traits_of_customers};

impl Lowering<'_> {
    pub(super) fn column(&mut self, column: &Column, frame: Frame) -> Result<Typed, SpecError> {
        let name = column.name.as_str();
        let own = self.setting.subject.table();
        let (expr, kind, table) = match (column.scope, frame) {
            (Scope::Subject, Frame::Subject) => {
                let own_kind = self.setting.kind_of(own, name);
                if own_kind.is_some() {
                    self.own_columns.insert(name.to_owned());
                }
                (ident(name), own_kind.or_else(|| self.known.get(name).copied()), own)
            }
            (Scope::Row, Frame::Rows(table)) => {
                let kind = self.setting.kind_of(table, name);
                (ident(name), kind.or_else(|| self.customer_trait(name, table)), table)
            }
            (Scope::Row, Frame::Subject) => (ident(name), None, own),
            (Scope::Subject, Frame::Rows(table)) => {
                self.figures.entry(table).or_default().subject_columns.insert(name.to_owned());
                (ident(column_name::of_subject(name)), self.setting.kind_of(own, name), own)
            }
            (Scope::Company, Frame::Subject) => {
                self.company_columns.insert(name.to_owned());
                (
                    ident(column_name::of_company(name)),
                    self.setting.kind_of(Table::Companies, name),
                    Table::Companies,
                )
            }
            (Scope::Company, Frame::Rows(table)) => {
                self.figures.entry(table).or_default().company_columns.insert(name.to_owned());
                (
                    ident(column_name::of_company(name)),
                    self.setting.kind_of(Table::Companies, name),
                    Table::Companies,
                )
            }
        };
        match kind {
            Some(kind) => Ok(Typed::new(expr, kind)),
            None => Err(self.unknown_column(column, table, frame)),
        }
    }

    /// The kind of a trait of a company's customers.
    fn customer_trait(&mut self, name: &str, table: Table) -> Option<Kind> {
        if (self.setting.subject, table) != (Subject::Companies, Table::Customers) {
            return None;
        }
        let traits = self.customer_traits.get_or_insert_with(|| traits_of_customers(self.setting));
        let kind = *traits.get(name)?;
        self.figures.entry(table).or_default().traits.insert(name.to_owned());
        Some(kind)
    }

    fn unknown_column(&self, column: &Column, table: Table, frame: Frame) -> SpecError {
        let mut candidates: Vec<&str> = self.setting.columns_of(table);
        if frame == Frame::Subject {
            candidates.extend(self.known.keys().map(String::as_str));
        }
        let error = SpecError::new(format!("`{}` is not a column of {table}", column.name));
        if frame != Frame::Subject && self.known.contains_key(&column.name) {
            let hint =
                "it is known once rows are counted, and not of a row: compare it outside of the aggregate";
            return placed(error.with_hint(hint), column.at);
        }
        let error = match nearest(&column.name, candidates) {
            Some(near) => error.with_hint(format!("did you mean `{near}`?")),
            None => error.with_hint(format!("docs/tables.md lists the columns of {table}")),
        };
        placed(error, column.at)
    }
}
