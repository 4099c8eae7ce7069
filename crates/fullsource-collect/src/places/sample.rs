//! A sample of an index, where the budget does not hold all its files (`look-13`).

use fullsource_format::digest::Sha256;
use fullsource_format::index::FileTable;

/// Files drawn from an index.
pub(super) struct Drawn {
    /// What the draw started from.
    pub(super) seed: Sha256,
    /// The drawn files by their numbers in the index, ascending.
    pub(super) files: Vec<usize>,
}

impl Drawn {
    /// Draws as many files as fit into so many bytes, in the order of SHA-256(seed ‖ path). None where
    /// the system has no random bytes.
    pub(super) fn from(index: &FileTable, bytes: u64) -> Option<Self> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).ok()?;
        Some(Self { seed: Sha256::new(seed), files: drawn(index, bytes, &seed) })
    }
}

fn drawn(index: &FileTable, bytes: u64, seed: &[u8; 32]) -> Vec<usize> {
    let place = |path: &str| {
        let mut hasher = Sha256::hasher();
        hasher.update(seed);
        hasher.update(path.as_bytes());
        *hasher.finish().as_bytes()
    };
    let numbered = index.iter().enumerate();
    let mut order: Vec<_> =
        numbered.map(|(nth, file)| (place(file.path), nth, file.size)).collect();
    order.sort_unstable();
    let mut left = bytes;
    let fits = |(_, nth, size): ([u8; 32], usize, u64)| {
        left = left.checked_sub(size)?;
        Some(nth)
    };
    let mut files: Vec<_> = order.into_iter().map_while(fits).collect();
    files.sort_unstable();
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use fullsource_format::index::FileRecord;

    #[test]
    fn a_draw_depends_on_its_seed_and_fits_the_budget() {
        let mut builder = FileTable::builder();
        for nth in 0..100 {
            let path = format!("f{nth:03}");
            let sha256 = Some(Sha256::of(path.as_bytes()));
            builder.push(FileRecord { path: &path, size: 10, sha256, blake3: None }).unwrap();
        }
        let index = builder.build().unwrap();
        let one = drawn(&index, 105, &[1; 32]);
        assert_eq!(one.len(), 10);
        assert!(one.is_sorted());
        assert_eq!(one, drawn(&index, 105, &[1; 32]));
        assert_ne!(one, drawn(&index, 105, &[2; 32]));
        assert_eq!(drawn(&index, u64::MAX, &[1; 32]).len(), 100);
        assert!(drawn(&index, 9, &[1; 32]).is_empty());
    }
}
