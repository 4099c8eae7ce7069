//! The licence that a package's description of itself names.

use super::kind::PackageKind;
use crate::read::json::Value;
use crate::read::yaml;

/// JSON values of a `package.json`.
const VALUES: usize = 100_000;

/// The licences, as they stand. Of TOML and of `setup.cfg` only lines of the plainest form are read.
pub(super) fn licenses(kind: PackageKind, bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    match kind {
        PackageKind::Cargo => lines(&text, &["package", "workspace.package"]),
        PackageKind::Pyproject => lines(&text, &["project", "tool.poetry"]),
        PackageKind::SetupCfg => lines(&text, &["metadata"]),
        PackageKind::Npm => {
            Value::parse(bytes, VALUES).ok().as_ref().map(of_value).unwrap_or_default()
        }
        PackageKind::Citation => yaml::parse(bytes).as_ref().map(of_value).unwrap_or_default(),
    }
}

fn of_value(document: &Value) -> Vec<String> {
    let license = document.get("license");
    let license = license.map(|license| license.get("type").unwrap_or(license));
    let texts = match license {
        Some(Value::String(text)) => vec![text.clone()],
        Some(list) => list.items().iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        None => Vec::new(),
    };
    texts.into_iter().filter(|text| !text.to_lowercase().starts_with("see license")).collect()
}

/// `license = "MIT"`, `license = {text = "MIT"}` and `license = MIT` in one of the sections.
fn lines(text: &str, sections: &[&str]) -> Vec<String> {
    let (mut inside, mut found) = (false, Vec::new());
    for line in text.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[').and_then(|line| line.split(']').next()) {
            inside = sections.contains(&section.trim());
            continue;
        }
        let Some((key, value)) = line.split_once('=') else { continue };
        if inside && key.trim() == "license" {
            found.extend(value_of(value.trim()));
        }
    }
    found
}

fn value_of(value: &str) -> Option<String> {
    let value = match value.strip_prefix('{') {
        Some(table) => {
            let (key, value) = table.trim().split_once('=')?;
            (key.trim() == "text").then_some(value.trim())?
        }
        None => value,
    };
    let quoted = |quote| value.strip_prefix(quote)?.split(quote).next();
    let value = quoted('"').or_else(|| quoted('\'')).unwrap_or(value).trim();
    let plain = !value.is_empty() && value.len() <= 200 && !value.contains(['{', '"']);
    plain.then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_name_their_licences() {
        use PackageKind::*;
        for (kind, text, license) in [
            (
                Cargo,
                "[package]\nname='x'\nlicense = \"MIT OR Apache-2.0\" # both\n",
                "MIT OR Apache-2.0",
            ),
            (Pyproject, "[project]\nlicense = {text = 'MIT'}\n", "MIT"),
            (Pyproject, "[tool.poetry]\nlicense = \"ISC\"\n", "ISC"),
            (SetupCfg, "[metadata]\nlicense = BSD-3-Clause\n", "BSD-3-Clause"),
            (Npm, r#"{"license": "MIT"}"#, "MIT"),
            (Npm, r#"{"license": {"type": "MIT", "url": "x"}}"#, "MIT"),
            (Citation, "title: x\nlicense: Apache-2.0\n", "Apache-2.0"),
        ] {
            assert_eq!(licenses(kind, text.as_bytes()), [license], "{text}");
        }
        for (kind, text) in [
            (Cargo, "[dependencies]\nlicense = \"1.0\"\n"),
            (Pyproject, "[project]\nlicense = {file = \"LICENSE\"}\n"),
            (Npm, r#"{"license": "SEE LICENSE IN x"}"#),
            (Npm, "{"),
        ] {
            assert_eq!(licenses(kind, text.as_bytes()), [""; 0], "{text}");
        }
    }
}
