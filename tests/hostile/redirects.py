"""Where servers lead to, and what the spelling of an address hides."""

from corpus import case
from place import Place
from server import Answer, Asked, redirect, reply
from servers import CONTENT, UNCHECKED, asked_of, claims

# --- where it leads ---


def led(place: Place, to: str, *options: str) -> list[str]:
    return asked_of(place, place.serve(lambda asked: redirect(to)), *(options or ("--timeout", "3s")))


@case("redirect/loop", "It leads to itself.", **UNCHECKED)
def loop(place: Place) -> list[str]:
    return led(place, "/corpus.txt")


def hops(count: int) -> Answer:
    def answer(asked: Asked) -> bytes:
        at = int(asked.target.rpartition("=")[2]) if "=" in asked.target else 0
        return reply(CONTENT) if at == count else redirect(f"/corpus.txt?at={at + 1}")

    return answer


@case("redirect/eleven", "It leads on eleven times.", **UNCHECKED)
def eleven(place: Place) -> list[str]:
    return asked_of(place, place.serve(hops(11)), "--timeout", "3s")


@case("redirect/ten", "It leads on ten times, as often as is followed.", exit=0)
def ten(place: Place) -> list[str]:
    return asked_of(place, place.serve(hops(10)), "--timeout", "9s")


@case(
    "redirect/metadata-service",
    "It leads to the service that gives a cloud's credentials.",
    **UNCHECKED,
    says="not public",
)
def metadata_service(place: Place) -> list[str]:
    return led(place, "https://169.254.169.254/latest/meta-data/iam/security-credentials/")


@case(
    "redirect/file", "It leads to a file of the machine.", **UNCHECKED, says="a redirect from https to file:"
)
def file(place: Place) -> list[str]:
    return led(place, f"file://{place.root}/outside/secret.txt")


@case(
    "redirect/other-port",
    "It leads to another port of the machine whose one port is allowed.",
    **UNCHECKED,
    says="not public",
)
def other_port(place: Place) -> list[str]:
    return led(place, place.canary().url("/"))


@case("redirect/by-name", "It leads to this machine by its name.", **UNCHECKED, says="not public")
def by_name(place: Place) -> list[str]:
    return led(place, place.canary().url("/", "localhost"))


@case("redirect/plain-http", "It leads to plain HTTP at a host where that is allowed.", **UNCHECKED)
def plain_http(place: Place) -> list[str]:
    def met() -> None:
        place.faults.append("it left TLS")

    plain = place.serve(lambda asked: reply(CONTENT), tls=False, met=met)
    return led(place, plain.url("/"), "--allow-host", f"http://127.0.0.1:{plain.port}", "--timeout", "3s")


@case("redirect/with-a-password", "It leads to an address with a user name and a password.", **UNCHECKED)
def with_a_password(place: Place) -> list[str]:
    return led(place, "https://mallory:hush@127.0.0.1/")


@case("redirect/for-a-terminal", "It leads to an address that would clear a terminal.", **UNCHECKED)
def for_a_terminal(place: Place) -> list[str]:
    return led(place, "https://127.0.0.1/\x1b[2J\x9b\u00e9")


@case("redirect/nowhere", "It leads on, and does not say where.", **UNCHECKED)
def nowhere(place: Place) -> list[str]:
    return asked_of(place, place.serve(lambda asked: reply(status=302)))


@case("redirect/megabyte", "It leads to an address of a megabyte.", **UNCHECKED)
def megabyte(place: Place) -> list[str]:
    return led(place, "https://127.0.0.1/" + "a" * (1 << 20))


# --- what an address hides ---


def hidden(place: Place, hosts: list[str]) -> list[str]:
    """Claims what lies at these spellings of this machine, which nobody allowed."""
    canary = place.canary()
    for at, host in enumerate(hosts):
        claims(place, canary.url("/", host), name=f"c{at}")
    place.signed()
    return place.verify("--timeout", "5s")


@case(
    "address/numbers",
    "This machine's address as one number, in octal, in hexadecimal, shortened.",
    **UNCHECKED,
    says="not public",
)
def numbers(place: Place) -> list[str]:
    return hidden(
        place, ["2130706433", "0177.0.0.1", "0x7f.1", "127.1", "0", "127.255.255.254", "0x7f000001"]
    )


@case("address/wrapped", "This machine's address in one of IPv6.", **UNCHECKED, says="not public")
def wrapped(place: Place) -> list[str]:
    return hidden(
        place,
        ["[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::1]", "[::]"],
    )


@case(
    "address/other-digits",
    "This machine's address in digits and dots of other scripts.",
    **UNCHECKED,
    says="not public",
)
def other_digits(place: Place) -> list[str]:
    return hidden(place, ["\u2460\u2461\u2466.0.0.1", "\uff11\uff12\uff17\u30020\u30020\u30021"])


@case("address/name", "This machine by names that every machine has.", **UNCHECKED, says="not public")
def name(place: Place) -> list[str]:
    return hidden(place, ["localhost", "LOCALHOST.", "%6cocalhost"])


@case("address/private", "Networks behind the one who looks.", **UNCHECKED, says="not public")
def private(place: Place) -> list[str]:
    for at, host in enumerate(
        ["10.0.0.1", "192.168.1.1", "172.31.0.1", "100.100.100.200", "[fd00::1]", "[fe80::1]"]
    ):
        claims(place, f"https://{host}/", name=f"c{at}")
    place.signed()
    return place.verify("--timeout", "5s")
