//! Who is connected: a permit per connection, given back when it drops.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Counts of open connections, in total and per address.
#[derive(Debug)]
pub(crate) struct Permits {
    most: usize,
    per_address: usize,
    counts: Mutex<Counts>,
    /// Told at every permit given back: descriptors may be free again.
    released: Condvar,
}

#[derive(Debug, Default)]
struct Counts {
    total: usize,
    of: HashMap<IpAddr, usize>,
}

/// One open connection in the gate's count. Give it to the thread that owns the socket; dropping it
/// makes room for another connection.
#[derive(Debug)]
pub struct Permit {
    permits: Arc<Permits>,
    address: Option<IpAddr>,
}

/// No room: too many connections, in total or of this address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl Permits {
    pub(crate) fn new(most: usize, per_address: usize) -> Arc<Self> {
        let counts = Mutex::default();
        Arc::new(Self { most, per_address, counts, released: Condvar::new() })
    }

    /// A permit for a connection of `address`; `None` counts in total only, until the address is known.
    pub(crate) fn admit(self: &Arc<Self>, address: Option<IpAddr>) -> Result<Permit, Full> {
        let address = address.map(household);
        let mut counts = self.counts();
        if counts.total >= self.most {
            return Err(Full);
        }
        counts.enter(address, self.per_address)?;
        counts.total += 1;
        Ok(Permit { permits: Arc::clone(self), address })
    }

    /// Waits until a permit is given back, or for `patience`.
    pub(crate) fn wait_for_release(&self, patience: Duration) {
        let counts = self.counts();
        drop(self.released.wait_timeout(counts, patience));
    }

    #[cfg(test)]
    fn is_empty(&self) -> bool {
        let counts = self.counts();
        counts.total == 0 && counts.of.is_empty()
    }

    /// Counts stay whole through a panic: no change of them can panic half-way.
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// Counts the connection for `address` from now on.
    pub(crate) fn move_to(&mut self, address: IpAddr) -> Result<(), Full> {
        let address = Some(household(address));
        if self.address == address {
            return Ok(());
        }
        let mut counts = self.permits.counts();
        counts.enter(address, self.permits.per_address)?;
        counts.leave(self.address);
        self.address = address;
        Ok(())
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut counts = self.permits.counts();
        counts.leave(self.address);
        counts.total -= 1;
        drop(counts);
        self.permits.released.notify_all();
    }
}

impl Counts {
    fn enter(&mut self, address: Option<IpAddr>, most: usize) -> Result<(), Full> {
        let Some(address) = address else { return Ok(()) };
        let count = self.of.get(&address).copied().unwrap_or(0);
        if count >= most {
            return Err(Full);
        }
        self.of.insert(address, count + 1);
        Ok(())
    }

    fn leave(&mut self, address: Option<IpAddr>) {
        let Some(address) = address else { return };
        match self.of.get_mut(&address) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(self.of.remove(&address)),
        }
    }
}

/// What counts as one address: providers give a /64 to a single customer, so IPv6 counts by /64.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_address_cannot_take_every_place() {
        let permits = Permits::new(3, 2);
        let first = permits.admit(Some(ip("192.0.2.1"))).unwrap();
        let second = permits.admit(Some(ip("::ffff:192.0.2.1"))).unwrap();
        assert_eq!(permits.admit(Some(ip("192.0.2.1"))).err(), Some(Full));
        let third = permits.admit(Some(ip("192.0.2.2"))).unwrap();
        assert_eq!(permits.admit(Some(ip("192.0.2.3"))).err(), Some(Full), "in total");
        drop((first, second));
        assert!(permits.admit(Some(ip("192.0.2.1"))).is_ok());
        drop(third);
        assert!(permits.is_empty());
    }

    #[test]
    fn a_whole_ipv6_network_counts_as_one_address() {
        let permits = Permits::new(9, 1);
        let _first = permits.admit(Some(ip("2001:db8:1:2::1"))).unwrap();
        assert!(permits.admit(Some(ip("2001:db8:1:2:ffff::2"))).is_err());
        assert!(permits.admit(Some(ip("2001:db8:1:3::1"))).is_ok());
    }

    #[test]
    fn a_connection_of_a_proxy_counts_for_whom_it_is_forwarded() {
        let permits = Permits::new(9, 1);
        let mut first = permits.admit(None).unwrap();
        let mut second = permits.admit(None).unwrap();
        first.move_to(ip("192.0.2.1")).unwrap();
        first.move_to(ip("192.0.2.1")).unwrap();
        assert_eq!(second.move_to(ip("192.0.2.1")), Err(Full));
        first.move_to(ip("192.0.2.2")).unwrap();
        second.move_to(ip("192.0.2.1")).unwrap();
        drop((first, second));
        assert!(permits.is_empty());
    }
}
