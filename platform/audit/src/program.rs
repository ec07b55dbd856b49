//! A compiled program: its files, contracts and functions, and who inherits from whom.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use crate::syntax::{Node, all, kind, name, place, text};

/// A compiler's answer that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// The sources don't compile.
    #[error("the sources do not compile:\n{0}")]
    DoesNotCompile(String),
    /// There is no tree in the answer.
    #[error("the compiler's answer has no syntax trees: ask for the output \"ast\" of every file")]
    NoTrees,
}

/// A file.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) tree: Node,
    /// Byte offsets at which lines begin.
    lines: Vec<usize>,
    /// Whether it is ours to judge, or read only because ours builds on it.
    own: bool,
}

/// A program: every file the compiler read.
#[derive(Debug)]
pub struct Program {
    pub(crate) files: BTreeMap<usize, File>,
    /// Definitions by the compiler's number: file, and pointer into its tree.
    by_id: HashMap<i64, (usize, String)>,
}

impl Program {
    /// Reads the compiler's answer (standard JSON, output `ast`). `sources` are the texts that it was given, by path;
    /// `own` says of a path whether that file is to be judged.
    ///
    /// # Errors
    /// [`ProgramError`] where the sources don't compile, or the answer holds no trees.
    pub fn read(
        answer: &Value,
        sources: &BTreeMap<String, String>,
        own: impl Fn(&str) -> bool,
    ) -> Result<Self, ProgramError> {
        let errors: Vec<&str> = answer["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|error| error["severity"] == "error")
            .filter_map(|error| error["formattedMessage"].as_str())
            .collect();
        if !errors.is_empty() {
            return Err(ProgramError::DoesNotCompile(errors.join("\n")));
        }
        let mut files = BTreeMap::new();
        for (path, output) in answer["sources"].as_object().ok_or(ProgramError::NoTrees)? {
            let number = output["id"].as_u64().and_then(|id| usize::try_from(id).ok()).ok_or(ProgramError::NoTrees)?;
            let source = sources.get(path).map_or("", String::as_str);
            let lines = std::iter::once(0).chain(source.match_indices('\n').map(|(at, _)| at + 1)).collect();
            files.insert(number, File { path: path.clone(), tree: output["ast"].clone(), lines, own: own(path) });
        }
        let mut by_id = HashMap::new();
        for (number, file) in &files {
            if kind(&file.tree) != "SourceUnit" {
                return Err(ProgramError::NoTrees);
            }
            index(&file.tree, *number, &mut String::new(), &mut by_id);
        }
        Ok(Self { files, by_id })
    }

    /// The definition that a reference means, where it is one of the sources.
    pub(crate) fn definition(&self, id: &Value) -> Option<&Node> {
        let (file, pointer) = self.by_id.get(&id.as_i64()?)?;
        self.files.get(file)?.tree.pointer(pointer)
    }

    /// Our own files.
    pub(crate) fn own_files(&self) -> impl Iterator<Item = &File> {
        self.files.values().filter(|file| file.own)
    }

    /// Our own contracts and libraries, without interfaces.
    pub(crate) fn contracts(&self) -> impl Iterator<Item = Contract<'_>> {
        let nodes = self.own_files().flat_map(|file| file.tree["nodes"].as_array().into_iter().flatten());
        nodes
            .filter(|node| kind(node) == "ContractDefinition" && text(node, "contractKind") != "interface")
            .map(|node| Contract { program: self, node })
    }

    /// Path and line of a node, counted from one.
    pub(crate) fn whereabouts(&self, node: &Node) -> (String, usize) {
        let (start, _, file) = place(node);
        let Some(file) = self.files.get(&file) else { return (String::new(), 0) };
        (file.path.clone(), file.lines.partition_point(|begin| *begin <= start))
    }
}

/// Notes where every definition is, by the compiler's number.
fn index(node: &Value, file: usize, pointer: &mut String, by_id: &mut HashMap<i64, (usize, String)>) {
    let length = pointer.len();
    let mut go = |key: &str, value: &Value| {
        if value.is_object() || value.is_array() {
            pointer.push('/');
            pointer.push_str(key);
            index(value, file, pointer, by_id);
            pointer.truncate(length);
        }
    };
    match node {
        Value::Object(fields) => {
            for (key, value) in fields {
                go(key, value);
            }
            let declares = kind(node).ends_with("Definition") || kind(node) == "VariableDeclaration";
            if let Some(id) = node["id"].as_i64().filter(|_| declares) {
                by_id.insert(id, (file, pointer.clone()));
            }
        }
        Value::Array(items) => {
            for (place, value) in items.iter().enumerate() {
                go(&place.to_string(), value);
            }
        }
        _ => {}
    }
}

/// A contract or library.
#[derive(Clone, Copy)]
pub(crate) struct Contract<'p> {
    pub(crate) program: &'p Program,
    pub(crate) node: &'p Node,
}

impl<'p> Contract<'p> {
    pub(crate) fn is_library(self) -> bool {
        text(self.node, "contractKind") == "library"
    }

    pub(crate) fn is_abstract(self) -> bool {
        self.node["abstract"] == true
    }

    fn members(self, wanted: &'static str) -> impl Iterator<Item = &'p Node> {
        self.node["nodes"].as_array().into_iter().flatten().filter(move |node| kind(node) == wanted)
    }

    /// Functions it defines itself.
    pub(crate) fn functions(self) -> impl Iterator<Item = Function<'p>> {
        self.members("FunctionDefinition").map(move |node| Function { contract: self, node })
    }

    /// Variables it declares itself.
    pub(crate) fn variables(self) -> impl Iterator<Item = &'p Node> {
        self.members("VariableDeclaration")
    }

    /// Structs it defines itself.
    pub(crate) fn structs(self) -> impl Iterator<Item = &'p Node> {
        self.members("StructDefinition")
    }

    /// Itself and everything it inherits from.
    pub(crate) fn lineage(self) -> Vec<Contract<'p>> {
        let ids = self.node["linearizedBaseContracts"].as_array().into_iter().flatten();
        ids.filter_map(|id| self.program.definition(id)).map(|node| Contract { program: self.program, node }).collect()
    }

    /// Whether it is or inherits from a contract of one of these names.
    pub(crate) fn descends_from(self, names: &[&str]) -> bool {
        self.lineage().iter().any(|base| names.contains(&name(base.node)))
    }
}

/// A function of a contract.
#[derive(Clone, Copy)]
pub(crate) struct Function<'p> {
    pub(crate) contract: Contract<'p>,
    pub(crate) node: &'p Node,
}

impl<'p> Function<'p> {
    pub(crate) fn name(self) -> &'p str {
        match text(self.node, "kind") {
            "function" => name(self.node),
            other => other,
        }
    }

    pub(crate) fn body(self) -> &'p Node {
        &self.node["body"]
    }

    pub(crate) fn is_constructor(self) -> bool {
        text(self.node, "kind") == "constructor"
    }

    /// Whether anyone can call it from outside, and it may change something.
    pub(crate) fn is_entry(self) -> bool {
        !self.is_constructor()
            && !self.contract.is_library()
            && matches!(text(self.node, "visibility"), "external" | "public")
            && !matches!(text(self.node, "stateMutability"), "view" | "pure")
            && self.node["implemented"] == true
    }

    /// Names of its modifiers.
    pub(crate) fn modifiers(self) -> Vec<&'p str> {
        let all = self.node["modifiers"].as_array().into_iter().flatten();
        all.map(|modifier| name(&modifier["modifierName"]).rsplit('.').next().unwrap_or_default()).collect()
    }

    pub(crate) fn has_modifier(self, names: &[&str]) -> bool {
        self.modifiers().iter().any(|modifier| names.contains(modifier))
    }

    /// Its body and those of the functions and modifiers it uses, over any number of steps.
    pub(crate) fn reach(self) -> Vec<&'p Node> {
        let mut reached: Vec<&Node> = Vec::new();
        let mut waiting = vec![self.node];
        while let Some(node) = waiting.pop() {
            if reached.iter().any(|known| std::ptr::eq(*known, node)) {
                continue;
            }
            reached.push(node);
            for used in all(node) {
                let target = match kind(used) {
                    "Identifier" | "MemberAccess" | "IdentifierPath" => &used["referencedDeclaration"],
                    _ => continue,
                };
                let Some(target) = self.contract.program.definition(target) else { continue };
                // What another contract does is its own affair.
                let outside = crate::syntax::type_id(used).starts_with("t_function_external");
                if matches!(kind(target), "FunctionDefinition" | "ModifierDefinition") && !outside {
                    waiting.push(target);
                }
            }
        }
        reached
    }
}
