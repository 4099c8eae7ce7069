//! A web server for `git http-backend`, on this machine and for one test. The first part of a path says
//! how it behaves, the rest is the repository below the root.
//!
//! `/plain/` as git does; `/v0/` without newer versions of the protocol; `/STATUS/` answers with that;
//! `/moved/` redirects to `/plain/`; `/flip-N/` changes the N-th byte of each pack; `/cut-N/` breaks off
//! N bytes into each pack, `/once-N/` into the first, and `/short-N/` ends there as if it were whole;
//! `/text/` answers 200 with a page for people.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use super::git_repository::git_command;

/// A server that runs as long as the test.
pub struct GitServer {
    port: u16,
    /// What was asked, one line each: method, path, and the lines of the body's packets.
    pub asked: Arc<Mutex<Vec<String>>>,
}

impl GitServer {
    /// Serves the repositories below a directory.
    pub fn start(root: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (root, seen) = (root.to_owned(), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (root, seen) = (root.clone(), Arc::clone(&seen));
                std::thread::spawn(move || answer(stream.unwrap(), &root, &seen));
            }
        });
        Self { port, asked }
    }

    /// The address of a repository that behaves in a way.
    pub fn url(&self, behaviour: &str, repository: &str) -> String {
        format!("http://127.0.0.1:{}/{behaviour}/{repository}", self.port)
    }
}

struct Question {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Question {
    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }
}

fn read_question(stream: &TcpStream) -> Option<Question> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let (path, query) = (path.to_owned(), query.to_owned());
    let mut question = Question { method, path, query, headers, body: Vec::new() };
    let length = question.header("content-length").parse().unwrap_or(0);
    question.body.resize(length, 0);
    reader.read_exact(&mut question.body).ok()?;
    Some(question)
}

fn answer(mut stream: TcpStream, root: &Path, seen: &Mutex<Vec<String>>) {
    let Some(question) = read_question(&stream) else { return };
    let body = String::from_utf8_lossy(&question.body).replace('\n', " ");
    seen.lock().unwrap().push(format!("{} {} {body}", question.method, question.path));
    let (behaviour, path) = question.path[1..].split_once('/').unwrap_or(("", ""));
    if let Ok(status) = behaviour.parse::<u16>() {
        return say(&mut stream, &format!("{status} No"), "text/plain", b"no");
    }
    match behaviour {
        "text" => return say(&mut stream, "200 OK", "text/html", b"<!DOCTYPE html>"),
        "moved" => {
            let target = format!("/plain/{path}?{}", question.query);
            let head = format!(
                "HTTP/1.1 301 Moved\r\nlocation: {target}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
            let _ = stream.write_all(head.as_bytes());
            return;
        }
        _ => {}
    }
    let (status, media, mut content) = backend(&question, path, root, behaviour == "v0");
    let pack = content.windows(4).position(|four| four == b"PACK");
    let number = behaviour.split_once('-').and_then(|(_, number)| number.parse::<usize>().ok());
    let mut length = content.len();
    let packs = seen.lock().unwrap().iter().filter(|line| line.contains("command=fetch")).count();
    if let (Some(pack), Some(number)) = (pack, number) {
        let at = (pack + number).min(content.len());
        match behaviour.split_once('-').unwrap().0 {
            "flip" => content[at] ^= 0x10,
            "cut" => content.truncate(at),
            "once" if packs == 1 => content.truncate(at),
            "once" => {}
            "short" => {
                content.truncate(at);
                length = at;
            }
            other => panic!("`{other}` is no behaviour"),
        }
    }
    say_length(&mut stream, &status, &media, &content, length);
}

/// Asks `git http-backend`.
fn backend(question: &Question, path: &str, root: &Path, v0: bool) -> (String, String, Vec<u8>) {
    let mut command = git_command(root);
    command
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("PATH_INFO", format!("/{path}"))
        .env("QUERY_STRING", &question.query)
        .env("REQUEST_METHOD", &question.method)
        .env("CONTENT_TYPE", question.header("content-type"))
        .env("CONTENT_LENGTH", question.body.len().to_string())
        .env("REMOTE_ADDR", "127.0.0.1");
    if !v0 {
        command.env("GIT_PROTOCOL", question.header("git-protocol"));
    }
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("this test needs git http-backend (Debian: git)");
    let _ = child.stdin.take().unwrap().write_all(&question.body);
    let output = child.wait_with_output().unwrap().stdout;
    let end = output.windows(4).position(|four| four == b"\r\n\r\n");
    let end = end.expect("this test needs git http-backend (Debian: git)");
    let (mut status, mut media) = ("200 OK".to_owned(), String::new());
    for line in String::from_utf8_lossy(&output[..end]).lines() {
        let (name, value) = line.split_once(": ").unwrap();
        match name {
            "Status" => value.clone_into(&mut status),
            "Content-Type" => value.clone_into(&mut media),
            _ => {}
        }
    }
    (status, media, output[end + 4..].to_vec())
}

fn say(stream: &mut TcpStream, status: &str, media: &str, content: &[u8]) {
    say_length(stream, status, media, content, content.len());
}

fn say_length(stream: &mut TcpStream, status: &str, media: &str, content: &[u8], length: usize) {
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {media}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(content);
}

/// Below which repositories of a test lie.
pub fn root() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("root");
    std::fs::create_dir(&path).unwrap();
    (directory, path)
}
