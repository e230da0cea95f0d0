//! BPMN: what is written comes back, and what others write is read or refused.
#![expect(clippy::unwrap_used, reason = "a failing helper fails the test")]

mod diagram;
mod edited;
mod foreign;
mod generated;
mod hostile;
mod round_trip;
mod schema;

use serde_json::Value;
use signoff_conditions::Cel;
use signoff_core::{
    compile::{Languages, compile},
    document::Document,
    problem::Problem,
};
use signoff_definition::{Format, JsonSchemas, TimeZones, bpmn, parse};

const EVERY_KEY: &str = include_str!("bpmn/every_key.yaml");

/// The flows that use every key.
fn every_key() -> Vec<Value> {
    let parsed = parse(EVERY_KEY, Format::Yaml).unwrap();
    parsed.value.as_array().unwrap().clone()
}

/// The graph that the document compiles to, written out.
fn graph(document: &Value) -> Result<String, Vec<Problem>> {
    let languages = Languages {
        conditions: &Cel::new(),
        schemas: &JsonSchemas,
        zones: &TimeZones,
    };
    let compiled = compile(&Document::read(document)?, languages)?;
    Ok(format!("{:#?}", compiled.graph))
}

/// The flow of a process with these elements in it.
fn process(elements: &str) -> String {
    format!(
        "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" targetNamespace=\"t\">\n\
         <message id=\"M\" name=\"Order received\"/><signal id=\"S\" name=\"alarm\"/>\
         <error id=\"E\" errorCode=\"lost\"/><escalation id=\"L\" escalationCode=\"late\"/>\n\
         <process id=\"P\">\n{elements}\n</process></definitions>"
    )
}

/// The nodes of that flow, which compiles.
#[track_caller]
fn nodes(elements: &str) -> Value {
    let document = bpmn::import(&process(elements)).unwrap();
    if let Err(problems) = graph(&document) {
        panic!("{problems:?} in {document:#}");
    }
    document["nodes"].clone()
}

/// The problems of that flow, as code and line.
#[track_caller]
fn refused(elements: &str) -> Vec<(&'static str, u32)> {
    let problems = bpmn::import(&process(elements)).unwrap_err();
    let line = |problem: &Problem| problem.position.unwrap().line;
    problems
        .iter()
        .map(|problem| (problem.code, line(problem)))
        .collect()
}
