"""Pickles: what they would run, and how they hide it. None is ever run."""

import io
import pickle
import struct
import tarfile
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Callable

from corpus import case
from place import Place

Made = Callable[[], bytes]


def pickled(name: str, about: str, content: Made, file: str, *, finds: str, says: str = "") -> None:
    """A weights file of the release that its publisher signed; what is found is a warning."""

    @case(f"pickle/{name}", about, exit=0, finds=finds, says=says)
    def make(place: Place) -> list[str]:
        return signed_with(place, file, content())


def harmless(name: str, about: str, content: Made, file: str) -> None:
    """What holds numbers and nothing else."""

    @case(f"pickle/{name}", about, exit=0, spares=("pickle-code", "content-malformed"))
    def make(place: Place) -> list[str]:
        return signed_with(place, file, content())


def signed_with(place: Place, file: str, content: bytes) -> list[str]:
    place.write(file, content)
    place.artifact(id="extra", roles=["weights.final"], license="MIT", files=[file])
    place.signed()
    return place.verify()


def code(
    name: str, about: str, content: Made, file: str = "pytorch_model.bin", says: str = "posix.system"
) -> None:
    pickled(name, about, content, file, finds="pickle-code", says=says)


def unread(name: str, about: str, content: Made, file: str = "model.pkl", says: str = "") -> None:
    pickled(name, about, content, file, finds="content-malformed", says=says or file)


def short(text: bytes) -> bytes:
    """SHORT_BINUNICODE."""
    return b"\x8c" + bytes([len(text)]) + text


PROTOCOL = b"\x80\x04"
SYSTEM = short(b"posix") + short(b"system") + b"\x93"
RUN = PROTOCOL + SYSTEM + short(b"id") + b"\x85R."
NOTHING = PROTOCOL + b"N."


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def npy(header: bytes, content: bytes) -> bytes:
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + content


# --- what is imported ---

code("reduce", "A name is imported and called.", lambda: RUN)
code(
    "text",
    "The oldest protocol, which is text and has no mark at its start.",
    lambda: b"cposix\nsystem\n(S'id'\ntR.",
)
code("inst", "INST imports and calls in one opcode.", lambda: b"(S'id'\niposix\nsystem\n.")
code("obj", "OBJ calls what lies on the stack.", lambda: b"(cposix\nsystem\nS'id'\no.")
code(
    "build",
    "BUILD gives a state to an object whose class takes it for code.",
    lambda: b"cnt\n_Environ\n)\x81}(S'a'\nS'b'\nu" + b"b.",
    says="nt._Environ",
)
code(
    "newobj-ex",
    "NEWOBJ_EX makes an object with arguments by name.",
    lambda: PROTOCOL + short(b"subprocess") + short(b"Popen") + b"\x93)" + b"}" + b"\x92.",
    says="subprocess.Popen",
)
code(
    "names-from-the-memo",
    "The name is memoised, dropped, and fetched again for the call.",
    lambda: (
        PROTOCOL
        + short(b"system")
        + b"\x94"
        + b"0"
        + short(b"posix")
        + b"h\x00\x93"
        + short(b"id")
        + b"\x85R."
    ),
)
code(
    "name-that-is-made",
    "The module's name is what a harmless call gives, and stands nowhere.",
    lambda: (
        PROTOCOL
        + short(b"builtins")
        + short(b"str")
        + b"\x93"
        + short(b"posix")
        + b"\x85R"
        + short(b"system")
        + b"\x93."
    ),
    says="a name made while it is read",
)
code(
    "dotted-name",
    "A harmless module, and a name in it that leads to another module.",
    lambda: PROTOCOL + short(b"collections") + short(b"_sys.modules") + b"\x93.",
    says="collections._sys.modules",
)
code(
    "extension",
    "A number of a registry stands for a name that the reading program knows.",
    lambda: b"\x80\x02\x82\x07.",
    says="extension 7",
)
code(
    "getattr",
    "Nothing but builtins, one of which gives all others.",
    lambda: PROTOCOL + short(b"builtins") + short(b"getattr") + b"\x93.",
    says="builtins.getattr",
)
code(
    "name-for-a-terminal",
    "The name of the module would clear a terminal and turn its text.",
    lambda: PROTOCOL + short("\x1b[2J\u202eos".encode()) + short(b"system\n") + b"\x93.",
    says="pytorch_model.bin",
)
code(
    "hundred-and-one",
    "More imports than are told, the bad one last.",
    lambda: (
        PROTOCOL + b"".join(short(b"m%d" % at) + short(b"f") + b"\x930" for at in range(300)) + SYSTEM + b"."
    ),
    says="m0.f",
)
code("behind-the-first", "A second pickle behind the end of a harmless one.", lambda: NOTHING + RUN)
code("before-it-breaks", "What is imported before the pickle breaks was imported.", lambda: RUN[:-2])
code(
    "out-of-band",
    "Protocol 5, with buffers that come from elsewhere.",
    lambda: b"\x80\x05" + b"\x97\x98" + b"0" + SYSTEM + short(b"id") + b"\x85R.",
)

# --- where it lies ---

code(
    "in-a-checkpoint",
    "In the zip archive that torch writes.",
    lambda: zipped({"m/data.pkl": RUN}),
    "model.pt",
)
code(
    "in-npz",
    "In an array of objects in an archive of arrays.",
    lambda: zipped({"w.npy": npy(b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n", RUN)}),
    "w.npz",
)
code(
    "in-npy",
    "In an array of objects.",
    lambda: npy(b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n", RUN),
    "w.npy",
)
code("named-bin", "In a file whose name says nothing.", lambda: RUN, "weights.bin")
code(
    "other-case-in-a-zip",
    "In an archive under a name in capitals.",
    lambda: zipped({"M/DATA.PKL": RUN}),
    "model.pth",
)
code(
    "polyglot",
    "A pickle in front of a zip archive of harmless ones: which it is depends on the reader.",
    lambda: RUN + zipped({"m/data.pkl": NOTHING}),
    "model.pt",
)
unread(
    "in-tar",
    "In a tar archive, the oldest form of torch, which old readers still take.",
    lambda: tarred(),
    "model.pt",
)
unread("in-zlib", "Compressed, as joblib writes it.", lambda: zlib.compress(RUN), "model.joblib")


def tarred() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name in ("sys_info", "pickle", "tensors", "storages"):
            member = tarfile.TarInfo(name)
            member.size = len(RUN)
            archive.addfile(member, io.BytesIO(RUN))
    return file.getvalue()


# --- what cannot be walked ---

unread("cut", "A pickle without its end.", lambda: PROTOCOL + short(b"abc"))
unread("endless-bytes", "A text of 2^62 bytes.", lambda: PROTOCOL + b"\x8e" + struct.pack("<Q", 1 << 62))
unread(
    "endless-frame", "A frame of 2^63 bytes.", lambda: PROTOCOL + b"\x95" + struct.pack("<Q", 1 << 63) + b"N"
)
unread("negative-length", "A long number of minus one bytes.", lambda: PROTOCOL + b"\x8b\xff\xff\xff\xff.")
unread("protocol-200", "A protocol that nobody has.", lambda: b"\x80\xc8N.")
unread("no-opcode", "A byte that is no opcode.", lambda: PROTOCOL + b"\xff.")
unread("stack-of-nothing", "A call with nothing on the stack.", lambda: PROTOCOL + b"R.")
unread("memo-of-nothing", "A value that was never memoised.", lambda: PROTOCOL + b"h\x07.")
unread(
    "npy-endless-header",
    "An array with a header of four gigabytes.",
    lambda: b"\x93NUMPY\x02\x00\xff\xff\xff\xff{",
    "w.npy",
)
unread(
    "two-directories",
    "A checkpoint behind whose archive stands a second one, which other readers take.",
    lambda: zipped({"m/data.pkl": NOTHING}) + zipped({"m/data.pkl": RUN}),
    "model.pt",
)


@case(
    "pickle/memo-bomb",
    "A million memoised values, each a tuple of the one before.",
    exit=0,
    finds="content-malformed",
)
def memo_bomb(place: Place) -> list[str]:
    return signed_with(place, "model.pkl", PROTOCOL + b")" + b"\x85\x94" * 1_000_000)


@case(
    "pickle/far-memo",
    "A value memoised under the number 2^32 - 1, for which a careless reader makes room.",
    exit=0,
    finds="content-malformed",
)
def far_memo(place: Place) -> list[str]:
    return signed_with(place, "model.pkl", PROTOCOL + b"Nr\xff\xff\xff\xff.")


@case(
    "pickle/named-config",
    "A pickle in the place of a config: it is not JSON, and is not taken for it.",
    exit=3,
    finds="file-unchecked",
)
def named_config(place: Place) -> list[str]:
    place.write("generation_config.json", RUN)
    place.signed()
    return place.verify()


# --- what only looks hostile ---

harmless(
    "state",
    "Names that only hold values.",
    lambda: pickle.dumps(OrderedDict(a=[1, 2.5, b"x"] * 50)),
    "model.pkl",
)
harmless(
    "tensors",
    "A checkpoint as torch writes it, with storages kept beside the pickle.",
    lambda: zipped(
        {
            "m/data.pkl": b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\n"
            b"X\x01\0\0\x000X\x03\0\0\0cpuK\x04tQK\0K\x04\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtR.",
            "m/data/0": b"\0" * 16,
            "m/version": b"3\n",
        }
    ),
    "model.pt",
)
harmless(
    "numbers", "Floats that begin with a byte that is an opcode.", lambda: b"cos\x00" * 4096, "tokens.bin"
)
