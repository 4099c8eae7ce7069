//! The opcodes of pickle, protocols 0 to 5: `pickletools.py` of CPython 3.13.

/// What follows an opcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Argument {
    /// This many bytes.
    Bytes(u64),
    /// Text up to a line feed.
    Line,
    /// Two such texts.
    TwoLines,
    /// A length of this many bytes, little-endian and unsigned, and as many bytes as it says.
    Sized(u8),
    /// The same with four bytes and a sign.
    SizedSigned,
}

/// What an opcode does to the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Takes so many values and leaves so many new ones.
    Values(u8, u8),
    /// Puts the text of its argument.
    Text(Spelling),
    /// Puts a mark.
    Mark,
    /// Takes all up to the mark, and the mark, and leaves so many new ones.
    ToMark(u8),
    /// Takes one value, or the mark where there is none above it.
    Pop,
    /// Puts its top once more.
    Dup,
    /// Puts what the memo has under the number of its argument.
    Get,
    /// Writes its top into the memo, under the number of its argument.
    Put,
    /// Writes its top into the memo, under the next number.
    Memoize,
    /// Imports what its two lines name; takes all up to the mark first where it is `INST`.
    Import { up_to_mark: bool },
    /// Imports what its two topmost values name.
    StackImport,
    /// Imports what a registry of the reading program has under a number.
    Extension,
    /// Tells the protocol.
    Protocol,
    /// The end.
    Stop,
}

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As it is.
    Plain,
    /// In quotes, with escapes.
    Quoted,
    /// With `\u` escapes.
    Escaped,
}

/// What an opcode has and does; none for a byte that is no opcode.
#[rustfmt::skip]
pub(super) const fn opcode(byte: u8) -> Option<(Argument, Effect)> {
    use Argument::{Bytes, Line, Sized, SizedSigned, TwoLines};
    use Effect::*;
    const NONE: Argument = Bytes(0);
    Some(match byte {
        b'(' => (NONE, Mark),
        b'.' => (NONE, Stop),
        b'0' => (NONE, Pop),
        b'1' => (NONE, ToMark(0)),
        b'2' => (NONE, Dup),
        b'F' | b'I' | b'L' | b'P' => (Line, Values(0, 1)), // FLOAT INT LONG PERSID
        b'J' => (Bytes(4), Values(0, 1)), // BININT
        b'K' => (Bytes(1), Values(0, 1)),
        b'M' => (Bytes(2), Values(0, 1)),
        b'G' => (Bytes(8), Values(0, 1)), // BINFLOAT
        b'N' | 0x88 | 0x89 => (NONE, Values(0, 1)), // NONE NEWTRUE NEWFALSE
        b'Q' => (NONE, Values(1, 1)), // BINPERSID
        b'R' => (NONE, Values(2, 1)), // REDUCE
        b'S' => (Line, Text(Spelling::Quoted)),
        b'T' => (SizedSigned, Text(Spelling::Plain)), // BINSTRING
        b'U' => (Sized(1), Text(Spelling::Plain)),
        b'V' => (Line, Text(Spelling::Escaped)), // UNICODE
        b'X' => (Sized(4), Text(Spelling::Plain)),
        0x8c => (Sized(1), Text(Spelling::Plain)),
        0x8d => (Sized(8), Text(Spelling::Plain)),
        b'B' => (Sized(4), Values(0, 1)), // BINBYTES
        b'C' => (Sized(1), Values(0, 1)),
        0x8e | 0x96 => (Sized(8), Values(0, 1)), // BINBYTES8 BYTEARRAY8
        b'a' | b'b' => (NONE, Values(1, 0)), // APPEND BUILD
        b's' => (NONE, Values(2, 0)), // SETITEM
        b'e' | b'u' | 0x90 => (NONE, ToMark(0)), // APPENDS SETITEMS ADDITEMS
        b'd' | b'l' | b't' | b'o' | 0x91 => (NONE, ToMark(1)), // DICT LIST TUPLE OBJ FROZENSET
        b']' | b'}' | b')' | 0x8f => (NONE, Values(0, 1)),
        b'c' => (TwoLines, Import { up_to_mark: false }),
        b'i' => (TwoLines, Import { up_to_mark: true }),
        0x93 => (NONE, StackImport),
        0x82 => (Bytes(1), Extension),
        0x83 => (Bytes(2), Extension),
        0x84 => (Bytes(4), Extension),
        b'g' => (Line, Get),
        b'h' => (Bytes(1), Get),
        b'j' => (Bytes(4), Get),
        b'p' => (Line, Put),
        b'q' => (Bytes(1), Put),
        b'r' => (Bytes(4), Put),
        0x94 => (NONE, Memoize),
        0x80 => (Bytes(1), Protocol),
        0x81 => (NONE, Values(2, 1)), // NEWOBJ
        0x92 => (NONE, Values(3, 1)), // NEWOBJ_EX
        0x85 => (NONE, Values(1, 1)),
        0x86 => (NONE, Values(2, 1)),
        0x87 => (NONE, Values(3, 1)),
        0x8a => (Sized(1), Values(0, 1)), // LONG1
        0x8b => (SizedSigned, Values(0, 1)), // LONG4
        0x95 => (Bytes(8), Values(0, 0)), // FRAME
        0x97 => (NONE, Values(0, 1)), // NEXT_BUFFER
        0x98 => (NONE, Values(0, 0)), // READONLY_BUFFER
        _ => return None,
    })
}
