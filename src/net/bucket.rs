//! How many messages one client may send: a token bucket over a clock that is passed in.

use std::time::{Duration, Instant};

/// Tokens that refill at a steady rate up to a burst.
#[derive(Debug)]
pub struct Bucket {
    per_second: f64,
    burst: f64,
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    /// A full bucket.
    pub fn new(per_second: u32, burst: u32, now: Instant) -> Self {
        let burst = f64::from(burst);
        Self { per_second: f64::from(per_second), burst, tokens: burst, filled: now }
    }

    /// Takes one token; false when there is none.
    pub fn take(&mut self, now: Instant) -> bool {
        let passed: Duration = now.saturating_duration_since(self.filled);
        self.filled = now;
        self.tokens = (self.tokens + passed.as_secs_f64() * self.per_second).min(self.burst);
        let allowed = self.tokens >= 1.0;
        if allowed {
            self.tokens -= 1.0;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_steady_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::new(20, 40, start);
        let passed =
            |bucket: &mut Bucket, at, tries| (0..tries).filter(|_| bucket.take(at)).count();
        assert_eq!(passed(&mut bucket, start, 60), 40);
        assert_eq!(passed(&mut bucket, start + Duration::from_millis(500), 60), 10);
        assert_eq!(passed(&mut bucket, start + Duration::from_secs(3600), 60), 40);
    }
}
