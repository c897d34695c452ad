//! What reports say of each failure. `UPDATE=1` writes the file anew; then read what has changed.

use perch_differential::golden::{file, page};

#[test]
fn reports_say_what_people_have_read() {
    let page = page(&[]).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(file(), &page).unwrap();
    }
    let kept = std::fs::read_to_string(file()).unwrap();
    for (is, was) in page.split("\n\n").zip(kept.split("\n\n")) {
        assert_eq!(is, was);
    }
    assert_eq!(page, kept);
}
