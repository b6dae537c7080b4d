//! One run at a time: an exclusive lock that the operating system frees when its holder dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};

use crate::error::{LakeError, Result, failed};
use crate::location::Location;

/// The right to write to a lake, held until it is dropped.
#[derive(Debug)]
pub struct LakeLock {
    // Closing the file frees the lock. The file itself stays: removing it would race with the next holder.
    _file: File,
}

/// Takes the lock, and clears away what a crashed run was in the middle of writing.
pub(crate) fn lock(location: &Location) -> Result<LakeLock> {
    let path = location.lock_file();
    let locking = || failed::<io::Error>("lock", path.display().to_string());
    // The file holds the pid of the present holder, so it must not be truncated before the lock is ours.
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(locking())?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            // Without a readable pid the message only lacks a detail.
            let pid = file.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
            return Err(LakeError::Locked { folder: location.root().to_owned(), pid });
        }
        Err(TryLockError::Error(error)) => return Err(locking()(error)),
    }
    write_pid(&mut file).map_err(locking())?;
    location.remove_partial_files()?;
    Ok(LakeLock { _file: file })
}

fn write_pid(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}
