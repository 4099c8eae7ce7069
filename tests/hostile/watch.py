"""Notices that a file is read (inotify), to change it meanwhile."""

import ctypes
import os
import struct
import threading
from collections.abc import Callable
from pathlib import Path

IN_ACCESS = 0x1
IN_ONESHOT = 0x80000000
EVENT = struct.Struct("iIII")
libc = ctypes.CDLL(None, use_errno=True)


class Watch:
    """Acts when bytes of a file were read, until closed."""

    def __init__(self) -> None:
        self.queue = libc.inotify_init1(os.O_CLOEXEC)
        if self.queue < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        self.actions: dict[int, Callable[[], None]] = {}
        threading.Thread(target=self.follow, daemon=True).start()

    def once(self, path: Path, action: Callable[[], None]) -> None:
        number = libc.inotify_add_watch(self.queue, os.fsencode(path), IN_ACCESS | IN_ONESHOT)
        if number < 0:
            raise OSError(ctypes.get_errno(), "inotify_add_watch")
        self.actions[number] = action

    def follow(self) -> None:
        """What is read before `close` is acted on; the thread ends with the case's process."""
        while self.queue >= 0:
            events = os.read(self.queue, 4096)
            while events:
                number, mask, _, length = EVENT.unpack_from(events)
                events = events[EVENT.size + length :]
                if mask & IN_ACCESS and number in self.actions:
                    self.actions.pop(number)()

    def close(self) -> None:
        self.actions.clear()
