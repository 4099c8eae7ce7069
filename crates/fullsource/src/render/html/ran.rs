//! What was looked at, who signed, what was not checked, and how to run it again.

use fullsource_format::evidence::Digests;
use fullsource_verify::report::Report;
use fullsource_verify::signers::Signer;

use super::markup::{El, el};
use super::{Section, left_out, scrolling, words};
use crate::render::text::size;
use crate::render::words::unread;

/// Bytes of a list.
const BYTES: usize = 100_000;

pub(super) fn files(report: &Report) -> Option<Section> {
    report.release()?;
    let content = match report.files() {
        None => el("p").text("Nobody looked at the files of the release."),
        Some(files) => {
            let digests = match files.digests {
                Digests::All => "all digests were computed",
                Digests::Sha256 => "SHA-256 alone was computed",
                Digests::Blake3 => "BLAKE3 alone was computed",
            };
            let (intact, covered) = (files.intact, files.covered);
            let unread = unread(files).map_or_else(String::new, |what| format!("; {what}"));
            el("p").text(format!(
                "{intact} of {covered} files are what was signed; {} in all; {digests}{unread}.",
                size(files.total_bytes)
            ))
        }
    };
    Some(Section::new("files", "Files", content))
}

pub(super) fn signers(report: &Report) -> Option<Section> {
    report.release()?;
    let content = if report.signers().is_empty() {
        el("p").text("No trusted key signed this.")
    } else {
        let heads = ["who", "key", "kind", "counts as"];
        let heads = el("tr").all(heads.map(|head| el("th").set("scope", "col").text(head)));
        let (body, left) = el("tbody").fitting(BYTES, report.signers().iter().map(signer));
        let caption = el("caption").text("trusted keys that signed");
        let table = el("table").add(caption).add(el("thead").add(heads)).add(body);
        el("div").add(scrolling("trusted keys that signed", table)).add_some(left_out(left, "keys"))
    };
    Some(Section::new("signers", "Signers", content))
}

fn signer(signer: &Signer) -> El {
    let who = el("th").set("scope", "row");
    let who = match &signer.principal {
        Some(principal) => who.theirs(principal),
        None => who.text("a key given by itself"),
    };
    el("tr")
        .add(who)
        .add(el("td").add(el("code").text(&signer.key_id)))
        .add(el("td").theirs(&signer.key_type))
        .add(el("td").add(words::standing(signer.standing).element()))
}

/// What the report does not show (`rep-9`).
pub(super) fn not_checked(report: &Report) -> Section {
    let (list, left) =
        el("ul").fitting(BYTES, report.not_checked().iter().map(|text| el("li").prose(text)));
    let content = el("div").add(list).add_some(left_out(left, "points"));
    Section::new("not-checked", "What was not checked", content)
}

/// How to run it again. Where the release and the keys lie, the report does not say.
pub(super) fn again(report: &Report) -> Section {
    let named = report.signers().iter().any(|signer| signer.principal.is_some());
    let trust = if named { "--trust ALLOWED_SIGNERS" } else { "--key PUBLISHER.pub" };
    let chosen = report.statement().map(|id| format!(" --statement-id {id}"));
    let chosen = chosen.unwrap_or_default();
    let command = format!("fullsource verify RELEASE {trust}{chosen} --format html -o report.html");
    let text = "Where the release and the keys lie is for you to say: put your own paths in place of the \
                words in capitals. What was required, which policy held and what may be asked does not stand in the \
                report; see ";
    let content = el("div")
        .add(el("pre").set("tabindex", "0").add(el("code").text(command)))
        .add(el("p").text(text).add(el("code").text("fullsource verify --help")).text("."));
    Section::new("again", "How to run it again", content)
}
