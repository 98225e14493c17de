//! What a run of the program came to.

use std::process::Output;

use serde_json::Value;

/// A run of `orgstrap` that has ended.
#[derive(Debug)]
pub struct Run {
    /// The exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// Data.
    pub stdout: String,
    /// Everything else.
    pub stderr: String,
}

impl Run {
    /// The JSON on its standard output, which has to be all that is there.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in the output of {self:#?}"))
    }

    /// Fails the test unless it ended with this code.
    #[track_caller]
    #[expect(clippy::return_self_not_must_use, reason = "often the exit code is all that is asked for")]
    pub fn exits(self, code: i32) -> Self {
        assert!(self.code == Some(code), "{code} was expected, not {}\n{}", self.said(), self.stdout);
        self
    }

    fn said(&self) -> String {
        format!("{:?}\n{}", self.code, self.stderr)
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
