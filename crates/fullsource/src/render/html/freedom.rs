//! Where the freedom is: what takes which of the four freedoms from which artifact.

use fullsource_verify::judge::Restriction;
use fullsource_verify::report::Report;

use super::markup::{El, el};
use super::{Section, left_out, scrolling};

/// Bytes of the table.
const BYTES: usize = 200_000;

pub(super) fn section(report: &Report) -> Option<Section> {
    report.class()?;
    let all = report.restrictions();
    let content = if all.is_empty() {
        el("p").text("No restriction was found in the licences that are known. That is no statement about licences that are not.")
    } else {
        table(all)
    };
    Some(Section::new("freedom", "Where the freedom is", content))
}

fn table(all: &[Restriction]) -> El {
    let heads = ["artifact", "licence", "takes", "by", "clause"];
    let head = el("tr").all(heads.map(|head| el("th").set("scope", "col").text(head)));
    let (body, left) = el("tbody").fitting(BYTES, all.iter().map(row));
    let caption = el("caption").text("freedom that licences take");
    let table = el("table").add(caption).add(el("thead").add(head)).add(body);
    el("div")
        .add(scrolling("freedom that licences take", table))
        .add_some(left_out(left, "restrictions"))
}

fn row(taken: &Restriction) -> El {
    el("tr")
        .add(el("th").set("scope", "row").theirs(&taken.artifact))
        .add(el("td").theirs(&taken.license))
        .add(el("td").theirs(taken.takes.join(", ")))
        .add(el("td").theirs(&taken.by))
        .add(el("td").theirs(&taken.clause))
}
