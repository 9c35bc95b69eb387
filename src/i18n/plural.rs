//! Words that follow a number: which of their forms, by language.

use super::{Language, fill};

/// The forms a phrase with `{count}` takes (CLDR plural rules for whole numbers).
#[derive(Debug)]
pub struct Forms {
    one: &'static str,
    few: &'static str,
    many: &'static str,
}

impl Forms {
    /// For languages that tell one from all others.
    pub(super) const fn two(one: &'static str, many: &'static str) -> Self {
        Self { one, few: many, many }
    }

    /// For Russian: 1 and 21; 2 to 4 and 22; 5 to 20 and 0.
    pub(super) const fn three(one: &'static str, few: &'static str, many: &'static str) -> Self {
        Self { one, few, many }
    }

    /// The form for `count`, unfilled.
    pub fn of(&self, language: Language, count: u64) -> &'static str {
        match (language, count % 10, count % 100) {
            (Language::Ru, _, 11..=14) => self.many,
            (Language::Ru, 1, _) => self.one,
            (Language::Ru, 2..=4, _) => self.few,
            (Language::Ru, _, _) => self.many,
            _ if count == 1 => self.one,
            _ => self.many,
        }
    }

    /// The form for `count` with the number in it.
    pub fn counted(&self, language: Language, count: u64) -> String {
        fill(self.of(language, count), &[("count", &count.to_string())])
    }

    /// All forms and what they are called.
    #[cfg(test)]
    pub(super) fn all(&self) -> [(&'static str, &'static str); 3] {
        [("one", self.one), ("few", self.few), ("many", self.many)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_choose_their_form_as_people_speak() {
        let three = Forms::three("one", "few", "many");
        let two = Forms::two("one", "many");
        for (count, russian, other) in [
            (0, "many", "many"),
            (1, "one", "one"),
            (2, "few", "many"),
            (4, "few", "many"),
            (5, "many", "many"),
            (11, "many", "many"),
            (12, "many", "many"),
            (14, "many", "many"),
            (20, "many", "many"),
            (21, "one", "many"),
            (22, "few", "many"),
            (101, "one", "many"),
            (111, "many", "many"),
            (1_000_000, "many", "many"),
        ] {
            assert_eq!(three.of(Language::Ru, count), russian, "{count}");
            for language in [Language::En, Language::De, Language::Es] {
                assert_eq!(two.of(language, count), other, "{count}");
            }
        }
        assert_eq!(Forms::two("{count} day", "{count} days").counted(Language::En, 2), "2 days");
    }
}
