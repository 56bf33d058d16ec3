//! What may not stand in a public notice: numbers that identify, telephones, accounts, health, children
//! (个人信息保护法 25, 28, 31). A notice shows name, community, item, result and dates.

use serde_json::Value;

use super::id_number::IdNumber;
use super::text::Text;

/// Words of health and disability; a sample list, for the rest the official who signs answers.
const HEALTH: [&str; 12] =
    ["残疾", "癌", "肿瘤", "精神病", "精神障碍", "病史", "患病", "重病", "尿毒症", "艾滋", "怀孕", "流产"];

/// 泄露: what a text says too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disclosure {
    /// 证件号码
    IdNumber,
    /// 手机号码
    Phone,
    /// 银行账号
    Account,
    /// 健康状况
    Health,
    /// 儿童姓名
    Child,
}

impl Disclosure {
    /// What is wrong with the text.
    pub fn text(self) -> Text {
        match self {
            Disclosure::IdNumber => {
                Text::fixed("公示内容不得出现证件号码。", "A public notice shows no ID number.")
            }
            Disclosure::Phone => {
                Text::fixed("公示内容不得出现个人手机号码。", "A public notice shows no mobile number.")
            }
            Disclosure::Account => Text::fixed(
                "公示内容不得出现银行账号或其他长号码。",
                "A public notice shows no account, nor any other long number.",
            ),
            Disclosure::Health => {
                Text::fixed("公示内容不得出现健康状况。", "A public notice says nothing about health.")
            }
            Disclosure::Child => Text::fixed("公示内容不得出现儿童姓名。", "A public notice names no child."),
        }
    }
}

/// Everything a text says too much; `children` are the names of children in the form.
pub fn disclosures(text: &str, children: &[String]) -> Vec<Disclosure> {
    let digit = |c: char| c.is_ascii_digit() || matches!(c, 'x' | 'X');
    // Typed with spaces or hyphens a number is still one; full-width digits as well.
    let narrow: String = text
        .chars()
        .map(|c| match c {
            '０'..='９' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
            other => other,
        })
        .filter(|c| !matches!(c, ' ' | '-' | '\u{3000}'))
        .collect();
    let mut found = Vec::new();
    let mut add = |what| {
        if !found.contains(&what) {
            found.push(what);
        }
    };
    for run in narrow.split(|c: char| !digit(c)).filter(|run| run.len() >= 11) {
        let parts = (0..run.len()).filter_map(|from| run.get(from..from + 18));
        let numbered = parts.into_iter().any(|part| IdNumber::parse(part).is_ok());
        if numbered || IdNumber::from_legacy15(run).is_ok() {
            add(Disclosure::IdNumber);
        } else if run.len() == 11 && is_mobile(run) {
            add(Disclosure::Phone);
        } else if !run.starts_with('0') {
            // Whatever it is; an office's landline begins with its area code.
            add(Disclosure::Account);
        }
    }
    if HEALTH.iter().any(|word| text.contains(word)) {
        add(Disclosure::Health);
    }
    if children.iter().any(|name| text.contains(name.as_str())) {
        add(Disclosure::Child);
    }
    found
}

/// The names that stand in a form as those of children.
pub fn children_of(form: &Value) -> Vec<String> {
    let mut found = Vec::new();
    children_in(form, "", &mut found);
    found
}

fn children_in(form: &Value, under: &str, found: &mut Vec<String>) {
    match form {
        Value::Array(items) => items.iter().for_each(|item| children_in(item, under, found)),
        Value::Object(object) => {
            let child = under.contains("child") || object.get("relation").is_some_and(|r| r == "child");
            if let Some(name) = object.get("name").and_then(Value::as_str).filter(|_| child) {
                found.push(name.to_owned());
            }
            object.iter().for_each(|(key, inner)| children_in(inner, key, found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn is_mobile(digits: &str) -> bool {
    let second = digits.chars().nth(1);
    digits.starts_with('1') && second.is_some_and(|c| ('3'..='9').contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_notice_may_say() {
        let fine = "林口社区许志强户申请危房翻建，占地80平方米，三层，公示期2026-11-23至2026-12-02，异议电话0595-85661234。";
        assert_eq!(disclosures(fine, &["许小宝".to_owned()]), []);
    }

    #[test]
    fn children_are_found_wherever_a_form_names_them() {
        let form = serde_json::json!({
            "children": [{"name": "吴思琪", "sex": "female"}], "head": {"name": "吴建国"},
            "members": [{"name": "吴小宝", "relation": "child"}, {"name": "林秀英", "relation": "spouse"}],
        });
        assert_eq!(children_of(&form), ["吴思琪", "吴小宝"]);
    }

    #[test]
    fn what_it_may_not() {
        let text =
            |what: &str| disclosures(&format!("公示：{what}，如有异议请反映。"), &["吴思琪".to_owned()]);
        for (said, wrong) in [
            ("身份证350582199412150025", Disclosure::IdNumber),
            ("身份证 3505 8219 9412 1500 25", Disclosure::IdNumber),
            ("身份证３５０５８２１９９４１２１５００２５", Disclosure::IdNumber),
            ("老身份证350582750612341", Disclosure::IdNumber),
            ("联系13805950001", Disclosure::Phone),
            ("联系138-0595-0001", Disclosure::Phone),
            ("汇入6222020000000000018", Disclosure::Account),
            ("本人二级残疾", Disclosure::Health),
            ("子女吴思琪", Disclosure::Child),
        ] {
            assert_eq!(text(said), [wrong], "{said}");
        }
        assert_eq!(text("患病，电话13805950001").len(), 2, "all at once");
    }
}
