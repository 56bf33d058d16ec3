//! 家庭: what a resident entered about their family once, for filling in forms and for checking them.

use serde_json::{Value, json};

use super::family::{Child, MaritalStatus, Relation};
use crate::domain::application::Applicant;
use crate::domain::id_number::{IdNumber, Sex};
use crate::domain::text::{FieldError, Text};

/// The applicant with their household.
#[derive(Debug, Clone)]
pub struct Family {
    oneself: Applicant,
    members: Vec<(Applicant, Relation)>,
}

impl Family {
    /// Whose family it is, and who belongs to it.
    pub fn new(oneself: Applicant, members: Vec<(Applicant, Relation)>) -> Self {
        Self { oneself, members }
    }

    /// Whose family it is.
    pub fn oneself(&self) -> &Applicant {
        &self.oneself
    }

    fn related(&self, relation: Relation) -> impl Iterator<Item = &Applicant> {
        self.members.iter().filter(move |(_, own)| *own == relation).map(|(person, _)| person)
    }

    /// 配偶
    pub fn spouse(&self) -> Option<&Applicant> {
        self.related(Relation::Spouse).next()
    }

    /// 丈夫, or oneself where there is nobody else.
    pub fn husband(&self) -> Option<&Applicant> {
        self.one_of_couple(Sex::Male)
    }

    /// 妻子, or oneself where there is nobody else.
    pub fn wife(&self) -> Option<&Applicant> {
        self.one_of_couple(Sex::Female)
    }

    fn one_of_couple(&self, sex: Sex) -> Option<&Applicant> {
        std::iter::once(&self.oneself).chain(self.spouse()).find(|person| person.id_number.sex() == sex)
    }

    /// 婚姻状况, where the household tells.
    pub fn marital_status(&self) -> Option<MaritalStatus> {
        self.spouse().map(|_| MaritalStatus::Married)
    }

    /// 子女, the eldest first.
    pub fn children(&self) -> Vec<&Applicant> {
        let mut children: Vec<&Applicant> = self.related(Relation::Child).collect();
        children.sort_by_key(|child| child.id_number.birth_date());
        children
    }

    /// The children as forms ask for them; whether adopted is not known.
    pub fn children_filled(&self) -> Value {
        let filled = |child: &&Applicant| {
            let (sex, birth_date) = (child.id_number.sex(), child.id_number.birth_date());
            json!({"name": child.name, "sex": sex, "birth_date": birth_date, "alive": true})
        };
        self.children().iter().map(filled).collect()
    }

    /// The members as forms ask for them.
    pub fn members_filled(&self) -> Value {
        let filled = |(person, relation): &(Applicant, Relation)| json!({"name": person.name, "id_number": person.id_number, "relation": relation});
        self.members.iter().map(filled).collect()
    }

    /// The same, beginning with the applicant.
    pub fn everybody_filled(&self) -> Value {
        let with_oneself = (self.oneself.clone(), Relation::Oneself);
        let members = std::iter::once(with_oneself).chain(self.members.iter().cloned()).collect();
        Self { oneself: self.oneself.clone(), members }.members_filled()
    }

    /// Everybody, as those who are to be insured.
    pub fn insured_filled(&self) -> Value {
        let insured = |(person, relation): (&Applicant, Relation)| {
            let identity = json!({"document": "id_number", "id_number": person.id_number});
            json!({"name": person.name, "relation": relation, "identity": identity})
        };
        let members = self.members.iter().map(|(person, relation)| (person, *relation));
        std::iter::once((&self.oneself, Relation::Oneself)).chain(members).map(insured).collect()
    }

    /// The eldest of the elder generations, or oneself.
    pub fn eldest(&self) -> &Applicant {
        let elders = self.related(Relation::Parent).chain(self.related(Relation::Grandparent));
        elders.min_by_key(|person| person.id_number.birth_date()).unwrap_or(&self.oneself)
    }

    /// The youngest child.
    pub fn youngest(&self) -> Option<&Applicant> {
        self.children().pop()
    }

    /// Whether the children on a form are those of the household: none left out, none another's sex or age.
    /// For the two-daughter rule a son who is not mentioned is no detail.
    pub fn agrees_with_children(&self, children: &[Child]) -> Vec<FieldError> {
        let mut errors = Vec::new();
        for own in self.children() {
            let Some(index) = children.iter().position(|child| child.name == own.name) else {
                let zh = "家庭成员中登记的子女须全部填写；登记有误的，请先更正家庭成员。";
                let en = "List every child of the household as registered; correct the household first if it is wrong.";
                errors.push(FieldError::new("/children", "child_left_out", Text::fixed(zh, en)));
                continue;
            };
            let mut differs = |field: &str| {
                let zh = "与家庭成员登记的证件号码不一致。";
                let en = "Differs from the ID number in the household.";
                let pointer = format!("/children/{index}/{field}");
                errors.push(FieldError::new(pointer, "household_differs", Text::fixed(zh, en)));
            };
            if children[index].birth_date != own.id_number.birth_date() {
                differs("birth_date");
            }
            if children[index].sex != own.id_number.sex() {
                differs("sex");
            }
        }
        errors.dedup_by(|one, other| one.pointer == other.pointer && one.code == other.code);
        errors
    }

    /// Whether husband or wife on a form is the one of the household.
    pub fn agrees_with_spouse(&self, pointer: &str, id_number: &IdNumber) -> Option<FieldError> {
        let own = self.one_of_couple(id_number.sex())?;
        let zh = "与家庭成员登记的配偶不一致；登记有误的，请先更正家庭成员。";
        let en = "Is not the spouse registered in the household; correct the household first if it is wrong.";
        let differs = || FieldError::new(pointer, "household_differs", Text::fixed(zh, en));
        (self.spouse().is_some() && own.id_number != *id_number).then(differs)
    }
}

#[cfg(test)]
#[path = "household_tests.rs"]
mod tests;
