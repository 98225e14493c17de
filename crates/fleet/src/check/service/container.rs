//! What a service's container may do in itself, and who may enter it.

use crate::desk::{Desk, Sound};
use crate::words::{self, Checked, Wrong};
use policy::KeyPath;

pub(super) fn user(desk: &mut Desk, path: &KeyPath, user: Option<String>, allow_root: bool) -> Sound<String> {
    desk.need_text(path, user, "\"1000:1000\"", |text| {
        words::container_user(text)?;
        if allow_root { Ok(()) } else { not_root(text) }
    })
}

/// The group may be root's: it has no rights of its own.
fn not_root(text: &str) -> Checked {
    let user = text.split(':').next().unwrap_or_default();
    if user != "root" && user.parse() != Ok(0_u32) {
        return Ok(());
    }
    Err(Wrong::new(
        format!("`{text}` is root"),
        "write a user that the image is made for, such as `1000:1000`; if it needs root, write `allow_root = true` beside it",
    ))
}

/// Whether the root file system is read-only, and whether commands can be executed. ECS developer guide, "Monitor Amazon
/// ECS containers with ECS Exec": the agent writes to the file system, so a read-only one is not supported.
pub(super) fn access(
    desk: &mut Desk,
    path: &KeyPath,
    read_only: Option<bool>,
    exec: Option<bool>,
) -> Sound<(bool, bool)> {
    let read_only = desk.need(&path.key("read_only"), read_only, "true");
    let exec = desk.need(&path.key("exec"), exec, "false");
    let (read_only, exec) = (read_only?, exec?);
    if read_only && exec {
        return Err(desk.wrong(
            &path.key("exec"),
            "no command can be executed in a container whose root file system is read-only",
            "write `read_only = false` beside it: the agent that executes commands has to write; or take `exec` out",
        ));
    }
    Ok((read_only, exec))
}
