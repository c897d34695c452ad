//! Writes the trees of `test/corpus/**/*.txt`, and what queries find in `test/queries/*.txt`, anew from the sources. Look at the difference before committing it.

#[path = "../tests/common/mod.rs"]
mod common;

use std::io::Read as _;

fn main() -> std::io::Result<()> {
    if std::env::args().nth(1).as_deref() == Some("-") {
        let mut source = String::new();
        std::io::stdin().read_to_string(&mut source)?;
        println!("{}", common::shown(&common::parsed(&source)));
        return Ok(());
    }
    for file in common::files(&common::corpus()) {
        let mut text = Vec::new();
        for case in common::cases(&file) {
            let tree = common::shown(&common::parsed(&case.source));
            text.push(format!("====\n{}\n====\n{}\n----\n{tree}\n", case.title, case.source));
        }
        std::fs::write(file, text.join("\n"))?;
    }
    for fixture in common::fixtures() {
        let (found, _) = common::found(&fixture.query, &fixture.source);
        std::fs::write(fixture.file, format!("{}----\n{found}\n", fixture.source))?;
    }
    Ok(())
}
