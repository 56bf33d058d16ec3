//! An application as one person may see it: what their capacity hides is masked or left out, and what
//! they may do now is listed, so that clients hold no rules.

use chrono::{DateTime, FixedOffset, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Office;
use super::applicants::of_a_child;
use super::clocks_view::{ClocksView, DeadlineView, local};
use super::masking::{Extent, mask};
use crate::domain::application::{Application, Submission};
use crate::domain::correction::{CorrectionNotice, Promise};
use crate::domain::deadline::civil_date;
use crate::domain::lifecycle::{ActionKind, Role, Status};
use crate::domain::mandate::Guardianship;
use crate::domain::material::{MaterialRequirement, MaterialVerdict};
use crate::domain::region::Region;
use crate::domain::review::{Decision, Delivery, Extension, Opinion, SiteVisit, Suspension};
use crate::domain::text::Text;
use crate::storage::queue::Lease;

/// 申请人
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ApplicantView {
    /// 姓名
    pub name: String,
    /// 证件号码, masked but for the applicant; staff reveal it for a purpose.
    pub id_number: String,
    /// 电话, masked but for the applicant; staff reveal it for a purpose.
    pub phone: String,
}

/// 法定代理人
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RepresentativeView {
    /// 姓名
    pub name: String,
    /// 证件号码, masked.
    pub id_number: String,
    /// 与未成年人的关系
    pub relation: Guardianship,
    /// 同意处理该未成年人的个人信息
    pub consent: bool,
}

/// 承办人
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HolderView {
    /// Name.
    pub name: String,
    /// Since when.
    pub since: DateTime<FixedOffset>,
    /// Until when, unless renewed.
    pub until: DateTime<FixedOffset>,
}

impl From<&Lease> for HolderView {
    fn from(lease: &Lease) -> Self {
        Self { name: lease.holder_name.clone(), since: local(lease.since), until: local(lease.until) }
    }
}

/// 部门审查
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReviewView {
    /// Department code.
    pub department: String,
    /// Department name.
    pub name: Option<String>,
    /// Whether its opinion is outstanding.
    pub pending: bool,
    /// For staff: the reviewer.
    pub reviewer: Option<String>,
    /// For staff: the opinion.
    pub opinion: Option<Opinion>,
    /// For staff: the reason.
    pub reason: Option<String>,
    /// 再次送审: it has been here before.
    pub again: bool,
}

/// 公示
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicNoticeView {
    /// Text.
    pub text: String,
    /// Where it hangs.
    pub place: String,
    /// From.
    pub from: DateTime<FixedOffset>,
    /// Last day.
    pub until: DeadlineView,
    /// Objections so far.
    pub objections: usize,
    /// Of these without an answer.
    pub open_objections: usize,
    /// When it ended.
    pub closed_at: Option<DateTime<FixedOffset>>,
    /// For officials: the objections themselves.
    pub details: Option<Vec<crate::domain::review::Objection>>,
}

/// 办件
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ApplicationView {
    /// Id.
    pub id: Uuid,
    /// Version; the ETag, and what If-Match must name.
    pub version: i64,
    /// Code of the service item.
    pub service: String,
    /// Its name.
    pub service_name: Text,
    /// Version of the guide the applicant was told.
    pub guide_version: u32,
    /// Where it stands.
    pub status: Status,
    /// What the counter calls that.
    pub status_label: Text,
    /// Community or grid.
    #[schema(value_type = Region)]
    pub region: String,
    /// Its name.
    pub region_name: Option<String>,
    /// 申办流水号
    pub receipt_no: Option<String>,
    /// 查询码, for the applicant and the window.
    pub query_code: Option<String>,
    /// 申请人
    pub applicant: ApplicantView,
    /// 法定代理人, where the applicant is a minor.
    pub representative: Option<RepresentativeView>,
    /// The line in the queue.
    pub headline: String,
    /// The form; numbers and addresses masked but for the applicant.
    pub form: Value,
    /// 材料清单 as told.
    pub checklist: Vec<MaterialRequirement>,
    /// Materials announced at the door whose files have not come yet, by code.
    pub pending_files: Vec<String>,
    /// 材料核验
    pub verdicts: Vec<MaterialVerdict>,
    /// 提交记录
    pub submissions: Vec<Submission>,
    /// 补正告知
    pub correction: Option<CorrectionNotice>,
    /// 容缺承诺
    pub promises: Vec<Promise>,
    /// 部门审查
    pub reviews: Vec<ReviewView>,
    /// 现场踏勘
    pub site_visits: Vec<SiteVisit>,
    /// 特别程序
    pub suspension: Option<Suspension>,
    /// 延期
    pub extension: Option<Extension>,
    /// 公示
    pub public_notice: Option<PublicNoticeView>,
    /// 决定
    pub decision: Option<Decision>,
    /// 送达
    pub delivery: Option<Delivery>,
    /// Why it ended without a decision.
    pub ending: Option<String>,
    /// 时限
    pub clocks: ClocksView,
    /// 承办人
    pub holder: Option<HolderView>,
    /// 可办动作
    pub available_actions: Vec<ActionKind>,
    /// 疑似重复: it may be in twice, as far as the viewer may know; `…/duplicates` tells.
    pub duplicate_suspected: bool,
    /// Made at.
    pub created_at: DateTime<FixedOffset>,
    /// Last changed at.
    pub updated_at: DateTime<FixedOffset>,
}

/// What the view needs beside the application itself.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// In which capacities the viewer meets it.
    pub roles: Vec<Role>,
    /// Who holds it.
    pub lease: Option<Lease>,
    /// What the viewer may do now.
    pub available: Vec<ActionKind>,
    /// Materials announced at the door whose files have not come yet.
    pub pending: Vec<String>,
    /// It may be in twice.
    pub suspected: bool,
}

impl Office {
    /// The application as the viewer may see it.
    pub fn view(
        &self,
        application: Application,
        around: Surroundings,
        now: DateTime<Utc>,
    ) -> ApplicationView {
        let own = around.roles.contains(&Role::Resident);
        let handles = around.roles.iter().any(|role| role.handles_cases());
        let child = of_a_child(&application, civil_date(now));
        let named = own || (handles && !child);
        let staff = around.roles.iter().any(|r| !matches!(r, Role::Resident));
        let office = around.roles.contains(&Role::Official);
        let knowledge = self.knowledge();
        let clocks = ClocksView::of(application.clocks(self.desk(now)), application.dossier.deemed, now);
        let service_name = crate::catalog::find(&application.service)
            .map_or_else(|| Text::fixed("未知事项", "unknown item"), |entry| entry.guide().name.clone());
        let person = &application.applicant;
        let applicant = ApplicantView {
            name: if named { person.name.as_str().to_owned() } else { person.name.masked() },
            id_number: if own { person.id_number.as_str().to_owned() } else { person.id_number.masked() },
            phone: if own { person.phone.as_str().to_owned() } else { person.phone.masked() },
        };
        let mut form = application.form;
        if !own {
            mask(&mut form, if child { Extent::Names } else { Extent::Identifiers });
        }
        let dossier = application.dossier;
        ApplicationView {
            id: application.id,
            version: application.version,
            service: application.service,
            service_name,
            guide_version: dossier.guide_version,
            status: application.status,
            status_label: application.status.label(),
            region_name: knowledge.regions.name_of(&application.region).map(str::to_owned),
            region: application.region.as_str().to_owned(),
            receipt_no: application.receipt_no.map(|number| number.as_str().to_owned()),
            query_code: handles.then_some(application.query_code),
            applicant,
            representative: dossier.representative.map(|by| RepresentativeView {
                name: if named { by.name.as_str().to_owned() } else { by.name.masked() },
                id_number: by.id_number.masked(),
                relation: by.relation,
                consent: by.consent,
            }),
            headline: application.headline,
            form,
            checklist: dossier.checklist,
            pending_files: around.pending,
            verdicts: dossier.verdicts,
            submissions: dossier.submissions,
            correction: dossier.correction,
            promises: dossier.promises,
            reviews: dossier
                .reviews
                .into_iter()
                .map(|review| ReviewView {
                    name: knowledge.organisation.department(&review.department).map(|d| d.name.clone()),
                    department: review.department,
                    pending: review.opinion.is_none(),
                    reviewer: review.reviewer_name.filter(|_| staff),
                    opinion: review.opinion.filter(|_| staff),
                    reason: review.reason.filter(|_| staff),
                    again: review.returns > 0,
                })
                .collect(),
            site_visits: dossier.site_visits,
            suspension: dossier.suspension,
            extension: dossier.extension,
            public_notice: dossier.notice.map(|notice| PublicNoticeView {
                objections: notice.objections.len(),
                open_objections: notice.open_objections(),
                from: local(notice.from),
                until: notice.until.into(),
                closed_at: notice.closed_at.map(local),
                details: office.then_some(notice.objections),
                text: notice.text,
                place: notice.place,
            }),
            decision: dossier.decision,
            delivery: dossier.delivery,
            ending: dossier.ending,
            clocks,
            holder: around.lease.as_ref().filter(|lease| staff && lease.until > now).map(HolderView::from),
            available_actions: around.available,
            duplicate_suspected: around.suspected,
            created_at: local(application.created_at),
            updated_at: local(application.updated_at),
        }
    }
}
