//! A report that is read again. It is anybody's word; what cannot be so by its own words is refused
//! (`rep-13`).

use fullsource_format::json::{self, JsonError, UnknownFields};

use super::{FilesReport, Report, TYPE, Verdict};
use crate::class::{Chain, ClassReport, Interval, Linkage, Standing, TOP, Tri, name};
use crate::finding::Code;
use crate::rebuilds::Rebuilds;
use crate::signers;

/// Bytes of a report that is read again.
const BYTES: usize = 256 << 20;

/// What a report that was read again does not show, beside what it says of itself.
const SAVED: &str =
    "whether a run came to this: a saved report is anybody's word, and was not checked here";

/// Why a document is not a report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// It cannot be read.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// Another kind of document, or another version.
    #[error("its `_type` is `{0}`, not `{TYPE}`")]
    Type(String),
    /// It says more than its findings do.
    #[error("it says `{}`, and its own findings amount to `{}`", .said.as_str(), .found.as_str())]
    Flatters {
        /// Its verdict.
        said: Verdict,
        /// What its findings amount to.
        found: Verdict,
    },
    /// Two of its parts cannot both be so.
    #[error("it contradicts itself: {0}")]
    Contradicts(#[from] Contradiction),
}

/// What cannot be so in any report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// `ver-63`
    #[error("it says `pass` of a release, and no signature counts")]
    Unsigned,
    /// `rep-2`, `rep-10`
    #[error("it judges a release, and has none")]
    NoRelease,
    /// `rep-19`
    #[error("it is of documents alone, and of a release")]
    Documents,
    /// More files than there are.
    #[error("more files are intact than are covered")]
    Files,
    /// `rep-20`
    #[error("`files.unread` and the finding `files-not-read` are there together or not at all")]
    Unread,
    /// `cls-26`
    #[error("more is established than is possible, or than there is")]
    Interval,
    /// `cls-50`
    #[error("its headline is not that of its rungs")]
    Headline,
    /// `reb-65`, `reb-66`
    #[error("its linkage is not what its rebuilds amount to")]
    Linkage,
    /// `cls-60` to `cls-62`
    #[error("what other definitions say is not what they say of its class")]
    Frameworks,
    /// `cls-57`
    #[error("a rung is established whose needs are not met")]
    Needs,
    /// `cls-38`
    #[error("it names a rung that there is not")]
    Name,
}

impl Report {
    /// Reads a report that was written earlier. It is anybody's word: nothing of it is signed, and it
    /// says so among what it does not show.
    ///
    /// Fails where it is none, where its verdict is milder than its own findings, or where it
    /// contradicts itself (`rep-13`).
    pub fn parse(document: &[u8]) -> Result<Self, ReportError> {
        let mut report: Self = json::parse(document, BYTES, UnknownFields::Refuse)?;
        if report.report_type != TYPE {
            return Err(ReportError::Type(report.report_type));
        }
        let (said, found) = (report.verdict, Verdict::of(&report.findings));
        if said == Verdict::Pass && found != Verdict::Pass {
            return Err(ReportError::Flatters { said, found });
        }
        report.of_one_piece()?;
        if !report.not_checked.iter().any(|text| text == SAVED) {
            report.not_checked.push(SAVED.to_owned());
        }
        Ok(report)
    }

    fn says_unread(&self) -> bool {
        self.findings.iter().any(|finding| finding.code == Code::FilesNotRead)
    }

    fn has_unread(&self) -> bool {
        self.files.as_ref().is_some_and(|files| files.unread.is_some())
    }

    /// Whether linkage, badge and findings are those of the rebuilds.
    fn is_linked(&self, class: &ClassReport) -> bool {
        let rebuilds = self.rebuilds.as_ref();
        let linkage = rebuilds.map_or(Linkage::Asserted, Rebuilds::linkage);
        let reproduced = self.badges.as_ref().map(|badges| badges.reproduced);
        let told = self.findings.iter().any(|one| one.code == Code::RebuildContradicted);
        class.linkage == linkage
            && reproduced.is_none_or(|reproduced| reproduced == linkage.into())
            && rebuilds.is_none_or(|rebuilds| told == rebuilds.disagree())
    }

    fn of_one_piece(&self) -> Result<(), Contradiction> {
        let passed = self.verdict == Verdict::Pass;
        let counts = self.signers.iter().any(|one| one.standing != signers::Standing::None);
        let judged = self.frameworks.is_some() || self.badges.is_some();
        let judged = judged || self.class.is_some() || passed && !self.signers.is_empty();
        let too_many = |files: &FilesReport| files.intact > files.covered;
        let wrong = match &self.release {
            None if judged => Some(Contradiction::NoRelease),
            Some(_) if !self.documents.is_empty() => Some(Contradiction::Documents),
            Some(_) if passed && !counts => Some(Contradiction::Unsigned),
            Some(_) | None if self.class.is_none() && self.rebuilds.is_some() => {
                Some(Contradiction::Linkage)
            }
            Some(_) | None if self.says_unread() != self.has_unread() => {
                Some(Contradiction::Unread)
            }
            Some(_) | None => None,
        };
        match wrong {
            Some(wrong) => Err(wrong),
            None if self.files.as_ref().is_some_and(too_many) => Err(Contradiction::Files),
            None => self.class.as_ref().map_or(Ok(()), |class| {
                let standing = of_class(class)?;
                if !self.is_linked(class) {
                    return Err(Contradiction::Linkage);
                }
                let as_class = self.frameworks.iter().all(|found| found.are_of(standing));
                as_class.then_some(()).ok_or(Contradiction::Frameworks)
            }),
        }
    }
}

/// Where it stands, by a class of one piece.
fn of_class(class: &ClassReport) -> Result<Standing, Contradiction> {
    let found = Standing { availability: class.availability, freedom: class.freedom };
    let all = [Some(found), Some(class.claimed), class.delta];
    if !all.into_iter().flatten().all(|one| Chain::BOTH.iter().all(|chain| ordered(one.on(*chain))))
    {
        return Err(Contradiction::Interval);
    }
    if class.headline != found.headline() {
        return Err(Contradiction::Headline);
    }
    let met = |chain: &Chain| {
        let established = class.rungs.iter().filter(|one| one.rung <= found.on(*chain).established);
        established.flat_map(|one| &one.needs).all(|need| need.value.on(*chain) == Tri::T)
    };
    if !Chain::BOTH.iter().all(met) {
        return Err(Contradiction::Needs);
    }
    let named = |next: &crate::class::Next| next.name == name(next.chain, next.rung);
    if !class.next.iter().all(named) {
        return Err(Contradiction::Name);
    }
    Ok(found)
}

const fn ordered(interval: Interval) -> bool {
    interval.established <= interval.possible && interval.possible <= TOP
}
