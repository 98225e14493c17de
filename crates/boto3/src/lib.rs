//! boto3, which shares no code with orgstrap, in a process that is kept for the test, and for tests after it: starting
//! Python and loading boto3 takes longer than most calls.

#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a panic is how a test fails")]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

/// Those of tests that are over.
static IDLE: Mutex<Vec<Interpreter>> = Mutex::new(Vec::new());

/// Answers questions about AWS, in Python.
#[derive(Debug)]
pub struct Boto3 {
    /// There until the end.
    interpreter: Option<Interpreter>,
}

impl Boto3 {
    /// Starts it: `command` is Python in the right environment and folder, `words` are the definitions that the questions
    /// use, and the arguments are for them. All commands of a test program have to name the same Python.
    pub fn start(command: Command, words: &str, arguments: &[&str]) -> Self {
        let text = |value: &OsStr| value.to_str().unwrap().to_owned();
        let environment: BTreeMap<_, _> =
            command.get_envs().map(|(name, value)| (text(name), value.map(text))).collect();
        let folder = command.get_current_dir().map(|folder| text(folder.as_os_str()));
        let idle = idle().pop();
        let mut interpreter = idle.unwrap_or_else(|| Interpreter::start(command));
        let definitions = json!({"words": words, "arguments": arguments, "environment": environment, "folder": folder});
        interpreter.ask(&definitions).unwrap();
        Self { interpreter: Some(interpreter) }
    }

    /// Runs Python; gives the value of its last expression.
    #[track_caller]
    pub fn ask(&mut self, code: &str) -> Value {
        let answer = self.interpreter.as_mut().unwrap().ask(&code.into());
        answer.unwrap_or_else(|error| panic!("{error}\nin\n{code}"))
    }
}

impl Drop for Boto3 {
    fn drop(&mut self) {
        // After a failure, nobody knows what is still going on in there.
        let next = self.interpreter.take().filter(|_| !std::thread::panicking());
        if let Some(mut interpreter) = next
            && interpreter.ask(&Value::Null).is_ok()
        {
            idle().push(interpreter);
        }
    }
}

fn idle() -> MutexGuard<'static, Vec<Interpreter>> {
    IDLE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The process.
#[derive(Debug)]
struct Interpreter {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Interpreter {
    fn start(mut command: Command) -> Self {
        command.arg("-c").arg(include_str!("interpreter.py"));
        // Ctrl-C at the terminal is for the test; this ends when the test is gone.
        let command = command.process_group(0);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (questions, answers) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, questions, answers }
    }

    fn ask(&mut self, question: &Value) -> Result<Value, String> {
        let mut questions = self.questions.as_ref().unwrap();
        writeln!(questions, "{question}").unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        let mut answer: Value = serde_json::from_str(&line).unwrap();
        match answer["error"].take() {
            Value::Null => Ok(answer["value"].take()),
            error => Err(error.as_str().unwrap_or_default().to_owned()),
        }
    }
}

impl Drop for Interpreter {
    fn drop(&mut self) {
        drop(self.questions.take());
        let _ended = self.child.wait();
    }
}
