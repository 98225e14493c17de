//! What worlds are copies of that several tests begin with: to make one takes longer than most of what is tested in it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::world::{World, files_below};

/// Where a rehearsal's ledger is.
pub(crate) const LEDGER: &str = ".sandbox/ledger";

/// A world as it was once: a nursery of its AWS, and its files. The world itself is gone.
#[derive(Debug)]
pub struct Mother {
    nursery: PathBuf,
    files: Vec<(PathBuf, Vec<u8>)>,
}

impl Mother {
    /// Keeps a world as it is now.
    pub fn of(world: World) -> Self {
        let found = format!(
            "from urllib import request\nrequest.urlopen('{}/orgstrap/nursery', b'').read().decode()",
            world.endpoint
        );
        let nursery = world.boto3(&found).as_str().unwrap().into();
        let is_kept = |path: &Path| path.starts_with(LEDGER) || !path.starts_with(".sandbox");
        let files = files_below(world.folder()).into_iter().filter_map(|path| {
            let name = path.strip_prefix(world.folder()).unwrap().to_owned();
            is_kept(&name).then(|| (name, fs::read(path).unwrap()))
        });
        let files = files.collect();
        // What is done in it from now on would be in no copy.
        drop(world);
        Self { nursery, files }
    }

    /// A copy with a server of its own: what is done in one is in no other.
    pub fn copy(&self) -> World {
        let world = World::start(&self.nursery);
        // Starting it has removed what ledger there was.
        for (name, content) in &self.files {
            let path = world.folder().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        world
    }
}
