"""Locators (locator.md)."""

import re
from urllib.parse import unquote_to_bytes

from digest import is_path, is_selector
from findings import registry

SCHEMES = registry("locators")["schemes"]
COMMIT = r"@([0-9a-f]{40}|[0-9a-f]{64})"
BEHIND_SCHEME = {  # loc-6 to loc-11; what may follow `#` has been taken off
    "https": r"//[^/?@:][^/?@]*([/?].*)?",
    "s3": r"//[^/?@:][^/?@]*([/?].*)?",
    "gs": r"//[^/?@:][^/?@]*([/?].*)?",
    "az": r"//[^/?@:][^/?@]*([/?].*)?",
    "git+https": r"//[^/?@:][^/?@]*[/?].*" + COMMIT,
    "git+file": r"///.*" + COMMIT,
    "hf": r"(models|datasets)/([A-Za-z0-9_-][A-Za-z0-9._-]*/)?[A-Za-z0-9_-][A-Za-z0-9._-]*"
          r"@[0-9a-f]{40}",
    "oci": r"(//)?[^/@]+/[^@]+@sha256:[0-9a-f]{64}",
    "swh": r"1:(cnt|dir|rev):[0-9a-f]{40}",
}


def scheme(text):
    """loc-2."""
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]+):", text)
    return found and found[1]


def is_relative(text):
    return scheme(text) is None


def is_locator(text):
    if len(text.encode("utf-8", "surrogatepass")) > 8192:  # loc-1
        return False
    if is_relative(text):
        return is_selector(text)
    name = scheme(text)
    rest, hash_mark, fragment = text[len(name) + 1:].partition("#")
    return (name in SCHEMES  # loc-3
            and not re.search(r'[\x00-\x1f\x7f-\x9f\s"<>\\^`{|}]', rest + fragment)  # loc-4
            and (not hash_mark or is_fragment(name, fragment))
            and re.fullmatch(BEHIND_SCHEME[name], rest) is not None)


def is_absolute_locator(text):
    return not is_relative(text) and is_locator(text)


def is_fragment(name, fragment):
    """loc-5."""
    if not SCHEMES[name]["path"] or not fragment.startswith("path="):
        return False
    path = fragment.removeprefix("path=")
    if re.search("%(?![0-9A-Fa-f]{2})", path):
        return False
    try:
        return is_path(unquote_to_bytes(path).decode("utf-8"))
    except UnicodeDecodeError:
        return False


def is_gated(locator, endpoint):
    """loc-13."""
    signed = r"[?&](Signature|sig|X-Amz-Signature|X-Goog-Signature)="
    return (scheme(locator) is not None and not SCHEMES[scheme(locator)]["public"]
            or any(re.search(signed, text or "") for text in (locator, endpoint)))
