//! No layer of the code knows the one above it.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The layers, from the lowest.
const LAYERS: [&str; 4] = ["db", "models", "graphql", "http"];

/// The modules that use the layers, and of which no layer knows.
const USERS: [&str; 5] = ["cli", "demo", "export", "import", "server"];

#[test]
fn no_layer_knows_the_one_above() {
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

/// The files of a module.
fn sources(module: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
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

/// The modules of the crate that a source names, outside of comments.
fn modules(source: &str) -> Vec<String> {
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = code.collect::<Vec<_>>().join("\n");
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
