//! The compiler's syntax tree, as JSON, and how to walk it.

use serde_json::Value;

/// A node of the tree.
pub(crate) type Node = Value;

/// What kind of node it is, or an empty text for what is none.
pub(crate) fn kind(node: &Node) -> &str {
    text(node, "nodeType")
}

/// A text field, or an empty text.
pub(crate) fn text<'n>(node: &'n Node, field: &str) -> &'n str {
    node[field].as_str().unwrap_or_default()
}

/// The node's own name: of an identifier, a member or a definition.
pub(crate) fn name(node: &Node) -> &str {
    match kind(node) {
        "MemberAccess" => text(node, "memberName"),
        _ => text(node, "name"),
    }
}

/// Where it stands: first byte, length, number of the file.
pub(crate) fn place(node: &Node) -> (usize, usize, usize) {
    let mut parts = text(node, "src").split(':').map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

/// The byte after its last.
pub(crate) fn end(node: &Node) -> usize {
    let (start, length, _) = place(node);
    start + length
}

/// The type of an expression in Solidity's words.
pub(crate) fn type_of(node: &Node) -> &str {
    node["typeDescriptions"]["typeString"].as_str().unwrap_or_default()
}

/// The compiler's name of an expression's type, which tells kinds of functions apart.
pub(crate) fn type_id(node: &Node) -> &str {
    node["typeDescriptions"]["typeIdentifier"].as_str().unwrap_or_default()
}

/// The nodes right below, in no particular order.
pub(crate) fn children(node: &Node) -> Vec<&Node> {
    let mut below = Vec::new();
    let mut add = |value| collect(value, &mut below);
    match node {
        Value::Object(fields) => fields.values().for_each(&mut add),
        Value::Array(items) => items.iter().for_each(&mut add),
        _ => {}
    }
    below
}

fn collect<'n>(value: &'n Value, below: &mut Vec<&'n Node>) {
    match value {
        Value::Object(fields) if fields.contains_key("nodeType") => below.push(value),
        Value::Object(fields) => fields.values().for_each(|value| collect(value, below)),
        Value::Array(items) => items.iter().for_each(|value| collect(value, below)),
        _ => {}
    }
}

/// The node and everything below it.
pub(crate) fn all(node: &Node) -> Vec<&Node> {
    let mut found = vec![node];
    let mut next = 0;
    while next < found.len() {
        let more = children(found[next]);
        found.extend(more);
        next += 1;
    }
    found
}

/// Everything of one kind at or below a node.
pub(crate) fn of_kind<'n>(node: &'n Node, wanted: &str) -> Vec<&'n Node> {
    all(node).into_iter().filter(|node| kind(node) == wanted).collect()
}

/// Whether something at or below the node is so.
pub(crate) fn any(node: &Node, is: impl Fn(&Node) -> bool) -> bool {
    all(node).into_iter().any(is)
}

/// `base.member`, such as `block.timestamp`.
pub(crate) fn is_member(node: &Node, base: &str, members: &[&str]) -> bool {
    kind(node) == "MemberAccess" && name(&node["expression"]) == base && members.contains(&name(node))
}

/// What a call calls, without the options in braces.
pub(crate) fn callee(call: &Node) -> &Node {
    let callee = &call["expression"];
    if kind(callee) == "FunctionCallOptions" { &callee["expression"] } else { callee }
}

/// What the code says, without where it stands and how the compiler numbered it.
pub(crate) fn words(node: &Node, out: &mut String) {
    const SAID: [&str; 12] = [
        "nodeType",
        "name",
        "memberName",
        "operator",
        "value",
        "hexValue",
        "kind",
        "visibility",
        "stateMutability",
        "mutability",
        "storageLocation",
        "prefix",
    ];
    // Comments are no code.
    if kind(node) == "StructuredDocumentation" {
        return;
    }
    out.push('(');
    for field in SAID {
        match &node[field] {
            Value::String(said) => out.extend([said, " "]),
            Value::Bool(said) => out.push_str(if *said { "+ " } else { "- " }),
            _ => {}
        }
    }
    let mut below = children(node);
    below.sort_by_key(|node| place(node));
    below.into_iter().for_each(|node| words(node, out));
    out.push(')');
}
