"""Releases that are brought here from servers that lie, with `fetch`; and sources recorded with `add`."""

import itertools
import json
import os
import shutil

from corpus import case
from place import BUNDLE, Place
from server import Answer, Asked, Server, redirect, reply


def published(place: Place, **instead: bytes | Answer) -> Server:
    """The signed release on a server, some files of which are something else there."""
    if not (place.release / BUNDLE).exists():
        place.signed()

    def answer(asked: Asked):
        name = asked.path.removeprefix("/m/")
        other = instead.get(name.split(".")[0])
        if callable(other):
            return other(asked)
        at = place.release / name
        return reply(other or at.read_bytes()) if other or at.is_file() else reply(status=404)

    return place.serve(answer)


def fetch(server: Server, *options: str) -> list[str]:
    address = server.url(f"/m/{BUNDLE}")
    return ["fetch", address, "--to", "writable/m", "--key", "mallory.pub", *server.options(*options)]


def in_place(place: Place) -> None:
    """What stands in the way of the release."""
    (place.root / "writable" / "m").mkdir(parents=True)


@case("fetch/honest", "A server that says what is signed.", exit=0)
def honest(place: Place) -> list[str]:
    return fetch(published(place))


@case("fetch/other-bytes", "Weights of the same size, and other bytes.", exit=1, says="model.safetensors")
def other_bytes(place: Place) -> list[str]:
    size = (place.release / "model.safetensors").stat().st_size
    return fetch(published(place, model=b"x" * size))


@case(
    "fetch/endless-file",
    "Weights without an end: no byte more is taken than was signed.",
    exit=1,
    says="model.safetensors",
)
def endless_file(place: Place) -> list[str]:
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    return fetch(
        published(place, model=lambda asked: itertools.chain([head], itertools.repeat(bytes(1 << 16))))
    )


@case("fetch/endless-bundle", "A bundle without an end.", exit=4, says="limit-exceeded", seconds=30)
def endless_bundle(place: Place) -> list[str]:
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    return fetch(
        published(place, fullsource=lambda asked: itertools.chain([head], itertools.repeat(b" " * (1 << 18))))
    )


@case(
    "fetch/somebody-elses",
    "A bundle that somebody else signed: no file is asked for.",
    exit=1,
    says="signature-untrusted",
)
def somebody_elses(place: Place) -> list[str]:
    place.put_bundle(place.bundle(place.payload(), place.other))

    def asked_too_much(asked: Asked) -> bytes:
        place.faults.append("it asked for a file of a release that nobody trusted signed")
        return reply()

    return fetch(published(place, model=asked_too_much, config=asked_too_much))


@case(
    "fetch/bundle-led-elsewhere",
    "The bundle is led elsewhere; the files stay where they were claimed to be.",
    exit=0,
)
def bundle_led_elsewhere(place: Place) -> list[str]:
    place.signed()

    def answer(asked: Asked) -> bytes:
        if asked.path == f"/m/{BUNDLE}":
            return redirect(f"/elsewhere/{BUNDLE}")
        if asked.path.startswith("/elsewhere/") and not asked.path.endswith(BUNDLE):
            place.faults.append("a redirect of the bundle moved the files")
        return reply((place.release / os.path.basename(asked.path)).read_bytes())

    return fetch(place.serve(answer))


@case(
    "fetch/led-to-this-machine",
    "The weights are led to a service of this machine.",
    exit=3,
    says="not public",
)
def led_to_this_machine(place: Place) -> list[str]:
    canary = place.canary()
    return fetch(published(place, model=lambda asked: redirect(canary.url("/"))))


@case(
    "fetch/subject-that-climbs",
    "A subject whose name climbs out of the directory.",
    exit=4,
    says="statement-malformed",
)
def subject_that_climbs(place: Place) -> list[str]:
    statement = place.statement()
    statement["subject"][0]["name"] = "../../outside/secret.txt"
    place.put_statement(statement)
    return fetch(published(place))


@case(
    "fetch/subject-in-the-partial-directory",
    "A subject that would lie among the files that are not whole yet.",
    exit=4,
    says=".fullsource-partial",
)
def subject_in_the_partial_directory(place: Place) -> list[str]:
    statement = json.loads(place.payload().decode().replace('"config.json"', '".fullsource-partial/x"'))
    del statement["predicate"]["tree"]
    place.put_statement(statement)
    return fetch(published(place))


@case(
    "fetch/through-a-link",
    "A link out of the directory lies where a file is to be written.",
    exit=4,
    says="sub",
)
def through_a_link(place: Place) -> list[str]:
    place.write("sub/notes.txt", b"x")
    in_place(place)
    (place.root / "writable" / "m" / "sub").symlink_to("../../outside")
    return fetch(published(place), "--force")


@case(
    "fetch/partial-directory-is-a-link",
    "The directory of what is not whole yet leads out.",
    exit=4,
    says=".fullsource-partial",
)
def partial_directory_is_a_link(place: Place) -> list[str]:
    in_place(place)
    (place.root / "writable" / "m" / ".fullsource-partial").symlink_to("../../outside")
    return fetch(published(place))


@case(
    "fetch/another-file-stands-there",
    "A file of that name stands there, and is not replaced.",
    exit=4,
    says="config.json",
)
def another_file_stands_there(place: Place) -> list[str]:
    in_place(place)
    (place.root / "writable" / "m" / "config.json").write_bytes(b"mine")
    return fetch(published(place))


@case("fetch/fifo-stands-there", "A FIFO stands where a file is to be written.", exit=4, says="config.json")
def fifo_stands_there(place: Place) -> list[str]:
    in_place(place)
    os.mkfifo(place.root / "writable" / "m" / "config.json")
    return fetch(published(place), "--force")


@case(
    "fetch/lies-about-the-rest",
    "It sends a part, breaks off, and sends what is something else.",
    exit=1,
    says="model.safetensors",
)
def lies_about_the_rest(place: Place) -> list[str]:
    raw = (place.release / "model.safetensors").read_bytes()

    def answer(asked: Asked) -> bytes:
        if "range" not in asked.headers:
            return reply(raw[:10], headers={"ETag": '"a"'}, length=len(raw))
        start = int(asked.headers["range"].removeprefix("bytes=").split("-")[0])
        headers = {"ETag": '"a"', "Content-Range": f"bytes {start}-{len(raw) - 1}/{len(raw)}"}
        return reply(b"x" * (len(raw) - start), 206, headers)

    return fetch(published(place, model=answer))


@case(
    "fetch/more-than-there-is",
    "Weights that are signed to have four petabytes, and have not.",
    exit=1,
    says="model.safetensors",
    seconds=30,
)
def more_than_there_is(place: Place) -> list[str]:
    statement = place.statement()
    for file in statement["predicate"]["files"]:
        file["size"] = 1 << 52 if file["path"] == "model.safetensors" else file["size"]
    statement["predicate"]["tree"].pop("totalBytes", None)
    place.put_statement(statement)
    return fetch(published(place))


# --- recorded ---


def added(place: Place, server: Server, *words: str) -> list[str]:
    """Records what lies at a server in a manifest that may be written."""
    (place.release / "fullsource.json").write_text(json.dumps(place.manifest))
    shutil.copytree(place.release, place.root / "writable")
    line = ["add", "data.pretraining", *words, "--manifest", "writable"]
    return [*line, *server.options("--timeout", "2s")]


@case("add/led-to-this-machine", "A page leads to a service of this machine.", exit=4, says="not public")
def add_led_to_this_machine(place: Place) -> list[str]:
    canary = place.canary()
    server = place.serve(lambda asked: redirect(canary.url("/")))
    return added(place, server, server.url("/c.txt"))


@case("add/name-for-a-terminal", "An address whose last part would clear a terminal, and climb out.", exit=0)
def name_for_a_terminal(place: Place) -> list[str]:
    server = place.serve(
        lambda asked: reply(b"data\n", headers={"Content-Disposition": 'filename="../../x"'})
    )
    return added(place, server, server.url("/%1b%5b2J%2f..%2f..%e2%80%ae.txt"), "--dry-run")


@case("add/licence-that-lies", "A data set whose card names a licence for a terminal.", exit=0)
def licence_that_lies(place: Place) -> list[str]:
    card = b'---\nlicense: "MIT\\e[2J\\u202e"\n---\n# Data\n'
    server = place.serve(lambda asked: reply(card))
    return added(place, server, server.url("/README.md"), "--dry-run")


@case("add/cut", "A file that breaks off is not recorded, with whatever digest its part has.", exit=4)
def add_cut(place: Place) -> list[str]:
    server = place.serve(lambda asked: reply(b"half", length=100))
    return added(place, server, server.url("/c.txt"))
