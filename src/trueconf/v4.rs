//! Questions in version 4, as far as its callers have made it known.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use jiff::Timestamp;

use super::answers::{self, Page, Run};
use super::api::{Api, Ask, Version};
use super::facts;
use super::fault::{Fault, Scope};
use super::types::People;
use super::v33::numbers;
use crate::telegram::form::encode;

/// Conferences that run. When each began stands in another list; why that could not be read is told
/// beside it.
pub fn running(api: &Api, end: Instant) -> Result<(Vec<Run>, Option<Fault>), Fault> {
    let conferences = List { api, path: "/conferences?state=running", scope: Scope::Conferences };
    let key = |run: &Run| run.id.clone().unwrap_or_default();
    let mut runs = conferences.all(answers::conferences, key, end)?.rows;
    runs.retain(Run::is_running);
    if runs.is_empty() {
        return Ok((runs, None));
    }
    match began(api, end) {
        Ok(began) => {
            for run in &mut runs {
                let began = run.id.as_ref().and_then(|id| began.get(id)).copied();
                run.started = began.or(run.started);
            }
            Ok((runs, None))
        }
        Err(fault) => Ok((runs, Some(fault))),
    }
}

fn began(api: &Api, end: Instant) -> Result<HashMap<String, Timestamp>, Fault> {
    let sessions = List { api, path: "/sessions", scope: Scope::Sessions };
    let all = sessions.all(answers::sessions, |(id, _)| id.clone(), end)?;
    Ok(all.rows.into_iter().collect())
}

/// Who is in a conference.
pub fn people(api: &Api, id: &str, end: Instant) -> Result<People, Fault> {
    let path = format!("/conferences/{}/participants?is_in_conf=true", encode(id));
    let people = List { api, path: &path, scope: Scope::Participants };
    let all = people.all(answers::participants, |(id, _)| id.clone(), end)?;
    let found = u32::try_from(all.rows.len()).map_err(|_| Fault::Malformed)?;
    let count = all.total.map_or(found, |total| total.max(found));
    let roles: Option<Vec<bool>> = all.rows.into_iter().map(|(_, moderates)| moderates).collect();
    let moderators = roles.filter(|_| count == found).map(|all| all.into_iter().filter(|m| *m));
    let moderators = moderators.and_then(|all| all.count().try_into().ok());
    Ok(People { count, moderators })
}

/// A list in pages.
struct List<'a> {
    api: &'a Api,
    path: &'a str,
    scope: Scope,
}

impl List<'_> {
    /// All rows of all pages, each once.
    fn all<T>(
        &self,
        read: fn(&[u8]) -> Result<Page<T>, Fault>,
        key: impl Fn(&T) -> String,
        end: Instant,
    ) -> Result<Page<T>, Fault> {
        let mut all = Page { rows: Vec::new(), total: None };
        let mut seen = HashSet::new();
        for number in numbers() {
            let page = read(&self.page(number, end)?)?;
            let before = all.rows.len();
            all.rows.extend(page.rows.into_iter().filter(|row| seen.insert(key(row))));
            all.total = page.total.or(all.total);
            let is_first_again = number == Some(facts::FIRST_NUMBER);
            let is_over = all.total.is_some_and(|total| seen.len() >= total as usize)
                || (all.rows.len() == before && !is_first_again);
            if is_over {
                return Ok(all);
            }
        }
        Err(Fault::Malformed)
    }

    fn page(&self, number: Option<u32>, end: Instant) -> Result<Vec<u8>, Fault> {
        let join = if self.path.contains('?') { '&' } else { '?' };
        let number = number.map(|number| format!("&page={number}")).unwrap_or_default();
        let path = format!("{}{join}page_size={}{number}", self.path, facts::V4_PAGE);
        let is_one = self.scope == Scope::Participants;
        let absent = if is_one { Fault::NotFound } else { Fault::NotOffered };
        let ask = Ask { path: &path, send: None, scope: self.scope, absent, end };
        self.api.ask(Version::V4, &ask)
    }
}
