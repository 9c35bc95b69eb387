//! The paths of the API, pure: what a path asks for.

/// Where the API begins.
pub const BASE: &str = "/api/v1/";

/// What a path asks for. Nothing in it has been looked at, let alone believed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place<'a> {
    /// A new message.
    Create,
    /// The message with this number, opened with this token.
    Read {
        /// Digits, if all is well.
        id: &'a str,
        /// Hexadecimal digits, if all is well.
        token: &'a str,
    },
    /// The newest active application configuration.
    Config,
}

impl<'a> Place<'a> {
    /// What a decoded path asks for; one slash at the end changes nothing.
    pub fn of(path: &'a str) -> Option<Self> {
        let path = path.strip_prefix(BASE)?;
        let path = path.strip_suffix('/').unwrap_or(path);
        match path {
            "create_message" => return Some(Self::Create),
            "get_last_active_app_config" => return Some(Self::Config),
            _ => {}
        }
        let (id, token) = path.strip_prefix("get_message/")?.split_once('/')?;
        let fits = !id.is_empty() && !token.is_empty() && !token.contains('/');
        fits.then_some(Self::Read { id, token })
    }

    /// The methods that work there, as `Allow` lists them.
    pub fn methods(self) -> &'static str {
        match self {
            Self::Create => "POST",
            // Not HEAD: what cannot be shown must not be consumed.
            Self::Read { .. } => "GET, POST",
            Self::Config => "GET",
        }
    }

    /// Whether `method` works there.
    pub fn takes(self, method: &str) -> bool {
        self.methods().split(", ").any(|known| known == method)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `create`, `config`, `<id>|<token>` or `-`.
    fn place(path: &str) -> String {
        match Place::of(path) {
            None => "-".to_owned(),
            Some(Place::Create) => "create".to_owned(),
            Some(Place::Config) => "config".to_owned(),
            Some(Place::Read { id, token }) => format!("{id}|{token}"),
        }
    }

    #[test]
    fn a_path_asks_for_one_thing_with_or_without_a_slash_at_its_end() {
        for (path, expected) in [
            ("/api/v1/create_message", "create"),
            ("/api/v1/create_message/", "create"),
            ("/api/v1/create_message//", "-"),
            ("/api/v1/create_messages", "-"),
            ("/api/v1/get_last_active_app_config", "config"),
            ("/api/v1/get_last_active_app_config/", "config"),
            ("/api/v1/get_message/7/abc", "7|abc"),
            ("/api/v1/get_message/7/abc/", "7|abc"),
            ("/api/v1/get_message/x/a:b:c", "x|a:b:c"),
            ("/api/v1/get_message/7/п é", "7|п é"),
            ("/api/v1/get_message/7", "-"),
            ("/api/v1/get_message/7/", "-"),
            ("/api/v1/get_message//abc", "-"),
            ("/api/v1/get_message/7//", "-"),
            ("/api/v1/get_message/7/abc//", "-"),
            ("/api/v1/get_message/7/abc/more", "-"),
            ("/api/v1/", "-"),
            ("/api/v1", "-"),
            ("/api/v2/create_message", "-"),
            ("//api/v1/create_message", "-"),
            ("/API/v1/create_message", "-"),
        ] {
            assert_eq!(place(path), expected, "{path}");
        }
    }

    #[test]
    fn only_whole_names_of_methods_work() {
        let read = Place::Read { id: "1", token: "t" };
        for (place, method, works) in [
            (Place::Create, "POST", true),
            (Place::Create, "GET", false),
            (read, "GET", true),
            (read, "POST", true),
            (read, "HEAD", false),
            (read, "DELETE", false),
            (read, "GET, POST", false),
            (read, "", false),
            (read, "get", false),
            (Place::Config, "GET", true),
            (Place::Config, "HEAD", false),
        ] {
            assert_eq!(place.takes(method), works, "{method}");
        }
    }
}
