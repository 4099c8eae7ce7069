"""JSON by the profile of the specification (json-1 to json-7), on top of Python's own reader."""

import json
from typing import Any

DEPTH = 32
LARGEST = 2**53 - 1


class NotStrict(ValueError):
    """The document breaks the profile."""


def parse(data: bytes) -> Any:
    """The value of a document, or NotStrict."""
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=unique,
            parse_float=refuse,
            parse_constant=refuse,
            parse_int=whole,
        )
    except (ValueError, RecursionError) as error:
        raise NotStrict(str(error)) from error
    check(value, 0)
    return value


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise NotStrict("an object has two equal keys")
    return dict(pairs)


def refuse(literal: str) -> None:
    raise NotStrict(f"`{literal}` is not an integer")


def whole(literal: str) -> int:
    if literal == "-0" or len(literal) > 17 or abs(int(literal)) > LARGEST:
        raise NotStrict(f"`{literal[:32]}` is out of range")
    return int(literal)


def check(value: Any, depth: int) -> None:
    """Refuses lone surrogates and nesting beyond the limit."""
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise NotStrict("a lone surrogate") from error
    elif isinstance(value, (dict, list)):
        if depth == DEPTH:
            raise NotStrict("nested too deep")
        for item in [*value, *value.values()] if isinstance(value, dict) else value:
            check(item, depth + 1)
