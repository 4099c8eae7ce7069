//! Signals: Ctrl-C asks to stop where nothing is left half-done, and a file that grows too large is
//! an error like any other.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::flag;

use crate::exit::{Exit, Failure};

/// Raised by the first signal that asks to stop.
static STOP: LazyLock<Arc<AtomicBool>> = LazyLock::new(|| {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // Where it cannot be caught, the signal ends the process at once, as before.
        // A second one ends it at once in any case: a disk may never answer.
        let _ = flag::register_conditional_shutdown(
            signal,
            Exit::Interrupted as i32,
            Arc::clone(&stop),
        );
        let _ = flag::register(signal, Arc::clone(&stop));
    }
    stop
});

/// Raised once the user wants an end. Before the first call a signal ends the process at once; from
/// then on it is for the caller to look.
pub(crate) fn stop_flag() -> Arc<AtomicBool> {
    Arc::clone(&STOP)
}

/// Fails where the user wants an end.
pub(crate) fn unless_stopped() -> Result<(), Failure> {
    if STOP.load(Ordering::Relaxed) { Err(Failure::interrupted()) } else { Ok(()) }
}

/// Lets a write beyond the limit on file sizes (`ulimit -f`) fail instead of killing the process,
/// which would leave its temporary file behind.
pub(crate) fn catch_file_size_limit() {
    let _ = flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
}
