//! Which licence the draft gives to what: what the card states, and what licence texts say.
//!
//! Nothing is concluded: a family of licences, a changed text or a name alone gives no licence.

use std::collections::BTreeMap;

use fullsource_collect::read::hub_license::{HubLicense, hub_license};
use fullsource_collect::read::license_text::{LicenseMatch, LicenseText};
use fullsource_format::license::LicenseExpression;
use fullsource_format::path::RelPath;

use super::seen::Seen;

/// What is known of the licences of a release.
#[derive(Default)]
pub(super) struct Licenses {
    /// Of everything that no text of a directory below speaks for.
    pub(super) stated: Option<LicenseExpression>,
    /// Licence texts by the directory that they stand in.
    texts: BTreeMap<String, Vec<Standing>>,
    /// What was found, in words.
    pub(super) found: Vec<String>,
    /// What was assumed.
    pub(super) assumed: Vec<String>,
    /// What is wrong.
    pub(super) problems: Vec<String>,
    /// Why there is no licence, where something stands in its place.
    pub(super) lacking: Vec<String>,
}

/// A licence text of the release.
struct Standing {
    path: RelPath,
    /// The ids that have this very text; none where it is no licence unchanged.
    ids: Vec<String>,
}

impl Standing {
    /// The licence, where the text alone tells it.
    fn license(&self) -> Option<LicenseExpression> {
        let [id] = &self.ids[..] else { return None };
        id.parse().ok()
    }
}

/// The licence of some files.
pub(super) struct Granted {
    pub(super) license: Option<LicenseExpression>,
    /// Where its text stands.
    pub(super) texts: Vec<RelPath>,
}

impl Licenses {
    /// Weighs what was read.
    pub(super) fn of(seen: &Seen) -> Self {
        let mut all = Self::default();
        all.take_texts(&seen.licenses);
        if let Some((path, card)) = &seen.card {
            let ids: Vec<_> = card.license.iter().map(String::as_str).collect();
            all.state(path, &ids, card.license_name.as_deref());
        }
        if let Some((path, id, name)) = &seen.gguf_license {
            let before = all.stated.clone();
            match (&before, expression(id, name.as_deref())) {
                (Some(card), Ok((gguf, _))) if *card != gguf => all.problems.push(format!(
                    "`{path}` states the licence `{gguf}`, the card `{card}`: the draft has the \
                     card's"
                )),
                (Some(_), _) => {}
                (None, _) => all.state(path, &[id], name.as_deref()),
            }
        }
        all.hold_against_text();
        all
    }

    /// The licence of files: that of the nearest directory above them with a licence text.
    pub(super) fn granted(&self, files: &[RelPath]) -> Result<Granted, &'static str> {
        let mut places: Vec<&str> = files.iter().map(|file| self.place(file)).collect();
        places.sort_unstable();
        places.dedup();
        let [place] = places[..] else { return Err("its files stand under several licence texts") };
        let texts = self.texts.get(place).map_or(&[][..], Vec::as_slice);
        let paths: Vec<RelPath> = texts.iter().map(|text| text.path.clone()).collect();
        if place.is_empty() {
            return Ok(Granted { license: self.stated.clone(), texts: paths });
        }
        match texts {
            [text] => Ok(Granted { license: text.license(), texts: paths }),
            _ => Err("several licence texts stand beside its files"),
        }
    }

    /// The nearest directory above a file that has a licence text; the root where none has.
    fn place<'a>(&self, file: &'a RelPath) -> &'a str {
        let mut above = file.as_str();
        while let Some((directory, _)) = above.rsplit_once('/') {
            if self.texts.contains_key(directory) {
                return directory;
            }
            above = directory;
        }
        ""
    }

    fn take_texts(&mut self, texts: &BTreeMap<RelPath, Option<LicenseText>>) {
        for (path, text) in texts {
            let directory = path.as_str().rsplit_once('/').map_or("", |(directory, _)| directory);
            let license = text.as_ref().and_then(|text| text.license.as_ref());
            let exact = license.iter().filter(|license| license.exact);
            let ids = exact.flat_map(|license| [&license.id].into_iter().chain(&license.same_text));
            let standing = Standing { path: path.clone(), ids: ids.cloned().collect() };
            self.texts.entry(directory.to_owned()).or_default().push(standing);
            self.found.push(match license {
                None if text.is_none() => format!("`{path}`: a licence, not read"),
                None => format!("`{path}`: no licence that is known here"),
                Some(found) => format!("`{path}`: {}", recognized(found)),
            });
            if let Some(found) = license.filter(|found| !found.exact) {
                self.problems.extend(changed(path, found));
            }
        }
    }

    /// Takes what a card or a header states.
    fn state(&mut self, path: &RelPath, ids: &[&str], name: Option<&str>) {
        let mut parts = Vec::new();
        for id in ids.iter().take(64) {
            match expression(id, name) {
                Ok((expression, assumed)) => {
                    if let Some(assumed) = assumed {
                        let text = format!("`{path}` says `{id}`, taken as `{expression}`");
                        self.assumed.push(format!("{text}: {assumed}"));
                    }
                    parts.push(expression.to_string());
                }
                Err(reason) => self.lacking.push(format!("`{path}` says `{id}`: {reason}")),
            }
        }
        // One that is not understood may be the one that binds.
        if parts.is_empty() || parts.len() < ids.len() {
            return;
        }
        parts.dedup();
        if parts.len() > 1 {
            let all = parts.join("`, `");
            self.assumed.push(format!("`{path}` lists `{all}`: taken as all of them at once"));
            for part in parts.iter_mut().filter(|part| part.contains(' ')) {
                *part = format!("({part})");
            }
        }
        self.stated = parts.join(" AND ").parse().ok();
        let Some(stated) = &self.stated else { return };
        self.assumed.push(format!(
            "the licence `{stated}`, stated by `{path}`, holds for every file here but those with a \
             licence text of their own"
        ));
    }

    /// Holds the statement against the texts at the root, or takes the text where nothing is stated.
    fn hold_against_text(&mut self) {
        let root = self.texts.get("").map_or(&[][..], Vec::as_slice);
        if let Some(stated) = &self.stated {
            let named = |id: &String| stated.as_str().split([' ', '(', ')']).any(|part| part == id);
            let clash = |text: &&Standing| !text.ids.is_empty() && !text.ids.iter().any(named);
            self.problems.extend(root.iter().filter(clash).map(|text| {
                format!(
                    "the licence stated is `{stated}`, `{}` is the text of `{}`: correct the one \
                     that is wrong",
                    text.path,
                    text.ids.join("` or `")
                )
            }));
            return;
        }
        let [text] = root else { return };
        match text.license() {
            Some(license) if self.lacking.is_empty() => {
                self.assumed.push(format!(
                    "the licence `{license}`, whose text is `{}`, holds for every file here but \
                     those with a licence text of their own",
                    text.path
                ));
                self.stated = Some(license);
            }
            None if text.ids.len() > 1 => self.lacking.push(format!(
                "`{}` is the text of `{}`: the text does not tell which",
                text.path,
                text.ids.join("` and of `")
            )),
            _ => {}
        }
    }
}

/// The expression for what a card says, and what had to be assumed; or why there is none.
fn expression(
    id: &str,
    name: Option<&str>,
) -> Result<(LicenseExpression, Option<&'static str>), String> {
    let parsed = |text: String| text.parse().map_err(|error| format!("{error}"));
    match hub_license(id, name) {
        HubLicense::Expression { expression, assumed } => Ok((parsed(expression)?, assumed)),
        HubLicense::Other(Some(reference)) => Ok((parsed(reference)?, None)),
        HubLicense::Other(None) => Err("it names no licence".to_owned()),
        HubLicense::Family(family) => {
            Err(format!("which licence of the family {family} is not said"))
        }
        HubLicense::Unknown => Err("nothing is said".to_owned()),
        HubLicense::Unlisted(_) => Err("no licence of that id is known".to_owned()),
    }
}

fn recognized(found: &LicenseMatch) -> String {
    let LicenseMatch { id, same_text, exact, score, .. } = found;
    let same: String = same_text.iter().map(|other| format!(" or `{other}`")).collect();
    match exact {
        true => format!("the text of `{id}`{same}"),
        false => {
            let near = (score * 100.0).floor().min(99.0);
            format!("near the text of `{id}`{same} ({near} of 100 word pairs), and not it")
        }
    }
}

/// What a text that is near a licence adds and leaves out.
fn changed(path: &RelPath, found: &LicenseMatch) -> Option<String> {
    let (extra, missing) = (found.extra.len(), found.missing.len());
    let first = found.extra.first().or(found.missing.first())?;
    let first: String = first.chars().take(120).collect();
    Some(format!(
        "`{path}` is not the text of `{}` unchanged: {extra} sentences more, {missing} fewer, the \
         first: \"{first}\"",
        found.id
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use fullsource_collect::read::model_card::ModelCard;

    fn seen(card: &str, texts: &[(&str, &str)]) -> Seen {
        let card = ModelCard::parse(card.as_bytes()).unwrap().unwrap();
        let text = |(path, id): &(&str, &str)| {
            let text = spdx_text(id);
            (path.parse().unwrap(), LicenseText::recognize(text.as_bytes()).ok())
        };
        Seen {
            card: Some(("README.md".parse().unwrap(), card)),
            licenses: texts.iter().map(text).collect(),
            ..Seen::default()
        }
    }

    /// A short licence text of the list.
    fn spdx_text(id: &str) -> String {
        let isc = "Permission to use, copy, modify, and/or distribute this software for any purpose \
            with or without fee is hereby granted, provided that the above copyright notice and this \
            permission notice appear in all copies.\n\nTHE SOFTWARE IS PROVIDED \"AS IS\" AND THE \
            AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED \
            WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY \
            SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING \
            FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER \
            TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS \
            SOFTWARE.\n";
        match id {
            "ISC" => format!("ISC License\n\nCopyright (c) 2026 Somebody\n\n{isc}"),
            other => panic!("{other}"),
        }
    }

    fn stated(card: &str) -> Option<String> {
        let card = format!("---\n{card}\n---\n");
        Licenses::of(&seen(&card, &[])).stated.map(|license| license.to_string())
    }

    #[test]
    fn only_what_is_stated_is_taken() {
        assert_eq!(stated("license: apache-2.0").as_deref(), Some("Apache-2.0"));
        assert_eq!(stated("license: [mit, cc-by-4.0]").as_deref(), Some("MIT AND CC-BY-4.0"));
        assert_eq!(
            stated("license: other\nlicense_name: My Terms").as_deref(),
            Some("LicenseRef-My-Terms")
        );
        for nothing in ["license: gpl", "license: unknown", "license: other", "license: [mit, cc]"]
        {
            assert_eq!(stated(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn the_nearest_text_speaks_for_files() {
        let seen = seen("---\nlicense: mit\n---\n", &[("tools/LICENSE", "ISC")]);
        let licenses = Licenses::of(&seen);
        let paths = |names: &[&str]| names.iter().map(|n| n.parse().unwrap()).collect::<Vec<_>>();
        let license = |names: &[&str]| {
            let granted = licenses.granted(&paths(names)).ok()?;
            granted.license.map(|license| license.to_string())
        };
        assert_eq!(license(&["model.safetensors"]).as_deref(), Some("MIT"));
        assert_eq!(license(&["tools/a/b.py", "tools/c.py"]).as_deref(), Some("ISC"));
        assert_eq!(license(&["tools/a.py", "b.py"]), None);
    }

    #[test]
    fn a_card_and_a_text_that_differ_are_a_problem() {
        let clash = seen("---\nlicense: mit\n---\n", &[("LICENSE", "ISC")]);
        let licenses = Licenses::of(&clash);
        assert!(licenses.problems[0].contains("`ISC`"), "{:?}", licenses.problems);
        assert_eq!(licenses.stated.unwrap().as_str(), "MIT");
        let silent = Licenses::of(&seen("---\nlanguage: en\n---\n", &[("LICENSE", "ISC")]));
        assert_eq!(silent.stated.unwrap().as_str(), "ISC");
    }
}
