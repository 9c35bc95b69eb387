//! See `bodies/init_data.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::init_data::run(bytes));
