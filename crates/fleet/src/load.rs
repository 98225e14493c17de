//! From files, variables and flags to a [`Fleet`], or to all mistakes at once.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::check::{self, Checked, Common, Head, Places};
use crate::desk::Desk;
use crate::documents::Documents;
use crate::environment::{self, Variable};
use crate::layers::{Layer, Names, Origin};
use crate::mistakes::{Mistake, Mistakes, Place};
use crate::model::Fleet;
use crate::raw::{AccountFile, FleetFile};
use crate::schema::{account_schema, fleet_schema};
use crate::shape::Shape;
use crate::suggest::{did_you_mean, nearest};
use crate::toml_file::TomlFile;
use crate::words;
use crate::written::Written;
use policy::KeyPath;

/// The folder of account files, beside `orgstrap.toml`.
const ACCOUNTS: &str = "accounts";

/// Where a fleet is read from.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// The path of `orgstrap.toml`; `accounts/` and `policies/` are beside it.
    pub config: PathBuf,
    /// The environment: every variable there is, or those that begin with `ORGSTRAP_`.
    pub env: Vec<(String, String)>,
    /// What `--region` says: the fleet's region.
    pub region: Option<String>,
    /// What `--ledger` says: the ledger's address.
    pub ledger: Option<String>,
}

/// An account's file on its way through the checks.
struct Entry {
    name: String,
    file: PathBuf,
    desk: Desk,
    checked: Option<Checked>,
}

/// Reads and checks a fleet.
///
/// # Errors
///
/// All mistakes in all files, variables and flags.
pub fn load(source: &Source) -> Result<Fleet, Mistakes> {
    let folder = source.config.parent().unwrap_or(Path::new(""));
    let variables = environment::variables(&source.env);
    let fleet_schema = fleet_schema();
    let account_schema = account_schema();
    let mut mistakes = Vec::new();

    let mut desk =
        fleet_desk(source, &variables, Shape::new(&fleet_schema)).map_err(|mistake| Mistakes::new(vec![*mistake]))?;
    let mut raw: FleetFile = desk.extract();
    let organization = raw.organization.take().unwrap_or_default();
    let head = check::head(&mut desk, raw, folder);

    let mut entries = read_accounts(folder, &mut mistakes);
    strangers(&variables, &entries, &mut mistakes);
    let common_name = head.common.clone().ok();
    for Entry { name, desk: account, .. } in &mut entries {
        let own: Vec<_> = variables.iter().filter(|variable| variable.is_about(name)).cloned().collect();
        let layer = environment::layer(&own, Shape::new(&account_schema), &account.merged());
        account.add(layer, Shape::new(&account_schema));
        if common_name.as_ref() == Some(name) {
            account.put_over_defaults_of(&desk.stack().built_in());
        } else {
            account.put_over_defaults_of(desk.stack());
        }
        account.put_over_shared_of(desk.stack());
    }
    let common = common(&mut desk, &head, &mut entries, folder);
    let (documents, unsound) = Documents::read(folder);
    mistakes.extend(unsound);
    mistakes.extend(documents.check_built_in());
    check_accounts(&mut entries, &head, &common, folder, &documents);
    let for_tasks = entries.iter().filter_map(|entry| entry.checked.as_ref()).flat_map(|checked| &checked.policies);
    mistakes.extend(documents.check_for_tasks(&for_tasks.cloned().collect()));
    let places = Places::new(entries.iter().map(|entry| {
        let unit = entry.checked.as_ref().map(|checked| checked.claims.ou.clone());
        (entry.name.as_str(), unit)
    }));
    let organization = check::organization(&mut desk, organization, &head, &places, &documents, &mut mistakes);
    mistakes.extend(desk.into_mistakes());
    let mut accounts = Vec::new();
    let mut written = Written::default();
    for entry in entries {
        written.insert(&entry.name, entry.file, entry.desk.stack().clone());
        mistakes.extend(entry.desk.into_mistakes());
        accounts.extend(entry.checked.map(|checked| checked.account));
    }
    let fleet = || {
        let accounts = accounts.into_iter().map(|account| account.map(|account| (account.name.clone(), account)));
        Ok::<_, crate::desk::Reported>(Fleet {
            name: head.name?,
            region: head.region?,
            common: head.common?,
            organization: organization?,
            access: head.access?,
            ledger: head.ledger?,
            accounts: accounts.collect::<Result<_, _>>()?,
            documents,
            written,
            root: if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() },
        })
    };
    match fleet() {
        Ok(fleet) if mistakes.is_empty() => Ok(fleet),
        _ => Err(Mistakes::new(mistakes)),
    }
}

/// The layers of `orgstrap.toml`.
fn fleet_desk(source: &Source, variables: &[Variable<'_>], shape: Shape<'_>) -> Result<Desk, Box<Mistake>> {
    let name = source.config.to_string_lossy();
    let text = fs::read_to_string(&source.config).map_err(|error| {
        Box::new(if error.kind() == ErrorKind::NotFound {
            Mistake::new(
                &Place::Path(source.config.clone()),
                &KeyPath::root(),
                "there is no such file",
                Some("run `orgstrap init` to write a fleet to start from, or name the file with `--config`".to_owned()),
            )
        } else {
            Mistake::unreadable(&source.config, &error)
        })
    })?;
    let mut desk = Desk::new(Place::Path(source.config.clone()));
    if let Ok(file) = TomlFile::parse("built-in", include_str!("builtin.toml").to_owned()) {
        desk.add(Layer { value: file.value(), origin: Origin::BuiltIn }, shape);
    }
    read_layer(&mut desk, &name, text, shape);
    let about_fleet: Vec<_> = variables.iter().filter(|variable| variable.account().is_none()).cloned().collect();
    let layer = environment::layer(&about_fleet, shape, &desk.merged());
    desk.add(layer, shape);
    desk.add(flags(source), shape);
    Ok(desk)
}

/// Adds the layer of a file, or the reason why there is none.
fn read_layer(desk: &mut Desk, name: &str, text: String, shape: Shape<'_>) {
    match TomlFile::parse(name, text) {
        Ok(file) => desk.add(Layer::of_file(&Arc::new(file)), shape),
        Err(mistake) => desk.unreadable(*mistake),
    }
}

fn flags(source: &Source) -> Layer {
    let mut value = json!({});
    let mut names = Names::new();
    for (flag, section, key, text) in
        [("--region", "fleet", "region", &source.region), ("--ledger", "ledger", "url", &source.ledger)]
    {
        if let Some(text) = text {
            value[section][key] = Value::String(text.clone());
            names.insert(KeyPath::of([section, key]), flag.to_owned());
        }
    }
    Layer { value, origin: Origin::Outside(names) }
}

/// Every account file, in the order of names.
fn read_accounts(folder: &Path, mistakes: &mut Vec<Mistake>) -> Vec<Entry> {
    let schema = account_schema();
    let folder = folder.join(ACCOUNTS);
    let listing = match fs::read_dir(&folder) {
        Ok(listing) => listing,
        Err(error) => {
            if error.kind() != ErrorKind::NotFound {
                mistakes.push(Mistake::unreadable(&folder, &error));
            }
            return Vec::new();
        }
    };
    let mut paths: Vec<_> = listing.flatten().map(|entry| entry.path()).filter(|path| is_account_file(path)).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let mut desk = Desk::new(Place::Path(path.clone()));
        match fs::read_to_string(&path) {
            Ok(text) => read_layer(&mut desk, &path.to_string_lossy(), text, Shape::new(&schema)),
            Err(error) => desk.unreadable(Mistake::unreadable(&path, &error)),
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Entry { name, file: path, desk, checked: None }
    };
    paths.into_iter().map(read).collect()
}

/// Editors leave files behind that begin with a dot.
fn is_account_file(path: &Path) -> bool {
    let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    !is_hidden && path.extension().is_some_and(|extension| extension == "toml")
}

/// Reports variables about accounts that there are not.
fn strangers(variables: &[Variable<'_>], entries: &[Entry], mistakes: &mut Vec<Mistake>) {
    for variable in variables {
        let Some(spelled) = variable.account() else {
            continue;
        };
        if !entries.iter().any(|entry| variable.is_about(&entry.name)) {
            let name = spelled.to_lowercase().replace('_', "-");
            mistakes.push(Mistake::new(
                &Place::Outside(variable.name.to_owned()),
                &KeyPath::of([ACCOUNTS, &name]),
                format!("there is no account `{name}`"),
                Some(did_you_mean(&name, entries.iter().map(|entry| entry.name.as_str()), "accounts")),
            ));
        }
    }
}

/// What the others need to know about the common account.
fn common(fleet: &mut Desk, head: &Head, entries: &mut [Entry], folder: &Path) -> Common {
    let Ok(name) = &head.common else {
        return Common { is_unread: true, ..Common::default() };
    };
    let Some(entry) = entries.iter_mut().find(|entry| &entry.name == name) else {
        let names: Vec<_> = entries.iter().map(|entry| entry.name.clone()).collect();
        let file = folder.join(ACCOUNTS).join(format!("{name}.toml"));
        fleet.wrong(
            &KeyPath::of(["fleet", "common"]),
            format!("the common account `{name}` has no file"),
            match nearest(name, names.iter().map(String::as_str)) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("write `{}`; an empty file will do", file.display()),
            },
        );
        return Common { name: Some(name.clone()), is_unread: true, ..Common::default() };
    };
    let raw: AccountFile = entry.desk.extract();
    let domain = raw.dns.and_then(|dns| dns.domain);
    Common {
        name: Some(name.clone()),
        is_unread: entry.desk.is_unread(),
        domain: domain.filter(|domain| words::domain(domain).is_ok()),
        secrets: raw.secret.unwrap_or_default().into_keys().collect(),
    }
}

/// Checks every account that could be read, each alone and then all together.
fn check_accounts(entries: &mut [Entry], head: &Head, common: &Common, folder: &Path, documents: &Documents) {
    for entry in entries.iter_mut().filter(|entry| !entry.desk.is_unread()) {
        let raw: AccountFile = entry.desk.extract();
        let checked = check::account(&mut entry.desk, &entry.name, raw, head, common, folder, documents);
        entry.checked = Some(checked);
    }
    let mut claimants: Vec<_> = entries
        .iter_mut()
        .filter_map(|entry| {
            let claims = &entry.checked.as_ref()?.claims;
            Some((entry.name.as_str(), &mut entry.desk, claims))
        })
        .collect();
    check::across(&mut claimants, common);
}
