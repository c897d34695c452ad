//! `duplicate-binding`: a shared binding that a later line of the file replaces before anything can read it.

use std::collections::HashMap;

use perch_ir::whole::first_line;
use perch_syntax::{Code, Diagnostic, Span};

use crate::view::{Report, elsewhere};
use crate::whole::Whole;

pub(super) fn find(whole: &Whole<'_>, report: &mut Report) {
    let program = &whole.program;
    let mut known = HashMap::new();
    for (at, shared) in &program.shared {
        let name = shared.name.as_str();
        let line = first_line(program.db, at.item);
        if let Some(first) = known.insert((at.file, name), (*at, line)) {
            let (first, there): (_, Span) = first;
            let span = Span::new(line.start, line.start + name.len());
            let mut problem = Diagnostic::new(
                Code::DuplicateBinding,
                span,
                format!("`{name}` is bound twice at the top of the file"),
            );
            problem.others.push(elsewhere(program, first, there, "this is replaced"));
            report.add_to(program, *at, problem.help("keep one of them"));
        }
    }
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::DuplicateBinding;

    use crate::testing::{fires, main_with, silent, silent_in};

    #[test]
    fn the_second_of_two_is_told() {
        let found =
            fires(DuplicateBinding, &("v = 1\nw = 2\n«v» = 3\n".to_owned() + &main_with("print \"${v} ${w}\"")));
        assert_eq!(found[0].others[0].text, "this is replaced");
    }

    #[test]
    fn other_names_and_those_of_imports_are_fine() {
        silent(DuplicateBinding, &("v = 1\nw = 2\n".to_owned() + &main_with("print \"${v} ${w}\"")));
        let main = "import ./lib.perch\nv = 1\n".to_owned() + &main_with("print \"${v}\"");
        silent_in(DuplicateBinding, &main, &[("lib.perch", "v = 2\n")]);
    }
}
