//! Where an upgradeable contract keeps what, and whether new code still finds it there.
//!
//! The compiler tells the layout of state variables only. A namespace (ERC-7201) is a struct that no variable has, so a
//! second source is compiled beside the first, in which each becomes one: [`Namespaces::harness`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::syntax::{Node, kind, name, text};

/// What a namespace is marked with, before its name (ERC-7201).
const MARK: &str = "@custom:storage-location erc7201:";
/// The root of what is kept without a namespace.
const PLAIN: &str = "";

/// Where a contract keeps what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// The struct of each namespace, by the namespace's name; state variables are under an empty one.
    pub roots: BTreeMap<String, String>,
    /// Every struct that is reached from there.
    pub structs: BTreeMap<String, Struct>,
}

/// A struct.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Struct {
    /// Its size.
    pub bytes: u64,
    /// Whether it lies in an array, where its size moves its neighbours.
    pub fixed: bool,
    /// Its fields, in order.
    pub fields: Vec<Field>,
}

/// A field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// The slot of 32 bytes it begins in, counted from the struct's first.
    pub slot: u64,
    /// The byte of that slot.
    pub offset: u64,
    /// Its size.
    pub bytes: u64,
    /// Its type, in Solidity's words.
    #[serde(rename = "type")]
    pub of: String,
}

/// A difference between two layouts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What is different: a struct, or a field of one.
    pub place: String,
    /// How.
    pub kind: ChangeKind,
    /// How it was: a type, a size in bytes, or a place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// How it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// Contracts of the compiler's answer (output `ast`) that are made to stand behind a proxy: such as have code of their
/// own and inherit OpenZeppelin's `Initializable`. `path:Name` of each.
#[must_use]
pub fn upgradeable(answer: &Value, own: impl Fn(&str) -> bool) -> Vec<String> {
    let mut initializable = None;
    let mut found = Vec::new();
    for (file, output) in answer["sources"].as_object().into_iter().flatten() {
        for node in output["ast"]["nodes"].as_array().into_iter().flatten() {
            if kind(node) != "ContractDefinition" {
                continue;
            }
            if name(node) == "Initializable" {
                initializable = node["id"].as_i64();
            } else if own(file) && node["abstract"] != true && text(node, "contractKind") == "contract" {
                found.push((format!("{file}:{}", name(node)), &node["linearizedBaseContracts"]));
            }
        }
    }
    let is = |bases: &Value| bases.as_array().into_iter().flatten().any(|base| base.as_i64() == initializable);
    let of_proxies = |(contract, bases): (String, &Value)| is(bases).then_some(contract);
    if initializable.is_none() { Vec::new() } else { found.into_iter().filter_map(of_proxies).collect() }
}

/// How a layout differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// New, where nothing was.
    Added,
    /// Gone: nobody reads any more what it held.
    Gone,
    /// Elsewhere: it reads what something else wrote.
    Moved,
    /// Of another type: it reads what it held as something else.
    Retyped,
    /// A struct in an array with another size: all but the first are read from the wrong place.
    Resized,
}

impl ChangeKind {
    /// Whether money or rights may be lost by it.
    #[must_use]
    pub const fn breaks(self) -> bool {
        !matches!(self, Self::Added)
    }
}

/// The namespaces that a contract and what it inherits from declare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespaces {
    file: String,
    contract: String,
    /// Name, and the file, contract and struct that declare it.
    found: Vec<(String, String, String, String)>,
}

impl Namespaces {
    /// Finds them in the compiler's answer (standard JSON, output `ast` of every file). `contract` is a name, or
    /// `path:Name` where more than one file has it.
    ///
    /// # Errors
    /// In words, where there is no such contract, or more than one.
    pub fn of(answer: &Value, contract: &str) -> Result<Self, String> {
        let (wanted_file, wanted) =
            contract.rsplit_once(':').map_or((None, contract), |(file, name)| (Some(file), name));
        let mut here: BTreeMap<i64, (&str, &Node)> = BTreeMap::new();
        for (file, output) in answer["sources"].as_object().into_iter().flatten() {
            let nodes = output["ast"]["nodes"].as_array().into_iter().flatten();
            for node in nodes.filter(|node| kind(node) == "ContractDefinition") {
                here.insert(node["id"].as_i64().unwrap_or_default(), (file, node));
            }
        }
        let mut named = here
            .values()
            .filter(|(file, node)| name(node) == wanted && wanted_file.is_none_or(|wanted| wanted == *file));
        let (file, node) = named.next().ok_or_else(|| format!("the sources have no contract {contract}"))?;
        if let Some((other, _)) = named.next() {
            return Err(format!("more than one file has a contract {wanted}: name it as {other}:{wanted}"));
        }
        let bases = node["linearizedBaseContracts"].as_array().into_iter().flatten();
        let mut found = Vec::new();
        for (file, base) in bases.filter_map(|id| here.get(&id.as_i64()?)) {
            for of in base["nodes"].as_array().into_iter().flatten().filter(|node| kind(node) == "StructDefinition") {
                let said = text(&of["documentation"], "text");
                let Some(after) = said.split(MARK).nth(1) else { continue };
                let namespace = after.split_whitespace().next().unwrap_or_default();
                found.push((namespace.to_owned(), (*file).to_owned(), name(base).to_owned(), name(of).to_owned()));
            }
        }
        found.sort();
        Ok(Self { file: (*file).to_owned(), contract: wanted.to_owned(), found })
    }

    /// The file that declares the contract.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The contract's name in it.
    #[must_use]
    pub fn contract(&self) -> &str {
        &self.contract
    }

    /// The path that the harness is to be compiled under.
    #[must_use]
    pub fn harness_path(&self) -> String {
        format!("guildhall-layout-{}.sol", self.contract)
    }

    /// A source with a contract for each namespace.
    #[must_use]
    pub fn harness(&self) -> String {
        let mut source = "// SPDX-License-Identifier: MIT\npragma solidity >=0.8.0;\n".to_owned();
        for (place, (_, file, contract, of)) in self.found.iter().enumerate() {
            // A String takes everything.
            let _ = writeln!(source, "import {{{contract} as N{place}}} from \"{file}\";");
            let _ = writeln!(source, "contract Namespace{place} {{ N{place}.{of} fields; }}");
        }
        source
    }

    /// Reads the layout from the compiler's answer to sources and harness.
    ///
    /// # Errors
    /// In words, where a layout is missing.
    pub fn layout(&self, answer: &Value) -> Result<Layout, String> {
        let mut layout = Layout::default();
        let of = |file: &str, contract: &str| {
            let told = &answer["contracts"][file][contract]["storageLayout"];
            if told.is_object() { Ok(told) } else { Err(format!("the compiler gives no layout of {file}:{contract}")) }
        };
        let plain = of(&self.file, &self.contract)?;
        if plain["storage"].as_array().is_some_and(|variables| !variables.is_empty()) {
            let fields = fields(&plain["storage"], &plain["types"]);
            let bytes =
                fields.last().map_or(0, |last| (last.slot * 32 + last.offset + last.bytes).next_multiple_of(32));
            layout.structs.insert("state variables".to_owned(), Struct { bytes, fixed: false, fields });
            layout.roots.insert(PLAIN.to_owned(), "state variables".to_owned());
            layout.add_structs(&plain["types"]);
        }
        for (place, (namespace, ..)) in self.found.iter().enumerate() {
            let told = of(&self.harness_path(), &format!("Namespace{place}"))?;
            let root = told["storage"][0]["type"].as_str().unwrap_or_default();
            layout.roots.insert(namespace.clone(), unnumbered(text(&told["types"][root], "label")));
            layout.add_structs(&told["types"]);
        }
        Ok(layout)
    }
}

impl Layout {
    fn add_structs(&mut self, types: &Value) {
        let types_of = || types.as_object().into_iter().flatten();
        let in_arrays: BTreeSet<&str> =
            types_of().filter_map(|(_, of)| of["base"].as_str()).filter(|base| base.contains("t_struct")).collect();
        for (id, of) in types_of().filter(|(_, of)| of["members"].is_array()) {
            let fixed = in_arrays.contains(id.as_str());
            let this = Struct { bytes: number(&of["numberOfBytes"]), fixed, fields: fields(&of["members"], types) };
            // One that two namespaces reach lies in an array if either has it in one.
            let kept = self.structs.entry(unnumbered(text(of, "label"))).or_insert(this);
            kept.fixed |= fixed;
        }
    }

    /// How `after` differs. What only `after` has is an addition; all else breaks what was kept.
    #[must_use]
    pub fn changes(&self, after: &Self) -> Vec<Change> {
        let mut changes = Vec::new();
        for (namespace, root) in &self.roots {
            let place = if namespace.is_empty() { root } else { namespace };
            match after.roots.get(namespace) {
                None => changes.push(change(place, ChangeKind::Gone, Some(root.clone()), None)),
                Some(now) if now != root => {
                    changes.push(change(place, ChangeKind::Retyped, Some(root.clone()), Some(now.clone())));
                }
                Some(_) => {}
            }
        }
        for (namespace, root) in &after.roots {
            if !self.roots.contains_key(namespace) {
                let place = if namespace.is_empty() { root } else { namespace };
                changes.push(change(place, ChangeKind::Added, None, Some(root.clone())));
            }
        }
        for (name, old) in &self.structs {
            match after.structs.get(name) {
                None => changes.push(change(name, ChangeKind::Gone, Some(format!("{} B", old.bytes)), None)),
                Some(now) => old.differs(now, name, &mut changes),
            }
        }
        changes
    }
}

impl Struct {
    fn differs(&self, now: &Self, name: &str, changes: &mut Vec<Change>) {
        if (self.fixed || now.fixed) && self.bytes != now.bytes {
            let size = |of: &Self| Some(format!("{} B", of.bytes));
            changes.push(change(name, ChangeKind::Resized, size(self), size(now)));
        }
        for old in &self.fields {
            let place = format!("{name}.{}", old.name);
            match now.fields.iter().find(|field| field.name == old.name) {
                None => changes.push(change(&place, ChangeKind::Gone, Some(old.of.clone()), None)),
                Some(new) if new.start() != old.start() => {
                    changes.push(change(&place, ChangeKind::Moved, Some(old.at()), Some(new.at())));
                }
                Some(new) if new.of != old.of => {
                    changes.push(change(&place, ChangeKind::Retyped, Some(old.of.clone()), Some(new.of.clone())));
                }
                Some(_) => {}
            }
        }
        for new in &now.fields {
            if self.fields.iter().all(|old| old.name != new.name) {
                let at = Some(format!("{}, {}", new.of, new.at()));
                changes.push(change(&format!("{name}.{}", new.name), ChangeKind::Added, None, at));
            }
        }
    }
}

impl Field {
    const fn start(&self) -> u64 {
        self.slot * 32 + self.offset
    }

    fn at(&self) -> String {
        format!("slot {} byte {}", self.slot, self.offset)
    }
}

fn change(place: &str, kind: ChangeKind, before: Option<String>, after: Option<String>) -> Change {
    Change { place: place.to_owned(), kind, before, after }
}

fn fields(members: &Value, types: &Value) -> Vec<Field> {
    let field = |member: &Value| {
        let of = &types[text(member, "type")];
        Field {
            name: text(member, "label").to_owned(),
            slot: number(&member["slot"]),
            offset: number(&member["offset"]),
            bytes: number(&of["numberOfBytes"]),
            of: unnumbered(text(of, "label")),
        }
    };
    members.as_array().into_iter().flatten().map(field).collect()
}

/// Numbers are text in some places of the answer. A slot beyond 64 bits is no layout that anybody writes by hand: it is
/// the last there is, so that nothing seems to lie before it.
fn number(value: &Value) -> u64 {
    value.as_u64().or_else(|| value.as_str().map(|text| text.parse().unwrap_or(u64::MAX / 64))).unwrap_or_default()
}

/// Names of types may carry numbers that change with every compilation.
fn unnumbered(label: &str) -> String {
    let mut parts = label.split(')');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push(')');
        plain.push_str(part.trim_start_matches(|sign: char| sign.is_ascii_digit()));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, slot: u64, offset: u64, of: &str) -> Field {
        Field { name: name.to_owned(), slot, offset, bytes: 20, of: of.to_owned() }
    }

    fn layout(fields: Vec<Field>, fixed: bool) -> Layout {
        Layout {
            roots: BTreeMap::from([("a.b".to_owned(), "struct L".to_owned())]),
            structs: BTreeMap::from([("struct L".to_owned(), Struct { bytes: 64, fixed, fields })]),
        }
    }

    fn kinds(before: &Layout, after: &Layout) -> Vec<(String, ChangeKind)> {
        before.changes(after).into_iter().map(|change| (change.place, change.kind)).collect()
    }

    fn before() -> Layout {
        layout(vec![field("a", 0, 0, "address"), field("b", 1, 0, "uint256")], false)
    }

    #[test]
    fn a_field_in_spare_bytes_or_behind_the_last_breaks_nothing() {
        let mut fields = before().structs["struct L"].fields.clone();
        fields.push(field("x", 0, 20, "uint8"));
        fields.push(field("c", 2, 0, "uint256"));
        let changes = before().changes(&layout(fields, false));
        assert_eq!(changes.len(), 2);
        assert!(changes.iter().all(|change| !change.kind.breaks()), "{changes:?}");
    }

    #[test]
    fn a_field_that_moved_changed_or_is_gone_breaks() {
        let moved = layout(vec![field("a", 1, 0, "address"), field("b", 0, 0, "uint256")], false);
        let place = |name: &str| format!("struct L.{name}");
        assert_eq!(kinds(&before(), &moved), [(place("a"), ChangeKind::Moved), (place("b"), ChangeKind::Moved)]);
        let retyped = layout(vec![field("a", 0, 0, "contract X"), field("b", 1, 0, "uint256")], false);
        assert_eq!(kinds(&before(), &retyped), [(place("a"), ChangeKind::Retyped)]);
        let renamed = layout(vec![field("z", 0, 0, "address"), field("b", 1, 0, "uint256")], false);
        assert_eq!(kinds(&before(), &renamed), [(place("a"), ChangeKind::Gone), (place("z"), ChangeKind::Added)]);
        assert!(ChangeKind::Gone.breaks() && ChangeKind::Moved.breaks() && ChangeKind::Retyped.breaks());
    }

    #[test]
    fn a_namespace_that_is_gone_or_means_another_struct_breaks() {
        let nothing = Layout::default();
        assert_eq!(kinds(&before(), &nothing)[0], ("a.b".to_owned(), ChangeKind::Gone));
        assert_eq!(kinds(&nothing, &before()), [("a.b".to_owned(), ChangeKind::Added)]);
        let mut other = before();
        other.roots.insert("a.b".to_owned(), "struct M".to_owned());
        assert_eq!(kinds(&before(), &other), [("a.b".to_owned(), ChangeKind::Retyped)]);
    }

    #[test]
    fn a_struct_in_an_array_keeps_its_size() {
        let mut grown = layout(before().structs["struct L"].fields.clone(), true);
        assert!(layout(before().structs["struct L"].fields.clone(), true).changes(&grown).is_empty());
        grown.structs.get_mut("struct L").unwrap().bytes = 96;
        assert_eq!(kinds(&before(), &grown), [("struct L".to_owned(), ChangeKind::Resized)]);
    }

    #[test]
    fn numbers_in_names_of_types_are_left_out() {
        assert_eq!(unnumbered("t_struct(Layout)1234_storage"), "t_struct(Layout)_storage");
        assert_eq!(unnumbered("mapping(uint256 => struct A)"), "mapping(uint256 => struct A)");
    }
}
