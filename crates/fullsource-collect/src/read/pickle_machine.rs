//! The stack and the memo of an unpickler, as far as texts go.

use std::collections::HashMap;

use super::pickle_harmless;

/// Values on the stack.
const STACK: usize = 4_000_000;
/// Entries of the memo: one for each value that a pickle may come back to.
const MEMO: usize = 16_000_000;
/// Different texts that could be names and are kept. One above is known only where it is in the list of
/// harmless names.
const NAMES: usize = 1 << 18;
/// Bytes of a text that is kept.
const KEPT_BYTES: usize = 128;

type Outcome<T = ()> = Result<T, &'static str>;

/// A value: 0 is anything, above is the place of a text.
type Slot = u32;
const ANY: Slot = 0;
const ABSENT: Slot = Slot::MAX;

pub(super) struct Machine {
    stack: Vec<Slot>,
    /// Where the stack stood at each mark.
    marks: Vec<usize>,
    memo: Vec<Slot>,
    /// Different numbers that the memo has: the next one of `MEMOIZE`.
    memo_len: usize,
    names: Vec<Box<str>>,
    places: HashMap<Box<str>, Slot>,
}

impl Machine {
    pub(super) fn new() -> Self {
        let mut machine = Self {
            stack: Vec::new(),
            marks: Vec::new(),
            memo: Vec::new(),
            memo_len: 0,
            names: Vec::new(),
            places: HashMap::new(),
        };
        for word in pickle_harmless::words() {
            machine.slot(word);
        }
        machine
    }

    /// Takes values and puts others of which nothing is known.
    pub(super) fn replace(&mut self, takes: u8, gives: u8) -> Outcome {
        for _ in 0..takes {
            self.pop()?;
        }
        (0..gives).try_for_each(|_| self.push(ANY))
    }

    pub(super) fn push_text(&mut self, text: Option<&str>) -> Outcome {
        let slot = text.map_or(ANY, |text| self.slot(text));
        self.push(slot)
    }

    pub(super) fn mark(&mut self) -> Outcome {
        if self.marks.len() >= STACK {
            return Err("more marks than are read");
        }
        self.marks.push(self.stack.len());
        Ok(())
    }

    pub(super) fn to_mark(&mut self, gives: u8) -> Outcome {
        let mark = self.marks.pop().ok_or("no mark to go back to")?;
        self.stack.truncate(mark);
        self.replace(0, gives)
    }

    pub(super) fn pop_or_mark(&mut self) -> Outcome {
        if self.stack.len() > self.floor() { self.replace(1, 0) } else { self.to_mark(0) }
    }

    pub(super) fn dup(&mut self) -> Outcome {
        let top = self.top()?;
        self.push(top)
    }

    pub(super) fn get(&mut self, key: u32) -> Outcome {
        match self.memo.get(key as usize) {
            Some(slot) if *slot != ABSENT => self.push(*slot),
            // Those that were too many to keep.
            None if (key as usize) < self.memo_len => self.push(ANY),
            _ => Err("a number that the memo does not have"),
        }
    }

    pub(super) fn put(&mut self, key: u32) -> Outcome {
        let (key, top) = (key as usize, self.top()?);
        if key >= MEMO {
            return Err("a number of the memo above those that are read");
        }
        if key >= self.memo.len() {
            self.memo.resize(key + 1, ABSENT);
        }
        self.memo_len += usize::from(self.memo[key] == ABSENT);
        self.memo[key] = top;
        Ok(())
    }

    pub(super) fn memoize(&mut self) -> Outcome {
        if self.memo_len < MEMO {
            return self.put(self.memo_len as u32);
        }
        self.memo_len += 1;
        self.top().map(drop)
    }

    /// Takes a name and, below it, a module.
    pub(super) fn pop_names(&mut self) -> Outcome<(Option<String>, Option<String>)> {
        let (name, module) = (self.pop()?, self.pop()?);
        let text = |slot: Slot| {
            let place = (slot as usize).checked_sub(1)?;
            self.names.get(place).map(|name| name.clone().into_string())
        };
        Ok((text(module), text(name)))
    }

    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn top(&self) -> Outcome<Slot> {
        let top = self.stack.last().filter(|_| self.stack.len() > self.floor());
        top.copied().ok_or("a value is missing on the stack")
    }

    fn pop(&mut self) -> Outcome<Slot> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    fn push(&mut self, slot: Slot) -> Outcome {
        if self.stack.len() >= STACK {
            return Err("more values on the stack than are read");
        }
        self.stack.push(slot);
        Ok(())
    }

    /// The place of a text that could be a name.
    fn slot(&mut self, text: &str) -> Slot {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"_.-<>".contains(&b);
        if text.len() > KEPT_BYTES || !text.bytes().all(plain) {
            return ANY;
        }
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        if self.names.len() >= NAMES {
            return ANY;
        }
        self.names.push(text.into());
        let place = self.names.len() as Slot;
        self.places.insert(text.into(), place);
        place
    }
}
