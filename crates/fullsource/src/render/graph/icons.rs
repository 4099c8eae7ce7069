//! A shape and a sign for each state, so that nobody needs colours to tell them apart.

use super::model::State;
use super::route::Rect;

/// The corner that is cut from some shapes; less from small ones.
const CUT: f64 = 9.0;
/// How far down a pointed side has its point: where lines reach it.
const POINT: f64 = 18.0;

/// The outline of a box whose artifact is in a state; a stage has none.
pub(super) fn outline(state: Option<State>, at: Rect) -> String {
    let Rect { x, y, w, h } = at;
    let class = state.map_or("stage", State::as_str);
    let rect = |rounded: f64, more: &str| {
        format!(
            "<rect class=\"fsg-{class}\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"{rounded}\"{more}/>"
        )
    };
    let path = |d: &str, more: &str| format!("<path class=\"fsg-{class}\" d=\"{d}z\"{more}/>");
    let (right, bottom, middle) = (x + w, y + h, y + POINT.min(h / 2.0));
    let (corner, torn) = (CUT.min(h * 0.3), (2.0 * CUT).min(h * 0.5));
    match state {
        None => rect(6.0, ""),
        Some(State::Verified) => rect(2.0, " stroke-width=\"1.6\""),
        // A door: pointed at both sides.
        Some(State::Gated) => path(
            &format!(
                "M{x} {middle}L{a} {y}H{b}L{right} {middle}L{b} {bottom}H{a}",
                a = x + corner,
                b = right - corner
            ),
            " stroke-width=\"1.6\"",
        ),
        // Torn off: a corner is gone, and the line is broken.
        Some(State::Missing) => path(
            &format!("M{x} {y}H{a}L{right} {b}V{bottom}H{x}", a = right - torn, b = y + torn),
            " stroke-width=\"1.8\" stroke-dasharray=\"7 3\"",
        ),
        // A stop sign.
        Some(State::Withheld) => path(
            &format!(
                "M{a} {y}H{b}L{right} {c}V{d}L{b} {bottom}H{a}L{x} {d}V{c}",
                a = x + corner,
                b = right - corner,
                c = y + corner,
                d = bottom - corner
            ),
            " stroke-width=\"1.8\"",
        ),
        Some(State::Unknown) => {
            rect(17.0f64.min(h / 2.0), " stroke-width=\"1.6\" stroke-dasharray=\"2 3\"")
        }
        // Two lines: inside of something else.
        Some(State::Internal) => {
            let inner = format!(
                "<rect class=\"fsg-{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
                x + 3.0,
                y + 3.0,
                w - 6.0,
                h - 6.0
            );
            rect(0.0, "") + &inner
        }
    }
}

/// The sign of a state, 12 pixels wide.
pub(super) fn icon(state: State, x: f64, y: f64) -> String {
    let d = match state {
        State::Verified => "M1 7l4 4l7-9",
        State::Gated => "M1 6h10v6H1zM3 6V4a3 3 0 0 1 6 0v2",
        State::Missing => "M2 2l8 8M10 2l-8 8",
        State::Withheld => "M6 1a5 5 0 1 0 .01 0zM2.5 9.5l7-7",
        State::Unknown => "M3 4a3 3 0 1 1 4.6 2.5C6.4 7.200 6 7.600 6 9M6 11v.8",
        State::Internal => "M2 2h8v8H2zM4.500 4.500h3v3h-3z",
    };
    let class = state.as_str();
    format!(
        "<path class=\"fsg-{class} fsg-icon\" transform=\"translate({x} {y})\" stroke-width=\"1.8\" d=\"{d}\"/>"
    )
}
