//! The checklist of a house form: what every household brings, and what this one's answers add.

use super::plan::HouseLand;
use super::site::{HouseOpinion, HouseTitle};
use super::{HouseBuildKind, HouseRebuildForm};
use crate::domain::material::{MaterialRequirement, MaterialSource, Necessity};
use crate::domain::text::Text;

/// The checklist.
pub fn materials(form: &HouseRebuildForm) -> Vec<MaterialRequirement> {
    let mut list = Vec::new();
    let mut own =
        |code: &str, zh: &'static str, en: &'static str, why_zh: &'static str, why_en: &'static str| {
            list.push(MaterialRequirement::required(code, Text::fixed(zh, en), Text::fixed(why_zh, why_en)));
        };
    let plain = ("原件或清晰照片。", "Original or a clear picture.");
    own(
        "appraisal_report",
        "房屋安全鉴定报告",
        "Appraisal report",
        "鉴定等级的依据，不能容缺。",
        "Shows the grade; cannot follow later.",
    );
    own(
        "house_photos",
        "危房现状照片",
        "Photographs of the house",
        "四面外观和危险点。",
        "All four sides and the dangerous points.",
    );
    own(
        "neighbours_opinions",
        "四邻意见书",
        "Opinions of the four neighbours",
        "逐户签字，注明日期。",
        "Signed by each, with the date.",
    );
    own(
        "collective_minutes",
        "集体讨论会议纪要",
        "Minutes of the collective",
        "土地管理法实施条例 34。",
        "土地管理法实施条例 34.",
    );
    own(
        "village_notice_record",
        "村内公示记录和照片",
        "Record and pictures of the village notice",
        "含起止日期。",
        "With its first and last day.",
    );
    own(
        "position_plan",
        "宅基地位置图",
        "Plan of the position",
        "标明四至和尺寸。",
        "With the four boundaries and measures.",
    );
    own("drawings", "建筑施工图", "Drawings", "通用图集注明编号。", "For a standard drawing, its number.");
    own("builder_certificate", "工匠证书或施工资质", "Builder's certificate", plain.0, plain.1);
    own(
        "commitment_letter",
        "旧宅处置承诺书",
        "Commitment to clear the old house",
        "写明拆除或退回日期。",
        "With the date of demolition or return.",
    );

    let opinions = || form.site.neighbours.iter().map(|neighbour| &neighbour.opinion);
    if !form.co_owners.is_empty() {
        own(
            "co_owner_consent",
            "共有人、继承人同意书",
            "Consent of co-owners and heirs",
            "全部共有人签字。",
            "Signed by all of them.",
        );
    }
    if form.homesteads.iter().any(|old| old.to_be_rebuilt && matches!(old.title, HouseTitle::VillageProof {}))
    {
        own(
            "village_title_proof",
            "村(居)权属证明",
            "Village's proof of ownership",
            "没有权证时须提供。",
            "Where there is no certificate.",
        );
    }
    if form.kind == HouseBuildKind::NewSite {
        own(
            "return_agreement",
            "宅基地退回协议",
            "Agreement to return the homestead",
            "异地新建须退回原宅基地。",
            "A new place means returning the old.",
        );
    }
    if opinions().any(|opinion| matches!(opinion, HouseOpinion::Unreachable { .. })) {
        own(
            "contact_record",
            "联系邻户记录",
            "Record of the attempts to reach a neighbour",
            "联系不上的邻户。",
            "For the one not reached.",
        );
    }
    let later = |code: &str, name: Text, why: Text, source| {
        MaterialRequirement::required(code, name, why).from_source(source).as_necessity(Necessity::Deferrable)
    };
    if opinions().any(|opinion| matches!(opinion, HouseOpinion::Disagree { .. })) {
        let why = Text::fixed(
            "邻户不同意的，先由社区调解。",
            "A neighbour disagrees: the community mediates first.",
        );
        list.push(later(
            "mediation_record",
            Text::fixed("调解记录", "Record of the mediation"),
            why,
            MaterialSource::Other,
        ));
    }
    let fetched =
        || Text::fixed("由系统调取；调取不到再上传。", "Fetched by the system; upload only if that fails.");
    let mut held = |code: &str, zh: &'static str, en: &'static str| {
        list.push(later(code, Text::fixed(zh, en), fetched(), MaterialSource::Government));
    };
    held("id_documents", "户口簿、身份证", "Household book and ID cards");
    if form.homesteads.iter().any(|old| matches!(old.title, HouseTitle::Certificate { .. })) {
        held("title_certificate", "不动产权证或宅基地使用证", "Title certificate");
    }
    if form.splits_household {
        held("marriage_certificate", "结婚证（分户）", "Marriage certificate, for the split household");
    }
    if matches!(form.plan.land, HouseLand::Farmland { .. }) {
        held("conversion_approval", "农用地转用批准文件", "Approval of the farmland conversion");
    }
    list
}
