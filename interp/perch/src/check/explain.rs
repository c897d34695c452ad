//! `perch --explain CODE`: what a finding means.

use perch_check::Page;
use perch_syntax::Code;

use crate::list;
use crate::report::Trouble;

/// Prints the page of a code.
pub(crate) fn explain(name: &str) -> Result<u8, Trouble> {
    let Some(code) = Code::from_name(name) else {
        let codes = Code::ALL.iter().map(|code| code.name());
        return Err(Trouble::usage(format!("there is no code `{name}`")).did_you_mean(
            name,
            codes,
            "codes stand in what `perch --check` says; `perch help codes` lists them",
        ));
    };
    list::print(&Page::of(code).text())
}
