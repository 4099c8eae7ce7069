//! What the collector's own side brings to places, and the way from a locator to its source.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use fullsource_format::locator::{GitTransport, Locator};
use fullsource_format::path::RelPath;

use super::archive::{self, ArchiveLimits};
use super::hub::{HubAccess, HubAccessError, HubPlace};
use super::object::Environment;
use super::oci::{Logins, LoginsError};
use super::{Context, Sink, Told, Trouble, git, http, hub, object, oci, swh};

/// Credentials, endpoints and permissions. Nothing of it comes from a manifest.
#[derive(Debug, Clone)]
pub struct Access {
    /// The hub, and the token for it.
    pub hub: HubAccess,
    /// What the libraries of object stores read from the environment.
    pub stores: Environment,
    /// Logins of registries.
    pub logins: Logins,
    /// Directories below which `git+file:` is looked at (`look-25`).
    pub directories: Vec<PathBuf>,
    /// Where Software Heritage answers, where it may be asked (`look-10`).
    pub archive: swh::Archive,
}

/// Why an environment gives no access.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The hub's variables, or its token file.
    #[error(transparent)]
    Hub(#[from] HubAccessError),
    /// The file of registries' logins.
    #[error(transparent)]
    Logins(#[from] LoginsError),
}

impl Access {
    /// What the tools of each place would take from these environment variables. Reads the hub's token
    /// file and the logins of registries.
    pub fn from_environment(
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, AccessError> {
        let stores = Environment::of(variables);
        let variable = |name: &str| stores.get(name).map(str::to_owned);
        let hub = HubAccess::from_environment(&variable)?;
        let named = variable("REGISTRY_AUTH_FILE").map(PathBuf::from);
        let docker = variable("DOCKER_CONFIG").map(PathBuf::from);
        let home = variable("HOME").map(|home| Path::new(&home).join(".docker"));
        let file = named.or_else(|| docker.or(home).map(|dir| dir.join("config.json")));
        let logins = file.map_or_else(|| Ok(Logins::none()), |file| Logins::read(&file))?;
        let (directories, archive) = (Vec::new(), swh::Archive::NotAsked);
        Ok(Self { hub, stores, logins, directories, archive })
    }

    // look-25: also whether something is there is told only below such a directory.
    fn allows(&self, repository: &str) -> Result<(), Trouble> {
        if self.directories.is_empty() {
            let text = "`git+file:` is looked at only below a directory that `--allow-path` names";
            return Err(Trouble::skipped(text));
        }
        let path = Path::new(repository);
        // What is not there would lie below what is there above it.
        let known = path.ancestors().find_map(|above| above.canonicalize().ok());
        let below = |known: &PathBuf| self.directories.iter().any(|dir| known.starts_with(dir));
        if !known.as_ref().is_some_and(below) {
            let text = format!("`{repository}` is below no directory that `--allow-path` names");
            return Err(Trouble::skipped(text));
        }
        match path.canonicalize() {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                Err(Trouble::skipped(format!("`{repository}`: {error}")))
            }
            Err(error) => Err(Trouble::absent(format!("`{repository}`: {error}"))),
        }
    }
}

/// Hands over what lies at a locator outside the release. `unpack`: what an `https:` address serves is
/// an archive of the content (`look-3`).
pub fn look(
    locator: &Locator,
    unpack: bool,
    access: &Access,
    context: &Context<'_>,
    sink: &dyn Sink,
) -> Result<Told, Trouble> {
    match locator {
        Locator::Relative(_) => Err(Trouble::skipped("it lies in the release")),
        Locator::Https { url, path: None } if !unpack => http::look(url, context, sink),
        Locator::Https { url, path } => archived(url, path.as_ref(), context, sink),
        Locator::Git { transport, repository, .. } => {
            if *transport == GitTransport::File {
                access.allows(repository)?;
            }
            let place = git::GitPlace::of(locator);
            let place =
                place.ok_or_else(|| Trouble::skipped("it is no address that can be asked"))?;
            git::look(&place, context, sink)
        }
        Locator::Hub { kind, name, commit, path } => {
            let place = HubPlace { kind: *kind, name, commit: *commit, path: path.as_ref() };
            hub::look(&place, &access.hub, context, sink)
        }
        Locator::Object { store, address } => {
            object::look(*store, address, &access.stores, context, sink)
        }
        Locator::Oci { reference, digest } => {
            oci::look(reference, digest, &access.logins, context, sink)
        }
        Locator::Swh(id) => swh::look(id, &access.archive, context),
    }
}

/// What lies in the archive at an address.
fn archived(
    url: &str,
    path: Option<&RelPath>,
    context: &Context<'_>,
    sink: &dyn Sink,
) -> Result<Told, Trouble> {
    let mut response = http::ask(url, context)?;
    let left = context.net.budget().left();
    // Unpacked bytes cost no network, but time and disk.
    let limits = ArchiveLimits { spooled_bytes: left, ..ArchiveLimits::default() };
    let (temporary, progress) = (context.temporary, context.progress);
    let unpacked = archive::unpack(&mut response, temporary, path, &limits, sink, progress)?;
    Ok(Told { served: Some(unpacked.served), ..http::told(&response) })
}
