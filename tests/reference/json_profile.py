"""The JSON profile of json.md, and the JSON of other formats (ver-39)."""

import json
import re

from findings import Refused

LARGEST = 2**53 - 1
# Outside of strings only these open and close; a string is skipped as a whole.
STRINGS_AND_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.S)


def parse(data, code, path=None):
    """One document by json-1 to json-7, or the finding `code`."""
    try:
        text = data.decode("utf-8")
        check_depth(text, 32)  # json-5
        # json-1: Python's reader takes no byte order mark; json-7: nor control characters.
        value = json.loads(text, object_pairs_hook=unique, parse_int=integer,
                           parse_float=refuse_number, parse_constant=refuse_number)
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # json-3: no lone surrogate
        return value
    except (ValueError, RecursionError) as error:
        raise Refused(code, f"not JSON by the profile: {error}", path) from error


def parse_foreign(data):
    """ver-39, ver-42: RFC 8259 with NaN and Infinity, any numbers, no equal keys, 128 deep."""
    text = data.decode("utf-8")
    check_depth(text, 128)
    value = json.loads(text, object_pairs_hook=unique, parse_int=float)  # no bound on digits
    json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


def is_json_text(data):
    """env-1: one JSON text by RFC 8259, whatever the profile says of it."""
    try:
        json.loads(data.decode("utf-8"), parse_int=str, parse_constant=refuse_number)
        return True
    except (ValueError, RecursionError):
        return False


def unique(pairs):
    if len({key for key, _ in pairs}) != len(pairs):  # json-2
        raise ValueError("an object has two equal keys")
    return dict(pairs)


def integer(literal):
    if literal == "-0" or len(literal) > 17 or abs(int(literal)) > LARGEST:  # json-4
        raise ValueError(f"`{literal[:40]}` is not an integer of the profile")
    return int(literal)


def refuse_number(literal):
    raise ValueError(f"`{literal[:40]}` is not an integer")


def check_depth(text, most):
    depth = 0
    for token in STRINGS_AND_BRACKETS.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        if depth > most:
            raise ValueError(f"nested more than {most} deep")
