//! Places that are asked over the network, or on this machine's disk where the user named one.

use std::path::PathBuf;

use fullsource_collect::net::Net;
use fullsource_collect::places;
use fullsource_collect::progress::Progress;
use fullsource_collect::source::{Access, Context, Trouble, git, hub, oci};
use fullsource_format::digest::{GitId, Sha256};
use fullsource_format::evidence::Observation;
use fullsource_format::locator::{GitTransport, HubKind, Locator};
use fullsource_format::role::Role;
use tempfile::TempDir;

use super::resolve::{GitPin, Resolver};
use crate::cli::Asking;
use crate::exit::Failure;
use crate::{look, network};

/// Asks places for an artifact of a role.
pub(super) struct Asked<'a> {
    net: Net,
    access: Access,
    temporary: TempDir,
    progress: &'a Progress,
    roles: &'a [Role],
}

impl<'a> Asked<'a> {
    /// With the network and the credentials that the command line and the environment give. Asks
    /// nothing yet.
    pub(super) fn new(
        args: &Asking,
        roles: &'a [Role],
        progress: &'a Progress,
    ) -> Result<Self, Failure> {
        let (net, access) = (network::net(args)?, network::access(args)?);
        Ok(Self { net, access, temporary: network::temporary()?, progress, roles })
    }

    fn context(&self) -> Context<'_> {
        Context {
            net: &self.net,
            progress: self.progress,
            threads: look::threads(),
            temporary: self.temporary.path(),
        }
    }
}

impl Resolver for Asked<'_> {
    fn git(
        &self,
        transport: GitTransport,
        repository: &str,
        reference: Option<&str>,
    ) -> Result<GitPin, Trouble> {
        let place = git::Place::of(transport, repository);
        let place = place.ok_or_else(|| Trouble::absent("it is no address that can be asked"))?;
        let git::Resolved { commit, reference: found } =
            git::resolve(&place, reference, &self.context())?;
        let name = found.or_else(|| reference.map(str::to_owned));
        Ok(GitPin { commit, name: name.unwrap_or_else(|| "HEAD".to_owned()) })
    }

    fn hub(&self, kind: HubKind, name: &str, revision: Option<&str>) -> Result<GitId, Trouble> {
        let found = hub::resolve(kind, name, revision, &self.access.hub, &self.net)?;
        Ok(found.commit)
    }

    fn oci(&self, reference: &str, tag: &str) -> Result<Sha256, Trouble> {
        let tagged = format!("{reference}:{tag}");
        oci::resolve(&tagged, &self.access.logins, &self.context())
    }

    fn look(&self, locator: &Locator, unpack: bool) -> Result<Observation, Trouble> {
        let seen = |access| places::look_at(locator, unpack, self.roles, access, &self.context());
        let Locator::Git { transport: GitTransport::File, .. } = locator else {
            return Ok(seen(&self.access)?);
        };
        // The user named it, which is leave enough.
        Ok(seen(&Access { directories: vec![PathBuf::from("/")], ..self.access.clone() })?)
    }
}
