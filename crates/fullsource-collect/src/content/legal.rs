//! What files say of licences and of terms of use.

use std::collections::HashMap;
use std::sync::Mutex;

use fullsource_format::digest::Sha256;
use fullsource_format::evidence::{ContentFact, ContentFactKind};

use super::facts::one_line;
use crate::hash::locked;
use crate::read::hub_license::{HubLicense, hub_license};
use crate::read::license_text::LicenseText;

/// Different texts that are remembered: a tree with a million licences has few different ones.
const REMEMBERED: usize = 1_000;

/// Recognised texts, by their digests.
#[derive(Debug, Default)]
pub(super) struct Recognized(Mutex<HashMap<Sha256, Option<(String, u64)>>>);

impl Recognized {
    /// The licence that a text is nearest to, and how near in parts of a thousand; 1000 says that all
    /// its words are the licence's.
    pub(super) fn license(&self, text: &[u8]) -> Option<(String, u64)> {
        let digest = Sha256::of(text);
        if let Some(known) = locked(&self.0).get(&digest) {
            return known.clone();
        }
        let found = recognize(text);
        let mut remembered = locked(&self.0);
        if remembered.len() < REMEMBERED {
            remembered.insert(digest, found.clone());
        }
        found
    }
}

fn recognize(text: &[u8]) -> Option<(String, u64)> {
    let found = LicenseText::recognize(text).ok()?.license?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1000")]
    let per_mille = (found.score * 1000.0) as u64;
    Some((found.id, if found.exact { 1000 } else { per_mille.min(999) }))
}

/// The fact of a file named like a licence; none for a notice that is no licence.
pub(super) fn license(
    path: &str,
    text: &[u8],
    notice: bool,
    recognized: &Recognized,
) -> Option<ContentFact> {
    match recognized.license(text) {
        Some((id, per_mille)) => Some(
            ContentFact::new(ContentFactKind::LicenseText).at(path).saying(id).counting(per_mille),
        ),
        None if notice => None,
        None => Some(ContentFact::new(ContentFactKind::LicenseUnknown).at(path)),
    }
}

/// The fact of a file named like terms of use: its title.
pub(super) fn use_policy(path: &str, text: &[u8]) -> Option<ContentFact> {
    let text = String::from_utf8_lossy(text);
    let readable = !text.contains('\0') && !text.starts_with("%PDF");
    let title = text.lines().map(|line| line.trim_matches(|c: char| !c.is_alphanumeric()));
    let title = title.filter(|line| !line.is_empty()).find(|_| readable);
    let name = path.rsplit('/').next().unwrap_or(path);
    (!text.trim().is_empty()).then(|| {
        let value = one_line(title.unwrap_or(name));
        ContentFact::new(ContentFactKind::UsePolicy).at(path).saying(value)
    })
}

/// The fact of a licence that a card or a package names; none where it says that it is unknown.
pub(super) fn declared(path: &str, license: &str, name: Option<&str>) -> Option<ContentFact> {
    let value = match hub_license(license, name) {
        HubLicense::Expression { expression, .. } => expression,
        HubLicense::Family(family) => family.to_owned(),
        HubLicense::Other(reference) => reference.unwrap_or_else(|| "other".to_owned()),
        HubLicense::Unknown => return None,
        HubLicense::Unlisted(text) => text,
    };
    let value = one_line(&value);
    (!value.is_empty())
        .then(|| ContentFact::new(ContentFactKind::LicenseDeclared).at(path).saying(value))
}
