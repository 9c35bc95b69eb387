//! Pictures of events: recognised by content, checked, and named by what is in them.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT as BASE64;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::refusal::Problem;

/// The limit of `media-limit` in settings, in bytes.
pub const DEFAULT_LIMIT: usize = 512 * 1024;

/// A card is 430 px wide at most; less than this looks blurred.
const MIN_WIDTH: u32 = 400;

/// A small file can claim any size; more pixels than this per side only exhaust a phone's memory.
const MAX_SIDE: u32 = 10_000;

/// How far from 16:9 a picture may be, in percent; cards crop the rest.
const RATIO_TOLERANCE: u64 = 2;

/// A checked picture: its bytes and the name they give it.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Named by content.
    pub name: ImageName,
    /// The file as it came.
    pub bytes: Arc<[u8]>,
}

impl Picture {
    /// Checks a file of at most `limit` bytes: PNG, JPEG or WebP, at least 400 px wide, 16:9.
    pub fn check(bytes: &[u8], limit: usize) -> Result<Self, Problem> {
        if bytes.len() > limit {
            return Err(Problem::ImageTooLarge { max: limit });
        }
        let kind = ImageKind::sniff(bytes).ok_or(Problem::NotAnImage)?;
        let size = imagesize::blob_size(bytes).map_err(|_| Problem::NotAnImage)?;
        let bounded = |pixels| u32::try_from(pixels).unwrap_or(u32::MAX);
        check_size(bounded(size.width), bounded(size.height))?;
        Ok(Self { name: ImageName::of(bytes, kind), bytes: bytes.into() })
    }

    /// Decodes base64 of a file of at most `limit` bytes and checks it. What pages call a data URL
    /// (`data:image/png;base64,…`) is welcome; the type it claims is not believed.
    pub fn decode(base64: &str, limit: usize) -> Result<Self, Problem> {
        let base64 = match base64.strip_prefix("data:") {
            Some(url) => url.split_once(";base64,").ok_or(Problem::NotBase64)?.1,
            None => base64,
        };
        // Four characters are three bytes; what is surely too large is not decoded at all.
        if base64.len() / 4 * 3 > limit.saturating_add(3) {
            return Err(Problem::ImageTooLarge { max: limit });
        }
        let bytes = BASE64.decode(base64).map_err(|_| Problem::NotBase64)?;
        Self::check(&bytes, limit)
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({}, {} bytes)", self.name, self.bytes.len())
    }
}

/// The formats every Telegram client can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageKind {
    /// Portable Network Graphics.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP.
    WebP,
}

impl ImageKind {
    const ALL: [Self; 3] = [Self::Png, Self::Jpeg, Self::WebP];

    /// Recognises a file by its first bytes, whatever it is called.
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        let at = |range: std::ops::Range<usize>| bytes.get(range).unwrap_or_default();
        if at(0..8) == b"\x89PNG\r\n\x1a\n" && at(8..16) == b"\0\0\0\x0dIHDR" {
            return Some(Self::Png);
        }
        if at(0..3) == b"\xff\xd8\xff" {
            return Some(Self::Jpeg);
        }
        (at(0..4) == b"RIFF" && at(8..15) == b"WEBPVP8").then_some(Self::WebP)
    }

    /// The end of the file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::WebP => "webp",
        }
    }

    /// The only content type the file is ever served with.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
        }
    }
}

/// The name of a picture: `<sha256 in hex>.<png|jpg|webp>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ImageName(String);

impl ImageName {
    /// Reads a name, as it comes in the path of a request.
    pub fn parse(text: &str) -> Option<Self> {
        let (hash, extension) = text.split_once('.')?;
        let is_hash =
            hash.len() == 64 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let is_ours = ImageKind::ALL.iter().any(|kind| kind.extension() == extension);
        (is_hash && is_ours).then(|| Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The format its end tells.
    pub fn kind(&self) -> ImageKind {
        let ours = |kind: &ImageKind| self.0.ends_with(kind.extension());
        ImageKind::ALL.into_iter().find(ours).unwrap_or(ImageKind::Png)
    }

    fn of(bytes: &[u8], kind: ImageKind) -> Self {
        use fmt::Write;
        let mut name = String::with_capacity(69);
        for byte in Sha256::digest(bytes) {
            write!(name, "{byte:02x}").expect("writing to a string cannot fail");
        }
        Self(name + "." + kind.extension())
    }
}

impl fmt::Display for ImageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn check_size(width: u32, height: u32) -> Result<(), Problem> {
    if width == 0 || height == 0 {
        return Err(Problem::NotAnImage);
    }
    if width > MAX_SIDE || height > MAX_SIDE {
        return Err(Problem::ImageTooManyPixels { max: MAX_SIDE });
    }
    if width < MIN_WIDTH {
        return Err(Problem::ImageTooNarrow { width, min: MIN_WIDTH });
    }
    let (ours, wanted) = (u64::from(width) * 9, u64::from(height) * 16);
    if ours.abs_diff(wanted) * 100 > wanted * RATIO_TOLERANCE {
        return Err(Problem::ImageWrongRatio { width, height });
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The beginning of a PNG of this size, which is all that is looked at.
    pub fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend(b"\x08\x02\0\0\0");
        bytes
    }

    fn jpeg(width: u16, height: u16) -> Vec<u8> {
        let mut bytes = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0".to_vec();
        bytes.extend(b"\xff\xc0\0\x11\x08");
        bytes.extend(height.to_be_bytes());
        bytes.extend(width.to_be_bytes());
        bytes
    }

    fn webp(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0".to_vec();
        bytes.extend(&(width - 1).to_le_bytes()[..3]);
        bytes.extend(&(height - 1).to_le_bytes()[..3]);
        bytes
    }

    #[test]
    fn pictures_are_recognised_by_content_and_refused_with_the_reason() {
        let ratio = |width, height| Err(Problem::ImageWrongRatio { width, height });
        let huge = Err(Problem::ImageTooManyPixels { max: 10_000 });
        let other = Err(Problem::NotAnImage);
        let rows = [
            ("png", png(1600, 900), Ok(ImageKind::Png)),
            ("jpeg", jpeg(1600, 900), Ok(ImageKind::Jpeg)),
            ("webp", webp(1600, 900), Ok(ImageKind::WebP)),
            ("smallest", png(400, 225), Ok(ImageKind::Png)),
            ("a little wide", png(1632, 900), Ok(ImageKind::Png)),
            ("a little high", png(1568, 900), Ok(ImageKind::Png)),
            ("too wide", png(1633, 900), ratio(1633, 900)),
            ("too high", png(1567, 900), ratio(1567, 900)),
            ("square", jpeg(800, 800), ratio(800, 800)),
            ("portrait", webp(900, 1600), ratio(900, 1600)),
            ("narrow", png(399, 224), Err(Problem::ImageTooNarrow { width: 399, min: 400 })),
            ("bomb", png(160_000, 90_000), huge),
            ("bomb", png(u32::MAX, u32::MAX), huge),
            ("flat", png(1600, 0), other),
            ("html", b"<html><script>alert(1)</script>".to_vec(), other),
            ("svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), other),
            ("gif", b"GIF89a\x40\x06\x84\x03".to_vec(), other),
            ("cut", png(1600, 900)[..20].to_vec(), other),
            ("cut", jpeg(1600, 900)[..24].to_vec(), other),
            ("cut", webp(1600, 900)[..24].to_vec(), other),
            ("the originals' sample", b"\x89PNG\r\n\x1a\nnot really".to_vec(), other),
            ("nothing", Vec::new(), other),
            ("large", vec![0; 2001], Err(Problem::ImageTooLarge { max: 2000 })),
        ];
        for (what, bytes, expected) in rows {
            let kind = Picture::check(&bytes, 2000).map(|picture| picture.name.kind());
            assert_eq!(kind, expected, "{what}");
        }
    }

    #[test]
    fn a_page_hidden_in_a_picture_is_only_ever_served_as_a_picture() {
        let mut bytes = png(1600, 900);
        bytes.extend(b"<script>alert(1)</script>");
        let name = Picture::check(&bytes, DEFAULT_LIMIT).unwrap().name;
        assert_eq!(name.kind().mime(), "image/png");
    }

    #[test]
    fn no_file_however_broken_stops_the_reader() {
        let mut chance: u64 = 0x9e37_79b9_7f4a_7c15;
        for whole in [png(1600, 900), jpeg(1600, 900), webp(1600, 900)] {
            for _ in 0..3_000 {
                chance ^= chance << 13;
                chance ^= chance >> 7;
                chance ^= chance << 17;
                let [at, value, cut, ..] = chance.to_le_bytes();
                let mut bytes = whole.clone();
                bytes[usize::from(at) % whole.len()] = value;
                bytes.truncate(usize::from(cut) % 64 + 8);
                drop(Picture::check(&bytes, DEFAULT_LIMIT));
            }
        }
    }

    #[test]
    fn the_same_picture_has_the_same_name_and_names_are_read_strictly() {
        let name = Picture::check(&png(1600, 900), DEFAULT_LIMIT).unwrap().name;
        assert_eq!(name, Picture::check(&png(1600, 900), DEFAULT_LIMIT).unwrap().name);
        assert_eq!(ImageName::parse(name.as_str()), Some(name.clone()));
        let hash = &name.as_str()[..64];
        let wrong =
            ["", ".png", "../x.png", "a.png", &format!("{hash}.svg"), &format!("{hash}.png.png")];
        for text in wrong.into_iter().map(str::to_owned).chain([name.as_str().to_uppercase()]) {
            assert_eq!(ImageName::parse(&text), None, "{text}");
        }
    }

    #[test]
    fn pictures_come_as_base64_or_as_data_urls() {
        let encoded = BASE64.encode(png(1600, 900));
        let rows = [
            (encoded.clone(), Ok(ImageKind::Png)),
            (encoded.trim_end_matches('=').to_owned(), Ok(ImageKind::Png)),
            (format!("data:text/html;base64,{encoded}"), Ok(ImageKind::Png)),
            (format!("data:image/png,{encoded}"), Err(Problem::NotBase64)),
            ("not base64!".to_owned(), Err(Problem::NotBase64)),
            (format!("{encoded}\n"), Err(Problem::NotBase64)),
            (String::new(), Err(Problem::NotAnImage)),
            ("iVBORw0KGgpub3QgcmVhbGx5".to_owned(), Err(Problem::NotAnImage)),
            ("A".repeat(4000), Err(Problem::ImageTooLarge { max: 2000 })),
        ];
        for (text, expected) in rows {
            let kind = Picture::decode(&text, 2000).map(|picture| picture.name.kind());
            assert_eq!(kind, expected, "{text:.40}");
        }
    }
}
