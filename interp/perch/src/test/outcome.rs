//! What a test that is run says to whoever runs it: a failure, as data.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// A failure that nothing has caught.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) message: String,
    /// What is known of it: its kind, its place, what to do.
    pub(crate) lines: Vec<(String, String)>,
}

impl Outcome {
    /// Leaves it where it is expected. Who cannot be told looks at the exit status.
    pub(crate) fn leave(&self, file: &Path) {
        if let Ok(json) = serde_json::to_string(self) {
            drop(std::fs::write(file, json));
        }
    }

    pub(super) fn found(file: &Path) -> Option<Self> {
        serde_json::from_str(&std::fs::read_to_string(file).ok()?).ok()
    }

    pub(super) fn line(&self, name: &str) -> Option<String> {
        self.lines.iter().find(|(known, _)| known == name).map(|(_, text)| text.clone())
    }
}
