//! `guildhall import`: Ethereum blocks from a file, each executed and checked.
//!
//! The file is what geth's `export` writes: blocks in RLP, one after another.
//! Blocks that the ledger has are skipped, so an interrupted import goes on
//! where it stopped when it is started again.

use crate::{
    chain::LEDGER_FOLDER,
    cli::{ImportArguments, UsageError},
    node::read_genesis,
    shutdown,
};
use alloy_primitives::Bytes;
use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};
use ledger_chain::{Block, decode_block};
use ledger_execution::Ledger;
use ledger_state::StoreOptions;
use std::{
    fs::File,
    io::{BufReader, Read},
    path::Path,
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::Instant,
};

/// No block of any Ethereum chain comes near it; a damaged length does.
const BLOCK_BYTES_MAX: u64 = 64 << 20;
/// Blocks decoded ahead of execution.
const BLOCKS_AHEAD: usize = 64;

pub(crate) fn run(arguments: ImportArguments) -> anyhow::Result<()> {
    let spec = read_genesis(&arguments.genesis)?;
    let file = File::open(&arguments.file).with_context(|| format!("can't read {}", arguments.file.display()))?;
    let length = file.metadata().map(|metadata| metadata.len()).unwrap_or(0);
    let directory = arguments.data.data_dir.join(LEDGER_FOLDER);
    let ledger = Ledger::open(StoreOptions::new(directory, spec))?;
    let stop = shutdown::flag("Stopping after this block.")?;
    let progress = ProgressBar::new(length);
    progress.set_style(
        ProgressStyle::with_template("{bar:30} {percent}%  block {msg}  {elapsed} of about {duration}")
            .context("the progress bar's template is wrong")?,
    );
    let started = Instant::now();
    let outcome = import(&ledger, file, &arguments.file, &progress, &stop);
    progress.finish_and_clear();
    // What was imported before a bad block stays.
    ledger.store().checkpoint()?;
    let head = ledger.store().head();
    let count = outcome?;
    eprintln!(
        "Imported {count} blocks in {:.1?}; the head is block {} {}",
        started.elapsed(),
        head.number(),
        head.block.hash
    );
    if stop.load(Ordering::Relaxed) {
        eprintln!("Stopped before the end: start the same command again to go on.");
    }
    Ok(())
}

/// Imports what the ledger does not have and returns how many blocks it was.
fn import(ledger: &Ledger, file: File, path: &Path, progress: &ProgressBar, stop: &AtomicBool) -> anyhow::Result<u64> {
    // Decoding recovers senders, which costs more than most execution: it
    // runs ahead on another core.
    let (sender, decoded) = mpsc::sync_channel::<anyhow::Result<(u64, Block)>>(BLOCKS_AHEAD);
    let path = path.to_owned();
    std::thread::spawn(move || {
        let mut blocks = BlockFile { reader: BufReader::with_capacity(1 << 20, file), offset: 0 };
        loop {
            let next = blocks.next().with_context(|| format!("{}, byte {}", path.display(), blocks.offset));
            let Some(item) = next.transpose() else { break };
            let failed = item.is_err();
            if sender.send(item).is_err() || failed {
                break;
            }
        }
    });
    let mut imported = 0;
    for item in decoded {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let (offset, block) = item?;
        progress.set_position(offset);
        let number = block.header.number;
        if known(ledger, &block)? {
            continue;
        }
        let place = || format!("block {number} {} ends at byte {offset} of the file", block.hash);
        let what = place();
        let candidate = ledger.verify(block).with_context(|| what.clone())?;
        ledger.commit(candidate, Bytes::new()).context(what)?;
        imported += 1;
        if number % 100 == 0 {
            progress.set_message(number.to_string());
        }
    }
    Ok(imported)
}

/// Whether the ledger has this block already.
fn known(ledger: &Ledger, block: &Block) -> anyhow::Result<bool> {
    let number = block.header.number;
    let Some(stored) = ledger.store().block(number)? else { return Ok(false) };
    if stored.block.hash == block.hash {
        return Ok(true);
    }
    let reason = format!(
        "block {number} of the file is {}, the data directory has {}: it holds another chain; choose another --data-dir",
        block.hash, stored.block.hash
    );
    Err(UsageError(reason).into())
}

/// Blocks in RLP, one after another.
struct BlockFile<R> {
    reader: R,
    offset: u64,
}

impl<R: Read> BlockFile<R> {
    /// The next block and the offset behind it; `None` at the end.
    fn next(&mut self) -> anyhow::Result<Option<(u64, Block)>> {
        let mut rlp = vec![0];
        if self.reader.read(&mut rlp)? == 0 {
            return Ok(None);
        }
        let length = match rlp[0] {
            0xc0..=0xf7 => u64::from(rlp[0] - 0xc0),
            prefix @ 0xf8..=0xff => {
                let mut length = [0; 8];
                let bytes = usize::from(prefix - 0xf7);
                self.fill(&mut length[8 - bytes..])?;
                rlp.extend_from_slice(&length[8 - bytes..]);
                u64::from_be_bytes(length)
            }
            other => bail!("0x{other:02x} does not begin a block; is this a file of RLP blocks?"),
        };
        if length > BLOCK_BYTES_MAX {
            bail!("a block of {length} bytes is not possible: the file is damaged");
        }
        let start = rlp.len();
        rlp.resize(start + usize::try_from(length)?, 0);
        self.fill(&mut rlp[start..])?;
        let block = decode_block(&mut rlp.as_slice())?;
        self.offset += rlp.len() as u64;
        Ok(Some((self.offset, block)))
    }

    fn fill(&mut self, buffer: &mut [u8]) -> anyhow::Result<()> {
        self.reader.read_exact(buffer).context("the file ends inside a block; was it copied whole?")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> String {
        let error = BlockFile { reader: bytes, offset: 0 }.next().unwrap_err();
        format!("{error:#}")
    }

    #[test]
    fn bad_files_are_named() {
        assert!(read(b"{\"jsonrpc\"").contains("does not begin a block"));
        assert!(read(&[0xf9, 0x02]).contains("ends inside a block"));
        assert!(read(&[0xff; 9]).contains("is not possible"));
        assert!(read(&[0xc1, 0x80]).contains("does not decode"));
        assert!(BlockFile { reader: [].as_slice(), offset: 0 }.next().unwrap().is_none());
    }
}
