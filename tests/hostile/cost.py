"""Runs a command, and writes to a descriptor how many KiB of memory it took at most.

A process counts as its own what the one had that started it, so a small one has to start it.
"""

import os
import resource
import subprocess
import sys

status = subprocess.call(sys.argv[2:])
os.write(int(sys.argv[1]), b"%d" % resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(status if status >= 0 else 128 - status)
