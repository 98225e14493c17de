//! `secret set`: another value for a secret, with no moment without one, and no trace of either.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use end_to_end::{Bench, Mother, Run, files_below, run};
use sandbox::front::Moment;
use serde_json::{Value, json};

const COMMON: &str = "verb-common";

/// Every value of these tests begins so: nothing that the program writes may have it.
const MARK: &str = "SECRETVALUE";

/// The secrets of the common account, one of each kind that it may have.
const SECRETS: &str = "
[secret.env]
from = \"env:TOKEN\"
[secret.file]
from = \"file:token.txt\"
[secret.public]
value = { backend = \"1.0.0\" }
[secret.typed]
from = \"prompt\"
";

const WORDS: &str = "
secrets = member('verb-common').session.client('secretsmanager')
def value(name):
    return secrets.get_secret_value(SecretId=name)['SecretString']
def pending(name):
    versions = secrets.describe_secret(SecretId=name)['VersionIdsToStages']
    return sum('AWSPENDING' in labels for labels in versions.values())
";

/// A bench with the common account and its secrets.
fn bench() -> Bench {
    static MOTHER: OnceLock<Mother> = OnceLock::new();
    let mother = MOTHER.get_or_init(|| Mother::of(with_secrets(Bench::new("")).world));
    with_words(Bench::before(mother.copy(), ""))
}

fn with_secrets(bench: Bench) -> Bench {
    let file = bench.world.folder().join(format!("accounts/{COMMON}.toml"));
    // What is asked for comes from a file once, so that no terminal is needed to make it.
    let first = SECRETS.replace("prompt", "file:token.txt");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{text}{first}")).unwrap();
    from_file(&bench, "1");
    with_token(&bench, &["apply", COMMON], "1").exits(0);
    fs::write(&file, format!("{text}{SECRETS}")).unwrap();
    bench
}

fn with_words(bench: Bench) -> Bench {
    bench.world.boto3(WORDS);
    bench
}

/// Another value in the file that one of them comes from, with the end of line of an editor.
fn from_file(bench: &Bench, value: &str) {
    fs::write(bench.world.folder().join("token.txt"), format!("{MARK}{value}\n")).unwrap();
}

/// The program with a value in the environment.
fn with_token(bench: &Bench, arguments: &[&str], value: &str) -> Run {
    let mut command = bench.command(arguments);
    run({
        command.env("TOKEN", format!("{MARK}{value}"));
        command
    })
}

/// The program with standard input.
fn fed(mut command: Command, text: &str) -> Run {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may end without having read it.
    let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
    child.wait_with_output().unwrap().into()
}

fn value(bench: &Bench, name: &str) -> Value {
    bench.world.boto3(&format!("value('{name}')"))
}

/// Fails the test if a value is anywhere in what a run printed, or in the ledger.
#[track_caller]
fn is_silent(bench: &Bench, runs: &[&Run]) {
    for run in runs {
        assert!(!run.stdout.contains(MARK) && !run.stderr.contains(MARK), "{run:?}");
    }
    let ledger = bench.world.folder().join(".orgstrap");
    let files = files_below(&ledger);
    assert!(files.len() > 2, "nothing was looked at: {files:?}");
    for file in files {
        let text = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
        assert!(!text.contains(MARK), "{}: {text}", file.display());
    }
}

#[test]
fn a_value_comes_from_its_source_or_from_standard_input() {
    let bench = bench();
    let first = with_token(&bench, &["secret", "set", COMMON, "env"], "2").exits(0);
    assert_eq!(first.stdout, "secret env of verb-common has another value; the one before is kept as AWSPREVIOUS\n");
    from_file(&bench, "2");
    let second = bench.orgstrap(&["secret", "set", COMMON, "file", "--verbose", "--stats"]).exits(0);
    assert_eq!((value(&bench, "env"), value(&bench, "file")), (json!("SECRETVALUE2"), json!("SECRETVALUE2")));
    let json = ["secret", "set", COMMON, "env", "--stdin", "--format", "json"];
    let third = fed(bench.command(&json), &format!("{MARK}\n3\n")).exits(0);
    assert_eq!(value(&bench, "env"), "SECRETVALUE\n3", "one end of line is cut, and no other");
    let told = third.json();
    assert_eq!([&told["outcome"], &told["secret"], &told["account"]], ["updated", "env", COMMON]);
    is_silent(&bench, &[&first, &second, &third]);
    bench.orgstrap(&["plan", COMMON]).exits(0);
    // It is one of the runs, with the name of what changed and nothing else of it.
    let shown = bench.orgstrap(&["runs", "show", told["run"].as_str().unwrap()]).exits(0).stdout;
    assert!(shown.contains("secret set verb-common by") && shown.contains("1 updated"), "{shown}");
    assert!(shown.contains("update verb-common/secret/env (value): updated"), "{shown}");
    assert_eq!(bench.world.boto3("pending('env')"), 0);
    let calls = bench.calls().to("secretsmanager").only(|recorded| recorded.call.is_change());
    let last: Vec<_> = calls.iter().rev().take(3).map(|recorded| recorded.call.operation.clone()).collect();
    assert_eq!(last, ["UpdateSecretVersionStage", "UpdateSecretVersionStage", "PutSecretValue"]);
}

#[test]
fn what_cannot_be_a_value_changes_nothing() {
    let bench = bench();
    let missing = bench.orgstrap(&["secret", "set", COMMON, "env"]).exits(1);
    assert!(missing.stderr.contains("the variable TOKEN is not set"), "{missing:?}");
    let empty = fed(bench.command(&["secret", "set", COMMON, "env", "--stdin"]), "\n").exits(1);
    assert!(empty.stderr.contains("the value is empty"), "{empty:?}");
    let large = fed(bench.command(&["secret", "set", COMMON, "env", "--stdin"]), &MARK.repeat(6000)).exits(1);
    assert!(large.stderr.contains("more than 65536 bytes"), "{large:?}");
    let typed = bench.orgstrap(&["secret", "set", COMMON, "typed"]).exits(1);
    assert!(typed.stderr.contains("there is no terminal to ask at"), "{typed:?}");
    let argument = bench.orgstrap(&["secret", "set", COMMON, "env", "SECRETVALUE"]).exits(1);
    assert!(argument.stderr.contains("unexpected argument"), "{argument:?}");
    assert_eq!(value(&bench, "env"), "SECRETVALUE1");
    is_silent(&bench, &[&missing, &empty, &large, &typed]);
    bench.orgstrap(&["plan", COMMON]).exits(0);
}

#[test]
fn killed_at_any_call_it_leaves_one_of_the_two_and_goes_on() {
    let bench = bench();
    let set = ["secret", "set", COMMON, "file"];
    for moment in [Moment::Before, Moment::After] {
        let mut kills = 0;
        for change in 1.. {
            let (before, new) = (value(&bench, "file"), format!("{moment:?}{change}"));
            from_file(&bench, &new);
            let was_killed = bench.killed(&set, change, moment);
            let (now, new) = (value(&bench, "file"), json!(format!("{MARK}{new}")));
            assert!(now == before || now == new, "{moment:?} {change}: {now}");
            if was_killed {
                kills += 1;
                bench.orgstrap(&set).exits(0);
            }
            assert_eq!(value(&bench, "file"), new, "{moment:?} {change}");
            assert_eq!(bench.world.boto3("pending('file')"), 0, "{moment:?} {change}");
            if !was_killed {
                break;
            }
        }
        assert_eq!(kills, 3, "a value is written, put in force, and no longer pending");
    }
    bench.orgstrap(&["plan", COMMON]).exits(0);
    is_silent(&bench, &[]);
}

#[test]
fn what_somebody_else_wrote_is_replaced_only_when_that_is_meant() {
    let bench = bench();
    bench.world.boto3("secrets.put_secret_value(SecretId='env', SecretString='theirs')\nNone");
    let refused = with_token(&bench, &["secret", "set", COMMON, "env"], "2").exits(1);
    assert!(refused.stderr.contains("was written by somebody else") && refused.stderr.contains("--yes"), "{refused:?}");
    assert_eq!(value(&bench, "env"), "theirs");
    let done = with_token(&bench, &["secret", "set", COMMON, "env", "--yes"], "2").exits(0);
    assert_eq!(value(&bench, "env"), "SECRETVALUE2");
    is_silent(&bench, &[&refused, &done]);
    // Nothing is asked about what orgstrap wrote itself.
    with_token(&bench, &["secret", "set", COMMON, "env"], "3").exits(0);
    bench.orgstrap(&["plan", COMMON]).exits(0);
}

#[test]
fn the_value_of_a_file_counts_as_the_files() {
    let bench = bench();
    let again = bench.orgstrap(&["secret", "set", COMMON, "public"]).exits(0).stdout;
    assert_eq!(again, "secret public of verb-common has the value of the account's file already\n");
    bench.world.boto3("secrets.put_secret_value(SecretId='public', SecretString='theirs')\nNone");
    bench.orgstrap(&["secret", "set", COMMON, "public", "--yes"]).exits(0);
    assert_eq!(value(&bench, "public"), r#"{"backend":"1.0.0"}"#);
    bench.world.edit("accounts/verb-common.toml", "1.0.0", "1.0.1");
    bench.orgstrap(&["plan", COMMON]).exits(2);
    bench.orgstrap(&["secret", "set", COMMON, "public"]).exits(0);
    assert_eq!(value(&bench, "public"), r#"{"backend":"1.0.1"}"#);
    bench.orgstrap(&["plan", COMMON]).exits(0);
    // Any other would be put back by the next apply.
    let refused = fed(bench.command(&["secret", "set", COMMON, "public", "--stdin"]), "another").exits(1);
    assert!(refused.stderr.contains("write another into accounts/verb-common.toml"), "{refused:?}");
}

#[test]
fn a_shared_secret_is_set_where_it_is_shared() {
    let bench = with_words(with_secrets(Bench::whole("")));
    bench.world.edit(
        "accounts/headless-cms-dev.toml",
        "from = \"env:GITHUB_TOKEN\"",
        "from = \"shared:file\"\n[secret.other]\nfrom = \"random:20\"",
    );
    bench.world.edit("accounts/headless-cms-dev.toml", "\"github\" }", "\"github\", KEY = \"shared:file\" }");
    let copy = bench.orgstrap(&["secret", "set", "headless-cms-dev", "github"]).exits(1).stderr;
    assert!(copy.contains("a copy of the shared secret file"), "{copy}");
    assert!(copy.contains("`orgstrap secret set verb-common file`"), "{copy}");
    assert!(copy.contains("`orgstrap apply headless-cms-dev`"), "{copy}");
    let shared = bench.orgstrap(&["secret", "set", COMMON, "file"]).exits(0).stderr;
    assert!(shared.contains("`orgstrap apply headless-cms-dev` brings the new one there"), "{shared}");
    assert!(shared.contains("backend of headless-cms-dev"), "{shared}");
    // An account that is not there, a secret that nobody knows, one that is to be deleted.
    let absent = bench.orgstrap(&["secret", "set", "headless-cms-dev", "other"]).exits(1).stderr;
    assert!(absent.contains("orgstrap onboard headless-cms-dev"), "{absent}");
    let unknown = bench.orgstrap(&["secret", "set", COMMON, "none"]).exits(1).stderr;
    assert!(unknown.contains("its file has env, file, public, typed"), "{unknown}");
    bench.world.boto3("secrets.delete_secret(SecretId='file', RecoveryWindowInDays=30)\nNone");
    let deleted = bench.orgstrap(&["secret", "set", COMMON, "file"]).exits(1).stderr;
    assert!(deleted.contains("is to be deleted") && deleted.contains("`orgstrap apply verb-common`"), "{deleted}");
    bench.world.boto3("secrets.delete_secret(SecretId='env', ForceDeleteWithoutRecovery=True)\nNone");
    let gone = with_token(&bench, &["secret", "set", COMMON, "env"], "2").exits(1).stderr;
    assert!(gone.contains("does not exist yet"), "{gone}");
}

/// A terminal on which everything that the program says is kept, and what is typed is given to it when it asks.
const TERMINAL: &str = "
import os, pty, sys, select, time
answers, said, typed = sys.argv[1].split(','), b'', 0
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
end = time.time() + 120
while time.time() < end:
    ready, _, _ = select.select([terminal], [], [], 1)
    if ready:
        try:
            read = os.read(terminal, 4096)
        except OSError:
            break
        if not read:
            break
        said += read
        # Asked for where the cursor is: a terminal answers.
        if b'\\x1b[6n' in read:
            os.write(terminal, b'\\x1b[1;1R')
    asked = said.count(b'Value of secret') > 0, said.count(b'The same again') > 0
    if typed < len(answers) and asked[min(typed, 1)]:
        time.sleep(0.3)
        os.write(terminal, answers[typed].encode() + b'\\r')
        typed += 1
_, status = os.waitpid(pid, 0)
sys.stdout.write(said.decode(errors='replace'))
sys.exit(os.waitstatus_to_exitcode(status))
";

#[test]
fn a_value_is_typed_twice_and_seen_by_nobody() {
    let bench = bench();
    let at_terminal = |answers: &str, arguments: &[&str]| {
        let program = bench.command(arguments);
        let mut python = Command::new(bench.world.python());
        python.args(["-c", TERMINAL, answers]).arg(program.get_program()).args(program.get_args());
        python.current_dir(bench.world.folder()).env("TERM", "xterm");
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => python.env(name, value),
                None => python.env_remove(name),
            };
        }
        run(python)
    };
    let typed = at_terminal("SECRETVALUEa,SECRETVALUEa", &["secret", "set", COMMON, "typed"]).exits(0);
    assert!(typed.stdout.contains("Value of secret typed of verb-common:"), "{typed:?}");
    assert_eq!(value(&bench, "typed"), "SECRETVALUEa");
    let typed_too = at_terminal("SECRETVALUEb,SECRETVALUEb", &["secret", "set", COMMON, "env", "--prompt"]).exits(0);
    assert_eq!(value(&bench, "env"), "SECRETVALUEb");
    is_silent(&bench, &[&typed, &typed_too]);
    bench.orgstrap(&["plan", COMMON]).exits(0);
}

#[test]
fn the_auditor_cannot_read_a_value() {
    let bench = bench();
    let read = "import boto3; boto3.client('secretsmanager').get_secret_value(SecretId='env')";
    let python = bench.world.python().to_owned();
    let refused = bench.orgstrap(&["exec", COMMON, "--", &python, "-c", read]).exits(1);
    assert!(refused.stderr.contains("AccessDenied"), "{refused:?}");
    bench.orgstrap(&["exec", COMMON, "--role", "deployer", "--", &python, "-c", read]).exits(0);
    // So it cannot set one, either.
    let refused = with_token(&bench, &["secret", "set", COMMON, "env", "--role", "auditor"], "2").exits(1);
    assert!(refused.stderr.contains("AccessDenied"), "{refused:?}");
    assert_eq!(value(&bench, "env"), "SECRETVALUE1");
    is_silent(&bench, &[&refused]);
}
