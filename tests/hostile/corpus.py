"""What a case is: something hostile, made anew for each run, and what the program must say of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from place import Place

CASES: dict[str, "Case"] = {}


@dataclass(frozen=True)
class Case:
    """One hostile input. `make` puts it below a place, and returns the command line that meets it."""

    name: str
    about: str
    make: Callable[[Place], list[str]]
    exit: int
    finds: tuple[str, ...]
    says: tuple[str, ...]
    seconds: int
    mebibytes: int

    @property
    def area(self) -> str:
        return self.name.split("/")[0]


def case(
    name: str,
    about: str,
    *,
    exit: int,
    finds: str | tuple[str, ...] = (),
    says: str | tuple[str, ...] = (),
    seconds: int = 20,
    mebibytes: int = 200,
) -> Callable[[Callable[[Place], list[str]]], Callable[[Place], list[str]]]:
    """Adds a case `AREA/NAME`.

    `finds`: codes that must be among the report's findings; `says`: texts that must be shown.
    `seconds` and `mebibytes` bound the run's time and its resident memory.
    """

    def add(make: Callable[[Place], list[str]]) -> Callable[[Place], list[str]]:
        if name in CASES:
            raise ValueError(f"two cases are named {name}")
        CASES[name] = Case(name, about, make, exit, texts(finds), texts(says), seconds, mebibytes)
        return make

    return add


def texts(given: str | tuple[str, ...]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else given


@dataclass
class Judgement:
    """What is wrong with how a case ended; nothing, where the list is empty."""

    case: Case
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0
    mebibytes: float = 0.0
