//! The installation, and all that can be in its way.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::path::Path;

use common::{environments, eventually, false_python, helper, helper_home, own_state, silent, succeeds, write_program};
use sandbox::front::Weather;
use sandbox::{Error, Home, Progress, attach, install, start};

/// An installation that leaves what a real one does and takes no time.
const WORKS: &str = "true";

fn fake(directory: &Path, pip: &str) -> Home {
    Home::at(directory).with_interpreter(false_python(directory, pip))
}

#[tokio::test]
async fn the_python_has_moto_and_boto3() {
    let (_directory, home) = own_state();
    let python = install(&home, &silent).await.unwrap();
    assert_eq!(python, home.python());
    let mut check = tokio::process::Command::new(&python);
    check.args(["-c", "import boto3, moto; print(moto.__version__)"]);
    let output = check.output().await.unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), sandbox::MOTO_VERSION);
}

#[tokio::test]
async fn it_happens_once() {
    let directory = tempfile::tempdir().unwrap();
    let home = fake(directory.path(), "echo x >> \"$(dirname \"$0\")/../../installed\"; sleep 1");
    let waited = std::sync::Mutex::new(0);
    let note = |step| {
        if let Progress::WaitingForLock { .. } = step {
            *waited.lock().unwrap() += 1;
        }
    };
    let (one, other) = tokio::join!(install(&home, &note), install(&home, &note));
    assert_eq!(one.unwrap(), other.unwrap());
    install(&home, &silent).await.unwrap();
    let installed = std::fs::read_to_string(directory.path().join("installed")).unwrap();
    assert_eq!(installed.lines().count(), 1);
    assert_eq!(*waited.lock().unwrap(), 1, "the second says that it waits");
}

#[tokio::test]
async fn no_python_names_the_ways_out() {
    let directory = tempfile::tempdir().unwrap();
    let home = Home::at(directory.path()).with_interpreter("/nonexistent");
    for error in [
        install(&home, &silent).await.unwrap_err(),
        start(&home, &silent).await.unwrap_err(),
        attach(&home, Weather::default(), &silent).await.err().unwrap(),
    ] {
        assert!(matches!(error, Error::NoPython { .. }), "{error}");
        assert!(error.to_string().contains("/nonexistent"));
        for way in ["python3-venv", "ORGSTRAP_PYTHON", "AWS_ENDPOINT_URL"] {
            assert!(error.hint().contains(way), "{}", error.hint());
        }
    }
}

#[test]
fn no_python_on_an_empty_path() {
    let directory = tempfile::tempdir().unwrap();
    let mut install = helper("install_without_python", directory.path());
    succeeds(install.env("PATH", ""));
}

#[tokio::test]
#[ignore = "runs in a process of its own"]
async fn install_without_python() {
    let error = install(&Home::at(helper_home()), &silent).await.unwrap_err();
    assert!(matches!(&error, Error::NoPython { tried } if tried.len() > 1), "{error}");
}

#[tokio::test]
async fn an_old_python_is_named_with_its_version() {
    let directory = tempfile::tempdir().unwrap();
    let old = write_program(&directory.path().join("old"), "#!/bin/sh\necho 3 9\n");
    let home = Home::at(directory.path()).with_interpreter(&old);
    let error = install(&home, &silent).await.unwrap_err();
    assert!(matches!(&error, Error::OldPython { version, .. } if version == "3.9"), "{error}");
}

#[tokio::test]
async fn a_python_without_venv_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let script = "#!/bin/sh\necho 3 12\necho \"No module named 'ensurepip'\" >&2\nexit 1\n";
    let bare = write_program(&directory.path().join("bare"), script);
    let home = Home::at(directory.path()).with_interpreter(&bare);
    let error = install(&home, &silent).await.unwrap_err();
    assert!(matches!(&error, Error::NoVenv { output, .. } if output.contains("ensurepip")));
    assert!(error.hint().contains("python3-venv"));
}

/// The real pip, with nowhere to take packages from.
#[test]
fn an_unreachable_index_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let mut install = helper("install_without_index", directory.path());
    install.env("PIP_NO_INDEX", "1").env_remove("PIP_FIND_LINKS");
    succeeds(&mut install);
    assert_eq!(environments(directory.path()), Vec::<std::path::PathBuf>::new());
}

#[tokio::test]
#[ignore = "runs in a process of its own"]
async fn install_without_index() {
    let error = install(&Home::at(helper_home()), &silent).await.unwrap_err();
    assert!(matches!(&error, Error::Pip { output } if output.contains("No matching")), "{error}");
    assert!(error.hint().contains("nothing was changed"));
}

#[tokio::test]
async fn a_full_disk_is_called_so() {
    let directory = tempfile::tempdir().unwrap();
    let pip = "echo 'ERROR: [Errno 28] No space left on device' >&2; exit 1";
    let error = install(&fake(directory.path(), pip), &silent).await.unwrap_err();
    assert!(error.hint().contains("disk is full"), "{}", error.hint());
    assert_eq!(environments(directory.path()).len(), 0);
}

#[tokio::test]
async fn a_cache_that_cannot_be_written_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = install(&Home::at(file.join("cache")), &silent).await.unwrap_err();
    assert!(matches!(error, Error::Files { .. }), "{error}");
    assert!(error.hint().contains("ORGSTRAP_CACHE_DIR"));
}

#[tokio::test]
async fn a_killed_installation_is_made_anew() {
    let directory = tempfile::tempdir().unwrap();
    let waits = "touch \"$(dirname \"$0\")/../../reached-pip\"; sleep 5";
    false_python(directory.path(), waits);
    let mut killed = helper("install_with_false_python", directory.path()).spawn().unwrap();
    eventually("pip runs", || directory.path().join("reached-pip").exists());
    killed.kill().unwrap();
    killed.wait().unwrap();
    let left = environments(directory.path());
    assert_eq!(left.len(), 1);

    let home = fake(directory.path(), WORKS);
    assert!(!home.python().exists(), "a half environment is not taken for a whole one");
    install(&home, &silent).await.unwrap();
    assert!(home.python().exists());
    assert!(!left[0].exists(), "what was left is removed");
}

#[tokio::test]
#[ignore = "runs in a process of its own"]
async fn install_with_false_python() {
    let python = helper_home().join("false-python");
    let home = Home::at(helper_home()).with_interpreter(python.to_str().unwrap());
    install(&home, &silent).await.unwrap();
}

/// A system upgrade takes away the Python that the environment was made with.
#[tokio::test]
async fn a_vanished_python_is_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let home = fake(directory.path(), WORKS);
    let python = install(&home, &silent).await.unwrap();
    std::fs::remove_file(&python).unwrap();
    install(&home, &silent).await.unwrap();
    assert!(python.exists());
}

#[tokio::test]
async fn a_server_that_ends_at_once_says_why() {
    let directory = tempfile::tempdir().unwrap();
    let home = fake(directory.path(), WORKS);
    let python = install(&home, &silent).await.unwrap();
    write_program(&python, "#!/bin/sh\necho 'No module named moto' >&2\nexit 3\n");
    for error in
        [start(&home, &silent).await.unwrap_err(), attach(&home, Weather::default(), &silent).await.err().unwrap()]
    {
        assert!(
            matches!(&error, Error::EndedEarly { status, output }
                if status.contains('3') && output.contains("No module named moto")),
            "{error}"
        );
    }
}
