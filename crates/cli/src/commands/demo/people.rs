//! The sample people: those of the samples' scenarios, and an admin.

use signoff::Profile;

/// Id, name, roles, manager, department, locale.
type Row = (
    &'static str,
    &'static str,
    &'static [&'static str],
    Option<&'static str>,
    &'static str,
    &'static str,
);

const PEOPLE: &[Row] = &[
    (
        "ann",
        "Ann Archer",
        &["employee", "staff"],
        Some("max"),
        "sales",
        "en",
    ),
    (
        "max",
        "Max Meyer",
        &["employee", "staff", "approver"],
        None,
        "sales",
        "en",
    ),
    (
        "rita",
        "Rita Rahman",
        &["finance_reviewer", "staff"],
        Some("max"),
        "finance",
        "ar",
    ),
    (
        "bob",
        "Bob Becker",
        &["budget_manager", "staff"],
        Some("cfo"),
        "finance",
        "en",
    ),
    (
        "eve",
        "Eve Evans",
        &["budget_manager", "staff"],
        Some("cfo"),
        "finance",
        "en",
    ),
    (
        "cfo",
        "Carla Fontana",
        &["cfo", "staff"],
        None,
        "finance",
        "en",
    ),
    ("xia", "Xia Xu", &["executive"], None, "management", "en"),
    (
        "yan",
        "Yan Yilmaz",
        &["executive"],
        None,
        "management",
        "en",
    ),
    (
        "cleo",
        "Cleo Carter",
        &["clerk", "employee", "staff"],
        Some("lou"),
        "shipping",
        "en",
    ),
    (
        "lou",
        "Lou Lindgren",
        &["logistics", "employee"],
        None,
        "shipping",
        "en",
    ),
    (
        "layla",
        "Layla Haddad",
        &["logistics", "employee"],
        Some("lou"),
        "shipping",
        "ar",
    ),
    (
        "wim",
        "Wim Wouters",
        &["warehouse", "employee"],
        Some("lou"),
        "shipping",
        "en",
    ),
    (
        "zoe",
        "Zoe Zhang",
        &["warehouse", "employee"],
        Some("lou"),
        "shipping",
        "en",
    ),
    ("ada", "Ada Admin", &[], None, "it", "en"),
];

/// Everybody who can sign in.
pub(crate) fn everybody() -> Vec<Profile> {
    PEOPLE
        .iter()
        .map(|(id, name, roles, manager, department, locale)| Profile {
            id: (*id).into(),
            name: (*name).to_owned(),
            email: Some(format!("{id}@example.com")),
            locale: Some((*locale).to_owned()),
            roles: roles.iter().map(|role| (*role).into()).collect(),
            manager: manager.map(Into::into),
            department: Some((*department).to_owned()),
            active: true,
            admin: *id == "ada",
        })
        .collect()
}
