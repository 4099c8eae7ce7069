"""BLAKE3 with 32 bytes of output, without key or context (digest-3), in plain Python.

`compress` works on many chunks at once: one integer holds a 32-bit word of each of them, in a lane
of 64 bits. Sums and shifts spill into the upper half of a lane, and a mask takes that off again.
"""

import struct
import sys
from array import array

IV = (0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
      0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19)
ORDER = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
COLUMNS_AND_DIAGONALS = ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
                         (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))
CHUNK_START, CHUNK_END, PARENT, ROOT = 1, 2, 4, 8
CHUNK, BLOCK, LANES = 1024, 64, 1024


def blake3(data):
    data = memoryview(data)
    last = max(0, (len(data) - 1) // CHUNK)
    if last == 0:
        return hexadecimal(last_chunk(data, 0, ROOT))
    values = full_chunks(data, last) + [last_chunk(data[last * CHUNK:], last, 0)]
    while len(values) > 2:  # the tree is a row of pairs; one that is left over goes up as it is
        left, right = values[:len(values) - 1:2], values[1::2]
        values = parents(left, right, 0) + values[2 * len(right):]
    return hexadecimal(parents(values[:1], values[1:], ROOT)[0])


def hexadecimal(value):
    return struct.pack("<8I", *value).hex()


def last_chunk(data, counter, root):
    value, blocks = IV, max(1, -(-len(data) // BLOCK))
    for i in range(blocks):
        block = bytes(data[i * BLOCK:(i + 1) * BLOCK])
        flags = CHUNK_START * (i == 0) | (CHUNK_END | root) * (i == blocks - 1)
        message = struct.unpack("<16I", block.ljust(BLOCK, b"\0"))
        value = compress(value, message, (counter & 0xFFFFFFFF, counter >> 32), len(block), flags)
    return value


def full_chunks(data, count):
    """The chaining values of the first `count` chunks."""
    values = []
    for first in range(0, count, LANES):
        n = min(LANES, count - first)
        words = array("I", data[first * CHUNK:(first + n) * CHUNK].tobytes())
        if sys.byteorder == "big":
            words.byteswap()
        counters = range(first, first + n)
        counter = lanes([i & 0xFFFFFFFF for i in counters]), lanes([i >> 32 for i in counters])
        one = lanes([1] * n)
        value = [word * one for word in IV]
        for i in range(16):
            message = [lanes(words[i * 16 + k::256]) for k in range(16)]
            flags = CHUNK_START * (i == 0) | CHUNK_END * (i == 15)
            value = compress(value, message, counter, BLOCK, flags, one)
        values += zip(*(words_of(lane, n) for lane in value))
    return values


def parents(left, right, root):
    """The values of pairs, for as many as there are on the right."""
    values = []
    for first in range(0, len(right), LANES):
        pairs = list(zip(left[first:first + LANES], right[first:first + LANES]))
        message = [lanes(words) for words in zip(*(a + b for a, b in pairs))]
        one = lanes([1] * len(pairs))
        value = compress([word * one for word in IV], message, (0, 0), BLOCK, PARENT | root, one)
        values += zip(*(words_of(lane, len(pairs)) for lane in value))
    return values


def lanes(words):
    return int.from_bytes(struct.pack(f"<{len(words)}Q", *words), "little")


def words_of(lane, count):
    return struct.unpack(f"<{count}Q", lane.to_bytes(8 * count, "little"))


def compress(value, message, counter, length, flags, one=1):
    mask = 0xFFFFFFFF * one
    v = [*value, *(word * one for word in IV[:4]), *counter, length * one, flags * one]
    for _ in range(7):
        for i, (a, b, c, d) in enumerate(COLUMNS_AND_DIAGONALS):
            for word, by_d, by_b in ((message[2 * i], 16, 12), (message[2 * i + 1], 8, 7)):
                v[a] = (v[a] + v[b] + word) & mask
                v[d] = rotate(v[d] ^ v[a], by_d, mask)
                v[c] = (v[c] + v[d]) & mask
                v[b] = rotate(v[b] ^ v[c], by_b, mask)
        message = [message[i] for i in ORDER]
    return tuple(v[i] ^ v[i + 8] for i in range(8))


def rotate(word, by, mask):
    return (word >> by | word << (32 - by)) & mask
