//! The commands and their arguments.

mod ask;
mod check;
mod demo;
mod export;
mod format;
mod heat;
mod identity;
mod init;
mod journey;
mod models;
mod output;
mod persona;
mod prose;
mod report;
mod run;
mod segments;
mod suggest;
mod survey;
mod table;
mod text;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use strata_pipeline::error::Error;
use strata_pipeline::project::Project;
use strata_pipeline::query::{self, View};
use strata_pipeline::run::Session;
use strata_pipeline::spec::error::ErrorCode;

/// Customer segmentation: from exports to segments in every layer.
#[derive(Debug, Parser)]
#[command(name = "strata", version, propagate_version = true, max_term_width = 100)]
struct Cli {
    /// The project's folder
    #[arg(short = 'C', long = "project", global = true, default_value = ".", value_name = "DIR")]
    project: PathBuf,
    /// Memory before plans spill to disk, in MiB; six tenths of the machine's unless given
    #[arg(long, global = true, value_name = "MIB")]
    memory: Option<usize>,
    /// How many parts a plan is divided into; one a core, and at least 16, unless given
    #[arg(long, global = true, value_name = "N")]
    partitions: Option<usize>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a demo shop: dirty exports of common tools, with the truth beside them
    Demo(demo::Arguments),
    /// Look at files and write a project's manifest that maps them
    Init(init::Arguments),
    /// Read what is new, and bring profiles, scores, segments and memberships up to date
    Run(run::Arguments),
    /// Check the manifest and all definitions, and show how good the data of the last run is and what it refused
    Check(check::Arguments),
    /// Write the report of the last run as one HTML file
    Report(report::Arguments),
    /// Segments and the classes of segmentations
    #[command(subcommand)]
    Segments(segments::Command),
    /// Segments whose members stand out by a goal, found among some and held against others, later
    Suggest(suggest::Arguments),
    /// Questionnaires: which there are, how they are asked, and what the answers are worth
    #[command(subcommand)]
    Survey(survey::Command),
    /// Segments as people can picture them: what sets their members apart, with evidence, and what follows
    #[command(subcommand)]
    Persona(persona::Command),
    /// What customers say in their own words: what about, how they feel, and what hurts
    #[command(subcommand)]
    Text(text::Command),
    /// The way of customers through stages and to orders: who goes where, how long it takes, where they end, who has stayed behind
    #[command(subcommand)]
    Journey(journey::Command),
    /// Where people click on a page and how far down they see it, in all and by class
    Heat(heat::Arguments),
    /// What the last run fitted: scores and the models behind them, with how they held up
    #[command(subcommand)]
    Models(models::Command),
    /// Bring the conditions in the project's files into one form; everything else in them stays
    Fmt(format::Arguments),
    /// Who is one customer behind several ids, and decisions about it
    #[command(subcommand)]
    Identity(identity::Command),
    /// Write the members of a segment or class with their profiles
    Export(export::Arguments),
    /// Ask the lake's tables in SQL
    Sql(ask::Arguments),
}

/// How rows are shown.
#[derive(Debug, Clone, Copy, Args)]
struct Shape {
    /// One JSON array of objects
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// CSV with a header
    #[arg(long)]
    csv: bool,
}

/// Parses the arguments, runs the command, and prints what went wrong once, here.
pub(crate) fn main() -> ExitCode {
    let cli = Cli::parse();
    // Plans nest deeply, and planning recurses on the thread that plans.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK_BYTES).build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let failed = Error::new(ErrorCode::Internal, "cannot start threads").caused_by(error);
            return output::fail(&failed);
        }
    };
    let outcome = runtime.block_on(async {
        let work = tokio::spawn(dispatch(cli));
        let abort = work.abort_handle();
        tokio::select! {
            outcome = work => outcome.unwrap_or_else(|error| {
                Err(Error::new(ErrorCode::Internal, "a defect in Strata stopped the command").caused_by(error))
            }),
            _ = tokio::signal::ctrl_c() => {
                abort.abort();
                Err(Error::new(ErrorCode::Cancelled, "stopped")
                    .with_hint("nothing is lost: the lake shows the last complete run"))
            }
        }
    });
    // Threads that still read a file are not waited for.
    runtime.shutdown_background();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => output::fail(&error),
    }
}

const STACK_BYTES: usize = 16 << 20;

async fn dispatch(cli: Cli) -> Result<(), Error> {
    let session = Session {
        memory_bytes: cli.memory.map(|mebibytes| mebibytes << 20),
        partitions: cli.partitions,
        ..Session::default()
    };
    match cli.command {
        Command::Demo(arguments) => demo::run(arguments),
        Command::Init(arguments) => init::run(arguments),
        Command::Run(arguments) => run::run(&cli.project, session, arguments).await,
        Command::Check(arguments) => check::run(&cli.project, session, arguments).await,
        Command::Report(arguments) => report::run(&cli.project, session, arguments).await,
        Command::Segments(command) => segments::run(&cli.project, session, command).await,
        Command::Suggest(arguments) => suggest::run(&cli.project, session, arguments).await,
        Command::Survey(command) => survey::run(&cli.project, session, command).await,
        Command::Persona(command) => persona::run(&cli.project, session, command).await,
        Command::Text(command) => text::run(&cli.project, session, command).await,
        Command::Journey(command) => journey::run(&cli.project, session, command).await,
        Command::Heat(arguments) => heat::run(&cli.project, session, &arguments).await,
        Command::Models(command) => models::run(&cli.project, session, command).await,
        Command::Fmt(arguments) => format::run(&cli.project, &arguments),
        Command::Identity(command) => identity::run(&cli.project, session, command).await,
        Command::Export(arguments) => export::run(&cli.project, session, arguments).await,
        Command::Sql(arguments) => ask::run(&cli.project, session, arguments).await,
    }
}

async fn open(project: &std::path::Path, session: Session) -> Result<(Project, View), Error> {
    let project = Project::open(project)?;
    let view = query::open(&project, &session).await?;
    Ok((project, view))
}
