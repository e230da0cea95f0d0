//! The requests that a request is part of, and that are part of it.

use signoff::{
    InstanceView,
    core::instance::Instance,
    store::{InstanceFilter, PageRequest},
};

use super::instance::status;
use crate::{auth::Cx, fault::Fault, read::Titles, text::fill};

/// Children that a page lists.
const LISTED: u32 = 50;

/// The parent and the children that the reader may see.
#[derive(Debug)]
pub(super) struct Related {
    pub(super) parent: Option<Relative>,
    /// The latest started first.
    pub(super) children: Vec<Relative>,
    /// That there are more children than are listed.
    pub(super) more: Option<String>,
}

/// A request as a link.
#[derive(Debug)]
pub(super) struct Relative {
    pub(super) id: String,
    pub(super) title: String,
    /// Empty when the title says it.
    pub(super) workflow: String,
    /// The status as key and for people.
    pub(super) status: (String, &'static str),
}

impl Related {
    /// Those of `instance`.
    pub(super) async fn of(cx: &Cx, instance: &Instance) -> Result<Self, Fault> {
        let parent = match instance.parent() {
            Some(parent) => cx.look_at(parent.instance).await?,
            None => None,
        };
        let filter = InstanceFilter {
            parent: Some(instance.id()),
            ..InstanceFilter::default()
        };
        let page = PageRequest {
            limit: LISTED,
            after: None,
        };
        let store = cx.app.engine.store();
        let found = store.instances(&cx.app.tenant, &filter, &page).await;
        let found = found.map_err(signoff::Error::from)?;
        let mut children = Vec::new();
        for row in &found.items {
            let child = cx.look_at(row.id).await?;
            children.extend(child.map(|view| Relative::new(cx, &view)));
        }
        let listed = [("n", &*LISTED.to_string())];
        let is_cut = found.next.is_some() && !children.is_empty();
        Ok(Self {
            parent: parent.map(|view| Relative::new(cx, &view)),
            children,
            more: is_cut.then(|| fill(cx.locale.words().parts_more, &listed)),
        })
    }

    /// Whether there is nothing to link to.
    pub(super) fn is_empty(&self) -> bool {
        self.parent.is_none() && self.children.is_empty()
    }
}

impl Relative {
    fn new(cx: &Cx, view: &InstanceView) -> Self {
        let titles = Titles::of(&view.instance, &view.definition.graph, cx.locale);
        let is_same = titles.instance == titles.workflow;
        Self {
            id: view.instance.id().to_string(),
            title: titles.instance,
            workflow: if is_same {
                String::new()
            } else {
                titles.workflow
            },
            status: status(&view.instance, cx.locale),
        }
    }
}
