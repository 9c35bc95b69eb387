//! What the server tells Prometheus: families of samples, printed as its text format 0.0.4.

use std::fmt::{self, Write as _};

/// What a family's numbers mean over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Goes up only, from zero at each start.
    Counter,
    /// Goes up and down.
    Gauge,
}

/// Families in the order they were begun.
#[derive(Clone, Debug, Default)]
pub struct Metrics(String);

/// One family; its samples follow each other in the text, as the format demands.
pub struct Family<'a> {
    text: &'a mut String,
    name: &'static str,
}

impl Metrics {
    /// Begins the family `name`, which starts with `roost_` and ends in its unit; `help` is a line
    /// for people. A family is begun once, whichever app has samples of it.
    pub fn family(&mut self, name: &'static str, kind: Kind, help: &str) -> Family<'_> {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
        };
        let help = help.replace('\\', "\\\\").replace('\n', "\\n");
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
        Family { text: &mut self.0, name }
    }

    /// A family of one sample without labels.
    pub fn single(&mut self, name: &'static str, kind: Kind, help: &str, value: impl Into<Number>) {
        self.family(name, kind, help).sample(&[], value);
    }
}

impl Family<'_> {
    /// One sample; label values may be any text.
    pub fn sample(&mut self, labels: &[(&str, &str)], value: impl Into<Number>) {
        self.text.push_str(self.name);
        for (index, (name, value)) in labels.iter().enumerate() {
            self.text.push(if index == 0 { '{' } else { ',' });
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(self.text, "{name}=\"{value}\"");
        }
        if !labels.is_empty() {
            self.text.push('}');
        }
        let _ = writeln!(self.text, " {}", value.into());
    }
}

impl fmt::Display for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A sample's value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A count or a size.
    Whole(u64),
    /// A measure.
    Real(f64),
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Self::Whole(value)
    }
}

impl From<usize> for Number {
    fn from(value: usize) -> Self {
        Self::Whole(value as u64)
    }
}

impl From<bool> for Number {
    fn from(value: bool) -> Self {
        Self::Whole(value.into())
    }
}

impl From<f64> for Number {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(value) => value.fmt(f),
            Self::Real(value) if value.is_nan() => f.write_str("NaN"),
            Self::Real(value) if value.is_infinite() => {
                f.write_str(if *value > 0.0 { "+Inf" } else { "-Inf" })
            }
            Self::Real(value) => value.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_printed_as_prometheus_reads_them() {
        let mut metrics = Metrics::default();
        metrics.single("roost_users", Kind::Gauge, "People known.", 3_u64);
        let mut lanes = metrics.family("roost_wait_seconds", Kind::Gauge, "a\\b\nc");
        lanes.sample(&[("lane", "replies"), ("name", "a\"b\\c\nd")], 1.5);
        lanes.sample(&[("lane", "alerts")], f64::INFINITY);
        assert_eq!(
            metrics.to_string(),
            "# HELP roost_users People known.\n# TYPE roost_users gauge\nroost_users 3\n\
             # HELP roost_wait_seconds a\\\\b\\nc\n# TYPE roost_wait_seconds gauge\n\
             roost_wait_seconds{lane=\"replies\",name=\"a\\\"b\\\\c\\nd\"} 1.5\n\
             roost_wait_seconds{lane=\"alerts\"} +Inf\n"
        );
    }
}
