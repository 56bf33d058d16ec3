//! 结论: what a device is told of an operation, in words a person understands, with what to do now.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::application::Application;
use crate::domain::device::DeviceClock;
use crate::domain::merge::Clash;
use crate::domain::operation::Verdict;
use crate::domain::refusal::Refusal;
use crate::domain::text::Text;

/// 操作结果: where the record stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Outcome {
    /// The visit, application or attachment.
    pub id: Uuid,
    /// The application's version, to build on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// The application's status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// 申办流水号
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt_no: Option<String>,
    /// 查询码, for the resident's slip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_code: Option<String>,
    /// The number on the slip, where it could not be used: the resident needs a slip with the new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// What the same person has filed of the same item and period, told before somebody files it again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub duplicates: Vec<FiledBefore>,
}

/// 已有申请
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FiledBefore {
    /// The application, for whoever may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// 申办流水号
    pub receipt_no: Option<String>,
}

impl Outcome {
    /// Of a record without versions.
    pub fn of(id: Uuid) -> Self {
        let (receipt_no, query_code, replaces, duplicates) = (None, None, None, Vec::new());
        Self { id, version: None, status: None, receipt_no, query_code, replaces, duplicates }
    }

    /// Of an application.
    pub fn of_application(application: &Application) -> Self {
        let receipt_no = application.receipt_no.as_ref().map(|number| number.as_str().to_owned());
        Self {
            id: application.id,
            version: Some(application.version),
            status: Some(application.status.name().to_owned()),
            query_code: receipt_no.is_some().then(|| application.query_code.clone()),
            receipt_no,
            replaces: None,
            duplicates: Vec::new(),
        }
    }
}

/// 未办原因
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Obstacle {
    /// Stable code, as in the problem documents of the same act online.
    pub code: String,
    /// Why.
    pub detail: Text,
    /// The rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    /// Every wrong field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<WrongField>,
    /// What else there is to know: current version, who changed it.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub context: Value,
}

/// 字段错误
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WrongField {
    /// JSON pointer.
    pub pointer: String,
    /// Stable code.
    pub code: String,
    /// What is wrong.
    pub detail: Text,
}

impl From<&Refusal> for Obstacle {
    fn from(refusal: &Refusal) -> Self {
        let errors = refusal.errors.iter().map(|error| WrongField {
            pointer: error.pointer.clone(),
            code: error.code.clone().into_owned(),
            detail: error.detail.clone(),
        });
        let context = match refusal.context.is_empty() {
            true => Value::Null,
            false => refusal.context.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect(),
        };
        Self {
            code: refusal.code.to_owned(),
            detail: refusal.detail.as_ref().clone(),
            basis: refusal.basis.map(str::to_owned),
            errors: errors.collect(),
            context,
        }
    }
}

/// What became of an operation, before it is put into words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settled {
    /// In one word.
    pub verdict: Verdict,
    /// Where the record stands.
    #[serde(default)]
    pub outcome: Option<Outcome>,
    /// The fields two have changed.
    #[serde(default)]
    pub clashes: Vec<Clash>,
    /// Why it was not done.
    #[serde(default)]
    pub obstacle: Option<Obstacle>,
    /// What it waits for.
    #[serde(default)]
    pub waits_for: Vec<Uuid>,
    /// How far the device's clock was believed.
    pub clock: DeviceClock,
}

impl Settled {
    /// Done, with where the record stands.
    pub fn done(verdict: Verdict, outcome: Outcome) -> Self {
        let (clashes, waits_for, clock) = (Vec::new(), Vec::new(), DeviceClock::Right);
        Self { verdict, outcome: Some(outcome), clashes, obstacle: None, waits_for, clock }
    }

    /// Not done, and why.
    pub fn not(verdict: Verdict, refusal: &Refusal) -> Self {
        let (clashes, waits_for, clock) = (Vec::new(), Vec::new(), DeviceClock::Right);
        Self { verdict, outcome: None, clashes, obstacle: Some(refusal.into()), waits_for, clock }
    }

    /// Waits for these.
    pub fn waiting(waits_for: Vec<Uuid>) -> Self {
        let (clashes, clock) = (Vec::new(), DeviceClock::Right);
        Self { verdict: Verdict::Held, outcome: None, clashes, obstacle: None, waits_for, clock }
    }

    fn is(&self, code: &str) -> bool {
        self.obstacle.as_ref().is_some_and(|obstacle| obstacle.code == code)
    }

    fn is_duplicate(&self) -> bool {
        self.is("duplicate_application") || self.is("duplicate_suspected")
    }

    /// What it means.
    fn text(&self) -> Text {
        match self.verdict {
            Verdict::Applied => Text::fixed("已办。", "Done."),
            Verdict::Duplicate => {
                Text::fixed("已经办过，没有重复办理。", "Done before; nothing was done twice.")
            }
            Verdict::Merged => Text::fixed(
                "已保存，并与他人对其他内容的修改合并。",
                "Saved together with what others changed elsewhere in it.",
            ),
            Verdict::Conflict if self.is_duplicate() => Text::fixed(
                "该事项已有申请或疑似已有申请，没有重复提交。",
                "It is in already, or may be; nothing was filed twice.",
            ),
            Verdict::Conflict => Text::fixed(
                "他人已有改动，您的内容没有覆盖，已另行保留。",
                "Others have changed it; yours has overwritten nothing and is kept.",
            ),
            Verdict::Held if self.is("handed_over") => Text::fixed(
                "网格已移交，已转接任网格员处理。",
                "The grid has been handed over; your successor will look after it.",
            ),
            Verdict::Held => Text::fixed("等待前面的操作到达后办理。", "Waits for what it builds on."),
            Verdict::Quarantined => Text::fixed("无法办理，已保留。", "Cannot be done as it is; it is kept."),
        }
    }

    /// What to do now.
    fn remedy(&self) -> Option<Text> {
        let code = self.obstacle.as_ref().map(|obstacle| obstacle.code.as_str()).unwrap_or_default();
        Some(match (self.verdict, code) {
            (Verdict::Applied | Verdict::Duplicate | Verdict::Merged, _) | (Verdict::Held, "handed_over") => {
                return None;
            }
            (Verdict::Held, _) => Text::fixed(
                "请同步缺少的操作；超过时限由人工处理。",
                "Send what is missing; after the time limit a person looks at it.",
            ),
            (Verdict::Conflict, "duplicate_application" | "duplicate_suspected") => Text::fixed(
                "请与居民核对所列办件：同一事项的认定“同一事项”，不再提交；确属不同事项的认定“不同事项”后重新提交。",
                "Compare with the resident what is listed: judge it the same and leave it there, or different and file again.",
            ),
            (Verdict::Conflict, _) => Text::fixed(
                "请查看双方内容，选定后重新保存或提交。",
                "Compare both, then save or file again what is right.",
            ),
            (_, "fields_invalid") => {
                Text::fixed("请改正所列各项后重新提交。", "Put the listed fields right and file again.")
            }
            (_, "mandate_missing" | "mandate_ended") => Text::fixed(
                "请居民重新授权后再提交。",
                "Ask the resident for a new mandate, then file again.",
            ),
            (_, "form_outdated") => Text::fixed(
                "请更新资料包，按新表核对后重新填写。",
                "Update the pack and fill in the new form.",
            ),
            (_, "device_revoked") => Text::fixed(
                "设备已停用，请联系督导核实后处理。",
                "The device is out of use; a supervisor will look at it.",
            ),
            (_, "dismissed") => Text::fixed(
                "如有异议，请与作出决定的人联系。",
                "Talk to whoever decided if you see it differently.",
            ),
            (_, "file_too_large") => Text::fixed("请压缩或重新拍照。", "Take a smaller picture."),
            _ => Text::fixed("请联系窗口或督导处理。", "Ask the window or your supervisor."),
        })
    }
}

/// 操作结论
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VerdictView {
    /// The operation; none, where what was sent had no id that can be read.
    pub operation: Option<Uuid>,
    /// In one word.
    pub verdict: Verdict,
    /// Of a duplicate that came before: what became of the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Verdict>,
    /// What it means.
    pub text: Text,
    /// What to do now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Text>,
    /// Where the record stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// The fields two have changed, with both values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clashes: Vec<Clash>,
    /// Why it was not done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub obstacle: Option<Obstacle>,
    /// What it waits for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waits_for: Vec<Uuid>,
    /// How far the device's clock was believed.
    pub clock: DeviceClock,
}

impl VerdictView {
    /// In words.
    pub fn of(operation: Option<Uuid>, settled: Settled) -> Self {
        let (text, remedy) = (settled.text(), settled.remedy());
        let Settled { verdict, outcome, clashes, obstacle, waits_for, clock } = settled;
        Self { operation, verdict, first: None, text, remedy, outcome, clashes, obstacle, waits_for, clock }
    }

    /// The same, for one that came before.
    #[must_use]
    pub fn again(self) -> Self {
        let text = Text::fixed("此前已收到，结论如前。", "Came before; the verdict stands.");
        Self { first: Some(self.verdict), verdict: Verdict::Duplicate, text, ..self }
    }
}

/// The refusal of changes that lead nowhere.
pub fn nowhere(pointers: &[String]) -> Refusal {
    let zh = "修改的位置不存在。";
    let mut refusal =
        Refusal::field("/deed/changes", "pointer_unknown", zh, "There is no such place in the form.");
    refusal.context.push(("pointers", json!(pointers)));
    refusal
}
