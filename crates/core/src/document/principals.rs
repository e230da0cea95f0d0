//! Lists of principals as written.

use crate::{document::reader::Fields, principal::Principal, problem::Problem};

impl Fields<'_> {
    /// A list of `user:ID` and `role:ID`.
    pub(super) fn principals(&self, key: &str) -> Vec<Principal> {
        self.list(key)
            .into_iter()
            .filter_map(|(value, path)| {
                let Some(text) = value.as_str() else {
                    self.sink()
                        .wrong_type(&path, "`user:ID` or `role:ID`", value);
                    return None;
                };
                match text.parse() {
                    Ok(principal) => Some(principal),
                    Err(error) => {
                        self.sink().push(Problem::error(
                            "invalid_principal",
                            path,
                            crate::principal::NotAPrincipal::to_string(&error),
                        ));
                        None
                    }
                }
            })
            .collect()
    }
}
