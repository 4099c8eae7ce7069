"""Measures `verify` of releases whose sources lie elsewhere, against programs that fetch and hash."""

import json
import random
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import releases
from measure import Command, Pair, in_turns, peak, run
from peers import Peers
from servers import certificate, served
from setting import Setting, room, say
from table import Row, seconds

LARGE = "data.bin"
FILES, FILE = 3000, 8192
# The CPU time of fullsource over that of the peer.
CPU = 1.2


def measured(setting: Setting) -> list[Row]:
    """A file behind https, claimed by one digest and by two, and a commit behind git's own server."""
    with room(setting, "sources") as place:
        large, repository, tree = place / "served" / LARGE, place / "git" / "code.git", place / "tree"
        large.parent.mkdir()
        releases.random_file(large, setting.scale.served)
        make_repository(repository, tree)
        tls = certificate(place)
        with served(large.parent, place, tls, repository.parent) as origin:
            bench = Bench(setting.peers, place, setting.keys, setting.scale.rounds, origin, tls.authority)
            return [*bench.files(large), bench.commit(repository, tree)]


def make_repository(repository: Path, tree: Path) -> None:
    """A repository of one commit of these files, which are text that packs to about half."""
    chance = random.Random(1)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz_", k=chance.randint(2, 9))) for _ in range(20_000)]
    for number in range(FILES):
        path = tree / f"src/{number // 100:03}/{number % 100:02}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(" ".join(chance.choices(words, k=FILE // 4))[:FILE])
    git = ["git", "--git-dir", repository, "--work-tree", tree, "-c", "user.name=bench", "-c", "user.email=bench"]
    run(["git", "init", "--quiet", "--bare", repository])
    run([*git, "add", "."])
    run([*git, "commit", "--quiet", "--message", "Files"])
    run([*git, "repack", "-adq"])


@dataclass(frozen=True)
class Bench:
    """A server, and what is needed to measure on it."""

    peers: Peers
    place: Path
    keys: Path
    rounds: int
    origin: str
    authority: Path

    def files(self, large: Path) -> list[Row]:
        blake3 = said([self.peers.b3sum, "--no-names", large])[0]
        sha256 = said(["openssl", "dgst", "-sha256", "-r", large])[0]
        url = f"{self.origin}/{LARGE}"
        rows = []
        for digest, then in (
            ({"blake3": blake3}, "b3sum"),
            ({"sha256": sha256}, "openssl dgst -sha256"),
            ({"blake3": blake3, "sha256": sha256}, "b3sum"),
        ):
            hashed = then.replace("b3sum", str(self.peers.b3sum))
            curl = f"curl --silent --fail --cacert {self.authority} {url}"
            command = ["bash", "-c", f"set -o pipefail; {curl} | {hashed}"]
            claim = {"id": "data", "roles": ["data.pretraining"], "digest": digest, "size": large.stat().st_size, "locators": [url]}
            ours, pair = self.compared(claim, command)
            goal = CPU if len(digest) == 1 else None
            rows.append(cpu_row(f"{large.stat().st_size >> 20:,} MiB over https: `verify` of {' and '.join(digest)}", f"curl \\| {then}", ours, pair, goal))
        return rows

    def commit(self, repository: Path, tree: Path) -> Row:
        commit, id_of_tree = (said(["git", "-C", repository, "rev-parse", name])[0] for name in ("HEAD", "HEAD^{tree}"))
        digests = {"gitTree": id_of_tree, "dirHash": said([self.peers.fullsource, "digest", tree])[1]}
        to, url = self.place / "cloned", f"{self.origin}/git/{repository.name}"
        # A new directory each time; removing them is not in the times.
        clone = f"GIT_SSL_CAINFO={self.authority} git clone --quiet --depth 1 {url} {to}/$$"
        command = ["sh", "-c", f"{clone} && git -C {to}/$$ rev-parse HEAD 'HEAD^{{tree}}'"]
        claim = {"id": "code", "roles": ["code.training"], "digest": digests, "locators": [f"git+{url}@{commit}"]}
        try:
            ours, pair = self.compared(claim, command)
        finally:
            shutil.rmtree(to, ignore_errors=True)
        what = f"{FILES:,} files of {FILE // 1024} KiB in git over https: `verify`"
        return row(what, "git clone --depth 1; git rev-parse", ours, pair, "≥ 1×", pair.ratio >= 1)

    def compared(self, claim: dict, command: Command) -> tuple[Command, Pair]:
        """A release with this one artifact, verified and measured: it ends with 0 only where it was seen."""
        say(f"{claim['locators'][0]}: {' '.join(map(str, command))[:60]}…")
        root = self.place / "release"
        root.mkdir(exist_ok=True)
        manifest = {
            "release": {"name": "sources", "producer": {"name": "bench"}},
            "artifacts": [{"id": "readme", "roles": ["doc.model-card"], "files": ["README.md"]}, claim | {"license": "MIT"}],
        }
        (root / "README.md").write_text("Sources\n")
        (root / "fullsource.json").write_text(json.dumps(manifest))
        release = releases.sign(root, [], self.peers.fullsource, self.keys, None)
        allowed = ["--ca-file", self.authority, "--allow-host", self.origin.removeprefix("https://")]
        ours = [self.peers.fullsource, "verify", root, "--key", f"{self.keys}.pub", "--bundle", release.bundle, *allowed]
        return ours, in_turns(ours, command, self.rounds, root)


def said(command: Command) -> list[str]:
    """The words that a command prints."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def cpu_row(what: str, peer: str, ours: Command, pair: Pair, goal: float | None) -> Row:
    met = None if goal is None else pair.ours.cpu <= goal * pair.theirs.cpu
    return row(what, peer, ours, pair, "" if goal is None else f"CPU ≤ {goal}× its", met)


def row(what: str, peer: str, ours: Command, pair: Pair, goal: str, met: bool | None) -> Row:
    return Row(what, seconds(pair.ours), f"`{peer}`", seconds(pair.theirs), f"{pair.ratio:.2f}×",
               f"{peak(ours):.0f} MiB", goal, met)  # fmt: skip
