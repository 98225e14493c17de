//! boto3 in a process of its own, kept for the test: starting Python and loading boto3 takes longer than most calls.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

/// Answers questions with boto3; see `outside.py`.
pub(crate) struct Outside {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Outside {
    pub(crate) fn start(python: &Path, endpoint: &str, region: &str) -> Self {
        let mut command = Command::new(python);
        command.args(["-c", include_str!("outside.py"), region]);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
            command.env_remove(name);
        }
        command.envs([
            ("AWS_ENDPOINT_URL", endpoint),
            ("AWS_ACCESS_KEY_ID", sandbox::ACCESS_KEY_ID),
            ("AWS_SECRET_ACCESS_KEY", sandbox::SECRET_ACCESS_KEY),
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (questions, answers) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, questions, answers }
    }

    /// Runs Python; gives the value of its last expression.
    #[track_caller]
    pub(crate) fn ask(&mut self, code: &str) -> Value {
        let mut questions = self.questions.as_ref().unwrap();
        writeln!(questions, "{}", Value::from(code)).unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        let mut answer: Value = serde_json::from_str(&line).unwrap();
        assert!(answer.get("error").is_none(), "{}\nin\n{code}", answer["error"].as_str().unwrap_or_default());
        answer["value"].take()
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        drop(self.questions.take());
        let _ended = self.child.wait();
    }
}
