//! The size of an image file, from its header.

/// Width and height as the header of a PNG, GIF or JPEG file gives them.
pub(super) fn size_of_file(file: &[u8]) -> Option<(u32, u32)> {
    if file.starts_with(b"\x89PNG\r\n\x1a\n") {
        let field = |at: usize| Some(u32::from_be_bytes(file.get(at..at + 4)?.try_into().ok()?));
        return (file.get(12..16)? == b"IHDR").then_some((field(16)?, field(20)?));
    }
    if file.starts_with(b"GIF87a") || file.starts_with(b"GIF89a") {
        let field = |at: usize| Some(u16::from_le_bytes([*file.get(at)?, *file.get(at + 1)?]));
        return Some((field(6)?.into(), field(8)?.into()));
    }
    jpeg_size(file.strip_prefix(b"\xff\xd8")?)
}

/// Looks through a JPEG file's segments for the frame's header.
fn jpeg_size(mut rest: &[u8]) -> Option<(u32, u32)> {
    loop {
        let [0xff, marker, ..] = *rest else { return None };
        let length = match marker {
            // A fill byte before a marker.
            0xff => {
                rest = &rest[1..];
                continue;
            }
            // Markers without a segment.
            0x01 | 0xd0..=0xd7 => 0,
            _ => usize::from(u16::from_be_bytes([*rest.get(2)?, *rest.get(3)?])),
        };
        // The frame headers; the codes in between are tables.
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            let field = |at: usize| Some(u16::from_be_bytes([*rest.get(at)?, *rest.get(at + 1)?]));
            return Some((field(7)?.into(), field(5)?.into()));
        }
        rest = rest.get(2 + length..)?;
    }
}
