//! See `bodies/trueconf.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::trueconf::run(bytes));
