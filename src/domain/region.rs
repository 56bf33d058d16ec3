//! Places: street, community and grid by their codes, and the names that belong to the codes.
//! A code contains every code that begins with it; that prefix IS the scope rule of the product.
//! Names are data (config/regions.toml), because villages are renamed and grids redrawn.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use serde::Deserialize;

use super::identity::{IdentityError, digits, half_width, identity_value};

identity_value! {
    /// 区划代码: 9 digits for a street, 12 for a community, 15 for a grid.
    Region, "区划代码: 9 (street), 12 (community) or 15 (grid) digits"
}

impl Region {
    /// Name of the format in OpenAPI and JSON Schema.
    pub const FORMAT: &'static str = "region-code";
    /// A valid value: 灵源街道林口社区.
    pub const SAMPLE: &'static str = "350582006001";

    /// Checks a code; the statistical form of a street (`350582006000`) becomes its nine digits.
    pub fn parse(value: &str) -> Result<Self, IdentityError> {
        let mut code = half_width(value);
        if !matches!(code.len(), 9 | 12 | 15) || digits(&code).is_none() {
            return Err(IdentityError::Region);
        }
        while code.len() > 9 && code.ends_with("000") {
            code.truncate(code.len() - 3);
        }
        Ok(Self(code))
    }

    /// 街道: the first nine digits.
    pub fn street(&self) -> &str {
        self.0.get(..9).unwrap_or(&self.0)
    }

    /// 社区: the first twelve digits, unless this is a street.
    pub fn community(&self) -> Option<&str> {
        self.0.get(..12)
    }

    /// 网格: all fifteen digits, if this is a grid.
    pub fn grid(&self) -> Option<&str> {
        self.0.get(..15)
    }

    /// Whether `other` is this place or lies in it.
    pub fn contains(&self, other: &Region) -> bool {
        other.0.starts_with(&self.0)
    }

    /// Where this place lies: the community of a grid, the street of a community.
    pub fn parent(&self) -> Option<Region> {
        let shorter = self.0.len().checked_sub(3).filter(|length| *length >= 9)?;
        self.0.get(..shorter).map(|code| Self(code.to_owned()))
    }

    /// The code itself: a place says nothing about a person.
    pub fn masked(&self) -> String {
        self.0.clone()
    }
}

/// 区划名称: one place and what it is called.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionName {
    /// Its code.
    pub code: Region,
    /// Its name, without the names of what it lies in.
    pub name: String,
    /// First day on which the name is known to hold.
    pub effective_from: NaiveDate,
}

/// 区划名录: the names by code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegionNames(BTreeMap<Region, RegionName>);

/// 区划名录错误: what is wrong with the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegionNamesError {
    /// It is no such TOML.
    Syntax(String),
    /// A code stands there twice.
    Duplicate(Region),
}

impl fmt::Display for RegionNamesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(reason) => write!(f, "regions: {reason}"),
            Self::Duplicate(region) => write!(f, "regions: {region} stands there twice"),
        }
    }
}

impl std::error::Error for RegionNamesError {}

impl RegionNames {
    /// Reads a file of `[[region]]` entries with `code`, `name` and `effective_from`.
    pub fn parse(toml: &str) -> Result<Self, RegionNamesError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            region: Vec<RegionName>,
        }
        let file: File = toml::from_str(toml).map_err(|error| RegionNamesError::Syntax(error.to_string()))?;
        let mut names = BTreeMap::new();
        for entry in file.region {
            if let Some(earlier) = names.insert(entry.code.clone(), entry) {
                return Err(RegionNamesError::Duplicate(earlier.code));
            }
        }
        Ok(Self(names))
    }

    /// The name of that place.
    pub fn name_of(&self, region: &Region) -> Option<&str> {
        self.0.get(region).map(|entry| entry.name.as_str())
    }

    /// All named places inside `region`, itself included, in the order of their codes.
    pub fn inside<'a>(&'a self, region: &'a Region) -> impl Iterator<Item = &'a RegionName> {
        self.0
            .range(region.clone()..)
            .map(|(_, entry)| entry)
            .take_while(|entry| region.contains(&entry.code))
    }

    /// All named places in the order of their codes.
    pub fn iter(&self) -> impl Iterator<Item = &RegionName> {
        self.0.values()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn region(code: &str) -> Region {
        Region::parse(code).expect(code)
    }

    #[test]
    fn street_community_grid() {
        let (street, community, grid) =
            (region("350582006"), region("350582006001"), region("350582006001003"));
        assert_eq!((street.street(), street.community(), street.grid()), ("350582006", None, None));
        assert_eq!((community.community(), community.grid()), (Some("350582006001"), None));
        assert_eq!((grid.street(), grid.community()), ("350582006", Some("350582006001")));
        assert_eq!(grid.grid(), Some("350582006001003"));
        assert!(street.contains(&grid) && community.contains(&grid) && grid.contains(&grid));
        assert!(!grid.contains(&community) && !region("350582006002").contains(&grid));
        assert_eq!(grid.parent(), Some(community.clone()));
        assert_eq!((community.parent(), street.parent()), (Some(street.clone()), None));
        assert_eq!(region("350582006000"), street);
        for wrong in ["", "350582", "35058200600", "35058200600A", "3505820060010031", "灵源街"] {
            assert_eq!(Region::parse(wrong), Err(IdentityError::Region), "{wrong}");
        }
    }

    #[test]
    fn the_file_names_the_pilot_area() {
        let names = RegionNames::parse(include_str!("../../config/regions.toml")).unwrap();
        assert_eq!(names.name_of(&region("350582006")), Some("灵源街道"));
        assert_eq!(names.name_of(&region(Region::SAMPLE)), Some("林口社区"));
        assert_eq!(names.name_of(&region("350582006007")), Some("灵水社区"));
        assert_eq!(names.name_of(&region("350582999")), None);
        let inside = |code: &str, digits: usize| {
            names.inside(&region(code)).filter(|entry| entry.code.as_str().len() == digits).count()
        };
        assert_eq!(inside("350582006", 12), 10);
        assert_eq!((inside("350582006001", 15), inside("350582006007", 15)), (5, 5));
        assert_eq!(names.iter().filter(|entry| entry.code.parent().is_none()).count(), 22);
    }

    #[test]
    fn wrong_files_are_refused() {
        let entry = "[[region]]\ncode = '350582006'\nname = 'a'\neffective_from = '2023-01-01'\n";
        assert!(RegionNames::parse(entry).is_ok());
        let twice = RegionNames::parse(&entry.repeat(2)).unwrap_err();
        assert_eq!(twice, RegionNamesError::Duplicate(region("350582006")));
        assert!(matches!(RegionNames::parse("[[region]]\ncode = '35'"), Err(RegionNamesError::Syntax(_))));
    }
}
