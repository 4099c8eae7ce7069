"""BLAKE3 with 32 bytes of output, without key or context (digest-3): slow and plain."""

import struct

IV = (0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
      0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19)
ORDER = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
COLUMNS_AND_DIAGONALS = ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
                         (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))
CHUNK_START, CHUNK_END, PARENT, ROOT = 1, 2, 4, 8
CHUNK, BLOCK, MASK = 1024, 64, 0xFFFFFFFF


def blake3(data):
    return struct.pack("<8I", *subtree(memoryview(data), 0, ROOT)).hex()


def subtree(data, counter, root):
    """The chaining value of a run of chunks whose first has the number `counter`."""
    if len(data) <= CHUNK:
        return chunk(data, counter, root)
    left = CHUNK  # the left side is the largest power of two of chunks that leaves a rest
    while left * 2 < len(data):
        left *= 2
    message = (subtree(data[:left], counter, 0)
               + subtree(data[left:], counter + left // CHUNK, 0))
    return compress(IV, message, 0, BLOCK, PARENT | root)


def chunk(data, counter, root):
    value, blocks = IV, max(1, -(-len(data) // BLOCK))
    for i in range(blocks):
        block = bytes(data[i * BLOCK:(i + 1) * BLOCK])
        flags = (CHUNK_START if i == 0 else 0) | (CHUNK_END | root if i == blocks - 1 else 0)
        message = struct.unpack("<16I", block.ljust(BLOCK, b"\0"))
        value = compress(value, message, counter, len(block), flags)
    return value


def compress(value, message, counter, length, flags):
    v = [*value, *IV[:4], counter & MASK, counter >> 32, length, flags]
    for _ in range(7):
        for i, (a, b, c, d) in enumerate(COLUMNS_AND_DIAGONALS):
            for word, by_d, by_b in ((message[2 * i], 16, 12), (message[2 * i + 1], 8, 7)):
                v[a] = (v[a] + v[b] + word) & MASK
                v[d] = rotate(v[d] ^ v[a], by_d)
                v[c] = (v[c] + v[d]) & MASK
                v[b] = rotate(v[b] ^ v[c], by_b)
        message = tuple(message[i] for i in ORDER)
    return tuple(v[i] ^ v[i + 8] for i in range(8))


def rotate(word, by):
    return (word >> by | word << (32 - by)) & MASK
