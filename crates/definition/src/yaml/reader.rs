//! Reads YAML event by event, so that the budgets hold while it reads.

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};
use serde_json::Value;
use signoff_core::problem::Position;

use crate::{
    builder::{Builder, Halt},
    lines::Lines,
    yaml::{
        scalar::{self, Refused},
        syntax,
    },
};

/// Reads `text` as one YAML document.
pub(crate) fn read(text: &str) -> Builder {
    let mut reader = Reader {
        builder: Builder::default(),
        lines: Lines::new(text),
        n_documents: 0,
    };
    for item in Parser::new_from_str(text) {
        let step = match item {
            Ok((event, span)) => reader.event(event, span),
            Err(error) => {
                let (code, at, message, help) = syntax::explain(&error, &reader.lines);
                let problem = reader.builder.problem(code, at, message);
                let problem = match help {
                    Some(help) => problem.help(help),
                    None => problem,
                };
                reader.builder.report(problem).and(Err(Halt))
            }
        };
        if step.is_err() {
            break;
        }
    }
    reader.builder
}

struct Reader<'a> {
    builder: Builder,
    lines: Lines<'a>,
    n_documents: usize,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Halt> {
        let start = span.start;
        let at = self
            .lines
            .position(start.line().saturating_sub(1), start.col());
        match event {
            Event::DocumentStart(_) => self.document(at),
            Event::Alias(anchor) => self.builder.alias(at, anchor),
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(at, &text, style, anchor, tag.as_deref())
            }
            Event::SequenceStart(anchor, tag) => {
                self.collection_tag(at, tag.as_deref(), "seq")?;
                self.builder.open_list(at, anchor)
            }
            Event::MappingStart(anchor, tag) => {
                self.collection_tag(at, tag.as_deref(), "map")?;
                self.builder.open_map(at, anchor)
            }
            Event::SequenceEnd | Event::MappingEnd => self.builder.close(),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
        }
    }

    fn document(&mut self, at: Position) -> Result<(), Halt> {
        self.n_documents += 1;
        if self.n_documents > 1 {
            let message = "a second document starts here";
            let problem = self
                .builder
                .problem("multiple_documents", at, message)
                .help("put each definition in a file of its own");
            return self.builder.report(problem).and(Err(Halt));
        }
        Ok(())
    }

    fn scalar(
        &mut self,
        at: Position,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
    ) -> Result<(), Halt> {
        if text == "<<" && style == ScalarStyle::Plain && self.builder.expects_key() {
            let problem = self
                .builder
                .problem("invalid_key", at, "merge keys are not part of YAML 1.2")
                .help("repeat the entries, or alias the whole mapping");
            self.builder.report(problem)?;
        }
        let value = match scalar::resolve(text, style, tag) {
            Ok(value) => value,
            Err(Refused {
                code,
                message,
                help,
            }) => {
                let problem = self.builder.problem(code, at, message).help(help);
                self.builder.report(problem)?;
                // A reported key must not be reported again for not being a string.
                Value::String(String::new())
            }
        };
        self.builder.scalar(at, anchor, value)
    }

    fn collection_tag(
        &mut self,
        at: Position,
        tag: Option<&Tag>,
        expected: &str,
    ) -> Result<(), Halt> {
        let Some(tag) = tag else { return Ok(()) };
        if scalar::is_unspecific(tag) || (tag.is_yaml_core_schema() && tag.suffix == expected) {
            return Ok(());
        }
        let Refused {
            code,
            message,
            help,
        } = scalar::refuse_tag(tag);
        let problem = self.builder.problem(code, at, message).help(help);
        self.builder.report(problem)
    }
}
