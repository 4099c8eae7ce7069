"""Object stores that lie about what they list, what they have, and where it is."""

import itertools
from urllib.parse import parse_qs, unquote, urlsplit

from corpus import case
from objects import FILES, UNCHECKED, claims, dir_hash
from place import Place
from server import Answer, Asked, redirect, reply

# --- object stores ---

KEYS = {"p/" + path: content for path, content in FILES.items()}


def page(keys: dict[str, int], token: str = "", head: str = "") -> bytes:
    """A page of a listing."""
    entries = "".join(
        f"<Contents><Key>{key}</Key><Size>{size}</Size><ETag>&quot;e&quot;</ETag>"
        "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
        for key, size in keys.items()
    )
    more = (
        f"<IsTruncated>true</IsTruncated><NextContinuationToken>{token}</NextContinuationToken>"
        if token
        else ""
    )
    return reply(
        f'<?xml version="1.0"?>{head}<ListBucketResult><Name>b</Name><Prefix>p/</Prefix>{more}{entries}'
        "</ListBucketResult>".encode(),
        headers={"Content-Type": "application/xml"},
    )


SIZES = {key: len(content) for key, content in KEYS.items()}


def store(
    place: Place, lists: Answer, gives: Answer | None = None, *options: str, **variables: str
) -> list[str]:
    """A data set below a prefix of a bucket, in a store that lists and gives what it likes."""

    def answer(asked: Asked):
        parts = urlsplit(asked.target)
        if "list-type" in parse_qs(parts.query):
            return lists(asked)
        if gives:
            return gives(asked)
        content = KEYS.get(unquote(parts.path).removeprefix("/b/"))
        headers = {"ETag": '"e"', "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT"}
        return reply(status=404) if content is None else reply(content, headers=headers)

    server = place.serve(answer, tls=False)
    place.variables = {"AWS_ENDPOINT_URL": server.url(""), "AWS_REGION": "us-east-1"} | variables
    allowed = server.options(*(options or ("--timeout", "2s")))
    return claims(place, "s3://b/p/", {"dirHash": dir_hash(FILES)}, *allowed)


@case("store/honest", "A store that lists what it has.", exit=0)
def honest_store(place: Place) -> list[str]:
    return store(place, lambda asked: page(SIZES), None, "--timeout", "9s")


@case(
    "store/listing-in-a-circle", "Its listing goes on with the same page for ever.", **UNCHECKED, seconds=10
)
def store_in_a_circle(place: Place) -> list[str]:
    return store(place, lambda asked: page(SIZES, token="again"))


@case(
    "store/listing-without-an-end", "Its listing goes on with other keys for ever.", **UNCHECKED, seconds=10
)
def store_without_an_end(place: Place) -> list[str]:
    count = itertools.count()
    return store(
        place,
        lambda asked: page({f"p/{at}": 1 for at in itertools.islice(count, 1000)}, token=f"t{next(count)}"),
    )


@case("store/key-that-climbs", "It lists a key with dots in it.", **UNCHECKED)
def key_that_climbs(place: Place) -> list[str]:
    return store(place, lambda asked: page(SIZES | {"p/../../outside/secret.txt": 5}))


@case(
    "store/key-elsewhere",
    "It lists a key that does not start with what was asked for, and is no part of it.",
    exit=0,
)
def key_elsewhere(place: Place) -> list[str]:
    return store(place, lambda asked: page(SIZES | {"other/x": 5}))


@case("store/key-twice", "It lists a key twice.", **UNCHECKED)
def key_twice(place: Place) -> list[str]:
    double = page(SIZES).replace(
        b"</ListBucketResult>", page({"p/letters.txt": 3}).partition(b"<Prefix>p/</Prefix>")[2]
    )
    body = double.partition(b"\r\n\r\n")[2]
    return store(place, lambda asked: reply(body))


@case("store/entities", "Its listing has entities that make a gigabyte of a kilobyte.", **UNCHECKED)
def entities(place: Place) -> list[str]:
    names = "".join(f'<!ENTITY e{at + 1} "{f"&e{at};" * 10}">' for at in range(9))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "aaaaaaaaaa">{names}]>'
    return store(place, lambda asked: page({"p/&e9;": 5}, head=bomb))


@case(
    "store/entity-of-a-file", "Its listing has an entity that stands for a file of the machine.", **UNCHECKED
)
def entity_of_a_file(place: Place) -> list[str]:
    head = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{place.root}/outside/secret.txt">]>'
    return store(place, lambda asked: page({"p/&e;": 5}, head=head))


@case("store/other-size", "It lists other sizes than it gives: what it gives is what counts.", exit=0)
def other_size(place: Place) -> list[str]:
    return store(place, lambda asked: page({key: 5 for key in KEYS}), None, "--timeout", "5s")


@case("store/other-region", "It says that the bucket lies in a region at an address inside.", **UNCHECKED)
def other_region(place: Place) -> list[str]:
    canary = place.canary()
    body = (
        f"<Error><Code>PermanentRedirect</Code><Endpoint>127.0.0.1:{canary.port}</Endpoint></Error>".encode()
    )
    headers = {"Location": canary.url("/b"), "x-amz-bucket-region": "eu-west-1"}
    return store(place, lambda asked: reply(body, 301, headers))


@case("store/key-to-another", "It leads a signed question to another host: the signature stays.", **UNCHECKED)
def key_to_another(place: Place) -> list[str]:
    def other(asked: Asked) -> bytes:
        if "authorization" in asked.headers or "Signature" in asked.target:
            place.faults.append("a signed question went to another host")
        return reply(status=403)

    elsewhere = place.serve(other, tls=False)

    def lists(asked: Asked) -> bytes:
        return redirect(elsewhere.url("/"), 307) if "authorization" in asked.headers else reply(status=403)

    options = ("--allow-host", f"http://127.0.0.1:{elsewhere.port}", "--timeout", "2s")
    return store(place, lists, None, *options, AWS_ACCESS_KEY_ID="AKIAHUSH", AWS_SECRET_ACCESS_KEY="hush")


@case("store/page-for-people", "It answers a listing with a page for people.", **UNCHECKED)
def page_for_people(place: Place) -> list[str]:
    return store(
        place, lambda asked: reply(b"<!DOCTYPE html><p>Welcome", headers={"Content-Type": "text/html"})
    )
