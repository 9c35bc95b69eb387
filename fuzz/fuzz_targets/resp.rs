//! See `bodies/resp.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::resp::run(bytes));
