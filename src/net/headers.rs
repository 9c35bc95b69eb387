//! The header fields of one request: one allocation for the text, names compared without case.

/// Header fields in the order they came; values without the space around them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers {
    text: String,
    /// For each field: where its name ends and where its value ends; each starts where the last ended.
    ends: Vec<(usize, usize)>,
}

impl Headers {
    /// An empty list with room for `bytes` of text and `fields` fields.
    pub(crate) fn with_capacity(bytes: usize, fields: usize) -> Self {
        Self { text: String::with_capacity(bytes), ends: Vec::with_capacity(fields) }
    }

    /// Adds a field at the end.
    pub fn push(&mut self, name: &str, value: &str) {
        self.text.push_str(name);
        let name_end = self.text.len();
        self.text.push_str(value.trim_matches([' ', '\t']));
        self.ends.push((name_end, self.text.len()));
    }

    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Every value of `name`, in order: one per line the client sent.
    pub fn all<'a>(&'a self, name: &'a str) -> impl DoubleEndedIterator<Item = &'a str> {
        self.iter().filter(move |(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, v)| v)
    }

    /// All fields as (name, value), names as the client spelled them.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> {
        self.ends.iter().enumerate().map(|(index, &(name_end, value_end))| {
            let start = if index == 0 { 0 } else { self.ends[index - 1].1 };
            (&self.text[start..name_end], &self.text[name_end..value_end])
        })
    }

    /// Whether one of the comma-separated elements of `name` is `token` (RFC 9110 §5.6.1).
    pub fn has_token(&self, name: &str, token: &str) -> bool {
        self.all(name).flat_map(|v| v.split(',')).any(|t| t.trim().eq_ignore_ascii_case(token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_whatever_their_case() {
        let mut headers = Headers::default();
        headers.push("Host", " example.org\t");
        headers.push("X-Two", "a, b");
        headers.push("x-two", "Close");
        headers.push("Empty", "");
        assert_eq!(headers.get("hOST"), Some("example.org"));
        assert_eq!(headers.get("Empty"), Some(""));
        assert_eq!(headers.get("absent"), None);
        assert_eq!(headers.all("X-TWO").collect::<Vec<_>>(), ["a, b", "Close"]);
        assert!(headers.has_token("x-two", "close") && headers.has_token("x-two", "b"));
        assert!(!headers.has_token("x-two", "lose"));
        assert_eq!(headers.iter().next_back(), Some(("Empty", "")));
    }
}
