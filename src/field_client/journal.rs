//! 日志: one line for each thing that happened, on disk before anybody hears of it. A line that was cut short
//! by a crash never was.

use std::fs::{File, OpenOptions};
use std::io::{Read, Result, Seek, SeekFrom, Write};
use std::path::Path;

use serde_json::Value;

/// Where the lines go: a file, or memory for trying things out.
#[derive(Debug, Default)]
pub struct Journal {
    file: Option<File>,
}

impl Journal {
    /// Keeps nothing.
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// Opens or makes a file; answers the lines in it.
    pub fn open(path: &Path) -> Result<(Self, Vec<Value>)> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let (mut lines, mut whole) = (Vec::new(), 0);
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            match line.strip_suffix(b"\n").map(serde_json::from_slice) {
                Some(Ok(value)) => lines.push(value),
                _ => break,
            }
            whole += line.len();
        }
        file.set_len(u64::try_from(whole).unwrap_or(0))?;
        file.seek(SeekFrom::End(0))?;
        Ok((Self { file: Some(file) }, lines))
    }

    /// Adds lines; they are on disk when this answers.
    pub fn add(&mut self, lines: &[Value]) -> Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        file.write_all(text.as_bytes())?;
        file.sync_data()
    }
}
