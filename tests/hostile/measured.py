"""Runs a command, and writes to a file how it ended and the most memory that it had, in KiB.

usage: measured.py FILE COMMAND...

A process of its own, and a small one: what Linux counts for a child begins with the memory of who started it.
"""

import os
import sys

if __name__ == "__main__":
    file, *command = sys.argv[1:]
    _, status, usage = os.wait4(os.posix_spawnp(command[0], command, os.environ), 0)
    with open(file, "w") as out:
        out.write(f"{os.waitstatus_to_exitcode(status)} {usage.ru_maxrss}")
