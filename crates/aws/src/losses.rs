//! How far deletions may go.

/// What may be lost when what holds it is deleted. Nothing of it is, unless the operator says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is said by an option of its own")]
pub struct Losses {
    /// Images, with their repository: `--delete-images`.
    pub images: bool,
    /// Objects, with their bucket, and images: `--delete-data`.
    pub data: bool,
    /// The last state of a database, of which no snapshot is taken: `--no-final-snapshot`.
    pub databases: bool,
    /// What is protected against deletion: the protection is switched off first, `--unprotect`.
    pub protected: bool,
}

impl Losses {
    /// Whether a repository may go with the images that are in it.
    pub(crate) fn may_lose_images(self) -> bool {
        self.images || self.data
    }
}
