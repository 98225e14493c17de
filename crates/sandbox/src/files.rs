//! Small helpers for files.

use std::fs;
use std::io::Write;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::{Error, Result};

/// How much of a program's output an error quotes, in lines.
const TAIL_LINES: usize = 15;

/// Creates a directory and its parents.
pub(crate) fn create_directory(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(Error::files("create the directory", path))
}

/// Writes a file so that a reader sees all of it or none, unless it already has this content.
pub(crate) fn write_whole(path: &Path, content: &str) -> Result<()> {
    if fs::read(path).is_ok_and(|existing| existing == content.as_bytes()) {
        return Ok(());
    }
    let error = Error::files("write", path);
    let write = || {
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut unfinished = tempfile::NamedTempFile::new_in(folder)?;
        unfinished.write_all(content.as_bytes())?;
        unfinished.persist(path).map_err(|failed| failed.error)?;
        Ok(())
    };
    write().map_err(error)
}

/// Eight digits that tell these texts from others, for the name of what is made from them.
pub(crate) fn short_hash<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text);
    }
    let hash = hash.finalize();
    format!("{:08x}", u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]))
}

/// The last lines of a program's output.
pub(crate) fn tail(output: &str) -> String {
    let lines: Vec<&str> = output.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_the_last_lines_without_empty_ones() {
        let output: Vec<String> = (0..30).map(|line| format!("{line}\n\n")).collect();
        let tail = tail(&output.concat());
        assert_eq!(tail.lines().count(), TAIL_LINES);
        assert!(tail.ends_with("29"));
    }
}
