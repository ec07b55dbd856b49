//! Block fixtures of ethereum/execution-spec-tests through this ledger's own
//! import: every block that must be accepted is, with its state root, and
//! every block that must be refused is.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may fail loudly and say that it is skipped")]

use alloy_genesis::{ChainConfig, Genesis, GenesisAccount};
use alloy_primitives::{Address, B256, Bytes, U256};
use ledger_chain::{ChainSpec, decode_block};
use ledger_execution::Ledger;
use ledger_state::StoreOptions;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

/// From the package's folder, in which cargo runs its tests.
const FIXTURES: &str = "../../../shared/conformance/eest/blockchain_tests";

#[test]
fn execution_spec_tests() {
    let root = Path::new(FIXTURES);
    if !root.is_dir() {
        println!("skipped: the execution-spec-tests fixtures are not on this machine");
        return;
    }
    let mut files = Vec::new();
    collect(root, &mut files);
    let mut passed = 0;
    let mut failures = Vec::new();
    for file in files {
        let json: BTreeMap<String, Value> = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        for (name, fixture) in json {
            match run(&fixture) {
                Ok(()) => passed += 1,
                Err(reason) => failures.push(format!("{}: {name}: {reason}", file.display())),
            }
        }
    }
    assert!(failures.is_empty(), "{passed} passed, {} failed:\n{}", failures.len(), failures.join("\n"));
    assert!(passed > 500, "only {passed} fixtures ran");
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn number(value: &Value) -> Option<u64> {
    let value = value.as_str()?;
    u64::from_str_radix(value.trim_start_matches("0x"), 16).ok()
}

fn run(fixture: &Value) -> Result<(), String> {
    let directory = tempfile::tempdir().unwrap();
    let spec = ChainSpec::new(genesis(fixture)).map_err(|error| error.to_string())?;
    let expected: B256 = text(&fixture["genesisBlockHeader"]["hash"]).parse().unwrap();
    if spec.genesis_hash() != expected {
        return Err(format!("genesis hash {} is not {expected}", spec.genesis_hash()));
    }
    let mut options = StoreOptions::new(directory.path(), Arc::new(spec));
    options.cache_bytes = 1 << 20;
    let ledger = Ledger::open(options).map_err(|error| error.to_string())?;
    for (index, block) in fixture["blocks"].as_array().unwrap().iter().enumerate() {
        let rlp: Bytes = text(&block["rlp"]).parse().unwrap();
        let imported = import(&ledger, &rlp);
        match (imported, block.get("expectException")) {
            (Ok(()), None) | (Err(_), Some(_)) => {}
            (Ok(()), Some(exception)) => return Err(format!("block {index} was accepted, expected {exception}")),
            (Err(error), None) => return Err(format!("block {index}: {error}")),
        }
    }
    let head = ledger.store().head().block.hash;
    let expected: B256 = text(&fixture["lastblockhash"]).parse().unwrap();
    if head == expected { Ok(()) } else { Err(format!("the head is {head}, expected {expected}")) }
}

fn import(ledger: &Ledger, rlp: &[u8]) -> Result<(), String> {
    let block = decode_block(&mut &*rlp).map_err(|error| error.to_string())?;
    let candidate = ledger.verify(block).map_err(|error| error.to_string())?;
    ledger.commit(candidate, Bytes::new()).map(drop).map_err(|error| error.to_string())
}

fn genesis(fixture: &Value) -> Genesis {
    let header = &fixture["genesisBlockHeader"];
    let alloc: BTreeMap<Address, GenesisAccount> = fixture["pre"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(address, account)| {
            let storage = account["storage"].as_object().unwrap();
            let storage: BTreeMap<B256, B256> = storage
                .iter()
                .map(|(slot, value)| {
                    let word = |text: &str| B256::from(text.parse::<U256>().unwrap());
                    (word(slot), word(value.as_str().unwrap()))
                })
                .collect();
            let account = GenesisAccount {
                nonce: number(&account["nonce"]),
                balance: text(&account["balance"]).parse().unwrap(),
                code: Some(text(&account["code"]).parse().unwrap()),
                storage: Some(storage),
                ..GenesisAccount::default()
            };
            (address.parse().unwrap(), account)
        })
        .collect();
    Genesis {
        config: config(fixture),
        nonce: number(&header["nonce"]).unwrap(),
        timestamp: number(&header["timestamp"]).unwrap(),
        extra_data: text(&header["extraData"]).parse().unwrap(),
        gas_limit: number(&header["gasLimit"]).unwrap(),
        difficulty: text(&header["difficulty"]).parse().unwrap(),
        mix_hash: text(&header["mixHash"]).parse().unwrap(),
        coinbase: text(&header["coinbase"]).parse().unwrap(),
        base_fee_per_gas: number(&header["baseFeePerGas"]).map(u128::from),
        excess_blob_gas: number(&header["excessBlobGas"]),
        blob_gas_used: number(&header["blobGasUsed"]),
        alloc,
        ..Genesis::default()
    }
}

const FORKS: [&str; 19] = [
    "Frontier",
    "Homestead",
    "Dao",
    "EIP150",
    "EIP158",
    "Byzantium",
    "ConstantinopleFix",
    "Istanbul",
    "Berlin",
    "London",
    "Paris",
    "Shanghai",
    "Cancun",
    "Prague",
    "Osaka",
    "BPO1",
    "BPO2",
    "BPO3",
    "BPO4",
];

/// The forks of a network, in the names of the fixtures.
fn config(fixture: &Value) -> ChainConfig {
    let network = text(&fixture["network"]);
    let (base, next) = network.split_once("To").unwrap_or((network, ""));
    let (next, at) = match next.split_once("At") {
        Some((next, "Time15k")) => (next, 15_000),
        Some((next, block)) => (next, block.parse().unwrap_or_else(|_| panic!("unknown network {network}"))),
        None => ("", 0),
    };
    let rank = |name: &str| {
        let position = FORKS.iter().position(|fork| fork.eq_ignore_ascii_case(name));
        position.unwrap_or_else(|| panic!("unknown fork {name}"))
    };
    let reached = rank(base);
    let upcoming = if next.is_empty() { usize::MAX } else { rank(next) };
    // By block number before the merge, by time after it.
    let from = |name: &str| {
        if rank(name) <= reached { Some(0) } else { (rank(name) <= upcoming && !next.is_empty()).then_some(at) }
    };
    let merged = reached >= rank("Paris");
    let mut config = ChainConfig {
        chain_id: number(&fixture["config"]["chainid"]).unwrap(),
        homestead_block: from("Homestead"),
        eip150_block: from("EIP150"),
        eip155_block: from("EIP158"),
        eip158_block: from("EIP158"),
        byzantium_block: from("Byzantium"),
        constantinople_block: from("ConstantinopleFix"),
        petersburg_block: from("ConstantinopleFix"),
        istanbul_block: from("Istanbul"),
        berlin_block: from("Berlin"),
        london_block: from("London"),
        dao_fork_block: (next == "Dao").then_some(at),
        dao_fork_support: next == "Dao",
        terminal_total_difficulty: merged.then_some(U256::ZERO),
        terminal_total_difficulty_passed: merged,
        shanghai_time: from("Shanghai"),
        cancun_time: from("Cancun"),
        prague_time: from("Prague"),
        osaka_time: from("Osaka"),
        bpo1_time: from("BPO1"),
        bpo2_time: from("BPO2"),
        bpo3_time: from("BPO3"),
        bpo4_time: from("BPO4"),
        deposit_contract_address: Some("0x00000000219ab540356cBB839Cbe05303d7705Fa".parse().unwrap()),
        ..ChainConfig::default()
    };
    for (fork, blobs) in fixture["config"]["blobSchedule"].as_object().into_iter().flatten() {
        let params = serde_json::json!({
            "target": number(&blobs["target"]),
            "max": number(&blobs["max"]),
            "baseFeeUpdateFraction": number(&blobs["baseFeeUpdateFraction"]),
        });
        config.blob_schedule.insert(fork.to_lowercase(), serde_json::from_value(params).unwrap());
    }
    config
}
