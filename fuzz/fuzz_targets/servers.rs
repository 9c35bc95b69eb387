//! See `bodies/servers.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::servers::run(bytes));
