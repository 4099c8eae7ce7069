//! Looks for the content of a file in others, as weights are looked for in sources, and says what was found and how
//! fast: `scanned OUTPUT INPUT...`.

use std::error::Error;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use fullsource_collect::directory::Directory;
use fullsource_collect::hash::open_file;
use fullsource_collect::progress::Progress;
use fullsource_format::path::RelPath;
use fullsource_rebuild::copies::Stretches;

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [output, inputs @ ..] = &paths[..] else { return Err("an output is needed".into()) };
    let (root, file) = opened(output)?;
    let (id, progress) = ("output".parse()?, Progress::default());
    let stretches = Stretches::of(&id, &root, &[file], true, b"seed", &progress)?;
    for input in inputs {
        let (root, file) = opened(input)?;
        let (mut opened, size) = open_file(&root, &file)?;
        let start = Instant::now();
        let copies = stretches.find(&id, file.as_str(), &mut opened, &progress)?;
        let seconds = start.elapsed().as_secs_f64();
        let speed = size as f64 / 1e6 / seconds;
        let bytes: u64 = copies.iter().map(|copy| copy.bytes.0).sum();
        let unseen = stretches.unseen();
        writeln!(
            io::stdout(),
            "{file}: {} copies, {bytes} bytes; {speed:.0} MB/s; {unseen:?}",
            copies.len()
        )?;
    }
    Ok(())
}

fn opened(path: &Path) -> Result<(Directory, RelPath), Box<dyn Error>> {
    let name = path.file_name().and_then(|name| name.to_str()).ok_or("a file has a name")?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    Ok((Directory::open(parent.unwrap_or(Path::new(".")))?, name.parse()?))
}
