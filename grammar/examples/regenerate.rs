//! Writes `src/parser.c` and its neighbours anew from `grammar.js`.

use std::path::Path;

use tree_sitter_generate::{GenerateResult, OptLevel, generate_parser_in_directory};

const ABI: usize = 15;

fn main() -> GenerateResult<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let nowhere: Option<&Path> = None;
    let mut notes = Vec::new();
    let made = generate_parser_in_directory(
        here,
        nowhere,
        nowhere,
        ABI,
        None,
        Some("native"),
        true,
        OptLevel::default(),
        &mut notes,
    );
    for note in notes {
        eprintln!("{note}");
    }
    made
}
