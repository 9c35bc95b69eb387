//! What Mini Events says: its refusals in words, as plain text.

use super::refusal::{Field, Invalid, Problem, Refusal};
use crate::i18n::{Fields, Language, fill};

/// A refusal for the person.
pub fn refusal(refusal: &Refusal, language: Language) -> String {
    let sentences = language.sentences();
    let events = &sentences.events;
    match refusal {
        Refusal::UnknownCommand => sentences.unknown_command.to_owned(),
        Refusal::NoSuchEvent => events.no_such_event.to_owned(),
        Refusal::NotAdmin => sentences.not_admin.to_owned(),
        Refusal::Invalid(invalid) => self::invalid(*invalid, language),
        Refusal::Over => events.is_over.to_owned(),
        Refusal::Cancelled => events.is_cancelled.to_owned(),
        Refusal::TooManyEvents { max } => events.too_many_events.counted(language, *max as u64),
        Refusal::TooManyPeople { max } => events.too_many_people.counted(language, (*max).into()),
    }
}

/// A field and what is wrong with it.
pub fn invalid(invalid: Invalid, language: Language) -> String {
    let field = field(invalid.field, &language.sentences().fields);
    let problem = problem(invalid.problem, language);
    fill(language.sentences().events.invalid, &[("field", field), ("problem", &problem)])
}

/// What people call a field.
pub fn field(field: Field, names: &Fields) -> &'static str {
    match field {
        Field::Title => names.title,
        Field::Description => names.description,
        Field::Image => names.image,
        Field::Start => names.start,
        Field::Duration => names.duration,
        Field::Timezone => names.timezone,
        Field::Location => names.location,
        Field::Capacity => names.capacity,
        Field::Recurrence => names.recurrence,
        Field::Until => names.until,
        Field::Id | Field::Event => names.event,
        Field::User => names.user,
        Field::Reason => names.reason,
        Field::Date => names.date,
    }
}

fn problem(problem: Problem, language: Language) -> String {
    let problems = &language.sentences().problems;
    let sentence = match problem {
        Problem::Missing => problems.missing,
        Problem::NotText => problems.not_text,
        Problem::NotANumber => problems.not_a_number,
        Problem::NotAWholeNumber => problems.not_a_whole_number,
        Problem::NotAnObject => problems.not_an_object,
        Problem::NotEditable => problems.not_editable,
        Problem::ControlCharacters => problems.control_characters,
        Problem::NotAStart => problems.not_a_start,
        Problem::NotADate => problems.not_a_date,
        Problem::NotATimezone => problems.not_a_timezone,
        Problem::NotARecurrence => problems.not_a_recurrence,
        Problem::NeedsDatedStart => problems.needs_dated_start,
        Problem::NeedsUndatedStart => problems.needs_undated_start,
        Problem::NeedsRecurrence => problems.needs_recurrence,
        Problem::BeforeStart => problems.before_start,
        Problem::NoSuchDate => problems.no_such_date,
        Problem::NotBase64 => problems.not_base64,
        Problem::NotAnImage => problems.not_an_image,
        numbered => return with_numbers(numbered, language),
    };
    sentence.to_owned()
}

/// The problems whose sentence has numbers in it.
fn with_numbers(problem: Problem, language: Language) -> String {
    let problems = &language.sentences().problems;
    let (sentence, values) = match problem {
        Problem::TooLong { max } => return problems.too_long.counted(language, max as u64),
        Problem::TooManyDates { max } => {
            return problems.too_many_dates.counted(language, max as u64);
        }
        Problem::HoursOutOfRange { max } => {
            return problems.hours_out_of_range.counted(language, max.into());
        }
        Problem::CapacityOutOfRange { max } => {
            return problems.capacity_out_of_range.counted(language, max.into());
        }
        Problem::YearOutOfRange { first, last } => {
            (problems.year_out_of_range, [("first", first.to_string()), ("last", last.to_string())])
        }
        Problem::ImageTooLarge { max } => {
            (problems.image_too_large, [("max", kilobytes(max)), ("", String::new())])
        }
        Problem::ImageTooNarrow { width, min } => {
            (problems.image_too_narrow, [("width", width.to_string()), ("min", min.to_string())])
        }
        Problem::ImageTooManyPixels { max } => {
            (problems.image_too_many_pixels, [("max", max.to_string()), ("", String::new())])
        }
        Problem::ImageWrongRatio { width, height } => (
            problems.image_wrong_ratio,
            [("width", width.to_string()), ("height", height.to_string())],
        ),
        _ => ("", [("", String::new()), ("", String::new())]),
    };
    fill(sentence, &values.each_ref().map(|(name, value)| (*name, value.as_str())))
}

/// Bytes as people count them, rounded down so that what is promised is true.
pub fn kilobytes(bytes: usize) -> String {
    (bytes / 1024).max(1).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every refusal there can be.
    fn refusals() -> Vec<Refusal> {
        let problems = [
            Problem::Missing,
            Problem::NotText,
            Problem::NotANumber,
            Problem::NotAWholeNumber,
            Problem::NotAnObject,
            Problem::NotEditable,
            Problem::TooLong { max: 120 },
            Problem::ControlCharacters,
            Problem::HoursOutOfRange { max: 168 },
            Problem::CapacityOutOfRange { max: 1_000_000 },
            Problem::NotAStart,
            Problem::NotADate,
            Problem::YearOutOfRange { first: 1970, last: 2200 },
            Problem::NotATimezone,
            Problem::NotARecurrence,
            Problem::NeedsDatedStart,
            Problem::NeedsUndatedStart,
            Problem::NeedsRecurrence,
            Problem::BeforeStart,
            Problem::NoSuchDate,
            Problem::TooManyDates { max: 366 },
            Problem::NotBase64,
            Problem::NotAnImage,
            Problem::ImageTooLarge { max: 524_288 },
            Problem::ImageTooNarrow { width: 399, min: 400 },
            Problem::ImageTooManyPixels { max: 10_000 },
            Problem::ImageWrongRatio { width: 800, height: 600 },
        ];
        let others = [
            Refusal::UnknownCommand,
            Refusal::NoSuchEvent,
            Refusal::NotAdmin,
            Refusal::Over,
            Refusal::Cancelled,
            Refusal::TooManyEvents { max: 1000 },
            Refusal::TooManyPeople { max: 100_000 },
        ];
        let fields = Field::ALL.iter().map(|field| field.is(Problem::Missing));
        let titles = problems.into_iter().map(|problem| Field::Title.is(problem));
        titles.chain(fields).map(Refusal::Invalid).chain(others).collect()
    }

    #[test]
    fn every_refusal_has_words_with_its_numbers_in_every_language() {
        for language in Language::ALL {
            for no in refusals() {
                let text = refusal(&no, language);
                assert!(!text.contains(['{', '}']), "{text}");
                assert!(text.chars().count() > 8 && !text.ends_with(": "), "{no:?}: {text}");
                assert!(text.encode_utf16().count() <= 200, "too long for a box: {text}");
            }
        }
    }

    #[test]
    fn the_words_of_old_clients_stay_what_they_were() {
        let rows = [
            (Refusal::NoSuchEvent, "No such event"),
            (Refusal::NotAdmin, "You are not an admin"),
            (Refusal::UnknownCommand, "Unknown command"),
        ];
        for (no, expected) in rows {
            assert_eq!(refusal(&no, Language::En), expected);
        }
    }

    #[test]
    fn refusals_are_said_in_the_persons_language() {
        let ratio = Field::Image.is(Problem::ImageWrongRatio { width: 800, height: 600 });
        let rows = [
            (
                Language::En,
                Field::Title.is(Problem::TooLong { max: 120 }),
                "Title: this is too long; at most 120 characters",
            ),
            (
                Language::Ru,
                Field::Title.is(Problem::TooLong { max: 120 }),
                "Название: слишком длинно; не больше 120 символов",
            ),
            (
                Language::De,
                ratio,
                "Bild: das sind 800 × 600 Pixel, nicht 16:9; richtig wäre etwa 1280 × 720",
            ),
            (
                Language::Es,
                Field::Image.is(Problem::ImageTooLarge { max: 524_288 }),
                "Imagen: es demasiado grande; 512 KB como máximo",
            ),
        ];
        for (language, no, expected) in rows {
            assert_eq!(invalid(no, language), expected);
        }
    }
}
