//! What is known of a file after an edit is what would be known of it if nothing had been known before.

use perch_ir::{Database, Diagnostic, Snapshot, SourceFile, diagnostics};
use salsa::Setter as _;

use crate::common::read;

const TEXT: &str = include_str!("../../../../docs/examples/seeds/deploy.perch");

const PIECES: [&str; 12] = [
    "",
    "\n",
    "end\n",
    "\"",
    "${",
    "command x\n  do\n",
    "# ",
    "template t\n  do\n    t\n  end\nend\n",
    "=",
    "if x\n",
    "v = 1\n",
    "\u{feff}é",
];

/// Numbers that nobody has chosen, the same ones in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

fn edited(text: &str, numbers: &mut Numbers) -> String {
    let boundary = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let from = boundary(numbers.below(text.len() + 1));
    let to = boundary((from + numbers.below(30)).min(text.len())).max(from);
    // A piece of the text itself is the likeliest to be read.
    let source = boundary(numbers.below(text.len() + 1));
    let copied = &text[source..boundary((source + numbers.below(60)).min(text.len())).max(source)];
    let piece = if numbers.below(3) == 0 { copied } else { PIECES[numbers.below(PIECES.len())] };
    [&text[..from], piece, &text[to..]].concat()
}

fn judged(db: &Database, file: SourceFile) -> (Snapshot, Vec<Diagnostic>) {
    (Snapshot::new(db, file), diagnostics(db, file).clone())
}

#[test]
fn an_edited_file_is_judged_as_a_new_one() {
    let mut broken = 0;
    for seed in 1..=20 {
        let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15 ^ seed);
        let mut db = Database::default();
        let mut text = TEXT.to_owned();
        let file = SourceFile::new(&db, "test.perch".to_owned(), text.clone());
        for _ in 0..20 {
            text = edited(&text, &mut numbers);
            file.set_text(&mut db).to(text.clone());
            let (after, fresh) = (judged(&db, file), read(&text));
            for problem in &after.1 {
                assert!(text.get(problem.span.range()).is_some(), "{problem:?} lies outside of\n{text}");
            }
            broken += usize::from(after.1.iter().any(Diagnostic::is_error));
            assert_eq!(after, fresh, "{text}");
        }
    }
    assert!((100..400).contains(&broken), "{broken} of 400 texts have errors");
}

#[test]
fn equal_items_are_told_apart_by_their_order() {
    let two = "v = 1\nv = 2\n\ncommand a\n  do\n  end\nend\n\ncommand a\n  do\n    upper\n  end\nend\n";
    let mut db = Database::default();
    let file = SourceFile::new(&db, "test.perch".to_owned(), two.to_owned());
    for text in [two, &two.replace("v = 1\n", ""), &two.replace("upper", "upper x"), two] {
        file.set_text(&mut db).to(text.to_owned());
        assert_eq!(judged(&db, file), read(text));
    }
}
