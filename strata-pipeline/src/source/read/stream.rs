//! The bytes of a file: opened, counted, decompressed.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Compression, ReadError, expand};

/// Bytes, wherever they come from.
pub(super) type Bytes = Box<dyn Read + Send>;

/// Opens a file for reading; a folder, a missing or a forbidden file is an error that says so.
pub(super) fn open_file(path: &Path) -> Result<File, ReadError> {
    let file = File::open(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => expand::missing(path),
        _ => unreadable("open", path, source),
    })?;
    let metadata = file.metadata().map_err(|source| unreadable("open", path, source))?;
    if metadata.is_dir() { Err(ReadError::Folder { path: path.to_owned() }) } else { Ok(file) }
}

/// Opens a file and finds out by its first bytes how it is compressed. `progress` counts the bytes read from disk.
pub(super) fn open(path: &Path, progress: Arc<AtomicU64>) -> Result<(Bytes, Compression), ReadError> {
    let mut file = open_file(path)?;
    let mut magic = Vec::new();
    (&mut file).take(4).read_to_end(&mut magic).map_err(|source| unreadable("read", path, source))?;
    let compression = match magic.as_slice() {
        [0x1f, 0x8b, ..] => Compression::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd] => Compression::Zstd,
        // A skippable frame, which some tools put first.
        [0x50..=0x5f, 0x2a, 0x4d, 0x18] => Compression::Zstd,
        _ => Compression::None,
    };
    let counted = Counted { source: io::Cursor::new(magic).chain(file), progress };
    let bytes: Bytes = match compression {
        Compression::None => Box::new(counted),
        Compression::Gzip => {
            Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(1 << 16, counted)))
        }
        Compression::Zstd => {
            Box::new(zstd::Decoder::new(counted).map_err(|source| broken(path, compression, 0, source))?)
        }
    };
    Ok((bytes, compression))
}

/// The error for an operation that the operating system refused.
pub(super) fn unreadable(operation: &'static str, path: &Path, source: io::Error) -> ReadError {
    ReadError::Unreadable { operation, path: path.to_owned(), source }
}

/// The error for bytes that could not be read or decompressed after `position` bytes of the file.
pub(super) fn broken(path: &Path, compression: Compression, position: u64, source: io::Error) -> ReadError {
    let format = match compression {
        Compression::Gzip => "gzip",
        Compression::Zstd => "zstd",
        Compression::None => return unreadable("read", path, source),
    };
    if source.get_ref().is_some_and(|inner| inner.is::<DiskError>()) {
        return unreadable("read", path, source);
    }
    let position = format!("after {position} bytes of the file");
    ReadError::Damaged { path: path.to_owned(), format, position, source: source.into() }
}

/// Counts what is read, and marks errors as the disk's, to tell them from a decoder's.
struct Counted<R> {
    source: R,
    progress: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.source.read(buffer) {
            Ok(n) => {
                self.progress.fetch_add(n as u64, Ordering::Relaxed);
                Ok(n)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => Err(io::Error::new(error.kind(), DiskError(error))),
        }
    }
}

/// An error of the disk beneath a decoder.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct DiskError(io::Error);

#[cfg(test)]
mod tests {
    use super::*;

    struct Failing;

    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }

    #[test]
    fn a_failing_disk_is_not_taken_for_a_damaged_file() {
        let gzip = [0x1f, 0x8b, 8, 0].as_slice();
        for (source, damaged) in [(Box::new(gzip.chain(Failing)) as Bytes, false), (Box::new(gzip), true)] {
            let counted = Counted { source, progress: Arc::default() };
            let mut decoder = flate2::bufread::MultiGzDecoder::new(BufReader::new(counted));
            let error = decoder.read_to_end(&mut Vec::new()).unwrap_err();
            let error = broken(Path::new("t.csv.gz"), Compression::Gzip, 4, error);
            assert_eq!(matches!(error, ReadError::Damaged { .. }), damaged, "{error}");
        }
    }
}
