//! Folders that cannot be used. A full and a read-only disk are mounted in a namespace of their own, by this program run
//! again; where that is not permitted, these two are left out, and say so.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use ledger::{Cause, Error, Ledger};
use tempfile::TempDir;

use crate::bench::Bench;

const FOLDER: &str = "LEDGER_TEST_DISK";

/// The refusal, with its cause, and that it names the place.
fn refused(result: Result<(), Error>, place: &Path) -> (Cause, String, String) {
    let error = result.unwrap_err();
    let (text, hint) = (error.to_string(), error.hint());
    let Error::Store { cause, .. } = error else { panic!("{text}") };
    assert!(text.contains(&format!("file://{}", place.display())), "{text}");
    (cause, text, hint)
}

#[tokio::test]
async fn a_good_place_passes_and_nothing_is_left() {
    for bench in Bench::all() {
        bench.here().check().await.unwrap();
        assert_eq!(bench.names("").await, Vec::<String>::new());
    }
    let folder = TempDir::new().unwrap();
    let deep = folder.path().join("a b/ü#1/%41");
    let ledger = Ledger::folder(&deep).unwrap();
    ledger.check().await.unwrap();
    assert!(ledger.url().ends_with("/a b/ü#1/%41"), "{}", ledger.url());
}

#[tokio::test]
async fn a_file_is_no_folder() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    for path in [file.clone(), file.join("below")] {
        let (cause, text, hint) = refused(Ledger::folder(&path).map(drop), &path);
        assert_eq!(cause, Cause::NotAFolder, "{text}");
        assert!(text.contains("os error"), "{text}");
        assert!(hint.contains("--ledger"), "{hint}");
    }
    let ledger = Ledger::folder(folder.path()).unwrap();
    fs::write(folder.path().join("probes"), "").unwrap();
    let (cause, text, _) = refused(ledger.check().await, folder.path());
    assert_eq!(cause, Cause::NotAFolder, "{text}");
}

#[test]
fn a_full_disk_is_told() {
    on_a_disk_of_its_own("size=256k", "disks::on_a_full_disk");
}

#[test]
fn a_read_only_disk_is_told() {
    on_a_disk_of_its_own("size=256k,ro", "disks::on_a_read_only_disk");
}

#[cfg(unix)]
#[tokio::test]
#[expect(clippy::print_stderr, reason = "who reads the output should know what was not tested")]
async fn a_folder_without_permission_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = TempDir::new().unwrap();
    let ledger = Ledger::folder(folder.path()).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(folder.path().join("x"), "").is_ok() {
        eprintln!("left out: permissions do not hold for the superuser");
        return;
    }
    let (cause, text, hint) = refused(ledger.check().await, folder.path());
    assert_eq!(cause, Cause::Denied, "{text}");
    assert!(hint.contains("ls -ld"), "{hint}");
}

/// Runs a test of this program with a small disk mounted at a folder that only it sees.
#[expect(clippy::print_stderr, reason = "who reads the output should know what was not tested")]
fn on_a_disk_of_its_own(options: &str, test: &str) {
    let folder = TempDir::new().unwrap();
    let run = |script: &str| {
        let exe = std::env::current_exe().unwrap();
        let mut command = Command::new("unshare");
        command.args(["--mount", "--map-root-user", "sh", "-c", script]);
        command.env(FOLDER, folder.path()).env("OPTIONS", options).env("EXE", exe).env("TEST", test);
        command.output()
    };
    let mount = format!("mount -t tmpfs -o \"$OPTIONS\" tmpfs \"${FOLDER}\"");
    if !run(&mount).is_ok_and(|output| output.status.success()) {
        eprintln!("left out: mounting a disk is not permitted here");
        return;
    }
    let output = run(&format!("{mount} && exec \"$EXE\" --exact \"$TEST\" --ignored --nocapture")).unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test]
#[ignore = "run by another test, on a disk of its own"]
async fn on_a_full_disk() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let ledger = Ledger::folder(&folder).unwrap();
    let mut file = fs::File::create(Path::new(&folder).join("fill")).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
    let (cause, text, hint) = refused(ledger.check().await, Path::new(&folder));
    assert_eq!(cause, Cause::Full, "{text}");
    assert!(text.contains("os error 28") && hint.contains("full"), "{text}: {hint}");
}

#[tokio::test]
#[ignore = "run by another test, on a disk of its own"]
async fn on_a_read_only_disk() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let ledger = Ledger::folder(&folder).unwrap();
    let (cause, text, hint) = refused(ledger.check().await, Path::new(&folder));
    assert_eq!(cause, Cause::ReadOnly, "{text}");
    assert!(text.contains("os error 30") && hint.contains("read-only"), "{text}: {hint}");
}
