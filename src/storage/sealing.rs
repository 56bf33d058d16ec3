//! Sealed columns: what a row holds in them is bound to its table, its column and its key.

use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::StorageError;
use crate::domain::sensitive::in_full;
use crate::vault::{Cell, Vault, VaultError};

impl From<VaultError> for StorageError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Forged(_) => StorageError::Corrupt(error.to_string()),
            VaultError::KeyMissing(_) | VaultError::Unusable(_) => {
                StorageError::Unavailable(error.to_string())
            }
        }
    }
}

/// The key of a row that has two parts.
pub fn composite(id: Uuid, part: &str) -> Vec<u8> {
    [id.as_bytes().as_slice(), part.as_bytes()].concat()
}

/// The sealed cells of one row.
pub struct Seals<'a> {
    vault: &'a Vault,
    table: &'static str,
    row: &'a [u8],
}

/// The sealed cells of the row with this key.
pub fn of<'a>(vault: &'a Vault, table: &'static str, row: &'a [u8]) -> Seals<'a> {
    Seals { vault, table, row }
}

impl Seals<'_> {
    fn cell(&self, column: &'static str) -> Cell<'_> {
        Cell { table: self.table, column, row: self.row }
    }

    /// Seals a text.
    pub fn text(&self, column: &'static str, value: &str) -> Result<Vec<u8>, StorageError> {
        Ok(self.vault.seal(self.cell(column), value.as_bytes())?)
    }

    /// Seals a text, if there is one.
    pub fn maybe(&self, column: &'static str, value: Option<&str>) -> Result<Option<Vec<u8>>, StorageError> {
        value.map(|value| self.text(column, value)).transpose()
    }

    /// Seals a document.
    pub fn doc<T: Serialize>(&self, column: &'static str, value: &T) -> Result<Vec<u8>, StorageError> {
        let json =
            in_full(|| serde_json::to_vec(value)).map_err(|error| StorageError::Failed(error.to_string()))?;
        Ok(self.vault.seal(self.cell(column), &json)?)
    }

    /// Opens a text.
    pub fn open(&self, column: &'static str, sealed: &[u8]) -> Result<String, StorageError> {
        let bytes = self.vault.unseal(self.cell(column), sealed)?;
        String::from_utf8(bytes).map_err(|_| StorageError::Corrupt(format!("{}.{column}", self.table)))
    }

    /// Opens a text, if there is one.
    pub fn open_maybe(
        &self,
        column: &'static str,
        sealed: Option<&[u8]>,
    ) -> Result<Option<String>, StorageError> {
        sealed.map(|sealed| self.open(column, sealed)).transpose()
    }

    /// Opens a document.
    pub fn open_doc<T: DeserializeOwned>(
        &self,
        column: &'static str,
        sealed: &[u8],
    ) -> Result<T, StorageError> {
        let bytes = self.vault.unseal(self.cell(column), sealed)?;
        // What the error says of itself repeats the value.
        serde_json::from_slice(&bytes).map_err(|error| {
            let (what, line, at) = (error.classify(), error.line(), error.column());
            StorageError::Corrupt(format!("{}.{column}: {what:?} error at {line}:{at}", self.table))
        })
    }
}
