//! Which files are of one shape and make one source.

use strata_spec::vendor::{self, Export};

use super::dates::DateFacts;
use super::draft::Draft;
use super::evidence::Evidence;
use super::values::ValueSample;
use super::{FileSample, known, unknown};

/// One draft for each set of files of one shape in one folder.
pub(super) fn drafts(files: &[FileSample]) -> Vec<Draft> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (index, file) in files.iter().enumerate() {
        match groups.iter_mut().find(|group| alike(&files[group[0]], file)) {
            Some(group) => group.push(index),
            None => groups.push(vec![index]),
        }
    }
    groups
        .into_iter()
        .flat_map(|group| {
            let Some(&first) = group.first() else { return Vec::new() };
            match vendor::recognise(&files[first].columns, &files[first].dialect.preamble) {
                Some(export) => recognised(export, files, &group),
                None => {
                    let evidence = evidence(files, &group);
                    vec![Draft { files: group, ..unknown::draft(&files[first], &evidence) }]
                }
            }
        })
        .collect()
}

/// Files of a known export can have one shape and yet mean different things, as the name of the file decides.
fn recognised(export: &Export, files: &[FileSample], group: &[usize]) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    for &index in group {
        let draft = known::draft(export, &files[index], &evidence(files, &[index]));
        match drafts.iter_mut().find(|each| same_mapping(each, &draft)) {
            Some(each) => each.files.push(index),
            None => drafts.push(Draft { files: vec![index], ..draft }),
        }
    }
    drafts
}

fn same_mapping(one: &Draft, other: &Draft) -> bool {
    let mapping = |draft: &Draft| -> Vec<_> {
        let tables = draft.tables.iter().map(|each| &each.table);
        tables
            .map(|table| {
                let columns: Vec<_> =
                    table.columns.iter().map(|each| (each.name.clone(), each.source.clone())).collect();
                (table.table, table.filter.clone(), table.questions.clone(), columns)
            })
            .collect()
    };
    one.keys == other.keys && mapping(one) == mapping(other)
}

fn alike(one: &FileSample, other: &FileSample) -> bool {
    let folder = |file: &FileSample| file.path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
    one.columns == other.columns
        && !one.columns.is_empty()
        && folder(one) == folder(other)
        && (one.dialect.kind, one.dialect.delimiter) == (other.dialect.kind, other.dialect.delimiter)
        && one.dialect.header == other.dialect.header
        && one.dialect.encoding == other.dialect.encoding
        && one.dialect.preamble.is_empty() == other.dialect.preamble.is_empty()
}

/// What the values of each column look like, in all files of a group.
fn evidence(files: &[FileSample], group: &[usize]) -> Vec<Evidence> {
    let Some(&first) = group.first() else { return Vec::new() };
    let rows = || group.iter().flat_map(|&index| &files[index].rows);
    (0..files[first].columns.len())
        .map(|at| Evidence::of(rows().map(|row| row.get(at).and_then(|cell| cell.as_deref()))))
        .collect()
}

/// A sample of a column's different values; from the sampled rows where no more was read.
pub(super) fn values(file: &FileSample, at: usize) -> ValueSample {
    file.values.get(at).cloned().unwrap_or_else(|| {
        let mut sample = ValueSample::default();
        let values = file.rows.iter().filter_map(|row| row.get(at)?.as_deref());
        values.for_each(|value| sample.observe(value));
        sample
    })
}

/// What all rows of a file say about dates in a column; from the sampled rows where no more was read.
pub(super) fn dates(file: &FileSample, at: usize) -> DateFacts {
    file.dates.get(at).cloned().unwrap_or_else(|| {
        let mut facts = DateFacts::default();
        let values = file.rows.iter().filter_map(|row| row.get(at)?.as_deref());
        values.for_each(|value| facts.observe(value));
        facts
    })
}
