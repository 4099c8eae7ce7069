//! Object stores: `s3://BUCKET/KEY`, `gs://BUCKET/KEY`, `az://CONTAINER/KEY`.
//!
//! A key that ends in `/`, or none at all, names every object below it: a tree. Any other key names one
//! object.
//!
//! Spec: `spec/v0.1/locator.md`.

mod address;
mod answer;
mod build;
mod doors;
mod environment;
mod listener;
mod prefix;
mod stream;

use fullsource_format::digest::{Digest, DigestSet};
use fullsource_format::locator::Store;
use object_store::path::Path;

pub use environment::Environment;

use super::{Context, Entry, Sink, SinkError, Told, Trouble, TroubleKind, Want};
use address::{Address, Key};
use build::Plan;
use doors::Doors;
use listener::{Listener, Word};
use stream::{Broken, Bytewise, Opened, Source};

/// How often an object that changes while it is read is read again.
const AGAIN: u32 = 2;

/// Looks at one object, or at all below a prefix.
///
/// `address` is what stands behind `s3://`: bucket and key, percent-encoded. The store is asked without
/// a credential first; where it refuses, and `environment` gives a credential, with that.
///
/// Fails as every source does: absent where the store knows no such object, bucket or prefix; closed
/// where it refuses; skipped where the address or the budget forbids the question.
pub fn look(
    store: Store,
    address: &str,
    environment: &Environment,
    context: &Context<'_>,
    sink: &dyn Sink,
) -> Result<Told, Trouble> {
    let Address { bucket, key } = Address::parse(address)?;
    let environment = match store {
        Store::S3 => environment.with_aws_profile(),
        Store::Gs | Store::Az => environment.clone(),
    };
    let listener = Listener::new(context.net.object_connector());
    let settings = context.net.settings();
    let plan = Plan { store, bucket: &bucket, environment, settings, listener };
    let doors = Doors::new(plan, context.net)?;
    let place = Place { doors, context, sink };
    match &key {
        Key::Object(path) => place.object(path)?,
        Key::Below(prefix) => place.below(prefix)?,
    }
    Ok(place.told())
}

/// One bucket on its way into one sink.
struct Place<'a> {
    doors: Doors<'a>,
    context: &'a Context<'a>,
    sink: &'a dyn Sink,
}

impl Place<'_> {
    fn told(&self) -> Told {
        let (door, plan) = (self.doors.door(), self.doors.plan());
        Told {
            access: Some(door.access),
            endpoint: plan.endpoint(&door.region),
            proxied: plan.listener.proxied(),
            ..Told::default()
        }
    }

    fn object(&self, path: &Path) -> Result<(), Trouble> {
        let opened = self.opened(path, false)?;
        let entry = Entry { path: b"", size: Some(opened.size), executable: false };
        match self.sink.want(&entry) {
            Want::Bytes => self.bytes(path, entry, opened),
            Want::Word => self.word(path, &entry, opened.word),
            Want::Name => self.sink.word(&entry, &DigestSet::default()).map_err(refused),
        }
    }

    fn opened(&self, path: &Path, head: bool) -> Result<Opened, Trouble> {
        let kind = self.doors.plan().store;
        self.doors.ask(&self.shown(path), |store| stream::open(store, kind, path.clone(), head))
    }

    /// Hands an object over, again from its start where it changed meanwhile.
    fn bytes(&self, path: &Path, entry: Entry<'_>, opened: Opened) -> Result<(), Trouble> {
        let mut opened = opened;
        for _ in 0..=AGAIN {
            let entry = Entry { size: Some(opened.size), ..entry };
            let Context { net, progress, .. } = *self.context;
            let mut bytes = Bytewise::new(net, progress, self.source(path), opened)?;
            let broken = match self.sink.file(&entry, &mut bytes) {
                Ok(()) => return Ok(()),
                Err(SinkError::Read(error)) => Broken::of(&error),
                Err(error) => return Err(refused(error)),
            };
            if !broken.changed {
                return Err(broken.trouble);
            }
            opened = self.opened(path, false)?;
        }
        Err(Trouble::faulty(format!("{}: it changes while it is read", self.shown(path))))
    }

    fn word(&self, path: &Path, entry: &Entry<'_>, word: Option<Word>) -> Result<(), Trouble> {
        let Some(Word(sha256)) = word else {
            let text = "over the budget, and the store has no SHA-256 of it";
            return Err(Trouble::skipped(format!("{}: {text}", self.shown(path))));
        };
        let digests = DigestSet::from(Digest::Sha256(sha256));
        self.sink.word(entry, &digests).map_err(refused)
    }

    fn source(&self, path: &Path) -> Source {
        let plan = self.doors.plan();
        Source {
            store: self.doors.door().store,
            kind: plan.store,
            what: self.shown(path),
            environment: plan.environment.clone(),
            path: path.clone(),
        }
    }

    fn shown(&self, path: &Path) -> String {
        format!("{}/{path}", self.doors.plan().bucket)
    }
}

/// What a sink's refusal is to the place.
fn refused(error: SinkError) -> Trouble {
    match error {
        SinkError::Refused(why) => Trouble::faulty(why),
        SinkError::Stopped(stopped) => stopped.into(),
        SinkError::Read(error) => Broken::of(&error).trouble,
    }
}

/// Whether the store says that there is no such object.
fn is_absent(trouble: &Trouble) -> bool {
    trouble.kind == TroubleKind::Absent
}
