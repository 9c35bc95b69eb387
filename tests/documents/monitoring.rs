//! Dashboard and alerts.
