//! What canaries fill in.

use serde_json::{Value, json};
use yichuang::catalog::find;

use super::people::Resident;
use super::served::Run;

fn form(service: &str) -> Value {
    let mut form = find(service).unwrap().sample();
    form["service"] = service.into();
    form
}

fn day(days: i64) -> Value {
    (chrono::Utc::now().date_naive() + chrono::Duration::days(days)).to_string().into()
}

/// 生育登记 of a canary mother; her husband and child are named nowhere else.
pub fn birth(run: &Run, mother: &Resident, (father, father_id, child): (&str, &str, &str)) -> Value {
    for (kind, value) in [("name in a form", father), ("ID number", father_id), ("name in a form", child)] {
        run.hide(kind, value);
    }
    let mut form = form("birth_registration");
    form["mother"] = json!({
        "name": mother.name, "id_number": mother.id_number, "registered_address": mother.address,
        "residence_address": mother.address, "phone": mother.phone,
    });
    form["father"]["name"] = father.into();
    form["father"]["id_number"] = father_id.into();
    form["children"][0]["name"] = child.into();
    form["pregnancy"]["expected_on"] = day(60);
    form
}

/// 居民养老 with the account a pension goes to.
pub fn pension(run: &Run, insured: &Resident, card: &str) -> Value {
    run.hide("bank account", card);
    let mut form = form("pension_insurance");
    form["year"] = chrono::Datelike::year(&chrono::Utc::now().date_naive()).into();
    form["insured"]["name"] = insured.name.into();
    form["insured"]["id_number"] = insured.id_number.as_str().into();
    form["insured"]["registered_address"] = insured.address.into();
    form["insured"]["residence_address"] = insured.address.into();
    form["insured"]["phone"] = insured.phone.into();
    form["payer"] = json!({"name": insured.name, "id_number": insured.id_number, "relation": "oneself"});
    form["paid_years"] = json!([]);
    form["account"]["holder"] = insured.name.into();
    form["account"]["number"] = card.into();
    form
}

/// 危房翻建: a household, its neighbours and its builder.
pub fn house(run: &Run, head: &Resident) -> Value {
    let mut form = form("house_rebuild");
    form["head"]["name"] = head.name.into();
    form["head"]["id_number"] = head.id_number.as_str().into();
    form["head"]["phone"] = head.phone.into();
    form["head"]["registered_address"] = head.address.into();
    form["plan"]["builder"]["name"] = "燕归堂匠人".into();
    run.hide("name in a form", "燕归堂匠人");
    form["plan"]["builder"]["phone"] = "17305928416".into();
    run.hide("phone", "17305928416");
    form["plan"]["start_on"] = day(100);
    form["plan"]["finish_on"] = day(400);
    form["commitment"]["by"] = day(90);
    form
}
