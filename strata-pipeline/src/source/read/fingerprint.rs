//! Tells whether a file has been read before: by its content, not by its name or date.

use std::fs::File;
use std::path::Path;
use std::time::SystemTime;

use super::ReadError;
use super::stream::unreadable;

/// What a file is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// The BLAKE3 hash of the bytes on disk, in hexadecimal.
    pub blake3: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// When the file system says it was last written. It takes no part in deciding whether a file is known.
    pub modified: SystemTime,
}

/// Reads a whole file and hashes it.
pub fn fingerprint(path: &Path) -> Result<Fingerprint, ReadError> {
    let file = super::stream::open_file(path)?;
    let (bytes, modified) = metadata(&file).map_err(|source| unreadable("read", path, source))?;
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(file).map_err(|source| unreadable("read", path, source))?;
    Ok(Fingerprint { blake3: hasher.finalize().to_hex().to_string(), bytes, modified })
}

fn metadata(file: &File) -> std::io::Result<(u64, SystemTime)> {
    let metadata = file.metadata()?;
    Ok((metadata.len(), metadata.modified()?))
}
