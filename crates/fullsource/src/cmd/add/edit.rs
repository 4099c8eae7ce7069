//! One artifact more in `fullsource.json`: every byte that its author wrote stays as it is.
//!
//! A manifest is JSON without comments (`json-7`); what there is to keep is its layout. The places
//! of insertions come from a strict reader, and nothing but insertions is made.

use std::collections::BTreeMap;
use std::ops::Range;

use fullsource_format::manifest::{Artifact, ModelUse, Use};
use fullsource_format::role::Role;
use fullsource_format::text::Id;
use serde::Serialize;
use serde_json::value::RawValue;

use super::layout::Layout;

/// Why an artifact cannot be inserted.
#[derive(Debug, thiserror::Error)]
pub(super) enum EditError {
    /// No stage of that id.
    #[error("there is no stage `{0}`")]
    NoStage(Id),
    /// The stage says why it read no data.
    #[error("the stage `{0}` says in `noData` that it read none")]
    NoData(Id),
    /// The document is not what was read as a manifest before.
    #[error("the manifest cannot be edited: {0}")]
    Json(#[from] serde_json::Error),
}

/// The list of a stage that artifacts of a role stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum List {
    Code,
    Config,
    Environment,
    Data,
    /// Models whose parameters are in the output.
    Init,
    /// Models that ran beside.
    Online,
    Outputs,
}

impl List {
    /// The list for a role; none where stages have no place for it.
    pub(super) fn of(role: &Role) -> Option<Self> {
        match role.as_str().split_once('.')? {
            // What is evaluated on was not trained on.
            ("code" | "data", "evaluation") => None,
            ("code", _) => Some(Self::Code),
            ("config", _) => Some(Self::Config),
            ("env", _) => Some(Self::Environment),
            ("data", _) => Some(Self::Data),
            ("model", "base") => Some(Self::Init),
            ("model", "teacher" | "reward") => Some(Self::Online),
            ("weights", _) => Some(Self::Outputs),
            _ => None,
        }
    }

    /// The field of the stage.
    pub(super) const fn field(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Config => "config",
            Self::Environment => "environment",
            Self::Data => "data",
            Self::Init | Self::Online => "models",
            Self::Outputs => "outputs",
        }
    }
}

/// The fields of a stage before and up to its lists, in the order of the format.
const STAGE: &[&str] =
    &["id", "kind", "code", "config", "environment", "data", "noData", "models", "outputs"];
/// The fields of a manifest before its artifacts.
const BEFORE_ARTIFACTS: &[&str] = &["$schema", "release", "files", "tree", "closure"];

/// The longest line of an artifact where others have several lines.
const COLUMNS: usize = 100;

/// The document with one artifact more, at the end of `artifacts`, and where a stage is named, its id
/// at the end of a list of that stage. `document` has been read as a manifest.
pub(super) fn insert(
    document: &str,
    artifact: &Artifact,
    stage: Option<(&Id, List)>,
) -> Result<String, EditError> {
    let editor = Editor { document, layout: Layout::of(document) };
    let root = editor.object(document)?;
    let mut splices = vec![editor.artifact(&root, artifact)?];
    if let Some((id, list)) = stage {
        splices.push(editor.in_stage(&root, id, list, &artifact.id)?);
    }
    splices.sort_by_key(|splice| splice.at);
    let mut edited = String::with_capacity(document.len() + 1024);
    let mut kept = 0;
    for Splice { at, text } in splices {
        edited.push_str(&document[kept..at]);
        edited.push_str(&text);
        kept = at;
    }
    edited.push_str(&document[kept..]);
    Ok(edited)
}

/// Text to be put at a place of the document.
struct Splice {
    at: usize,
    text: String,
}

struct Editor<'a> {
    document: &'a str,
    layout: Layout,
}

/// An object or an array of the document.
struct Container<'a> {
    /// From behind the opening bracket to before the closing one.
    inside: Range<usize>,
    items: Vec<Item<'a>>,
}

/// A field or an element: from the start of its key, where it has one, to the end of its value.
struct Item<'a> {
    name: String,
    place: Range<usize>,
    value: &'a str,
}

impl Container<'_> {
    fn field(&self, name: &str) -> Option<&Item<'_>> {
        self.items.iter().find(|item| item.name == name)
    }

    /// The last of the fields that have one of these names.
    fn last_of(&self, names: &[&str]) -> Option<usize> {
        self.items.iter().rposition(|item| names.contains(&item.name.as_str()))
    }
}

impl<'a> Editor<'a> {
    fn artifact(&self, root: &Container, artifact: &Artifact) -> Result<Splice, EditError> {
        let Some(artifacts) = root.field("artifacts") else {
            let after = root.last_of(BEFORE_ARTIFACTS);
            return self.field(root, after, "artifacts", &[artifact]);
        };
        let array = self.array(artifacts.value)?;
        let lines = array.items.iter().filter(|item| item.value.contains('\n')).count();
        self.insertion(&array, array.items.len().checked_sub(1), |indent| {
            let one_line = self.layout.written(artifact, false, indent)?;
            // Where both forms stand, short ones have a line.
            let fits = indent.len() + one_line.chars().count() <= COLUMNS;
            match lines {
                0 if !array.items.is_empty() => Ok(one_line),
                _ if lines < array.items.len() && fits => Ok(one_line),
                _ => self.layout.written(artifact, true, indent),
            }
        })
    }

    fn in_stage(
        &self,
        root: &Container,
        id: &Id,
        list: List,
        artifact: &Id,
    ) -> Result<Splice, EditError> {
        let missing = || EditError::NoStage(id.clone());
        let stages = self.array(root.field("stages").ok_or_else(missing)?.value)?;
        let mut found = None;
        for item in &stages.items {
            let stage = self.object(item.value)?;
            let named = stage.field("id").map(|item| serde_json::from_str::<String>(item.value));
            if named.transpose()?.as_deref() == Some(id.as_str()) {
                found = Some(stage);
                break;
            }
        }
        let stage = found.ok_or_else(missing)?;
        if list == List::Data && stage.field("noData").is_some() {
            return Err(EditError::NoData(id.clone()));
        }
        let model = |usage| ModelUse { artifact: artifact.clone(), usage };
        match list {
            List::Init => self.in_list(&stage, list, &model(Use::Init)),
            List::Online => self.in_list(&stage, list, &model(Use::Online)),
            _ => self.in_list(&stage, list, artifact),
        }
    }

    fn in_list(
        &self,
        stage: &Container,
        list: List,
        value: &impl Serialize,
    ) -> Result<Splice, EditError> {
        let name = list.field();
        let Some(present) = stage.field(name) else {
            let before = STAGE.iter().position(|field| *field == name).unwrap_or(0);
            return self.field(stage, stage.last_of(&STAGE[..before]), name, &[value]);
        };
        let array = self.array(present.value)?;
        let expanded = array.items.last().is_some_and(|last| last.value.contains('\n'));
        self.insertion(&array, array.items.len().checked_sub(1), |indent| {
            self.layout.written(value, expanded, indent)
        })
    }

    /// A field more, behind the item at `after`.
    fn field(
        &self,
        object: &Container,
        after: Option<usize>,
        name: &str,
        value: &impl Serialize,
    ) -> Result<Splice, EditError> {
        let after = after.or(object.items.len().checked_sub(1));
        let expanded = self.document[object.inside.clone()].contains('\n');
        self.insertion(object, after, |indent| {
            Ok(self.layout.key(name) + &self.layout.written(value, expanded, indent)?)
        })
    }

    /// An item more, behind the item at `after`, parted as its neighbours are.
    fn insertion(
        &self,
        container: &Container,
        after: Option<usize>,
        item: impl Fn(&str) -> Result<String, serde_json::Error>,
    ) -> Result<Splice, EditError> {
        let Some(before) = after.and_then(|after| container.items.get(after)) else {
            return Ok(self.first(&container.inside, item)?);
        };
        let (at, text) = (before.place.end, item(self.indent_of(before.place.start))?);
        Ok(Splice { at, text: self.separator(container, after.unwrap_or(0)) + &text })
    }

    /// What parts the item at `after` from one before or behind it, or would.
    fn separator(&self, container: &Container, after: usize) -> String {
        let place = |at: usize| container.items.get(at).map(|item| &item.place);
        let between = |first: Option<usize>, second: usize| {
            let (first, second) = (place(first?)?, place(second)?);
            Some(self.document[first.end..second.start].to_owned())
        };
        between(after.checked_sub(1), after)
            .or_else(|| between(Some(after), after + 1))
            .unwrap_or_else(|| {
                let start = place(after).map_or(container.inside.start, |place| place.start);
                let lead = &self.document[container.inside.start..start];
                if lead.contains('\n') { format!(",{lead}") } else { self.layout.comma.clone() }
            })
    }

    /// The first item between brackets.
    fn first(
        &self,
        inside: &Range<usize>,
        item: impl Fn(&str) -> Result<String, serde_json::Error>,
    ) -> Result<Splice, serde_json::Error> {
        let outer = self.indent_of(inside.start);
        let indent = format!("{outer}{}", self.layout.unit);
        let mut text = item(&indent)?;
        let space = &self.document[inside.clone()];
        if text.contains('\n') || space.contains('\n') {
            // White space between the brackets stays, and indents the closing one as far as it can.
            let rest = outer.strip_suffix(space).unwrap_or(outer);
            let end = if space.contains('\n') {
                String::new()
            } else {
                format!("{}{rest}", self.layout.newline)
            };
            text = format!("{}{indent}{text}{end}", self.layout.newline);
        }
        Ok(Splice { at: inside.start, text })
    }

    /// The white space that starts the line of a place.
    fn indent_of(&self, place: usize) -> &'a str {
        let line = self.document[..place].rfind('\n').map_or(0, |newline| newline + 1);
        let line = &self.document[line..];
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }

    fn offset(&self, part: &str) -> usize {
        part.as_ptr() as usize - self.document.as_ptr() as usize
    }

    /// Where a value stands, without the white space around it.
    fn inside(&self, value: &str) -> Range<usize> {
        let value = value.trim();
        let start = self.offset(value);
        start + 1..(start + value.len()).saturating_sub(1).max(start + 1)
    }

    fn array(&self, value: &'a str) -> Result<Container<'a>, EditError> {
        let items: Vec<&RawValue> = serde_json::from_str(value)?;
        let item = |raw: &'a RawValue| {
            let (value, start) = (raw.get(), self.offset(raw.get()));
            Item { name: String::new(), place: start..start + value.len(), value }
        };
        Ok(Container { inside: self.inside(value), items: items.into_iter().map(item).collect() })
    }

    fn object(&self, value: &'a str) -> Result<Container<'a>, EditError> {
        let fields: BTreeMap<String, &RawValue> = serde_json::from_str(value)?;
        let mut fields: Vec<_> = fields.into_iter().map(|(name, raw)| (name, raw.get())).collect();
        fields.sort_by_key(|(_, value)| self.offset(value));
        let inside = self.inside(value);
        let mut end = inside.start;
        let mut items = Vec::with_capacity(fields.len());
        for (name, value) in fields {
            // Between two fields stand a comma and white space; then comes the quote of the key.
            let key = self.document[end..].find('"').map_or(end, |quote| end + quote);
            end = self.offset(value) + value.len();
            items.push(Item { name, place: key..end, value });
        }
        Ok(Container { inside, items })
    }
}

#[cfg(test)]
#[path = "edit_tests.rs"]
mod tests;
