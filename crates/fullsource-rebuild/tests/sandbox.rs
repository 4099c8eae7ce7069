//! Real commands in real sandboxes. The program is its own sandbox's inside, so that it has its own `main`.

use std::process::ExitCode;

use fullsource_rebuild::sandbox::entered;

fn main() -> ExitCode {
    entered().unwrap_or(ExitCode::SUCCESS)
}
