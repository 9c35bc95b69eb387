//! What is known, or only supposed, about the API: one constant each, with its source.
//!
//! Sources: *documentation*, the vendor's API documentation; *bot*, the vendor's Telegram bot;
//! *vendor's tools*, its newer programs for version 4; *clients*, independent public clients and their
//! recorded answers. What nobody states is marked *supposed* and can be corrected here alone.

/// Where version 3.3 gives tokens (documentation; bot), form-encoded.
pub const V33_TOKEN: &str = "/oauth2/v1/token";
/// Where version 4 gives tokens (vendor's tools), JSON.
pub const V4_TOKEN: &str = "/api/v4/oauth2/token";
/// What the paths of version 3.3 begin with (bot).
pub const V33: &str = "/api/v3.3";
/// What the paths of version 4 begin with (vendor's tools).
pub const V4: &str = "/api/v4";

/// Reason of a 403 by which version 3.3 rejects a token (bot; clients).
pub const REJECTED: &str = "accessTokenInvalid";
/// Longest token taken: documented ones have 40 characters, signed ones some 1,000. Supposed.
pub const TOKEN_MAX: usize = 8_192;

/// A call of this `class` or less is between two people (bot: only `class > 1` counts; the list of
/// classes is supposed).
pub const CLASS_OF_TWO: i64 = 1;
/// `role` of an owner or moderator of version 3.3 (bot; other values are supposed to be guests).
pub const MODERATOR: i64 = 2;
/// Fields that hold a role in version 4: the vendor's tools name `flag`. That its values mean the same
/// as in version 3.3 is supposed.
pub const V4_ROLES: &[&str] = &["role", "flag"];

/// `status` of somebody signed in and free (clients).
pub const FREE: i64 = 1;
/// `status` of somebody busy (clients).
pub const BUSY: i64 = 2;
/// `status` of somebody in a group conference: 5 for bot and clients of version 3.3, 3 in an older
/// client, which is taken for the same here only if somebody adds it.
pub const IN_CONFERENCE: &[i64] = &[5];

/// `next_page_id` of the last page of people (clients).
pub const LAST_PAGE: i64 = -1;
/// People on a page we ask for; the limit is 1,000 (clients).
pub const USERS_PAGE: usize = 500;
/// Rows of the call log on a page we ask for (bot).
pub const CALLS_PAGE: usize = 500;
/// Rows on a page of version 4 we ask for. Supposed to be allowed.
pub const V4_PAGE: usize = 200;
/// Whether lists begin at page 0 or 1 differs or is unknown: we ask without a number, then for this
/// and the following, and pages that bring nothing new are passed over.
pub const FIRST_NUMBER: u32 = 1;
/// Pages read of one list at most: 100,000 people or 40,000 conferences.
pub const PAGES_MAX: u32 = 200;

/// Where people online are asked for (bot). No source names it for version 4: it is asked there too,
/// and a server without it is said not to offer it.
pub const USERS: &str = "/users";

/// Longest public id (documentation: 1 to 128 characters).
pub const ID_MAX: usize = 128;
/// Longest id of a run that is taken. Supposed; known ones have some 40 characters.
pub const SESSION_MAX: usize = 256;
/// Longest topic and owner kept, in characters; longer ones are cut.
pub const TEXT_MAX: usize = 256;
