//! No layer imports the one above it, and the modules of a layer have no import cycles.
//!
//! The layers below `http` are crates, so the compiler rejects an import of a layer above them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// The layers, lowest first.
const LAYERS: [&str; 4] = ["db", "models", "graphql", "http"];

/// The modules that use the layers. No layer may import them.
const USERS: [&str; 5] = ["cli", "demo", "export", "import", "server"];

/// Import cycles that are allowed, each for a reason.
const ALLOWED_CYCLES: [&[&str]; 4] = [
    // A connection returns to its pool, and running a statement may end it.
    &["db::lease", "db::pool", "db::run"],
    // The customer graph: groups, their customers, and the objects that refer to them.
    &[
        "models::customer",
        "models::customer_group",
        "models::loyalty_program",
        "models::loyalty_program_collection",
        "models::membership",
        "models::pos_customer_group",
        "models::pos_profile",
        "models::supplier_number_at_customer",
    ],
    // The same cycle in the GraphQL layer.
    &[
        "graphql::customer",
        "graphql::customer_group",
        "graphql::loyalty_program",
        "graphql::loyalty_program_collection",
        "graphql::pos_customer_group",
        "graphql::pos_profile",
        "graphql::supplier_number_at_customer",
    ],
    // The generic types of objects, inputs and lists, whose declarations refer to each other.
    &[
        "graphql::attributes",
        "graphql::columns",
        "graphql::connection",
        "graphql::custom_attribute",
        "graphql::filter",
        "graphql::node",
        "graphql::object",
        "graphql::order",
        "graphql::selector",
    ],
];

#[test]
fn modules_do_not_import_each_other() {
    let mut knots = BTreeSet::new();
    for layer in LAYERS.into_iter().chain(USERS) {
        let imports = imports_within(layer);
        assert!(!imports.is_empty(), "{layer} has no modules");
        let reached: BTreeMap<&String, BTreeSet<&String>> =
            imports.keys().map(|module| (module, reached_from(module, &imports))).collect();
        for (module, others) in &reached {
            let knot = others.iter().filter(|other| reached[*other].contains(module));
            let knot: Vec<&str> = knot.map(|it| it.as_str()).collect();
            if knot.len() > 1 {
                knots.insert(knot.into_iter().map(str::to_owned).collect::<Vec<_>>());
            }
        }
    }
    let known = ALLOWED_CYCLES.map(|knot| knot.iter().map(|it| (*it).to_owned()).collect());
    assert_eq!(knots, BTreeSet::from(known));
}

#[test]
fn no_layer_imports_the_one_above() {
    let mut files = 0;
    for (place, layer) in LAYERS.iter().enumerate() {
        let above = &LAYERS[place + 1..];
        for file in sources(layer) {
            files += 1;
            let text = fs::read_to_string(&file).unwrap();
            let known = modules(&text);
            let is_above =
                |it: &&String| above.contains(&it.as_str()) || USERS.contains(&it.as_str());
            let wrong = known.iter().find(is_above);
            assert_eq!(wrong, None, "{} uses a module above it", file.display());
        }
    }
    assert!(files > 100, "{files} files were read");
}

#[test]
fn modules_are_found_in_every_form_of_use() {
    let text = "
        //! Not [`crate::a`].
        use crate::b;
        use crate::{
            c::{self, d},
            e,
        };
        fn f() -> crate::g::H { $crate::i!() }
    ";
    assert_eq!(modules(text), ["b", "c", "e", "g", "i"]);
}

#[test]
fn used_paths_are_resolved() {
    let text = "
        use super::{A, b::{self, C as D}};
        use crate::x::{y, z};
        pub use self::e::F;
        fn f() -> super::super::g::H { crate::i::j!() }
    ";
    let module = ["x", "m", "n"].map(str::to_owned);
    let paths = used_paths(text, &module).into_iter().map(|path| path.join("::"));
    let expected =
        ["x::m::A", "x::m::b", "x::m::b::C", "x::y", "x::z", "x::m::n::e::F", "x::g::H", "i::j"];
    assert_eq!(paths.collect::<Vec<_>>(), expected);
}

/// The modules of a layer, each with the modules that it imports, directly or through the layer's re-exports.
fn imports_within(layer: &str) -> BTreeMap<String, BTreeSet<String>> {
    let root = source_of(layer);
    let mut paths = Vec::new();
    for file in sources(layer) {
        let module = file.strip_prefix(&root).unwrap().with_extension("");
        let module: Vec<String> =
            module.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
        let text = fs::read_to_string(&file).unwrap();
        let used = used_paths(&text, &module);
        paths.push((module, used));
    }
    let modules: BTreeSet<String> =
        paths.iter().filter_map(|(module, _)| module.get(1)).cloned().collect();
    // Items that the layer re-exports, with the modules that define them.
    let of_layer = paths.iter().filter(|(module, _)| module.len() == 1);
    let names: BTreeMap<String, String> = of_layer
        .flat_map(|(_, used)| used)
        .filter(|path| path.len() > 2 && path[0] == layer && modules.contains(&path[1]))
        .map(|path| (path.last().unwrap().clone(), path[1].clone()))
        .collect();
    let mut imports = BTreeMap::<String, BTreeSet<String>>::new();
    for (module, used) in &paths {
        let Some(own) = module.get(1) else { continue };
        let used = used.iter().filter(|path| path.len() > 1 && path[0] == layer);
        let used = used.filter_map(|path| modules.get(&path[1]).or_else(|| names.get(&path[1])));
        let used = used.filter(|it| *it != own).map(|it| format!("{layer}::{it}"));
        imports.entry(format!("{layer}::{own}")).or_default().extend(used);
    }
    imports
}

/// The modules that a module imports, directly or indirectly.
fn reached_from<'a>(
    module: &'a String,
    imports: &'a BTreeMap<String, BTreeSet<String>>,
) -> BTreeSet<&'a String> {
    let (mut reached, mut next) = (BTreeSet::new(), vec![module]);
    while let Some(module) = next.pop() {
        let new = imports[module].iter().filter(|it| reached.insert(*it));
        next.extend(new.collect::<Vec<_>>());
    }
    reached
}

/// The paths in the source of a module, resolved from the root of the crate.
fn used_paths(source: &str, module: &[String]) -> Vec<Vec<String>> {
    let code = code_of(source);
    let is_path = |char: char| char.is_alphanumeric() || char == '_' || char == ':';
    let mut paths = Vec::new();
    let mut rest = code.as_str();
    while let Some(start) =
        ["crate::", "super::", "self::"].iter().filter_map(|it| rest.find(it)).min()
    {
        let (_, after) = rest.split_at(start);
        let end = after.find(|char| !is_path(char)).unwrap_or(after.len());
        let (path, following) = after.split_at(end);
        match following.strip_prefix('{').filter(|_| path.ends_with("::")) {
            Some(list) => {
                let leaves = leaves_of(list);
                paths.extend(leaves.iter().map(|leaf| resolved(&format!("{path}{leaf}"), module)));
            }
            None => paths.push(resolved(path, module)),
        }
        rest = following;
    }
    paths
}

/// The paths in a list of imports, without its opening brace.
fn leaves_of(list: &str) -> Vec<String> {
    let (mut prefixes, mut leaf, mut leaves) = (vec![String::new()], String::new(), Vec::new());
    for char in list.chars().filter(|it| *it != '\n') {
        match char {
            '{' => prefixes.push(format!("{}{}", prefixes.last().unwrap(), leaf.trim())),
            ',' | '}' if !leaf.trim().is_empty() => {
                let name = leaf.trim().split(" as ").next().unwrap();
                leaves.push(format!("{}{name}", prefixes.last().unwrap()));
            }
            ',' | '}' => {}
            char => {
                leaf.push(char);
                continue;
            }
        }
        leaf.clear();
        if char == '}' {
            prefixes.pop();
            if prefixes.is_empty() {
                break;
            }
        }
    }
    leaves
}

/// Resolves a path of a module, like `super::a`, from the root of the crate.
fn resolved(path: &str, module: &[String]) -> Vec<String> {
    let mut resolved: Vec<String> = Vec::new();
    for part in path.split("::").filter(|part| !part.is_empty()) {
        match part {
            "self" if resolved.is_empty() => resolved.extend_from_slice(module),
            "crate" | "self" => {}
            "super" => {
                if resolved.is_empty() {
                    resolved.extend_from_slice(module);
                }
                resolved.pop();
            }
            part => resolved.push(part.to_owned()),
        }
    }
    resolved
}

/// A source without comments and unit tests.
fn code_of(source: &str) -> String {
    let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The source folder of the crate that contains a module.
fn source_of(module: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let of_crate = root.join("crates").join(module);
    let root = if of_crate.is_dir() { of_crate } else { root.to_owned() };
    root.join("src")
}

/// The files of a module.
fn sources(module: &str) -> Vec<PathBuf> {
    let root = source_of(module);
    let (mut files, mut folders) =
        (vec![root.join(format!("{module}.rs"))], vec![root.join(module)]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                files.push(path);
            }
        }
    }
    files
}

/// The modules of the crate that a source refers to, outside of comments.
fn modules(source: &str) -> Vec<String> {
    let code = code_of(source);
    let name = |path: &str| -> String {
        path.trim().chars().take_while(|it| it.is_alphanumeric() || *it == '_').collect()
    };
    let mut found = Vec::new();
    for named in code.split("crate::").skip(1) {
        let Some(list) = named.strip_prefix('{') else {
            found.push(name(named));
            continue;
        };
        let (mut depth, mut entry) = (1, String::new());
        for char in list.chars() {
            match char {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 || depth == 1 && char == ',' {
                found.extend(Some(name(&entry)).filter(|name| !name.is_empty()));
                entry.clear();
            } else {
                entry.push(char);
            }
            if depth == 0 {
                break;
            }
        }
    }
    found
}
