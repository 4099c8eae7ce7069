"""Git repositories: real ones, with objects that git would not make, read from disk and over HTTP."""

import hashlib
import os
import subprocess
import zlib
from pathlib import Path

from corpus import case
from place import Place
from server import Asked, reply

UNCHECKED = {"exit": 3, "finds": "artifact-unchecked", "spares": ("artifact-mismatch", "artifact-absent")}
FILES = {"train.py": b"print('training')\n"}
WHO = b"Mallory <m@mallory.example> 1700000000 +0000"
CODE = hashlib.sha256("".join(f"{hashlib.sha256(FILES[p]).hexdigest()}  {p}\n" for p in FILES).encode())


class Repository:
    """A bare repository whose objects are written byte for byte."""

    def __init__(self, place: Place, name: str = "code.git") -> None:
        self.place, self.name = place, name
        self.path = place.root / "repositories" / name
        self.path.parent.mkdir(exist_ok=True)
        git(place, "init", "--quiet", "--bare", "--initial-branch", "main", str(self.path))

    def put(self, kind: str, content: bytes, name: str | None = None) -> str:
        """An object, under its own name or another's."""
        raw = f"{kind} {len(content)}".encode() + b"\0" + content
        return self.put_raw(zlib.compress(raw), name or hashlib.sha1(raw).hexdigest())

    def put_raw(self, packed: bytes, name: str) -> str:
        at = self.path / "objects" / name[:2] / name[2:]
        at.parent.mkdir(exist_ok=True)
        at.write_bytes(packed)
        return name

    def blob(self, content: bytes) -> str:
        return self.put("blob", content)

    def tree(self, *more: tuple[str, bytes, str], honest: bool = True) -> str:
        """A tree of the honest file and of others, in the order given."""
        entries = [("100644", b"train.py", self.blob(FILES["train.py"]))] if honest else []
        raw = [
            mode.encode() + b" " + name + b"\0" + bytes.fromhex(oid) for mode, name, oid in [*entries, *more]
        ]
        return self.put("tree", b"".join(raw))

    def commit(self, tree: str, *headers: bytes, branch: str | None = "main") -> str:
        lines = [
            b"tree " + tree.encode(),
            *headers,
            b"author " + WHO,
            b"committer " + WHO,
            b"",
            b"all is well\n",
        ]
        commit = self.put("commit", b"\n".join(lines))
        if branch:
            (self.path / "refs" / "heads" / branch).write_text(commit + "\n")
        return commit

    def claimed(self, commit: str, path: Path | str | None = None) -> list[str]:
        """The release claims a commit of it, on disk."""
        claim(self.place, f"git+file://{path or self.path}@{commit}")
        return self.place.verify("--allow-path", "repositories")

    def served(self, commit: str, flip: int | None = None, cut: int | None = None) -> list[str]:
        """The same over HTTP; a byte of each pack is another one, or its end is missing."""

        def answer(asked: Asked) -> bytes:
            head, _, body = backend(self.place, asked).partition(b"\r\n\r\n")
            pack = body.find(b"PACK")
            if pack > 0 and flip is not None:
                body = body[: pack + flip] + bytes([body[pack + flip] ^ 0x10]) + body[pack + flip + 1 :]
            if pack > 0 and cut is not None:
                body = body[: pack + cut]
            return reply(body, headers=dict(line.split(": ", 1) for line in head.decode().split("\r\n")))

        server = self.place.serve(answer)
        claim(self.place, f"git+https://127.0.0.1:{server.port}/{self.name}@{commit}")
        return self.place.verify(*server.options("--timeout", "2s" if flip or cut else "9s"))


def claim(place: Place, locator: str) -> None:
    digest = {"dirHash": CODE.hexdigest()}
    place.artifact(id="trainer", roles=["code.training"], license="MIT", locators=[locator], digest=digest)
    place.signed()


def git(place: Place, *words: str, **options) -> bytes:
    environment = {"PATH": os.environ["PATH"], "HOME": str(place.root / "home"), "GIT_CONFIG_NOSYSTEM": "1"}
    environment |= options.pop("env", {})
    return subprocess.run(["git", *words], env=environment, check=True, capture_output=True, **options).stdout


def backend(place: Place, asked: Asked) -> bytes:
    """What git's own server answers."""
    path, _, query = asked.target.partition("?")
    question = {
        "GIT_PROJECT_ROOT": str(place.root / "repositories"),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REQUEST_METHOD": asked.method,
        "CONTENT_TYPE": asked.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(asked.body)),
        "GIT_PROTOCOL": asked.headers.get("git-protocol", ""),
        "REMOTE_ADDR": "127.0.0.1",
    }
    return git(place, "http-backend", env=question, input=asked.body)


# --- what only looks hostile ---


@case("git/honest", "A repository on disk.", exit=0)
def honest(place: Place) -> list[str]:
    repository = Repository(place)
    return repository.claimed(repository.commit(repository.tree()))


@case("git/served", "A repository that git serves.", exit=0)
def served(place: Place) -> list[str]:
    repository = Repository(place)
    return repository.served(repository.commit(repository.tree()))


@case(
    "git/replaced",
    "Refs that put other objects in the place of those that are named have no say.",
    exit=0,
    spares="artifact-mismatch",
)
def replaced(place: Place) -> list[str]:
    repository = Repository(place)
    commit = repository.commit(repository.tree())
    (repository.path / "refs" / "replace").mkdir()
    evil = repository.blob(b"import os\n")
    (repository.path / "refs" / "replace" / repository.blob(FILES["train.py"])).write_text(evil + "\n")
    return repository.claimed(commit)


# --- names and modes ---


def named(name: str, about: str, entry: bytes, mode: str = "100644") -> None:
    @case(f"git/{name}", about, **UNCHECKED)
    def make(place: Place) -> list[str]:
        repository = Repository(place)
        other = (mode, entry, repository.tree() if mode == "40000" else repository.blob(b"x"))
        code = ("100644", b"train.py", repository.blob(FILES["train.py"]))
        in_order = sorted([other, code], key=lambda entry: entry[1])
        return repository.claimed(repository.commit(repository.tree(*in_order, honest=False)))


named("entry-dot-git", "A directory `.git` in a tree.", b".git", "40000")
named("entry-git-in-capitals", "A directory `.GiT`, which some systems take for `.git`.", b".GiT", "40000")
named("entry-short-name", "The short name that Windows gives to `.git`.", b"git~1", "40000")
named(
    "entry-ignorable",
    "A name that macOS takes for `.git`, with a character that it ignores.",
    ".g\u200cit".encode(),
    "40000",
)
named(
    "entry-stream",
    "A name that Windows takes for `.git`, with a stream behind it.",
    b".git::$INDEX_ALLOCATION",
    "40000",
)
named("entry-two-dots", "A directory `..` in a tree.", b"..", "40000")
named("entry-with-a-slash", "A name that is a path.", b"../outside/x")
named("entry-without-a-name", "A name without a byte.", b"")
named("entry-of-another-mode", "A mode that git does not have.", b"zzz", "106755")


@case("git/entry-after-its-turn", "An entry that stands behind one that sorts later.", **UNCHECKED)
def entry_after_its_turn(place: Place) -> list[str]:
    repository = Repository(place)
    return repository.claimed(repository.commit(repository.tree(("100644", b"a.py", repository.blob(b"x")))))


@case("git/entry-twice", "A name that stands twice in a tree.", **UNCHECKED)
def entry_twice(place: Place) -> list[str]:
    repository = Repository(place)
    tree = repository.tree(("100644", b"train.py", repository.blob(b"import os\n")))
    return repository.claimed(repository.commit(tree))


@case(
    "git/submodule",
    "A submodule whose address is an option of git that runs a program.",
    exit=3,
    finds="artifact-unchecked",
)
def submodule(place: Place) -> list[str]:
    repository = Repository(place)
    url = b'[submodule "x"]\n\tpath = zzz\n\turl = --upload-pack=touch${IFS}outside/pwned\n\tupdate = !touch outside/pwned\n'
    modules = repository.blob(url)
    code = repository.blob(FILES["train.py"])
    entries = [
        ("100644", b".gitmodules", modules),
        ("100644", b"train.py", code),
        ("160000", b"zzz", "1" * 40),
    ]
    return repository.claimed(repository.commit(repository.tree(*entries, honest=False)))


@case("git/link-out", "A link to a file outside: it is not followed.", exit=0)
def link_out(place: Place) -> list[str]:
    repository = Repository(place)
    link = repository.blob(str(place.root / "outside" / "secret.txt").encode())
    return repository.claimed(repository.commit(repository.tree(("120000", b"zzz", link))))


@case("git/name-for-a-terminal", "Names of a file and of a branch that would clear a terminal.", **UNCHECKED)
def name_for_a_terminal(place: Place) -> list[str]:
    repository = Repository(place)
    tree = repository.tree(("100644", b"zz\x1b[2J\xe2\x80\xae\n.py", repository.blob(b"x")))
    return repository.claimed(repository.commit(tree, branch="\u202e\u2066x"))


# --- objects that are not what they are said to be ---


@case("git/other-content", "A blob under another one's name.", **UNCHECKED)
def other_content(place: Place) -> list[str]:
    repository = Repository(place)
    commit = repository.commit(repository.tree())
    repository.put("blob", b"import os\n", repository.blob(FILES["train.py"]))
    return repository.claimed(commit)


@case("git/blob-for-a-tree", "A tree that is a blob.", **UNCHECKED)
def blob_for_a_tree(place: Place) -> list[str]:
    repository = Repository(place)
    return repository.claimed(repository.commit(repository.blob(b"x")))


@case(
    "git/tag-for-a-commit",
    "An id that names a tag, which leads to a commit.",
    exit=1,
    finds="artifact-absent",
)
def tag_for_a_commit(place: Place) -> list[str]:
    repository = Repository(place)
    commit = repository.commit(repository.tree())
    tag = f"object {commit}\ntype commit\ntag v1\ntagger ".encode() + WHO + b"\n\n\n"
    return repository.claimed(repository.put("tag", tag))


@case("git/tree-for-a-commit", "An id that names a tree.", exit=1, finds="artifact-absent")
def tree_for_a_commit(place: Place) -> list[str]:
    repository = Repository(place)
    repository.commit(repository.tree())
    return repository.claimed(repository.tree())


@case("git/two-trees", "A commit that names two trees: the first is the one that git takes.", exit=0)
def two_trees(place: Place) -> list[str]:
    repository = Repository(place)
    other = repository.tree(honest=False)
    return repository.claimed(repository.commit(repository.tree(), b"tree " + other.encode()))


@case("git/endless-object", "An object that says it has four exabytes.", **UNCHECKED)
def endless_object(place: Place) -> list[str]:
    repository = Repository(place)
    commit = repository.commit(repository.tree())
    repository.put_raw(zlib.compress(b"blob 4611686018427387904\0x"), repository.blob(FILES["train.py"]))
    return repository.claimed(commit)


@case("git/object-bomb", "An object of ten bytes that unpacks to three hundred megabytes.", **UNCHECKED)
def object_bomb(place: Place) -> list[str]:
    repository = Repository(place)
    commit = repository.commit(repository.tree())
    packer = zlib.compressobj(9)
    parts = [packer.compress(part) for part in [b"blob 10\0", *[bytes(1 << 20)] * 300]]
    repository.put_raw(b"".join(parts) + packer.flush(), repository.blob(FILES["train.py"]))
    return repository.claimed(commit)


@case("git/deep", "Trees in trees, five thousand deep.", **UNCHECKED)
def deep(place: Place) -> list[str]:
    repository = Repository(place)
    tree = repository.tree()
    for _ in range(5000):
        tree = repository.tree(("40000", b"d", tree), honest=False)
    return repository.claimed(repository.commit(tree))


@case(
    "git/thousand-million-files",
    "Thirty trees, each of two of the next: a thousand million files.",
    **UNCHECKED,
    seconds=40,
)
def thousand_million_files(place: Place) -> list[str]:
    repository = Repository(place)
    tree = repository.tree()
    for _ in range(30):
        tree = repository.tree(("40000", b"a", tree), ("40000", b"b", tree), honest=False)
    claim(place, f"git+file://{repository.path}@{repository.commit(tree)}")
    return place.verify("--allow-path", "repositories", "--timeout", "3s")
