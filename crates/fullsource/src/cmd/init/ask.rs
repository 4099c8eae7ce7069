//! What `init` asks on a terminal, and nowhere else: what only the releaser knows.
//!
//! Every question has an option that answers it, so that a script can say the same.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::str::FromStr;

use fullsource_format::license::LicenseExpression;
use fullsource_format::manifest::{Manifest, StageKind};
use fullsource_format::text::{Name, Text};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use super::draft::Identity;
use crate::exit::Failure;
use crate::render::escape::shown;
use crate::render::style::Style;
use crate::{signals, suggest};

/// Bytes of an answer. A terminal hands over lines of at most 4096.
const ANSWER: usize = 4096;
/// Answers that do not fit, to one question.
const TRIES: usize = 10;

/// What was answered beside who releases what.
#[derive(Default)]
pub(super) struct Answers {
    /// The licence of what has none.
    pub(super) license: Option<LicenseExpression>,
    /// How the weights were made.
    pub(super) stage: Option<StageKind>,
    /// What is not in the directory: its role, and where it is.
    pub(super) elsewhere: Vec<(&'static str, String)>,
}

/// Whether somebody sits there who can be asked. Continuous integration sets `CI`.
pub(super) fn may_ask(no_input: bool) -> bool {
    let ci = std::env::var_os("CI").is_some_and(|ci| !ci.is_empty() && ci != "false" && ci != "0");
    !no_input && !ci && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// A terminal, and whoever sits there.
pub(super) struct Asker {
    style: Style,
}

impl Asker {
    /// Says what will be asked.
    pub(super) fn start() -> Self {
        // From here on Ctrl-C is ours to see.
        signals::stop_flag();
        let style = Style::of(&std::io::stderr());
        let asker = Self { style };
        asker.say("Enter takes what stands in brackets. Ctrl-C ends, and nothing is written.\n");
        asker
    }

    /// Asks for what no option gave: `given` tells of name, version, producer and identity.
    pub(super) fn identity(
        &self,
        mut known: Identity,
        given: [bool; 4],
    ) -> Result<Identity, Failure> {
        let [name, version, producer, uri] = given;
        if !name {
            let found = known.name.to_string();
            known.name =
                self.ask::<Name>("Name of the release", Some(&found))?.unwrap_or(known.name);
        }
        if !version {
            known.version = self.ask::<Name>("Its version", None)?;
        }
        if !producer {
            let found = known.producer.name.to_string();
            let said = self.ask::<Name>("Who releases it", Some(&found))?;
            known.producer.name = said.unwrap_or(known.producer.name);
        }
        if !uri {
            let what = "Their identity in trust files, such as https://example.org";
            known.producer.uri = self.ask::<Text>(what, None)?;
        }
        Ok(known)
    }

    /// Asks for what the draft does not say and the releaser may know.
    pub(super) fn rest(&self, draft: &Manifest, known: Answers) -> Result<Answers, Failure> {
        let mut answers = known;
        let has = |role: &str| draft.artifacts().iter().any(|a| a.roles.iter().any(|r| r == role));
        let weights =
            draft.artifacts().iter().filter(|a| a.roles.iter().any(|r| r == "weights.final"));
        let mut weights = weights.peekable();
        if weights.peek().is_none() {
            return Ok(answers);
        }
        if answers.license.is_none() && weights.any(|artifact| artifact.license.is_none()) {
            answers.license = self.license()?;
        }
        if answers.stage.is_none() && draft.stages().is_empty() {
            let what = "How the weights were made: pretrain, sft, quantize, …";
            answers.stage = self.ask_checked(what, None, stage_kind)?;
        }
        for (role, what) in [("code.training", "The training code"), ("data.", "The training data")]
        {
            let there = match role {
                "data." => draft.artifacts().iter().any(|a| a.roles.iter().any(is_data)),
                _ => has(role),
            };
            if !there {
                let what = format!("{what} is not here. Where is it: a path, an address");
                let said = self.ask::<Text>(&what, None)?;
                answers.elsewhere.extend(said.map(|place| (role, place.to_string())));
            }
        }
        Ok(answers)
    }

    /// A licence that a list has; another is taken when it is said twice.
    fn license(&self) -> Result<Option<LicenseExpression>, Failure> {
        let mut before = String::new();
        let what = "The licence is not recognised. Which one is it, as an SPDX id";
        self.ask_checked(what, None, |text| {
            let license: LicenseExpression = text.parse().map_err(|error| {
                let meant =
                    suggest::license(text).map(|meant| format!("; did you mean `{meant}`?"));
                format!("{error}{}", meant.unwrap_or_default())
            })?;
            let unknown = license.unlisted().first().map(|id| (*id).to_owned());
            match unknown {
                Some(id) if before != text => {
                    before = text.to_owned();
                    let help = "say it again if you mean it";
                    let help = suggest::meant(suggest::license(&id), help);
                    Err(format!("`{id}` is on no list of licences; {help}"))
                }
                _ => Ok(license),
            }
        })
    }

    fn ask<T: FromStr>(&self, what: &str, found: Option<&str>) -> Result<Option<T>, Failure>
    where
        T::Err: std::fmt::Display,
    {
        self.ask_checked(what, found, |text| text.parse::<T>().map_err(|error| error.to_string()))
    }

    /// Asks until the answer fits. An empty one takes what was found, or nothing.
    fn ask_checked<T>(
        &self,
        what: &str,
        found: Option<&str>,
        mut read: impl FnMut(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Failure> {
        for _ in 0..TRIES {
            let default = self.style.dim(&format!("[{}]", shown(found.unwrap_or("not said"))));
            self.say(&format!("{} {default}: ", self.style.bold(what)));
            let answer = line()?;
            let answer = answer.trim();
            if answer.is_empty() {
                return Ok(None);
            }
            match read(answer) {
                Ok(value) => return Ok(Some(value)),
                Err(reason) => self.say(&format!("  {}\n", shown(&reason))),
            }
        }
        let text = format!("{TRIES} answers to one question did not fit");
        Err(Failure::usage(text, "run it again, or answer with options: `fullsource init --help`"))
    }

    fn say(&self, text: &str) {
        // A terminal that is gone is seen when it is read.
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }
}

/// A registered kind of stage.
pub(super) fn stage_kind(text: &str) -> Result<StageKind, String> {
    let kind = text.parse().ok().filter(StageKind::is_registered);
    kind.ok_or_else(|| match suggest::stage_kind(text) {
        Some(meant) => format!("`{text}` is no kind of stage; did you mean `{meant}`?"),
        None => format!("`{text}` is no kind of stage: {}", StageKind::REGISTERED.join(", ")),
    })
}

/// Whether something was trained on data of this role.
pub(super) fn is_data(role: &fullsource_format::role::Role) -> bool {
    role.as_str().starts_with("data.") && role.as_str() != "data.evaluation"
}

/// One line of the terminal. Ctrl-C and the end of the input (Ctrl-D) end the command.
fn line() -> Result<String, Failure> {
    let stdin = std::io::stdin();
    let mut said = Vec::new();
    let refused = |error: Errno| Failure::system("read", Path::new("the terminal"), &error.into());
    while said.len() < ANSWER {
        signals::unless_stopped()?;
        // A signal ends the wait; a read would only be started again.
        match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], None) {
            Err(Errno::INTR) => continue,
            Err(error) => return Err(refused(error)),
            Ok(_) => {}
        }
        let mut bytes = [0; ANSWER];
        match rustix::io::read(&stdin, &mut bytes) {
            Ok(0) => return Err(Failure::interrupted()),
            Ok(count) => said.extend_from_slice(&bytes[..count]),
            Err(Errno::INTR) => continue,
            Err(error) => return Err(refused(error)),
        }
        if said.ends_with(b"\n") {
            break;
        }
    }
    Ok(String::from_utf8_lossy(&said).into_owned())
}
