//! Two runs on one account: one works, the other waits or says who holds it.
