//! One run at a time.

use strata_lake::{Lake, LakeError};

use crate::fixtures::has_partial_file;

#[test]
fn a_second_run_is_told_who_holds_the_lake() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(folder.path()).unwrap();
    let held = lake.lock().unwrap();
    let refused = lake.lock().unwrap_err();
    let LakeError::Locked { pid, .. } = &refused else { panic!("{refused}") };
    assert_eq!(*pid, Some(std::process::id()));
    assert!(refused.to_string().contains(&format!("(process {})", std::process::id())), "{refused}");
    drop(held);
    assert!(lake.lock().is_ok(), "a lock that was dropped is free");
}

#[test]
fn the_lock_clears_away_what_a_crash_left_half_written() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::open(folder.path()).unwrap();
    let table = folder.path().join("raw/shop");
    std::fs::create_dir_all(&table).unwrap();
    std::fs::write(table.join(".run1-00000.partial"), "PAR1").unwrap();
    std::fs::write(table.join("notes.txt"), "mine").unwrap();
    let _held = lake.lock().unwrap();
    assert!(!has_partial_file(&table));
    assert!(table.join("notes.txt").exists());
}
