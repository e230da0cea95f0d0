//! The definitions in the repository's `examples` folder.

use std::{fs, path::Path};

use serde_json::Value;
use signoff_core::schemas::Schemas;
use signoff_definition::{Format, JsonSchemas, parse};

#[test]
fn every_example_is_read_and_its_schemas_compile() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut n_schemas = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if Format::from_path(&path) != Some(Format::Yaml) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let value = match parse(&text, Format::Yaml) {
            Ok(parsed) => parsed.value,
            Err(problems) => panic!("{}: {problems:?}", path.display()),
        };
        let forms = value.get("forms").and_then(Value::as_object);
        let forms = forms.into_iter().flat_map(|forms| forms.values());
        for schema in value.get("data").into_iter().chain(forms) {
            JsonSchemas.compile(schema).unwrap();
            n_schemas += 1;
        }
    }
    assert!(n_schemas > 0);
}
