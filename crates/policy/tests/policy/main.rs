//! What the policy language promises.

mod agreement;
mod anything;
mod compare;
mod decisions;
mod documents;
mod kinds;
mod lint;
mod normal;
mod substitute;
