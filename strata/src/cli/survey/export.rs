//! `strata survey export`: a questionnaire as a file for people to answer.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use strata_pipeline::error::Error;
use strata_pipeline::run::Session;
use strata_pipeline::spec::error::{ErrorCode, SpecError};
use strata_pipeline::spec::survey::{Consent, Feature, Form, Instrument, Pack, PackOptions};
use strata_pipeline::survey::states::typings;

use super::super::output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// What is asked: a pack (pulse, core, full) or questionnaires by their ids, as attitudes-24-cc0
    #[arg(required = true, value_name = "PACK|INSTRUMENT")]
    what: Vec<String>,
    /// A page to print or to fill in on paper, a CSV of the questions, or the body of a request that makes a Typeform
    #[arg(long, value_enum, default_value_t = Format::Html)]
    format: Format,
    /// Which form of the full pack, 1 to 3: each leaves one part out, so that it stays short. Give each to a third of those you ask
    #[arg(long, default_value_t = 1, value_name = "N")]
    form: usize,
    /// Of the pack pulse: the questions that tell the types of this segmentation, as the project's last run chose them
    #[arg(long, value_name = "SEGMENTATION")]
    golden: Option<String>,
    /// What the answers are used for: people are asked to agree to it first
    #[arg(long, value_name = "PURPOSE")]
    purpose: Option<String>,
    /// The file to write; stdout unless given
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Html,
    Csv,
    Typeform,
}

pub(super) async fn run(folder: &Path, session: Session, arguments: &Arguments) -> Result<(), Error> {
    let options = match &arguments.golden {
        Some(segmentation) => golden(folder, session, segmentation).await?,
        None => PackOptions::default(),
    };
    let form = form(folder, arguments, options)?;
    let text = match arguments.format {
        Format::Html => form.to_html(),
        Format::Csv => form.to_csv(),
        Format::Typeform => form.to_typeform(),
    };
    match &arguments.output {
        None => output::line(text.trim_end()),
        Some(path) => {
            std::fs::write(path, text).map_err(|error| {
                Error::new(ErrorCode::Storage, format!("cannot write {}", path.display())).caused_by(error)
            })?;
            output::note(format!("{} questions in {}", form.questions().len(), path.display()));
            Ok(())
        }
    }
}

/// The questions that the last run chose, with the texts that the project brings.
async fn golden(folder: &Path, session: Session, segmentation: &str) -> Result<PackOptions, Error> {
    let (project, view) = super::super::open(folder, session).await?;
    let typing = typings(&view).await?.into_iter().find(|typing| typing.segmentation == segmentation);
    let golden: Vec<String> =
        typing.into_iter().flat_map(|typing| typing.questions).map(|question| question.item).collect();
    if golden.is_empty() {
        let message = format!("the last run has no questions that tell the types of `{segmentation}`");
        let hint = "`strata survey states` says of which segmentations it has some, and why not of others";
        return Err(Error::new(ErrorCode::NotFound, message).with_hint(hint));
    }
    let surveys = project.manifest.surveys.iter().map(|survey| &survey.instrument);
    let has_text = |instrument: &&Instrument| {
        instrument.rating().is_some_and(|rating| rating.items.iter().all(|item| item.text.is_some()))
    };
    let own = surveys.filter(has_text).cloned().collect();
    Ok(PackOptions { golden, own, ..PackOptions::default() })
}

fn form(folder: &Path, arguments: &Arguments, options: PackOptions) -> Result<Form, Error> {
    let consent = arguments.purpose.as_deref().map(Consent::to);
    if let [word] = arguments.what.as_slice()
        && Pack::WORDS.iter().any(|(known, _)| known == word)
    {
        let forms = Pack::parse(word)?.forms(&PackOptions { consent, ..options })?;
        let n_forms = forms.len();
        let place = arguments.form.checked_sub(1);
        return place.and_then(|place| forms.into_iter().nth(place)).ok_or_else(|| {
            SpecError::new(format!("the pack `{word}` has no form {}", arguments.form))
                .with_hint(if n_forms == 1 { "it has one".to_owned() } else { format!("it has {n_forms}") })
                .into()
        });
    }
    let instruments = arguments.what.iter().map(|id| Instrument::find(id)).collect::<Result<Vec<_>, _>>()?;
    let features = match instruments.iter().any(|instrument| instrument.kano().is_some()) {
        true => features(folder)?,
        false => Vec::new(),
    };
    let title = match instruments.as_slice() {
        [one] => one.name.clone(),
        _ => "What matters to you".to_owned(),
    };
    let form = Form::of(&arguments.what.join("+"), &title, &instruments, &features)?;
    Ok(Form { consent, ..form })
}

/// The features that the project in the folder asks about.
fn features(folder: &Path) -> Result<Vec<Feature>, Error> {
    let features: Vec<Feature> =
        super::import::surveys(folder)?.into_iter().flat_map(|survey| survey.features).collect();
    if features.is_empty() {
        let hint = "name them in strata.toml: [surveys.wishes] with instrument = \"kano\", and below it [surveys.wishes.features] with \
                    free_returns = \"free returns\"";
        return Err(
            Error::new(ErrorCode::NotFound, "no project here names features to ask about").with_hint(hint)
        );
    }
    Ok(features)
}
