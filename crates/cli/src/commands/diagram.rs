//! `signoff diagram`: a definition as a picture, or as text for other programs.

use signoff::{
    Format, Problem,
    core::{
        compile::{Languages, compile},
        document::Document,
        graph::Graph,
    },
    definition::{
        self, JsonSchemas, TimeZones,
        diagram::{Diagram, Direction, SvgOptions, TextOptions, Theme},
    },
};
use signoff_conditions::Cel;

use crate::{
    args::{self, DiagramFormat},
    exit::{Exit, Failure},
    output,
};

pub(crate) fn run(args: &args::Diagram) -> Result<Exit, Failure> {
    let (text, format) = output::read(&args.file)?;
    let graph = match graph(&text, format) {
        Ok(graph) => graph,
        Err(problems) => {
            let name = args.file.display().to_string();
            eprint!("{}", definition::render(&name, &text, &problems));
            return Ok(Exit::Failed);
        }
    };
    let drawn = draw(&Diagram::of(&graph), args);
    match &args.output {
        None => out!("{drawn}"),
        Some(path) => std::fs::write(path, drawn).map_err(|error| {
            let name = path.display();
            Failure::failed("file_unwritable", format!("cannot write `{name}`: {error}"))
        })?,
    }
    Ok(Exit::Ok)
}

/// The graph of a definition.
fn graph(text: &str, format: Format) -> Result<Graph, Vec<Problem>> {
    let parsed = definition::parse(text, format)?;
    let languages = Languages {
        conditions: &Cel::new(),
        schemas: &JsonSchemas,
        zones: &TimeZones,
    };
    let compiled = Document::read(&parsed.value).and_then(|document| compile(&document, languages));
    compiled
        .map(|compiled| compiled.graph)
        .map_err(|mut problems| {
            parsed.positions.locate_all(&mut problems);
            problems.sort_by_key(|problem| problem.position);
            problems
        })
}

fn draw(diagram: &Diagram, args: &args::Diagram) -> String {
    let direction = match args.dir {
        args::Direction::Ltr => Direction::Ltr,
        args::Direction::Rtl => Direction::Rtl,
    };
    let text = TextOptions {
        direction,
        locale: args.locale.clone(),
    };
    match args.format {
        DiagramFormat::Dot => diagram.dot_with(&text),
        DiagramFormat::Mermaid => diagram.mermaid_with(&text),
        DiagramFormat::Svg => diagram.svg(&SvgOptions {
            direction,
            theme: match args.theme {
                args::Theme::Auto => Theme::Auto,
                args::Theme::Dark => Theme::Dark,
                args::Theme::Light => Theme::Light,
            },
            locale: args.locale.clone(),
            ..SvgOptions::default()
        }),
    }
}
