//! `duplicate-import`: a file that is imported twice in the same way.

use perch_ir::whole;
use perch_syntax::{Code, Diagnostic, Fix, Span, removal};

use crate::view::{Report, elsewhere};
use crate::whole::Whole;

pub(super) fn find(whole: &Whole<'_>, report: &mut Report) {
    let program = &whole.program;
    for file in perch_ir::files::all(program.db, program.root) {
        let imports = whole::imports(program.db, *file);
        for (at, import) in imports.iter().enumerate() {
            let same = |other: &&whole::Imported<'_>| {
                other.file().is_some() && other.file() == import.file() && other.line.alias == import.line.alias
            };
            let Some(first) = imports.get(..at).unwrap_or_default().iter().find(same) else { continue };
            let find = |item| whole::declared(program.db, program.root).find(|declared| declared.item == item);
            let (Some(declared), Some(there)) = (find(import.item), find(first.item)) else { continue };
            let message = "this file is imported already".to_owned();
            let mut problem = Diagnostic::new(Code::DuplicateImport, import.line.span, message);
            problem.others.push(elsewhere(program, there, first.line.span, "here it is imported first"));
            let text = import.item.text(program.db);
            let line = Span::new(0, whole::first_line(program.db, import.item).end);
            let fix = Fix::safe("remove the second one").edit(removal(text, line), "");
            report.add_to(program, declared, problem.help("remove one of them").fix(fix));
        }
    }
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::DuplicateImport;

    use crate::testing::{fires_in, main_with, silent_in};

    const LIB: &str = "command other\n  description \"Other\"\n  do\n    print a\n  end\nend\n";

    #[test]
    fn the_second_import_of_a_file_is_told() {
        let imports = "import ./lib.perch as lib\n«import \"./lib.perch\" as lib»\n";
        fires_in(DuplicateImport, &(imports.to_owned() + &main_with("lib.other")), &[("lib.perch", LIB)]);
        let imports = "import ./lib.perch\n«import lib.perch»\n";
        let found = fires_in(DuplicateImport, &(imports.to_owned() + &main_with("other")), &[("lib.perch", LIB)]);
        assert!(found[0].fix.is_some());
    }

    #[test]
    fn two_names_for_one_file_and_two_files_are_fine() {
        let imports = "import ./lib.perch as one\nimport ./lib.perch as two\nimport ./lib.perch\n";
        silent_in(DuplicateImport, &(imports.to_owned() + &main_with("one.other\ntwo.other")), &[("lib.perch", LIB)]);
        let other = LIB.replace("other", "third");
        let imports = "import ./lib.perch\nimport ./b.perch\n";
        silent_in(
            DuplicateImport,
            &(imports.to_owned() + &main_with("other")),
            &[("lib.perch", LIB), ("b.perch", &other)],
        );
    }
}
