//! The badge: a few words, as an image or as JSON for the service that draws badges. It never says more than
//! the report, and no word of it comes from the release (`rep-18`).

use fullsource_verify::class::Standing;
use fullsource_verify::report::{Report, Verdict};
use fullsource_verify::signers;
use serde::Serialize;

use crate::exit::Failure;

/// What stands on the left.
const LABEL: &str = "fullsource";

/// What stands on the right, and in which colour.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Words {
    message: String,
    colour: Colour,
}

/// Colours by what they mean. Each has a contrast of 4.5 or more to the white text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Colour {
    /// A rung is established, and anyone may use it for anything.
    Free,
    /// It is there, and not free.
    There,
    /// Nothing is established.
    Nothing,
    /// Something could not be established.
    Open,
    /// Something contradicts, or there was nothing to judge.
    Bad,
}

impl Colour {
    const fn hex(self) -> &'static str {
        match self {
            Self::Free => "2a7d2e",
            Self::There => "1f6feb",
            Self::Nothing => "5f6368",
            Self::Open => "8a5a00",
            Self::Bad => "b3261e",
        }
    }
}

/// The image: a whole SVG document that needs nothing else.
pub(super) fn svg(report: &Report) -> String {
    let Words { message, colour } = words(report);
    let (left, right) = (width(LABEL), width(&message));
    let (whole, colour) = (left + right, colour.hex());
    let (at_left, at_right) = (f64::from(left) / 2.0, f64::from(left) + f64::from(right) / 2.0);
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" viewBox="0 0 {whole} 20" role="img" aria-label="{LABEL}: {message}">
  <title>{LABEL}: {message}</title>
  <clipPath id="r"><rect width="{whole}" height="20" rx="3"/></clipPath>
  <g clip-path="url(#r)"><rect width="{left}" height="20" fill="#444"/><rect x="{left}" width="{right}" height="20" fill="#{colour}"/></g>
  <g fill="#fff" font-family="Verdana,'DejaVu Sans',Geneva,sans-serif" font-size="11" text-anchor="middle" aria-hidden="true">
    <text x="{at_left}" y="14" textLength="{}">{LABEL}</text>
    <text x="{at_right}" y="14" textLength="{}">{message}</text>
  </g>
</svg>
"##,
        left - PADDING,
        right - PADDING,
    )
}

/// What a shields endpoint answers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Endpoint<'a> {
    schema_version: u8,
    label: &'a str,
    message: &'a str,
    color: &'a str,
    is_error: bool,
}

/// The JSON that a shields endpoint answers.
pub(super) fn shields(report: &Report) -> Result<String, Failure> {
    let Words { message, colour } = words(report);
    let endpoint = Endpoint {
        schema_version: 1,
        label: LABEL,
        message: &message,
        color: colour.hex(),
        is_error: report.verdict() != Verdict::Pass || is_unread(report),
    };
    super::pretty(&endpoint)
}

/// A rung only where the verdict is a pass, its producer's signature counts, and the files were read.
fn words(report: &Report) -> Words {
    let signed = report.signers().iter().any(|s| s.standing == signers::Standing::Producer);
    let (message, colour) = match report.verdict() {
        Verdict::Error => ("error".to_owned(), Colour::Bad),
        Verdict::Fail => ("failed".to_owned(), Colour::Bad),
        Verdict::Incomplete | Verdict::Pass if !signed => {
            ("unverified".to_owned(), Colour::Nothing)
        }
        Verdict::Incomplete => ("incomplete".to_owned(), Colour::Open),
        Verdict::Pass if is_unread(report) => ("files not read".to_owned(), Colour::Open),
        Verdict::Pass => of_class(report),
    };
    Words { message, colour }
}

/// Whether files were taken for what they were (`rep-20`).
fn is_unread(report: &Report) -> bool {
    report.files().is_some_and(|files| files.unread.is_some())
}

fn of_class(report: &Report) -> (String, Colour) {
    let Some(class) = report.class() else {
        return ("signed, class not judged".to_owned(), Colour::Nothing);
    };
    let standing = Standing { availability: class.availability, freedom: class.freedom };
    let colour = match (standing.freedom.established, standing.availability.established) {
        (0, 0) => Colour::Nothing,
        (0, _) => Colour::There,
        _ => Colour::Free,
    };
    // Of a saved report the numbers are taken, never a text.
    (format!("{} ({})", standing.headline(), class.linkage.word()), colour)
}

/// Space on both sides of a text together.
const PADDING: u32 = 10;

/// The width of a text with its space, about as Verdana has it at 11 pixels. The image says how wide each
/// text is drawn, so that another font changes nothing.
fn width(text: &str) -> u32 {
    let tenths = |c: char| match c {
        'i' | 'j' | 'l' | ' ' | ',' | '(' | ')' | '-' | 'f' | 't' | 'r' => 45,
        'm' | 'w' => 95,
        _ => 68,
    };
    PADDING + text.chars().map(tenths).sum::<u32>().div_ceil(10)
}
