"""Validators of GitHub, GitLab, YAML and pre-commit judge the files that CI services read, and the
examples of docs/ci.md; pre-commit runs the hooks for real.

usage: ci.py ROOT      (FULLSOURCE: the binary)
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from claims import Claims

ROOT = pathlib.Path(sys.argv[1])
BIN = pathlib.Path(sys.executable).parent
FILES = ["action.yml", "ci/gitlab.yml", ".pre-commit-hooks.yaml"]
LINT = "{extends: default, rules: {line-length: {max: 120}, document-start: disable, truthy: {check-keys: false}}}"

CLAIMS = Claims("ci", (OSError,))
tell = CLAIMS.tell


def run(*command, cwd=ROOT, **more):
    done = subprocess.run(command, cwd=cwd, text=True, capture_output=True, **more)
    return done.returncode, done.stdout + done.stderr


def passes(claim, *command, **more):
    code, said = run(*command, **more)
    tell(code == 0, claim, said)


def fails(claim, says, *command, **more):
    code, said = run(*command, **more)
    tell(code != 0 and says in said, claim, f"{code}: {said}")


def examples():
    """The YAML blocks of docs/ci.md, by the file name in their first line."""
    page = (ROOT / "docs/ci.md").read_text()
    found = {}
    for text in re.findall(r"^```yaml\n(.*?)^```$", page, re.S | re.M):
        name = re.match(r"# ([^ ,\n]+)", text).group(1)
        found.setdefault(name, []).append(text)
    return found


def written(directory):
    """The examples as files, for programs that read files."""
    for name, texts in examples().items():
        for number, text in enumerate(texts):
            path = directory / str(number) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            yield path


def schemas(paths):
    check = [str(BIN / "check-jsonschema"), "--builtin-schema"]
    passes("check-jsonschema accepts `action.yml`", *check, "vendor.github-actions", "action.yml")
    passes("check-jsonschema accepts `ci/gitlab.yml`", *check, "vendor.gitlab-ci", "ci/gitlab.yml")
    kinds = {"verify.yml": "vendor.github-workflows", ".gitlab-ci.yml": "vendor.gitlab-ci"}
    for path in paths:
        if kind := kinds.get(path.name):
            passes(f"check-jsonschema accepts the example `{path.name}`", *check, kind, str(path))
    broken = paths[0].parent / "broken.yml"
    broken.write_text((ROOT / "action.yml").read_text().replace("using: composite", "using: magic"))
    fails("check-jsonschema refuses a broken action", "magic", *check, "vendor.github-actions", str(broken))


def pre_commit_manifests(paths):
    program = str(BIN / "pre-commit")
    passes("pre-commit accepts the hooks", program, "validate-manifest", ".pre-commit-hooks.yaml")
    for path in paths:
        if path.name == ".pre-commit-config.yaml":
            passes("pre-commit accepts the example", program, "validate-config", str(path))
            hooks = re.findall(r"id: (\S+)", path.read_text())
            known = re.findall(r"id: (\S+)", (ROOT / ".pre-commit-hooks.yaml").read_text())
            tell(set(hooks) <= set(known), "the example names hooks that there are", f"{hooks} {known}")


def repository(path, files):
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(text)
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "x"]):
        subprocess.run([*git, *words], cwd=path, check=True)
    return path


def hook_repository(path):
    """What pre-commit clones of this repository, without the sources."""
    files = {name: (ROOT / name).read_bytes() for name in [".pre-commit-hooks.yaml", "ci/install.sh", "ci/pre-commit.sh"]}
    (path / "ci").mkdir(parents=True)
    for name in ("install.sh", "pre-commit.sh"):
        shutil.copy(ROOT / "ci" / name, path / "ci" / name)
    return repository(path, files)


def cargo_at_hand(path):
    """A `cargo install` that hands over the binary that was built already, and counts."""
    path.mkdir()
    program = path / "cargo"
    program.write_text(
        "#!/bin/sh\n"
        'case "$*" in "install --quiet --locked --path "*/crates/fullsource" --root "*) ;; *) exit 9;; esac\n'
        f'echo run >>"{path}/runs"\n'
        'while [ "$1" != --root ]; do shift; done\n'
        'mkdir -p "$2/bin" && cp "$FULLSOURCE" "$2/bin/fullsource"\n'
    )
    program.chmod(0o755)
    return path


def hooks_for_real(work):
    good = (ROOT / "examples/tiny-lm/full-source/fullsource.json").read_bytes()
    bad = good.replace(b'"roles"', b'"rolls"', 1)
    hooks = hook_repository(work / "hooks")
    cargo = cargo_at_hand(work / "cargo")
    link = work / "path"
    link.mkdir()
    (link / "fullsource").symlink_to(os.environ["FULLSOURCE"])
    path = f"{link}:{cargo}:{os.environ['PATH']}"
    environment = {**os.environ, "PRE_COMMIT_HOME": str(work / "home"), "PATH": path}
    both = repository(work / "both", {"a/fullsource.json": good, "b c/fullsource.json": bad, "other.json": b"{"})
    one = repository(work / "one", {"fullsource.json": good, "other.json": b"{"})
    for hook in ("fullsource-check", "fullsource-check-system"):
        command = [str(BIN / "pre-commit"), "try-repo", str(hooks), hook, "--all-files", "--verbose"]
        passes(f"pre-commit runs `{hook}`: a good manifest passes", *command, cwd=one, env=environment)
        fails(f"pre-commit runs `{hook}`: a bad one fails", "missing field `roles`", *command, cwd=both, env=environment)
    runs = (cargo / "runs").read_text().count("run")
    tell(runs >= 1, "the hook builds fullsource itself", f"{runs} builds")


def main():
    for name in FILES:
        passes(f"yamllint accepts `{name}`", str(BIN / "yamllint"), "--strict", "-d", LINT, name)
    with tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        paths = list(written(work / "examples"))
        tell(len(paths) == 4, "finds the examples of docs/ci.md", str(paths))
        for path in paths:
            passes(f"yamllint accepts the example `{path.name}`", str(BIN / "yamllint"), "--strict", "-d", LINT, str(path))
        schemas(paths)
        pre_commit_manifests(paths)
        hooks_for_real(work)
    return CLAIMS.failed


if __name__ == "__main__":
    sys.exit(min(main(), 1))
