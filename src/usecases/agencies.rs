//! 承接机构: when a contract with an agency ends, everybody it sent is cut off in one act. What they did stays in
//! the log, where the auditor reads it by agency; residents' data was never theirs.

use super::auditing::note_of;
use super::staff::{Staff, close, security_only};
use super::{Failure, Office};
use crate::domain::actor::Actor;
use crate::domain::refusal::Refusal;
use crate::storage::{sessions, staff};

impl Office {
    /// Closes every account of an agency; answers those that were open.
    pub async fn end_agency(&self, by: &Actor, agency: String) -> Result<Vec<Staff>, Failure> {
        security_only(by)?;
        let (office, by, now) = (self.clone(), by.clone(), self.now());
        let (closed, ended) = self
            .db()
            .write(move |conn| -> Result<_, Failure> {
                let everybody = staff::of_agency(conn, &agency)?;
                if everybody.is_empty() {
                    let zh = "没有这家机构的人员。";
                    let en = "Nobody comes from that agency.";
                    return Err(Refusal::field("/agency", "agency_unknown", zh, en).into());
                }
                if everybody.iter().any(|member| member.actor.id == by.id) {
                    let zh = "不能变更自己的账号。";
                    let en = "Nobody changes their own account.";
                    return Err(Refusal::conflict("own_account", zh, en).into());
                }
                let (mut closed, mut ended) = (Vec::new(), Vec::new());
                for mut member in everybody.into_iter().filter(|member| member.active) {
                    let fields = close(conn, &mut member, None, now)?;
                    staff::save(conn, &member)?;
                    ended.extend(sessions::revoke_all(conn, member.actor.id, None, now)?);
                    let fields = format!("{fields} agency={agency}");
                    office.note_now(conn, note_of(Some(&by), "end agency", member.actor.id, fields))?;
                    closed.push(member);
                }
                Ok((closed, ended))
            })
            .await?;
        for session in ended {
            self.tell_ended(session).await;
        }
        Ok(closed)
    }
}
