//! A signed release on a server of the tests' own, and a place to fetch it to.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::fs;

use crate::command::{Outcome, Place, Run};
use crate::http_server::{HttpServer, Served};

/// Bytes of the large file.
pub const LARGE: u64 = 4 << 20;

/// A signed release on a server, and a place to fetch it to.
pub struct Published {
    /// Holds the release `demo`; it is fetched to `out`.
    pub place: Place,
    /// Serves all of the place.
    pub server: HttpServer,
}

impl Default for Published {
    fn default() -> Self {
        Self::new()
    }
}

impl Published {
    /// The release `demo` with a large file and names that have to be encoded.
    pub fn new() -> Self {
        let place = Place::new();
        let large: Vec<u8> = (0..LARGE as u32).map(|i| (i.wrapping_mul(i) >> 9) as u8).collect();
        fs::write(place.at("demo/large.bin.txt"), large).unwrap();
        fs::create_dir(place.at("demo/a b#c?d")).unwrap();
        fs::write(place.at("demo/a b#c?d/100%25 ü.txt"), "named").unwrap();
        fs::write(place.at("demo/empty.txt"), "").unwrap();
        fs::write(place.at("demo/also-empty.txt"), "").unwrap();
        Self::signed(place)
    }

    /// The release `demo` of a place, as it is now.
    pub fn signed(place: Place) -> Self {
        place.run(&["sign", "demo", "--key", "alice.key"]).expect(0, &[]);
        let server = HttpServer::start(&place.path().canonicalize().unwrap());
        Self { place, server }
    }

    /// The arguments of a fetch.
    pub fn args(&self) -> Vec<String> {
        let bundle = self.server.url("demo/fullsource.sigstore.json");
        let origin = self.server.origin();
        let args = ["fetch", &bundle, "--to", "out", "--key", "alice.pub", "--allow-host", &origin];
        args.map(str::to_owned).to_vec()
    }

    /// A fetch, with more arguments.
    pub fn command(&self, more: &[&str]) -> Run {
        let more = more.iter().map(|arg| (*arg).to_owned());
        Run::new(self.place.path(), self.args().into_iter().chain(more))
    }

    /// A fetch, run.
    pub fn fetch(&self) -> Outcome {
        self.command(&[]).run()
    }

    /// What came, verified.
    pub fn verify(&self) -> Outcome {
        self.place.run(&["verify", "out", "--key", "alice.pub"])
    }

    /// No file has its final name that is not the one that was signed.
    pub fn check_names(&self) {
        self.below("", &mut |path| {
            if !path.starts_with(".fullsource-partial") {
                let (came, signed) = (self.place.at("out"), self.place.at("demo"));
                let equal =
                    fs::read(came.join(path)).unwrap() == fs::read(signed.join(path)).unwrap();
                assert!(equal, "{path} is not what was signed");
            }
        });
    }

    fn below(&self, directory: &str, see: &mut dyn FnMut(&str)) {
        let Ok(entries) = fs::read_dir(self.place.at("out").join(directory)) else { return };
        for entry in entries {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let path = if directory.is_empty() { name } else { format!("{directory}/{name}") };
            match entry.file_type().unwrap().is_dir() {
                true => self.below(&path, see),
                false => see(&path),
            }
        }
    }

    /// After a whole fetch: it verifies, and nothing is left over.
    pub fn check_whole(&self) {
        self.verify().expect(0, &["PASS"]);
        assert!(!self.place.at("out/.fullsource-partial").exists());
    }

    /// Bytes that came of files without their names yet.
    pub fn parts(&self) -> u64 {
        let Ok(parts) = fs::read_dir(self.place.at("out/.fullsource-partial")) else { return 0 };
        parts.map(|part| part.unwrap().metadata().unwrap().len()).sum()
    }

    /// What was asked for of files whose paths end like this.
    pub fn asked_for(&self, ending: &str) -> Vec<Served> {
        self.server.log().into_iter().filter(|served| served.path.ends_with(ending)).collect()
    }
}
