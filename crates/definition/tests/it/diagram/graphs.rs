//! Graphs to draw.

use std::{fs, path::Path};

use signoff_conditions::Cel;
use signoff_core::{
    compile::{Languages, compile},
    document::Document,
    graph::Graph,
};
use signoff_definition::{Format, JsonSchemas, TimeZones, parse};

/// The graph of an example of the repository.
pub(super) fn example(name: &str) -> Graph {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    graph(&fs::read_to_string(folder.join(format!("{name}.yaml"))).unwrap())
}

/// The graph of a file beside the drawings.
pub(super) fn sample(name: &str) -> Graph {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/diagrams");
    graph(&fs::read_to_string(folder.join(format!("{name}.yaml"))).unwrap())
}

/// The graph of a definition.
#[track_caller]
pub(super) fn graph(text: &str) -> Graph {
    let document = parse(text, Format::Yaml).unwrap().value;
    let document = Document::read(&document).unwrap();
    let languages = Languages {
        conditions: &Cel::new(),
        schemas: &JsonSchemas,
        zones: &TimeZones,
    };
    match compile(&document, languages) {
        Ok(compiled) => compiled.graph,
        Err(problems) => panic!("{problems:?}"),
    }
}
