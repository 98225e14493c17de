//! boto3, which shares no code with orgstrap, in a process that is kept for the test: starting Python and loading boto3
//! takes longer than most calls.

#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a panic is how a test fails")]

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

/// Answers questions about AWS, in Python.
#[derive(Debug)]
pub struct Boto3 {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Boto3 {
    /// Starts it: `command` is Python in the right environment, `words` are the definitions that the questions use, and
    /// the arguments are for them.
    pub fn start(mut command: Command, words: &str, arguments: &[&str]) -> Self {
        command.arg("-c").arg(format!("{words}\n{}", include_str!("interpreter.py"))).args(arguments);
        // Ctrl-C at the terminal is for the test; this ends when the test is gone.
        let command = command.process_group(0);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (questions, answers) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, questions, answers }
    }

    /// Runs Python; gives the value of its last expression.
    #[track_caller]
    pub fn ask(&mut self, code: &str) -> Value {
        let mut questions = self.questions.as_ref().unwrap();
        writeln!(questions, "{}", Value::from(code)).unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        let mut answer: Value = serde_json::from_str(&line).unwrap();
        assert!(answer.get("error").is_none(), "{}\nin\n{code}", answer["error"].as_str().unwrap_or_default());
        answer["value"].take()
    }
}

impl Drop for Boto3 {
    fn drop(&mut self) {
        drop(self.questions.take());
        let _ended = self.child.wait();
    }
}
