"""Checks of form, put together like the tables of the spec.

A check is called with a value, its place in the document and `strict`, which refuses unknown
fields (json-8: producers). It raises `Wrong`, or `Refused` where a limit has a code of its own.
"""

import re

from findings import Refused
from json_profile import LARGEST


class Wrong(Exception):
    def __init__(self, place, reason):
        super().__init__(f"{place or 'the document'}: {reason}")
        self.place = place


def check(form, value, code, strict=False):
    try:
        form(value, "", strict)
    except Wrong as wrong:
        raise Refused(code, str(wrong), wrong.place or None) from wrong


def text(most=16384, least=0, pattern=None, rule=None):
    """lim-3. `rule` is a predicate over the text."""
    def form(value, place, strict):
        if not isinstance(value, str) or not least <= len(value) <= most:
            raise Wrong(place, f"must be a text of {least} to {most} characters")
        if pattern and not re.fullmatch(pattern, value, re.ASCII):
            raise Wrong(place, f"does not match `{pattern}`")
        if rule and not rule(value):
            raise Wrong(place, f"is no {rule.__name__.removeprefix('is_')}")
    return form


def constant(*values):
    def form(value, place, strict):
        if not isinstance(value, str) or value not in values:
            raise Wrong(place, "must be one of " + ", ".join(values))
    return form


def count(value, place, strict):  # man-5
    if type(value) is not int or not 0 <= value <= LARGEST:
        raise Wrong(place, "must be an integer from 0")


def either(*forms):
    def form(value, place, strict):
        for one in forms[:-1]:
            try:
                return one(value, place, strict)
            except Wrong:
                pass
        return forms[-1](value, place, strict)
    return form


def array(item, least=0, most=None, limit=None):
    """`limit` is a count of limits.md, with `limit-exceeded` as its code."""
    def form(value, place, strict):
        if not isinstance(value, list) or len(value) < least or (most and len(value) > most):
            raise Wrong(place, f"must be an array of at least {least}, at most {most} items")
        if limit and len(value) > limit:
            raise Refused("limit-exceeded", f"more than {limit} items", place)
        for i, one in enumerate(value):
            item(one, f"{place}/{i}", strict)
    return form


def record(required, optional=None):
    fields = required | (optional or {})

    def form(value, place, strict):
        if not isinstance(value, dict):
            raise Wrong(place, "must be an object")
        for key in required:
            if key not in value:
                raise Wrong(place, f"has no `{key}`")
        for key, one in value.items():
            if key in fields:
                fields[key](one, f"{place}/{key}", strict)
            elif strict:
                raise Wrong(place, f"has an unknown field `{key}`")  # json-8
    return form
