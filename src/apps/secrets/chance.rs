//! The one place where secrets get their randomness from the operating system.

use zeroize::Zeroizing;

use super::seal::Chance;

impl Chance {
    /// Made by the operating system.
    pub fn fresh() -> Result<Self, getrandom::Error> {
        let mut bytes = Zeroizing::new([0; Self::BYTES]);
        getrandom::fill(&mut bytes[..])?;
        Ok(Self::of(&bytes))
    }
}
