"""Release directories: what lies in them beside, or in the place of, what was signed."""

import os
import shutil
import socket
import stat
from pathlib import Path

from corpus import case
from place import BUNDLE, SECRET, Place

TERABYTES = 8 << 40
MEBIBYTES = 256 << 20


def sparse(path: Path, size: int) -> None:
    """A file of zeros that takes no room."""
    with open(path, "wb") as file:
        file.truncate(size)


def named(place: Place, name: bytes) -> list[str]:
    """A file of this name beside what was signed."""
    place.signed()
    place.write(name, b"x")
    return place.verify()


# --- links ---


@case(
    "directory/weights-behind-a-link",
    "After signing, the weights are a symbolic link to the same bytes elsewhere.",
    exit=1,
    finds="symlink-present",
)
def weights_behind_a_link(place: Place) -> list[str]:
    place.signed()
    weights = place.release / "model.safetensors"
    weights.rename(place.root / "outside" / "weights")
    weights.symlink_to("../outside/weights")
    return place.verify()


@case(
    "directory/link-to-itself",
    "A symbolic link that leads to itself, and one to the directory above.",
    exit=1,
    finds="symlink-present",
)
def link_to_itself(place: Place) -> list[str]:
    place.signed()
    (place.release / "self").symlink_to("self")
    (place.release / "above").symlink_to("..")
    return place.verify()


@case(
    "directory/link-with-a-hostile-target",
    "A link whose target is a text that turns and clears a terminal.",
    exit=1,
    finds="symlink-present",
)
def link_with_a_hostile_target(place: Place) -> list[str]:
    place.signed()
    (place.release / "link").symlink_to("\x1b[2J\x1b[H\u202efdp.exe\nok: all is well")
    return place.verify()


@case(
    "directory/covered-directory-behind-a-link",
    "A directory with covered files is moved away, and a link to it stands in its place.",
    exit=1,
    finds="symlink-present",
)
def covered_directory_behind_a_link(place: Place) -> list[str]:
    place.write("shards/a.txt", b"a")
    place.signed()
    (place.release / "shards").rename(place.root / "outside" / "shards")
    (place.release / "shards").symlink_to("../outside/shards")
    return place.verify()


@case(
    "directory/reached-through-a-link",
    "The release directory itself is reached through a link: that is its owner's choice.",
    exit=0,
    spares="symlink-present",
)
def reached_through_a_link(place: Place) -> list[str]:
    place.signed()
    (place.root / "here").symlink_to("release")
    return ["verify", "here", "--key", "mallory.pub"]


@case(
    "directory/hard-link-of-a-stranger",
    "A file from outside is hard-linked into the release.",
    exit=1,
    finds="file-added",
)
def hard_link_of_a_stranger(place: Place) -> list[str]:
    place.signed()
    os.link(place.root / "outside" / "secret.txt", place.release / "notes.txt")
    return place.verify()


@case(
    "directory/hard-link-of-the-same-bytes",
    "The weights have a second name elsewhere, as caches of the hub have it: the bytes are what counts.",
    exit=0,
)
def hard_link_of_the_same_bytes(place: Place) -> list[str]:
    place.signed()
    os.link(place.release / "model.safetensors", place.root / "outside" / "blob")
    return place.verify()


@case(
    "directory/bundle-is-a-link-out",
    "In the place of the bundle lies a link to a file outside: its text is not quoted in the error.",
    exit=4,
    finds="bundle-malformed",
)
def bundle_is_a_link_out(place: Place) -> list[str]:
    (place.release / BUNDLE).symlink_to("../outside/secret.txt")
    return place.verify()


# --- what is no regular file, or has no bytes ---


@case(
    "directory/fifo-for-the-weights", "A FIFO in the place of the weights.", exit=1, finds="special-present"
)
def fifo_for_the_weights(place: Place) -> list[str]:
    place.signed()
    (place.release / "model.safetensors").unlink()
    os.mkfifo(place.release / "model.safetensors")
    return place.verify()


@case(
    "directory/fifo-for-the-bundle",
    "A FIFO in the place of the bundle, which nobody writes to.",
    exit=4,
    finds="target-unreadable",
)
def fifo_for_the_bundle(place: Place) -> list[str]:
    os.mkfifo(place.release / BUNDLE)
    return place.verify()


@case(
    "directory/endless-bundle",
    "The bundle is a link to a device that gives zeros without an end.",
    exit=4,
    finds="target-unreadable",
)
def endless_bundle(place: Place) -> list[str]:
    (place.release / BUNDLE).symlink_to("/dev/zero")
    return place.verify()


@case(
    "directory/reserved-name-of-a-fifo",
    "A FIFO of a reserved name, which is left out only where it is a regular file.",
    exit=1,
    finds="special-present",
)
def reserved_name_of_a_fifo(place: Place) -> list[str]:
    place.signed()
    (place.release / "fullsource.json").unlink()
    os.mkfifo(place.release / "fullsource.json")
    return place.verify()


@case("directory/socket", "A socket lies in the release.", exit=1, finds="special-present")
def socket_in_the_release(place: Place) -> list[str]:
    place.signed()
    at = os.getcwd()
    os.chdir(place.release)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("agent.sock")
    os.chdir(at)
    return place.verify()


@case(
    "directory/device",
    "A device that never ends, named like weights (a FIFO where devices cannot be made).",
    exit=1,
    finds="special-present",
)
def device(place: Place) -> list[str]:
    place.signed()
    at = place.release / "extra.safetensors"
    try:
        os.mknod(at, stat.S_IFCHR | 0o644, os.makedev(1, 5))
    except PermissionError:
        os.mkfifo(at)
    return place.verify()


@case(
    "directory/sparse-weights",
    "A sparse file of 256 MiB in the place of the weights.",
    exit=1,
    finds="file-changed",
)
def sparse_weights(place: Place) -> list[str]:
    place.signed()
    sparse(place.release / "model.safetensors", MEBIBYTES)
    return place.verify()


@case(
    "directory/eight-terabytes-of-weights",
    "A sparse file of 8 TiB in the place of the weights: its size tells, and it is not read.",
    exit=1,
    finds="file-changed",
)
def eight_terabytes_of_weights(place: Place) -> list[str]:
    place.signed()
    sparse(place.release / "model.safetensors", TERABYTES)
    return place.verify()


@case(
    "directory/eight-terabytes-in-a-git-tree",
    "A sparse file of 8 TiB in the place of one whose git tree is claimed: no tree of it is computed.",
    exit=1,
    finds="file-changed",
)
def eight_terabytes_in_a_git_tree(place: Place) -> list[str]:
    path = place.write("src/main.py", b"print()\n")
    digest = {"gitTree": "0123456789abcdef" * 4}
    place.artifact(id="code", roles=["code.training"], license="MIT", files=["src/"], digest=digest)
    place.signed()
    sparse(path, TERABYTES)
    return place.verify()


@case(
    "directory/eight-terabytes-added",
    "A sparse file of 8 TiB beside what was signed, which nothing is lost by not reading.",
    exit=1,
    finds="file-added",
)
def eight_terabytes_added(place: Place) -> list[str]:
    place.signed()
    sparse(place.release / "more.bin", TERABYTES)
    return place.verify()


@case(
    "directory/eight-terabytes-of-config",
    "A sparse file of 8 TiB under a name that a framework loads: it is too large to be understood.",
    exit=1,
    finds=("file-added", "file-unchecked"),
)
def eight_terabytes_of_config(place: Place) -> list[str]:
    place.signed()
    sparse(place.release / "tokenizer_config.json", TERABYTES)
    return place.verify()


@case(
    "directory/eight-terabytes-of-bundle",
    "A sparse file of 8 TiB in the place of the bundle.",
    exit=4,
    finds="limit-exceeded",
)
def eight_terabytes_of_bundle(place: Place) -> list[str]:
    sparse(place.release / BUNDLE, TERABYTES)
    return place.verify()


@case(
    "directory/unreadable-weights",
    "The weights cannot be read: what was not read is not what was signed, nor another.",
    exit=3,
    finds="file-unreadable",
    spares=("file-missing", "file-changed"),
)
def unreadable_weights(place: Place) -> list[str]:
    place.signed()
    (place.release / "model.safetensors").chmod(0)
    place.wrapper = without_override()
    return place.verify()


@case(
    "directory/unreadable-directory",
    "A directory that cannot be listed may hold anything.",
    exit=3,
    finds="file-unreadable",
)
def unreadable_directory(place: Place) -> list[str]:
    place.signed()
    (place.release / "plugins").mkdir(0)
    place.wrapper = without_override()
    return place.verify()


def without_override() -> list[str]:
    """Takes from root what lets it read everything."""
    dropped = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
    return dropped if os.geteuid() == 0 else []


# --- what is left out ---


@case("directory/empty-directory", "An empty directory that nobody signed.", exit=1, finds="directory-empty")
def empty_directory(place: Place) -> list[str]:
    place.signed()
    (place.release / "plugins").mkdir()
    return place.verify()


@case(
    "directory/reserved-name-below",
    "A bundle's name in a directory below is no reserved name.",
    exit=1,
    finds="file-added",
)
def reserved_name_below(place: Place) -> list[str]:
    return named(place, b"sub/fullsource.sigstore.json")


@case(
    "directory/reserved-name-of-a-directory",
    "A directory with a reserved name, and a module in it.",
    exit=1,
    finds="file-added",
)
def reserved_name_of_a_directory(place: Place) -> list[str]:
    return named(place, b"fullsource.files.jsonl/__init__.py")


@case(
    "directory/index-of-nobody",
    "A file index for an artifact that the manifest does not have.",
    exit=1,
    finds="file-added",
)
def index_of_nobody(place: Place) -> list[str]:
    return named(place, b"nobody.files.jsonl")


@case(
    "directory/module-for-a-signature",
    "A library that ends in `.sig`, which is left out, and is loadable by its name.",
    exit=1,
    finds="loadable-uncovered",
)
def module_for_a_signature(place: Place) -> list[str]:
    return named(place, b"libtorch.so.1.sig")


@case(
    "directory/detached-signature",
    "A detached signature of another tool beside the weights.",
    exit=0,
    finds="entry-ignored",
    spares=("file-added", "loadable-uncovered"),
)
def detached_signature(place: Place) -> list[str]:
    return named(place, b"model.safetensors.sig")


@case(
    "directory/git-in-capitals",
    "A `.GIT`, which git takes for `.git` on some systems.",
    exit=1,
    finds="file-added",
)
def git_in_capitals(place: Place) -> list[str]:
    return named(place, b".GIT/config")


@case(
    "directory/git-is-a-link",
    "`.git` is a link to a directory elsewhere: only directories and files are left out.",
    exit=1,
    finds="symlink-present",
)
def git_is_a_link(place: Place) -> list[str]:
    place.signed()
    (place.release / ".git").symlink_to("../outside")
    return place.verify()


@case(
    "directory/git-checkout",
    "A release that is a checkout of git: its `.git` is left out, and that is told.",
    exit=0,
    finds="entry-ignored",
    spares="file-added",
)
def git_checkout(place: Place) -> list[str]:
    return named(place, b".git/config")


@case(
    "directory/cache-of-another-tool",
    "A module in a `.cache` that is not the hub's.",
    exit=1,
    finds="file-added",
)
def cache_of_another_tool(place: Place) -> list[str]:
    return named(place, b".cache/torch/kernels.so")


@case(
    "directory/release-in-a-release",
    "A whole signed release below this one, which nobody signed here.",
    exit=1,
    finds="file-added",
)
def release_in_a_release(place: Place) -> list[str]:
    place.signed()
    shutil.copytree(place.release, place.root / "outside" / "copy")
    (place.root / "outside" / "copy").rename(place.release / "inner")
    return place.verify()


@case(
    "directory/not-a-directory",
    "The target is a file with a secret in it.",
    exit=4,
    finds="target-unreadable",
)
def not_a_directory(place: Place) -> list[str]:
    (place.root / "outside" / "m").write_text(SECRET)
    return ["verify", "outside/m", "--key", "mallory.pub"]
