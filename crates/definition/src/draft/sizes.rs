//! How large the parts of a document may be.

use serde_json::Value;
use signoff_core::{pointer::Pointer, problem::Problem};

use super::strategy::{list, name};

/// The most bytes of one pipeline without its stages, one stage or one entry, as JSON: 512 KiB.
pub const MAX_ELEMENT_BYTES: usize = 512 << 10;

/// The most bytes of the `meta` of one element, as JSON: 256 KiB.
pub const MAX_META_BYTES: usize = 256 << 10;

/// What is larger than its limit.
#[must_use]
pub fn sizes(document: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    let root = Pointer::root();
    entries(document, &root, &mut problems);
    for (index, pipeline) in list(document, "pipelines").iter().enumerate() {
        let path = root.key("pipelines").index(index);
        let own = without_stages(pipeline);
        element("pipeline", &own, index, &path, &mut problems);
        entries(pipeline, &path, &mut problems);
        for (index, stage) in list(pipeline, "stages").iter().enumerate() {
            let path = path.key("stages").index(index);
            element("stage", stage, index, &path, &mut problems);
            entries(stage, &path, &mut problems);
        }
    }
    problems
}

fn without_stages(pipeline: &Value) -> Value {
    let Value::Object(fields) = pipeline else {
        return pipeline.clone();
    };
    let own = fields.iter().filter(|(key, _)| *key != "stages");
    Value::Object(
        own.map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
    )
}

fn entries(holder: &Value, path: &Pointer, problems: &mut Vec<Problem>) {
    for (index, entry) in list(holder, "approvals").iter().enumerate() {
        let path = path.key("approvals").index(index);
        element("approval", entry, index, &path, problems);
    }
}

fn element(what: &str, value: &Value, index: usize, path: &Pointer, problems: &mut Vec<Problem>) {
    let name = name(value, index);
    if let Some(meta) = value.get("meta") {
        let bytes = bytes(meta);
        if bytes > MAX_META_BYTES {
            let message = format!(
                "the metadata of the {what} `{name}` takes {bytes} bytes where {MAX_META_BYTES} are allowed"
            );
            problems.push(Problem::error("limit_exceeded", path.key("meta"), message));
        }
    }
    let bytes = bytes(value);
    if bytes > MAX_ELEMENT_BYTES {
        let message = format!(
            "the configuration of the {what} `{name}` takes {bytes} bytes where {MAX_ELEMENT_BYTES} are allowed"
        );
        problems.push(Problem::error("limit_exceeded", path.clone(), message));
    }
}

/// The bytes of a value as JSON.
fn bytes(value: &Value) -> usize {
    /// Counts what is written.
    struct Count(usize);
    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self.0.saturating_add(bytes.len());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    // Counting cannot fail, and a value has a JSON form.
    let _ = serde_json::to_writer(&mut count, value);
    count.0
}
