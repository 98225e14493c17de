//! `[hardening]`.

use crate::desk::{Desk, Sound};
use crate::hardening::{Control, Hardening};
use crate::raw::{HardeningSection, Switch};
use crate::words::Wrong;
use policy::KeyPath;

/// Reads which controls are off. A reason is asked for, because the next one who reads the file has to judge it.
pub(super) fn hardening(desk: &mut Desk, raw: HardeningSection) -> Sound<Hardening> {
    let path = KeyPath::of(["hardening"]);
    let controls = [
        ("s3_public_access", Control::S3PublicAccess, raw.s3_public_access),
        ("ebs_encryption", Control::EbsEncryption, raw.ebs_encryption),
        ("instance_metadata", Control::InstanceMetadata, raw.instance_metadata),
        ("password_policy", Control::PasswordPolicy, raw.password_policy),
        ("default_vpcs", Control::DefaultVpcs, raw.default_vpcs),
        ("access_analyzer", Control::AccessAnalyzer, raw.access_analyzer),
        ("ecs_settings", Control::EcsSettings, raw.ecs_settings),
        ("ecr_settings", Control::EcrSettings, raw.ecr_settings),
    ];
    let (mut hardening, mut sound) = (Hardening::default(), Ok(()));
    for (key, control, switch) in controls {
        let Some(switch) = switch else { continue };
        match reason(desk, &path.key(key), key, switch) {
            Ok(Some(reason)) => drop(hardening.off.insert(control, reason)),
            Ok(None) => {}
            Err(reported) => sound = Err(reported),
        }
    }
    sound.map(|()| hardening)
}

/// Why a control is off; none if it is on.
fn reason(desk: &mut Desk, path: &KeyPath, key: &str, switch: Switch) -> Sound<Option<String>> {
    let help = format!("write `{key} = {{ off = \"...\" }}` with the reason, or leave the key out to have it on");
    match switch {
        Switch::On(true) => Ok(None),
        Switch::On(false) => Err(desk.wrong(path, "a control is switched off with a reason only", help)),
        Switch::Off(off) => match off.off {
            Some(reason) if !reason.trim().is_empty() => Ok(Some(reason)),
            Some(_) => Err(desk.wrong(&path.key("off"), "the reason is empty", help)),
            None => Err(desk.missing(&path.key("off"), Wrong::new("`off` is missing", help))),
        },
    }
}
