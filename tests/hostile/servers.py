"""Web servers that lie, stall, flood and lead elsewhere; met by `verify`."""

import gzip
import hashlib
import itertools
import ssl
import time
from collections.abc import Iterator

from corpus import case
from place import Place
from server import Asked, Server, authority, reply

CONTENT = b"one line of a corpus\n" * 50
UNCHECKED = {"exit": 3, "finds": "artifact-unchecked", "spares": ("artifact-mismatch", "artifact-absent")}


def claims(place: Place, address: str, content: bytes = CONTENT, name: str = "corpus") -> None:
    """A data set that lies at an address."""
    digest = {"sha256": hashlib.sha256(content).hexdigest()}
    place.artifact(id=name, roles=["data.pretraining"], license="CC0-1.0", locators=[address], digest=digest)


def asked_of(place: Place, server: Server, *options: str) -> list[str]:
    """The release claims what lies at the server."""
    claims(place, server.url("/corpus.txt"))
    place.signed()
    return place.verify(*server.options(*(options or ("--timeout", "1s"))))


# --- how much there is ---


@case("server/ends-early", "It sends less than it says.", **UNCHECKED)
def ends_early(place: Place) -> list[str]:
    return asked_of(place, place.serve(lambda asked: reply(CONTENT[:-1], length=len(CONTENT))))


@case(
    "server/says-too-little", "It says that there is less than it sends.", exit=1, finds="artifact-mismatch"
)
def says_too_little(place: Place) -> list[str]:
    return asked_of(
        place, place.serve(lambda asked: reply(CONTENT, length=len(CONTENT) - 1)), "--timeout", "5s"
    )


@case("server/two-lengths", "It says two lengths, of which each reader takes its own.", **UNCHECKED)
def two_lengths(place: Place) -> list[str]:
    said = reply(CONTENT).replace(b"Connection", b"Content-Length: 3\r\nConnection")
    return asked_of(place, place.serve(lambda asked: said))


def chunks() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    yield from itertools.repeat(b"10000\r\n" + bytes(1 << 16) + b"\r\n")


@case("server/endless", "It sends without an end.", **UNCHECKED)
def endless(place: Place) -> list[str]:
    return asked_of(place, place.serve(lambda asked: chunks()), "--max-bytes", "8M", "--timeout", "10s")


def drips() -> Iterator[bytes]:
    yield reply(length=len(CONTENT))
    for at in range(len(CONTENT)):
        time.sleep(0.05)
        yield CONTENT[at : at + 1]


@case("server/drips", "It sends a byte now and then, so that no silence is long.", **UNCHECKED, seconds=8)
def drips_bytes(place: Place) -> list[str]:
    return asked_of(place, place.serve(lambda asked: drips()))


def silence() -> Iterator[bytes]:
    time.sleep(15)
    yield b""


@case("server/silent", "It takes the question and says nothing.", **UNCHECKED, seconds=8)
def silent(place: Place) -> list[str]:
    return asked_of(place, place.serve(lambda asked: silence()))


@case(
    "server/bomb-in-a-coding",
    "It packs what it sends although nobody asked for that: what was sent is what is digested.",
    exit=1,
    finds="artifact-mismatch",
)
def bomb_in_a_coding(place: Place) -> list[str]:
    packed = gzip.compress(bytes(64 << 20))
    return asked_of(
        place,
        place.serve(lambda asked: reply(packed, headers={"Content-Encoding": "gzip"})),
        "--timeout",
        "9s",
    )


@case("server/coding-that-is-claimed", "A packed file that is claimed as it is served.", exit=0)
def coding_that_is_claimed(place: Place) -> list[str]:
    packed = gzip.compress(CONTENT, mtime=0)
    server = place.serve(lambda asked: reply(packed, headers={"Content-Encoding": "gzip"}))
    claims(place, server.url("/c.gz"), packed)
    place.signed()
    return place.verify(*server.options("--timeout", "5s"))


# --- what it is an answer to ---


@case("server/part-for-the-whole", "It answers with a part that nobody asked for.", **UNCHECKED)
def part_for_the_whole(place: Place) -> list[str]:
    headers = {"Content-Range": f"bytes 0-9/{len(CONTENT)}"}
    return asked_of(place, place.serve(lambda asked: reply(CONTENT[:10], 206, headers)))


def broken(asked: Asked, rest: dict[str, str]) -> bytes:
    """The first half under a strong validator; to who asks for the rest, what `rest` says it is."""
    half = len(CONTENT) // 2
    if "range" in asked.headers:
        return reply(CONTENT[half:], 206, rest)
    return reply(CONTENT[:half], headers={"ETag": '"one"'}, length=len(CONTENT))


@case("server/other-range", "It breaks off, and goes on at another byte than it was asked for.", **UNCHECKED)
def other_range(place: Place) -> list[str]:
    headers = {"ETag": '"one"', "Content-Range": f"bytes 0-{len(CONTENT) // 2 - 1}/{len(CONTENT)}"}
    return asked_of(place, place.serve(lambda asked: broken(asked, headers)))


@case("server/other-file-midway", "It breaks off, and goes on with another file.", **UNCHECKED)
def other_file_midway(place: Place) -> list[str]:
    headers = {
        "ETag": '"two"',
        "Content-Range": f"bytes {len(CONTENT) // 2}-{len(CONTENT) - 1}/{len(CONTENT)}",
    }
    return asked_of(place, place.serve(lambda asked: broken(asked, headers)))


@case("server/goes-on-as-asked", "It breaks off, and goes on as it was asked to.", exit=0)
def goes_on_as_asked(place: Place) -> list[str]:
    headers = {
        "ETag": '"one"',
        "Content-Range": f"bytes {len(CONTENT) // 2}-{len(CONTENT) - 1}/{len(CONTENT)}",
    }
    return asked_of(place, place.serve(lambda asked: broken(asked, headers)), "--timeout", "5s")


@case(
    "server/log-in-page",
    "It answers with a page to log in, and says that all is well.",
    exit=1,
    finds="artifact-mismatch",
)
def log_in_page(place: Place) -> list[str]:
    page = b"<!DOCTYPE html><form>Log in</form>"
    return asked_of(
        place,
        place.serve(lambda asked: reply(page, headers={"Content-Type": "text/html"})),
        "--timeout",
        "5s",
    )


@case("server/never-the-same", "It sends something else to each question.", exit=1, finds="artifact-mismatch")
def never_the_same(place: Place) -> list[str]:
    count = itertools.count()
    return asked_of(place, place.serve(lambda asked: reply(b"%d" % next(count))), "--timeout", "5s")


@case("server/not-modified", "It says that nothing changed since a time when nobody asked.", **UNCHECKED)
def not_modified(place: Place) -> list[str]:
    return asked_of(place, place.serve(lambda asked: reply(status=304)))


@case("server/no-content", "It says that all is well, and that there is nothing.", **UNCHECKED)
def no_content(place: Place) -> list[str]:
    return asked_of(place, place.serve(lambda asked: reply(status=204)))


@case("server/retry-in-a-thousand-years", "It is busy, and says when to come again.", **UNCHECKED, seconds=8)
def retry_in_a_thousand_years(place: Place) -> list[str]:
    headers = {"Retry-After": "31556952000"}
    return asked_of(place, place.serve(lambda asked: reply(status=429, headers=headers)))


@case("server/gone", "It says that what is claimed is gone for good.", exit=1, finds="artifact-absent")
def gone(place: Place) -> list[str]:
    return asked_of(place, place.serve(lambda asked: reply(status=410)), "--timeout", "5s")


@case("server/closed", "It asks for a payment.", **UNCHECKED)
def closed(place: Place) -> list[str]:
    return asked_of(place, place.serve(lambda asked: reply(status=402)), "--timeout", "5s")


# --- how it speaks ---


@case("server/endless-interim-answers", "It announces its answer without an end.", **UNCHECKED, seconds=8)
def endless_interim_answers(place: Place) -> list[str]:
    return asked_of(
        place, place.serve(lambda asked: itertools.repeat(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100))
    )


@case("server/endless-headers", "It sends headers without an end.", **UNCHECKED, seconds=8)
def endless_headers(place: Place) -> list[str]:
    start = [b"HTTP/1.1 200 OK\r\n"]
    return asked_of(
        place, place.serve(lambda asked: itertools.chain(start, itertools.repeat(b"A: b\r\n" * 1000)))
    )


@case("server/endless-header", "It sends one header without an end.", **UNCHECKED, seconds=8)
def endless_header(place: Place) -> list[str]:
    start = [b"HTTP/1.1 200 OK\r\nA: "]
    return asked_of(place, place.serve(lambda asked: itertools.chain(start, itertools.repeat(b"x" * 4096))))


@case("server/no-http", "It greets like a mail server.", **UNCHECKED)
def no_http(place: Place) -> list[str]:
    return asked_of(place, place.serve(lambda asked: b"220 \x1b[2J mail.mallory.example ESMTP\r\n"))


@case("server/chunk-of-no-size", "A chunk whose size is larger than any number.", **UNCHECKED)
def chunk_of_no_size(place: Place) -> list[str]:
    said = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nx"
    return asked_of(place, place.serve(lambda asked: said))


@case("server/plain", "It speaks plainly where TLS was asked for.", **UNCHECKED)
def plain(place: Place) -> list[str]:
    server = place.serve(lambda asked: reply(CONTENT), tls=False)
    claims(place, f"https://127.0.0.1:{server.port}/c")
    place.signed()
    return place.verify("--allow-host", f"127.0.0.1:{server.port}", "--timeout", "1s")


@case("server/certificate-of-another", "Its certificate is another's.", **UNCHECKED)
def certificate_of_another(place: Place) -> list[str]:
    context = authority().server("mallory.example")
    return asked_of(place, place.serve(lambda asked: reply(CONTENT), context=context))


@case("server/certificate-of-nobody", "Nobody that is trusted vouches for its certificate.", **UNCHECKED)
def certificate_of_nobody(place: Place) -> list[str]:
    server = place.serve(lambda asked: reply(CONTENT))
    claims(place, server.url("/c"))
    place.signed()
    return place.verify("--allow-host", f"127.0.0.1:{server.port}", "--timeout", "1s")


@case("server/old-tls", "It speaks no newer TLS than one that was broken.", **UNCHECKED)
def old_tls(place: Place) -> list[str]:
    context = authority().server("127.0.0.1")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return asked_of(place, place.serve(lambda asked: reply(CONTENT), context=context))
