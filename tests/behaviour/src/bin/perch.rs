//! The program `perch`, for the pages.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(perch::main(std::env::args_os().collect()))
}
