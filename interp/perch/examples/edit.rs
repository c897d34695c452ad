//! How long it takes to judge a file again after an edit of one line: `cargo run --release -p perch --example edit FILE`.

use std::time::Instant;

use perch_ir::{Database, SourceFile, diagnostics};
use salsa::Setter as _;

fn main() -> std::io::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "commands.perch".to_owned());
    let text = std::fs::read_to_string(&path)?;
    let mut db = Database::default();
    let file = SourceFile::new(&db, path, text.clone());
    let start = Instant::now();
    let problems = diagnostics(&db, file).len();
    println!("at first: {:.1?}, {problems} problems", start.elapsed());
    let middle = text.len() / 2;
    let line = middle + text.get(middle..).and_then(|rest| rest.find("  print ")).unwrap_or(0);
    for round in 0..5 {
        let mut edited = text.clone();
        edited.insert_str(line, &format!("    print \"edit {round}\"\n  "));
        let start = Instant::now();
        file.set_text(&mut db).to(edited);
        let problems = diagnostics(&db, file).len();
        println!("after an edit: {:.1?}, {problems} problems", start.elapsed());
    }
    Ok(())
}
