"""What stands beside the objects of a repository: links, files that lead elsewhere, settings, refs."""

from corpus import case
from place import Place
from repositories import UNCHECKED, Repository

# --- what stands beside the objects ---


@case("git/alternates", "The objects lie in another repository, to which a file leads.", **UNCHECKED)
def alternates(place: Place) -> list[str]:
    repository, other = Repository(place), Repository(place, "other.git")
    commit = other.commit(other.tree())
    (repository.path / "refs" / "heads" / "main").write_text(commit + "\n")
    (repository.path / "objects" / "info" / "alternates").write_text(f"{other.path}/objects\n")
    return repository.claimed(commit)


@case("git/gitdir-file", "A `.git` that is a file, which leads to a repository elsewhere.", **UNCHECKED)
def gitdir_file(place: Place) -> list[str]:
    repository = Repository(place)
    commit = repository.commit(repository.tree())
    repository.path.rename(place.root / "outside" / "code.git")
    repository.path.mkdir()
    (repository.path / ".git").write_text(f"gitdir: {place.root}/outside/code.git\n")
    return repository.claimed(commit)


@case("git/objects-behind-a-link", "The directory of objects is a link to another place.", **UNCHECKED)
def objects_behind_a_link(place: Place) -> list[str]:
    repository = Repository(place)
    commit = repository.commit(repository.tree())
    (repository.path / "objects").rename(place.root / "outside" / "objects")
    (repository.path / "objects").symlink_to("../../outside/objects")
    return repository.claimed(commit)


@case("git/path-that-climbs", "A path that starts below what is allowed, and climbs out.", **UNCHECKED)
def path_that_climbs(place: Place) -> list[str]:
    repository = Repository(place)
    commit = repository.commit(repository.tree())
    repository.path.rename(place.root / "outside" / "code.git")
    return repository.claimed(commit, f"{place.root}/repositories/../outside/code.git")


@case("git/path-behind-a-link", "A link below what is allowed, to a repository that is not.", **UNCHECKED)
def path_behind_a_link(place: Place) -> list[str]:
    repository = Repository(place)
    commit = repository.commit(repository.tree())
    repository.path.rename(place.root / "outside" / "code.git")
    repository.path.symlink_to("../outside/code.git")
    return repository.claimed(commit)


@case("git/programs-in-the-config", "A configuration whose every value runs a program.", exit=0)
def programs_in_the_config(place: Place) -> list[str]:
    repository = Repository(place)
    pwned = f"touch {place.root}/outside/pwned"
    text = f"""
[core]
	fsmonitor = {pwned}
	sshCommand = {pwned}
	hooksPath = {place.root}/outside
	alternateRefsCommand = {pwned}
[uploadpack]
	packObjectsHook = {pwned}
[filter "run"]
	smudge = {pwned}
	process = {pwned}
[include]
	path = {place.root}/outside/secret.txt
[credential]
	helper = !{pwned}
"""
    with open(repository.path / "config", "a") as config:
        config.write(text)
    return repository.claimed(repository.commit(repository.tree()))


@case(
    "git/unreachable",
    "A commit that no branch and no tag leads to, as one of a fork.",
    exit=0,
    finds="commit-unreachable",
)
def unreachable(place: Place) -> list[str]:
    repository = Repository(place)
    repository.commit(repository.tree())
    return repository.claimed(repository.commit(repository.tree(), b"parent " + b"1" * 40, branch=None))


@case(
    "git/only-a-pull-request",
    "A commit that only a ref of a pull request leads to.",
    exit=0,
    finds="commit-unreachable",
)
def only_a_pull_request(place: Place) -> list[str]:
    repository = Repository(place)
    main = repository.commit(repository.tree())
    other = repository.commit(repository.tree(), b"parent " + main.encode(), branch=None)
    (repository.path / "refs" / "pull").mkdir()
    (repository.path / "refs" / "pull" / "1").write_text(other + "\n")
    return repository.claimed(other)
