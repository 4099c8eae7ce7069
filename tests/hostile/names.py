"""Names that a release may not have, and how many and how deep they may be."""

import os

from corpus import case
from directories import named
from place import Place

# --- names ---


@case(
    "directory/name-with-a-newline",
    "A name whose second line looks like a line of the report, with colours.",
    exit=1,
    finds="name-invalid",
)
def name_with_a_newline(place: Place) -> list[str]:
    return named(place, b"a\n\x1b[32mpass\x1b[0m  all files hold\r.txt")


@case(
    "directory/name-that-turns", "A name that shows its extension turned round.", exit=1, finds="file-added"
)
def name_that_turns(place: Place) -> list[str]:
    return named(place, "weights\u202etxt.exe\u2066.py".encode())


@case(
    "directory/name-not-utf-8",
    "A name that is not UTF-8, with an overlong slash.",
    exit=1,
    finds="name-invalid",
)
def name_not_utf_8(place: Place) -> list[str]:
    return named(place, b"..\xc0\xafmodel\xff.bin")


@case("directory/name-with-a-backslash", "A name that is a path on Windows.", exit=1, finds="name-invalid")
def name_with_a_backslash(place: Place) -> list[str]:
    return named(place, rb"..\outside\secret.txt")


@case("directory/name-of-a-drive", "A name that names a drive on Windows.", exit=1, finds="name-invalid")
def name_of_a_drive(place: Place) -> list[str]:
    return named(place, b"C:autoexec.bat")


@case("directory/name-of-255-bytes", "A name as long as file systems take.", exit=1, finds="file-added")
def name_of_255_bytes(place: Place) -> list[str]:
    return named(place, "\u00e9".encode() * 127 + b"x")


@case(
    "directory/name-decomposed",
    "A file a second time, its name in another normalisation.",
    exit=1,
    finds="name-invalid",
)
def name_decomposed(place: Place) -> list[str]:
    place.write("caf\u00e9.txt", b"signed")
    return named(place, "cafe\u0301.txt".encode())


@case(
    "directory/name-in-other-case",
    "The weights a second time, in capitals: on many systems one of the two is loaded.",
    exit=1,
    finds=("file-added", "name-twin"),
)
def name_in_other_case(place: Place) -> list[str]:
    return named(place, b"MODEL.safetensors")


@case(
    "directory/directories-in-other-case",
    "Two directories that differ in case alone, each with a file of its own.",
    exit=1,
    finds="name-twin",
)
def directories_in_other_case(place: Place) -> list[str]:
    place.write("data/a.txt", b"a")
    return named(place, b"Data/b.txt")


@case(
    "directory/long-s",
    "A name with a character whose capital is another name's capital.",
    exit=1,
    finds="name-twin",
)
def long_s(place: Place) -> list[str]:
    place.write("set.txt", b"s")
    return named(place, "\u017fet.txt".encode())


# --- how much, how deep ---


@case(
    "directory/257-deep",
    "A file below 257 directories.",
    exit=4,
    finds="limit-exceeded",
)
def too_deep(place: Place) -> list[str]:
    return named(place, b"d/" * 257 + b"x")


@case(
    "directory/256-deep", "A file as deep as may be: added, and within the limit.", exit=1, finds="file-added"
)
def as_deep_as_may_be(place: Place) -> list[str]:
    return named(place, b"d/" * 256 + b"x")


@case(
    "directory/path-longer-than-a-path",
    "Directories whose names together are longer than any system call takes.",
    exit=1,
    finds="name-invalid",
)
def path_longer_than_a_path(place: Place) -> list[str]:
    place.signed()
    above = os.open(place.release, os.O_RDONLY)
    for _ in range(24):
        os.mkdir("d" * 200, dir_fd=above)
        below = os.open("d" * 200, os.O_RDONLY, dir_fd=above)
        os.close(above)
        above = below
    os.close(os.open("weights.bin", os.O_WRONLY | os.O_CREAT, dir_fd=above))
    os.close(above)
    return place.verify()


@case(
    "directory/ten-thousand-added",
    "Ten thousand files beside two that were signed.",
    exit=1,
    finds="file-added",
)
def ten_thousand_added(place: Place) -> list[str]:
    place.signed()
    for at in range(10_000):
        (place.release / f"f{at}").touch()
    return place.verify()
