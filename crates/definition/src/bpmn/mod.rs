//! BPMN 2.0: flows as XML that other modelers read and write.
//!
//! [`export`] writes a flow with a diagram, [`import`] reads one. Each kind of node has an element
//! of BPMN. The elements of BPMN say what the structure is: nodes, ways, conditions, titles and
//! boundaries. What BPMN has no place for stands as JSON in `extensionElements`, in a namespace of
//! its own, and is only taken over where it agrees with the elements around it. So a flow comes back
//! as it was, and a diagram that another modeler has changed says what it shows.
//!
//! | node | element |
//! |------|---------|
//! | `start` | `startEvent`, with a timer, a message or a signal |
//! | `task` | `userTask` |
//! | `function`, `job` | `serviceTask` |
//! | with `symbol: send`, `rule` | `sendTask`, `businessRuleTask` |
//! | with `symbol: message` | `intermediateThrowEvent` |
//! | `set` | `scriptTask` |
//! | `receive` | `receiveTask` |
//! | `timer`, `wait`, `signal: {catch}` | `intermediateCatchEvent` |
//! | `signal: {throw}`, `raise`, `compensate` | `intermediateThrowEvent` |
//! | `if`, `switch` | `exclusiveGateway` |
//! | `split` | `parallelGateway`; `inclusiveGateway` when a branch has a condition |
//! | `first` | `eventBasedGateway` |
//! | `join: all` | the gateway of its split |
//! | other joins | `complexGateway` |
//! | `subprocess` | `callActivity` |
//! | `end`, `terminate`, `fail` | `endEvent` |
//! | boundaries | `boundaryEvent` |

mod di;
mod exact;
mod export;
mod import;
mod xml;

pub use self::{export::export, import::import};

/// The language of conditions.
const CEL: &str = "https://github.com/google/cel-spec";

/// The format of the script of a `set`: its mapping, as JSON.
const SET: &str = "application/vnd.signoff.set+json";
