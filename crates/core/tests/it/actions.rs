//! Actions: which level reacts to an event, in which order, and who is told.

use jiff::SignedDuration;
use serde_json::json;
use signoff_core::{
    change::{ActionCall, Addressee},
    graph::{
        ActionEvent, ActionKind, ActionSpec, ActionTable, EntrySpec, Escalate, GraphBuilder, Led,
        MailSpec, Need, Node, OnFailure, Recipient, Retry, RunSpec, Who,
    },
    template::Template,
};

use crate::{
    graphs::{approval, builder, each, function, group, guarded, in_group, role, row, user},
    toy::{Toy, when},
    world::World,
};

const PEOPLE: &str = "ann >max; max; rita clerk; bob clerk; eve boss; zed- clerk";

fn run(name: &str) -> ActionSpec {
    ActionSpec {
        kind: ActionKind::Run(RunSpec {
            name: name.to_owned(),
            with: None,
        }),
        when: None,
        order: 0,
        on_failure: OnFailure::Continue,
        retry: Retry::default(),
    }
}

fn mail(to: Vec<Recipient>) -> ActionSpec {
    ActionSpec {
        kind: ActionKind::Mail(MailSpec {
            template: "note".to_owned(),
            subject: None,
            to,
            cc: Vec::new(),
            with: None,
        }),
        ..run("")
    }
}

fn table(rows: impl IntoIterator<Item = (ActionEvent, Vec<ActionSpec>)>) -> ActionTable {
    rows.into_iter()
        .map(|(event, specs)| (event, specs.into()))
        .collect()
}

/// A table that runs `prefix` for every event there is.
fn everything(prefix: &str) -> ActionTable {
    table(
        ActionEvent::ALL
            .iter()
            .map(|event| (*event, vec![run(prefix)])),
    )
}

fn acting(mut node: Node, actions: ActionTable) -> Node {
    node.actions = actions;
    node
}

/// What ran for the last command, as `event@node name name`.
fn ran(world: &World) -> Vec<String> {
    let jobs = world.actions.iter().map(|job| {
        let names: Vec<&str> = job
            .actions
            .iter()
            .map(|action| action.call.name())
            .collect();
        let node = job.context.node.as_deref().map(|node| format!("@{node}"));
        format!(
            "{}{} {}",
            job.event.as_str(),
            node.unwrap_or_default(),
            names.join(" ")
        )
    });
    jobs.collect()
}

/// To whom the mails of the last command go, as `event template: who who`.
fn mails(world: &World) -> Vec<String> {
    let name = |to: &Addressee| match to {
        Addressee::Address(text) => text.clone(),
        Addressee::Person(person) => person.to_string(),
    };
    let calls = world.actions.iter().flat_map(|job| {
        job.actions
            .iter()
            .filter_map(move |action| match &action.call {
                ActionCall::Mail { template, to, .. } => {
                    let names: Vec<String> = to.iter().map(name).collect();
                    Some(format!(
                        "{} {template}: {}",
                        job.event.as_str(),
                        names.join(" ")
                    ))
                }
                ActionCall::Run { .. } => None,
            })
    });
    calls.collect()
}

fn two_groups() -> GraphBuilder {
    let nodes = row([
        in_group(approval("a", [user("rita")]), "one"),
        in_group(approval("b", [user("bob")]), "one"),
        in_group(approval("c", [user("eve")]), "two"),
    ]);
    builder(nodes)
        .group(group("one", None, Some("c")))
        .group(group("two", None, None))
}

#[test]
fn events_fire_in_their_order() {
    let graph = two_groups().actions(everything("x")).build().unwrap();
    let mut world = World::started(graph, PEOPLE);
    assert_eq!(ran(&world), ["on_task_opened@a x", "on_workflow_start x"]);
    world.approve("rita", "a").unwrap();
    assert_eq!(
        ran(&world),
        [
            "after_approve@a x",
            "after_move_stage@b x",
            "on_task_opened@b x"
        ]
    );
    world.approve("bob", "b").unwrap();
    let expected = [
        "after_approve@b x",
        "after_move_pipeline@c x",
        "after_move_stage@c x",
        "on_task_opened@c x",
    ];
    assert_eq!(ran(&world), expected);
    world.resubmit("eve", "c", Some("a")).unwrap();
    assert_eq!(
        ran(&world),
        ["after_resubmission@c x", "on_task_opened@a x"]
    );
    world.delegate("rita", "a", "bob").unwrap();
    assert_eq!(ran(&world), ["after_delegate@a x"]);
    world.approve("bob", "a").unwrap();
    world.approve("bob", "b").unwrap();
    world.approve("eve", "c").unwrap();
    assert_eq!(ran(&world), ["after_approve@c x", "on_workflow_complete x"]);
}

#[test]
fn ends_fire_their_own_events() {
    let graph = two_groups().actions(everything("x")).build().unwrap();
    let mut world = World::started(graph.clone(), PEOPLE);
    world.reject("rita", "a").unwrap();
    assert_eq!(
        ran(&world),
        ["after_reject@a x"],
        "completion is not rejection"
    );
    let mut world = World::started(graph, PEOPLE);
    world.cancel("ann").unwrap();
    assert_eq!(ran(&world), ["on_cancel x"]);
}

#[test]
fn an_instance_that_needs_nobody_starts_and_completes() {
    let graph = builder([guarded(approval("a", [user("rita")]), "false")])
        .actions(everything("x"))
        .build()
        .unwrap();
    let world = World::started(graph, PEOPLE);
    assert_eq!(
        ran(&world),
        ["on_workflow_start x", "on_workflow_complete x"]
    );
}

#[test]
fn an_entry_fires_once_and_not_for_every_vote() {
    let graph = builder([approval("a", [each("clerk", Need::All)])])
        .actions(everything("x"))
        .build()
        .unwrap();
    let mut world = World::started(graph, PEOPLE);
    world.approve("rita", "a").unwrap();
    assert_eq!(ran(&world), [""; 0]);
    world.approve("bob", "a").unwrap();
    assert_eq!(ran(&world), ["after_approve@a x", "on_workflow_complete x"]);
}

#[test]
fn timers_fire_events() {
    let escalate = Escalate {
        after: Some(SignedDuration::from_hours(3).into()),
        to: Who::ManagerOf(Led::Assignee, 1),
        levels: 2,
    };
    let entry = EntrySpec {
        due: Some(SignedDuration::from_hours(2).into()),
        remind: vec![SignedDuration::from_hours(1).into()],
        escalate: Some(escalate),
        ..user("ann")
    };
    let node = acting(approval("a", [entry]), everything("n"));
    let mut world = World::started(builder([node]).build().unwrap(), PEOPLE);
    for expected in [
        "on_reminder@a n",
        "on_overdue@a n",
        "after_escalate@a n",
        "",
        "",
        "on_incident@a n",
    ] {
        world.advance(SignedDuration::from_hours(1));
        match expected {
            "" => {}
            expected => assert_eq!(ran(&world), [expected]),
        }
    }
}

#[test]
fn the_first_level_that_names_an_event_wins() {
    let level = |names: &[&str], name: &str| match names.contains(&name) {
        true => everything(name),
        false => ActionTable::new(),
    };
    for (names, expected) in [
        (&["node", "group", "workflow", "settings"][..], "node"),
        (&["group", "workflow", "settings"], "group"),
        (&["workflow", "settings"], "workflow"),
        (&["settings"], "settings"),
        (&[], "mail"),
    ] {
        let node = in_group(
            acting(approval("a", [user("rita")]), level(names, "node")),
            "g",
        );
        let mut around = group("g", None, None);
        around.actions = level(names, "group");
        let graph = builder([node])
            .group(around)
            .actions(level(names, "workflow"))
            .subject(Some("order".to_owned()))
            .build()
            .unwrap();
        let mut world = World::new(graph, PEOPLE);
        world.settings.mail = true;
        world
            .settings
            .actions
            .insert("order".to_owned(), level(names, "settings"));
        world
            .settings
            .actions
            .insert("default".to_owned(), everything("default"));
        world.start("ann", json!({})).unwrap();
        world.approve("rita", "a").unwrap();
        assert_eq!(ran(&world)[0], format!("after_approve@a {expected}"));
    }
}

#[test]
fn settings_for_other_subjects_fall_back_to_the_default() {
    let mut world = World::new(two_groups().build().unwrap(), PEOPLE);
    world
        .settings
        .actions
        .insert("order".to_owned(), everything("order"));
    world
        .settings
        .actions
        .insert("default".to_owned(), everything("default"));
    world.start("ann", json!({})).unwrap();
    assert_eq!(
        ran(&world),
        ["on_task_opened@a default", "on_workflow_start default"]
    );
}

#[test]
fn an_empty_list_stops_the_lookup() {
    let node = acting(
        approval("a", [user("rita")]),
        table([(ActionEvent::AfterApprove, Vec::new())]),
    );
    let graph = builder([node])
        .actions(everything("workflow"))
        .build()
        .unwrap();
    let mut world = World::started(graph, PEOPLE);
    world.approve("rita", "a").unwrap();
    assert_eq!(ran(&world), ["on_workflow_complete workflow"]);
}

#[test]
fn built_in_mail_is_sent_only_when_mail_can_be_sent() {
    for on in [false, true] {
        let mut world = World::new(two_groups().build().unwrap(), PEOPLE);
        world.settings.mail = on;
        let expect = |world: &World, expected: &[&str]| {
            let expected = if on { expected } else { &[] };
            assert_eq!(mails(world), expected);
        };
        world.start("ann", json!({})).unwrap();
        expect(&world, &[]);
        world.approve("rita", "a").unwrap();
        expect(
            &world,
            &[
                "after_approve approved: ann",
                "after_move_stage progress: ann",
                "after_move_stage action_required: bob",
            ],
        );
        world.resubmit("bob", "b", Some("a")).unwrap();
        expect(
            &world,
            &["after_resubmission resubmission_required: ann rita"],
        );
        world.delegate("rita", "a", "max").unwrap();
        expect(&world, &["after_delegate delegated: max ann"]);
        world.reject("max", "a").unwrap();
        expect(&world, &["after_reject rejected: ann"]);
    }
}

#[test]
fn recipients_are_resolved_at_the_end_of_the_command() {
    let to = [
        (Recipient::Creator, "ann"),
        (Recipient::Requester, "ann"),
        (Recipient::WorkflowStarter, "ann"),
        (Recipient::CurrentApprovers, "bob rita"),
        (Recipient::Participants, "ann eve"),
        (
            Recipient::Principal("role:clerk".parse().unwrap()),
            "bob rita",
        ),
        (Recipient::Principal("user:zed".parse().unwrap()), "zed"),
        (
            Recipient::Address("x@example.com".to_owned()),
            "x@example.com",
        ),
    ];
    for (recipient, expected) in to {
        let first = acting(
            approval("a", [user("eve")]),
            table([(
                ActionEvent::AfterApprove,
                vec![mail(vec![recipient.clone(), recipient.clone()])],
            )]),
        );
        let graph = builder(row([first, approval("b", [role("clerk")])]))
            .build()
            .unwrap();
        let mut world = World::started(graph, PEOPLE);
        world.approve("eve", "a").unwrap();
        assert_eq!(
            mails(&world),
            [format!("after_approve note: {expected}")],
            "{recipient:?}"
        );
    }
}

#[test]
fn a_mail_to_nobody_is_skipped() {
    let nobody = [
        Recipient::Delegate,
        Recipient::Delegator,
        Recipient::TaskHolders,
        Recipient::CurrentApprovers,
        Recipient::Principal("role:vacant".parse().unwrap()),
    ];
    let node = acting(
        approval("a", [user("rita")]),
        table([(
            ActionEvent::AfterApprove,
            vec![mail(nobody.to_vec()), run("next")],
        )]),
    );
    let mut world = World::started(builder([node]).build().unwrap(), PEOPLE);
    world.approve("rita", "a").unwrap();
    assert_eq!(ran(&world), ["after_approve@a next"]);
    assert_eq!(
        world.actions[0].actions[0].index, 1,
        "the place in the list stays"
    );
}

#[test]
fn both_sides_of_a_delegation_are_told() {
    let to = vec![
        Recipient::Delegator,
        Recipient::Delegate,
        Recipient::TaskHolders,
    ];
    let node = acting(
        approval("a", [role("clerk")]),
        table([(ActionEvent::AfterDelegate, vec![mail(to)])]),
    );
    let mut world = World::started(builder([node]).build().unwrap(), PEOPLE);
    world.delegate("rita", "a", "eve").unwrap();
    assert_eq!(mails(&world), ["after_delegate note: rita eve"]);
}

#[test]
fn conditions_and_values_are_those_at_the_end_of_the_command() {
    let mut spec = run("told");
    spec.when = when("nodes.b.state == \"open\"");
    let with =
        json!({"actor": "${ actor.id }", "text": "done by ${ actor.id } of ${ nodes.a.actors }"});
    spec.kind = ActionKind::Run(RunSpec {
        name: "told".to_owned(),
        with: Some(Template::compile(&with, &Toy).unwrap()),
    });
    let first = acting(
        approval("a", [user("rita")]),
        table([(ActionEvent::AfterApprove, vec![spec])]),
    );
    let graph = builder(row([first, approval("b", [user("bob")])]))
        .build()
        .unwrap();
    let mut world = World::started(graph, PEOPLE);
    world.approve("rita", "a").unwrap();
    let ActionCall::Run { with, .. } = &world.actions[0].actions[0].call else {
        unreachable!("only functions run here")
    };
    assert_eq!(
        *with,
        json!({"actor": "rita", "text": "done by rita of [\"rita\"]"})
    );
    world.approve("bob", "b").unwrap();
    assert_eq!(ran(&world), [""; 0]);
}

#[test]
fn an_action_that_cannot_be_prepared_is_an_incident_and_the_others_run() {
    let mut broken_when = run("one");
    broken_when.when = when("missing");
    let mut broken_with = run("two");
    broken_with.kind = ActionKind::Run(RunSpec {
        name: "two".to_owned(),
        with: Some(Template::compile(&json!("${ missing }"), &Toy).unwrap()),
    });
    let mut broken_subject = mail(vec![Recipient::Requester]);
    if let ActionKind::Mail(mail) = &mut broken_subject.kind {
        mail.subject = Some(Template::compile(&json!("Re: ${ missing }"), &Toy).unwrap());
    }
    let node = acting(
        approval("a", [user("rita")]),
        table([(
            ActionEvent::AfterApprove,
            vec![broken_when, run("three"), broken_with, broken_subject],
        )]),
    );
    let mut world = World::started(builder([node]).build().unwrap(), PEOPLE);
    world.approve("rita", "a").unwrap();
    assert_eq!(world.incidents(), ["action_failed"; 3]);
    assert_eq!(ran(&world), ["after_approve@a three"]);
    assert_eq!(world.status(), "completed", "the decision stands");
}

#[test]
fn an_incident_is_an_event_of_its_node() {
    let node = acting(approval("b", [user("ghost")]), everything("node"));
    let graph = builder(row([approval("a", [user("rita")]), node]))
        .actions(everything("workflow"))
        .build()
        .unwrap();
    let mut world = World::started(graph, PEOPLE);
    world.approve("rita", "a").unwrap();
    assert_eq!(
        ran(&world),
        [
            "after_approve@a workflow",
            "after_move_stage@b node",
            "on_incident@b node"
        ]
    );
}

#[test]
fn moves_are_between_approvals_whatever_lies_between() {
    let nodes = row([
        function("f"),
        approval("a", [user("rita")]),
        function("g"),
        approval("b", [user("bob")]),
        function("h"),
    ]);
    let graph = builder(nodes).actions(everything("x")).build().unwrap();
    let mut world = World::started(graph, PEOPLE);
    assert_eq!(ran(&world), ["on_task_opened@a x", "on_workflow_start x"]);
    world.approve("rita", "a").unwrap();
    assert_eq!(
        ran(&world),
        [
            "after_approve@a x",
            "after_move_stage@b x",
            "on_task_opened@b x"
        ]
    );
    world.approve("bob", "b").unwrap();
    assert_eq!(ran(&world), ["after_approve@b x", "on_workflow_complete x"]);
}
