//! `shell-value`: a value in a line for the shell, which reads it like the rest of the line.

use perch_ir::deeds::{Deed, Use, Word, deeds};
use perch_ir::{ArgType, Part, Place};
use perch_ops::{Touch, fact_named};
use perch_syntax::{Code, Diagnostic};

use crate::view::{Report, View};

/// Characters that mean nothing to a shell, wherever they stand.
const PLAIN: &str = "_-./:,@%+=";

pub(super) fn find(view: &View<'_, '_>, report: &mut Report) {
    view.each(|stmt| {
        deeds(stmt, &mut |deed| {
            let Deed::Uses(used) = deed else { return };
            let Some(name) = lines(&used).find_map(|line| value(view, line, stmt.place)) else { return };
            let message = format!("the shell reads the value of `{name}` like the rest of the line: whatever is in it is run");
            let upper = name.to_uppercase().replace('.', "_");
            let bound = if name == upper { String::new() } else { format!("bind `{upper} = \"${{{name}}}\"` above, ") };
            let help = format!("{bound}put the line in single quotes, and write `\"${upper}\"` in it: names in capitals are variables of the shell");
            let problem = Diagnostic::new(Code::ShellValue, view.places.naming(stmt.place, name), message);
            report.add(view, problem.help(help));
        });
    });
}

/// The lines that a use gives to the shell.
fn lines<'u, 'db>(used: &'u Use<'db>) -> impl Iterator<Item = Word<'db>> + 'u {
    let at = used.entry.touches.iter().filter_map(|touch| match touch {
        Touch::Shell(perch_ops::On::Arg(at)) => used.words.get(*at),
        _ => None,
    });
    at.copied()
}

/// The first name in a line whose value may be anything.
fn value<'db>(view: &View<'_, 'db>, line: Word<'db>, at: Place) -> Option<&'db str> {
    let Word::Text(text) = line else { return None };
    // A line that is nothing but a value is a line of somebody else.
    let is_part = text.parts.len() > 1;
    let mut names = text.parts.iter().filter_map(|part| match part {
        Part::Name(name) => Some(name.as_str()),
        _ => None,
    });
    names.find(|name| is_part && !is_plain(view, name, at))
}

/// Whether a value is certainly harmless.
fn is_plain(view: &View<'_, '_>, name: &str, at: Place) -> bool {
    let is_number = |ty: &ArgType| matches!(ty, ArgType::Int | ArgType::Float | ArgType::Bool);
    let is_argument = view.body.command.args.iter().any(|arg| arg.name == name && is_number(&arg.ty));
    // What the machine says of itself nobody has sent.
    let is_fact = !view.body.binds(name) && fact_named(name).is_some();
    let is_harmless = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || PLAIN.contains(c));
    is_argument || is_fact || view.constant(name, at).is_some_and(|constant| is_harmless(constant.text))
}

#[cfg(test)]
mod tests {
    use perch_syntax::Code::ShellValue;

    use crate::testing::{fires, main_with, silent};

    #[test]
    fn a_value_in_a_line_is_told() {
        let found = fires(ShellValue, &main_with("name = git log\nshell \"cat «${name}» | wc\""));
        assert!(found[0].help.as_deref().unwrap().starts_with("bind `NAME = \"${name}\"` above, put"), "{found:?}");
        let found =
            fires(ShellValue, &main_with("FILE = git log\nok = try_shell \"test -f «${FILE}»\"\nprint \"${ok}\""));
        assert!(found[0].help.as_deref().unwrap().starts_with("put the line in single quotes"), "{found:?}");
    }

    #[test]
    fn what_can_hold_nothing_but_plain_characters_is_fine() {
        silent(ShellValue, &main_with("dir = \"out/a\"\nshell \"ls ${dir} ${pid} | wc\""));
        silent(
            ShellValue,
            &main_with("FILE = git log\nshell 'cat \"$FILE\"'\nline = git log\nshell \"${line}\"\nprint \"a ${line}\""),
        );
    }
}
