//! What the policy language promises.

mod decisions;
