//! The diagram: a shape for each node, an edge for each way.

use super::plan::{Node, Plan, Role};
use crate::bpmn::{
    di::{self, Bounds, Edge, Shape},
    xml::{Element, Ns},
};

/// The diagram of the process `id`.
pub(super) fn diagram(plan: &Plan, id: &str) -> Element {
    let shapes: Vec<Shape<'_>> = plan.nodes.iter().map(shape).collect();
    let ways = plan
        .flows
        .iter()
        .map(|flow| (&flow.id, &flow.source, &flow.target));
    let associations = plan.associations.iter();
    let lines = associations.map(|line| (&line.id, &line.source, &line.target));
    let edges: Vec<Edge<'_>> = ways
        .chain(lines)
        .map(|(id, source, target)| Edge { id, source, target })
        .collect();
    let layout = di::layout(&shapes, &edges);
    let mut plane = Element::new(Ns::BpmnDi, "BPMNPlane")
        .with("id", "Plane")
        .with("bpmnElement", id);
    for node in &plan.nodes {
        let drawn = layout.shapes.get(node.id.as_str());
        plane = plane.children(drawn.map(|bounds| drawn_shape(node, *bounds)));
    }
    for edge in &edges {
        let drawn = layout.edges.get(edge.id);
        plane = plane.children(drawn.map(|points| drawn_edge(edge.id, points)));
    }
    Element::new(Ns::BpmnDi, "BPMNDiagram")
        .with("id", "Diagram")
        .child(plane)
}

fn shape(node: &Node) -> Shape<'_> {
    let (width, height) = match node.element {
        element if element.ends_with("Event") => (36, 36),
        element if element.ends_with("Gateway") => (50, 50),
        _ => (100, 80),
    };
    let host = match &node.role {
        Role::Boundary { host, .. } => Some(host.as_str()),
        Role::Join | Role::JoinAll | Role::Plain | Role::Split => None,
    };
    Shape {
        id: &node.id,
        width,
        height,
        host,
    }
}

fn drawn_shape(node: &Node, bounds: Bounds) -> Element {
    let shape = Element::new(Ns::BpmnDi, "BPMNShape")
        .with("id", format!("Shape_{}", node.id))
        .with("bpmnElement", &node.id);
    let shape = if node.element == "exclusiveGateway" {
        shape.with("isMarkerVisible", "true")
    } else {
        shape
    };
    shape.child(
        Element::new(Ns::Dc, "Bounds")
            .with("x", bounds.x.to_string())
            .with("y", bounds.y.to_string())
            .with("width", bounds.width.to_string())
            .with("height", bounds.height.to_string()),
    )
}

fn drawn_edge(id: &str, points: &[(u32, u32)]) -> Element {
    let points = points.iter().map(|(x, y)| {
        Element::new(Ns::Di, "waypoint")
            .with("x", x.to_string())
            .with("y", y.to_string())
    });
    Element::new(Ns::BpmnDi, "BPMNEdge")
        .with("id", format!("Edge_{id}"))
        .with("bpmnElement", id)
        .children(points)
}
