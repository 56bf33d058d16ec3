//! Who works in Lingyuan: per community two clerks and seven grid workers (two project leads and one for
//! each grid), a chief supervisor and one per grid; an official in each department; one for the street.

use std::collections::HashMap;

use super::PASSWORD;
use crate::domain::actor::Actor;
use crate::domain::lifecycle::Role;
use crate::domain::region::Region;
use crate::usecases::staff::NewStaff;
use crate::usecases::{Failure, Office};

/// The account made last: where it is, the world is whole.
pub const LAST: &str = "admin";

const STREET: &str = "350582006";

/// Grids of a community.
pub const GRIDS: usize = 5;

struct Place {
    code: &'static str,
    slug: &'static str,
    clerks: [&'static str; 2],
    leads: [&'static str; 2],
    grid_workers: [&'static str; GRIDS],
    chief: &'static str,
    supervisors: [&'static str; GRIDS],
}

const PLACES: [Place; 2] = [
    Place {
        code: "350582006001",
        slug: "linkou",
        clerks: ["李晓燕", "黄志勇"],
        leads: ["陈思敏", "郭文斌"],
        grid_workers: ["杨小红", "何俊杰", "罗春梅", "梁伟明", "谢雅芳"],
        chief: "林国栋",
        supervisors: ["林志远", "林美玲", "林文清", "林水木", "林丽珍"],
    },
    Place {
        code: "350582006007",
        slug: "lingshui",
        clerks: ["周丽萍", "朱建平"],
        leads: ["高明辉", "徐婉婷"],
        grid_workers: ["孙秀兰", "马志强", "胡晓东", "董玉珍", "袁家豪"],
        chief: "吴春生",
        supervisors: ["吴荣辉", "吴秀华", "吴天送", "吴金泉", "吴雪琴"],
    },
];

const OFFICIALS: [&str; 10] =
    ["方卫东", "邓雪梅", "傅建华", "曹农生", "彭国土", "蒋筑城", "韩民安", "唐爱珍", "冯警文", "于财旺"];

/// 社区 with those who act in the demo.
pub struct Community {
    /// The window's clerk.
    pub clerk: Actor,
    /// The grids and who works in them.
    pub grids: Vec<(Region, Actor)>,
}

/// Those who act in the demo.
pub struct Staff {
    /// The two communities.
    pub communities: Vec<Community>,
    /// One official per department code.
    pub officials: HashMap<String, Actor>,
}

/// Region of a code that is written in this folder.
pub fn region(code: &str) -> Result<Region, Failure> {
    Region::parse(code).map_err(|_| Failure::Outside(format!("no region {code}")))
}

async fn add(
    office: &Office,
    (username, name): (String, &str),
    role: Role,
    at: &str,
    department: Option<&str>,
) -> Result<Actor, Failure> {
    let new = NewStaff {
        email: Some(format!("{username}@lingyuan.example")),
        username,
        name: name.to_owned(),
        password: PASSWORD.to_owned(),
        role,
        region: region(at)?,
        department: department.map(str::to_owned),
    };
    Ok(office.add_staff(new).await?.actor)
}

/// Makes every account but the last.
pub async fn hire(office: &Office) -> Result<Staff, Failure> {
    let mut communities = Vec::new();
    for place in &PLACES {
        communities.push(open(office, place).await?);
    }
    let mut officials = HashMap::new();
    for (department, name) in office.knowledge().organisation.departments.iter().zip(OFFICIALS.iter().cycle())
    {
        let username = format!("official-{}", department.code);
        let actor = add(office, (username, name), Role::Official, STREET, Some(&department.code)).await?;
        officials.insert(department.code.clone(), actor);
    }
    add(office, ("supervisor-street".to_owned(), "王督察"), Role::Supervisor, STREET, None).await?;
    Ok(Staff { communities, officials })
}

/// The administrator.
pub async fn hire_last(office: &Office) -> Result<(), Failure> {
    add(office, (LAST.to_owned(), "管理员"), Role::Administrator, STREET, None).await.map(|_| ())
}

async fn open(office: &Office, place: &Place) -> Result<Community, Failure> {
    let Place { code, slug, .. } = place;
    let mut clerks = Vec::new();
    for (number, name) in (1..).zip(place.clerks) {
        clerks.push(add(office, (format!("clerk-{slug}-{number}"), name), Role::Clerk, code, None).await?);
    }
    for (number, name) in (1..).zip(place.leads) {
        add(office, (format!("lead-{slug}-{number}"), name), Role::GridWorker, code, None).await?;
    }
    add(office, (format!("chief-{slug}"), place.chief), Role::Supervisor, code, None).await?;
    let mut grids = Vec::new();
    for (number, (worker, supervisor)) in (1..).zip(place.grid_workers.iter().zip(place.supervisors)) {
        let grid = format!("{code}{number:03}");
        let worker =
            add(office, (format!("grid-{slug}-{number}"), worker), Role::GridWorker, &grid, None).await?;
        add(office, (format!("supervisor-{slug}-{number}"), supervisor), Role::Supervisor, &grid, None)
            .await?;
        grids.push((region(&grid)?, worker));
    }
    let clerk = clerks.into_iter().next().ok_or_else(|| Failure::Outside(format!("no clerk in {slug}")))?;
    Ok(Community { clerk, grids })
}
