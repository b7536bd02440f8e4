//! The program: arguments, one command, what went wrong, the exit status.

use std::process::ExitCode;

fn main() -> ExitCode {
    newswatch::cli::main()
}
