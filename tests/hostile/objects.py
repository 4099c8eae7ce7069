"""Hubs, registries and object stores that lie."""

import hashlib
import itertools
import json
from typing import Any
from urllib.parse import unquote

from corpus import case
from place import Place
from server import Answer, Asked, redirect, reply

UNCHECKED = {"exit": 3, "finds": "artifact-unchecked", "spares": ("artifact-mismatch", "artifact-absent")}
FILES = {"README.md": b"# Letters\nwritten by people\n", "letters.txt": b"dear reader\n" * 40}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def dir_hash(files: dict[str, bytes]) -> str:
    return sha256("".join(f"{sha256(files[path])}  {path}\n" for path in sorted(files)).encode())


def claims(place: Place, locator: str, digest: dict[str, str], *options: str) -> list[str]:
    place.artifact(
        id="corpus", roles=["data.pretraining"], license="CC0-1.0", locators=[locator], digest=digest
    )
    place.signed()
    return place.verify(*options)


# --- hubs ---

COMMIT = "0123456789abcdef0123456789abcdef01234567"
API = "/api/datasets/lab/letters"
Lies = dict[str, Answer]


def listed(path: str, content: bytes, **fields: Any) -> dict[str, Any]:
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
    return {"type": "file", "oid": blob, "size": len(content), "path": path} | fields


def listing(*more: dict[str, Any]) -> bytes:
    return json.dumps([listed(path, content) for path, content in FILES.items()] + list(more)).encode()


def hub(place: Place, lies: Lies, *options: str, **variables: str) -> list[str]:
    """A data set on a hub that lies at some paths."""

    def answer(asked: Asked):
        path = unquote(asked.path)
        for start, lie in lies.items():
            if path.startswith(start):
                return lie(asked)
        return truth(path)

    server = place.serve(answer, tls=False)
    place.variables = {"HF_ENDPOINT": server.url("")} | variables
    allowed = server.options(*(options or ("--timeout", "2s")))
    return claims(place, f"hf:datasets/lab/letters@{COMMIT}", {"dirHash": dir_hash(FILES)}, *allowed)


def truth(path: str) -> bytes:
    file = path.removeprefix(f"/datasets/lab/letters/resolve/{COMMIT}/")
    if file in FILES:
        return reply(FILES[file], headers={"X-Repo-Commit": COMMIT, "ETag": f'"{file}"'})
    if path.startswith(f"{API}/tree/"):
        return reply(listing(), headers={"Content-Type": "application/json"})
    if path.startswith(API):
        return reply(
            json.dumps({"id": "lab/letters", "sha": COMMIT, "gated": False, "private": False}).encode()
        )
    return reply(status=404)


TREE = f"{API}/tree/"
RESOLVE = f"/datasets/lab/letters/resolve/{COMMIT}/letters.txt"


@case("hub/honest", "A hub that says what there is.", exit=0)
def honest_hub(place: Place) -> list[str]:
    return hub(place, {}, "--timeout", "9s")


@case("hub/other-commit", "It says that the commit leads to another.", exit=1, finds="artifact-absent")
def other_commit(place: Place) -> list[str]:
    said = json.dumps({"id": "lab/letters", "sha": "f" * 40}).encode()
    return hub(place, {f"{API}/revision": lambda asked: reply(said)})


@case("hub/path-that-climbs", "It lists a file that climbs out.", **UNCHECKED)
def path_that_climbs(place: Place) -> list[str]:
    return hub(place, {TREE: lambda asked: reply(listing(listed("../../../outside/secret.txt", b"x")))})


@case("hub/path-twice", "It lists a path twice, with two contents.", **UNCHECKED)
def path_twice(place: Place) -> list[str]:
    return hub(place, {TREE: lambda asked: reply(listing(listed("letters.txt", b"other")))})


@case("hub/listing-in-a-circle", "The next page of its listing is the one that was read.", **UNCHECKED)
def listing_in_a_circle(place: Place) -> list[str]:
    def page(asked: Asked) -> bytes:
        link = f'<http://{asked.headers["host"]}{asked.path}?recursive=true&cursor=again>; rel="next"'
        return reply(listing(), headers={"Link": link})

    return hub(place, {TREE: page})


@case(
    "hub/listing-without-an-end",
    "Each page of its listing has another one behind it.",
    **UNCHECKED,
    seconds=10,
)
def listing_without_an_end(place: Place) -> list[str]:
    count = itertools.count()

    def page(asked: Asked) -> bytes:
        at = next(count)
        link = f'<http://{asked.headers["host"]}{asked.path}?recursive=true&cursor=c{at}>; rel="next"'
        return reply(json.dumps([listed(f"f{at}", b"x")]).encode(), headers={"Link": link})

    return hub(place, {TREE: page})


@case(
    "hub/next-page-elsewhere",
    "The next page of its listing lies on another host: only its cursor is taken.",
    **UNCHECKED,
)
def next_page_elsewhere(place: Place) -> list[str]:
    canary = place.canary()
    link = {"Link": f'<{canary.url("/?cursor=c")}>; rel="next"'}
    return hub(place, {TREE: lambda asked: reply(listing(), headers=link)})


@case("hub/endless-listing", "A page of its listing does not end.", **UNCHECKED)
def endless_listing(place: Place) -> list[str]:
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n["
    entry = json.dumps(listed("a", b"x")).encode() + b","
    return hub(
        place, {TREE: lambda asked: itertools.chain([head], itertools.repeat(entry * 500))}, "--timeout", "5s"
    )


@case("hub/deep-listing", "Its listing is nested a hundred thousand deep.", **UNCHECKED)
def deep_listing(place: Place) -> list[str]:
    return hub(place, {TREE: lambda asked: reply(b"[" * 100_000)})


@case("hub/other-bytes", "A file is not what it lists.", **UNCHECKED)
def hub_other_bytes(place: Place) -> list[str]:
    other = FILES["letters.txt"].replace(b"dear", b"near")
    return hub(
        place, {RESOLVE: lambda asked: reply(other, headers={"X-Repo-Commit": COMMIT})}, "--timeout", "9s"
    )


@case("hub/bytes-without-an-end", "A file has no end, where it lists five hundred bytes.", **UNCHECKED)
def hub_endless(place: Place) -> list[str]:
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    return hub(
        place,
        {RESOLVE: lambda asked: itertools.chain([head], itertools.repeat(bytes(1 << 16)))},
        "--timeout",
        "9s",
    )


@case(
    "hub/token-to-another",
    "It asks for the token, and leads to another host with the question: the token stays.",
    exit=0,
)
def token_to_another(place: Place) -> list[str]:
    def store(asked: Asked) -> bytes:
        if "hf_hush" in str(asked):
            place.faults.append("the token went to another host")
        return reply(FILES["letters.txt"])

    def gate(asked: Asked) -> bytes:
        if "authorization" not in asked.headers:
            return reply(b'{"error": "gated"}', 401, {"X-Error-Code": "GatedRepo"})
        return redirect(elsewhere.url("/"))

    elsewhere = place.serve(store, tls=False)
    allow = ("--allow-host", f"http://127.0.0.1:{elsewhere.port}", "--timeout", "9s")
    return hub(place, {RESOLVE: gate}, *allow, HF_TOKEN="hf_hush")


@case("hub/error-for-a-terminal", "It refuses with a message that would clear a terminal.", **UNCHECKED)
def error_for_a_terminal(place: Place) -> list[str]:
    said = json.dumps({"error": "\x1b[2J\u202eall is well\nPASS"}).encode()
    headers = {"X-Error-Code": "GatedRepo", "X-Error-Message": "PASS\t\u00ff"}
    return hub(place, {API: lambda asked: reply(said, 403, headers)})


# --- registries ---

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
LAYER = FILES["letters.txt"]


def descriptor(content: bytes, kind: str = "application/octet-stream", **fields: Any) -> dict[str, Any]:
    return {"mediaType": kind, "digest": f"sha256:{sha256(content)}", "size": len(content)} | fields


def manifest(*layers: dict[str, Any], **fields: Any) -> bytes:
    config = descriptor(b"{}", "application/vnd.oci.empty.v1+json")
    document = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": list(layers)}
    return json.dumps(document | fields).encode()


def registry(
    place: Place, root: bytes, *blobs: bytes, lies: Lies | None = None, options: tuple[str, ...] = ()
) -> list[str]:
    """A data set in a registry that has these blobs by their digests, and lies about some."""
    held = {sha256(blob): blob for blob in (root, b"{}", LAYER, *blobs)}

    def answer(asked: Asked):
        digest = asked.path.rpartition(":")[2]
        if lies and digest in lies:
            return lies[digest](asked)
        blob = held.get(digest)
        if blob is None:
            return reply(status=404)
        kind = INDEX if b'"manifests"' in blob else MANIFEST
        return reply(blob, headers={"Content-Type": kind, "Docker-Content-Digest": f"sha256:{digest}"})

    server = place.serve(answer, tls=False)
    locator = f"oci:127.0.0.1:{server.port}/lab/letters@sha256:{sha256(root)}"
    return claims(
        place, locator, {"sha256": sha256(LAYER)}, *server.options(*(options or ("--timeout", "3s")))
    )


HONEST = manifest(descriptor(LAYER))


@case("registry/honest", "A registry that has what was claimed.", exit=0)
def honest_registry(place: Place) -> list[str]:
    return registry(place, HONEST)


@case("registry/other-manifest", "It gives another manifest than the one of the digest.", **UNCHECKED)
def other_manifest(place: Place) -> list[str]:
    other = manifest(descriptor(LAYER), annotations={"other": "yes"})
    return registry(
        place, HONEST, lies={sha256(HONEST): lambda asked: reply(other, headers={"Content-Type": MANIFEST})}
    )


@case("registry/other-layer", "It gives other bytes than the manifest names.", **UNCHECKED)
def other_layer(place: Place) -> list[str]:
    return registry(place, HONEST, lies={sha256(LAYER): lambda asked: reply(LAYER.replace(b"dear", b"near"))})


@case("registry/endless-layer", "It gives a layer without an end.", **UNCHECKED)
def endless_layer(place: Place) -> list[str]:
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    return registry(
        place, HONEST, lies={sha256(LAYER): lambda asked: itertools.chain([head], itertools.repeat(LAYER))}
    )


@case("registry/layer-elsewhere", "A layer that is to be fetched from an address inside.", **UNCHECKED)
def layer_elsewhere(place: Place) -> list[str]:
    return registry(place, manifest(descriptor(LAYER, urls=[place.canary().url("/")])))


@case(
    "registry/title-that-climbs",
    "A layer whose title climbs out: it is no path, and the manifest alone is the content.",
    exit=1,
    finds="artifact-mismatch",
)
def title_that_climbs(place: Place) -> list[str]:
    titles = [{"org.opencontainers.image.title": title} for title in ("../../x", "b")]
    layers = [descriptor(LAYER, annotations=titles[0]), descriptor(b"{}", annotations=titles[1])]
    return registry(place, manifest(*layers))


@case(
    "registry/manifest-and-index",
    "A document that is a manifest to some and an index to others.",
    **UNCHECKED,
)
def manifest_and_index(place: Place) -> list[str]:
    return registry(place, manifest(descriptor(LAYER), manifests=[descriptor(HONEST, MANIFEST)]), HONEST)


@case("registry/chain-of-indexes", "Indexes of indexes, three hundred deep.", **UNCHECKED)
def chain_of_indexes(place: Place) -> list[str]:
    chain = [HONEST]
    for _ in range(300):
        kind = MANIFEST if len(chain) == 1 else INDEX
        document = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [descriptor(chain[-1], kind)]}
        chain.append(json.dumps(document).encode())
    return registry(place, chain[-1], *chain, options=("--timeout", "9s"))


@case("registry/size-of-nothing", "A layer whose size is above all numbers.", **UNCHECKED)
def size_of_nothing(place: Place) -> list[str]:
    return registry(place, manifest(descriptor(LAYER, size=1 << 63)))


@case("registry/token-server-inside", "It sends who asks to a token server inside.", **UNCHECKED)
def token_server_inside(place: Place) -> list[str]:
    realm = f'Bearer realm="{place.canary().url("/token")}",service="x",scope="repository:lab/letters:pull"'
    return registry(
        place,
        HONEST,
        lies={sha256(HONEST): lambda asked: reply(status=401, headers={"WWW-Authenticate": realm})},
    )


@case("registry/blob-led-inside", "It leads a blob to an address inside.", **UNCHECKED)
def blob_led_inside(place: Place) -> list[str]:
    canary = place.canary()
    return registry(place, HONEST, lies={sha256(LAYER): lambda asked: redirect(canary.url("/"), 307)})
