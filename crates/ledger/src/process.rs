//! Who a process is, and whether it is gone for certain.
//!
//! A wrong "gone" lets two runs change one account at once; a wrong "perhaps alive" costs a minute of waiting. So
//! whatever cannot be told counts as alive.

use std::fs::{read_link, read_to_string};
use std::io::ErrorKind;
use std::process;

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};
use serde::{Deserialize, Serialize};

/// An id that no process has: Linux's highest is 2^22 (`proc_sys_kernel(5)`), macOS's below that.
const NOBODY: u32 = i32::MAX.cast_unsigned();

/// A process, told apart from every other one, on this host or another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// The host's name.
    pub host: String,
    /// The process id.
    pub pid: u32,
    /// The id of the host's boot (Linux). Containers share their host's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot: Option<String>,
    /// The namespace that the process id is from (Linux): two containers both have a process 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// When it started, in clock ticks since the boot (Linux): process ids are used again.
    #[serde(default, rename = "start_ticks", skip_serializing_if = "Option::is_none")]
    pub started: Option<u64>,
}

impl Process {
    /// This process.
    pub fn current() -> Self {
        let pid = process::id();
        let boot = read_to_string("/proc/sys/kernel/random/boot_id").ok();
        let namespace = read_link("/proc/self/ns/pid").ok();
        Self {
            host: gethostname::gethostname().to_string_lossy().into_owned(),
            pid,
            boot: boot.map(|boot| boot.trim().to_owned()),
            namespace: namespace.map(|namespace| namespace.to_string_lossy().into_owned()),
            started: read_to_string("/proc/self/stat")
                .ok()
                .and_then(|line| Stat::parse(&line))
                .map(|stat| stat.started),
        }
    }

    /// Whether it is certain that this process lives, as seen by `observer`.
    pub(crate) fn lives(&self, observer: &Self, same_disk: bool) -> bool {
        // Where nothing at all is known of an ended process, nothing is known of this one either.
        let nobody = Self { pid: NOBODY, ..self.clone() };
        nobody.is_gone(observer, same_disk) && !self.is_gone(observer, same_disk)
    }

    /// Whether it is certain that this process has ended, as seen by `observer`. `same_disk` says that the record was
    /// found on a disk of the observer's host.
    pub(crate) fn is_gone(&self, observer: &Self, same_disk: bool) -> bool {
        if self.host != observer.host || self.boot != observer.boot || self.namespace != observer.namespace {
            return false;
        }
        // Two hosts may share a name. Where no boot tells them apart, only a folder of this host does.
        if self.boot.is_none() && !same_disk {
            return false;
        }
        match read_to_string(format!("/proc/{}/stat", self.pid)) {
            Ok(line) => match (Stat::parse(&line), self.started) {
                (Some(stat), Some(started)) => stat.started != started || stat.is_dead,
                _ => false,
            },
            // With the mount option `hidepid`, other users' processes are not there either (proc(5)): ask the kernel.
            Err(error) if error.kind() == ErrorKind::NotFound => has_no_such_process(self.pid),
            Err(_) => false,
        }
    }
}

/// Whether nothing has this process id. Not being allowed to signal it means that it is there (kill(2)).
fn has_no_such_process(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    pid.is_some_and(|pid| test_kill_process(pid) == Err(Errno::SRCH))
}

/// What `/proc/<pid>/stat` says (`proc_pid_stat(5)`).
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    /// Ended, and only not yet waited for by its parent.
    is_dead: bool,
    started: u64,
}

impl Stat {
    fn parse(line: &str) -> Option<Self> {
        // The second field is the program's name in parentheses, which may itself hold spaces and parentheses.
        let (_, rest) = line.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        // Fields 3, 20 and 22. A main thread may end before the others: it then looks like a zombie.
        let (state, threads, started) = (fields.first()?, fields.get(17)?, fields.get(19)?);
        let is_dead = matches!(*state, "Z" | "X") && matches!(*threads, "0" | "1");
        Some(Self { is_dead, started: started.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn a_programs_name_may_look_like_more_fields() {
        let rest = "S 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 777 9 10";
        assert_eq!(Stat::parse(&format!("42 (a) Z (b) {rest}")), Some(Stat { is_dead: false, started: 777 }));
        assert!(Stat::parse(&format!("42 (a) {}", rest.replace('S', "Z"))).unwrap().is_dead);
        let threads = rest.replace('S', "Z").replace("20 0 1 0", "20 0 3 0");
        assert!(!Stat::parse(&format!("42 (a) {threads}")).unwrap().is_dead);
        assert_eq!(Stat::parse("42 (a) S 1"), None);
    }

    #[test]
    fn this_process_lives() {
        let me = Process::current();
        assert!(!me.is_gone(&me, true));
    }

    #[test]
    fn a_process_id_that_was_used_again_is_another_process() {
        let me = Process::current();
        let Some(started) = me.started else { return };
        let earlier = Process { started: Some(started - 1), ..me.clone() };
        assert!(earlier.is_gone(&me, false));
    }

    #[test]
    fn nothing_is_certain_of_other_hosts_boots_and_containers() {
        let me = Process::current();
        let gone = Process { pid: u32::MAX / 2, ..me.clone() };
        assert!(gone.is_gone(&me, true));
        let other = |change: fn(&mut Process)| {
            let mut process = gone.clone();
            change(&mut process);
            process
        };
        assert!(!other(|process| process.host.push('x')).is_gone(&me, true));
        assert!(!other(|process| process.boot = Some("x".into())).is_gone(&me, true));
        assert!(!other(|process| process.namespace = Some("x".into())).is_gone(&me, true));
    }

    #[test]
    fn without_a_boot_only_the_same_disk_tells_the_same_host() {
        let me = Process { boot: None, namespace: None, started: None, ..Process::current() };
        let gone = Process { pid: u32::MAX / 2, ..me.clone() };
        assert!(gone.is_gone(&me, true));
        assert!(!gone.is_gone(&me, false));
        assert!(!me.is_gone(&me, true));
    }
}
