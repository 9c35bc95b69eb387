//! See `bodies/admin_code.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::admin_code::run(bytes));
