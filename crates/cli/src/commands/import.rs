//! `signoff import`: a flow from what another modeler wrote.

use signoff::definition::{self, bpmn};

use crate::{
    args::Import,
    exit::{Exit, Failure},
    output,
};

pub(crate) fn run(args: &Import) -> Result<Exit, Failure> {
    let text = output::read_text(&args.file)?;
    match bpmn::import(&text) {
        Ok(document) => {
            out!("{}", definition::to_yaml(&document));
            Ok(Exit::Ok)
        }
        Err(problems) => Ok(output::tell(&args.file, &text, &problems)),
    }
}
