//! The diagram on a page.

use signoff::{Definition, InstanceView, definition::diagram::Diagram};

use crate::{auth::Cx, read::workflow_title, text::fill};

/// Stages that stand for a workflow where its picture is not seen.
const NAMED: usize = 30;

/// The diagram as a page shows it: the place of its picture, and the room that it takes.
#[derive(Debug)]
pub(super) struct Picture {
    pub(super) href: String,
    /// The same for other modelers; `None` where it is no flow.
    pub(super) bpmn: Option<String>,
    /// What it shows, for those who do not see it.
    pub(super) alt: String,
    /// The element of the page that says the same in words; empty when there is none.
    pub(super) told_by: &'static str,
    pub(super) width: i64,
    pub(super) height: i64,
}

impl Picture {
    /// How a request will go.
    pub(super) fn of_workflow(cx: &Cx, definition: &Definition) -> Self {
        let id = &definition.id;
        let place = format!(
            "workflows/{}/diagram.svg?version={}&",
            id.workflow, id.version
        );
        let graph = &definition.graph;
        let stages = graph.nodes().filter(|node| node.is_stage()).take(NAMED);
        let stages: Vec<String> = stages.map(|node| cx.locale.of_text(&node.title)).collect();
        let alt = fill(
            cx.locale.words().diagram_of,
            &[
                ("workflow", &workflow_title(graph, cx.locale)),
                ("stages", &cx.locale.list(&stages)),
            ],
        );
        Self::new(cx, definition, &place, alt)
    }

    /// How far a request is; the page lists the stages too.
    pub(super) fn of_instance(cx: &Cx, view: &InstanceView) -> Self {
        let place = format!("instances/{}/diagram.svg?", view.instance.id());
        let alt = cx.locale.words().diagram_here.to_owned();
        Self {
            told_by: "stages",
            ..Self::new(cx, &view.definition, &place, alt)
        }
    }

    fn new(cx: &Cx, definition: &Definition, place: &str, alt: String) -> Self {
        let diagram = Diagram::of(&definition.graph);
        let locale = cx.locale.tag();
        let place = format!("/api/v1/{place}locale={locale}");
        let id = &definition.id;
        let is_flow = definition.document["kind"] == "flow";
        let bpmn = is_flow.then(|| {
            let place = format!(
                "/api/v1/workflows/{}/bpmn?version={}",
                id.workflow, id.version
            );
            cx.app.base.link(&place)
        });
        Self {
            href: cx.app.base.link(&place),
            bpmn,
            alt,
            told_by: "",
            width: diagram.width(),
            height: diagram.height(),
        }
    }
}
