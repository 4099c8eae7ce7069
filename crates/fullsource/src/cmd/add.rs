//! `fullsource add`: one artifact, resolved, pinned, digested and recorded in `fullsource.json`.

mod asked;
mod edit;
mod forge;
mod found;
mod layout;
mod license;
mod local;
mod place;
mod record;
mod resolve;
mod told;
mod url;

use std::path::Path;
use std::process::ExitCode;

use fullsource_collect::source::{Trouble, TroubleKind};
use fullsource_format::license::LicenseExpression;
use fullsource_format::locator::Locator;
use fullsource_format::manifest::{Artifact, Availability, Manifest, PinnedLocator};
use fullsource_format::path::{FileSelector, RelPath};
use fullsource_format::role::Role;
use fullsource_format::text::{Id, Name};
use fullsource_verify::finding::Code;

use crate::cli::{Add, Format};
use crate::exit::{Exit, Failure};
use crate::render::diagnostic;
use crate::render::style::Style;
use crate::{look, output, suggest};
use asked::Asked;
use edit::{EditError, List};
use found::{Found, NotSeen, Place};
use license::Granted;
use place::PlaceError;
use record::{Read, Target};
use resolve::Resolver;
use told::{InStage, Outcome};

pub(crate) fn run(args: &Add) -> Result<ExitCode, Failure> {
    let wish = Wish::read(args)?;
    let target = Target::find(&args.manifest)?;
    let before = target.read()?;
    wish.fits(&before.manifest)?;
    let mut said = Vec::new();
    said.extend(wish.unknown());
    let found = look::watched("looking", |progress| {
        match local::find(&target.release, &args.locator, &mut said)? {
            Some(path) => of_release(&wish, &target.release, &before, path, progress, &mut said),
            None => {
                let roles = std::slice::from_ref(&wish.role);
                let asked = Asked::new(&args.asking, roles, progress)?;
                elsewhere(&wish, &args.locator, &before, &asked, &mut said)
            }
        }
    });
    // What was taken for what explains a failure, too.
    diagnostic::notes(&said);
    let found = found?;
    let mut artifact = wish.artifact(&found, &before.manifest)?;
    if args.dry_run {
        edited(&wish, &before, &artifact)?;
    } else {
        target.replace(|now| {
            // Another run may have taken the id or the place meanwhile.
            wish.fits(&now.manifest)?;
            wish.is_new(&found.place, &now.manifest, &mut Vec::new())?;
            artifact = wish.artifact(&found, &now.manifest)?;
            edited(&wish, now, &artifact)
        })?;
    }
    tell(args, &wish, &target, &artifact, &said)
}

/// What the command line asks for.
struct Wish {
    role: Role,
    id: Option<Id>,
    name: Option<Name>,
    license: Option<LicenseExpression>,
    stage: Option<(Id, List)>,
    inside: Option<RelPath>,
    gated: bool,
}

/// Reads an option's value.
fn parsed<T: std::str::FromStr>(option: &str, text: Option<&str>) -> Result<Option<T>, Failure>
where
    T::Err: std::fmt::Display,
{
    let refused = |error| Failure::usage(error, format!("correct `{option}`"));
    text.map(|text| text.parse().map_err(refused)).transpose()
}

impl Wish {
    fn read(args: &Add) -> Result<Self, Failure> {
        let role: Role = args.role.parse().map_err(|error| {
            let help = "`fullsource explain roles` lists the roles";
            Failure::usage(error, suggest::meant(suggest::role(&args.role), help))
        })?;
        let list = List::of(&role);
        let stage: Option<Id> = parsed("--stage", args.stage.as_deref())?;
        let stage = stage.map(|stage| list.map(|list| (stage, list))).map(|stage| {
            stage.ok_or_else(|| {
                let text = format!("a stage has no list for an artifact with the role `{role}`");
                Failure::usage(text, "leave `--stage` out")
            })
        });
        Ok(Self {
            stage: stage.transpose()?,
            id: parsed("--id", args.id.as_deref())?,
            name: parsed("--name", args.name.as_deref())?,
            license: parsed("--license", args.license.as_deref())?,
            inside: parsed("--path", args.path.as_deref())?,
            gated: args.availability.is_some(),
            role,
        })
    }

    /// What no registry and no list has, with what may be meant.
    fn unknown(&self) -> Vec<String> {
        let mut said = Vec::new();
        let meant =
            |word: Option<&str>| word.map_or(String::new(), |w| format!("; did you mean `{w}`?"));
        if !self.role.is_registered() {
            let (role, meant) = (&self.role, meant(suggest::role(self.role.as_str())));
            said.push(format!(
                "`{role}` is no registered role: it is kept, and judged as unknown{meant}"
            ));
        }
        let ids = self.license.as_ref().map(LicenseExpression::unlisted).unwrap_or_default();
        said.extend(ids.into_iter().map(|id| {
            format!(
                "`{id}` is on no list of licences: no freedom rests on it{}",
                meant(suggest::license(id))
            )
        }));
        said
    }

    /// Holds what is asked for against the manifest, before anything is looked at.
    fn fits(&self, manifest: &Manifest) -> Result<(), Failure> {
        if let Some(id) = self.id.as_ref().filter(|id| manifest.artifact(id).is_some()) {
            let text = format!("there is an artifact `{id}` already");
            return Err(Failure::of(Code::IdDuplicate, text)
                .helping(
                    "choose another `--id`, or leave it out: one is made of the name; `--dry-run` without \
                     it prints what to write into the one that is there",
                ));
        }
        let Some((stage, _)) = &self.stage else { return Ok(()) };
        if manifest.stages().iter().any(|there| there.id == *stage) {
            return Ok(());
        }
        let ids: Vec<_> = manifest.stages().iter().map(|s| format!("`{}`", s.id)).collect();
        let help = match ids.is_empty() {
            true => "the manifest has no stages yet: describe one in `stages` first".to_owned(),
            false => {
                let known = manifest.stages().iter().map(|there| there.id.as_str());
                let help = format!("the stages are {}", ids.join(", "));
                suggest::helped(stage.as_str(), known, &help)
            }
        };
        Err(edit_failure(&EditError::NoStage(stage.clone())).helping(help))
    }

    /// Fails where an artifact has this place and this role.
    fn is_new(
        &self,
        place: &Place,
        manifest: &Manifest,
        said: &mut Vec<String>,
    ) -> Result<(), Failure> {
        let same = manifest.artifacts().iter().filter(|artifact| place.is_of(artifact));
        for artifact in same {
            let id = &artifact.id;
            if artifact.roles.contains(&self.role) {
                let text = format!(
                    "the artifact `{id}` has the role `{}` and lies at `{}`",
                    self.role,
                    place.shown()
                );
                return Err(Failure::of(Code::IdDuplicate, text)
                    .helping("nothing is to be added; edit that artifact to change what it says"));
            }
            said.push(format!(
                "the artifact `{id}` lies at the same place: one artifact may have several roles"
            ));
        }
        Ok(())
    }

    fn artifact(&self, found: &Found, manifest: &Manifest) -> Result<Artifact, Failure> {
        let taken = |id: &str| id.parse().is_ok_and(|id: Id| manifest.artifact(&id).is_some());
        let id = self.id.clone().or_else(|| found.place.id(&self.role, taken));
        let id = id.ok_or_else(|| {
            Failure::usage("no id can be made of the locator", "give one with `--id`")
        })?;
        let mut artifact = found.artifact(id, self.name.clone(), self.role.clone());
        if self.gated {
            artifact.availability = Availability::Gated;
        }
        Ok(artifact)
    }
}

/// What a path of the release comes to. Its statement will pin it: it takes no digest here.
fn of_release(
    wish: &Wish,
    release: &Path,
    before: &Read,
    selector: FileSelector,
    progress: &fullsource_collect::progress::Progress,
    said: &mut Vec<String>,
) -> Result<Found, Failure> {
    if wish.inside.is_some() {
        return Err(place_failure(&PlaceError::NoParts(selector.to_string())));
    }
    let place = Place::Release(selector.clone());
    wish.is_new(&place, &before.manifest, said)?;
    let facts = local::license_facts(release, &selector, progress)?;
    let granted = match wish.role.as_str() {
        "doc.license" => Granted { license: wish.license.clone(), ..Granted::default() },
        _ => Granted::of(&facts, wish.license.as_ref(), said),
    };
    Ok(Found { place, digest: None, size: None, granted, availability: Availability::Public })
}

/// What a place elsewhere comes to, at what it points to now.
fn elsewhere(
    wish: &Wish,
    text: &str,
    before: &Read,
    resolver: &dyn Resolver,
    said: &mut Vec<String>,
) -> Result<Found, Failure> {
    let mut request = place::read(text, &wish.role, said).map_err(|e| place_failure(&e))?;
    if let Some(inside) = wish.inside.clone() {
        request = request.selecting(inside).map_err(|e| place_failure(&e))?;
    }
    let locator = resolve::resolve(request, resolver, said)
        .map_err(|trouble| trouble_failure(text, &trouble))?;
    let place = Place::Elsewhere(PinnedLocator { uri: locator.clone(), sha256: None });
    wish.is_new(&place, &before.manifest, said)?;
    let seen = resolver.look(&locator, found::is_archive(&locator));
    let seen = seen.map_err(|trouble| trouble_failure(&locator.to_string(), &trouble))?;
    let license = wish.license.as_ref();
    Found::of(checked(locator)?, &seen, license, said).map_err(|error| unseen_failure(&error))
}

/// A locator that reads back as it was written: what a place answered became part of it.
fn checked(locator: Locator) -> Result<Locator, Failure> {
    let read: Result<Locator, _> = locator.to_string().parse();
    match read {
        Ok(read) if read == locator => Ok(locator),
        _ => Err(Failure::usage(
            format!("`{locator}` cannot be written as a locator"),
            "spec/v0.1/locator.md has the rules; name it in another way",
        )),
    }
}

/// The manifest's text with the artifact in it.
fn edited(wish: &Wish, now: &Read, artifact: &Artifact) -> Result<String, Failure> {
    let stage = wish.stage.as_ref().map(|(stage, list)| (stage, *list));
    edit::insert(&now.text, artifact, stage).map_err(|error| edit_failure(&error))
}

fn tell(
    args: &Add,
    wish: &Wish,
    target: &Target,
    artifact: &Artifact,
    said: &[String],
) -> Result<ExitCode, Failure> {
    let outcome = Outcome {
        manifest: target.shown.display().to_string(),
        written: !args.dry_run,
        artifact,
        stage: wish.stage.as_ref().map(|(id, list)| InStage::new(id, *list)),
        notes: said,
    };
    let text = match (args.format, args.dry_run) {
        (Format::Json, _) => json(&outcome)?,
        (Format::Text, true) => json(artifact)?,
        (Format::Text, false) => told::text(&outcome, Style::of(&std::io::stdout())),
    };
    if args.dry_run {
        output::print(text.as_bytes())?
    } else {
        output::tell(&text)?
    }
    Ok(Exit::Done.into())
}

fn json(value: &impl serde::Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(value);
    let text = text.map_err(|error| Failure::of(Code::TargetUnreadable, error))?;
    Ok(crate::render::escape::in_json(&(text + "\n")))
}

fn place_failure(error: &PlaceError) -> Failure {
    Failure::usage(error, error.help())
}

fn edit_failure(error: &EditError) -> Failure {
    let code = match error {
        EditError::NoStage(_) => Code::ReferenceUnknown,
        EditError::NoData(_) => Code::NoDataInvalid,
        EditError::Json(_) => Code::ManifestMalformed,
    };
    let failure = Failure::of(code, error);
    match error {
        EditError::NoData(_) => failure.helping("remove `noData`, or leave `--stage` out"),
        _ => failure,
    }
}

fn unseen_failure(error: &NotSeen) -> Failure {
    let (code, help) = match error {
        NotSeen::Absent { .. } => {
            (Code::ArtifactAbsent, "check the address, the branch and the path")
        }
        NotSeen::Closed { .. } => (
            Code::ArtifactUnchecked,
            "accept its terms or log in, set the credential (such as `HF_TOKEN`), and run the command \
             again",
        ),
        NotSeen::Unreachable { .. } => (Code::ArtifactUnchecked, "try again when it answers"),
        NotSeen::Unseen { .. } => (Code::ArtifactUnchecked, BY_HAND),
        NotSeen::Undigested { .. } => (Code::ArtifactUndigested, BY_HAND),
    };
    Failure::of(code, error).helping(format!("nothing was written; {help}"))
}

const BY_HAND: &str = "what cannot be looked at can be recorded by hand, and stays unchecked";

/// Why a place did not answer as it should.
fn trouble_failure(locator: &str, trouble: &Trouble) -> Failure {
    let (locator, detail) = (locator.to_owned(), format!(": {}", trouble.detail.as_str()));
    unseen_failure(&match trouble.kind {
        TroubleKind::Stopped => return Failure::interrupted(),
        TroubleKind::Absent => NotSeen::Absent { locator, detail },
        TroubleKind::Closed => NotSeen::Closed { locator, detail },
        TroubleKind::Unreachable => NotSeen::Unreachable { locator, detail },
        TroubleKind::Skipped | TroubleKind::Faulty => NotSeen::Unseen { locator, detail },
    })
}

#[cfg(test)]
#[path = "add/add_tests.rs"]
mod tests;
