//! Why the system would not let a file or directory be read.

use std::{fmt, io};

use rustix::io::Errno;

/// The system's reason, such as `permission denied` or `input/output error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal(i32);

impl From<Errno> for Refusal {
    fn from(error: Errno) -> Self {
        Self(error.raw_os_error())
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        // Errors that are not the system's do not come from its calls.
        Self(error.raw_os_error().unwrap_or(Errno::IO.raw_os_error()))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = io::Error::from_raw_os_error(self.0).to_string();
        let words = text.split(" (os error").next().unwrap_or(&text);
        f.write_str(&words.to_lowercase())
    }
}
