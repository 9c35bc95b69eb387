//! See `bodies/mqtt.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::mqtt::run(bytes));
