//! The static front end: embedded at build time, or a folder for people who change it.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use miniz_oxide::inflate::decompress_to_vec_with_limit;
use sha2::{Digest, Sha256};

use crate::net::answer::Answer;
use crate::net::content_type::content_type;
use crate::net::request::Request;

/// Largest file served from a folder.
const LARGEST: usize = 16 << 20;

/// Folders of `www` whose URLs are their paths; every other first segment is the name of an app.
const SHARED: [&str; 3] = ["lib", "styles", "components"];

/// A file embedded by `build.rs`.
#[derive(Debug)]
struct File {
    /// The path below `www`.
    name: &'static str,
    /// Of the plain bytes.
    digest: &'static str,
    /// RFC 1952, without a name inside.
    gzip: &'static [u8],
    /// For clients that take no gzip, from the first of them on.
    plain: OnceLock<Vec<u8>>,
}

// `EMBEDDED: [File; _]`, sorted by name.
include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// What stands before and behind the deflated bytes of a gzip file without a name.
const GZIP_HEAD: usize = 10;
const GZIP_END: usize = 8;

/// Where the front end comes from.
#[derive(Clone, Debug)]
pub struct Files(Source);

#[derive(Clone, Debug)]
enum Source {
    Embedded,
    /// Canonical.
    Folder(PathBuf),
}

/// A file about to be answered.
struct Found {
    digest: Cow<'static, str>,
    bytes: Bytes,
}

/// What is in it.
enum Bytes {
    Embedded(&'static File),
    Read(Vec<u8>),
}

/// What a URL path means.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// This file below `www`.
    File(String),
    /// This file, if it exists, under the path with a slash at the end.
    Folder(String),
    Nowhere,
}

impl Files {
    /// The files inside the program.
    pub fn embedded() -> Self {
        Self(Source::Embedded)
    }

    /// The files in `folder`, read anew for every request and not compressed.
    ///
    /// What a symbolic link leads to outside of the folder is not served, nor are hidden files.
    pub fn folder(folder: &Path) -> std::io::Result<Self> {
        let folder = folder.canonicalize()?;
        if folder.is_dir() {
            Ok(Self(Source::Folder(folder)))
        } else {
            Err(std::io::ErrorKind::NotADirectory.into())
        }
    }

    /// Whether the files inside the program are what was built in: how many they are and their
    /// bytes, or the name of one that is not.
    pub fn verify_embedded() -> Result<(usize, usize), &'static str> {
        let mut total = 0;
        for file in &EMBEDDED {
            let bytes = file.plain();
            if digest(bytes) != file.digest {
                return Err(file.name);
            }
            total += bytes.len();
        }
        Ok((EMBEDDED.len(), total))
    }

    /// The answer to `request` if its path is one of the files; `None` leaves it to somebody else.
    pub fn answer(&self, request: &Request) -> Option<Answer> {
        let name = match place(&request.path) {
            Place::File(name) => name,
            Place::Folder(name) => {
                self.find(&name)?;
                return Some(redirect(request));
            }
            Place::Nowhere => return None,
        };
        let found = self.find(&name)?;
        if !matches!(request.method.as_str(), "GET" | "HEAD") {
            return Some(Answer::method_not_allowed("GET, HEAD"));
        }
        Some(found.answer(&name, request))
    }

    /// The page `name` for a request under a path that an app answers; never cached, so that it
    /// leaves no trace of the path and is always the one that fits the program.
    pub fn page(&self, name: &str, request: &Request) -> Answer {
        if !matches!(request.method.as_str(), "GET" | "HEAD") {
            return Answer::method_not_allowed("GET, HEAD");
        }
        let Some(found) = self.find(name) else { return Answer::not_found() };
        let answer = match found.bytes.gzip().filter(|_| accepts_gzip(request)) {
            Some(packed) => Answer::ok(content_type(name), packed).with("Content-Encoding", "gzip"),
            None => Answer::ok(content_type(name), found.bytes.plain()),
        };
        answer.with("Cache-Control", "no-store").with("Vary", "Accept-Encoding")
    }

    fn find(&self, name: &str) -> Option<Found> {
        match &self.0 {
            Source::Embedded => embedded(name),
            Source::Folder(folder) => read(folder, name),
        }
    }
}

impl Found {
    fn answer(self, name: &str, request: &Request) -> Answer {
        let gzip = self.bytes.gzip();
        let packed = gzip.filter(|_| accepts_gzip(request));
        let etag = match packed {
            Some(_) => format!("\"{}-gzip\"", self.digest),
            None => format!("\"{}\"", self.digest),
        };
        let answer = if is_known(request, &etag) {
            Answer::empty(304)
        } else if let Some(packed) = packed {
            Answer::ok(content_type(name), packed).with("Content-Encoding", "gzip")
        } else {
            Answer::ok(content_type(name), self.bytes.plain())
        };
        let answer = answer.with("ETag", etag).with("Cache-Control", freshness(name));
        if gzip.is_some() { answer.with("Vary", "Accept-Encoding") } else { answer }
    }
}

/// Pages, scripts and styles belong together but have lasting names, so a browser asks each time (and
/// mostly hears 304): nobody ever runs an old script in a new page. The rest may be a day old.
fn freshness(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" | "js" | "mjs" | "css" | "json" => "no-cache",
        _ => "public, max-age=86400",
    }
}

/// `/lib/…`, `/styles/…`, `/components/…` and files at the top as they lie in `www`; `/<app>/…` in
/// `www/apps/<app>/`. A segment that is empty or begins with a dot leads nowhere.
fn place(path: &str) -> Place {
    let path = path.strip_prefix('/').unwrap_or(path);
    if path.is_empty() {
        return Place::File("index.html".to_owned());
    }
    let whole = path.strip_suffix('/').unwrap_or(path);
    if whole.split('/').any(|segment| segment.is_empty() || segment.starts_with('.'))
        || whole.contains(|c: char| c.is_control() || c == '\\')
    {
        return Place::Nowhere;
    }
    let first = whole.split('/').next().unwrap_or_default();
    match (first, path == whole) {
        ("apps", _) => Place::Nowhere,
        (first, true) if SHARED.contains(&first) => Place::File(path.to_owned()),
        (first, false) if SHARED.contains(&first) => Place::Nowhere,
        (first, true) if first == whole && first.contains('.') => Place::File(path.to_owned()),
        (first, true) if first == whole => Place::Folder(format!("apps/{first}/index.html")),
        (_, true) => Place::File(format!("apps/{whole}")),
        (_, false) => Place::File(format!("apps/{whole}/index.html")),
    }
}

/// To the same path with a slash at the end, so that relative links of the page work.
fn redirect(request: &Request) -> Answer {
    let query = request.query.as_ref().map_or(String::new(), |query| format!("?{query}"));
    Answer::redirect(format!("{}/{query}", request.path)).with("Cache-Control", "no-cache")
}

impl Bytes {
    fn gzip(&self) -> Option<&'static [u8]> {
        match self {
            Self::Embedded(file) => Some(file.gzip),
            Self::Read(_) => None,
        }
    }

    fn plain(self) -> Cow<'static, [u8]> {
        match self {
            Self::Embedded(file) => file.plain().into(),
            Self::Read(bytes) => bytes.into(),
        }
    }
}

impl File {
    const fn packed(name: &'static str, digest: &'static str, gzip: &'static [u8]) -> Self {
        Self { name, digest, gzip, plain: OnceLock::new() }
    }

    fn plain(&'static self) -> &'static [u8] {
        self.plain.get_or_init(|| unpacked(self.gzip))
    }
}

/// Nothing, if `gzip` is none; `self-test` looks whether all are.
fn unpacked(gzip: &[u8]) -> Vec<u8> {
    let end = gzip.len().saturating_sub(GZIP_END);
    let deflated = gzip.get(GZIP_HEAD..end).unwrap_or_default();
    decompress_to_vec_with_limit(deflated, LARGEST).unwrap_or_default()
}

fn embedded(name: &str) -> Option<Found> {
    let at = EMBEDDED.binary_search_by(|file| file.name.cmp(name)).ok()?;
    let file = &EMBEDDED[at];
    Some(Found { digest: file.digest.into(), bytes: Bytes::Embedded(file) })
}

fn read(folder: &Path, name: &str) -> Option<Found> {
    let path = folder.join(name).canonicalize().ok().filter(|path| path.starts_with(folder))?;
    let hidden = |part: &std::ffi::OsStr| part.as_encoded_bytes().starts_with(b".");
    if path.strip_prefix(folder).ok()?.iter().any(hidden) {
        return None;
    }
    let about = fs::metadata(&path).ok()?;
    if !about.is_file() || about.len() > LARGEST as u64 {
        return None;
    }
    let bytes = fs::read(&path).ok()?;
    Some(Found { digest: digest(&bytes).into(), bytes: Bytes::Read(bytes) })
}

/// As `build.rs` makes it.
fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(16).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Whether the client takes gzip (RFC 9110 §12.5.3): named, or covered by `*`, with a weight over 0.
fn accepts_gzip(request: &Request) -> bool {
    let mut any = false;
    for element in request.headers.all("Accept-Encoding").flat_map(|value| value.split(',')) {
        let mut parts = element.split(';').map(str::trim);
        let coding = parts.next().unwrap_or_default();
        let refused = parts.any(is_zero_weight);
        if coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip") {
            return !refused;
        }
        any |= coding == "*" && !refused;
    }
    any
}

/// `q=0`, `Q=0.000` and the like.
fn is_zero_weight(parameter: &str) -> bool {
    let Some((name, weight)) = parameter.split_once('=') else { return false };
    name.trim().eq_ignore_ascii_case("q") && weight.trim().parse::<f32>().is_ok_and(|w| w <= 0.0)
}

/// Whether the client has what `etag` names (RFC 9110 §13.1.2, weak comparison).
pub(crate) fn is_known(request: &Request, etag: &str) -> bool {
    let mut tags = request.headers.all("If-None-Match").flat_map(|value| value.split(','));
    tags.any(|tag| {
        let tag = tag.trim();
        tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn get(files: &Files, target: &str) -> Option<Answer> {
        files.answer(&Request::local("GET", target).ok()?)
    }

    fn site() -> (tempfile::TempDir, Files) {
        let outside = tempfile::tempdir().unwrap();
        let www = outside.path().join("www");
        for (name, text) in [
            ("index.html", "<launcher>"),
            ("favicon.ico", "icon"),
            ("lib/dom.js", "dom"),
            ("apps/mini_event/index.html", "<events>"),
            ("apps/mini_event/main.js", "main"),
            ("apps/mini_event/.secret", "hidden"),
            ("apps/unfinished/main.js", "no page yet"),
            ("../private", "private"),
        ] {
            let path = www.join(name);
            fs::create_dir_all(www.join(name).parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        symlink("../private", www.join("escape.txt")).unwrap();
        symlink("apps/mini_event/.secret", www.join("shown.txt")).unwrap();
        symlink("lib/dom.js", www.join("inside.js")).unwrap();
        let files = Files::folder(&www).unwrap();
        (outside, files)
    }

    #[test]
    fn a_path_leads_to_one_file() {
        let (_folder, files) = site();
        let rows = [
            ("/", Some("<launcher>")),
            ("/favicon.ico", Some("icon")),
            ("/lib/dom.js", Some("dom")),
            ("/lib/%64om.js", Some("dom")),
            ("/mini_event/", Some("<events>")),
            ("/mini_event/?x=1", Some("<events>")),
            ("/mini_event/main.js", Some("main")),
            ("/inside.js", Some("dom")),
            ("/mini_event/index.html", Some("<events>")),
            ("/unfinished/", None),
            ("/unfinished", None),
            ("/apps/mini_event/main.js", None),
            ("/apps/", None),
            ("/lib/", None),
            ("/lib", None),
            ("/lib/dom.js/", None),
            ("/absent.js", None),
            ("//lib/dom.js", None),
            ("/lib//dom.js", None),
            ("/lib/./dom.js", None),
            ("/../private", None),
            ("/lib/../../private", None),
            ("/lib/%2e%2e/%2e%2e/private", None),
            ("/lib/..%2f..%2fprivate", None),
            ("/mini_event/..%5c..%5cprivate", None),
            ("/lib/dom.js%00", None),
            ("/escape.txt", None),
            ("/shown.txt", None),
            ("/mini_event/.secret", None),
        ];
        for (target, body) in rows {
            let answer = get(&files, target);
            let found = answer.as_ref().map(|answer| String::from_utf8_lossy(&answer.body));
            assert_eq!(found.as_deref(), body, "{target}");
        }
    }

    #[test]
    fn an_app_without_its_slash_is_sent_to_it() {
        let (_folder, files) = site();
        let answer = get(&files, "/mini_event?tgWebAppStartParam=e1").unwrap();
        assert_eq!(answer.status, 308);
        assert_eq!(answer.header("Location"), Some("/mini_event/?tgWebAppStartParam=e1"));
        assert_eq!(get(&files, "/nobody"), None);
    }

    #[test]
    fn a_file_is_only_read() {
        let (_folder, files) = site();
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "get"] {
            let answer = files.answer(&Request::local(method, "/lib/dom.js").unwrap()).unwrap();
            assert_eq!(
                (answer.status, answer.header("Allow")),
                (405, Some("GET, HEAD")),
                "{method}"
            );
        }
        let head = files.answer(&Request::local("HEAD", "/lib/dom.js").unwrap()).unwrap();
        assert_eq!(head.body.as_ref(), b"dom");
    }

    #[test]
    fn a_known_file_is_not_sent_again() {
        let (_folder, files) = site();
        let etag = get(&files, "/lib/dom.js").unwrap().header("ETag").unwrap().to_owned();
        let rows = [
            (etag.clone(), 304),
            (format!("W/{etag}"), 304),
            (format!("\"other\", {etag}"), 304),
            ("*".to_owned(), 304),
            ("\"other\"".to_owned(), 200),
            (etag.trim_matches('"').to_owned(), 200),
        ];
        for (tags, status) in rows {
            let request = Request::local("GET", "/lib/dom.js").unwrap();
            let answer = files.answer(&request.with_header("If-None-Match", &tags)).unwrap();
            assert_eq!(answer.status, status, "{tags}");
            assert_eq!(answer.header("ETag"), Some(etag.as_str()));
        }
    }

    #[test]
    fn gzip_goes_to_those_who_take_it() {
        let rows = [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("*", true),
            ("deflate, *;q=0.1", true),
            ("", false),
            ("identity", false),
            ("gzip;q=0", false),
            ("gzip; q=0.000, *", false),
            ("*;q=0", false),
            ("gzipped", false),
        ];
        for (accepted, packed) in rows {
            let request =
                Request::local("GET", "/").unwrap().with_header("Accept-Encoding", accepted);
            assert_eq!(accepts_gzip(&request), packed, "{accepted}");
            let file = File { plain: b"plain".to_vec().into(), ..File::packed("", "", b"packed") };
            let bytes = Bytes::Embedded(Box::leak(Box::new(file)));
            let found = Found { digest: "d".into(), bytes };
            let answer = found.answer("a.html", &request);
            let encoding = answer.header("Content-Encoding");
            assert_eq!(encoding, packed.then_some("gzip"), "{accepted}");
            assert_eq!(answer.header("Vary"), Some("Accept-Encoding"));
            assert_eq!(answer.header("ETag"), Some(if packed { "\"d-gzip\"" } else { "\"d\"" }));
        }
    }

    #[test]
    fn every_embedded_file_is_found_under_its_url() {
        let files = Files::embedded();
        assert!(EMBEDDED.is_sorted_by(|a, b| a.name < b.name));
        for file in &EMBEDDED {
            let url =
                file.name.strip_prefix("apps").map_or(format!("/{}", file.name), str::to_owned);
            let answer = get(&files, &url).unwrap_or_else(|| panic!("`{url}` is not served"));
            assert_eq!(answer.body.as_ref(), file.plain(), "{url}");
            assert_eq!(answer.header("Content-Type"), Some(content_type(file.name)));
        }
        assert_eq!(get(&files, "/absent.js"), None);
    }

    #[test]
    fn what_is_embedded_packed_comes_out_as_it_went_in() {
        let (files, bytes) = Files::verify_embedded().unwrap();
        assert_eq!(files, EMBEDDED.len());
        let packed: usize = EMBEDDED.iter().map(|file| file.gzip.len()).sum();
        assert!(packed > 0 && bytes > 2 * packed, "{bytes} bytes, {packed} packed");
        for broken in [&b""[..], b"gz", &[0; 18], &[0xff; 40]] {
            assert_eq!(unpacked(broken), b"", "{broken:?}");
        }
    }

    #[test]
    fn a_folder_that_is_none_is_an_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(Files::folder(file.path()).is_err());
        assert!(Files::folder(&file.path().join("absent")).is_err());
    }
}
