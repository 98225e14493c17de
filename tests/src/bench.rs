//! A world with a front before it that the test holds in its own hands: it survives the program under test, knows every
//! call, and stops the program at any of them.

use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::process::{Pid, Signal, kill_process};
use sandbox::front::{Call, Calls, Front, Hook, Moment, Verdict, Weather};
use tokio::runtime::Runtime;

use crate::mother::LEDGER;
use crate::run::Run;
use crate::world::{DEV, FEW_REGIONS, World, orgstrap_in, run};

/// The region of the fleet.
const HOME: &str = "us-west-1";
/// A region in which the fleet has nothing.
const ELSEWHERE: &str = "eu-west-1";

/// See the module.
pub struct Bench {
    /// The world behind the front.
    pub world: World,
    front: Front,
    kill: Arc<Kill>,
    runtime: Runtime,
}

/// At which call the program is killed, and what is to be known for that.
#[derive(Default)]
struct Kill {
    at: Mutex<Option<At>>,
    changes: AtomicUsize,
}

struct At {
    change: usize,
    moment: Moment,
    child: Option<Pid>,
    /// The number of the call that is this change, once it has come.
    call: Option<usize>,
}

impl Bench {
    /// A new world of networks alone, with a front in this weather.
    pub fn new(weather: &str) -> Self {
        Self::before(World::new(), weather)
    }

    /// A new world of the whole example, with a front in this weather.
    pub fn whole(weather: &str) -> Self {
        Self::before(World::whole(), weather)
    }

    /// The same as [`new`](Self::new) with [`onboard`](Self::onboard) after it, of which the front knows no call.
    pub fn onboarded(weather: &str) -> Self {
        Self::before(with_books(World::onboarded()), weather)
    }

    /// The same as [`whole`](Self::whole) with [`onboard`](Self::onboard) after it, of which the front knows no call.
    pub fn whole_onboarded(weather: &str) -> Self {
        Self::before(with_books(World::whole_onboarded()), weather)
    }

    /// A world that is there, with a front in this weather.
    pub fn before(world: World, weather: &str) -> Self {
        let (runtime, kill) = (Runtime::new().unwrap(), Arc::<Kill>::default());
        let front = front(&world, &runtime, &kill, weather);
        Self { world, front, kill, runtime }
    }

    /// Another weather from now on.
    pub fn set_weather(&self, weather: &str) {
        self.front.set_weather(in_few_regions(weather));
    }

    /// Every call so far.
    pub fn calls(&self) -> Calls {
        self.front.calls()
    }

    /// The front.
    pub fn front(&self) -> &Front {
        &self.front
    }

    /// The program with these arguments, on its way through the front, not started yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = orgstrap_in(self.world.folder(), arguments);
        command.envs(crate::world::credentials(&self.front.endpoint()));
        command
    }

    /// Runs the program to its end.
    pub fn orgstrap(&self, arguments: &[&str]) -> Run {
        run(self.command(arguments))
    }

    /// Onboards the account that most tests work on.
    #[track_caller]
    pub fn onboard(&self) -> Run {
        self.orgstrap(&["onboard", DEV]).exits(0)
    }

    /// How many changes were asked for since the last count.
    pub fn count_changes(&self) -> usize {
        self.kill.changes.swap(0, Ordering::SeqCst)
    }

    /// Starts the program and kills it at its change of this number, from 1: just before its effect, or just after.
    /// Gives whether it came so far.
    pub fn killed(&self, arguments: &[&str], change: usize, moment: Moment) -> bool {
        self.count_changes();
        *self.kill.lock() = Some(At { change, moment, child: None, call: None });
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        if let Some(at) = self.kill.lock().as_mut() {
            at.child = Some(Pid::from_child(&child));
        }
        let killed = ended_by_signal(&mut child);
        *self.kill.lock() = None;
        killed
    }

    /// Empties the world, forgets the ledger, and begins anew in this weather.
    pub fn reset(&mut self, weather: &str) {
        self.front = front(&self.world, &self.runtime, &self.kill, weather);
        run(orgstrap_in(self.world.folder(), ["sandbox", "reset"])).exits(0);
        self.world.boto3("member.cache_clear()");
        let _ = std::fs::remove_dir_all(self.world.folder().join(".orgstrap"));
    }
}

/// The world's ledger, put where commands that are not told of the sandbox keep theirs.
fn with_books(world: World) -> World {
    std::fs::rename(world.folder().join(LEDGER), world.folder().join(".orgstrap")).unwrap();
    world
}

fn front(world: &World, runtime: &Runtime, kill: &Arc<Kill>, weather: &str) -> Front {
    let kill = Arc::clone(kill);
    let hook: Hook = Arc::new(move |call, number, moment| kill.meets(call, number, moment));
    runtime.block_on(Front::start_with(&world.endpoint, in_few_regions(weather), Some(hook))).unwrap()
}

fn in_few_regions(weather: &str) -> Weather {
    let all: Vec<_> = [FEW_REGIONS, weather].into_iter().filter(|part| !part.is_empty()).collect();
    all.join(", ").parse().unwrap()
}

impl Kill {
    fn meets(&self, call: &Call, number: usize, moment: Moment) -> Verdict {
        if !call.is_change() || is_one_of_many(call) {
            return Verdict::Pass;
        }
        let mut at = self.lock();
        if moment == Moment::Before {
            let change = self.changes.fetch_add(1, Ordering::SeqCst) + 1;
            if let Some(at) = at.as_mut().filter(|at| at.change == change) {
                at.call = Some(number);
            }
        }
        let now = at.as_ref().filter(|at| at.call == Some(number) && at.moment == moment);
        let Some(child) = now.and_then(|at| at.child) else { return Verdict::Pass };
        let _ = kill_process(child, Signal::KILL);
        Verdict::Drop
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<At>> {
        self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Default networks go from every region in the same way: those of the home region and of one other stand for all.
fn is_one_of_many(call: &Call) -> bool {
    call.service == "ec2" && ![HOME, ELSEWHERE].contains(&call.region.as_str())
}

fn ended_by_signal(child: &mut Child) -> bool {
    let status = child.wait().unwrap();
    assert!(matches!(status.code(), None | Some(0)), "it failed by itself: {status}");
    status.code().is_none()
}
