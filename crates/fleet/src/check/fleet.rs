//! `orgstrap.toml`: the fleet itself, access and ledger.

use std::path::Path;

use super::access::access;
use crate::desk::{Desk, Sound};
use crate::model::{Access, Ledger, LedgerLocation};
use crate::raw::{FleetFile, FleetSection, LedgerSection};
use crate::words::{self, Checked, Wrong};
use policy::KeyPath;

/// The placeholder of the e-mail pattern.
const ACCOUNT: &str = "{account}";

/// What `orgstrap.toml` says, as far as it is sound.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) name: Sound<String>,
    pub(crate) region: Sound<String>,
    pub(crate) common: Sound<String>,
    email: Sound<Option<String>>,
    pub(crate) access: Sound<Access>,
    pub(crate) ledger: Sound<Ledger>,
}

impl Head {
    /// The e-mail address that the pattern gives an account, if there is a pattern.
    pub(crate) fn email_of(&self, account: &str) -> Sound<Option<String>> {
        match &self.email {
            Ok(pattern) => Ok(pattern.as_ref().map(|pattern| pattern.replace(ACCOUNT, account))),
            Err(reported) => Err(*reported),
        }
    }
}

/// Checks the file; `folder` is where relative paths are seen from.
pub(crate) fn head(desk: &mut Desk, raw: FleetFile, folder: &Path) -> Head {
    let path = KeyPath::of(["fleet"]);
    let fleet: FleetSection = raw.fleet.unwrap_or_default();
    Head {
        name: desk.need_text(&path.key("name"), fleet.name, "\"verb\"", words::fleet_name),
        region: desk.need_text(&path.key("region"), fleet.region, "\"us-west-1\"", words::region),
        common: desk.need_text(&path.key("common"), fleet.common, "\"verb-common\"", words::account_name),
        email: desk.text(&path.key("email"), fleet.email, email_pattern),
        access: access(desk, raw.access.unwrap_or_default()),
        ledger: ledger(desk, raw.ledger.unwrap_or_default(), folder),
    }
}

fn email_pattern(pattern: &str) -> Checked {
    if pattern.contains(ACCOUNT) {
        return words::email(&pattern.replace(ACCOUNT, "account"));
    }
    let example = pattern.replacen('@', "+{account}@", 1);
    Err(Wrong::new(
        format!("`{pattern}` is the same for every account, and AWS takes an address once"),
        format!("write `{ACCOUNT}` where the account's name goes, such as `{example}`"),
    ))
}

fn ledger(desk: &mut Desk, raw: LedgerSection, folder: &Path) -> Sound<Ledger> {
    let path = KeyPath::of(["ledger", "url"]);
    let url = desk.need(&path, raw.url, "\"file://.orgstrap\"")?;
    let location = desk.check(&path, location(&url, folder))?;
    Ok(Ledger { url, location })
}

fn location(url: &str, folder: &Path) -> Checked<LedgerLocation> {
    let help = "write `file://FOLDER` or `s3://BUCKET/PREFIX`";
    match url.split_once("://") {
        Some(("file", path)) if path.trim().is_empty() => Err(Wrong::new("the address has no folder", help)),
        // A folder of that name would be made, and nobody wants one: it is the shell's word for the home folder.
        Some(("file", path)) if path.starts_with('~') => {
            Err(Wrong::new("`~` is not replaced here", "write the folder out, such as `file:///home/me/ledger`"))
        }
        Some(("file", path)) => Ok(LedgerLocation::Folder(folder.join(path))),
        Some(("s3", rest)) => {
            let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
            if !is_bucket(bucket) {
                return Err(Wrong::new(
                    format!("`{bucket}` is no bucket's name"),
                    "use 3 to 63 lower-case letters, digits, hyphens and dots, with a letter or digit at both ends",
                ));
            }
            Ok(LedgerLocation::Bucket { bucket: bucket.to_owned(), prefix: prefix.trim_matches('/').to_owned() })
        }
        Some((scheme, _)) => Err(Wrong::new(format!("orgstrap keeps no ledger at `{scheme}://`"), help)),
        None => Err(Wrong::new(format!("`{url}` is no address"), help)),
    }
}

/// Amazon S3 User Guide, "General purpose bucket naming rules".
fn is_bucket(name: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (3..=63).contains(&name.len())
        && name.chars().all(|c| is_letter(c) || matches!(c, '-' | '.'))
        && name.starts_with(is_letter)
        && name.ends_with(is_letter)
        && !name.contains("..")
}
