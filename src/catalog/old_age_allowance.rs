//! 高龄津贴: a monthly allowance by age band for the very old registered in the sub-district.
//! 老年人权益保障法 33. Bands and amounts are data; the age is counted by the civil day, and one may apply a
//! month before the birthday so that the money comes in time.

pub mod policy;
mod rules;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::Validate;

use super::family::{PayeeAccount, Relation};
use super::guide::{Alias, Guide, ItemType};
use super::household::Family;
use super::item::{Facts, Finding, ServiceItem};
use super::violation::truth_declared;
use crate::domain::application::Track;
use crate::domain::contact::PhoneNumber;
use crate::domain::deadline::Limit;
use crate::domain::id_number::IdNumber;
use crate::domain::limits::Limits;
use crate::domain::material::{MaterialRequirement, MaterialSource, Necessity};
use crate::domain::person_name::PersonName;
use crate::domain::real_name::RealName;
use crate::domain::text::{FieldError, Text};
pub use policy::OldAgeAllowancePolicy;

/// 高龄津贴
pub struct OldAgeAllowance;

const GUIDE: Guide = Guide {
    code: "old_age_allowance",
    version: 1,
    name: Text::fixed("高龄津贴申请", "Old-age allowance"),
    aliases: &[Alias::current("高龄补贴"), Alias::current("高龄老人津贴"), Alias::current("长寿金")],
    keywords: &["老人", "80岁", "八十岁", "90岁", "百岁", "敬老", "尊老金", "长者", "津贴"],
    item_type: ItemType::Benefit,
    legal_basis: &["老年人权益保障法 33"],
    accepting: "社区便民服务中心",
    deciding: "晋江市民政局",
    departments: &["civil_affairs"],
    conditions: &[
        Text::fixed(
            "户籍在本街道，年满80周岁；可在生日前一个月提出申请。",
            "Registered in this sub-district and 80 or older; one may apply from a month before the birthday.",
        ),
        Text::fixed(
            "年龄进入更高档次（90、100周岁）时按新档次核定。",
            "On reaching a higher band (90, 100) the amount is set anew.",
        ),
        Text::fixed(
            "同一人只在户籍地领取一份；去世或户籍迁出后停发。",
            "One allowance per person, where registered; it ends with death or a move of the registration.",
        ),
        Text::fixed(
            "须经健在核验，行动不便的由工作人员上门办理。",
            "The person is seen alive; staff come to the door of those who cannot walk.",
        ),
    ],
    flow: &["申请", "接件", "受理", "健在核验", "审核", "送达", "按月发放"],
    track: Track::Committed,
    limits: Limits { extension_working_days: 0, ..Limits::standard(None, Limit::working_days(10)) },
    on_site_visits: 0,
    charges: false,
    fee: "不收费",
    result: Text::fixed("高龄津贴核定通知", "Notice of the allowance"),
    enquiries: "12345",
    complaints: "12345",
    real_name: RealName::BENEFIT,
    sample_data: true,
};

/// 居住状况
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OldAgeLiving {
    /// 独居
    Alone,
    /// 与配偶同住
    WithSpouse,
    /// 与子女或亲属同住
    WithFamily,
    /// 养老机构
    Institution,
}

/// 老年人
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OldAgePerson {
    /// 姓名
    pub name: PersonName,
    /// 公民身份号码: tells the age.
    pub id_number: IdNumber,
    /// 户籍地址
    #[schema(min_length = 4, max_length = 120)]
    pub registered_address: String,
    /// 户籍在本街道
    pub registered_in_street: bool,
    /// 现居住地址
    #[schema(min_length = 4, max_length = 120)]
    pub residence_address: String,
    /// 居住状况
    pub living: OldAgeLiving,
    /// 联系电话, perhaps a child's.
    pub phone: PhoneNumber,
}

/// 代办人
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OldAgeAgent {
    /// 姓名
    pub name: PersonName,
    /// 公民身份号码
    pub id_number: IdNumber,
    /// 与老年人的关系
    pub relation: Relation,
    /// 是法定监护人
    pub guardian: bool,
    /// 联系电话
    pub phone: PhoneNumber,
}

/// 申请类型
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum OldAgePurpose {
    /// 首次申请
    First {},
    /// 档次调整
    BandChange {
        /// 现领档次: the age from which it is paid.
        #[schema(minimum = 60, maximum = 120)]
        present_age_band: u32,
    },
}

/// 健在核验方式
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OldAgeCheckMethod {
    /// 窗口见到本人
    Counter,
    /// 上门见到本人
    Doorstep,
    /// 视频核验
    Video,
    /// 数据比对
    DataMatch,
}

/// 健在核验
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OldAgeAliveCheck {
    /// 方式
    pub method: OldAgeCheckMethod,
    /// 日期
    pub checked_on: NaiveDate,
    /// 核验人
    pub checked_by: PersonName,
}

/// 已领取情况
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OldAgeReceiving {
    /// 未领取
    Nothing,
    /// 在本街道领取高龄津贴
    Here,
    /// 在外地领取高龄津贴
    Elsewhere,
}

/// 高龄津贴申请表
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OldAgeAllowanceForm {
    /// 申请类型
    pub purpose: OldAgePurpose,
    /// 老年人
    pub elder: OldAgePerson,
    /// 代办人
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<OldAgeAgent>,
    /// 已领取情况
    pub receiving: OldAgeReceiving,
    /// 健在核验
    pub alive_check: OldAgeAliveCheck,
    /// 收款账户 of the person or their guardian.
    pub account: PayeeAccount,
    /// 申请人声明属实
    #[validate(custom(function = "truth_declared"))]
    pub declared_true: bool,
}

impl ServiceItem for OldAgeAllowance {
    type Form = OldAgeAllowanceForm;

    const GUIDE: Guide = GUIDE;

    fn rules(form: &Self::Form, facts: &Facts<'_>) -> Vec<FieldError> {
        rules::rules(form, facts.today, &facts.policies.old_age_allowance)
    }

    fn materials(form: &Self::Form, facts: &Facts<'_>) -> Vec<MaterialRequirement> {
        let fetched =
            Text::fixed("由系统调取；调取不到再上传。", "Fetched by the system; upload only if that fails.");
        let id_name = Text::fixed("身份证、户口簿", "ID card and household book");
        let mut list = vec![
            MaterialRequirement::required("id_documents", id_name, fetched)
                .from_source(MaterialSource::Government)
                .as_necessity(Necessity::Deferrable),
        ];
        let mut own = |code: &str, zh: &'static str, en: &'static str, why: Text| {
            list.push(MaterialRequirement::required(code, Text::fixed(zh, en), why));
        };
        if matches!(form.alive_check.method, OldAgeCheckMethod::Doorstep | OldAgeCheckMethod::Video) {
            let why =
                Text::fixed("核验当日拍摄，能看清本人。", "Taken on the day of the check; shows the person.");
            own("alive_check_picture", "健在核验照片或录像", "Picture or recording of the check", why);
        }
        if let Some(agent) = &form.agent {
            let why = Text::fixed("他人代办时核对。", "Somebody else acts.");
            own("agent_id", "代办人身份证", "ID card of the agent", why);
            if agent.guardian {
                let why = Text::fixed("监护人代领的须提供。", "The guardian receives the money.");
                own("guardianship_proof", "监护证明", "Proof of guardianship", why);
            } else {
                let why = Text::fixed("老年人签字或按手印。", "Signed or finger-printed by the person.");
                own("authorisation", "授权委托书", "Authorisation", why);
            }
        }
        if form.receiving == OldAgeReceiving::Elsewhere {
            let why = Text::fixed("证明原领取地已停发。", "Shows that payment there has ended.");
            own("stop_proof", "外地停发证明", "Proof that payment elsewhere ended", why);
        }
        own(
            "account_proof",
            "收款账户信息",
            "Account details",
            rules::forecast(form, facts.today, &facts.policies.old_age_allowance),
        );
        list
    }

    fn eligibility(form: &Self::Form, facts: &Facts<'_>) -> Vec<Finding> {
        rules::eligibility(form, facts.today, &facts.policies.old_age_allowance)
    }

    fn headline(form: &Self::Form) -> String {
        let what = match form.purpose {
            OldAgePurpose::First {} => "首次申请",
            OldAgePurpose::BandChange { .. } => "档次调整",
        };
        format!("高龄津贴 · {} · {what}", form.elder.name.masked())
    }

    fn prefill(family: &Family) -> Value {
        json!({"elder": family.eldest()})
    }

    fn sample() -> Value {
        json!({
            "purpose": {"kind": "first"},
            "elder": {
                "name": "吴福来",
                "id_number": "350582194512080017",
                "registered_address": "福建省晋江市灵源街道灵水社区西区2号",
                "registered_in_street": true,
                "residence_address": "福建省晋江市灵源街道灵水社区西区2号",
                "living": "with_family",
                "phone": "13805950031"
            },
            "agent": {
                "name": "吴建国",
                "id_number": "350582199203070010",
                "relation": "grandchild",
                "guardian": false,
                "phone": "13805950031"
            },
            "receiving": "nothing",
            "alive_check": {"method": "doorstep", "checked_on": "2026-08-28", "checked_by": "许文斌"},
            "account": {"holder": "吴福来", "number": "6222020000000000018", "bank": "晋江农商银行灵源支行"},
            "declared_true": true
        })
    }
}

#[cfg(test)]
mod tests;
