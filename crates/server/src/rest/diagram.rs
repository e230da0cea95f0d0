//! Diagrams: an instance as a picture of its workflow.

use axum::{
    extract::Path,
    http::{HeaderName, header},
};
use signoff::definition::diagram::{Diagram, Direction, SvgOptions};

use crate::{auth::Cx, fault::Fault};

/// The styles of a picture are in the picture itself, and it loads nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'";

/// The workflow of an instance as SVG, each node marked with how far it came.
pub(super) async fn instance(
    cx: Cx,
    Path(id): Path<String>,
) -> Result<([(HeaderName, &'static str); 2], String), Fault> {
    let view = cx.instance(&id).await?;
    let direction = match cx.locale.direction() {
        "rtl" => Direction::Rtl,
        _ => Direction::Ltr,
    };
    let options = SvgOptions {
        direction,
        locale: cx.locale.tag().to_owned(),
        marks: view.marks(),
        ..SvgOptions::default()
    };
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    Ok((headers, Diagram::of(&view.definition.graph).svg(&options)))
}
