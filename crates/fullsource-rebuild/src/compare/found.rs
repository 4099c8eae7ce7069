//! What was found of an output, and the grade that it gives (`reb-30` to `reb-36`).

use std::cmp::Ordering;
use std::collections::BTreeMap;

use fullsource_collect::tree::escaped;
use fullsource_format::digest::Sha256;
use fullsource_format::limits::MAX_INTEGER;
use fullsource_format::manifest::{Compare, CompareMode};
use fullsource_format::path::RelPath;
use fullsource_format::rebuild::{
    FileDifference, FileUnlike, Grade, OutputMade, TensorDifference, TensorsCompared,
};
use fullsource_format::text::{Count, Id, Text};

use super::Form;
use super::amount::rounded_up;
use super::looked::{Both, Trouble};
use super::measure::farther;
use super::members::Members;
use super::tensors::{Apart, Differences, How, Unlike};

/// Files, tensors and keys that are told one by one.
const TOLD: usize = 100;
/// Sentences of a detail.
const SENTENCES: usize = 8;
/// The relative L2 up to which a difference is a near miss (`reb-34`).
const NEAR: f64 = 0.01;

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// What could not be looked at: it shows nothing.
    pub(super) unseen: Vec<String>,
    /// Something differs that has no distance.
    unlike: bool,
    files: Vec<FileUnlike>,
    /// Files that differ and are not told.
    more_files: u64,
    /// What was compared otherwise than its name says, and other things for people.
    remarks: Vec<String>,
    tensors: Option<Differences>,
    /// Something has other bytes and the same values.
    layout: bool,
}

impl Found {
    /// A file differs, as bytes.
    pub(super) fn file(&mut self, path: &RelPath, how: FileDifference) {
        self.name(path.as_str(), how);
    }

    /// Members of two archives.
    pub(super) fn members(&mut self, path: &RelPath, claimed: &Members, made: &Members) {
        self.layout = true;
        let name = |member: &[u8]| match member {
            // The one content of something packed.
            b"" => path.as_str().to_owned(),
            _ => format!("{path}#{}", escaped(member)),
        };
        for (member, content) in claimed {
            match made.get(member) {
                Some(other) if other == content => {}
                Some(_) => self.name(&name(member), FileDifference::Differs),
                None => self.name(&name(member), FileDifference::Missing),
            }
        }
        for member in made.keys().filter(|member| !claimed.contains_key(*member)) {
            self.name(&name(member), FileDifference::Added);
        }
    }

    fn name(&mut self, path: &str, how: FileDifference) {
        self.unlike = true;
        if self.files.len() < TOLD {
            self.files.push(FileUnlike { path: Text::clipped(path), how });
        } else {
            self.more_files += 1;
        }
    }

    /// One side is a file, the other a tree.
    pub(super) fn of_another_form(&mut self, claimed: Form) {
        self.unlike = true;
        self.remarks.push(match claimed {
            Form::File => "a directory was made in the place of a file".to_owned(),
            Form::Tree => "a file was made in the place of a directory".to_owned(),
        });
    }

    /// A file that was made is no file, or cannot be read.
    pub(super) fn made_trouble(&mut self, path: &RelPath, trouble: Trouble) {
        match trouble {
            Trouble::Missing => self.file(path, FileDifference::Missing),
            Trouble::NoFile => {
                self.remarks.push(format!("`{path}` is not a regular file"));
                self.file(path, FileDifference::Differs);
            }
            Trouble::Unread(_) => self.not_seen("made", path, trouble),
        }
    }

    /// A file could not be looked at.
    pub(super) fn not_seen(&mut self, which: &str, path: &RelPath, trouble: Trouble) {
        let why = match trouble {
            Trouble::Missing => "it is not there".to_owned(),
            Trouble::NoFile => "it is not a regular file".to_owned(),
            Trouble::Unread(trouble) => trouble.to_string(),
        };
        self.unseen.push(format!("`{path}`, {which}: {why}"));
    }

    /// What a file claims to be cannot be read: its bytes decide.
    pub(super) fn as_bytes(&mut self, which: &str, path: &RelPath, error: &str) {
        self.remarks.push(format!("`{path}` of {which} was compared by bytes: {error}"));
    }

    /// Values of metadata, by key.
    pub(super) fn metadata(
        &mut self,
        path: &RelPath,
        claimed: &BTreeMap<String, Sha256>,
        made: &BTreeMap<String, Sha256>,
    ) {
        let missing = claimed.iter().filter(|(key, value)| made.get(*key) != Some(value));
        let added = made.iter().filter(|(key, _)| !claimed.contains_key(*key));
        let keys: Vec<&str> = missing.chain(added).map(|(key, _)| key.as_str()).collect();
        if let Some(first) = keys.first() {
            self.unlike = true;
            let first: String = first.chars().take(64).collect();
            let count = keys.len();
            self.remarks.push(format!("`{path}`: {count} metadata values differ, first `{first}`"));
        }
    }

    /// Tensors of one more set.
    pub(super) fn tensors(&mut self, more: Differences) {
        self.layout = true;
        let all = self.tensors.get_or_insert_default();
        all.total = all.total.saturating_add(more.total);
        all.elements = all.elements.saturating_add(more.elements);
        all.tied += more.tied;
        all.unlike.extend(more.unlike);
        all.apart.extend(more.apart);
    }

    /// The outcome. What differs differs, whatever else could not be looked at.
    pub(super) fn into_outcome(
        mut self,
        artifact: &Id,
        both: &Both<'_>,
        compare: Option<&Compare>,
    ) -> OutputMade {
        let grade = self.grade(both, compare);
        let detail = self.detail();
        OutputMade {
            artifact: artifact.clone(),
            grade,
            claimed: both.claimed.digests(),
            made: both.made.digests(),
            detail: detail.map(|detail| Text::clipped(&detail)),
            tensors: self.tensors.as_ref().map(told),
            files: std::mem::take(&mut self.files),
        }
    }

    fn grade(&self, both: &Both<'_>, compare: Option<&Compare>) -> Grade {
        let tensors = self.tensors.as_ref();
        let apart = tensors.is_some_and(|found| !found.apart.is_empty());
        let near = |one: &Unlike| one.relative_l2.is_some_and(|relative| relative <= NEAR);
        let unlike = tensors.map(|found| found.unlike.as_slice()).unwrap_or_default();
        if self.unlike || apart {
            return Grade::Contradicted;
        }
        if !unlike.is_empty() {
            return match within(unlike, compare) {
                true if self.unseen.is_empty() => Grade::RebuiltBounded,
                true => Grade::NotRun,
                false if unlike.iter().all(near) => Grade::NearMiss,
                false => Grade::Contradicted,
            };
        }
        match (both.claimed.digests(), both.made.digests()) {
            _ if !self.unseen.is_empty() => Grade::NotRun,
            (Some(claimed), Some(made)) if claimed == made => Grade::RebuiltExact,
            (Some(_), Some(_)) if self.layout => Grade::RebuiltCanonical,
            _ => Grade::NotRun,
        }
    }

    fn detail(&self) -> Option<String> {
        let mut said: Vec<String> = self.unseen.clone();
        said.extend(self.remarks.iter().cloned());
        if self.more_files > 0 {
            said.push(format!("{} more files differ", self.more_files));
        }
        for (how, what) in [
            (How::Missing, "claimed and not made"),
            (How::Added, "made and not claimed"),
            (How::OtherType, "of another type or shape"),
        ] {
            let apart = self.tensors.iter().flat_map(|found| &found.apart);
            let names: Vec<&Apart> = apart.filter(|one| one.how == how).collect();
            if let Some(first) = names.first() {
                let name: String = first.name.escape_debug().take(64).collect();
                said.push(format!("{} tensors are {what}, first `{name}`", names.len()));
            }
        }
        let more = said.len().saturating_sub(SENTENCES);
        said.truncate(SENTENCES);
        if more > 0 {
            said.push(format!("and {more} more"));
        }
        (!said.is_empty()).then(|| said.join("; "))
    }
}

/// Whether all that differs is within the limit that the stage declares.
fn within(unlike: &[Unlike], compare: Option<&Compare>) -> bool {
    let Some(Compare { mode, limits }) = compare else { return false };
    match mode {
        CompareMode::Exact | CompareMode::Canonical => false,
        CompareMode::Ulp => limits.ulp.is_some_and(|Count(most)| {
            unlike.iter().all(|one| one.ulp.is_some_and(|ulp| ulp <= most))
        }),
        CompareMode::Bounded => limits.relative_l2.as_ref().is_some_and(|most| {
            let most = most.to_f64();
            unlike.iter().all(|one| one.relative_l2.is_some_and(|relative| relative <= most))
        }),
    }
}

fn count(value: u64) -> Count {
    Count(value.min(MAX_INTEGER))
}

fn told(found: &Differences) -> TensorsCompared {
    let apart: u64 =
        found.apart.iter().map(|one| one.claimed_elements).fold(0, u64::saturating_add);
    let differing = found.unlike.iter().map(|one| one.differing).fold(apart, u64::saturating_add);
    let furthest = found.unlike.iter().try_fold(0, |most, one| farther(Some(most), one.ulp));
    let mut relative = found.unlike.iter().map(|one| one.relative_l2);
    let relative = relative.try_fold(0.0, |most, one| Some(f64::max(most, one?)));
    let whole = found.apart.is_empty();
    TensorsCompared {
        total: count(found.total),
        differing: count((found.unlike.len() + found.apart.len()) as u64),
        elements: count(found.elements),
        differing_elements: count(differing),
        max_ulp: furthest.filter(|_| whole).map(Count),
        relative_l2: relative.filter(|_| whole).and_then(rounded_up),
        tied: Some(count(found.tied)).filter(|tied| tied.0 > 0),
        worst: worst(found),
    }
}

/// Those without a counterpart, then the others, the farthest first.
fn worst(found: &Differences) -> Vec<TensorDifference> {
    let mut unlike: Vec<&Unlike> = found.unlike.iter().collect();
    unlike.sort_by(|a, b| farthest_first(a, b));
    let apart = found.apart.iter().map(|one| TensorDifference {
        name: Text::clipped(&one.name),
        differing_elements: count(one.claimed_elements),
        max_ulp: None,
        relative_l2: None,
    });
    let unlike = unlike.into_iter().map(|one| TensorDifference {
        name: Text::clipped(&one.name),
        differing_elements: count(one.differing),
        max_ulp: one.ulp.map(Count),
        relative_l2: one.relative_l2.and_then(rounded_up),
    });
    apart.chain(unlike).take(TOLD).collect()
}

fn farthest_first(a: &Unlike, b: &Unlike) -> Ordering {
    let relative = |one: &Unlike| one.relative_l2.unwrap_or(f64::INFINITY);
    let ulp = |one: &Unlike| one.ulp.unwrap_or(u64::MAX);
    relative(b)
        .total_cmp(&relative(a))
        .then(ulp(b).cmp(&ulp(a)))
        .then(b.differing.cmp(&a.differing))
        .then(a.name.cmp(&b.name))
}
