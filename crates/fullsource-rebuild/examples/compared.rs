//! Holds a file against another as outputs are held against what is claimed, and says what came of it:
//! `compared CLAIMED MADE`.

use std::error::Error;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use fullsource_collect::directory::Directory;
use fullsource_collect::progress::Progress;
use fullsource_format::path::RelPath;
use fullsource_rebuild::compare::{self, Form, Side};

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [claimed, made] = &paths[..] else { return Err("two files are needed".into()) };
    let (claimed, made) = (opened(claimed)?, opened(made)?);
    let (claimed, made) = (side(&claimed), side(&made));
    let told = compare::output(&"output".parse()?, claimed, made, None, &Progress::default())?;
    writeln!(io::stdout(), "{} {:?}", told.grade.as_str(), told.tensors)?;
    Ok(())
}

const fn side((root, files): &(Directory, [RelPath; 1])) -> Side<'_> {
    Side { root, files, form: Form::File }
}

fn opened(path: &Path) -> Result<(Directory, [RelPath; 1]), Box<dyn Error>> {
    let name = path.file_name().and_then(|name| name.to_str()).ok_or("a file has a name")?;
    Ok((Directory::open(path.parent().ok_or("a file lies somewhere")?)?, [name.parse()?]))
}
