//! The certificate of the public port, as the settings want it.

use std::ffi::OsString;

use crate::net::tls::Source;
use crate::settings::{Settings, Tls};

/// Where the certificate comes from; none without TLS.
pub fn source(settings: &Settings) -> Option<Source> {
    Some(match settings.tls.clone()? {
        Tls::Files { certificate, key } => Source::Files { certificate, key },
        Tls::SelfSigned => {
            // Not in a backup: whoever has that is not to speak in our name.
            let mut file = OsString::from(&settings.database);
            file.push(".pem");
            Source::SelfSigned { file: file.into(), host: host(settings) }
        }
    })
}

/// The host people and Telegram know us by: that of `public-url`, else where we listen.
pub fn host(settings: &Settings) -> String {
    let Some(url) = &settings.public_url else {
        let everywhere = matches!(settings.hostname.as_str(), "0.0.0.0" | "::");
        return if everywhere { "localhost".to_owned() } else { settings.hostname.clone() };
    };
    let (_, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => authority.split(':').next(),
    };
    host.unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Asked, Surroundings, load};

    #[test]
    fn the_certificate_is_for_the_host_of_the_public_url() {
        for (url, hostname, expected) in [
            ("https://bot.example.org", "0.0.0.0", "bot.example.org"),
            ("https://Bot.Example.org:8443/roost", "127.0.0.1", "bot.example.org"),
            ("https://192.0.2.1", "127.0.0.1", "192.0.2.1"),
            ("https://[2001:db8::1]:8443", "127.0.0.1", "2001:db8::1"),
            ("", "127.0.0.1", "127.0.0.1"),
            ("", "0.0.0.0", "localhost"),
            ("", "::", "localhost"),
        ] {
            let variables = [("ROOST_PUBLIC_URL", url), ("ROOST_HOSTNAME", hostname)];
            let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let around = Surroundings { variables: variables.into(), folder: "/nowhere".into() };
            let loaded = load(&Asked::default(), &around).unwrap();
            assert_eq!(host(&loaded.settings), expected, "{url}");
        }
    }
}
