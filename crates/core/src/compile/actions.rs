//! Actions.

use crate::{
    compile::Compiler,
    document::{ActionDoc, ActionDocKind, Actions},
    graph::{ActionKind, ActionSpec, ActionTable, MailSpec, RunSpec},
};

impl Compiler<'_> {
    /// Inactive actions are left out; the event stays named.
    pub(super) fn actions(&mut self, actions: &Actions) -> ActionTable {
        actions
            .iter()
            .map(|(event, actions)| {
                let mut specs: Vec<ActionSpec> = actions
                    .iter()
                    .map(|action| self.action(action))
                    .zip(actions)
                    .filter(|(_, action)| action.active)
                    .map(|(spec, _)| spec)
                    .collect();
                specs.sort_by_key(|spec| spec.order);
                (*event, specs.into())
            })
            .collect()
    }

    fn action(&mut self, action: &ActionDoc) -> ActionSpec {
        let with = action.with.as_ref().and_then(|with| self.template(with));
        let kind = match &action.kind {
            ActionDocKind::Run(name) => ActionKind::Run(RunSpec {
                name: name.clone(),
                with,
            }),
            ActionDocKind::Mail {
                template,
                subject,
                to,
                cc,
            } => ActionKind::Mail(MailSpec {
                template: template.clone(),
                subject: subject.as_ref().and_then(|subject| self.template(subject)),
                to: to.clone(),
                cc: cc.clone(),
                with,
            }),
        };
        ActionSpec {
            kind,
            when: action.when.as_ref().and_then(|when| self.guard(when)),
            order: action.order,
            on_failure: action.on_failure,
            retry: action.retry,
        }
    }
}
