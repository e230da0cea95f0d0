//! `signoff export`: a definition as what other tools read.

use signoff::definition::{self, bpmn};

use crate::{
    args::{Export, ExportFormat},
    exit::{Exit, Failure},
    output,
};

pub(crate) fn run(args: &Export) -> Result<Exit, Failure> {
    let (text, format) = output::read(&args.file)?;
    let parsed = match definition::parse(&text, format) {
        Ok(parsed) => parsed,
        Err(problems) => return Ok(output::tell(&args.file, &text, &problems)),
    };
    let written = match args.format {
        ExportFormat::Bpmn => bpmn::export(&parsed.value),
    };
    match written {
        Ok(written) => {
            out!("{written}");
            Ok(Exit::Ok)
        }
        Err(mut problems) => {
            parsed.positions.locate_all(&mut problems);
            Ok(output::tell(&args.file, &text, &problems))
        }
    }
}
