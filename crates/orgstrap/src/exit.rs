//! How a command ends.

use std::process::ExitCode;

/// The exit codes of every command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, in sync, allowed, equal, nothing found.
    Done,
    /// It failed, and nothing was changed by this run, or everything that was begun failed.
    Error,
    /// There are differences or findings, or it is not allowed.
    Differences,
    /// Some of it is done.
    Partly,
    /// Stopped by the operator.
    Interrupted,
    /// What a program that was run ended with.
    Program(u8),
}

impl Exit {
    /// The word for it in the journal of runs.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Error => "error",
            Self::Differences => "differences",
            Self::Partly => "partly",
            Self::Interrupted => "interrupted",
            Self::Program(_) => "program",
        }
    }

    /// The number that the shell sees.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Error => 1,
            Self::Differences => 2,
            Self::Partly => 3,
            Self::Interrupted => 130,
            Self::Program(code) => code,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
