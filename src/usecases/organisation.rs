//! 机构: the departments that take part in reviews, and where their mail goes.

use serde::Deserialize;

/// 部门
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Department {
    /// Stable code.
    pub code: String,
    /// Name.
    pub name: String,
    /// The office's mail box.
    pub email: String,
}

/// 机构: the street's departments.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// Departments that take part in reviews.
    pub departments: Vec<Department>,
}

impl Organisation {
    /// A department by its code.
    pub fn department(&self, code: &str) -> Option<&Department> {
        self.departments.iter().find(|department| department.code == code)
    }
}
