//! 居住证: first issue, yearly endorsement, change of address, replacement, for citizens registered in another
//! city. 居住证暂行条例（国务院令663号）2, 9-11, 20. The community window may be entrusted to take it in; the police
//! decide and issue within 15 natural days, 30 at most.

pub mod parts;
pub mod policy;
mod rules;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::Validate;

use super::guide::{Alias, Guide, ItemType};
use super::household::Family;
use super::item::{Facts, Finding, ServiceItem};
use super::violation::truth_declared;
use crate::domain::application::Track;
use crate::domain::deadline::Limit;
use crate::domain::limits::Limits;
use crate::domain::material::{MaterialRequirement, MaterialSource, Necessity};
use crate::domain::real_name::RealName;
use crate::domain::text::{FieldError, Text};
use parts::{
    ResidenceAgent, ResidenceGround, ResidenceHolder, ResidencePlace, ResidencePlaceKind, ResidencePurpose,
};
pub use policy::ResidencePermitPolicy;

/// 居住证
pub struct ResidencePermit;

const GUIDE: Guide = Guide {
    code: "residence_permit",
    version: 1,
    name: Text::fixed("居住证申领、签注、变更、换补领", "Residence permit"),
    aliases: &[
        Alias::former("暂住证", 2015),
        Alias::former("暂住登记证", 2015),
        Alias::current("流动人口居住证"),
        Alias::current("居住证签注"),
    ],
    keywords: &["居住证", "外来", "务工", "签注", "续签", "租房", "上学", "居住登记", "补办"],
    item_type: ItemType::PublicService,
    legal_basis: &["居住证暂行条例 2, 9, 10, 11, 20"],
    accepting: "社区便民服务中心（受公安机关委托）",
    deciding: "晋江市公安局（灵源派出所）",
    departments: &["police"],
    conditions: &[
        Text::fixed(
            "户籍在外地，在本地办理居住登记满半年，并有合法稳定就业、合法稳定住所、连续就读之一。",
            "Registered in another city, half a year of residence registration here, and a job, a home or a school.",
        ),
        Text::fixed(
            "每年签注一次：居住每满一年之日前一个月内办理；逾期中止使用，补办后恢复，年限重新起算。",
            "Endorsed yearly in the month before each full year; lapsed it is suspended, made up it works again and the years count anew.",
        ),
        Text::fixed(
            "未满16周岁的、行动不便的老年人和残疾人，可由监护人、近亲属代办，双方出示身份证件。",
            "Guardians and near relatives may act for those under 16 and for the old and disabled who can hardly move; both show their IDs.",
        ),
        Text::fixed(
            "自受理之日起15日内制发，特殊情况最长30日。",
            "Issued within 15 days of acceptance, in special cases within 30.",
        ),
    ],
    flow: &["申请", "接件", "受理", "公安审核", "制证", "送达"],
    track: Track::Committed,
    limits: Limits {
        // The law says natural days, 30 in all, and an extension counts working days: five of them stay
        // within the law even across a long holiday.
        extension_working_days: 5,
        ..Limits::standard(Some(Limit::natural_days(15)), Limit::natural_days(15))
    },
    on_site_visits: 1,
    charges: false,
    fee: "首次申领、签注不收费；换领、补领的工本费由公安机关按规定收取（居住证暂行条例 20）",
    result: Text::fixed("居住证", "Residence permit"),
    enquiries: "12345",
    complaints: "12345",
    real_name: RealName::BENEFIT,
    sample_data: false,
};

/// 居住证申领（签注、变更、换补领）表
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResidencePermitForm {
    /// 业务类型
    pub purpose: ResidencePurpose,
    /// 申领人
    pub holder: ResidenceHolder,
    /// 居住地
    pub residence: ResidencePlace,
    /// 申领依据: a job, a home or a school.
    pub ground: ResidenceGround,
    /// 相片回执编号 of the digital photo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 6, max_length = 32)]
    pub photo_receipt: Option<String>,
    /// 代办人
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<ResidenceAgent>,
    /// 申请人声明属实
    #[validate(custom(function = "truth_declared"))]
    pub declared_true: bool,
}

/// What shows the address, by the kind of place.
fn address_proof(kind: ResidencePlaceKind) -> MaterialRequirement {
    let own = |code: &str, zh: &'static str, en: &'static str| {
        let why = Text::fixed("证明现居住地在本街道。", "Shows the residence in this sub-district.");
        MaterialRequirement::required(code, Text::fixed(zh, en), why)
    };
    match kind {
        ResidencePlaceKind::Rented => own("lease", "房屋租赁合同", "Lease"),
        ResidencePlaceKind::Owned => {
            own("property_certificate", "不动产权证书或购房合同", "Property certificate or sale contract")
                .from_source(MaterialSource::Government)
                .as_necessity(Necessity::Deferrable)
        }
        ResidencePlaceKind::EmployerDormitory => {
            own("dormitory_proof", "用人单位出具的住宿证明", "Proof of lodging by the employer")
        }
        ResidencePlaceKind::SchoolDormitory => {
            own("dormitory_proof", "就读学校出具的住宿证明", "Proof of lodging by the school")
        }
        ResidencePlaceKind::WithRelatives => {
            own("lodging_proof", "房屋权属人出具的住宿证明", "Proof of lodging by the owner")
        }
    }
}

impl ServiceItem for ResidencePermit {
    type Form = ResidencePermitForm;

    const GUIDE: Guide = GUIDE;

    fn rules(form: &Self::Form, facts: &Facts<'_>) -> Vec<FieldError> {
        rules::rules(form, facts.today, &facts.policies.residence_permit)
    }

    fn materials(form: &Self::Form, facts: &Facts<'_>) -> Vec<MaterialRequirement> {
        let own = |code: &str, zh: &'static str, en: &'static str, why: Text| {
            MaterialRequirement::required(code, Text::fixed(zh, en), why)
        };
        let shown = Text::fixed("出示原件，核对后退还。", "Shown and handed back.");
        let mut list = vec![own("id_card", "本人居民身份证", "ID card of the applicant", shown.clone())];
        let first = matches!(form.purpose, ResidencePurpose::First {});
        let made = first || matches!(form.purpose, ResidencePurpose::Replace { .. });
        if made && form.photo_receipt.is_none() {
            let why = Text::fixed(
                "近期正面免冠彩色相片；有相片回执编号的免交。",
                "Recent, bare-headed, in colour; not needed with a photo receipt.",
            );
            list.push(own("photo", "本人相片", "Photo", why));
        }
        list.push(address_proof(form.residence.kind));
        if first {
            let record = Text::fixed("由公安人口系统核对。", "Looked up in the police register.");
            list.push(
                own(
                    "residence_registration",
                    "居住登记满半年记录",
                    "Half a year of residence registration",
                    record,
                )
                .from_source(MaterialSource::Government)
                .as_necessity(Necessity::Deferrable),
            );
            match form.ground {
                ResidenceGround::Job { .. } => {
                    let why = Text::fixed(
                        "营业执照、劳动合同、用人单位证明等任选一种。",
                        "Licence, contract or the employer's letter: one of them.",
                    );
                    list.push(own("job_proof", "就业证明", "Proof of the job", why));
                }
                ResidenceGround::Study { .. } => {
                    let why = Text::fixed(
                        "学生证、学校出具的其他证明任选一种。",
                        "Student card or another proof by the school.",
                    );
                    list.push(own("study_proof", "就读证明", "Proof of studying", why));
                }
                // The proof of the address is the proof of the home.
                ResidenceGround::Home { .. } => {}
            }
        }
        if let Some(why) = rules::hand_in(form, facts.today, &facts.policies.residence_permit) {
            list.push(own("permit", "原居住证", "The present permit", why));
        }
        if form.agent.is_some() {
            list.push(own("agent_id", "代办人居民身份证", "ID card of the agent", shown));
            let why = Text::fixed("证明监护或近亲属关系。", "Shows the relation to the applicant.");
            list.push(
                own("relation_proof", "关系证明", "Proof of relation", why)
                    .as_necessity(Necessity::Deferrable),
            );
        }
        list
    }

    fn eligibility(form: &Self::Form, facts: &Facts<'_>) -> Vec<Finding> {
        rules::eligibility(form, facts.today, &facts.policies.residence_permit)
    }

    fn headline(form: &Self::Form) -> String {
        let what = match form.purpose {
            ResidencePurpose::First {} => "首次申领",
            ResidencePurpose::Endorse { .. } => "年度签注",
            ResidencePurpose::ChangeAddress { .. } => "住址变更",
            ResidencePurpose::Replace { .. } => "换领补领",
        };
        format!("居住证 · {} · {what}", form.holder.name.masked())
    }

    fn prefill(family: &Family) -> Value {
        json!({"holder": family.oneself()})
    }

    fn sample() -> Value {
        json!({
            "purpose": {"kind": "first"},
            "holder": {
                "name": "罗文杰",
                "id_number": "350582199003070016",
                "registered_address": "江西省赣州市于都县贡江镇长征大道1号",
                "registered_in_city": false,
                "phone": "13805950051"
            },
            "residence": {
                "address": "福建省晋江市灵源街道灵水社区工业路12号302室",
                "in_street": true,
                "kind": "rented",
                "registered_on": "2026-02-20",
                "continuous": true
            },
            "ground": {"kind": "job", "employer": "晋江市某某鞋业有限公司", "since": "2026-02-25"},
            "photo_receipt": "35058226110001",
            "declared_true": true
        })
    }
}

#[cfg(test)]
mod tests;
