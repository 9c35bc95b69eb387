//! Photos as Telegram describes them: several sizes of one image.

use serde_json::{Value, json};

/// Longest sides of the sizes Telegram makes, besides the largest.
const SIDES: [usize; 3] = [90, 320, 800];

/// Telegram scales larger photos down to this.
const SIDE_MAX: usize = 1280;

/// `PhotoSize`s of an image, smallest first; every size has the bytes of the original.
pub(crate) fn sizes(number: i64, bytes: &[u8]) -> Option<Value> {
    let image = imagesize::blob_size(bytes).ok()?;
    let longest = image.width.max(image.height).max(1);
    let sides = SIDES.into_iter().filter(|side| *side < longest).chain([longest.min(SIDE_MAX)]);
    let size = |(index, side): (usize, usize)| {
        let id = format!("photo{number}x{index}");
        let (width, height) = (image.width * side / longest, image.height * side / longest);
        json!({
            "file_id": id, "file_unique_id": format!("u{id}"), "file_size": bytes.len(),
            "width": width.max(1), "height": height.max(1),
        })
    };
    Some(sides.enumerate().map(size).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apps::events::image::tests::png;

    #[test]
    fn a_photo_comes_in_sizes_of_its_own_shape() {
        for (width, height, expect) in [
            (1600, 900, vec![(90, 50), (320, 180), (800, 450), (1280, 720)]),
            (100, 400, vec![(22, 90), (80, 320), (100, 400)]),
            (10, 10, vec![(10, 10)]),
        ] {
            let made = sizes(1, &png(width, height)).unwrap();
            let side = |size: &Value, name: &str| size[name].as_i64().unwrap();
            let made = made.as_array().unwrap().iter();
            let made: Vec<_> = made.map(|s| (side(s, "width"), side(s, "height"))).collect();
            assert_eq!(made, expect);
        }
        assert_eq!(sizes(1, b"<svg>"), None);
    }
}
