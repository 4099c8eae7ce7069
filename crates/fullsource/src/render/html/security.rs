//! What the page may do: nothing. A browser that reads this policy runs and loads what is named here by its
//! digest, and nothing else, whatever stands in the page.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fullsource_format::digest::Sha256;

use super::markup::{El, el};

/// The policy for a page with one style, a drawing that may bring styles of its own, and one script.
pub(super) fn policy(style: &str, drawing: &str, script: &str) -> El {
    let styles: Vec<String> =
        std::iter::once(style).chain(styles_in(drawing)).map(source).collect();
    let content = format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        styles.join(" "),
        source(script)
    );
    el("meta").set("http-equiv", "Content-Security-Policy").content(&content)
}

fn source(content: &str) -> String {
    let digest = STANDARD.encode(Sha256::of(content.as_bytes()).as_bytes());
    format!("'sha256-{digest}'")
}

/// The styles within a drawing. Text of others cannot look like one there: its `<` is escaped.
fn styles_in(drawing: &str) -> impl Iterator<Item = &str> {
    let parts = drawing.split("<style>").skip(1);
    parts.filter_map(|part| part.split_once("</style>").map(|(style, _)| style))
}
