//! The crates of the workspace, as cargo sees them.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::root;

/// A crate of the workspace.
#[derive(Debug)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its folder, from the root: `analysis/ops`.
    pub folder: String,
    /// Names of what it is built with.
    pub uses: BTreeSet<String>,
    /// Names of what its tests are built with besides.
    pub tested_with: BTreeSet<String>,
}

/// All crates of the workspace.
#[must_use]
pub fn packages() -> Vec<Package> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let command = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
    let done = Command::new(cargo).args(command).current_dir(root()).output().expect("cargo can be started");
    assert!(done.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&done.stderr));
    let metadata: Value = serde_json::from_slice(&done.stdout).expect("cargo writes JSON");
    let root = metadata["workspace_root"].as_str().expect("cargo knows the root").to_owned();
    metadata["packages"].as_array().expect("cargo lists packages").iter().map(|package| read(package, &root)).collect()
}

fn read(package: &Value, root: &str) -> Package {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let manifest = text(&package["manifest_path"]);
    let folder = Path::new(&manifest).parent().and_then(|folder| folder.strip_prefix(root).ok());
    let folder = folder.and_then(Path::to_str).expect("members are beneath the root").to_owned();
    let dependencies = package["dependencies"].as_array().expect("cargo lists dependencies");
    let of = |dev: bool| {
        let of_kind = dependencies.iter().filter(|dependency| (dependency["kind"] == "dev") == dev);
        of_kind.map(|dependency| text(&dependency["name"])).collect()
    };
    Package { name: text(&package["name"]), folder, uses: of(false), tested_with: of(true) }
}
