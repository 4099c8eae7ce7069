"""Envelopes and bundles: what is signed, by whom, and how it is written down."""

from corpus import case
from place import Place, pae


@case(
    "envelope/signed-without-pae",
    "The signature is over the payload alone, without DSSE's encoding.",
    exit=1,
    finds="signature-untrusted",
)
def signed_without_pae(place: Place) -> list[str]:
    payload = place.payload()
    bundle = place.bundle(payload)
    place.put_signature(bundle, place.key.private.sign(payload))
    return place.verify()


@case(
    "envelope/pae-of-another-split",
    "A signature over the same bytes, split at another place between type and payload.",
    exit=1,
    finds="signature-untrusted",
)
def pae_of_another_split(place: Place) -> list[str]:
    payload = place.payload()
    bundle = place.bundle(payload)
    place.put_signature(bundle, place.key.private.sign(pae(b"application/vnd.in-toto", b"+json" + payload)))
    return place.verify()
