//! Approvals: who is asked, in which order, and what a decision needs.

use serde_json::json;
use signoff_core::{
    command::{Answer, Command},
    graph::{Behaviour, Duty, EntrySpec, Graph, Led, Need, Who},
    refusal::RefusalCode as Code,
};

use crate::{
    graphs::{approval, each, form, graph, role, row, together, user},
    world::World,
};

const PEOPLE: &str = "ann >max; max; rita clerk; bob clerk; eve clerk; cfo boss; zed- clerk";

fn behaving(behaviour: Behaviour) -> Graph {
    let form = match behaviour {
        Behaviour::Submit => form("code"),
        _ => None,
    };
    let entry = EntrySpec {
        behaviour,
        form,
        ..user("rita")
    };
    graph([approval("check", [entry])])
}

#[test]
fn stages_open_one_after_another_and_the_last_completes() {
    let nodes = row([approval("a", [user("rita")]), approval("b", [user("bob")])]);
    let mut world = World::started(graph(nodes), PEOPLE);
    assert_eq!(
        (world.at(), world.status()),
        (vec!["a".to_owned()], "running")
    );
    world.approve("rita", "a").unwrap();
    assert_eq!(world.at(), ["b"]);
    let events = world.approve("bob", "b").unwrap();
    let expected = [
        "decision_made",
        "entry_closed",
        "node_completed",
        "branch_ended",
        "instance_completed",
    ];
    assert_eq!(events, expected);
    assert_eq!(world.status(), "completed");
}

#[test]
fn entries_open_one_after_another_within_a_node() {
    let mut world = World::started(graph([approval("a", [user("rita"), user("bob")])]), PEOPLE);
    assert_eq!(world.assignees("a"), ["rita"]);
    assert_eq!(world.approve("bob", "a"), Err(Code::NotPermitted));
    world.approve("rita", "a").unwrap();
    assert_eq!(world.assignees("a"), ["bob"]);
    world.approve("bob", "a").unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn parallel_entries_open_together_and_close_in_any_order() {
    for order in [
        ["rita", "bob", "cfo"],
        ["cfo", "bob", "rita"],
        ["bob", "rita", "cfo"],
    ] {
        let node = together("a", [user("rita"), user("bob"), user("cfo")]);
        let mut world = World::started(graph([node]), PEOPLE);
        assert_eq!(world.at(), ["a", "a", "a"]);
        for who in order {
            assert_eq!(world.status(), "running");
            world.approve(who, "a").unwrap();
        }
        assert_eq!(world.status(), "completed");
    }
}

#[test]
fn one_parallel_no_withdraws_the_other_entries() {
    let node = together("a", [user("rita"), user("bob")]);
    let mut world = World::started(graph([node]), PEOPLE);
    let events = world.reject("bob", "a").unwrap();
    assert_eq!(
        events,
        [
            "decision_made",
            "entry_closed",
            "task_cancelled",
            "node_rejected",
            "instance_rejected"
        ]
    );
    assert_eq!(world.approve("rita", "a"), Err(Code::NotRunning));
}

#[test]
fn an_offer_is_for_any_member_and_follows_the_directory() {
    for who in ["rita", "bob", "eve"] {
        let mut world = World::started(graph([approval("a", [role("clerk")])]), PEOPLE);
        assert_eq!(world.assignees("a"), ["?"]);
        assert_eq!(world.approve("cfo", "a"), Err(Code::NotPermitted));
        assert_eq!(world.approve("zed", "a"), Err(Code::NotPermitted));
        world.approve(who, "a").unwrap();
        assert_eq!(world.status(), "completed");
    }
    let mut world = World::started(graph([approval("a", [role("clerk")])]), PEOPLE);
    world.directory = crate::directory::Directory::of("new clerk; rita");
    assert_eq!(world.approve("rita", "a"), Err(Code::NotPermitted));
    world.approve("new", "a").unwrap();
}

#[test]
fn a_claimed_offer_is_for_nobody_else_until_it_is_released() {
    let mut world = World::started(graph([approval("a", [role("clerk")])]), PEOPLE);
    assert_eq!(world.release("rita", "a"), Err(Code::TargetInvalid));
    world.claim("rita", "a").unwrap();
    assert_eq!(world.claim("rita", "a"), Err(Code::AlreadyClaimed));
    assert_eq!(world.claim("bob", "a"), Err(Code::AlreadyClaimed));
    assert_eq!(world.claim("cfo", "a"), Err(Code::NotPermitted));
    assert_eq!(world.approve("bob", "a"), Err(Code::AlreadyClaimed));
    assert_eq!(world.release("bob", "a"), Err(Code::AlreadyClaimed));
    assert_eq!(world.release("cfo", "a"), Err(Code::NotPermitted));
    world.release("rita", "a").unwrap();
    world.claim("bob", "a").unwrap();
    world.approve("bob", "a").unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn only_persons_claim() {
    let mut world = World::started(graph([approval("a", [role("clerk")])]), PEOPLE);
    assert_eq!(world.claim("host", "a"), Err(Code::NotPermitted));
    world.approve("host", "a").unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn admins_may_decide_for_everybody_and_the_vote_stays_the_members() {
    let mut world = World::started(
        graph([approval("a", [user("rita")])]),
        &format!("{PEOPLE}; root*"),
    );
    assert_eq!(world.claim("root", "a"), Err(Code::AlreadyClaimed));
    world.approve("root", "a").unwrap();
    let result = &world.instance.as_ref().unwrap().results()["a"];
    assert_eq!(result.actors, ["root".into()]);
    assert_eq!(result.principals, ["rita".into()]);
}

#[test]
fn turns_go_round() {
    let spec = EntrySpec {
        duty: Duty::RoundRobin,
        ..role("clerk")
    };
    let nodes = ["a", "b", "c", "d"].map(|key| approval(key, [spec.clone()]));
    let mut world = World::started(graph(row(nodes)), PEOPLE);
    for (node, who) in [("a", "bob"), ("b", "eve"), ("c", "rita"), ("d", "bob")] {
        assert_eq!(world.assignees(node), [who]);
        assert_eq!(world.approve("host", node).map(|_| ()), Ok(()));
    }
}

#[test]
fn the_people_asked_are_those_the_entry_means() {
    for (who, assignee) in [
        (Who::Requester, "ann"),
        (Who::ManagerOf(Led::Requester, 1), "max"),
        (Who::User("cfo".into()), "cfo"),
        (Who::ActorOf("first".into()), "bob"),
    ] {
        let nodes = [
            approval("first", [role("clerk")]),
            approval("a", [EntrySpec::new(who)]),
        ];
        let mut world = World::started(graph(row(nodes)), PEOPLE);
        world.approve("bob", "first").unwrap();
        assert_eq!(world.assignees("a"), [assignee]);
    }
}

#[test]
fn nobody_to_ask_refuses_a_start_and_leaves_an_incident_later() {
    let nobody = [
        EntrySpec::new(Who::User("zed".into())),
        EntrySpec::new(Who::User("ghost".into())),
        EntrySpec::new(Who::ManagerOf(Led::Assignee, 1)),
        role("vacant"),
        each("vacant", Need::All),
        each("clerk", Need::Quorum(4)),
        EntrySpec {
            duty: Duty::RoundRobin,
            ..role("vacant")
        },
        EntrySpec::new(Who::ActorOf("b".into())),
    ];
    for entry in nobody {
        let mut world = World::new(graph([approval("b", [entry.clone()])]), PEOPLE);
        assert_eq!(
            world.start("ann", json!({})),
            Err(Code::NoApprover),
            "{entry:?}"
        );
        world.start("engine", json!({})).unwrap();
        assert_eq!(world.incidents(), ["no_approver"], "{entry:?}");

        let nodes = row([approval("a", [user("rita")]), approval("b", [entry])]);
        let mut world = World::started(graph(nodes), PEOPLE);
        world.approve("rita", "a").unwrap();
        assert_eq!(
            (world.status(), world.incidents()),
            ("running", vec!["no_approver"])
        );
        assert_eq!(world.at(), ["b"]);
        world.cancel("ann").unwrap();
    }
}

#[test]
fn a_node_whose_later_entries_fail_can_still_be_sent_back_or_cancelled() {
    let entries = [user("rita"), role("vacant"), user("ghost")];
    let nodes = row([approval("a", [user("bob")]), together("b", entries)]);
    let mut world = World::started(graph(nodes), PEOPLE);
    world.approve("bob", "a").unwrap();
    assert_eq!(world.incidents(), ["no_approver", "no_approver"]);
    assert_eq!(world.assignees("b"), ["rita"]);
    world.resubmit("rita", "b", Some("a")).unwrap();
    world.directory = crate::directory::Directory::of("bob; rita; new vacant; ghost");
    for (who, node) in [("bob", "a"), ("rita", "b"), ("new", "b"), ("ghost", "b")] {
        world.approve(who, node).unwrap();
    }
    assert_eq!(world.status(), "completed");
}

#[test]
fn forms_follow_the_behaviour() {
    let filled = json!({"code": "x"});
    for (behaviour, form, expected) in [
        (Behaviour::Submit, None, Err(Code::FormRequired)),
        (Behaviour::Submit, Some(json!({})), Err(Code::FormRequired)),
        (
            Behaviour::Submit,
            Some(json!({"code": 1})),
            Err(Code::FormInvalid),
        ),
        (
            Behaviour::Submit,
            Some(json!({"other": 1})),
            Err(Code::FormInvalid),
        ),
        (Behaviour::Submit, Some(json!([1])), Err(Code::FormInvalid)),
        (Behaviour::Submit, Some(filled.clone()), Ok(())),
        (
            Behaviour::Move,
            Some(filled.clone()),
            Err(Code::FormNotAllowed),
        ),
        (Behaviour::Move, Some(json!({})), Err(Code::FormNotAllowed)),
        (Behaviour::Move, None, Ok(())),
        (
            Behaviour::Approve,
            Some(filled.clone()),
            Err(Code::FormNotAllowed),
        ),
        (
            Behaviour::Approve,
            Some(json!([1])),
            Err(Code::FormNotAllowed),
        ),
        (Behaviour::Approve, None, Ok(())),
    ] {
        let mut world = World::started(behaving(behaviour), PEOPLE);
        let found = match form.clone() {
            Some(form) => world.approve_form("rita", "check", form),
            None => world.approve("rita", "check"),
        };
        assert_eq!(found.map(|_| ()), expected, "{behaviour:?} {form:?}");
    }
}

#[test]
fn a_form_names_its_wrong_fields_and_is_kept_when_it_fits() {
    let mut world = World::started(behaving(Behaviour::Submit), PEOPLE);
    assert_eq!(
        world.approve_form("rita", "check", json!({"code": 1})),
        Err(Code::FormInvalid)
    );
    let fields = world
        .refusal
        .as_ref()
        .map(|refusal| refusal.fields.clone())
        .unwrap();
    assert_eq!(
        (fields[0].pointer.as_str(), fields[0].code.as_str()),
        ("/code", "type")
    );
    world
        .approve_form("rita", "check", json!({"code": "x"}))
        .unwrap();
    let instance = world.instance.as_ref().unwrap();
    assert_eq!(**instance.forms(), json!({"check": {"code": "x"}}));
}

#[test]
fn a_check_in_keeps_the_task_and_the_second_decision_approves() {
    let entry = EntrySpec {
        behaviour: Behaviour::CheckInVerify,
        form: form("seal"),
        ..role("clerk")
    };
    let mut world = World::started(graph([approval("gate", [entry])]), PEOPLE);
    let seal = || json!({"seal": "7"});
    assert_eq!(
        world.approve_form("rita", "gate", seal()),
        Err(Code::FormNotAllowed)
    );
    assert_eq!(
        world.approve_form("rita", "gate", json!({"seal": 7})),
        Err(Code::FormNotAllowed)
    );
    assert_eq!(
        world.approve("rita", "gate").unwrap(),
        ["checked_in", "task_claimed"]
    );
    assert_eq!(
        world.approve_form("bob", "gate", seal()),
        Err(Code::AlreadyClaimed)
    );
    assert_eq!(world.approve("rita", "gate"), Err(Code::FormRequired));
    world.approve_form("rita", "gate", seal()).unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn a_checked_in_task_can_be_rejected_and_released() {
    let entry = EntrySpec {
        behaviour: Behaviour::CheckInVerify,
        ..role("clerk")
    };
    let mut world = World::started(graph([approval("gate", [entry])]), PEOPLE);
    world.approve("rita", "gate").unwrap();
    world.release("rita", "gate").unwrap();
    world.approve("bob", "gate").unwrap();
    assert_eq!(world.status(), "completed");
}

#[test]
fn a_second_start_is_refused() {
    let mut world = World::started(graph([approval("a", [user("rita")])]), PEOPLE);
    assert_eq!(world.start("ann", json!({})), Err(Code::AlreadyStarted));
}

#[test]
fn without_an_instance_nothing_is_found() {
    let mut started = World::started(graph([approval("a", [user("rita")])]), PEOPLE);
    let task = started.task("a", "rita");
    started.instance = None;
    started.store = Default::default();
    let found = started.run("rita", Command::Approve(task, Answer::default()));
    assert_eq!(found, Err(Code::NotFound));
    assert_eq!(started.cancel("ann"), Err(Code::NotFound));
}
