//! From the counter to a wanted status: the steps that people would take, on days that could have been.

use super::case::Case;
use crate::domain::action::Action;
use crate::domain::actor::Actor;
use crate::domain::application::Track;
use crate::domain::correction::Gap;
use crate::domain::event::Channel;
use crate::domain::lifecycle::Status;
use crate::domain::refusal::Refusal;
use crate::domain::review::{DeliveryMethod, Opinion, SiteVisit, SuspensionGround};
use crate::usecases::Failure;

/// Visits an item's policy may ask for before its next step.
const STAGES: [&str; 2] = ["home_visit", "site_selection"];

/// Longer than any public notice, in days.
const NOTICE: i64 = 10;

/// How many days ago it has to be filed so that it stands in this status today.
pub fn age(wanted: Status, track: Track) -> i64 {
    let committed = track == Track::Committed;
    match wanted {
        Status::Draft => 2,
        Status::Submitted | Status::Accepted => 1,
        Status::Correcting => 5,
        Status::InReview => 6,
        Status::Returned | Status::PublicNotice => 8,
        Status::Suspended => 9,
        Status::Declined | Status::Withdrawn => 11,
        Status::Approved if committed => 28,
        Status::Rejected if committed => 20,
        Status::Approved | Status::Rejected => 3,
        Status::Delivered if committed => 32,
        Status::Delivered => 6,
        Status::Closed if committed => 44,
        Status::Closed => 24,
        Status::Terminated => 48,
    }
}

fn unreachable() -> Failure {
    Refusal::conflict("demo", "本事项没有这个状态。", "This item has no such status.").into()
}

/// Moves a submitted application to the wanted status.
pub async fn go(case: &mut Case<'_>, wanted: Status, channel: Channel) -> Result<(), Failure> {
    let (clerk, filer) = (case.clerk.clone(), case.filer.clone());
    match wanted {
        Status::Draft | Status::Submitted => Ok(()),
        // An unanswered notice is ended by the clock.
        Status::Correcting | Status::Terminated => {
            case.wait(1);
            ask_to_correct(case, &clerk).await
        }
        Status::Declined => {
            case.wait(2);
            let reason = "申请人户籍和居住地均不在本街道".to_owned();
            let (basis, right_office) = ("行政许可法 32(2)".to_owned(), "户籍地便民服务中心".to_owned());
            case.act(&clerk, Action::Decline { reason, basis, right_office }).await
        }
        Status::Withdrawn => {
            case.wait(1);
            case.act(&filer, Action::Withdraw { reason: Some("家中另有安排".to_owned()) }).await
        }
        Status::Accepted => accept(case, &clerk).await,
        Status::Closed => {
            case.wait(1);
            ask_to_correct(case, &clerk).await?;
            case.wait(2);
            case.act(&filer, Action::Correct { form: None }).await?;
            decide(case, &clerk, true, channel).await?;
            deliver(case, &clerk).await?;
            case.wait(1);
            case.act(&clerk, Action::Close {}).await
        }
        Status::Approved => decide(case, &clerk, true, channel).await,
        Status::Rejected => decide(case, &clerk, false, channel).await,
        Status::Delivered => {
            decide(case, &clerk, true, channel).await?;
            deliver(case, &clerk).await
        }
        Status::InReview | Status::Returned | Status::Suspended | Status::PublicNotice => {
            let officials = transfer(case, &clerk).await?;
            let official = officials.first().ok_or_else(unreachable)?;
            case.wait(1);
            halfway(case, official, &officials, wanted).await
        }
    }
}

async fn halfway(
    case: &mut Case<'_>,
    official: &Actor,
    officials: &[Actor],
    wanted: Status,
) -> Result<(), Failure> {
    match wanted {
        Status::Returned => {
            let reason = "证明材料与申请表不一致，请核对。".to_owned();
            case.act(official, Action::SendBack { reason }).await
        }
        Status::Suspended => {
            let (ground, reason) = (SuspensionGround::ExpertReview, "需要专家评审".to_owned());
            case.act(official, Action::Suspend { ground, reason, working_days: 20 }).await
        }
        Status::PublicNotice => {
            endorse(case, officials, Opinion::Agree).await?;
            publish(case, official).await
        }
        // One department has spoken, the others are awaited.
        _ if officials.len() > 1 => endorse(case, &officials[..1], Opinion::Agree).await,
        _ => Ok(()),
    }
}

async fn ask_to_correct(case: &mut Case<'_>, clerk: &Actor) -> Result<(), Failure> {
    let gap = Gap {
        about: "/".to_owned(), how: "请核对申请表中的住址和联系电话，并重新签名。".to_owned()
    };
    case.act(clerk, Action::AskToCorrect { gaps: vec![gap] }).await
}

async fn accept(case: &mut Case<'_>, clerk: &Actor) -> Result<(), Failure> {
    case.wait(0);
    case.act(clerk, Action::Accept {}).await
}

/// Accepts it and hands it to the item's departments; answers their officials.
async fn transfer(case: &mut Case<'_>, clerk: &Actor) -> Result<Vec<Actor>, Failure> {
    let guide = case.entry.guide();
    if guide.track != Track::Committed {
        return Err(unreachable());
    }
    accept(case, clerk).await?;
    case.wait(1);
    let departments: Vec<String> = guide.departments.iter().map(|&code| code.to_owned()).collect();
    let officials =
        departments.iter().filter_map(|code| case.world.staff.officials.get(code).cloned()).collect();
    case.act(clerk, Action::Transfer { departments, note: None }).await?;
    Ok(officials)
}

async fn endorse(case: &mut Case<'_>, officials: &[Actor], opinion: Opinion) -> Result<(), Failure> {
    for official in officials {
        let reason = (opinion == Opinion::Disagree).then(|| "经核对不符合条件".to_owned());
        case.act(official, Action::Endorse { opinion, reason }).await?;
        case.wait(0);
    }
    Ok(())
}

/// Does it at once, or after the visits that its item asks for.
async fn after_visits(case: &mut Case<'_>, official: &Actor, action: Action) -> Result<(), Failure> {
    for stage in STAGES {
        match case.act(official, action.clone()).await {
            Err(Failure::Refused(_)) => {
                let visit = SiteVisit {
                    stage: stage.to_owned(),
                    date: case.today(),
                    officers: vec![official.name.clone(), case.clerk.name.clone()],
                    findings: "现场情况与申请一致".to_owned(),
                    passed: true,
                };
                case.act(official, Action::RecordSiteVisit { visit }).await?;
                case.wait(0);
            }
            done => return done,
        }
    }
    case.act(official, action).await
}

async fn publish(case: &mut Case<'_>, official: &Actor) -> Result<(), Failure> {
    if case.entry.guide().limits.public_notice.is_none() {
        return Err(unreachable());
    }
    let text = format!("关于本社区居民申请{}的公示，如有异议请于公示期内提出。", case.entry.guide().name.zh);
    after_visits(case, official, Action::PublishNotice { text, place: "社区公告栏".to_owned() }).await
}

/// All the way to the decision, at the window or in the departments.
async fn decide(case: &mut Case<'_>, clerk: &Actor, granted: bool, channel: Channel) -> Result<(), Failure> {
    let reject = || Action::Reject {
        reason: "经审查不符合法定条件".to_owned(),
        basis: "行政许可法 38(2)".to_owned(),
    };
    let approve = || Action::Approve { reason: None };
    if case.entry.guide().track == Track::Instant {
        accept(case, clerk).await?;
        if granted && case.entry.guide().charges {
            case.wait(0);
            case.pay(channel).await?;
        }
        case.wait(0);
        return case.act(clerk, if granted { approve() } else { reject() }).await;
    }
    let officials = transfer(case, clerk).await?;
    let official = officials.first().ok_or_else(unreachable)?;
    case.wait(2);
    if !granted {
        endorse(case, &officials, Opinion::Disagree).await?;
        return case.act(official, reject()).await;
    }
    endorse(case, &officials, Opinion::Agree).await?;
    if case.entry.guide().limits.public_notice.is_some() {
        publish(case, official).await?;
        case.wait(NOTICE);
        case.act(official, Action::CloseNotice {}).await?;
    }
    case.wait(1);
    after_visits(case, official, approve()).await
}

async fn deliver(case: &mut Case<'_>, clerk: &Actor) -> Result<(), Failure> {
    case.wait(1);
    let (method, receiver) = (DeliveryMethod::Counter, "申请人本人".to_owned());
    case.act(clerk, Action::Deliver { method, receiver }).await
}
