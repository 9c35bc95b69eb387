//! The `roost` program: parses the command line, runs one command, turns errors into exit codes.

fn main() {}
