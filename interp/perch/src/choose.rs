//! `perch --choose`: a command from the list, and its arguments, asked for on the terminal.

use std::io::{BufRead, IsTerminal as _, Write as _, stderr, stdin};
use std::sync::Arc;

use perch_ir::{Absent, Arg, Command, Snapshot};
use perch_syntax::visible;

use crate::call;
use crate::fit::{columns, fit};
use crate::report::Trouble;

/// The command that is chosen, and the words behind it. `None` if none is.
pub(crate) fn choose(program: &Snapshot) -> Result<Option<(String, Vec<String>)>, Trouble> {
    if !stdin().is_terminal() || !stderr().is_terminal() {
        let trouble = Trouble::usage("`--choose` asks on a terminal, and there is none");
        return Err(trouble.help("`perch COMMAND` runs a command, `perch --list` lists them"));
    }
    let commands = call::public(program);
    if commands.is_empty() {
        return Err(Trouble::usage("there is no command to choose").help("`perch --list` says what the file offers"));
    }
    let mut lines = stdin().lock().lines();
    let mut ask = |question: &str| -> Option<String> {
        let mut out = stderr().lock();
        write!(out, "{}", fit(&visible(question), columns(&stderr()))).and_then(|()| out.flush()).ok()?;
        let answer = lines.next().and_then(Result::ok);
        // Who ends the input leaves the line open.
        answer.is_none().then(|| writeln!(out));
        answer
    };
    let Some(command) = chosen(&commands, &mut ask) else { return Ok(None) };
    let Some(words) = words(&command, &mut ask) else { return Ok(None) };
    Ok(Some((command.name.clone(), words)))
}

/// Asks until one command is meant, by its number, its name or how its name begins. An empty line chooses nothing.
fn chosen(commands: &[Arc<Command>], ask: &mut impl FnMut(&str) -> Option<String>) -> Option<Arc<Command>> {
    let mut page = table(commands, "");
    loop {
        let answer = ask(&format!("{page}run which? "))?;
        match meant(commands, answer.trim()) {
            Meant::Nothing => return None,
            Meant::One(command) => return Some(command),
            Meant::Several => page = table(commands, answer.trim()),
            Meant::Unknown => page = format!("no command is called `{}`\n", answer.trim()),
        }
    }
}

/// What an answer means.
enum Meant {
    Nothing,
    One(Arc<Command>),
    /// All those that begin with it.
    Several,
    Unknown,
}

fn meant(commands: &[Arc<Command>], answer: &str) -> Meant {
    if answer.is_empty() {
        return Meant::Nothing;
    }
    let by_number = answer.parse::<usize>().ok().and_then(|at| commands.get(at.checked_sub(1)?));
    if let Some(command) = by_number.or_else(|| commands.iter().find(|command| command.name == answer)) {
        return Meant::One(Arc::clone(command));
    }
    let mut some = commands.iter().filter(|command| command.name.starts_with(answer));
    match (some.next(), some.next()) {
        (None, _) => Meant::Unknown,
        (Some(one), None) => Meant::One(Arc::clone(one)),
        (Some(_), Some(_)) => Meant::Several,
    }
}

/// The commands that begin so, each with its number among all of them.
fn table(commands: &[Arc<Command>], start: &str) -> String {
    let width = commands.iter().map(|command| command.name.chars().count()).max().unwrap_or(0);
    let row = |(at, command): (usize, &Arc<Command>)| {
        let about = command.description.as_deref().unwrap_or_default();
        format!("{}\n", format!("{:>4}  {:<width$}  {about}", at + 1, command.name).trim_end())
    };
    commands.iter().enumerate().filter(|(_, command)| command.name.starts_with(start)).map(row).collect()
}

/// A value for each argument; an empty line leaves those out that may be left out.
fn words(command: &Command, ask: &mut impl FnMut(&str) -> Option<String>) -> Option<Vec<String>> {
    let mut words = Vec::new();
    for arg in &command.args {
        let value = value(arg, ask)?;
        words.extend(value.map(|value| format!("-{}={value}", arg.name)));
    }
    Some(words)
}

fn value(arg: &Arg, ask: &mut impl FnMut(&str) -> Option<String>) -> Option<Option<String>> {
    let about = arg.description.as_ref().map(|text| format!(", {text}")).unwrap_or_default();
    let absent = match &arg.absent {
        Absent::Required => String::new(),
        Absent::Empty => " []".to_owned(),
        Absent::Default(text) => format!(" [{}]", text.as_literal().unwrap_or("…")),
    };
    let mut question = format!("{} ({}{about}){absent}: ", arg.name, arg.ty.name());
    loop {
        let answer = ask(&question)?;
        let answer = answer.trim();
        let again = match (answer.is_empty(), &arg.absent) {
            (true, Absent::Required) => "it must be given".to_owned(),
            (true, _) => return Some(None),
            (false, _) if arg.ty.accepts(answer) => return Some(Some(answer.to_owned())),
            (false, _) => format!("`{answer}` is no value of type {}", arg.ty.name()),
        };
        question = format!("{again}\n{}: ", arg.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use perch_ir::{Database, SourceFile};

    fn commands() -> Vec<Arc<Command>> {
        let text = "command build\n  arg n\n    type int\n  end\n  arg mode\n    type string\n    default fast\n  end\n  do\n  end\nend\n\
                    command bundle\n  do\n  end\nend\ncommand test_all\n  do\n  end\nend\n";
        let db = Database::default();
        let root = SourceFile::new(&db, "commands.perch".to_owned(), text.to_owned());
        call::public(&Snapshot::new(&db, root))
    }

    /// What is chosen by whoever answers so.
    fn chosen_by(answers: &[&str]) -> Option<String> {
        let commands = commands();
        let mut answers = answers.iter().map(|answer| (*answer).to_owned());
        let mut ask = |_: &str| answers.next();
        let command = chosen(&commands, &mut ask)?;
        Some([vec![command.name.clone()], words(&command, &mut ask)?].concat().join(" "))
    }

    #[test]
    fn commands_have_numbers_and_names() {
        assert_eq!(chosen_by(&["2"]).as_deref(), Some("bundle"));
        assert_eq!(chosen_by(&["bundle"]).as_deref(), Some("bundle"));
        assert_eq!(chosen_by(&["t"]).as_deref(), Some("test_all"));
        assert_eq!(chosen_by(&["bu", "9", "nonsense", "3"]).as_deref(), Some("test_all"));
        assert_eq!((chosen_by(&[""]), chosen_by(&[])), (None, None));
    }

    #[test]
    fn arguments_are_asked_for_until_they_fit() {
        assert_eq!(chosen_by(&["1", "", "many", "4", ""]).as_deref(), Some("build -n=4"));
        assert_eq!(chosen_by(&["1", "4", "slow"]).as_deref(), Some("build -n=4 -mode=slow"));
        assert_eq!(chosen_by(&["1", "4"]), None);
    }
}
