"""Globs of what a signer left out, used against what was signed."""

from corpus import case
from place import Place


@case(
    "excluded/weights-where-logs-were-left-out",
    "The signer left out old checkpoints; somebody puts weights there.",
    exit=1,
    finds="loadable-uncovered",
)
def weights_where_logs_were_left_out(place: Place) -> list[str]:
    place.signed("--exclude", "checkpoint-*/")
    place.write("checkpoint-9/pytorch_model.bin", b"x")
    return place.verify()


@case(
    "excluded/everything",
    "The signer left out everything else; somebody adds code.",
    exit=1,
    finds=("loadable-uncovered", "file-excluded"),
)
def everything(place: Place) -> list[str]:
    statement = place.statement()
    statement["predicate"]["tree"]["excluded"] = ["**"]
    place.put_statement(statement)
    place.write("modeling_x.py", b"import os")
    return place.verify()


@case(
    "excluded/notes-where-notes-were-left-out",
    "A note where the signer left out notes: that is what the glob is for.",
    exit=0,
    finds="file-excluded",
    spares=("file-added", "loadable-uncovered"),
)
def notes_where_notes_were_left_out(place: Place) -> list[str]:
    place.signed("--exclude", "notes/")
    place.write("notes/today.txt", b"x")
    return place.verify()


@case(
    "excluded/link-where-weights-would-be",
    "A link that a glob leaves out, and that a framework would load by its name.",
    exit=1,
    finds="loadable-uncovered",
)
def link_where_weights_would_be(place: Place) -> list[str]:
    place.signed("--exclude", "adapter*")
    (place.release / "adapter_model.safetensors").symlink_to("../outside/secret.txt")
    return place.verify()


@case(
    "excluded/link-in-the-place-of-the-directory",
    "A glob leaves out what lies below a directory; the directory is a link now.",
    exit=1,
    finds="symlink-present",
)
def link_in_the_place_of_the_directory(place: Place) -> list[str]:
    place.signed("--exclude", "logs/")
    (place.release / "logs").symlink_to("../outside")
    return place.verify()


@case(
    "excluded/what-was-signed",
    "A glob matches the weights, which are covered, and were changed: no glob takes them out.",
    exit=1,
    finds="file-changed",
)
def what_was_signed(place: Place) -> list[str]:
    statement = place.statement()
    statement["predicate"]["tree"]["excluded"] = ["model.*"]
    place.put_statement(statement)
    place.write("model.safetensors", b"y" * (place.release / "model.safetensors").stat().st_size)
    return place.verify()


@case(
    "excluded/glob-that-backtracks",
    "A glob that costs a careless matcher a number of steps with a hundred digits.",
    exit=1,
    finds="file-added",
)
def glob_that_backtracks(place: Place) -> list[str]:
    statement = place.statement()
    statement["predicate"]["tree"]["excluded"] = ["**a*" * 200 + "b", "*a**" * 200 + "b"]
    place.put_statement(statement)
    for at in range(4):
        place.write("/".join(["a" * 240] * 6) + f"/{at}", b"")
    return place.verify()


@case(
    "excluded/glob-for-a-terminal",
    "A glob that would clear the terminal of who reads which globs there are.",
    exit=0,
    finds="file-excluded",
)
def glob_for_a_terminal(place: Place) -> list[str]:
    statement = place.statement()
    statement["predicate"]["tree"]["excluded"] = ["\x1b]0;title\x07\u202e*.txt\n"]
    place.put_statement(statement)
    return place.verify()
