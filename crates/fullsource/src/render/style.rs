//! Colour, where a terminal is there for it and `NO_COLOR` does not forbid it, and lines that fit it.
//! Nothing is said by colour alone.

use std::io::IsTerminal;
use std::os::fd::AsFd;

use crate::look;
use crate::render::fit::fit;

/// Whether to colour, and how wide the terminal is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    colour: bool,
    columns: Option<usize>,
}

impl Style {
    /// Colour and width for what goes to this stream.
    pub(crate) fn of(stream: &(impl IsTerminal + AsFd)) -> Self {
        let refused =
            std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) || look::is_dumb();
        let terminal = stream.is_terminal();
        let columns = terminal_size::terminal_size_of(stream).map(|(width, _)| width.0.into());
        let columns = columns.filter(|columns| terminal && *columns > 0);
        Self { colour: terminal && !refused, columns }
    }

    /// No colour, and lines as long as they are.
    pub(crate) const fn plain() -> Self {
        Self { colour: false, columns: None }
    }

    /// Lines that fit the terminal, where there is one.
    pub(crate) fn fit(self, text: String) -> String {
        self.columns.map_or_else(|| text.clone(), |columns| fit(&text, columns))
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }
    pub(crate) fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }
    pub(crate) fn good(self, text: &str) -> String {
        self.paint("1;32", text)
    }
    pub(crate) fn bad(self, text: &str) -> String {
        self.paint("1;31", text)
    }
    pub(crate) fn open(self, text: &str) -> String {
        self.paint("1;33", text)
    }
}
