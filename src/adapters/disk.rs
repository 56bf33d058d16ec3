//! Files that are either whole or absent: written aside, fsynced, renamed, and their folders fsynced.
//! Whatever an adapter acknowledges must survive a power cut, because the database commits right after it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::clock::random_code;

/// Runs blocking file work away from the threads that answer requests. The work goes on to its end
/// even when the caller is gone, so a dropped request never leaves half a file.
pub(super) async fn off_thread<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<io::Error> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(stopped) => Err(E::from(io::Error::other(stopped))),
    }
}

/// Puts `bytes` at `root/name` durably, replacing what was there; `name` may contain folders.
pub(super) fn write(root: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let target = root.join(name);
    let folder = target.parent().unwrap_or(root);
    let is_new = !root.exists();
    fs::create_dir_all(folder)?;
    // In the same folder, because a rename is only atomic within one file system.
    let aside: PathBuf = folder.join(format!(".{}.tmp", random_code(16)));
    let outcome = write_aside(&aside, bytes).and_then(|()| fs::rename(&aside, &target));
    if outcome.is_err() {
        // The first error is the one worth telling; a leftover is swept by its age.
        let _ = fs::remove_file(&aside);
        return outcome;
    }
    // A rename is lost in a power cut until its folder is on disk, and so is a folder just created.
    for each in target.ancestors().skip(1) {
        sync_folder(each)?;
        if each == root {
            break;
        }
    }
    if is_new {
        // Above the root as far as this process may look; further up everything is old.
        let above =
            root.ancestors().skip(1).map(|each| if each == Path::new("") { Path::new(".") } else { each });
        above.map(sync_folder).take_while(Result::is_ok).for_each(drop);
    }
    Ok(())
}

/// Reads a file, `None` when there is none.
pub(super) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Removes a file unless it was written within `quiet`; false then. It is taken aside first: whoever writes it
/// meanwhile writes it anew, and what was written before is seen.
pub(super) fn remove_if_quiet(path: &Path, quiet: Duration) -> io::Result<bool> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let aside = folder.join(format!(".{}.gone", random_code(16)));
    match fs::rename(path, &aside) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        moved => moved?,
    }
    let written = fs::metadata(&aside)?.modified()?;
    if written.elapsed().unwrap_or_default() < quiet {
        fs::rename(&aside, path)?;
        sync_folder(folder)?;
        return Ok(false);
    }
    fs::remove_file(&aside)?;
    sync_folder(folder)?;
    Ok(true)
}

/// The first bytes of a file, `None` when it has fewer.
pub(super) fn head(path: &Path, bytes: usize) -> io::Result<Option<Vec<u8>>> {
    let mut head = vec![0; bytes];
    match File::open(path)?.read_exact(&mut head) {
        Ok(()) => Ok(Some(head)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

/// Every file below a folder that need not be there.
pub(super) fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    Ok(found)
}

/// Whether a caller's id can be a file name as it is: no separators, no surprises on any system.
pub(super) fn is_plain_name(name: &str) -> bool {
    (1..=128).contains(&name.len())
        && !name.starts_with('.')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.@".contains(&b))
}

fn write_aside(aside: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    // Identity cards and letters: nobody else on the machine reads them.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(aside)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(unix)]
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
pub(super) fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// A folder of one test's own, gone with the test.
#[cfg(test)]
pub(super) struct TestFolder(pub PathBuf);

#[cfg(test)]
impl TestFolder {
    pub fn new() -> Self {
        Self(std::env::temp_dir().join(format!("yichuang-test-{}", random_code(12))))
    }

    pub fn files(&self) -> Vec<PathBuf> {
        files(&self.0).unwrap_or_default()
    }
}

#[cfg(test)]
impl Drop for TestFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn replaces_whole_files_and_leaves_nothing_aside() {
        let folder = TestFolder::new();
        write(&folder.0, "a/b/one", b"first").unwrap();
        write(&folder.0, "a/b/one", b"second").unwrap();
        assert_eq!(read(&folder.0.join("a/b/one")).unwrap().unwrap(), b"second");
        assert_eq!(folder.files().len(), 1);
        // A target that cannot be replaced: the error comes back and the file aside is gone.
        assert!(write(&folder.0, "a", b"a folder is in the way").is_err());
        assert_eq!(folder.files().len(), 1);
    }

    #[test]
    fn only_plain_names_become_file_names() {
        assert!(is_plain_name("0198-a_B@x.cn"));
        for bad in ["", ".", "..", ".hidden", "a/b", "a\\b", "a b", "窗", "a\0", &"x".repeat(129)] {
            assert!(!is_plain_name(bad), "{bad:?}");
        }
    }
}
