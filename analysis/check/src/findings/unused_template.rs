//! `unused-template`: a template that nothing uses.

use perch_syntax::{Code, Diagnostic};

use crate::program::Kind;
use crate::usage::Usage;
use crate::view::Report;
use crate::whole::Whole;

pub(super) fn find(whole: &Whole<'_>, report: &mut Report) {
    let program = &whole.program;
    let usage = Usage::of(program);
    for at in usage.unused(program, Kind::Template) {
        let view = whole.view(at);
        let message = format!("nothing uses the template `{}`", view.body.command.name);
        report.add(&view, Diagnostic::new(Code::UnusedTemplate, view.name(), message).help("use it, or remove it"));
    }
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::UnusedTemplate;

    use crate::testing::{fires, main_with, silent};

    const TEMPLATE: &str = "template «t»\n  do\n    print a\n  end\nend\n";

    #[test]
    fn a_template_that_nothing_uses_is_told() {
        fires(UnusedTemplate, &(TEMPLATE.to_owned() + &main_with("print b")));
    }

    #[test]
    fn a_template_that_is_used_is_fine_and_so_is_one_for_others() {
        let template = TEMPLATE.replace(['«', '»'], "");
        silent(UnusedTemplate, &(template.clone() + &main_with("t")));
        silent(UnusedTemplate, &template);
    }
}
