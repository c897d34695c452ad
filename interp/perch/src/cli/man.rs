//! `perch --man`: the manual page.

use std::io;

use clap::CommandFactory as _;
use clap_mangen::Man;

use super::Cli;
use crate::{fmt, help, simulate, test};

/// What a section begins with.
const SECTION: &str = ".SH ";

/// What exit statuses mean: `docs/command-line.md`, "How it ends", and what the others than runs exit with.
const STATUSES: [(&str, &str); 9] = [
    ("0", "the command succeeded; nothing was found; no command would fail"),
    ("N", "a run was ended by `exit N`"),
    ("1 to 125", "an uncaught failure of a run: that of a program gives the program's status, any other gives 1"),
    ("1", "`--check`: there are mistakes (with `--deny warnings`: or warnings)"),
    ("1", "`simulate`, `--dry-run`: what `--fail-on` names would happen, usually that a command certainly fails"),
    ("1", "`test`: a test failed"),
    ("1", "`fmt --check`: a file would change"),
    ("2", "nothing was done: unknown words, wrong arguments, or a file that cannot be read or has mistakes in the way"),
    ("128 + N", "signal N ended the run, or the program that was not to fail"),
];

/// The page.
pub(crate) fn man() -> io::Result<Vec<u8>> {
    let whole = Man::new(Cli::command());
    let mut page = Vec::new();
    whole.render_title(&mut page)?;
    whole.render_name_section(&mut page)?;
    whole.render_synopsis_section(&mut page)?;
    whole.render_description_section(&mut page)?;
    whole.render_options_section(&mut page)?;
    for verb in [simulate::command(), test::command(), fmt::command(), help::command()] {
        page.extend(options_of(verb)?.into_bytes());
    }
    page.extend(statuses().into_bytes());
    whole.render_version_section(&mut page)?;
    Ok(page)
}

/// The options of a word that stands in place of a command. The restrictions are those of runs, which stand above.
fn options_of(verb: clap::Command) -> io::Result<String> {
    let name = verb.get_name().to_uppercase();
    let is_restricted = verb.get_arguments().any(|arg| arg.get_long() == Some("no-write"));
    let mut options = Vec::new();
    Man::new(verb).render_options_section(&mut options)?;
    let options = String::from_utf8_lossy(&options).into_owned();
    let mut page = String::new();
    for section in options.split(SECTION).skip(1) {
        let (heading, text) = section.split_once('\n').unwrap_or((section, ""));
        match heading.trim_matches('"') {
            "OPTIONS" => page += &format!("{SECTION}\"OPTIONS OF {name}\"\n{text}"),
            restrictions if restrictions.starts_with("RESTRICTIONS") => {}
            other => page += &format!(".SS \"{other}\"\n{text}"),
        }
    }
    if is_restricted {
        page += ".PP\nThe restrictions of runs may stand here, too.\n";
    }
    Ok(page)
}

fn statuses() -> String {
    let mut page = format!("{SECTION}\"EXIT STATUS\"\n");
    for (status, meaning) in STATUSES {
        page += &format!(".TP\n{status}\n{}\n", meaning.replace('-', "\\-"));
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_what_every_word_takes_and_what_it_exits_with() {
        let page = String::from_utf8(man().unwrap()).unwrap();
        let headings: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix(SECTION)).collect();
        for heading in ["SIMULATE", "TEST", "FMT", "HELP"] {
            assert!(headings.contains(&format!("\"OPTIONS OF PERCH {heading}\"").as_str()), "{headings:?}");
        }
        assert!(headings.contains(&"\"EXIT STATUS\"") && !page.contains("`-F -`"), "{headings:?}");
        for flag in ["sim\\-file", "fail\\-on", "test\\-timeout", "trace", "diff"] {
            assert!(page.contains(&format!("\\-\\-{flag}")), "{flag}");
        }
        assert_eq!(headings.iter().filter(|heading| heading.contains("RESTRICTIONS")).count(), 1);
    }
}
