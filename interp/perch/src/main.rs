//! The program `perch`; see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(perch::main(std::env::args_os().collect()))
}
