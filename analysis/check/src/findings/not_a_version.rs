//! `not-a-version`: an op for versions gets a text that is none. It is compared as a text then (language §9.3).

use perch_ir::deeds::{Deed, deeds};
use perch_ops::Type;
use perch_syntax::{Code, Diagnostic};

use crate::view::{Report, View};

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    view.each(|stmt| {
        deeds(stmt, &mut |deed| {
            let Deed::Uses(used) = deed else { return };
            for (at, word) in used.words.iter().enumerate() {
                let is_version = used.entry.operand(at).is_some_and(|expected| expected.ty == Type::Version);
                let Some(value) = view.text_of(*word, stmt.place).filter(|_| is_version) else { continue };
                if !is_numbers(&value) {
                    let span = view.places.writing(stmt.place, &value);
                    let problem = Diagnostic::new(
                        Code::NotAVersion,
                        span,
                        format!("`{value}` is no version, and is compared as a text"),
                    );
                    report.add(
                        view,
                        problem.help("a version is numbers with dots between them, such as `1.22` or `v2.0.1-rc1`"),
                    );
                }
            }
        });
    });
}

/// An optional `v`, numbers between dots, and perhaps a tail behind `-` or `+`.
fn is_numbers(text: &str) -> bool {
    let numbers = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let numbers = numbers.split(['-', '+']).next().unwrap_or_default();
    numbers.split('.').all(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::NotAVersion;

    use crate::testing::{fires, main_with, silent};

    #[test]
    fn a_text_that_is_no_version_is_told() {
        fires(NotAVersion, &main_with("v = bin_version git\nif version_ge \"${v}\" «latest»\n  print a\nend"));
        fires(NotAVersion, &main_with("v = bin_version git\nassert_version \"${v}\" \">=\" «\"2,0\"»"));
    }

    #[test]
    fn versions_in_all_their_forms_are_fine() {
        for version in ["2", "2.30", "v1.2.3", "1.0-rc1", "1.0.0+build"] {
            silent(
                NotAVersion,
                &main_with(&format!("v = bin_version git\nif version_ge \"${{v}}\" {version}\n  print a\nend")),
            );
        }
    }
}
