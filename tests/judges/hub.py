"""The hub's own client judges the hub that our tests ask: it finds one there.

usage: hub.py ROOT     (ROOT is the repository; needs cargo)
"""

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from claims import Claims

SERVE = "cargo test --quiet --locked --workspace --test hub -- --ignored --nocapture --exact serve"


def main(root: Path) -> int:
    with tempfile.TemporaryDirectory() as directory, hub(root) as told:
        work = Path(directory)
        # The client reads its environment when it is imported.
        os.environ |= {"HF_ENDPOINT": told["endpoint"].rstrip("/"), "HF_HOME": str(work / "home")}
        os.environ |= {"HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
        repos = {repo["name"]: repo for repo in told["repos"]}
        return judge_bytes(repos, work) + judge_questions(repos) + judge_refusals(repos)


@contextlib.contextmanager
def hub(root: Path) -> Iterator[dict]:
    """Our hub while it runs: where it is, and what it holds."""
    pipe = subprocess.PIPE
    server = subprocess.Popen(SERVE.split(), cwd=root, stdin=pipe, stdout=pipe, text=True)
    try:
        yield next(json.loads(line[4:]) for line in server.stdout if line.startswith("HUB "))
    finally:
        server.communicate()
    if server.returncode != 0:
        raise RuntimeError("a token was sent to the file store")


def judge_bytes(repos: dict[str, dict], work: Path) -> int:
    """Whole repositories, open and behind a gate, to the last byte."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError

    claims = Claims("huggingface_hub", (HfHubHTTPError,))
    tokens = {"org/name": False, "squad": False, "org/gated": "hf_member", "org/private": "hf_member"}
    for name, token in tokens.items():
        kind, commit, files = (repos[name][key] for key in ("kind", "commit", "files"))
        target = work / name
        at = {"repo_type": kind.removesuffix("s"), "revision": commit, "local_dir": target, "token": token}
        claims.accepts(f"{name} at its commit", lambda: snapshot_download(name, **at))
        claims.tell(sha256s(target) == files, f"has the same bytes of {name}", "they differ")
    return claims.failed


def sha256s(directory: Path) -> dict[str, str]:
    paths = (path.relative_to(directory) for path in directory.rglob("*") if path.is_file())
    own = (path for path in paths if path.parts[0] != ".cache")
    return {str(path): hashlib.sha256((directory / path).read_bytes()).hexdigest() for path in own}


def judge_questions(repos: dict[str, dict]) -> int:
    """Branches and paths."""
    from huggingface_hub import HfApi

    claims, api = Claims("huggingface_hub", ()), HfApi(token=False)
    commit = repos["org/name"]["commit"]
    found = api.model_info("org/name", revision="main", expand=["sha"]).sha
    claims.tell(found == commit, "finds the commit of a branch", str(found))
    asked = ["a b", "README.md", "none"]
    found = sorted(entry.path for entry in api.get_paths_info("org/name", asked, revision=commit))
    claims.tell(found == ["README.md", "a b"], "finds a file and a directory by their paths", str(found))
    return claims.failed


def judge_refusals(repos: dict[str, dict]) -> int:
    """What is not to be had, and why not."""
    from huggingface_hub import HfApi, errors, hf_hub_url

    claims = Claims("huggingface_hub", ())
    commit = repos["org/name"]["commit"]

    def info(name: str, token: str | bool = False, revision: str | None = None) -> object:
        return HfApi(token=token).model_info(name, revision=revision)

    def file(name: str, path: str, token: str | bool = False) -> object:
        url = hf_hub_url(name, path, revision=commit)
        return HfApi(token=token).get_hf_file_metadata(url=url, token=token)

    def refuses(what: str, error: type[Exception], act: Callable[[], object]) -> None:
        raised: object = "it was served"
        try:
            act()
        except errors.HfHubHTTPError as refusal:
            raised = refusal
        claims.tell(type(raised) is error, f"refuses {what} as {error.__name__}", repr(raised))

    gated, missing = errors.GatedRepoError, errors.RepositoryNotFoundError
    refuses("a gated file", gated, lambda: file("org/gated", "README.md"))
    refuses("a gated file to a stranger", gated, lambda: file("org/gated", "README.md", "hf_stranger"))
    refuses("a private repository", missing, lambda: info("org/private"))
    refuses("a private repository to a stranger", missing, lambda: info("org/private", "hf_stranger"))
    refuses("a missing repository", missing, lambda: info("org/none"))
    refuses("a disabled repository", errors.DisabledRepoError, lambda: info("org/disabled", "hf_member"))
    refuses("a missing revision", errors.RevisionNotFoundError, lambda: info("org/name", revision="v2"))
    refuses("a missing file", errors.RemoteEntryNotFoundError, lambda: file("org/name", "none"))
    return claims.failed


if __name__ == "__main__":
    sys.exit(min(main(Path(sys.argv[1])), 1))
