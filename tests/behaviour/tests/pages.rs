//! Every page of `cases/`.

use std::path::Path;

#[test]
fn pages_hold() {
    let mut wrong = Vec::new();
    let mut count = 0;
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    for page in std::fs::read_dir(pages).unwrap() {
        let text = std::fs::read_to_string(page.unwrap().path()).unwrap();
        for case in perch_behaviour::cases(&text) {
            count += 1;
            wrong.extend(perch_behaviour::check(&case));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    assert!(count >= 30, "only {count} cases were found");
}
