//! 重复申请: whether two applications are one matter told twice. Exact by the number of the document, the item,
//! the period and the occasion; likely by what people tell in different words at different doors.

use chrono::NaiveDate;

use super::application::Applicant;

pub mod house;
pub mod judgement;
pub mod matter;
pub mod measure;
pub mod reason;
pub mod sound;
#[cfg(test)]
mod tests;

pub use matter::{Matter, Period};
pub use measure::{Measure, SECTION, Weights};
pub use reason::Reason;

/// 申请概貌: what of an application is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Code of the item.
    pub service: String,
    /// Whose matter it is.
    pub applicant: Applicant,
    /// Which matter of theirs.
    pub matter: Matter,
    /// 配偶: the ID number of the other one.
    pub spouse: Option<String>,
    /// 地址, as it was written.
    pub address: Option<String>,
}

/// 比对结果
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The same person, item, period and occasion.
    pub exact: bool,
    /// Of a hundred.
    pub score: u32,
    /// What they have in common, in the order of the list.
    pub reasons: Vec<Reason>,
}

impl Match {
    /// Whether the document is the same.
    pub fn same_person(&self) -> bool {
        self.reasons.contains(&Reason::SameIdNumber)
    }
}

impl Profile {
    /// 出生日期, as the document tells it.
    pub fn birth_date(&self) -> NaiveDate {
        self.applicant.id_number.birth_date()
    }

    /// By what the exactly same matter is found; `None` while the form does not say yet which matter it is.
    pub fn exact(&self) -> Option<String> {
        let matter = self.matter.key()?;
        Some([self.service.as_str(), self.applicant.id_number.as_str(), &matter].join(SECTION))
    }

    /// By what those are found whose name sounds the same.
    pub fn by_sound(&self, measure: &Measure) -> Option<String> {
        let sound = sound::key(self.applicant.name.as_str(), &measure.accents);
        self.block(&[&sound])
    }

    /// By what those are found who were born on the same day.
    pub fn by_birth(&self) -> Option<String> {
        self.block(&[&self.birth_date().to_string()])
    }

    /// By what those are found who live in the same house.
    pub fn by_house(&self) -> Option<String> {
        self.block(&[&house::tail(self.address.as_deref()?)?])
    }

    fn block(&self, parts: &[&str]) -> Option<String> {
        let period = self.matter.period.block()?;
        let mut sections = vec![self.service.as_str(), &period];
        sections.extend(parts);
        Some(sections.join(SECTION))
    }

    /// Everything that is compared, as one text: whoever judged it judged this.
    pub fn compared(&self) -> String {
        let Self { service, applicant, matter, spouse, address } = self;
        let house = address.as_deref().map(house::plain).unwrap_or_default();
        [
            service,
            applicant.name.as_str(),
            applicant.id_number.as_str(),
            applicant.phone.as_str(),
            spouse.as_deref().unwrap_or_default(),
            &house,
            &matter.text(),
        ]
        .join(SECTION)
    }
}

/// What two applications have in common, if that makes them exactly or likely the same.
pub fn compare(one: &Profile, other: &Profile, measure: &Measure) -> Option<Match> {
    if one.service != other.service {
        return None;
    }
    let likeness = one.matter.compare(&other.matter, measure)?;
    let mut reasons = Vec::new();
    let mut found = |holds: bool, reason: Reason| reasons.extend(holds.then_some(reason));
    let same_person = one.applicant.id_number == other.applicant.id_number;
    found(same_person, Reason::SameIdNumber);
    let (name, other_name) = (one.applicant.name.as_str(), other.applicant.name.as_str());
    let by_name = sound::likeness(name, other_name, &measure.accents);
    if let Some(reason) = by_name {
        found(true, reason);
    }
    // A household shares its house, its telephone and its children: only who it is makes it the same matter.
    if !same_person && by_name.is_none() {
        return None;
    }
    found(one.birth_date() == other.birth_date(), Reason::SameBirthDate);
    found(one.spouse.is_some() && one.spouse == other.spouse, Reason::SameSpouse);
    if let (Some(house), Some(other)) = (&one.address, &other.address) {
        reasons.extend(house::likeness(house, other));
    }
    let mut found = |holds: bool, reason: Reason| reasons.extend(holds.then_some(reason));
    found(one.applicant.phone == other.applicant.phone, Reason::SamePhone);
    found(likeness.shared, Reason::SharedSubjects);
    found(likeness.near, Reason::NearOccasion);
    let exact = same_person && likeness.same;
    let sum: u32 = reasons.iter().map(|reason| measure.weights.of(*reason)).sum();
    let score = if exact { 100 } else { sum.min(99) };
    (exact || score >= measure.threshold).then_some(Match { exact, score, reasons })
}
