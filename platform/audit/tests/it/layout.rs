//! What the compiler says lies where, in namespaces and outside of them.

use std::collections::BTreeMap;

use platform_audit::{ChangeKind, Layout, Namespaces, upgradeable};
use serde_json::json;

use crate::compile::compile;

const TREES: &str = r#"{ "*": { "": ["ast"] } }"#;

/// A vault whose namespace has `fields`, with `variables` of its own.
fn vault(fields: &str, variables: &str) -> BTreeMap<String, String> {
    let source = format!(
        "// SPDX-License-Identifier: MIT
        pragma solidity 0.8.37;
        abstract contract Initializable {{
            /// @custom:storage-location erc7201:openzeppelin.storage.Initializable
            struct InitializableStorage {{ uint64 initialized; bool initializing; }}
        }}
        abstract contract Kept {{
            struct Entry {{ address owner; uint96 amount; }}
            /**
             * @dev Everything.
             * @custom:storage-location erc7201:a.vault
             */
            struct Layout {{ {fields} }}
        }}
        contract Vault is Initializable, Kept {{ {variables} }}
        contract Plain is Kept {{}}"
    );
    BTreeMap::from([("Vault.sol".to_owned(), source)])
}

fn layout(mut sources: BTreeMap<String, String>) -> Layout {
    let answer = compile(&sources, &serde_json::from_str(TREES).unwrap());
    let namespaces = Namespaces::of(&answer, "Vault").unwrap();
    sources.insert(namespaces.harness_path(), namespaces.harness());
    let outputs = json!({ "*": { "*": ["storageLayout"] } });
    namespaces.layout(&compile(&sources, &outputs)).unwrap()
}

#[test]
fn namespaces_of_every_base_are_found() {
    let layout = layout(vault("uint256 total; mapping(uint256 => Entry) entry;", "uint128 a; uint128 b;"));
    let roots: Vec<_> = layout.roots.iter().map(|(name, of)| (name.as_str(), of.as_str())).collect();
    assert_eq!(
        roots,
        [
            ("", "state variables"),
            ("a.vault", "struct Kept.Layout"),
            ("openzeppelin.storage.Initializable", "struct Initializable.InitializableStorage"),
        ]
    );
    assert_eq!(layout.structs["struct Kept.Entry"].bytes, 32, "reached through a mapping");
    let b = &layout.structs["state variables"].fields[1];
    assert_eq!((b.slot, b.offset, b.bytes), (0, 16, 16));
}

#[test]
fn a_field_put_before_another_moves_it() {
    let before = layout(vault("uint256 total; Entry[] entries;", ""));
    let after = layout(vault("address treasurer; uint256 total; Entry[] entries;", ""));
    let moved: Vec<_> = before.changes(&after).into_iter().filter(|change| change.kind.breaks()).collect();
    let places: Vec<_> = moved.iter().map(|change| (change.place.as_str(), change.kind)).collect();
    assert_eq!(
        places,
        [("struct Kept.Layout.total", ChangeKind::Moved), ("struct Kept.Layout.entries", ChangeKind::Moved)]
    );
    let appended = layout(vault("uint256 total; Entry[] entries; address treasurer;", ""));
    assert!(before.changes(&appended).iter().all(|change| !change.kind.breaks()));
}

#[test]
fn what_stands_behind_proxies_is_told_from_the_rest() {
    let answer = compile(&vault("uint256 total;", ""), &serde_json::from_str(TREES).unwrap());
    assert_eq!(upgradeable(&answer, |_| true), ["Vault.sol:Vault"]);
    assert_eq!(upgradeable(&answer, |_| false), Vec::<String>::new());
    assert!(Namespaces::of(&answer, "Nobody").unwrap_err().contains("no contract Nobody"));
}
