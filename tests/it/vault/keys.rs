//! Data keys: made, replaced while everything goes on, missing and broken.

use std::collections::{BTreeSet, HashSet};

use yichuang::adapters::key_files::FileKeys;
use yichuang::domain::actor::Scope;
use yichuang::storage::applications::{self, Search, Words};
use yichuang::storage::{Conn, Db, StorageError, StorageSettings};
use yichuang::vault::{Cell, KeyProvider, Vault, VaultError, key_of};

use super::sealed_values;
use crate::story;
use crate::world::papers::png;
use crate::world::temp_folder;

fn cell(row: &[u8]) -> Cell<'_> {
    Cell { table: "people", column: "phone", row }
}

fn vault(folder: &std::path::Path) -> Result<Vault, VaultError> {
    Vault::open(Box::new(FileKeys::open(folder)?), 0)
}

#[test]
fn sealed_values_open_in_their_cell_only_and_no_bit_may_change() {
    let folder = temp_folder();
    let vault = vault(&folder).unwrap();
    let sealed = vault.seal(cell(b"one"), b"13805950001").unwrap();
    assert_eq!(vault.unseal(cell(b"one"), &sealed).unwrap(), b"13805950001");
    #[cfg(unix)]
    for file in std::fs::read_dir(&folder).unwrap() {
        use std::os::unix::fs::PermissionsExt;
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert!(!file.file_type().unwrap().is_file() || mode & 0o077 == 0, "{:?} {mode:o}", file.path());
    }
    let forged = |cell, sealed: &[u8]| matches!(vault.unseal(cell, sealed), Err(VaultError::Forged(_)));
    assert!(forged(cell(b"two"), &sealed) && forged(cell(b""), &sealed));
    assert!(forged(Cell { table: "staff", ..cell(b"one") }, &sealed));
    assert!(forged(Cell { column: "email", ..cell(b"one") }, &sealed));
    // Where one part ends and the next begins is covered too.
    let sealed_apart = vault.seal(Cell { table: "a", column: "bc", row: b"d" }, b"x").unwrap();
    assert!(forged(Cell { table: "ab", column: "c", row: b"d" }, &sealed_apart));
    for at in 0..sealed.len() {
        for bit in 0..8 {
            let mut changed = sealed.clone();
            changed[at] ^= 1 << bit;
            assert!(vault.unseal(cell(b"one"), &changed).is_err(), "bit {bit} of byte {at}");
        }
        assert!(vault.unseal(cell(b"one"), &sealed[..at]).is_err(), "cut at {at}");
    }
    assert!(forged(cell(b"one"), b"13805950001") && forged(cell(b"one"), b""));
    // The same value twice looks different, and no nonce comes twice.
    let nonces: HashSet<Vec<u8>> =
        (0..20_000).map(|_| vault.seal(cell(b"one"), b"x").unwrap()[6..18].to_vec()).collect();
    assert_eq!(nonces.len(), 20_000);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn blind_indexes_tell_equal_from_different_and_nothing_more() {
    let (folder, elsewhere) = (temp_folder(), temp_folder());
    let (one, other) = (vault(&folder).unwrap(), vault(&elsewhere).unwrap());
    assert_eq!(one.index("a", "x"), one.index("a", "x"));
    let all: BTreeSet<Vec<u8>> = [
        one.index("a", "x"),
        one.index("a", "y"),
        one.index("b", "x"),
        one.index("ax", ""),
        other.index("a", "x"),
    ]
    .into();
    assert_eq!(all.len(), 5);
    one.rotate(100).unwrap();
    assert_eq!(one.index("a", "x"), vault(&folder).unwrap().index("a", "x"), "outlives the data keys");
}

#[test]
fn keys_that_are_missing_or_no_keys_at_all_are_named() {
    let folder = temp_folder();
    let sealed = vault(&folder).unwrap().seal(cell(b"one"), b"x").unwrap();
    let key = std::fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .find(|path| path.extension().is_some_and(|ending| ending == "key"))
        .unwrap();
    let good = std::fs::read(&key).unwrap();
    for bad in [b"".as_slice(), b"short", &[0; 32], &[255; 32], &[7; 33]] {
        std::fs::write(&key, bad).unwrap();
        let told = vault(&folder).err().unwrap().to_string();
        assert!(told.contains(key.file_name().unwrap().to_str().unwrap()), "{told}");
    }
    // Rotated away: what was sealed with it says so.
    std::fs::remove_file(&key).unwrap();
    let without = vault(&folder).unwrap();
    assert!(matches!(without.unseal(cell(b"one"), &sealed), Err(VaultError::KeyMissing(_))));
    std::fs::write(&key, good).unwrap();
    assert_eq!(vault(&folder).unwrap().unseal(cell(b"one"), &sealed).unwrap(), b"x");
    for (bad, said) in
        [(None, "is missing"), (Some([0_u8; 32].as_slice()), "index.secret"), (Some(b"x"), "index.secret")]
    {
        match bad {
            Some(bytes) => std::fs::write(folder.join("index.secret"), bytes).unwrap(),
            None => std::fs::remove_file(folder.join("index.secret")).unwrap(),
        }
        let told = vault(&folder).err().unwrap().to_string();
        assert!(told.contains(said), "{told}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

story!(a_new_data_key_takes_over_while_everything_goes_on, world, {
    let resident = world.xiuying().await;
    let case = resident.submits(&world.form("birth_registration")).await;
    let file = resident.uploads(&case, "id_cards", png(61)).await.expect(201);
    let vault = world.office().db().vault().clone();
    assert_eq!((vault.keys(), world.office().reseal().await.unwrap()), (1, 0));
    vault.rotate(world.office().now().timestamp()).unwrap();
    assert_eq!(world.office().reseal().await.unwrap(), 0, "not before every instance has heard of it");
    tokio::time::sleep(std::time::Duration::from_millis(5100)).await;
    let newest = vault.successor().unwrap();
    let reads = || async {
        let id = case["id"].as_str().unwrap();
        resident.get(&format!("/v1/applications/{id}")).await.expect(200);
        resident.get(&format!("/v1/materials/{}", file["id"].as_str().unwrap())).await.expect_ok();
    };
    reads().await;
    let renewed = world.office().reseal().await.unwrap();
    assert!(renewed > 10, "{renewed}");
    reads().await;
    for (column, value) in sealed_values(world.office().db()).await {
        assert_eq!(key_of(&value), Some(newest), "{column}");
    }
    assert_eq!((world.office().reseal().await.unwrap(), vault.keys()), (0, 2), "kept for an hour");
    world.later(chrono::Duration::seconds(3601));
    let resident = resident.comes_back().await;
    resident.submits(&world.form("medical_insurance")).await;
    assert_eq!((world.office().reseal().await.unwrap(), vault.keys()), (0, 1));
    let entries = FileKeys::open(&world.folder().join("data-keys")).unwrap().entries().unwrap();
    assert_eq!(entries.iter().map(|entry| entry.cipher.id()).collect::<Vec<_>>(), [newest]);
    let id = case["id"].as_str().unwrap();
    resident.get(&format!("/v1/applications/{id}")).await.expect(200);
});

story!(what_was_there_before_is_sealed_by_the_migration, world, {
    let resident = world.xiuying().await;
    let case = resident.submits(&world.form("birth_registration")).await;
    let id: uuid::Uuid = case["id"].as_str().unwrap().parse().unwrap();
    let settings = StorageSettings { url: world.database_url().to_owned(), pool: 2, pool_wait_seconds: 2 };
    let vault = world.office().db().vault().clone();
    let names = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite")).unwrap().count();
    Db::revert(&settings, vault.clone(), names - 3).unwrap();
    // As it was: readable by whoever opens the database.
    let phones = |conn: &mut Conn| {
        Ok::<_, StorageError>(crate::storage::said(conn, "SELECT applicant_phone AS value FROM applications"))
    };
    assert_eq!(world.office().db().read(phones).await.unwrap(), ["13805950001"]);
    let sealed = Db::open(&settings, vault.clone()).unwrap();
    let found = sealed.read(move |conn| applications::find(conn, id)).await.unwrap().unwrap();
    assert_eq!(found.applicant.phone.as_str(), "13805950001");
    let number = found.applicant.id_number.as_str().to_owned();
    let again = sealed.read(move |conn| {
        let words = Some(Words::IdNumber(number));
        applications::list(conn, &[Scope::Everything], &Search { words, limit: 5, ..Search::default() })
    });
    assert_eq!(again.await.unwrap().len(), 1, "found by its blind index");
});
