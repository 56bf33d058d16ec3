//! 材料格式: what an uploaded file really is, judged by its content and never by its name.
//! A file must be whole and must end where its format ends: a cut upload, a picture with a web page
//! appended, and a tiny file that unpacks into gigapixels are all refused before anything is kept.

use std::fmt;

use serde::{Deserialize, Serialize};

/// 文件种类: the formats that the window accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// A photograph.
    Jpeg,
    /// A picture or screenshot.
    Png,
    /// A picture as Android keeps it.
    WebP,
    /// A photograph as an iPhone keeps it.
    Heic,
    /// A document.
    Pdf,
}

/// 材料不合格: why a file is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// 格式不支持: none of the accepted formats.
    UnknownType,
    /// 文件损坏: cut short, or carrying something else.
    Damaged,
    /// 图片尺寸过大: unpacks into more pixels than are taken.
    TooManyPixels,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownType => "not one of the accepted formats",
            Self::Damaged => "damaged",
            Self::TooManyPixels => "too many pixels",
        })
    }
}

impl std::error::Error for Unfit {}

impl FileKind {
    /// The media type to answer with.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Heic => "image/heic",
            Self::Pdf => "application/pdf",
        }
    }

    /// The ending of a file name, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
            Self::Heic => "heic",
            Self::Pdf => "pdf",
        }
    }

    /// Recognises a whole and harmless file, or says why not.
    pub fn recognise(bytes: &[u8], max_pixels: u64) -> Result<Self, Unfit> {
        let kind = Self::claimed(bytes).ok_or(Unfit::UnknownType)?;
        let end = match kind {
            Self::Jpeg => jpeg_end(bytes),
            Self::Png => png_end(bytes),
            Self::WebP => webp_end(bytes),
            Self::Heic => heic_end(bytes),
            Self::Pdf => pdf_end(bytes),
        };
        let rest = end.and_then(|end| bytes.get(end..)).ok_or(Unfit::Damaged)?;
        if !is_padding(rest) {
            return Err(Unfit::Damaged);
        }
        if kind == Self::Pdf {
            return if has_active_content(bytes) { Err(Unfit::Damaged) } else { Ok(kind) };
        }
        let size = imagesize::blob_size(bytes).map_err(|_| Unfit::Damaged)?;
        match (size.width as u64).checked_mul(size.height as u64) {
            Some(0) => Err(Unfit::Damaged),
            Some(pixels) if pixels <= max_pixels => Ok(kind),
            _ => Err(Unfit::TooManyPixels),
        }
    }

    fn claimed(bytes: &[u8]) -> Option<Self> {
        let at = |from: usize, magic: &[u8]| bytes.get(from..).is_some_and(|rest| rest.starts_with(magic));
        if at(0, b"\xFF\xD8\xFF") {
            Some(Self::Jpeg)
        } else if at(0, b"\x89PNG\r\n\x1A\n") {
            Some(Self::Png)
        } else if at(0, b"RIFF") && at(8, b"WEBPVP8") {
            Some(Self::WebP)
        } else if at(0, b"%PDF-") {
            Some(Self::Pdf)
        } else if at(4, b"ftyp") && heic_brands(bytes) {
            Some(Self::Heic)
        } else {
            None
        }
    }
}

/// The bytes of an HEVC still among the brands; every film and AVIF begins with `ftyp` as well.
fn heic_brands(bytes: &[u8]) -> bool {
    let length = be(bytes, 0, 4).unwrap_or(0).min(256);
    let brands = bytes.get(8..length).unwrap_or_default();
    brands.chunks_exact(4).any(|brand| [b"heic", b"heix", b"heim", b"heis"].iter().any(|b| *b == brand))
}

fn is_padding(rest: &[u8]) -> bool {
    rest.iter().all(|byte| b" \t\r\n\0".contains(byte))
}

/// A big-endian number, `None` beyond the end.
fn be(bytes: &[u8], at: usize, width: usize) -> Option<usize> {
    let field = bytes.get(at..at.checked_add(width)?)?;
    field.iter().try_fold(0usize, |number, byte| number.checked_mul(256)?.checked_add(usize::from(*byte)))
}

/// Phones append further pictures (a gain map, a thumbnail) behind the first: all must be whole.
fn jpeg_end(bytes: &[u8]) -> Option<usize> {
    let mut end = one_jpeg_end(bytes, 0)?;
    loop {
        let next = end + bytes.get(end..)?.iter().take_while(|byte| **byte == 0).count();
        if !bytes.get(next..)?.starts_with(b"\xFF\xD8\xFF") {
            return Some(end);
        }
        end = one_jpeg_end(bytes, next)?;
    }
}

fn one_jpeg_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 2;
    let mut has_picture = false;
    loop {
        if *bytes.get(at)? != 0xFF {
            return None;
        }
        match *bytes.get(at + 1)? {
            0xFF => at += 1, // padding before a marker
            0x01 | 0xD0..=0xD7 => at += 2,
            0xD9 => return has_picture.then_some(at + 2),
            marker => {
                let length = be(bytes, at + 2, 2).filter(|length| *length >= 2)?;
                at += 2 + length;
                if marker == 0xDA {
                    has_picture = true;
                    at = after_scan(bytes, at)?;
                }
            }
        }
    }
}

/// Compressed data runs until a marker that is neither an escaped FF nor a restart.
fn after_scan(bytes: &[u8], from: usize) -> Option<usize> {
    let scan = bytes.get(from..)?;
    let next = scan.windows(2).position(|pair| pair[0] == 0xFF && !matches!(pair[1], 0x00 | 0xD0..=0xD7))?;
    Some(from + next)
}

fn png_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 8;
    loop {
        let name = bytes.get(at + 4..at + 8)?;
        if at == 8 && name != b"IHDR" {
            return None;
        }
        let end = at.checked_add(be(bytes, at, 4)?)?.checked_add(12)?;
        if name == b"IEND" {
            return Some(end);
        }
        at = end;
    }
}

fn webp_end(bytes: &[u8]) -> Option<usize> {
    let length: [u8; 4] = bytes.get(4..8)?.try_into().ok()?;
    let length = usize::try_from(u32::from_le_bytes(length)).ok()?;
    length.checked_add(8 + length % 2)
}

fn heic_end(bytes: &[u8]) -> Option<usize> {
    let (mut at, mut has_picture) = (0usize, false);
    while !is_padding(bytes.get(at..)?) {
        let name = bytes.get(at + 4..at + 8);
        let length = match be(bytes, at, 4) {
            Some(1) => be(bytes, at + 8, 8)?,
            Some(length) if length >= 8 => length,
            // A box without an end: anything could hide in it.
            _ => return None,
        };
        has_picture |= name == Some(b"mdat".as_slice());
        at = at.checked_add(length.max(8))?;
    }
    has_picture.then_some(at)
}

fn pdf_end(bytes: &[u8]) -> Option<usize> {
    let tail = bytes.len().saturating_sub(1024);
    let last = bytes.get(tail..)?.windows(5).rposition(|window| window == b"%%EOF")?;
    Some(tail + last + 5)
}

/// Whether opening the document could run something. Names may be written with escapes (`/J#61va…`).
fn has_active_content(bytes: &[u8]) -> bool {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let escaped = (*byte == b'#')
            .then(|| bytes.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        plain.push(escaped.unwrap_or(*byte));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    [b"/JavaScript".as_slice(), b"/Launch"].iter().any(|name| plain.windows(name.len()).any(|w| w == *name))
}

#[cfg(test)]
#[path = "file_kind_tests.rs"]
mod tests;
