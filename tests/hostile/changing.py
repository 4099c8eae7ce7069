"""Files that change while they are read."""

import os
from pathlib import Path

from corpus import case
from place import Place

SIZE = 48 << 20


def large(place: Place) -> Path:
    """A covered file that takes a while to read, and belongs to no artifact: it is read once."""
    path = place.write("corpus.txt", b"\x01" * SIZE)
    place.signed()
    return path


@case(
    "changing/replaced",
    "While the file is read, another one takes its name.",
    exit=3,
    finds="file-unstable",
    spares=("file-changed", "file-missing"),
)
def replaced(place: Place) -> list[str]:
    path = large(place)
    (place.root / "writable").mkdir()
    other = place.root / "writable" / "other"

    def change() -> None:
        other.write_bytes(b"other")
        other.rename(path)

    place.when_read(path, change)
    return place.verify()


@case("changing/grown", "While the file is read, it grows.", exit=3, finds="file-unstable")
def grown(place: Place) -> list[str]:
    path = large(place)
    place.when_read(path, lambda: os.truncate(path, SIZE + 1))
    return place.verify()


@case(
    "changing/shrunk",
    "While the file is read, its end is cut off: no mapped page is lost.",
    exit=3,
    finds="file-unstable",
)
def shrunk(place: Place) -> list[str]:
    path = large(place)
    place.when_read(path, lambda: os.truncate(path, 4096))
    return place.verify()


@case(
    "changing/written-in-place",
    "While the file is read, its last byte is another one for a moment, and its time is set back.",
    exit=3,
    finds="file-unstable",
)
def written_in_place(place: Place) -> list[str]:
    path = large(place)

    def change() -> None:
        before = path.stat()
        with open(path, "r+b") as file:
            file.seek(SIZE - 1)
            file.write(b"\x02")
            file.flush()
            file.seek(SIZE - 1)
            file.write(b"\x01")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    place.when_read(path, change)
    return place.verify()


@case(
    "changing/gone", "While the file is read, it goes.", exit=3, finds="file-unstable", spares="file-missing"
)
def gone(place: Place) -> list[str]:
    path = large(place)
    place.when_read(path, path.unlink)
    return place.verify()


@case(
    "changing/link-instead",
    "While the file is read, a link to a file outside takes its name.",
    exit=3,
    finds="file-unstable",
)
def link_instead(place: Place) -> list[str]:
    path = large(place)

    def change() -> None:
        path.unlink()
        path.symlink_to("../outside/secret.txt")

    place.when_read(path, change)
    return place.verify()


@case(
    "changing/while-it-is-signed",
    "The file changes while it is signed: nothing is signed that nobody has.",
    exit=1,
    says=("release-unsignable", "`corpus.txt`"),
)
def while_it_is_signed(place: Place) -> list[str]:
    path = large(place)
    (place.release / "fullsource.sigstore.json").unlink()
    place.when_read(path, lambda: os.truncate(path, SIZE + 1))
    return ["sign", "release", "--key", "mallory.key"]


@case(
    "changing/bundle-after-it-was-read",
    "The bundle is exchanged as soon as it was opened: one reading decides, and what it says holds.",
    exit=0,
)
def bundle_after_it_was_read(place: Place) -> list[str]:
    place.signed()
    bundle = place.release / "fullsource.sigstore.json"

    def change() -> None:
        other = place.root / "writable"
        other.mkdir(exist_ok=True)
        (other / "bundle").write_bytes(b"{}")
        (other / "bundle").rename(bundle)

    place.when_read(bundle, change)
    return place.verify()
