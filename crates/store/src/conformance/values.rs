//! What is stored comes back as it was.

use std::slice::from_ref;

use jiff::Timestamp;
use signoff_core::change::{ActionCall, ActionContext, ActionsJob, JobWork, ResolvedAction, RowOp};

use super::sample::{
    Tested, activation, all, at, commit, held, incident, incidents_of, insert, job, load_of, start,
    subject, task, tenant,
};
use crate::contract::{InstanceFilter, Lease, PageRequest, Part};

/// Arabic, an emoji, quotes of every kind, a backslash, SQL, and U+0000 as JSON escapes it.
const TEXT: &str = r#"{"ar":"طلب شراء","e":"👩‍💼","q":"'\"`\\","sql":"'); DROP TABLE signoff_task; --","nul":"a\u0000b","n":"\n"}"#;

pub(super) async fn every_text_survives(store: Tested) {
    let mut rows = start(1);
    let person = "سلمى 👩‍💼 'o\"\\";
    rows.instance.title = TEXT.to_owned();
    rows.instance.state = TEXT.to_owned();
    rows.instance.data = Some(TEXT.to_owned());
    rows.instance.forms = Some(TEXT.to_owned());
    rows.instance.requester = Some(person.into());
    rows.instance.subject_type = Some("order".to_owned());
    rows.instance.subject_id = Some(person.to_owned());
    rows.history.body = TEXT.to_owned();
    rows.history.person = Some(person.into());
    let mut carrier = held(task(&rows, 2, 3), person);
    carrier.body = TEXT.to_owned();
    carrier.activation_body = Some(TEXT.to_owned());
    carrier.node = "é".to_owned();
    rows.tasks = vec![insert(carrier)];
    rows.activations = vec![(RowOp::Insert, activation(&rows, 6))];
    rows.activations[0].1.body = TEXT.to_owned();
    rows.incidents = vec![incident(&rows, 9, 0)];
    rows.incidents[0].message = person.to_owned();
    commit(&store, from_ref(&rows)).await;
    let loaded = all(&store, &rows).await.unwrap().rows;
    assert_eq!(loaded.instance, rows.instance);
    assert_eq!(loaded.tasks, [rows.tasks[0].1.clone()]);
    assert_eq!(loaded.activations, [rows.activations[0].1.clone()]);
    let tenant = &rows.instance.tenant;
    assert_eq!(
        store.history(tenant, rows.instance.id).await.unwrap(),
        [rows.history.clone()]
    );
    let running = store
        .running(tenant, &"expense".into(), &subject(person))
        .await
        .unwrap();
    assert_eq!(running, Some(rows.instance.id));
    assert_eq!(incidents_of(&store, tenant).await, rows.incidents);
}

pub(super) async fn a_large_document_survives(store: Tested) {
    let mut rows = start(1);
    let text: String = "0123456789abcdé".chars().cycle().take(1 << 20).collect();
    rows.instance.data = Some(format!(r#"{{"text":"{text}"}}"#));
    rows.history.body = format!(r#"{{"text":"{text}"}}"#);
    rows.tasks = vec![insert(task(&rows, 2, 3))];
    rows.tasks[0].1.body = format!(r#"{{"text":"{text}"}}"#);
    commit(&store, from_ref(&rows)).await;
    let loaded = all(&store, &rows).await.unwrap().rows;
    assert!(loaded.instance == rows.instance, "the data is another");
    assert!(
        loaded.tasks == [rows.tasks[0].1.clone()],
        "the task is another"
    );
    let history = store
        .history(&rows.instance.tenant, rows.instance.id)
        .await
        .unwrap();
    assert!(history == [rows.history], "the history is another");
}

pub(super) async fn nanoseconds_survive(store: Tested) {
    let exact: Timestamp = "1999-12-31T23:59:59.999999999Z".parse().unwrap();
    let later: Timestamp = "2261-01-01T00:00:00.000000001Z".parse().unwrap();
    let mut rows = start(1);
    rows.instance.started_at = exact;
    rows.instance.changed_at = later;
    rows.history.at = later;
    rows.tasks = vec![insert(task(&rows, 2, 3))];
    rows.tasks[0].1.opened_at = exact;
    rows.tasks[0].1.due_at = Some(later);
    rows.jobs = vec![job(&rows, 2, 0)];
    rows.jobs[0].due_at = exact;
    commit(&store, from_ref(&rows)).await;
    let loaded = store
        .load(&load_of(&rows, Part::All))
        .await
        .unwrap()
        .unwrap()
        .rows;
    assert_eq!(loaded.instance, rows.instance);
    assert_eq!(loaded.tasks, [rows.tasks[0].1.clone()]);
    let history = store
        .history(&rows.instance.tenant, rows.instance.id)
        .await
        .unwrap();
    assert_eq!(history, [rows.history.clone()]);
    assert_eq!(store.next_due(None).await.unwrap(), Some(exact));
}

/// Whatever zone a moment was written in, it is the same moment, and in its place in time.
pub(super) async fn moments_of_every_zone_survive(store: Tested) {
    let moments: Vec<Timestamp> = [
        "1677-09-21T00:12:44Z",
        "1969-12-31T23:59:59.999999999Z",
        "1970-01-01T00:00:00Z",
        // The same wall clock an hour apart: what comes later was written with the earlier hour.
        "2026-03-29T02:30:00+02:00",
        "2026-03-29T02:10:00+01:00",
        "2026-10-25T02:30:00+03:00",
        "2038-01-19T06:14:08+03:00",
        "2262-04-11T23:47:16.854775807Z",
    ]
    .iter()
    .map(|text| text.parse().unwrap())
    .collect();
    for (n, moment) in (1..).zip(&moments) {
        let mut rows = start(n);
        rows.instance.started_at = *moment;
        rows.instance.changed_at = *moment;
        rows.jobs = vec![job(&rows, n, 0)];
        rows.jobs[0].due_at = *moment;
        commit(&store, from_ref(&rows)).await;
        let loaded = all(&store, &rows).await.unwrap().rows;
        assert_eq!(loaded.instance.started_at, *moment);
    }
    let mut sorted = moments.clone();
    sorted.sort();
    let lease = Lease {
        tenant: None,
        behind: None,
        now: Timestamp::MAX,
        until: Timestamp::MAX,
        limit: 100,
    };
    let claimed = store.claim(lease).await.unwrap();
    let due: Vec<Timestamp> = claimed.iter().map(|claimed| claimed.job.due_at).collect();
    assert_eq!(due, sorted, "jobs, the earliest first");
    sorted.reverse();
    let (filter, page) = (InstanceFilter::default(), PageRequest::default());
    let listed = store.instances(&tenant(), &filter, &page).await.unwrap();
    let listed: Vec<Timestamp> = listed.items.iter().map(|row| row.started_at).collect();
    assert_eq!(listed, sorted, "instances, the latest first");
}

pub(super) async fn numbers_survive(store: Tested) {
    let mut rows = start(1);
    rows.instance.definition = u32::MAX;
    rows.instance.data = Some(
        r#"{"i":9007199254740993,"f":0.1,"e":1e300,"m":-9223372036854775808,"z":-0.0}"#.to_owned(),
    );
    rows.tasks = vec![insert(task(&rows, 2, 3))];
    rows.tasks[0].1.number = u32::MAX;
    let with = serde_json::json!({"amount": 9_007_199_254_740_993_i64, "rate": 0.1, "none": null, "nul": "a\u{0}b"});
    let context = ActionContext {
        workflow: "expense".to_owned(),
        workflow_title: signoff_core::text::Text::from_key("expense"),
        node: None,
        node_title: None,
        title: signoff_core::text::Text::from_key("expense"),
        status: "running".to_owned(),
        subject_type: None,
        subject_id: None,
        requester: None,
        actor: signoff_core::actor::By::Host,
        task: None,
        meta: Some(serde_json::Map::from_iter([("مركز".to_owned(), 7.into())])),
        reason: None,
        comment: Some("نعم".to_owned()),
        due: Some(at(7)),
        to: None,
    };
    rows.jobs = vec![job(&rows, 1, 0)];
    rows.jobs[0].work = JobWork::Actions(Box::new(ActionsJob {
        event: signoff_core::graph::ActionEvent::AfterApprove,
        context,
        actions: vec![ResolvedAction {
            gave_up: true,
            index: 0,
            call: ActionCall::Run {
                name: "notify".to_owned(),
                with,
            },
            on_failure: Default::default(),
            retry: Default::default(),
        }],
    }));
    commit(&store, from_ref(&rows)).await;
    let loaded = all(&store, &rows).await.unwrap().rows;
    assert_eq!(loaded.instance, rows.instance);
    assert_eq!(loaded.tasks, [rows.tasks[0].1.clone()]);
    let claimed = store
        .claim(Lease {
            tenant: None,
            behind: None,
            now: at(0),
            until: at(60),
            limit: 1,
        })
        .await
        .unwrap();
    assert_eq!(claimed[0].job, rows.jobs[0]);
}
