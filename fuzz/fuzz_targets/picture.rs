//! See `bodies/picture.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::picture::run(bytes));
