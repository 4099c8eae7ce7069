"""Measures `fullsource verify` of files in a release, against programs that hash or verify them."""

import os
import time
from pathlib import Path

import releases
from measure import Command, alone, in_turns, peak, run, typical
from releases import Release
from setting import Setting, room, say
from table import Row, cpu_row, pair_row, seconds

# Seconds after which the times of a file are taken at their word (spec/v0.1/digest.md, tree-16).
SETTLED = 61
# Milliseconds of a second look at a thousand unchanged files, with `--trust-mtime`.
UNREAD = 20


def measured(setting: Setting) -> list[Row]:
    with room(setting, "files") as place:
        large = signed(setting, place / "large", "weights", 8, setting.scale.large // 8)
        one = signed(setting, place / "one", "weights", 1, setting.scale.large)
        small = signed(setting, place / "small", "small", setting.scale.small, 4096)
        size = f"{setting.scale.large >> 20:,} MiB"
        return [
            *compared(setting, large, f"{size} in 8 files", goals=(1.2, 1, 1)),
            *ceiling(setting, large, f"{size} in 8 files"),
            *compared(setting, one, f"{size} in one file", goals=(1, None, None)),
            one_pass(setting, large, f"{size} in 8 files"),
            *on_threads(setting, large, f"{size} in 8 files"),
            *compared(setting, small, f"{setting.scale.small:,} files of 4 KiB", goals=(1 / 1.5, None, 8)),
            *unread(setting, place, small),
            *started(setting, large.bundle),
        ]


def signed(setting: Setting, root: Path, kind: str, count: int, size: int) -> Release:
    say(f"{root.name}: making {count:,} files of {size:,} bytes and signing them")
    files = releases.make(root, kind, count, size)
    return releases.sign(root, files, setting.peers.fullsource, setting.keys, setting.peers.model_signing)


def verify(setting: Setting, release: Release, digests: str) -> Command:
    """The command under test. `weights-only` asks for signature and files, as the peers do, and wants
    both digests."""
    policy = ["--policy", "weights-only"] if digests == "all" else []
    given = ["--key", f"{setting.keys}.pub", "--bundle", release.bundle, "--digests", digests]
    return [setting.peers.fullsource, "verify", release.root, *given, *policy]


def named(release: Release, *command: str | Path) -> Command:
    """A command on all files of a release, whose names it is given."""
    listed = release.root.with_suffix(".list")
    listed.write_bytes(b"".join(name.encode() + b"\0" for name in release.files))
    return ["xargs", "-0", "-a", listed, *command]


def halves(release: Release) -> list[str]:
    """What makes two processes of `xargs` share the files."""
    return ["-P2", "-n", str(-(-len(release.files) // 2))]


def compared(setting: Setting, release: Release, what: str, goals: tuple[float | None, ...]) -> list[Row]:
    """Three settings of `verify --digests` against the peers that compute the same digests."""
    oms = [setting.peers.model_signing, "verify", "key", release.root, "--signature", release.oms]
    plan = [
        ("blake3", "b3sum", named(release, setting.peers.b3sum), goals[0]),
        ("sha256", "xargs -P2 openssl dgst -sha256", named(release, *halves(release), "openssl", "dgst", "-sha256"), goals[1]),
        ("sha256", "sha256sum", named(release, "sha256sum"), None),
        ("all", "model_signing verify key", [*oms, "--public_key", f"{setting.keys}.pub"], goals[2]),
    ]
    rows = []
    for digests, peer, command, goal in plan:
        say(f"{what}: {digests} against {peer}")
        ours = verify(setting, release, digests)
        pair = in_turns(ours, command, setting.scale.rounds, release.root)
        rows.append(pair_row(f"{what}: `verify --digests {digests}`", peer, pair, peak(ours), goal))
    return rows


def ceiling(setting: Setting, release: Release, what: str) -> list[Row]:
    """How near this is to a program that reads the same bytes on as many cores and does nothing with them."""
    ours = verify(setting, release, "blake3")
    pair = in_turns(ours, named(release, *halves(release), "cat"), setting.scale.rounds, release.root)
    return [pair_row(f"{what}: `verify --digests blake3`", "xargs -P2 cat", pair, peak(ours), None)]


def one_pass(setting: Setting, release: Release, what: str) -> Row:
    """Both digests in one pass, against a pass for each."""
    say(f"{what}: one pass for both digests")
    apart = ("blake3", "sha256")
    # Without the policy, which the others do not have.
    both = verify(setting, release, "all")[:-2]
    run(both)
    rounds = [[run(both), *(run(verify(setting, release, one)) for one in apart)] for _ in range(setting.scale.rounds)]
    ours, *theirs = (typical(list(costs)) for costs in zip(*rounds, strict=True))
    peer = "the same with `blake3`, then with `sha256`"
    return cpu_row(f"{what}: `verify --digests all`", peer, ours, theirs, peak(both), 1.0)


def on_threads(setting: Setting, release: Release, what: str) -> list[Row]:
    """On one core, with as many threads, against b3sum held to the same."""
    rows = []
    for cores in ("0", "0,1")[: os.cpu_count()]:
        held: Command = ["taskset", "--cpu-list", cores]
        count = cores.count(",") + 1
        say(f"{what}: on {count} core(s)")
        ours = [*held, *verify(setting, release, "blake3")]
        theirs = named(release, *held, setting.peers.b3sum, "--num-threads", str(count))
        pair = in_turns(ours, theirs, setting.scale.rounds, release.root)
        name = f"{what}, {count} thread{'s' * (count > 1)}: `verify --digests blake3`"
        rows.append(pair_row(name, f"b3sum --num-threads {count}", pair, peak(ours), None))
    return rows


def unread(setting: Setting, place: Path, small: Release) -> list[Row]:
    """A second look at what did not change, where this build can go by the times of files."""
    if "--trust-mtime" not in setting.peers.options("verify"):
        say("no --trust-mtime in this build: not measured")
        return []
    few = signed(setting, place / "few", "small", 1000, 4096)
    say(f"waiting {SETTLED} s: younger files are read again")
    time.sleep(SETTLED)
    return [second_look(setting, place, release) for release in (few, small)]


def second_look(setting: Setting, place: Path, release: Release) -> Row:
    count = len(release.files)
    say(f"{count:,} files: --trust-mtime")
    ours = ["env", f"FULLSOURCE_CACHE={place / 'cache'}", *verify(setting, release, "all")[:-2], "--trust-mtime"]
    cost = alone(ours, 3 * setting.scale.rounds)
    most = UNREAD * count / 1_000_000
    what = f"{count:,} files of 4 KiB, unchanged: `verify --trust-mtime`, second run"
    goal = f"< {UNREAD} ms per 1,000 files"
    return Row(what, seconds(cost), "", "", "", f"{peak(ours):.0f} MiB", goal, cost.wall < most)


def started(setting: Setting, bundle: Path) -> list[Row]:
    """CPU time of commands that do next to nothing."""
    rows = []
    for what, command in (("--version", ["--version"]), ("inspect", ["inspect", bundle])):
        ours = [setting.peers.fullsource, *command]
        cost = alone(ours, 20 * setting.scale.rounds)
        text = f"CPU {cost.cpu * 1000:.1f} ms (from start to exit {cost.wall * 1000:.1f} ms)"
        rows.append(Row(f"`{what}`", text, "", "", "", f"{peak(ours):.0f} MiB", "CPU < 10 ms", cost.cpu < 0.010))
    return rows
