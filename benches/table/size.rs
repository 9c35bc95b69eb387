//! How large the program is.

use std::fs;

use crate::Measured;
use crate::report::Row;
use crate::world;

/// Measures the program, and says how it is linked, since the limit is meant for the static one.
pub fn measure() -> Measured {
    let bytes = fs::read(world::binary())?;
    let is_dynamic =
        bytes.windows(12).any(|part| part == b"/ld-linux-x8" || part == b"/ld-linux-aa");
    let kind = if is_dynamic { "linked with glibc, not the static one" } else { "static" };
    let size = f64::from(u32::try_from(bytes.len())?) / f64::from(1 << 20);
    Ok(vec![Row::at_most(format!("program ({kind})"), (size, 4.0), "MiB")])
}
