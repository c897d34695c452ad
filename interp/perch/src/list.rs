//! What a file offers.

mod json;

use std::io::{ErrorKind, Write};

use perch_ir::arguments::called;
use perch_ir::listing::table;
use perch_ir::{Absent, Command, Program as _, Snapshot};
use perch_syntax::visible;

use crate::cli::{ListFormat, of_file};
use crate::fit::{columns, fit};
use crate::report::Trouble;
pub use json::{Listing, Offered, SCHEMA, Taken, schema};

/// Prints the commands that can be called from the command line.
pub(crate) fn list(program: &Snapshot, format: ListFormat) -> Result<u8, Trouble> {
    match format {
        ListFormat::Text => print_fitting(&program.offer()),
        ListFormat::Json => serde_json::to_string_pretty(&json::listing(program))
            .map_err(|error| Trouble::failed(format!("perch has a bug: the list is not JSON: {error}")))
            .and_then(|json| print(&format!("{json}\n"))),
    }
}

/// Prints how a command is called.
pub(crate) fn usage(program: &Snapshot, command: &Command) -> Result<u8, Trouble> {
    let about = command.description.as_ref().map(|text| format!("{text}\n\n")).unwrap_or_default();
    let call = called(&command.name, &command.args);
    let words = if command.config.proxy_args { " [WORDS…]" } else { "" };
    let rows: Vec<_> = command.args.iter().map(|arg| (format!("-{}", arg.name), argument(arg))).collect();
    let file = of_file(program.file());
    print_fitting(&format!("{about}usage: perch {file}{call}{words}\n{}", table(&rows)))
}

fn argument(arg: &perch_ir::Arg) -> String {
    let ty = arg.ty.name();
    let absent = match &arg.absent {
        Absent::Required => ", required".to_owned(),
        Absent::Empty => String::new(),
        Absent::Default(text) => text.as_literal().map_or_else(String::new, |text| format!(", default `{text}`")),
    };
    let about = arg.description.as_ref().map(|text| format!("  {text}")).unwrap_or_default();
    format!("{ty}{absent}{about}")
}

/// Prints, with lines that fit the terminal, which obeys nothing of it.
pub(crate) fn print_fitting(text: &str) -> Result<u8, Trouble> {
    print(&fit(&visible(text), columns(&std::io::stdout())))
}

/// Prints; 0 if that went well. Whoever has stopped to read has seen what he wanted: that is no trouble.
pub(crate) fn print(text: &str) -> Result<u8, Trouble> {
    print_to_reader(text).map(|_| 0)
}

/// Prints, and says whether somebody still reads.
pub(crate) fn print_to_reader(text: &str) -> Result<bool, Trouble> {
    let done = match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        done => done.map(|()| true),
    };
    done.map_err(|error| Trouble::usage(format!("cannot write to standard output: {error}")))
}
