//! The variables and files that say where an object store is and who asks it.
//!
//! Only what is named here is read, and no other program is asked for a credential.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// Environment variables, as an argument: nobody reads those of the process behind the caller's back.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// These variables.
    pub fn of(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(variables.into_iter().filter(|(_, value)| !value.is_empty()).collect())
    }

    /// Those of this process. What is not UTF-8 is left out.
    pub fn of_process() -> Self {
        let variables = std::env::vars_os();
        Self::of(variables.filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }))
    }

    /// The value of a variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The first of these that is set.
    pub(super) fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    /// The same with what the shared AWS files hold: the profile `AWS_PROFILE`, or `default`, of
    /// `~/.aws/credentials` and `~/.aws/config`, or of the files that `AWS_SHARED_CREDENTIALS_FILE` and
    /// `AWS_CONFIG_FILE` name. What is set already stays.
    pub(super) fn with_aws_profile(&self) -> Self {
        let mut with = self.clone();
        let profile = aws_profile(self);
        let mut take = |variable: &str, name: &str| {
            if let Some(value) = profile.get(name).filter(|value| !value.is_empty()) {
                with.0.entry(variable.to_owned()).or_insert_with(|| value.clone());
            }
        };
        if self.first(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]).is_none() {
            take("AWS_ACCESS_KEY_ID", "aws_access_key_id");
            take("AWS_SECRET_ACCESS_KEY", "aws_secret_access_key");
            take("AWS_SESSION_TOKEN", "aws_session_token");
        }
        if self.first(&["AWS_REGION", "AWS_DEFAULT_REGION"]).is_none() {
            take("AWS_REGION", "region");
        }
        with
    }

    pub(super) fn has(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.get(name).is_some())
    }

    /// A text without any value of a variable that may be secret.
    pub(super) fn scrubbed(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in &self.0 {
            let ours = STORES.iter().any(|prefix| name.starts_with(prefix));
            let secret = ours && SECRET.iter().any(|part| name.contains(part));
            if secret && value.len() >= 4 && text.contains(value.as_str()) {
                text = text.replace(value.as_str(), "[secret]");
            }
        }
        text
    }
}

const STORES: [&str; 4] = ["AWS_", "GOOGLE_", "AZURE_", "SERVICE_ACCOUNT"];

/// Parts of the names of variables whose values nobody is to see.
const SECRET: [&str; 6] = ["KEY", "SECRET", "TOKEN", "SAS", "PASSWORD", "CREDENTIAL"];

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// A profile of the shared AWS files; empty where there is none.
fn aws_profile(environment: &Environment) -> BTreeMap<String, String> {
    let name = environment.get("AWS_PROFILE").unwrap_or("default");
    let file = |variable: &str, below_home: &str| {
        let home = || Some(PathBuf::from(environment.get("HOME")?).join(below_home));
        let path = environment.get(variable).map(PathBuf::from).or_else(home)?;
        std::fs::read_to_string(path).ok()
    };
    let config = file("AWS_CONFIG_FILE", ".aws/config").unwrap_or_default();
    let secrets = file("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials").unwrap_or_default();
    let section = if name == "default" { name.to_owned() } else { format!("profile {name}") };
    let mut profile = section_of(&config, &section);
    profile.extend(section_of(&secrets, name));
    profile
}

/// `name = value` of one `[section]`.
fn section_of(text: &str, section: &str) -> BTreeMap<String, String> {
    let mut inside = false;
    let mut values = BTreeMap::new();
    for line in text.lines() {
        let bare = line.trim();
        if let Some(name) = bare.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            inside = name.trim() == section;
        } else if inside
            && !bare.starts_with(['#', ';'])
            // A further line of a value (`s3 =` and its settings) is not ours.
            && !line.starts_with([' ', '\t'])
            && let Some((name, value)) = bare.split_once('=')
        {
            values.insert(name.trim().to_lowercase(), value.trim().to_owned());
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_read_and_no_other() {
        let text = "[default]\naws_access_key_id = A\n# x = y\n[other]\naws_access_key_id=B\ns3 =\n  \
                    region = no\nregion = eu-west-1\n";
        let other = section_of(text, "other");
        assert_eq!(other["aws_access_key_id"], "B");
        assert_eq!(other["region"], "eu-west-1");
        assert_eq!(section_of(text, "default")["aws_access_key_id"], "A");
        assert!(!section_of(text, "default").contains_key("x"));
        assert!(section_of(text, "none").is_empty());
    }

    #[test]
    fn values_are_never_shown() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let environment = Environment::of([pair("AWS_SECRET_ACCESS_KEY", "hush"), pair("A", "")]);
        assert_eq!(format!("{environment:?}"), r#"{"AWS_SECRET_ACCESS_KEY"}"#);
        assert_eq!(environment.scrubbed("a hush b"), "a [secret] b");
        assert_eq!(environment.get("A"), None);
    }
}
