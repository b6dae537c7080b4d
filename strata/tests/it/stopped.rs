//! A run that is cut short, by the user, a full disk or another run, leaves the last complete one standing.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use super::project::{MANIFEST, ORDERS, Outcome, Project, program};

/// A shop with a complete run of two customers, and a third customer in a file that no run has seen.
fn shop_with_news() -> Project {
    let project = Project::shop();
    project.good(&["run"]);
    check_last_run(&project, 2);
    project.append("orders.csv", "o4,carl,2024-05-01,40\n");
    project
}

/// Every table is that of the last complete run, which saw so many customers.
fn check_last_run(project: &Project, n_customers: usize) {
    let counts = project.sql(
        "select (select count(*) from profile), (select count(distinct customer_id) from orders), \
         (select count(distinct customer) from raw.orders), \
         (select count(distinct subject_id) from membership where segmentation = 'rfm' and left_at is null)",
    );
    assert_eq!(counts, [vec![n_customers.to_string(); 4].join(",")]);
}

/// Runs the program with files limited to so many blocks of the shell's. A write past that fails as on a full disk.
fn with_small_disk(project: &Project, blocks: u32, redirect: &str, arguments: &[&str]) -> Outcome {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\" {redirect}");
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(script).arg(program().get_program()).args(arguments).current_dir(project.path(""));
    Outcome::of(shell.output().unwrap())
}

#[test]
fn a_full_disk_ends_the_run_and_loses_nothing() {
    let project = shop_with_news();
    // The fewer blocks there are, the earlier the stage that fails.
    for blocks in [0, 1, 4, 8] {
        let outcome = with_small_disk(&project, blocks, "", &["run"]);
        outcome.refused(&format!("{blocks} blocks"), 6, &["cannot", "File too large", "free some space"]);
        check_last_run(&project, 2);
    }
    // A log on the same full disk changes nothing.
    let outcome = with_small_disk(&project, 0, "2>log", &["run"]);
    assert_eq!(outcome.code, Some(6));
    check_last_run(&project, 2);

    project.good(&["run"]);
    check_last_run(&project, 3);
}

#[cfg(target_os = "linux")]
#[test]
fn output_to_a_full_disk_is_an_error() {
    let project = Project::shop();
    project.good(&["run"]);
    let cases: [&[&str]; 4] = [
        &["export", "regulars", "--format", "csv", "-o", "/dev/full"],
        &["export", "regulars", "--format", "jsonl", "-o", "/dev/full"],
        &["export", "regulars", "--format", "parquet", "-o", "/dev/full"],
        &["report", "-o", "/dev/full"],
    ];
    for arguments in cases {
        project.strata(arguments).refused(&arguments.join(" "), 6, &["No space left"]);
    }
    for shape in ["--csv", "--json"] {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = project.command(&["sql", "select 1", shape]);
        let outcome = Outcome::of(command.stdout(full).stderr(Stdio::piped()).output().unwrap());
        outcome.refused(shape, 6, &["No space left"]);
    }
}

/// A run that has written the table of the source `orders` anew and waits for the source `slow`, whose file is a pipe.
struct HeldRun {
    child: Child,
    /// Reading goes on when this is dropped.
    _slow: std::fs::File,
}

fn hold(project: &Project) -> HeldRun {
    let columns = "order_id = \"id\"\ncustomer_id = \"customer\"\nordered_at = \"date\"";
    let source = |name: &str| {
        format!("[sources.{name}]\npath = \"{name}.csv\"\n[sources.{name}.orders.columns]\n{columns}\n")
    };
    project.write("strata.toml", format!("{MANIFEST}{}{}", source("slow"), source("slower")));
    let (slow, slower) = (project.path("slow.csv"), project.path("slower.csv"));
    assert!(Command::new("mkfifo").args([&slow, &slower]).status().unwrap().success());
    let child = project.command(&["run"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (ready, opened) = mpsc::channel();
    // A pipe opens when both ends are there, so a run that ends early would leave this waiting.
    std::thread::spawn(move || {
        // First the files are looked at one after the other: when the second is opened, the first has been let go.
        for file in [&slow, &slower] {
            open(file).write_all(b"id,customer,date\n").unwrap();
        }
        // Then they are read, the regular file before this one.
        ready.send(open(&slow))
    });
    let _slow = opened.recv_timeout(Duration::from_secs(60)).unwrap();
    HeldRun { child, _slow }
}

fn open(pipe: &Path) -> std::fs::File {
    OpenOptions::new().write(true).open(pipe).unwrap()
}

/// The files of the sources become regular ones.
fn fill(project: &Project) {
    for name in ["slow.csv", "slower.csv"] {
        std::fs::remove_file(project.path(name)).unwrap();
        project.write(name, ORDERS.lines().next().unwrap());
        project.append(name, format!("\n{name},dora,2024-05-02,1\n"));
    }
}

#[test]
fn ctrl_c_in_the_middle_of_a_run_loses_nothing() {
    let project = shop_with_news();
    let held = hold(&project);
    let pid = held.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let outcome = Outcome::of(held.child.wait_with_output().unwrap());
    outcome.refused("Ctrl-C", 130, &["stopped", "the last complete run"]);
    check_last_run(&project, 2);

    fill(&project);
    project.good(&["run"]);
    let customers = project.sql("select customer_id from profile order by 1");
    assert_eq!(customers, ["anna", "ben", "carl", "dora"]);
}

#[test]
fn one_run_at_a_time_and_readers_meanwhile() {
    let project = shop_with_news();
    let mut held = hold(&project);
    let says =
        ["another run is under way", "in use by another run", &held.child.id().to_string(), "wait for it"];
    project.strata(&["run"]).refused("second run", 5, &says);
    check_last_run(&project, 2);

    // The lock of a run that dies, however it dies, dies with it.
    held.child.kill().unwrap();
    held.child.wait().unwrap();
    check_last_run(&project, 2);
    fill(&project);
    project.good(&["run"]);
    assert_eq!(project.sql("select count(*) from profile"), ["4"]);
}
