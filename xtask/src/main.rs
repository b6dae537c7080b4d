//! Code generation and tidy checks: what the compiler and clippy cannot see about the house.
//!
//! `cargo xtask tidy` prints one line per violation and fails if there is one; `cargo xtask generate` rewrites what is
//! generated.

mod cookbook;
mod dependencies;
mod failure;
mod file_length;
mod generated;
mod language;
mod layers;
mod links;
mod machine_paths;
mod manifests;
mod module_docs;
mod rust_paths;
mod shipped;
mod spdx;
mod sql_functions;
mod stages;
mod tree;
mod violation;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use failure::{Failure, Result};
use tree::Tree;
use violation::Violation;

/// Most checks need the files alone; some also ask cargo, in the root folder.
type Check = fn(&Path, &Tree) -> Result<Vec<Violation>>;

/// Every tidy check, in the order in which their findings are printed.
const CHECKS: &[Check] = &[
    |_, tree| Ok(stages::check(tree)),
    |_, tree| layers::check(tree),
    |_, tree| Ok(module_docs::check(tree)),
    |_, tree| Ok(file_length::check(tree)),
    |_, tree| manifests::check(tree),
    |_, tree| generated::check(tree, generated::GENERATED),
    |_, tree| Ok(machine_paths::check(tree)),
    |_, tree| Ok(sql_functions::check(tree)),
    |_, tree| Ok(links::check(tree)),
    dependencies::check,
];

const USAGE: &str = "\
usage: cargo xtask COMMAND

  tidy      check the house: stages, layers, manifests, generated files, docs, licences
  generate  rewrite the generated files and regions
";

fn main() -> ExitCode {
    let command = std::env::args().nth(1);
    let done = match command.as_deref() {
        Some("tidy") => tidy(),
        Some("generate") => generate(),
        _ => write(io::stderr(), USAGE).map(|()| ExitCode::from(2)),
    };
    match done {
        Ok(code) => code,
        Err(failure) => {
            let mut text = format!("error: {failure}");
            let mut cause = std::error::Error::source(&failure);
            while let Some(error) = cause {
                text.push_str(&format!("\n  caused by: {error}"));
                cause = error.source();
            }
            // If even stderr is gone, the exit code is all that can be said.
            let _ = write(io::stderr(), &format!("{text}\n"));
            ExitCode::from(2)
        }
    }
}

fn tidy() -> Result<ExitCode> {
    let root = workspace_root();
    let tree = Tree::read(&root)?;
    let mut n_violations = 0;
    for check in CHECKS {
        for violation in check(&root, &tree)? {
            n_violations += 1;
            write(io::stdout(), &format!("{violation}\n"))?;
        }
    }
    if n_violations == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    write(io::stderr(), &format!("tidy: {n_violations} to put right\n"))?;
    Ok(ExitCode::FAILURE)
}

fn generate() -> Result<ExitCode> {
    let root = workspace_root();
    let tree = Tree::read(&root)?;
    for (path, text) in generated::stale(&tree, generated::GENERATED)? {
        let file = root.join(path);
        std::fs::write(&file, text).map_err(|cause| Failure::Io { doing: "write", path: file, cause })?;
        write(io::stdout(), &format!("generated {path}\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The folder above this crate's. Cargo tells it at run time, so a moved clone needs no rebuild; the folder of the build
/// serves when the binary is started without cargo.
fn workspace_root() -> PathBuf {
    let crate_dir =
        std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
    let mut root = PathBuf::from(crate_dir);
    root.pop();
    root
}

fn write(mut stream: impl Write, text: &str) -> Result<()> {
    stream.write_all(text.as_bytes()).map_err(|cause| Failure::Io {
        doing: "write to",
        path: PathBuf::from("the terminal"),
        cause,
    })
}
