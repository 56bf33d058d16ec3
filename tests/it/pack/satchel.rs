//! A telephone that takes along what its worker needs at the doors.

use std::path::PathBuf;

use serde_json::json;
use yichuang::adapters::clock::new_id;
use yichuang::field_client::{DeviceKey, Outbox, Pack};

use crate::sync::Phone;
use crate::world::people::Person;
use crate::world::temp_folder;

/// A telephone with a pack.
pub struct Satchel {
    pub phone: Phone,
    pub key: DeviceKey,
    pub pack: Pack,
    pub folder: PathBuf,
}

impl Satchel {
    pub async fn new(worker: &Person) -> Self {
        let (key, device) = (DeviceKey::generate(), new_id(worker.world.office().now()));
        let body = json!({"id": device, "name": "小陈的手机", "public_key": key.public()});
        worker.post("/v1/devices", &body).await.expect(201);
        let folder = temp_folder();
        let pack = Pack::at(&folder, device).unwrap();
        let phone = Phone { worker: worker.clone(), outbox: Outbox::in_memory(device) };
        let mut satchel = Self { phone, key, pack, folder };
        satchel.unlocks().await;
        satchel
    }

    pub async fn unlocks(&mut self) {
        let device = self.phone.outbox.device();
        let answer = self.phone.worker.get(&format!("/v1/devices/{device}/pack-key")).await.expect(200);
        self.pack.unlock(&self.key, &answer, self.phone.worker.world.office().now()).unwrap();
    }

    /// The next page as it comes over the wire.
    pub async fn page(&self, query: &str) -> Vec<u8> {
        let cursor = self.pack.cursor().map(|cursor| format!("cursor={cursor}&")).unwrap_or_default();
        let (world, device) = (&self.phone.worker.world, self.phone.outbox.device());
        let asked = world.client().get(format!("{}/v1/devices/{device}/pack?{cursor}{query}", world.base()));
        let answer = asked.bearer_auth(&self.phone.worker.token).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.bytes().await.unwrap().to_vec()
    }

    /// Fetches all there is; how many bytes that took, and in how many pages.
    pub async fn fetches(&mut self, query: &str) -> (usize, usize) {
        let (mut bytes, mut pages) = (0, 0);
        loop {
            let page = self.page(query).await;
            (bytes, pages) = (bytes + page.len(), pages + 1);
            let more = self.pack.take(&page, self.phone.worker.world.office().now()).unwrap();
            if !more {
                return (bytes, pages);
            }
        }
    }

    pub fn ids(&self, kind: &str) -> Vec<String> {
        self.pack.of_kind(kind).map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    }
}

impl Drop for Satchel {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
