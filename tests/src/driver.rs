//! boto3 in a process of its own, kept for the test: starting Python and loading boto3 takes longer than most calls.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

/// Answers questions with boto3; see `driver.py`.
#[derive(Debug)]
pub(crate) struct Driver {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Driver {
    /// Starts it; `command` is Python in the right environment, `at_end` is what it does when this process is gone.
    pub(crate) fn start(mut command: Command, at_end: &[&str]) -> Self {
        command.args(["-c", include_str!("driver.py")]).args(at_end);
        // Ctrl-C at the terminal is for the test; this ends when the test is gone, and stops the sandbox.
        let mut child = command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
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

impl Drop for Driver {
    fn drop(&mut self) {
        drop(self.questions.take());
        let _ended = self.child.wait();
    }
}
