//! Workflows as things that people edit: drafts, versions, what may start.

use serde_json::{Value, json};
use signoff::{
    Call, Clock as _, Content, DraftView, Format, NotDone, RefusalCode, Start, Subject,
    WorkflowKey, Workflows,
    core::text::Text,
    definition::draft::{Edit, Strategy},
    store::{MemoryStore, WorkflowChange, WorkflowStatus},
};

use crate::world::{World, builder, clock, people};

const KEY: &str = "leave";

fn key() -> WorkflowKey {
    KEY.into()
}

fn workflows(world: &World) -> Workflows {
    world.engine.workflows(&world.tenant)
}

async fn write(world: &World, document: Value) -> DraftView {
    let content = Content::Document(document);
    workflows(world)
        .write(&key(), None, content, None)
        .await
        .unwrap()
}

fn edits(edits: Value) -> Vec<Edit> {
    serde_json::from_value(edits).unwrap()
}

/// Everything that an approval may have, in two languages.
fn whole() -> Value {
    json!({
        "title": {"en": "Leave request", "ar": "طلب إجازة"}, "description": "Who may be away.",
        "actions": {"on_workflow_complete": [{"mail": "approved", "to": ["creator"]}]},
        "forms": {"note": {"type": "object"}},
        "pipelines": [
            {"key": "hr", "title": {"en": "People", "ar": "الموارد البشرية"}, "department": "people", "stages": [
                {"key": "review", "color": "#ff0000", "approvals": [{"user": "ann"}, {"role": "lead"}]},
                {"key": "sign", "approvals": [{"user": "bob", "form": "note"}]},
            ]},
            {"key": "finance", "stages": [{"key": "pay", "approvals": [{"user": "max"}]}]},
        ],
    })
}

fn status(status: WorkflowStatus) -> WorkflowChange {
    WorkflowChange {
        status: Some(status),
        ..WorkflowChange::default()
    }
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, NotDone>, code: RefusalCode, words: &str) {
    match result.unwrap_err() {
        NotDone::Refused(refusal) => {
            assert_eq!(refusal.code, code, "{refusal}");
            assert!(refusal.message.contains(words), "{refusal}");
        }
        NotDone::Failed(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_workflow_has_names_a_status_an_owner_and_a_strategy() {
    let world = World::new(&[]).await;
    let draft = write(&world, whole()).await;
    let row = &draft.workflow;
    assert_eq!(
        (row.status, row.latest, row.hidden),
        (WorkflowStatus::Draft, 0, false)
    );
    assert_eq!(draft.report.outline.strategy, Some(Strategy::Stages));
    let change = WorkflowChange {
        owner: Some(Some("شركة".to_owned())),
        ..status(WorkflowStatus::Active)
    };
    let item = workflows(&world).change(&key(), &change).await.unwrap();
    assert_eq!(item.row.owner.as_deref(), Some("شركة"));
    assert!(item.row.is_active());
    assert_eq!(item.title.for_locale("ar"), "طلب إجازة");
    assert_eq!(item.title.for_locale("en"), "Leave request");
    assert_eq!(
        item.description,
        Some(Text::Plain("Who may be away.".to_owned()))
    );
    assert_eq!((item.strategy, item.pipelines), (Some(Strategy::Stages), 2));
    let listed = workflows(&world).list(false).await.unwrap();
    assert_eq!(listed.len(), 1);
    let hide = WorkflowChange {
        hidden: Some(true),
        ..WorkflowChange::default()
    };
    workflows(&world).change(&key(), &hide).await.unwrap();
    assert_eq!(workflows(&world).list(false).await.unwrap().len(), 0);
    assert_eq!(workflows(&world).list(true).await.unwrap().len(), 1);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a story is told in one go")]
async fn the_report_says_what_is_missing_where_and_whether_it_can_be_activated() {
    let world = World::new(&[]).await;
    let draft = write(&world, json!({"title": "Leave"})).await;
    let mut revision = draft.revision;
    assert_eq!(
        draft.report.message(),
        Some("the workflow `leave` has no pipelines")
    );
    for (edit, message, complete) in [
        (
            json!({"edit": "add_pipeline", "pipeline": {"key": "hr"}}),
            Some("the pipeline `hr` has no stages"),
            false,
        ),
        (
            json!({"edit": "add_stage", "pipeline": "hr", "stage": {"key": "review"}}),
            Some("the stage `review` of the pipeline `hr` is not active: it has no approvals"),
            false,
        ),
        (
            json!({"edit": "change_stage", "stage": "review", "with": {"approvals": [{"role": null}]}}),
            Some("the stage `review` is not valid: "),
            false,
        ),
        (
            json!({"edit": "change_stage", "stage": "review", "with": {"approvals": [{"role": "clerk"}]}}),
            None,
            true,
        ),
    ] {
        let view = workflows(&world)
            .edit(&key(), revision, &edits(json!([edit])))
            .await
            .unwrap();
        revision = view.revision;
        let report = &view.report;
        match message {
            Some(message) => assert!(
                report.message().unwrap().starts_with(message),
                "{:?}",
                report.outline.first
            ),
            None => assert_eq!(report.message(), None),
        }
        assert_eq!(
            (
                report.is_complete(),
                report.can_be_activated,
                report.is_active
            ),
            (complete, complete, false)
        );
        if !complete {
            refused(
                workflows(&world).publish(&key(), revision).await,
                RefusalCode::DefinitionInvalid,
                message.unwrap(),
            );
            refused(
                workflows(&world)
                    .change(&key(), &status(WorkflowStatus::Active))
                    .await,
                RefusalCode::DefinitionInvalid,
                message.unwrap(),
            );
            refused(
                world.engine.start(Start::of(KEY).by("ann")).await,
                RefusalCode::DefinitionInactive,
                message.unwrap(),
            );
        }
    }
    let item = workflows(&world)
        .change(&key(), &status(WorkflowStatus::Active))
        .await
        .unwrap();
    assert!(item.row.is_active() && !item.row.has_draft);
    world.start(KEY, "ann").await;
    workflows(&world)
        .change(&key(), &status(WorkflowStatus::Inactive))
        .await
        .unwrap();
    refused(
        world.engine.start(Start::of(KEY).by("ann")).await,
        RefusalCode::DefinitionInactive,
        "is inactive",
    );
    let reopened = workflows(&world).open(&key(), None).await.unwrap();
    assert!(reopened.report.can_be_activated && !reopened.report.is_active);
}

#[tokio::test]
async fn a_workflow_is_written_whole_in_one_call_or_not_at_all() {
    let world = World::new(&[]).await;
    let mut broken = whole();
    broken["pipelines"][1]["approvals"] = json!([{"user": "ann"}]);
    let content = Content::Document(broken);
    let written = workflows(&world).write(&key(), None, content, None).await;
    refused(
        written,
        RefusalCode::DefinitionInvalid,
        "strategy 1 (pipelines with stages) takes no approvals",
    );
    let text = Content::Text {
        source: "key: leave\npipelines: [{key: p, stages: [{key: s}]}]".to_owned(),
        format: Format::Yaml,
    };
    let imported = workflows(&world)
        .write(&key(), None, text, Some(Strategy::Pipelines))
        .await;
    refused(
        imported,
        RefusalCode::DefinitionInvalid,
        "strategy 2 (pipelines with approvals) takes no stages",
    );
    assert!(
        workflows(&world).one(&key()).await.unwrap().is_none(),
        "nothing was written"
    );
    let draft = write(&world, whole()).await;
    assert!(draft.report.is_complete(), "{:?}", draft.report.problems);
    let published = workflows(&world)
        .publish(&key(), draft.revision)
        .await
        .unwrap();
    let definition = world
        .engine
        .definition(&world.tenant, &key(), Some(published.id.version))
        .await;
    let document = &definition.unwrap().unwrap().document;
    for part in ["pipelines", "actions", "forms", "description"] {
        assert_eq!(document[part], whole()[part], "{part}");
    }
}

#[tokio::test]
async fn a_stale_edit_is_refused_and_of_many_editors_each_is_told() {
    let world = World::new(&[]).await;
    let first = write(&world, whole()).await;
    let title = |text: &str| edits(json!([{"edit": "merge", "with": {"title": text}}]));
    let ada = workflows(&world).by("ada");
    let second = ada
        .edit(&key(), first.revision, &title("Second"))
        .await
        .unwrap();
    assert_eq!(second.changed_by, Some("ada".into()));
    refused(
        ada.edit(&key(), first.revision, &title("Stale")).await,
        RefusalCode::Conflict,
        "revision 2, not 1",
    );
    refused(
        ada.publish(&key(), first.revision).await,
        RefusalCode::Conflict,
        "revision 2, not 1",
    );
    refused(
        ada.discard(&key(), first.revision).await,
        RefusalCode::Conflict,
        "revision 2, not 1",
    );
    refused(
        ada.write(&key(), None, Content::Document(whole()), None)
            .await,
        RefusalCode::Conflict,
        "has a draft already",
    );
    let tries: Vec<_> = (0..8)
        .map(|n| {
            let title = title(&format!("by {n}"));
            let workflows = workflows(&world);
            tokio::spawn(async move { workflows.edit(&key(), second.revision, &title).await })
        })
        .collect();
    let mut done = Vec::new();
    for tried in tries {
        done.push(tried.await.unwrap());
    }
    assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1);
    for lost in done.into_iter().filter(Result::is_err) {
        refused(lost, RefusalCode::Conflict, "");
    }
    let kept = ada.draft(&key()).await.unwrap().unwrap();
    assert_eq!(kept.revision, 3);
    ada.discard(&key(), 3).await.unwrap();
    assert!(ada.draft(&key()).await.unwrap().is_none());
    refused(
        ada.edit(&key(), 3, &title("gone")).await,
        RefusalCode::NotFound,
        "no draft",
    );
    for person in ["ann", "off", "nobody"] {
        let refusal = workflows(&world)
            .by(person)
            .write(&key(), None, Content::Document(whole()), None)
            .await;
        refused(refusal, RefusalCode::NotPermitted, "only admins");
    }
}

#[tokio::test]
async fn instances_stay_on_what_they_began_and_share_it() {
    let world = World::new(&[]).await;
    let draft = write(&world, whole()).await;
    workflows(&world)
        .publish(&key(), draft.revision)
        .await
        .unwrap();
    let one = world.start(KEY, "ann").await.id();
    let other = world.start(KEY, "bob").await.id();
    let (first, second) = (world.view(one).await, world.view(other).await);
    assert!(
        std::sync::Arc::ptr_eq(&first.definition, &second.definition),
        "one frozen version"
    );
    let draft = workflows(&world).open(&key(), None).await.unwrap();
    let without = edits(json!([
        {"edit": "remove_pipeline", "pipeline": "finance"},
        {"edit": "remove_stage", "stage": "sign"},
    ]));
    let draft = workflows(&world)
        .edit(&key(), draft.revision, &without)
        .await
        .unwrap();
    assert_eq!(
        world.view(one).await.definition.document,
        first.definition.document
    );
    workflows(&world)
        .publish(&key(), draft.revision)
        .await
        .unwrap();
    let view = world.view(one).await;
    assert_eq!(
        (
            view.definition.id.workflow.as_str(),
            view.definition.id.version
        ),
        (KEY, 1),
        "its template"
    );
    assert_eq!(view.definition.graph.nodes().count(), 3);
    let listed = workflows(&world).list(true).await.unwrap();
    assert_eq!(listed.len(), 1, "what runs is no workflow of its own");
    assert_eq!((listed[0].row.latest, listed[0].pipelines), (2, 1));
    refused(
        workflows(&world).delete(&key()).await,
        RefusalCode::InUse,
        "has instances",
    );
    assert_eq!(world.status(one).await, "running");
    world.start(KEY, "max").await;
}

#[tokio::test]
async fn a_workflow_is_copied_whole_and_once() {
    let world = World::new(&[]).await;
    write(&world, whole()).await;
    let workflows = workflows(&world);
    let title = Some(Text::from(json!({"en": "Sick leave", "ar": "إجازة مرضية"})));
    let copy = workflows
        .copy(&key(), None, &"sick".into(), title)
        .await
        .unwrap();
    let mut expected = copy.document.clone();
    assert_eq!(expected["key"], "sick");
    assert_eq!(expected["title"]["ar"], "إجازة مرضية");
    expected["key"] = json!(KEY);
    expected["title"] = whole()["title"].clone();
    let original = workflows.draft(&key()).await.unwrap().unwrap();
    assert_eq!(expected, original.document);
    refused(
        workflows.copy(&key(), None, &"sick".into(), None).await,
        RefusalCode::Conflict,
        "already",
    );
    refused(
        workflows.copy(&key(), Some(9), &"x".into(), None).await,
        RefusalCode::NotFound,
        "version 9",
    );
    refused(
        workflows
            .copy(&"nope".into(), None, &"x".into(), None)
            .await,
        RefusalCode::NotFound,
        "nope",
    );
    refused(
        workflows
            .copy(&key(), None, &"Not a key".into(), None)
            .await,
        RefusalCode::DefinitionInvalid,
        "is not a key",
    );
    let alone = Content::Document(json!({"approvals": [{"user": "ann"}]}));
    workflows
        .write(&"alone".into(), None, alone, None)
        .await
        .unwrap();
    let copied = workflows
        .copy(&"alone".into(), None, &"alone_too".into(), None)
        .await
        .unwrap();
    assert_eq!(copied.document["approvals"], json!([{"user": "ann"}]));
    assert!(copied.report.is_complete());
    workflows.delete(&"sick".into()).await.unwrap();
    assert!(workflows.one(&"sick".into()).await.unwrap().is_none());
    assert!(
        workflows.draft(&key()).await.unwrap().is_some(),
        "the original stays"
    );
}

#[tokio::test]
async fn approvals_are_checked_alike_wherever_they_stand() {
    let world = World::new(&[]).await;
    let wrong = [
        (json!({}), "missing_who"),
        (json!({"role": null}), "wrong_type"),
        (json!({"user": 5}), "wrong_type"),
        (json!({"user": "ann", "role": "clerk"}), "invalid_who"),
        (json!({"approver": "ann"}), "unknown_key"),
        (json!({"user": "ann", "select": "most"}), "unknown_value"),
        (
            json!({"role": "clerk", "select": "management_path"}),
            "unknown_value",
        ),
        (
            json!({"role": "clerk", "select": "lead_only"}),
            "unknown_value",
        ),
        (
            json!({"role": "clerk", "select": "seniority"}),
            "unknown_value",
        ),
        (
            json!({"role": "clerk", "select": "workload_balanced"}),
            "unknown_value",
        ),
        (
            json!({"role": "clerk", "select": {"dynamic": "sector"}}),
            "unknown_key",
        ),
        (
            json!({"user": "ann", "behaviour": "submit", "form": "nope"}),
            "unknown_form",
        ),
    ];
    for (number, (entry, code)) in wrong.iter().enumerate() {
        let entries = json!([{"user": "bob"}, entry]);
        for (level, document, path) in [
            (
                "stage",
                json!({"pipelines": [{"key": "p", "stages": [{"key": "s", "approvals": entries}]}]}),
                "/pipelines/0/stages/0/approvals/1",
            ),
            (
                "pipeline",
                json!({"pipelines": [{"key": "p", "approvals": entries}]}),
                "/pipelines/0/approvals/1",
            ),
            ("workflow", json!({"approvals": entries}), "/approvals/1"),
            (
                "transition",
                json!({
                    "steps": [
                        {"key": "a", "initial": true, "statuses": [
                            {"key": "open", "default": true}, {"key": "shut", "completion": true},
                        ]},
                        {"key": "b", "final": true, "statuses": [
                            {"key": "new", "default": true}, {"key": "done", "completion": true},
                        ]},
                    ],
                    "transitions": [{"from": "a", "to": "b", "approvals": entries}],
                }),
                "/transitions/0/approvals/1",
            ),
        ] {
            let key = WorkflowKey::from(format!("{level}_{number}"));
            let content = Content::Document(document);
            let draft = workflows(&world)
                .write(&key, None, content, None)
                .await
                .unwrap();
            let problems = &draft.report.problems;
            let found = problems.iter().find(|found| found.code == *code);
            let found = found.unwrap_or_else(|| panic!("{code} {level}: {problems:?}"));
            assert!(found.path.as_str().starts_with(path), "{level}: {found:?}");
            assert!(found.position.is_some());
            assert!(!draft.report.is_complete());
        }
    }
}

#[tokio::test]
async fn a_text_stays_as_it_is_written_and_may_be_large() {
    let world = World::new(&[]).await;
    let text = |comment: &str| {
        format!("# {comment}\nkey: leave\nkind: approval\ntitle: طلب إجازة\napprovals: []\n")
    };
    let content = |source: String| Content::Text {
        source,
        format: Format::Yaml,
    };
    let draft = workflows(&world)
        .write(&key(), None, content(text("مسودة")), None)
        .await
        .unwrap();
    assert_eq!(draft.source, text("مسودة"));
    assert_eq!(draft.workflow.title, r#""طلب إجازة""#);
    let fits = text(&"x".repeat((1 << 20) - text("").len()));
    assert_eq!(fits.len(), 1 << 20);
    let large = workflows(&world)
        .write(&key(), Some(1), content(fits.clone()), None)
        .await
        .unwrap();
    assert_eq!((large.revision, large.source.len()), (2, 1 << 20));
    let over = workflows(&world)
        .write(&key(), Some(2), content(format!("{fits} ")), None)
        .await;
    refused(over, RefusalCode::LimitExceeded, "bytes");
    let broken = workflows(&world)
        .write(&key(), Some(2), content("a: [".to_owned()), None)
        .await;
    refused(broken, RefusalCode::DefinitionInvalid, "");
    let other = workflows(&world)
        .write(&key(), Some(2), content("key: other".to_owned()), None)
        .await;
    refused(other, RefusalCode::DefinitionInvalid, "another workflow");
    assert_eq!(
        workflows(&world)
            .draft(&key())
            .await
            .unwrap()
            .unwrap()
            .revision,
        2
    );
}

#[tokio::test]
async fn a_pipeline_refers_to_a_department_whose_name_is_resolved() {
    let directory = people();
    let subject = |kind: &str, id: &str| Subject {
        kind: kind.to_owned(),
        id: id.to_owned(),
    };
    directory.name_department(
        subject("department", "people"),
        Text::from(json!({"ar": "الموارد البشرية", "en": "People"})),
    );
    let clock = clock();
    let engine = builder(&MemoryStore::new(), &clock)
        .directory(directory)
        .build()
        .unwrap();
    let world = World {
        engine,
        clock,
        tenant: signoff::TenantId::default(),
    };
    let draft = write(&world, whole()).await;
    let department = draft.report.outline.pipelines[0]
        .department
        .clone()
        .unwrap();
    assert_eq!(department, subject("department", "people"));
    assert_eq!(
        draft.report.departments[&department].for_locale("ar"),
        "الموارد البشرية"
    );
    assert_eq!(draft.report.outline.pipelines[1].department, None);
    // The same in what is published; a team, say, is a type of the host's.
    let of_team = whole().to_string().replace(
        r#""department":"people""#,
        r#""department":{"type":"team","id":"7"}"#,
    );
    let content = Content::Document(serde_json::from_str(&of_team).unwrap());
    for (content, expected, name) in [
        (None, subject("department", "people"), Some("People")),
        (Some(content), subject("team", "7"), None),
    ] {
        let workflows = workflows(&world);
        if let Some(content) = content {
            workflows.write(&key(), None, content, None).await.unwrap();
        }
        let draft = workflows.draft(&key()).await.unwrap().unwrap();
        workflows.publish(&key(), draft.revision).await.unwrap();
        let leave = key();
        let found = world.engine.definition(&world.tenant, &leave, None);
        let found = found.await.unwrap().unwrap();
        let structure = signoff::reading::Structure::of(&found.graph);
        let group = &structure.groups[0];
        assert_eq!(group.department.as_ref(), Some(&expected));
        let colors: Vec<_> = group
            .stages
            .iter()
            .map(|stage| stage.color.as_deref())
            .collect();
        assert_eq!(colors, [Some("#ff0000"), Some("#3498db")]);
        let found = world.engine.department_name(&world.tenant, &expected);
        let found = found.await.unwrap();
        assert_eq!(found.as_ref().map(|found| found.for_locale("en")), name);
    }
    let wrong = whole().to_string().replace(
        r#""department":"people""#,
        r#""department":{"type":"team"}"#,
    );
    let content = Content::Document(serde_json::from_str(&wrong).unwrap());
    let draft = workflows(&world).write(&key(), None, content, None).await;
    let problems = draft.unwrap().report.problems;
    assert!(problems.iter().any(|found| {
        found.code == "missing_key" && found.path.as_str() == "/pipelines/0/department"
    }));
}

#[tokio::test]
async fn the_position_is_a_stage_of_its_pipeline_all_the_way() {
    let world = World::new(&[]).await;
    let draft = write(&world, whole()).await;
    workflows(&world)
        .publish(&key(), draft.revision)
        .await
        .unwrap();
    let id = world.start(KEY, "ann").await.id();
    let started = world.view(id).await;
    assert_eq!(started.instance.started_at(), world.clock.now());
    assert_eq!(
        started.instance.requester().map(signoff::PersonId::as_str),
        Some("ann")
    );
    for (pipeline, stage, by) in [
        ("hr", "review", "ann"),
        ("hr", "review", "max"),
        ("hr", "sign", "bob"),
        ("finance", "pay", "max"),
    ] {
        assert_eq!(world.at(id).await, [stage]);
        let view = world.view(id).await;
        let node = view.definition.graph.node(&stage.into()).unwrap();
        assert_eq!(
            node.group.as_ref().map(signoff::core::id::GroupKey::as_str),
            Some(pipeline)
        );
        let task = world.task(id, stage).await;
        world.engine.call(Call::approve(task).by(by)).await.unwrap();
    }
    assert_eq!(world.status(id).await, "completed");
    assert!(world.at(id).await.is_empty(), "the position is cleared");
}

#[tokio::test]
async fn what_lists_leave_out_is_not_offered_and_can_be_started_by_its_key() {
    let world = World::new(&[]).await;
    let draft = write(&world, whole()).await;
    let published = workflows(&world).publish(&key(), draft.revision).await;
    assert_eq!(published.unwrap().id.version, 1);
    let offered = || async {
        let ann = "ann".into();
        let offered = world.engine.startable(&world.tenant, &ann);
        offered.await.unwrap().len()
    };
    assert_eq!(offered().await, 1);
    let hide = WorkflowChange {
        hidden: Some(true),
        ..WorkflowChange::default()
    };
    workflows(&world).change(&key(), &hide).await.unwrap();
    assert_eq!(offered().await, 0);
    let start = Start::of(KEY).tenant(world.tenant.clone()).by("ann");
    world.engine.start(start).await.unwrap();
}

#[tokio::test]
async fn of_those_who_start_and_delete_a_workflow_at_once_one_wins() {
    for _ in 0..20 {
        let world = World::new(&[]).await;
        let draft = write(&world, whole()).await;
        let published = workflows(&world).publish(&key(), draft.revision).await;
        published.unwrap();
        let start = Start::of(KEY).tenant(world.tenant.clone()).by("ann");
        let editor = workflows(&world);
        let leave = key();
        let (started, deleted) = tokio::join!(world.engine.start(start), editor.delete(&leave));
        match (started, deleted) {
            (Ok(_), deleted) => refused(deleted, RefusalCode::InUse, "has instances"),
            (Err(started), Ok(())) => {
                refused::<()>(Err(started), RefusalCode::NotFound, "");
            }
            (started, deleted) => panic!("{started:?} {deleted:?}"),
        }
    }
}

#[tokio::test]
async fn what_is_published_is_whole_and_names_the_version_of_its_base() {
    let base = "{format: signoff/v1, kind: approval, key: buy, pipelines: [{key: pay, approvals: [{user: ann}]}]}";
    let world = World::new(&[base]).await;
    let document =
        json!({"extends": "buy", "pipelines": [{"key": "sign", "approvals": [{"user": "bob"}]}]});
    let draft = write(&world, document.clone()).await;
    assert_eq!(draft.report.message(), None);
    assert_eq!(draft.report.outline.pipelines.len(), 2);
    assert_eq!(draft.report.outline.strategy, Some(Strategy::Pipelines));
    let published = workflows(&world).publish(&key(), draft.revision).await;
    let id = published.unwrap().id;
    let found = world.engine.definition(&world.tenant, &id.workflow, None);
    let found = found.await.unwrap().unwrap();
    assert_eq!(
        found.document["extends"],
        json!({"workflow": "buy", "version": 1})
    );
    assert_eq!(found.document["kind"], "approval");
    let keys: Vec<_> = found.graph.nodes().map(|node| node.key.as_str()).collect();
    assert_eq!(keys, ["pay", "sign"]);
    // As it is stored, it is the same version; on a newer base it is a newer one.
    let stored = found.document.to_string();
    let publish = async |text: &str| {
        let sources = [(text, Format::Json)];
        let published = world.engine.publish(&world.tenant, &sources);
        published.await.unwrap().remove(0).id.version
    };
    assert_eq!(publish(&stored).await, 1);
    let changed = base.replace("user: ann", "user: max");
    let sources = [(changed.as_str(), Format::Yaml)];
    world.engine.publish(&world.tenant, &sources).await.unwrap();
    assert_eq!(publish(&stored).await, 1);
    let mut anew = document;
    anew["key"] = KEY.into();
    anew["format"] = "signoff/v1".into();
    assert_eq!(publish(&anew.to_string()).await, 2);
    let lost = json!({"extends": "nobody", "pipelines": []});
    let open = workflows(&world).open(&key(), None).await.unwrap();
    let content = Content::Document(lost);
    let lost = workflows(&world)
        .write(&key(), Some(open.revision), content, None)
        .await
        .unwrap();
    assert!(
        lost.report
            .problems
            .iter()
            .any(|found| found.code == "unknown_base")
    );
    let published = workflows(&world).publish(&key(), lost.revision).await;
    refused(published, RefusalCode::DefinitionInvalid, "nobody");
}

#[tokio::test]
async fn words_of_the_format_are_taken_in_any_case_and_stored_in_lower_case() {
    let text = |kind: &str, mode: &str, select: &str, select_too: &str| {
        json!({
            "format": "signoff/v1", "kind": kind, "key": "order", "if_running": "ALLOW",
            "defaults": {"mode": mode},
            "approvals": [
                {"user": "ann", "select": select, "behaviour": "Approve"},
                {"role": "clerk", "select": select_too, "on_reject": "Reject"},
            ],
        })
        .to_string()
    };
    let world = World::new(&[]).await;
    let publish = async |text: String| {
        let sources = [(text.as_str(), Format::Json)];
        let published = world.engine.publish(&world.tenant, &sources).await;
        published.unwrap().remove(0).id
    };
    let id = publish(text("Approval", "Parallel", "Anyone", "ROUND_ROBIN")).await;
    let found = world.engine.definition(&world.tenant, &id.workflow, None);
    let document = &found.await.unwrap().unwrap().document;
    for (path, word) in [
        ("/kind", "approval"),
        ("/if_running", "allow"),
        ("/defaults/mode", "parallel"),
        ("/approvals/0/select", "anyone"),
        ("/approvals/0/behaviour", "approve"),
        ("/approvals/1/select", "round_robin"),
        ("/approvals/1/on_reject", "reject"),
    ] {
        assert_eq!(document.pointer(path), Some(&json!(word)), "{path}");
    }
    let again = publish(text("approval", "PARALLEL", "anyone", "round_robin")).await;
    assert_eq!(again.version, 1, "the same content");
    let wrong = text("approval", "aside", "anyone", "anyone");
    let problems = world.engine.check(&world.tenant, &wrong, Format::Json);
    let problems = problems.await.unwrap();
    assert!(problems.iter().any(|found| found.code == "unknown_value"));
}

#[tokio::test]
async fn a_start_is_at_the_first_stage_of_the_first_pipeline() {
    let documents = [
        "{key: a, pipelines: [{key: hr, stages: [{key: review, approvals: [{user: ann}]}, {key: sign, approvals: [{user: ann}]}]}, {key: pay, stages: [{key: book, approvals: [{user: ann}]}]}]}",
        "{key: b, pipelines: [{key: hr, approvals: [{user: ann}]}, {key: pay, approvals: [{user: ann}]}]}",
        "{key: c, approvals: [{user: ann}]}",
    ]
    .map(|text| text.replacen('{', "{format: signoff/v1, kind: approval, ", 1));
    let world = World::new(&documents.each_ref().map(String::as_str)).await;
    for (key, group, stages) in [
        ("a", Some("hr"), vec!["review"]),
        ("b", Some("hr"), vec!["hr"]),
        ("c", None, vec!["c"]),
    ] {
        let id = world.start(key, "ann").await.id();
        let view = world.view(id).await;
        assert_eq!(
            world.at(id).await,
            stages,
            "a pipeline or workflow without stages is its own place"
        );
        assert_eq!(view.instance.started_at(), world.clock.now());
        let requester = view.instance.requester().map(signoff::PersonId::as_str);
        assert_eq!(requester, Some("ann"));
        let node = view.definition.graph.node(&stages[0].into()).unwrap();
        let found = node.group.as_ref().map(signoff::core::id::GroupKey::as_str);
        assert_eq!(found, group, "{key}");
    }
}

#[tokio::test]
async fn names_of_nodes_are_unique_and_give_titles() {
    let flow = "{format: signoff/v1, kind: flow, key: trip, nodes: {start: {start: {}, next: pack_bags}, \
        pack_bags: {task: {user: ann}, next: leave}, leave: {task: {user: ann}, title: Off!, next: end}, end: {end: {}}}}";
    let world = World::new(&[flow]).await;
    let derived = "{format: signoff/v1, key: tour, extends: trip, nodes: {leave: {next: end}}}";
    let sources = [(derived, Format::Yaml)];
    world.engine.publish(&world.tenant, &sources).await.unwrap();
    for key in ["trip", "tour"] {
        let workflow = key.into();
        let found = world.engine.definition(&world.tenant, &workflow, None);
        let found = found.await.unwrap().unwrap();
        let title = |node: &str| found.graph.node(&node.into()).unwrap().title.clone();
        assert_eq!(title("pack_bags").for_locale("en"), "Pack bags");
        assert_eq!(title("leave").for_locale("en"), "Off!");
    }
    let twice = flow.replace("leave: {task", "pack_bags: {task");
    let problems = world.engine.check(&world.tenant, &twice, Format::Yaml);
    let problems = problems.await.unwrap();
    assert_eq!(problems[0].code, "duplicate_key");
    assert!(problems[0].position.is_some());
}
