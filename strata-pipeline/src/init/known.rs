//! A recognised export, mapped as its vendor's template says, with the columns that this file has.

use strata_spec::manifest::ColumnSource;
use strata_spec::table::Table;
use strata_spec::vendor::{CUSTOMER, Candidate, Export, STEM, TableTemplate, find_column};

use super::draft::{Draft, DraftTable, Key, Keys};
use super::evidence::Evidence;
use super::survey;
use super::words::Kind;
use super::{FileSample, ProposedTable};

/// The mapping of a file that is one of the known exports.
pub(super) fn draft(export: &Export, sample: &FileSample, evidence: &[Evidence]) -> Draft {
    let keys = keys(export, sample, evidence);
    let mut tables: Vec<DraftTable> = export
        .tables
        .iter()
        .filter_map(|template| {
            let mut table = table(template, sample, &keys)?;
            if let (Table::Responses, Some(own)) = (table.table, &export.own_columns) {
                table.questions = questions(sample, own, &keys);
            }
            table.is_complete().then_some(DraftTable { fallback: template.fallback, table })
        })
        .collect();
    if export.own_columns.is_some()
        && let Some(responses) =
            tables.iter().map(|each| &each.table).find(|each| each.table == Table::Responses)
        && let Some(feedback) = survey::feedback(responses, sample, evidence)
    {
        tables.push(DraftTable { fallback: false, table: feedback });
    }
    let lacking = || format!("a file of {} needs more columns than this one has", export.title);
    Draft {
        files: Vec::new(),
        title: export.title.clone(),
        notes: export.notes.clone(),
        space: None,
        namespace: None,
        timezone: export.timezone.clone(),
        date_order: export.date_order,
        decimal: export.decimal,
        comment: export.comment,
        left_out: tables.is_empty().then(|| export.left_out.clone().unwrap_or_else(lacking)),
        keys,
        tables,
    }
}

fn keys(export: &Export, sample: &FileSample, evidence: &[Evidence]) -> Keys {
    let resolved = |candidate: &Candidate| {
        let source = candidate.resolve(&sample.columns, &sample.path)?;
        Some(Key { source, why: candidate.why.clone() })
    };
    let named = export.customer.email.iter().find_map(|name| find_column(&sample.columns, name));
    // Whoever makes a form or renames a column chooses the header, so that only the values tell.
    let seen = || {
        let open = export.own_columns.is_some() || !export.customer.email.is_empty();
        let at = evidence.iter().position(|each| each.suits(Kind::Email) >= 0.9).filter(|_| open)?;
        sample.columns.get(at).map(String::as_str)
    };
    let own = export.customer.own.iter().find_map(|each| Some((each, resolved(&each.candidate)?)));
    Keys {
        guests: own.as_ref().is_some_and(|(each, _)| each.guests),
        own: own.map(|(each, key)| (each.space.clone(), key)),
        email: named.or_else(seen).map(column_key),
        phone: export.customer.phone.iter().find_map(resolved),
        anonymous: export.customer.anonymous_id.iter().find_map(resolved),
        name: export.customer.name.iter().find_map(resolved),
    }
}

fn column_key(column: &str) -> Key {
    Key { source: ColumnSource::Column(column.to_owned()), why: None }
}

fn table(template: &TableTemplate, sample: &FileSample, keys: &Keys) -> Option<ProposedTable> {
    let name = sample.path.rsplit('/').next().unwrap_or_default();
    let resolve = |candidate: &Candidate| candidate.resolve(&sample.columns, name);
    let mut table = ProposedTable::of(template.table, template.why.clone());
    if !template.filters.is_empty() {
        let filter = template.filters.iter().find_map(resolve)?;
        let ColumnSource::Sql(sql) = filter else { return None };
        if sql.contains(CUSTOMER) && keys.is_empty() {
            return None;
        }
        table.filter = Some(sql);
    }
    for (column, candidates) in &template.columns {
        let found =
            candidates.iter().find_map(|candidate| Some((resolve(candidate)?, candidate.why.clone())));
        match found {
            Some((ColumnSource::Sql(sql), _)) if sql == CUSTOMER => table.push_customer(keys),
            Some((ColumnSource::Sql(sql), why)) => {
                let stem = super::project::stem(&sample.path).replace('\'', "''");
                table.push(column, ColumnSource::Sql(sql.replace(STEM, &stem)), why);
            }
            Some((source, why)) => table.push(column, source, why),
            None => {}
        }
    }
    Some(table)
}

/// Every column that the survey tool does not add itself and that does not name the customer.
fn questions(sample: &FileSample, own: &[String], keys: &Keys) -> Vec<String> {
    let key_columns: Vec<String> = keys
        .own
        .iter()
        .map(|(_, key)| key)
        .chain([&keys.email, &keys.phone, &keys.anonymous].into_iter().flatten())
        .flat_map(|key| super::draft::names_in(&key.source))
        .collect();
    let asked = |column: &&String| {
        !column.trim().is_empty()
            && find_column(own, column).is_none()
            && find_column(&key_columns, column).is_none()
    };
    sample.columns.iter().filter(asked).cloned().collect()
}
