//! A house form that passes every check: four persons, a stone house of grade D, rebuilt where it stands.

use serde_json::{Value, json};

/// The sample of `house_rebuild`.
pub fn sample() -> Value {
    json!({
        "head": {
            "name": "许志强",
            "id_number": "350582197204190111",
            "phone": "13805950004",
            "registered_address": "福建省晋江市灵源街道灵水社区东区20号",
            "marital_status": "married",
            "collective_member": true
        },
        "members": [
            {
                "name": "陈美珍", "id_number": "350582197409260128", "relation": "spouse",
                "marital_status": "married", "registered_here": true
            },
            {
                "name": "许家辉", "id_number": "350582199711030138", "relation": "child",
                "marital_status": "single", "registered_here": true
            },
            {
                "name": "吴乌治", "id_number": "350582194802170141", "relation": "parent",
                "marital_status": "widowed", "registered_here": true
            }
        ],
        "splits_household": false,
        "homesteads": [
            {
                "location": "灵水社区东区20号",
                "title": {"proof": "certificate", "number": "晋集用(1991)第06-0020号"},
                "land_area_dm2": 12_000,
                "floor_area_dm2": 16_000,
                "storeys": 2,
                "structure": "stone",
                "built_year": 1978,
                "used": "own_use",
                "to_be_rebuilt": true
            }
        ],
        "co_owners": [],
        "appraisal": {
            "grade": "d",
            "body": "泉州市某房屋安全鉴定有限公司",
            "report_no": "FJ-2026-0618",
            "reported_on": "2026-06-18"
        },
        "kind": "same_site",
        "site": {
            "community": "灵水社区",
            "group": "东区第3组",
            "longitude_e6": 118_523_400,
            "latitude_e6": 24_756_100,
            "neighbours": [
                {
                    "side": "east", "boundary": "许水生宅", "name": "许水生",
                    "opinion": {"answer": "agree", "signed_on": "2026-07-12"}
                },
                {
                    "side": "south", "boundary": "许国平宅", "name": "许国平",
                    "opinion": {"answer": "agree", "signed_on": "2026-07-12"}
                },
                {
                    "side": "west", "boundary": "吴文山宅", "name": "吴文山",
                    "opinion": {"answer": "unreachable", "tried": "电话三次、挂号信一封，户主旅居菲律宾未复。"}
                },
                {"side": "north", "boundary": "社区道路", "opinion": {"answer": "no_neighbour"}}
            ]
        },
        "plan": {
            "land_area_dm2": 11_800,
            "footprint_dm2": 10_500,
            "floor_area_dm2": 31_500,
            "storeys": 3,
            "height_cm": 1_080,
            "structure": "frame",
            "roof": "pitched",
            "land": {"kind": "construction_land"},
            "drawing": {"kind": "standard", "number": "闽南-07"},
            "builder": {
                "kind": "craftsman", "name": "柯建山", "certificate_no": "FJGJ-2023-00118", "phone": "13805950005"
            },
            "start_on": "2027-03-01",
            "finish_on": "2027-12-31"
        },
        "permit": "rural",
        "collective": {
            "met_on": "2026-07-20",
            "agreed": true,
            "notice_from": "2026-07-21",
            "notice_to": "2026-07-28"
        },
        "commitment": {"clearance": "demolish", "by": "2027-02-20"},
        "declared_true": true
    })
}
