//! The checklist of a housing aid form. What the government holds is fetched; of health there is one
//! document at most, and only where the family claims the certificate it stands for.

use super::HousingAidForm;
use super::parts::{AidIncome, AidProjectKind, HousingDifficulty};
use crate::catalog::family::MaritalStatus;
use crate::domain::material::{MaterialRequirement, MaterialSource, Necessity};
use crate::domain::text::Text;

/// The checklist.
pub fn materials(form: &HousingAidForm) -> Vec<MaterialRequirement> {
    let fetched =
        || Text::fixed("由系统调取；调取不到再上传。", "Fetched by the system; upload only if that fails.");
    let held = |code: &str, zh: &'static str, en: &'static str| {
        MaterialRequirement::required(code, Text::fixed(zh, en), fetched())
            .from_source(MaterialSource::Government)
            .as_necessity(Necessity::Deferrable)
    };
    let own = |code: &str, zh: &'static str, en: &'static str, why_zh: &'static str, why_en: &'static str| {
        MaterialRequirement::required(code, Text::fixed(zh, en), Text::fixed(why_zh, why_en))
    };
    let mut list = vec![
        held("id_documents", "夫妻双方身份证、户口簿", "ID cards and household book of the couple"),
        held(
            "children_documents",
            "子女出生医学证明或户口簿",
            "Birth certificates or household book of the children",
        ),
        own(
            "community_minutes",
            "社区核查和评议记录",
            "Record of the community's check",
            "含村(居)公示情况。",
            "With its own notice.",
        )
        .from_source(MaterialSource::Other),
        own(
            "payee_card",
            "收款账户（一卡通）",
            "Account of the payee",
            "户名为丈夫或妻子。",
            "In the husband's or the wife's name.",
        ),
    ];
    list.push(match form.marital_status {
        MaritalStatus::Divorced => {
            held("divorce_document", "离婚证或判决书", "Divorce certificate or judgment")
        }
        MaritalStatus::Widowed => {
            held("death_certificate", "配偶死亡证明", "Death certificate of the spouse")
        }
        MaritalStatus::Single | MaritalStatus::Married => {
            held("marriage_certificate", "结婚证", "Marriage certificate")
        }
    });
    if form.certificates.only_child_certificate {
        list.push(held("only_child_certificate", "独生子女父母光荣证", "Certificate of an only child"));
    }
    if form.certificates.two_daughters_certificate {
        let why = ("只核对证明有无，不留存健康信息。", "Only whether it exists; no health data is kept.");
        let line =
            own("two_daughters_certificate", "二女户证明", "Certificate of two daughters", why.0, why.1);
        list.push(line.as_necessity(Necessity::Deferrable));
    }
    if form.children.iter().any(|child| !child.alive) {
        list.push(held("child_death_certificate", "子女死亡证明", "Death certificate of the child"));
    }
    if form.children.iter().any(|child| child.adopted) {
        list.push(held("adoption_certificate", "收养登记证", "Certificate of adoption"));
    }
    list.push(match &form.difficulty {
        HousingDifficulty::NoneOwned {} => {
            held("no_house_record", "不动产登记查询结果", "Search of the property register")
        }
        HousingDifficulty::Dangerous { .. } => own(
            "appraisal_report",
            "房屋安全鉴定报告",
            "Appraisal report",
            "鉴定等级的依据。",
            "Shows the grade.",
        ),
        HousingDifficulty::Crowded { .. } => own(
            "house_photos",
            "现住房照片和面积证明",
            "Pictures and area of the present house",
            "核对人均面积。",
            "For the area per head.",
        ),
    });
    if form.income != AidIncome::Ordinary {
        list.push(held(
            "income_record",
            "低保或低收入认定",
            "Record of the minimum living allowance or low income",
        ));
    }
    list.push(match form.project.kind {
        AidProjectKind::Purchase => {
            own("purchase_contract", "购房合同", "Contract of purchase", "网签备案合同。", "As registered.")
        }
        AidProjectKind::NewBuild | AidProjectKind::Rebuild => {
            held("building_permit", "宅基地批准书、规划许可证", "Homestead approval and building permit")
        }
    });
    list
}
