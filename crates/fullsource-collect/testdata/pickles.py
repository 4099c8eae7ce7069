"""Writes pickles.json: pickles as Python's own pickler makes them, and hostile ones.

Run: python3 pickles.py > pickles.json. Nothing here is ever unpickled.
"""
import base64, collections, datetime, io, json, os, pickle, pickletools, struct, sys, types, zipfile


def module(name, **members):
    made = types.ModuleType(name)
    sys.modules[name] = made
    for key, value in members.items():
        if hasattr(value, "__module__"):
            value.__module__, value.__qualname__ = name, key
        setattr(made, key, value)
    return made


def _rebuild_tensor_v2(*_):
    pass


class FloatStorage:
    pass


module("torch", FloatStorage=FloatStorage)
module("torch._utils", _rebuild_tensor_v2=_rebuild_tensor_v2)


class Tensor:
    def __init__(self, key):
        self.key = key

    def __reduce__(self):
        storage = Storage(self.key)
        return _rebuild_tensor_v2, (storage, 0, (2, 2), (2, 1), False, collections.OrderedDict())


class Storage:
    def __init__(self, key):
        self.key = key


class Torch(pickle.Pickler):
    def persistent_id(self, value):
        if isinstance(value, Storage):
            return ("storage", FloatStorage, value.key, "cpu", 4)


class Call:
    def __init__(self, what, *arguments):
        self.what, self.arguments = what, arguments

    def __reduce__(self):
        return self.what, self.arguments


class Slots:
    __slots__ = ("a",)


class Kept:
    def __init__(self):
        self.a = [1, 2]


def torch(value, protocol=2):
    out = io.BytesIO()
    Torch(out, protocol=protocol).dump(value)
    return out.getvalue()


def archive(members, compression=zipfile.ZIP_STORED, streamed=False):
    out = io.BytesIO()

    class Pipe:
        """Cannot seek: sizes come behind the members, as torch writes them."""
        def write(self, data):
            return out.write(data)

        def flush(self):
            pass

    with zipfile.ZipFile(Pipe() if streamed else out, "w", compression) as z:
        for name, data in members:
            z.writestr(name, data)
    return out.getvalue()


VALUES = {
    "plain": {"a": [1, 2.5, None, True, "text\n", b"bytes"], "b": (1, (2, 3, 4, 5)), "c": 1 << 90},
    "many": [str(i) for i in range(1100)],
    "ordered": collections.OrderedDict(a=collections.deque([1]), d=collections.defaultdict(list)),
    "date": datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc),
    "shared": (lambda x: [x, x, {"x": x}])(["same"]),
    "set": {1, 2, frozenset([3])},
    "bytearray": bytearray(b"x" * 300),
    "system": Call(os.system, "true"),
    "nested": [1, {"deep": (Call(eval, "1"), [Call(os.system, "true")])}],
    "kept": Kept(),
}
LEGACY = [0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True}]

cases = []


def case(name, data, form="pickle"):
    cases.append({"name": name, "form": form, "base64": base64.b64encode(data).decode()})


for protocol in range(6):
    for name, value in VALUES.items():
        case(f"{name}-{protocol}", pickle.dumps(value, protocol))
weights = collections.OrderedDict(a=Tensor("0"), b=Tensor("1"))
data = torch(weights)
evil = torch([weights, Call(os.system, "true")])
case("torch", data)

u = lambda text: b"\x8c" + bytes([len(text)]) + text.encode()
case("global", b"cos\nsystem\n(S'true'\ntR.")
case("stack-global-memo", b"\x80\x04" + u("os") + b"\x94" + u("system") + b"\x940" b"0h\x00h\x01\x93" + u("true") + b"\x85R.")
case("stack-global-put", b"\x80\x02U\x02osq\x070U\x06systemr\x01\x01\x00\x000h\x07j\x01\x01\x00\x00\x93)R.")
case("stack-global-overwritten", b"\x80\x04" + u("collections") + b"q\x05" + u("os") + b"q\x05" b"00h\x05" + u("system") + b"\x93)R.")
case("stack-global-made", b"\x80\x04c_codecs\nencode\n" + u("bf") + u("rot13") + b"\x86R" + u("system") + b"\x93)R.")
case("stack-global-escaped", b"\x80\x04Vo\\u0073\nVsystem\n\x93)R.")
case("stack-global-quoted", b"S'os'\nS\"system\"\n\x93)R.")
case("stack-global-dup", b"\x80\x04" + u("os") + b"2\x93)R.")
case("inst", b"(S'true'\nios\nsystem\n.")
case("obj", b"(cos\nsystem\nS'true'\no.")
case("extension", b"\x80\x02\x82\x05)R\x83\x01\x02)R\x84\x01\x00\x01\x00)R.")
case("in-bytes", b"\x80\x04C\x0ccos\nsystem\n).")
case("dotted", b"\x80\x04" + u("collections") + u("OrderedDict.__init__") + b"\x93)R.")
case("long4-negative", b"\x80\x02\x8b\xff\xff\xff\xff.")
case("long4", b"\x80\x02\x8b\x04\x00\x00\x00abcd.")
case("claims-100mb", b"\x80\x04B" + struct.pack("<I", 100_000_000) + b"abc.")
case("claims-exabytes", b"\x80\x04\x8d" + struct.pack("<Q", 1 << 62) + b"abc.")
case("claims-negative", b"\x80\x04\x8d" + struct.pack("<Q", 1 << 63) + b"abc.")
case("truncated", pickle.dumps(VALUES["nested"], 4)[:-20])
case("no-value", b"\x80\x04.")
case("no-mark", b"\x80\x04Nt.")
case("below-the-mark", b"\x80\x04N(\x85.")
case("pop-through-marks", b"\x80\x04N((00.")
case("no-memo", b"\x80\x04h\x05.")
case("memo-far", b"\x80\x04Nr\xff\xff\xff\xff.")
case("protocol-6", b"\x80\x06N.")
case("no-opcode", b"\x80\x04N\xff.")
case("empty", b"")

for streamed in (False, True):
    kind = "streamed" if streamed else "sized"
    members = [("archive/data.pkl", data), ("archive/byteorder", b"little"), ("archive/data/0", b"PK\x07\x08" * 9), ("archive/version", b"3\n")]
    case(f"zip-{kind}", archive(members, streamed=streamed), "torch")
    members[0] = ("archive/data.pkl", evil)
    case(f"zip-{kind}-evil", archive(members, streamed=streamed), "torch")
    case(f"zip-{kind}-evil-last", archive(members[1:] + members[:1], streamed=streamed), "torch")
case("zip-deflated-evil", archive(members, zipfile.ZIP_DEFLATED), "torch")
case("zip-deflated-streamed-evil", archive(members[:1], zipfile.ZIP_DEFLATED, True), "torch")
whole = archive(members)
case("zip-cut", whole[:-10], "torch")
case("zip-behind", whole + b"x", "torch")
good = archive([("archive/data.pkl", data)])
case("zip-two", good + archive([("archive/data.pkl", evil)]), "torch")
hidden = archive([("archive/data.pkl", evil)])
outer = bytearray(archive([("archive/data.pkl", data), ("archive/data/0", hidden)]))
# The end points at the directory of the archive that lies within a member.
within = outer.index(hidden) + hidden.index(b"PK\x01\x02")
outer[-6:-2] = struct.pack("<I", within)
case("zip-other-directory", bytes(outer), "torch")

legacy = b"".join(pickle.dumps(v, 2) for v in LEGACY) + data + pickle.dumps(["0", "1"], 2) + b"\x04\0\0\0\0\0\0\0raw"
case("legacy", legacy, "torch")
case("legacy-evil", b"".join(pickle.dumps(v, 2) for v in LEGACY) + evil + pickle.dumps(["0"], 2) + b"raw", "torch")
case("two-pickles", pickle.dumps(1, 4) + pickle.dumps(VALUES["system"], 4), "pickle-file")
case("behind", pickle.dumps(1, 4) + b"\x00raw", "pickle-file")


def npy(descr, body):
    header = ("{'descr': %s, 'fortran_order': False, 'shape': (1,), }" % descr).encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + body


case("npy", npy("'<f4'", b"\0\0\0\0"), "npy")
case("npy-object", npy("'|O'", pickle.dumps(VALUES["system"], 3)), "npy")
case("npy-fields", npy("[('a', '|O'), ('b', '<i4')]", pickle.dumps(VALUES["system"], 3)), "npy")
case("npz-object", archive([("a.npy", npy("'<f4'", b"\0\0\0\0")), ("b.npy", npy("'|O'", pickle.dumps(VALUES["system"], 3)))]), "torch")
case("raw-tokens", b"\x50\x00\x02\x00\x05\x01" * 10, "torch")
print("[" + ",\n".join(json.dumps(c) for c in cases) + "]")
