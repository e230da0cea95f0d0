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
        &["employee", "approver"],
        None,
        "sales",
        "en",
    ),
    (
        "rita",
        "Rita Rahman",
        &["finance_reviewer"],
        Some("max"),
        "finance",
        "ar",
    ),
    (
        "bob",
        "Bob Becker",
        &["budget_manager"],
        Some("cfo"),
        "finance",
        "en",
    ),
    (
        "eve",
        "Eve Evans",
        &["budget_manager"],
        Some("cfo"),
        "finance",
        "en",
    ),
    ("cfo", "Carla Fontana", &["cfo"], None, "finance", "en"),
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
        &["employee", "staff", "clerk"],
        Some("lou"),
        "shipping",
        "en",
    ),
    (
        "lou",
        "Lou Lindgren",
        &["employee", "logistics"],
        None,
        "shipping",
        "en",
    ),
    (
        "layla",
        "Layla Haddad",
        &["employee", "logistics"],
        Some("lou"),
        "shipping",
        "ar",
    ),
    (
        "wim",
        "Wim Wouters",
        &["employee", "warehouse"],
        Some("lou"),
        "shipping",
        "en",
    ),
    (
        "zoe",
        "Zoe Zhang",
        &["employee", "warehouse"],
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
            team: None,
            active: true,
            admin: *id == "ada",
        })
        .collect()
}
