//! A hub on loopback that answers like the documented API of the Hugging Face hub, and the file store
//! on another origin that it redirects to. It can lie, cut and be busy where a test says so.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::http_server::{Asked, HttpServer, Reply};
use super::hub_repo::{File, Gate, Repo};

/// The token of somebody whom every gated and private repository admits.
pub const MEMBER: &str = "hf_member";
/// A token that is good, and that no gated or private repository admits.
pub const STRANGER: &str = "hf_stranger";

/// What goes wrong with a file, so many times.
#[derive(Clone, Copy)]
pub enum Fault {
    /// Another first byte.
    Wrong,
    /// One byte more than is listed.
    Longer,
    /// The connection breaks after so many bytes.
    Cut(usize),
    /// This status; with a `Retry-After` of no seconds for 429.
    Status(u16),
    /// Another commit than the one that was asked for.
    OtherCommit,
    /// Listed, and not there.
    Missing,
    /// The file store is said to have something else.
    OtherLink,
    /// Nothing is said of what the file store has.
    NoLink,
}

#[derive(Default)]
struct State {
    repos: Vec<Repo>,
    faults: Mutex<Vec<(String, Fault, usize)>>,
    store: Mutex<String>,
}

/// Both servers, until dropped.
pub struct HubServer {
    pub hub: HttpServer,
    pub store: HttpServer,
    state: Arc<State>,
}

impl HubServer {
    pub fn start(repos: Vec<Repo>) -> Self {
        let state = Arc::new(State { repos, ..State::default() });
        let (for_hub, for_store) = (Arc::clone(&state), Arc::clone(&state));
        let hub = HttpServer::start(move |asked| for_hub.answer(asked));
        let store = HttpServer::start(move |asked| for_store.answer_store(asked));
        *state.store.lock().unwrap() = store.url("").to_string();
        Self { hub, store, state }
    }

    pub fn endpoint(&self) -> String {
        self.hub.url("").to_string()
    }

    pub fn fault(&self, path: &str, fault: Fault, times: usize) {
        self.state.faults.lock().unwrap().push((path.to_owned(), fault, times));
    }
}

impl State {
    /// What is to go wrong with a file now, where the kind of fault is one of those meant.
    fn fault(&self, path: &str, meant: &dyn Fn(Fault) -> bool) -> Option<Fault> {
        let mut faults = self.faults.lock().unwrap();
        let mut all = faults.iter_mut();
        let found = all.find(|(of, fault, left)| of == path && *left > 0 && meant(*fault))?;
        found.2 -= 1;
        Some(found.1)
    }

    fn answer(&self, asked: &Asked) -> Reply {
        let (path, query) = asked.target.split_once('?').unwrap_or((&asked.target, ""));
        if let Some(fault) = self.fault(path, &|_| true) {
            return status(fault);
        }
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let answer = match parts.as_slice() {
            ["api", "resolve-cache", kind @ ("models" | "datasets"), rest @ ..] => {
                self.bytes(asked, kind, rest)
            }
            ["api", kind @ ("models" | "datasets"), rest @ ..] => {
                self.api(asked, kind, rest, query)
            }
            ["datasets", rest @ ..] => self.resolve(asked, "datasets", rest),
            rest => self.resolve(asked, "models", rest),
        };
        answer.unwrap_or_else(|refusal| refusal)
    }

    /// The repository, where whoever asks may see so much of it.
    fn admit(&self, asked: &Asked, kind: &str, name: &str, files: bool) -> Result<&Repo, Reply> {
        let token = asked.headers.get("authorization").map(|value| value.as_str());
        let token = token.map(|value| value.strip_prefix("Bearer ").unwrap_or_default());
        if token.is_some_and(|token| token != MEMBER && token != STRANGER) {
            return Err(refuse(401, "", "Invalid credentials in Authorization header"));
        }
        let missing = || match token {
            None => refuse(401, "RepoNotFound", "Invalid username or password."),
            Some(_) => refuse(404, "RepoNotFound", "Repository not found"),
        };
        let found = self.repos.iter().find(|repo| repo.kind == kind && repo.name == name);
        let repo = found.ok_or_else(missing)?;
        let gated = repo.gate == Gate::All || (repo.gate == Gate::Files && files);
        match (repo.gate, token) {
            (Gate::Disabled, _) => Err(refuse(403, "", "Access to this resource is disabled.")),
            (_, Some(MEMBER)) => Ok(repo),
            (Gate::Private, _) => Err(missing()),
            _ if !gated => Ok(repo),
            (_, None) => {
                let text = format!(
                    "Access to model {name} is restricted. You must have access to it and be authenticated to access it. Please log in."
                );
                Err(refuse(401, "GatedRepo", &text))
            }
            _ => {
                let text = format!(
                    "Access to model {name} is restricted and you are not in the authorized list. Visit https://hub.example/{name} to ask for access."
                );
                Err(refuse(403, "GatedRepo", &text))
            }
        }
    }

    fn api(&self, asked: &Asked, kind: &str, parts: &[&str], query: &str) -> Result<Reply, Reply> {
        const VERBS: [&str; 3] = ["revision", "tree", "paths-info"];
        let verb = parts.iter().position(|part| VERBS.contains(part));
        let name = parts[..verb.unwrap_or(parts.len())].join("/");
        let repo = self.admit(asked, kind, &name, false)?;
        let Some(verb) = verb else { return Ok(info(repo, query)) };
        let revision = decoded(parts.get(verb + 1).unwrap_or(&""));
        let below = decoded(&parts[(verb + 2).min(parts.len())..].join("/"));
        if revision != repo.commit && !repo.refs.contains(&revision) {
            return Err(refuse(404, "RevisionNotFound", &format!("Invalid rev id: {revision}")));
        }
        match parts[verb] {
            "revision" => Ok(info(repo, query)),
            "tree" => self.tree(asked, repo, &below, query),
            _ => {
                let paths = paths_asked(asked);
                let chosen = |path: &str| paths.iter().any(|wanted| wanted == path);
                Ok(Reply::ok(Value::from(repo.entries(&chosen)).to_string()))
            }
        }
    }

    fn tree(&self, asked: &Asked, repo: &Repo, below: &str, query: &str) -> Result<Reply, Reply> {
        let pairs: BTreeMap<String, String> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        assert!(pairs["recursive"].eq_ignore_ascii_case("true"));
        let inside = format!("{below}/");
        let all = repo.entries(&|path| below.is_empty() || path.starts_with(&inside));
        if all.is_empty() && !below.is_empty() {
            return Err(refuse(404, "EntryNotFound", "the path does not exist"));
        }
        // A cursor that must be decoded, and encoded again.
        let start = pairs.get("cursor").map_or(0, |cursor| {
            cursor.strip_prefix("ü+").unwrap().strip_suffix("==").unwrap().parse().unwrap()
        });
        let end = (start + repo.page).min(all.len());
        let reply = Reply::ok(Value::from(all[start..end].to_vec()).to_string())
            .header("content-type", "application/json");
        if end == all.len() {
            return Ok(reply);
        }
        let (path, _) = asked.target.split_once('?').unwrap();
        let host = &asked.headers["host"];
        let next = format!("http://{host}{path}?recursive=true&cursor=%C3%BC%2B{end}%3D%3D");
        Ok(reply.header("link", &format!("<{next}>; rel=\"next\"")))
    }

    fn resolve(&self, asked: &Asked, kind: &str, parts: &[&str]) -> Result<Reply, Reply> {
        let verb = parts.iter().position(|part| *part == "resolve");
        let verb = verb.ok_or_else(|| Reply::status(404))?;
        let name = parts[..verb].join("/");
        let (repo, path, file) = self.find(asked, kind, &name, &parts[verb + 1..])?;
        if !file.lfs {
            let rest = parts[verb + 1..].join("/");
            let to = format!("/api/resolve-cache/{kind}/{name}/{rest}");
            return Ok(Reply::redirect(307, &to).header("x-repo-commit", &repo.commit));
        }
        if self.fault(&path, &|fault| matches!(fault, Fault::Missing)).is_some() {
            return Err(refuse(404, "EntryNotFound", "Entry not found"));
        }
        let other = self.fault(&path, &|fault| matches!(fault, Fault::OtherLink)).is_some();
        let tag = if other { "0".repeat(64) } else { file.sha256() };
        let unsaid = self.fault(&path, &|fault| matches!(fault, Fault::NoLink)).is_some();
        let store = self.store.lock().unwrap().clone();
        let to = format!("{store}objects/{}?X-Amz-Signature=f00", file.sha256());
        let reply = Reply::redirect(302, &to).header("x-repo-commit", &repo.commit);
        if unsaid {
            return Ok(reply);
        }
        let size = file.bytes.len().to_string();
        Ok(reply.header("x-linked-size", &size).header("x-linked-etag", &format!("\"{tag}\"")))
    }

    /// The bytes of a file kept in git, from the hub's own origin.
    fn bytes(&self, asked: &Asked, kind: &str, parts: &[&str]) -> Result<Reply, Reply> {
        let names = parts.iter().position(|part| part.len() == 40).unwrap();
        let name = parts[..names].join("/");
        let (repo, path, file) = self.find(asked, kind, &name, &parts[names..])?;
        let fault = self.fault(&path, &|_| true);
        let commit = match fault {
            Some(Fault::OtherCommit) => "0".repeat(40),
            _ => repo.commit.clone(),
        };
        let reply = file_reply(asked, file, &file.blob(), fault);
        Ok(reply.header("x-repo-commit", &commit))
    }

    fn find(
        &self,
        asked: &Asked,
        kind: &str,
        name: &str,
        rest: &[&str],
    ) -> Result<(&Repo, String, &File), Reply> {
        let repo = self.admit(asked, kind, name, true)?;
        let (revision, path) = rest.split_first().unwrap();
        if *revision != repo.commit && !repo.refs.iter().any(|name| name == revision) {
            return Err(refuse(404, "RevisionNotFound", "Revision not found"));
        }
        let path = decoded(&path.join("/"));
        let file = repo.files.get(&path);
        let file = file.ok_or_else(|| refuse(404, "EntryNotFound", "Entry not found"))?;
        Ok((repo, path, file))
    }

    fn answer_store(&self, asked: &Asked) -> Reply {
        if asked.headers.contains_key("authorization") {
            return Reply::status(400);
        }
        let sha256 = asked.target.trim_start_matches("/objects/").split('?').next().unwrap();
        let mut files = self.repos.iter().flat_map(|repo| &repo.files);
        let Some((path, file)) = files.find(|(_, file)| file.lfs && file.sha256() == sha256) else {
            return Reply::status(403);
        };
        file_reply(asked, file, sha256, self.fault(path, &|_| true))
    }
}

/// The paths of a question, which the hub takes as JSON and as a form.
fn paths_asked(asked: &Asked) -> Vec<String> {
    if asked.headers["content-type"] == "application/json" {
        let question: Value = serde_json::from_slice(&asked.body).unwrap();
        return serde_json::from_value(question["paths"].clone()).unwrap();
    }
    let form = url::form_urlencoded::parse(&asked.body).into_owned();
    form.filter(|(name, _)| name == "paths").map(|(_, path)| path).collect()
}

fn file_reply(asked: &Asked, file: &File, tag: &str, fault: Option<Fault>) -> Reply {
    let mut bytes = file.bytes.clone();
    match fault {
        Some(Fault::Wrong) => bytes[0] ^= 1,
        Some(Fault::Longer) => bytes.push(b'x'),
        Some(Fault::Missing) => return refuse(404, "EntryNotFound", "Entry not found"),
        Some(fault @ Fault::Status(_)) => return status(fault),
        _ => {}
    }
    let mut reply = Reply::file(asked, &bytes, &format!("\"{tag}\""));
    if let Some(Fault::Cut(after)) = fault {
        reply.cut = Some(after);
    }
    reply
}

fn status(fault: Fault) -> Reply {
    match fault {
        Fault::Status(429) => Reply::status(429).header("retry-after", "0"),
        Fault::Status(status) => Reply::status(status),
        _ => Reply::status(500),
    }
}

fn info(repo: &Repo, query: &str) -> Reply {
    let gated = match repo.gate {
        Gate::Files => json!("auto"),
        Gate::All => json!("manual"),
        _ => json!(false),
    };
    let siblings: Vec<Value> = repo.files.keys().map(|path| json!({ "rfilename": path })).collect();
    let mut all = json!({
        "_id": "1", "id": repo.name, "sha": repo.commit, "gated": gated, "cardData": repo.card,
        "private": repo.gate == Gate::Private, "disabled": false, "siblings": siblings,
    });
    let wanted: Vec<String> = url::form_urlencoded::parse(query.as_bytes())
        .map(|(_, value)| value.into_owned())
        .collect();
    if !wanted.is_empty() {
        let keep = |name: &String| matches!(name.as_str(), "_id" | "id") || wanted.contains(name);
        all.as_object_mut().unwrap().retain(|name, _| keep(name));
    }
    Reply::ok(all.to_string())
}

fn refuse(status: u16, code: &str, message: &str) -> Reply {
    let reply =
        Reply { body: json!({ "error": message }).to_string().into(), ..Reply::status(status) };
    let reply = reply.header("x-error-message", message);
    if code.is_empty() { reply } else { reply.header("x-error-code", code) }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                let digits = std::str::from_utf8(&digits).unwrap();
                bytes.push(u8::from_str_radix(digits, 16).unwrap());
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap()
}
