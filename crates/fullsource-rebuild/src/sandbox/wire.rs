//! What the parts of a sandbox tell each other: JSON behind its length, over a socket, with at most
//! one open directory.

use std::ffi::OsString;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::End;

/// The most that one message may hold: a command line and the places of its inputs.
const LONGEST: usize = 64 << 20;

/// From the caller to the keeper.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Wanted {
    pub(super) start: Start,
    /// Real places, and where they are seen.
    pub(super) shown: Vec<(PathBuf, PathBuf)>,
    /// The same of the tools.
    pub(super) tools: Vec<(PathBuf, PathBuf)>,
    pub(super) directories: Vec<String>,
    pub(super) wall_milliseconds: u64,
    pub(super) scratch: Option<Scratch>,
    /// Who the command is on this machine, where the caller is root.
    pub(super) nobody: u32,
}

/// A temporary directory of the caller: its parent, and its name there.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Scratch {
    pub(super) parent: PathBuf,
    pub(super) name: OsString,
}

/// From the keeper to what becomes the command.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Start {
    pub(super) command: Vec<OsString>,
    pub(super) environment: Vec<(String, OsString)>,
    pub(super) threads: u32,
    pub(super) memory: u64,
    pub(super) disk: u64,
    pub(super) processes: u64,
    /// Its files lie on a disk.
    pub(super) on_disk: bool,
}

/// From within to the caller, and from what becomes the command to the keeper.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Told {
    /// Its program is loaded: the machine's libraries are no longer needed.
    Here,
    /// Everything is shut. With it goes the directory of outputs, where the keeper says it.
    Ready { landlock: Option<u32> },
    /// It is not a sandbox: what is missing, and what to do.
    Unavailable(String),
    /// The command ended, and all that it started.
    Ended(Ended),
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ended {
    pub(super) end: End,
    pub(super) wall_microseconds: u64,
    pub(super) cpu_microseconds: u64,
    pub(super) peak_memory: u64,
}

/// Sends a message, and a directory with it.
pub(super) fn send(
    socket: &UnixStream,
    message: &impl Serialize,
    directory: Option<BorrowedFd<'_>>,
) -> io::Result<()> {
    let text = serde_json::to_vec(message)?;
    let length = (text.len() as u64).to_be_bytes();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut beside = SendAncillaryBuffer::new(&mut space);
    let directories: Vec<_> = directory.into_iter().collect();
    if !directories.is_empty() {
        beside.push(SendAncillaryMessage::ScmRights(&directories));
    }
    let sent = sendmsg(socket, &[IoSlice::new(&length)], &mut beside, SendFlags::NOSIGNAL)?;
    let mut socket = socket;
    socket.write_all(&length[sent..])?;
    socket.write_all(&text)
}

/// The next message, and the directory that came with it; none where the other side has gone.
pub(super) fn receive<T: DeserializeOwned>(
    socket: &UnixStream,
) -> io::Result<Option<(T, Option<OwnedFd>)>> {
    let mut length = [0; 8];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut beside = RecvAncillaryBuffer::new(&mut space);
    let flags = RecvFlags::CMSG_CLOEXEC;
    let got = rustix::io::retry_on_intr(|| {
        recvmsg(socket, &mut [IoSliceMut::new(&mut length)], &mut beside, flags)
    })?;
    if got.bytes == 0 {
        return Ok(None);
    }
    let mut socket = socket;
    socket.read_exact(&mut length[got.bytes..])?;
    let length = usize::try_from(u64::from_be_bytes(length)).unwrap_or(usize::MAX);
    if length > LONGEST {
        return Err(io::Error::other("a message within the sandbox is too long"));
    }
    let mut text = vec![0; length];
    socket.read_exact(&mut text)?;
    let directory = beside.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut directories) => directories.next(),
        _ => None,
    });
    Ok(Some((serde_json::from_slice(&text)?, directory)))
}
