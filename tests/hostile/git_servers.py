"""Servers of git that lie, and what they serve in its place."""

import itertools
from collections.abc import Callable, Iterable

from corpus import case
from place import Place
from repositories import UNCHECKED, Repository, backend, claim
from server import Asked, redirect, reply

# --- servers ---


@case("git/flipped-pack", "A bit of the pack is another one on the way.", **UNCHECKED)
def flipped_pack(place: Place) -> list[str]:
    repository = Repository(place)
    return repository.served(repository.commit(repository.tree()), flip=20)


@case("git/cut-pack", "The pack breaks off.", **UNCHECKED)
def cut_pack(place: Place) -> list[str]:
    repository = Repository(place)
    return repository.served(repository.commit(repository.tree()), cut=40)


@case("git/pack-of-four-thousand-million", "The pack says that it holds 2^32 - 1 objects.", **UNCHECKED)
def pack_of_four_thousand_million(place: Place) -> list[str]:
    repository = Repository(place)
    commit = repository.commit(repository.tree())

    def answer(asked: Asked) -> bytes:
        head, _, body = backend(place, asked).partition(b"\r\n\r\n")
        at = body.find(b"PACK")
        body = body if at < 0 else body[: at + 8] + b"\xff" * 4 + body[at + 12 :]
        return reply(body, headers=dict(line.split(": ", 1) for line in head.decode().split("\r\n")))

    server = place.serve(answer)
    claim(place, f"git+https://127.0.0.1:{server.port}/code.git@{commit}")
    return place.verify(*server.options("--timeout", "2s"))


KIND = {"Content-Type": "application/x-git-upload-pack-advertisement"}


def packet(text: bytes) -> bytes:
    return b"%04x" % (len(text) + 4) + text


def greeted(name: str, about: str, answer: Callable[[Place, Asked], bytes | Iterable[bytes]]) -> None:
    """A server that is none of git's from its first word on."""

    @case(f"git/{name}", about, **UNCHECKED, seconds=10)
    def make(place: Place) -> list[str]:
        server = place.serve(lambda asked: answer(place, asked))
        claim(place, f"git+https://127.0.0.1:{server.port}/code.git@{'1' * 40}")
        return place.verify(*server.options("--timeout", "2s"))


START = packet(b"# service=git-upload-pack\n") + b"0000"
greeted(
    "page-for-people",
    "A page for people in the place of refs.",
    lambda place, asked: reply(b"<!DOCTYPE html>", headers={"Content-Type": "text/html"}),
)
greeted(
    "packet-of-no-length",
    "A packet whose length is no number.",
    lambda place, asked: reply(START + b"zzzz", headers=KIND),
)
greeted(
    "packet-behind-the-end",
    "A packet that is longer than what comes.",
    lambda place, asked: reply(START + b"fff0x", headers=KIND),
)
greeted(
    "error-for-a-terminal",
    "An error of the server that would clear a terminal.",
    lambda place, asked: reply(
        packet(b"# service=git-upload-pack\n") + b"0000" + packet(b"ERR \x1b[2J\xe2\x80\xaePASS\n"),
        headers=KIND,
    ),
)
greeted(
    "refs-without-an-end",
    "Refs without an end.",
    lambda place, asked: itertools.chain(
        [
            b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n\r\n"
            + START
        ],
        (packet(b"1" * 40 + b" refs/heads/%d\n" % at) * 50 for at in itertools.count()),
    ),
)
greeted(
    "led-inside",
    "A server that leads to an address inside.",
    lambda place, asked: redirect("https://127.0.0.1:1/code.git/info/refs?service=git-upload-pack"),
)
