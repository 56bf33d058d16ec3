//! 比对键: by what applications that look alike are found.

/// By what an application is found, as plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// The very matter; `None` while that is not known.
    pub exact: Option<String>,
    /// Somebody judged it to be another than one with the same key.
    pub apart: bool,
    /// How the name sounds.
    pub sound: Option<String>,
    /// The day of birth.
    pub birth: Option<String>,
    /// The house.
    pub house: Option<String>,
    /// By which rules they were made.
    pub edition: String,
}

impl Keys {
    /// How many there are.
    pub const COLUMNS: usize = 4;

    /// In the order of their columns.
    pub fn columns(&self) -> [Option<&String>; Self::COLUMNS] {
        [self.exact.as_ref(), self.sound.as_ref(), self.birth.as_ref(), self.house.as_ref()]
    }
}
