"""Release directories: what lies in them beside, or in the place of, what was signed."""

from corpus import case
from place import Place


@case(
    "directory/weights-behind-a-link",
    "After signing, the weights are a symbolic link to the same bytes elsewhere.",
    exit=1,
    finds="symlink-present",
)
def weights_behind_a_link(place: Place) -> list[str]:
    place.signed()
    weights = place.release / "model.safetensors"
    weights.rename(place.root / "outside" / "weights")
    weights.symlink_to("../outside/weights")
    return place.verify()
