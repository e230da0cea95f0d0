//! Begin: an instance that was attached before starts.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | begin | instance pending | named in `start.by`, or manager | `instance_begun` `node_entered` … | instance running |

use crate::{
    actor::Actor,
    event::Event,
    instance::InstanceStatus,
    machine::{
        commands::start,
        context::{Context, Halt},
        draft::Draft,
        rights,
    },
    refusal::RefusalCode,
};

pub(super) fn begin(cx: &Context<'_>, draft: &mut Draft) -> Result<(), Halt> {
    let instance = draft.instance()?;
    let InstanceStatus::Pending { start: way } = instance.status() else {
        return Err(start::already_started(instance));
    };
    let rule = start::rule(cx, way.as_ref())?;
    let starter = match &cx.facts.actor {
        Actor::Person(person) if rule.may_be_taken_by(person) || rights::manages(cx).is_ok() => {
            Some(person.id.clone())
        }
        Actor::Person(person) => {
            return Err(Halt::refuse(
                RefusalCode::NotPermitted,
                format!("`{}` may not start `{}`", person.id, cx.graph.key()),
            ));
        }
        Actor::Engine | Actor::Host => None,
    };
    let requester = starter.filter(|_| instance.requester().is_none());
    draft.emit(Event::InstanceBegun { requester });
    start::enter_first(cx, draft, rule)
}
