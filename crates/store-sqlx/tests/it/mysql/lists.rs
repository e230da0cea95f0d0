//! Lists of tasks have a text of their own for each number of principals.

use signoff_core::{actor::Person, principal::Principal};
use signoff_store::{Instances, PageRequest, Queries, TaskFilter, Whose};

use super::database::Database;
use crate::support::{start, task};

#[tokio::test]
async fn what_a_person_of_many_roles_may_take_is_listed_once_and_in_order() {
    let Some(database) = Database::new().await else {
        return;
    };
    let store = database.store().await;
    let mut rows = start(1);
    rows.tasks = (0..90)
        .map(|n| {
            let mut offered = task(&rows, 100 + n);
            let nanos = i128::from((90 - n) / 2) * 1_000_000_000;
            offered.1.opened_at = jiff::Timestamp::from_nanosecond(nanos).unwrap();
            // Two roles each, so that most are found twice.
            let role = |n: u32| Principal::Role(format!("r{n}").into());
            offered.1.candidates = vec![role(n), role(n + 1)];
            offered
        })
        .collect();
    let mut expected: Vec<_> = rows.tasks.iter().map(|(_, task)| task.clone()).collect();
    expected.sort_by_key(|task| (task.opened_at, task.id));
    store.commit_now(&[rows]).await.unwrap();
    for roles in [0, 5, 14, 15, 62, 63, 90] {
        let person = Person {
            id: "ann".into(),
            roles: (0..roles).map(|role| format!("r{role}").into()).collect(),
            ..Person::default()
        };
        let has = |candidate: &Principal| matches!(candidate, Principal::Role(role) if person.roles.contains(role));
        let theirs = expected
            .iter()
            .filter(|task| task.candidates.iter().any(has));
        let theirs: Vec<_> = theirs.map(|task| task.id).collect();
        let filter = TaskFilter {
            whose: Whose::AvailableTo(person.clone()),
            ..TaskFilter::default()
        };
        let tenant = "acme".into();
        for limit in [7, 500] {
            let mut found = Vec::new();
            let mut after = None;
            loop {
                let request = PageRequest { limit, after };
                let page = store.tasks(&tenant, &filter, &request).await.unwrap();
                found.extend(page.items.iter().map(|item| item.task.id));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(found, theirs, "{roles} roles, {limit} at once");
        }
        let count = store.count_tasks(&tenant, &filter).await.unwrap();
        assert_eq!(count, theirs.len() as u64);
    }
}
