//! Keys of the account's own.

/// A customer managed key.
#[derive(Debug)]
pub struct KmsKey;
