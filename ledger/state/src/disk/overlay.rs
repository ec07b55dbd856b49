//! A file that may be written without changing what is on disk.

use super::DiskFile;
use parking_lot::Mutex;
use std::{collections::BTreeMap, io};

const PAGE_BYTES: u64 = 4_096;

/// Reads from a file; keeps what is written in memory and forgets it in the
/// end. A check opens the checkpoint database this way, since opening alone
/// may write.
#[derive(Debug)]
pub(crate) struct OverlayFile {
    base: Box<dyn DiskFile>,
    layer: Mutex<Layer>,
}

#[derive(Debug)]
struct Layer {
    length: u64,
    /// The base counts up to here; beyond it a cut has left zeros.
    base_length: u64,
    pages: BTreeMap<u64, Vec<u8>>,
}

impl OverlayFile {
    /// Over `base`, as it is now.
    ///
    /// # Errors
    /// The system's error.
    pub(crate) fn over(base: Box<dyn DiskFile>) -> io::Result<Self> {
        let length = base.length()?;
        Ok(Self { base, layer: Mutex::new(Layer { length, base_length: length, pages: BTreeMap::new() }) })
    }

    fn page(&self, layer: &Layer, index: u64) -> io::Result<Vec<u8>> {
        if let Some(page) = layer.pages.get(&index) {
            return Ok(page.clone());
        }
        let mut page = vec![0; PAGE_BYTES as usize];
        let start = index * PAGE_BYTES;
        let there = layer.base_length.saturating_sub(start).min(PAGE_BYTES);
        self.base.read_exact_at(&mut page[..usize::try_from(there).unwrap_or(0)], start)?;
        Ok(page)
    }
}

impl DiskFile for OverlayFile {
    fn length(&self) -> io::Result<u64> {
        Ok(self.layer.lock().length)
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let layer = self.layer.lock();
        if offset + buffer.len() as u64 > layer.length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if layer.pages.is_empty() && layer.length == layer.base_length {
            return self.base.read_exact_at(buffer, offset);
        }
        for (index, within, span) in pages(offset, buffer.len()) {
            let page = self.page(&layer, index)?;
            buffer[span.clone()].copy_from_slice(&page[within..within + span.len()]);
        }
        Ok(())
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut layer = self.layer.lock();
        for (index, within, span) in pages(offset, bytes.len()) {
            let mut page = self.page(&layer, index)?;
            page[within..within + span.len()].copy_from_slice(&bytes[span]);
            layer.pages.insert(index, page);
        }
        layer.length = layer.length.max(offset + bytes.len() as u64);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut layer = self.layer.lock();
        if length < layer.length {
            let last = length / PAGE_BYTES;
            let mut page = self.page(&layer, last)?;
            page[usize::try_from(length % PAGE_BYTES).unwrap_or(0)..].fill(0);
            layer.pages.split_off(&last);
            layer.pages.insert(last, page);
            layer.base_length = layer.base_length.min(length);
        }
        layer.length = length;
        Ok(())
    }
}

/// The pages that `length` bytes from `offset` touch: index, where in the
/// page, and which of the bytes.
fn pages(offset: u64, length: usize) -> impl Iterator<Item = (u64, usize, std::ops::Range<usize>)> {
    let mut done = 0;
    std::iter::from_fn(move || {
        if done == length {
            return None;
        }
        let at = offset + done as u64;
        let within = usize::try_from(at % PAGE_BYTES).unwrap_or(0);
        let count = (PAGE_BYTES as usize - within).min(length - done);
        let span = done..done + count;
        done += count;
        Some((at / PAGE_BYTES, within, span))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::{Disk, OsDisk};
    use rand::{Rng, SeedableRng, rngs::StdRng};

    #[test]
    fn it_reads_like_a_file_and_leaves_the_base_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        let mut random = StdRng::seed_from_u64(1);
        let original: Vec<u8> = (0..20_000).map(|_| random.random()).collect();
        std::fs::write(&path, &original).unwrap();
        let overlay = OverlayFile::over(OsDisk.open(&path).unwrap()).unwrap();
        let mut model = original.clone();
        for round in 0..500 {
            match random.random_range(0..3) {
                0 => {
                    let (at, size) = (random.random_range(0..25_000usize), random.random_range(0..9_000usize));
                    let bytes: Vec<u8> = (0..size).map(|_| random.random()).collect();
                    overlay.write_all_at(&bytes, at as u64).unwrap();
                    if size > 0 {
                        model.resize(model.len().max(at + size), 0);
                        model[at..at + size].copy_from_slice(&bytes);
                    }
                }
                1 => {
                    let length = random.random_range(0..30_000usize);
                    overlay.set_len(length as u64).unwrap();
                    model.resize(length, 0);
                }
                _ => {}
            }
            let mut found = vec![0; model.len()];
            overlay.read_exact_at(&mut found, 0).unwrap();
            assert!(found == model, "round {round}");
            assert!(overlay.read_exact_at(&mut [0], model.len() as u64).is_err());
        }
        assert_eq!(std::fs::read(&path).unwrap(), original);
    }
}
