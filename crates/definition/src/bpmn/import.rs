//! From BPMN to flow.

mod boundary;
mod branch;
mod event;
mod extension;
mod gateway;
mod links;
mod names;
mod node;
mod outline;
mod process;
mod report;
mod shown;

use serde_json::Value;
use signoff_core::problem::Problem;

use self::report::Report;
use super::xml;

/// Reads a document of BPMN 2.0 as a flow: the value of a document of `kind: flow`, as
/// [`parse`](crate::parse) would give it.
///
/// What [`export`](super::export) wrote comes back as it was. In documents of other modelers lanes,
/// pools around one process, data objects, texts and foreign extensions are passed over; a task says
/// nobody, so anybody may do it; what BPMN leaves unsaid, such as the end of a last task, is added.
/// The cost is bounded by [`limits`](crate::limits). Entities and document types are refused.
///
/// # Errors
/// Every problem with its place: `syntax` and `limit_exceeded` of the text, `unknown_value` for an
/// element that BPMN has not, `not_supported_yet` for one that a flow has not, `missing_key`,
/// `duplicate_key` and `dangling_reference` for attributes.
/// What the parts of the flow mean is not checked.
pub fn import(xml: &str) -> Result<Value, Vec<Problem>> {
    let text = xml.strip_prefix('\u{feff}').unwrap_or(xml);
    let root = xml::read(text).map_err(|problem| vec![problem])?;
    let mut report = Report::new(text);
    let document = process::document(&root, &mut report);
    report.finish(document)
}
