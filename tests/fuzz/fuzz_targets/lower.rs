//! From bytes to a program with its imports, and after an edit of the file to another one: nothing panics, every span lies in
//! its file, and what is known after the edit is what a database says that has never seen anything else.
#![no_main]

use libfuzzer_sys::fuzz_target;
use perch_ir::files::{Files, Found, all, load};
use perch_ir::{Database, Diagnostic, Snapshot, SourceFile, Text, problems, signatures};
use salsa::Setter as _;

const MAIN: &str = "main.perch";

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let mut db = Database::default();
    let root = SourceFile::new(&db, MAIN.to_owned(), text.clone());
    load(&mut db, root, &mut Thought(&text));
    judged(&db, root);

    let edited = edited(&text, bytes);
    root.set_text(&mut db).to(edited.clone());
    load(&mut db, root, &mut Thought(&edited));
    let (after, problems) = judged(&db, root);

    let mut fresh = Database::default();
    let root = SourceFile::new(&fresh, MAIN.to_owned(), edited.clone());
    load(&mut fresh, root, &mut Thought(&edited));
    let (from_scratch, problems_from_scratch) = judged(&fresh, root);
    assert_eq!(problems, problems_from_scratch, "of\n{edited}");
    assert_eq!(after, from_scratch, "of\n{edited}");
});

/// The program of a file and what is wrong with it.
fn judged(db: &Database, root: SourceFile) -> (Snapshot, Vec<Diagnostic>) {
    let mut found = Vec::new();
    for file in all(db, root) {
        for problem in problems(db, *file, root) {
            assert!(file.text(db).get(problem.span.range()).is_some(), "{problem:?} lies outside");
            found.push(problem);
        }
    }
    let _ = signatures(db, root);
    let program = Snapshot::new(db, root);
    for name in program.declared().iter().map(|command| command.name.clone()).chain(["none".to_owned()]) {
        let _ = program.obstacles(&name);
    }
    (program, found)
}

/// The text with a piece of it replaced; the last bytes say which, and with what.
fn edited(text: &str, bytes: &[u8]) -> String {
    const PIECES: [&str; 12] = [
        "",
        "\n",
        "end\n",
        "\"",
        "${",
        "command a\n  do\n",
        "# ",
        "template a\n  do\n    a\n  end\nend\n",
        "=",
        " ",
        "if x\n",
        "import ./main.perch as m\n",
    ];
    let last = |at: usize| bytes.len().checked_sub(at).map_or(0, |at| usize::from(bytes[at]));
    let boundary = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let from = boundary(text.len() * last(3) / 256);
    let to = boundary((from + last(2)).min(text.len())).max(from);
    [&text[..from], PIECES[last(4) % PIECES.len()], &text[to..]].concat()
}

/// Files that are thought up: the main one, one that is not there, and a library under every other name.
struct Thought<'t>(&'t str);

impl Files for Thought<'_> {
    fn find(&mut self, _: &str, path: &Text) -> Result<Found, String> {
        let [perch_ir::Part::Literal(path)] = path.parts.as_slice() else { return Err("no such name".to_owned()) };
        let text = match path.as_str() {
            path if path.ends_with(MAIN) => return Ok(Found { path: MAIN.to_owned(), text: self.0.to_owned() }),
            path if path.contains("none") => return Err("there is no such file".to_owned()),
            path if path.contains("self") => self.0.to_owned(),
            _ => "template a\n  arg x\n  end\n  do\n    print \"${x}\"\n  end\nend\ncommand b\n  private\n  do\n    b\n    a 1\n  end\nend\nv = 1\n"
                .to_owned(),
        };
        Ok(Found { path: path.clone(), text })
    }
}
