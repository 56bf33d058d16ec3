//! 合并与冲突: what a device changed, brought together with what others have changed since the device saw it.

use serde_json::{Value, json};

use super::doing::Doing;
use super::masking::{Extent, mask};
use super::verdicts::{Outcome, Settled, nowhere};
use super::{Failure, Office};
use crate::domain::application::Application;
use crate::domain::merge::{Change, Clash, Unmergeable, merge, untouched};
use crate::domain::operation::Verdict;
use crate::domain::refusal::Refusal;
use crate::storage::{Conn, events, operations, staff};

/// How a form reads to its worker.
fn shown(form: &Value) -> Value {
    let mut shown = form.clone();
    mask(&mut shown, Extent::Identifiers);
    shown
}

/// A field that two have changed, told without what is nobody's business.
fn told(clashes: Vec<Clash>) -> Vec<Clash> {
    let masked = |value: Value, pointer: &str| {
        // Masking goes by the name of the field.
        let key = pointer.rsplit('/').next().unwrap_or_default().to_owned();
        let mut wrapped = json!({ key.clone(): value });
        mask(&mut wrapped, Extent::Identifiers);
        wrapped[key].take()
    };
    let tell = |clash: Clash| Clash {
        was: masked(clash.was, &clash.pointer),
        mine: masked(clash.mine, &clash.pointer),
        theirs: clash.theirs,
        pointer: clash.pointer,
    };
    clashes.into_iter().map(tell).collect()
}

impl Office {
    /// The form with the changes in it and whether others had changed it, or the conflict.
    pub fn merged(
        &self,
        conn: &mut Conn,
        doing: &Doing<'_>,
        application: &Application,
        changes: &[Change],
    ) -> Result<Result<(Value, bool), Box<Settled>>, Failure> {
        let foreign = application.version > self.seen(conn, doing, application)?;
        let shown = match untouched(&application.form, changes) {
            // Nothing has to be told apart from its mask.
            true => Value::Null,
            false => shown(&application.form),
        };
        match merge(&application.form, &shown, changes) {
            Ok(form) => Ok(Ok((form, foreign))),
            Err(Unmergeable::Nowhere(pointers)) => Err(nowhere(&pointers).into()),
            Err(Unmergeable::Clashes(clashes)) => {
                let zh = "同一内容已被他人改动。";
                let en = "Somebody has changed the same fields.";
                let refusal = Refusal::conflict("same_fields_changed", zh, en)
                    .with("current_version", application.version.into())
                    .with("changed_at", application.updated_at.to_rfc3339().into())
                    .with("changed_by", last_hand(conn, application)?.into());
                let mut settled = Settled::not(Verdict::Conflict, &refusal);
                settled.clashes = told(clashes);
                settled.outcome = Some(Outcome::of_application(application));
                Ok(Err(Box::new(settled)))
            }
        }
    }

    /// The latest version of which the device has seen everything: what it had, and what it made of it alone.
    pub fn seen(
        &self,
        conn: &mut Conn,
        doing: &Doing<'_>,
        application: &Application,
    ) -> Result<i64, Failure> {
        let base = doing.operation.base.unwrap_or(0);
        if base > application.version {
            let zh = "所依据的版本比现在的还新。";
            let en = "It builds on a version that does not exist yet.";
            return Err(Refusal::invalid("base_from_future", zh, en)
                .with("current_version", application.version.into())
                .into());
        }
        let made = operations::versions(conn, application.id, doing.device)?;
        // What it had seen for an earlier one it has seen.
        let base = made.iter().map(|(base, _)| *base).fold(base, i64::max);
        Ok(made.into_iter().fold(base, |seen, (_, version)| if version == seen + 1 { version } else { seen }))
    }
}

/// Who changed an application last, as far as it is for a worker to know.
fn last_hand(conn: &mut Conn, application: &Application) -> Result<String, Failure> {
    if let Some(by) = operations::made_by(conn, application.id, application.version)? {
        return Ok(staff::find(conn, by)?.map(|member| member.actor.name).unwrap_or_default());
    }
    let event = events::of(conn, application.id, false)?.pop();
    Ok(event.filter(|event| event.sequence == application.version).map_or_else(
        || if application.owner.is_some() { "申请人" } else { "窗口" }.to_owned(),
        |event| event.actor_name,
    ))
}
