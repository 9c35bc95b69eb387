//! Published initData of real and test bots, and everything that must not pass.

use super::*;

/// Captured from Telegram; token and data are published in the test suites of Telegram-Mini-Apps.
const TOKEN_1: &str = "5768337691:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8";
const REAL_1: &str = "query_id=AAHdF6IQAAAAAN0XohDhrOrc&user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22Vladislav%22%2C%22last_name%22%3A%22Kibenko%22%2C%22username%22%3A%22vdkfrost%22%2C%22language_code%22%3A%22ru%22%2C%22is_premium%22%3Atrue%7D&auth_date=1662771648&hash=c501b71e775f74ce10e377dea85a7ea24ecd640b223ea86dfe453e0eaed2e2b2";

/// Captured from Telegram, with a `signature` and awkward characters in the name.
const TOKEN_2: &str = "7342037359:AAFZehRPBRs8Seg40oDjTMIW8uTGPuW1zfQ";
const REAL_2: &str = "user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22Vladislav%20%2B%20-%20%3F%20%5C%2F%22%2C%22last_name%22%3A%22Kibenko%22%2C%22username%22%3A%22vdkfrost%22%2C%22language_code%22%3A%22ru%22%2C%22is_premium%22%3Atrue%2C%22allows_write_to_pm%22%3Atrue%2C%22photo_url%22%3A%22https%3A%5C%2F%5C%2Ft.me%5C%2Fi%5C%2Fuserpic%5C%2F320%5C%2F4FPEE4tmP3ATHa57u6MqTDih13LTOiMoKoLDRG4PnSA.svg%22%7D&chat_instance=8134722200314281151&chat_type=private&auth_date=1733584787&signature=zL-ucjNyREiHDE8aihFwpfR9aggP2xiAo3NSpfe-p7IbCisNlDKlo7Kb6G4D0Ao2mBrSgEk4maLSdv6MLIlADQ&hash=2174df5b000556d044f3f020384e879c8efcab55ddea2ced4eb752e93e7080d6";

/// Made by a test suite: the second has a space as `+` and the user's id as a string.
const TOKEN_T: &str = "42:TEST";
const MADE_1: &str = "auth_date=1650385342&user=%7B%22id%22%3A42%2C%22first_name%22%3A%22Test%22%7D&query_id=test&hash=46d2ea5e32911ec8d30999b56247654460c0d20949b6277af519e76271182803";
const MADE_2: &str = "auth_date=1650385342&user=%7B%22id%22%3A+%22123456789%22%2C+%22first_name%22%3A+%22PlaceholderFirstName%22%2C+%22last_name%22%3A+%22PlaceholderLastName+%5Cud83c%5Cuddfa%5Cud83c%5Cudde6%22%2C+%22username%22%3A+%22Latand%22%2C+%22language_code%22%3A+%22en%22%2C+%22is_premium%22%3A+%22true%22%2C+%22allows_write_to_pm%22%3A+%22true%22%7D&query_id=test&hash=b3c8b293f14ad0f7f0abcf769aea1209a72295d30a87eb0e74df855d32e53bfe";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn check(raw: &str, token: &str, second: i64) -> Result<Login, Rejected> {
    verify(raw, &Hidden::new(token.to_owned()), at(second))
}

/// Signs with the test token.
fn signed(pairs: &[(&str, &str)]) -> String {
    sign(pairs, &Hidden::new(TOKEN_T.to_owned()))
}

#[test]
fn what_telegram_signed_logs_in() {
    let login = check(REAL_1, TOKEN_1, 1_662_771_648).unwrap();
    assert_eq!(login.user.id, UserId(279_058_397));
    assert_eq!(login.user.name(), "Vladislav Kibenko");
    assert_eq!(login.user.username.as_deref(), Some("vdkfrost"));
    assert_eq!(login.user.language_code.as_deref(), Some("ru"));
    assert_eq!(login.query_id.as_deref(), Some("AAHdF6IQAAAAAN0XohDhrOrc"));
    assert!(!login.user.allows_write_to_pm);

    let login = check(REAL_2, TOKEN_2, 1_733_584_787).unwrap();
    assert_eq!(login.user.name(), "Vladislav + - ? / Kibenko");
    assert_eq!(login.chat_type.as_deref(), Some("private"));
    assert!(login.user.allows_write_to_pm);
    assert_eq!(login.auth_date, at(1_733_584_787));

    let login = check(MADE_1, TOKEN_T, 1_650_385_342).unwrap();
    assert_eq!((login.user.id, login.user.name()), (UserId(42), "Test".to_owned()));
}

#[test]
fn a_genuine_form_without_a_numeric_user_is_refused_cleanly() {
    assert_eq!(check(MADE_2, TOKEN_T, 1_650_385_342), Err(Rejected::NoUser));
}

#[test]
fn order_and_spelling_of_a_space_do_not_matter() {
    let mut parts: Vec<&str> = REAL_2.split('&').collect();
    parts.reverse();
    let hash_first = parts.join("&");
    assert!(hash_first.starts_with("hash="));
    for raw in [hash_first, REAL_2.replace("%20", "+")] {
        assert!(check(&raw, TOKEN_2, 1_733_584_787).is_ok(), "{raw}");
    }
}

#[test]
fn whatever_was_changed_is_refused() {
    let no_signature: Vec<&str> =
        REAL_2.split('&').filter(|part| !part.starts_with("signature=")).collect();
    let hash = &REAL_2[REAL_2.len() - 64..];
    for (raw, expect) in [
        (REAL_2.replace("Kibenko", "Kibenka"), Rejected::Forged),
        (no_signature.join("&"), Rejected::Forged),
        (REAL_2.replace("%5C%2F", "%2F"), Rejected::Forged),
        (format!("{REAL_2}&x=1"), Rejected::Forged),
        (format!("{REAL_2}&user=%7B%7D"), Rejected::Repeated),
        (format!("{REAL_2}&hash={hash}"), Rejected::Repeated),
        (REAL_2.replace("chat_type=", "%63hat_type=x&chat_type="), Rejected::Repeated),
        (REAL_2.replace(hash, &hash.to_uppercase()), Rejected::NoHash),
        (REAL_2.replace(hash, &hash[1..]), Rejected::NoHash),
        (REAL_2.replace(hash, ""), Rejected::NoHash),
        (REAL_2.replace(hash, &hash.replace('2', "1")), Rejected::Forged),
        (REAL_2.replace("&hash=", "&haxh="), Rejected::NoHash),
    ] {
        assert_eq!(check(&raw, TOKEN_2, 1_733_584_787), Err(expect), "{raw}");
    }
    assert_eq!(check(REAL_2, TOKEN_1, 1_733_584_787), Err(Rejected::Forged));
}

#[test]
fn junk_is_refused_without_a_panic() {
    let é64 = "é".repeat(32);
    for (raw, expect) in [
        ("", Rejected::NotAForm),
        ("hash=abc", Rejected::NoHash),
        ("no_hash=true", Rejected::NoHash),
        ("here comes something wrong;", Rejected::NotAForm),
        ("hash=<%C3%A9>", Rejected::NoHash),
        (&format!("hash={é64}"), Rejected::NoHash),
        ("hash=%C3", Rejected::NotAForm),
        ("test&foo=bar=baz", Rejected::NotAForm),
        (&format!("a={}", "x".repeat(RAW_MAX)), Rejected::TooLong),
        ("%00=%00&hash=", Rejected::NoHash),
    ] {
        assert_eq!(check(raw, TOKEN_T, 0), Err(expect), "{raw}");
    }
}

#[test]
fn a_login_is_good_for_a_day_and_a_minute_of_clock_skew() {
    for (second, expect) in [
        (1_650_385_342 + 86_400, Ok(())),
        (1_650_385_342 + 86_401, Err(Rejected::Stale)),
        (1_650_385_342 - 60, Ok(())),
        (1_650_385_342 - 61, Err(Rejected::Early)),
    ] {
        assert_eq!(check(MADE_1, TOKEN_T, second).map(drop), expect, "{second}");
    }
}

#[test]
fn dates_and_users_of_the_wrong_form_are_refused_even_when_signed() {
    let user = r#"{"id":42,"first_name":"Test"}"#;
    for (date, user, expect) in [
        ("100", user, Ok(())),
        ("", user, Err(Rejected::NoDate)),
        ("+100", user, Err(Rejected::NoDate)),
        ("-100", user, Err(Rejected::NoDate)),
        ("1e2", user, Err(Rejected::NoDate)),
        (" 100", user, Err(Rejected::NoDate)),
        ("99999999999999999999", user, Err(Rejected::NoDate)),
        ("999999999999999999", user, Err(Rejected::NoDate)),
        ("100", "", Err(Rejected::NoUser)),
        ("100", "42", Err(Rejected::NoUser)),
        ("100", "{}", Err(Rejected::NoUser)),
        ("100", r#"{"id":4.2}"#, Err(Rejected::NoUser)),
        ("100", r#"{"id":42,"id":43}"#, Err(Rejected::NoUser)),
        ("100", r#"{"id":42,"new":[{"a":null}]}"#, Ok(())),
    ] {
        let raw = signed(&[("auth_date", date), ("user", user)]);
        assert_eq!(check(&raw, TOKEN_T, 100).map(drop), expect, "{date} {user}");
    }
    assert_eq!(check(&signed(&[("auth_date", "100")]), TOKEN_T, 100), Err(Rejected::NoUser));
    assert_eq!(check(&signed(&[("user", user)]), TOKEN_T, 100), Err(Rejected::NoDate));
}

#[test]
fn blank_values_and_fields_of_the_future_are_part_of_what_is_signed() {
    let user = r#"{"id":42,"first_name":" Ada ","last_name":""}"#;
    let raw = signed(&[("auth_date", "7"), ("user", user), ("start_param", ""), ("zzz", "new=&")]);
    let login = check(&raw, TOKEN_T, 7).unwrap();
    assert_eq!(login.start_param.as_deref(), Some(""));
    assert_eq!(login.user.name(), "Ada");
}
