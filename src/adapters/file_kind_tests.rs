//! Small hand-made files of every kind, then each of them cut, extended, blown up or disguised.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;

fn recognise(bytes: &[u8]) -> Result<FileKind, Unfit> {
    FileKind::recognise(bytes, 50_000_000)
}

fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let mut file = b"\xFF\xD8\xFF\xE0\x00\x04JF\xFF\xC0\x00\x0B\x08".to_vec();
    file.extend(height.to_be_bytes());
    file.extend(width.to_be_bytes());
    file.extend(b"\x01\x01\x11\x00\xFF\xDA\x00\x08\x01\x01\x00\x00\x3F\x00");
    file.extend(b"\x12\xFF\x00\x34\xFF\xD0\x56\xFF\xD9");
    file
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR".to_vec();
    file.extend(width.to_be_bytes());
    file.extend(height.to_be_bytes());
    file.extend(b"\x08\x02\0\0\0CRC4\0\0\0\x02IDATxxCRC4\0\0\0\0IEND\xAE\x42\x60\x82");
    file
}

fn webp(width: u32, height: u32) -> Vec<u8> {
    let mut body = b"WEBPVP8X\x0A\0\0\0\0\0\0\0".to_vec();
    body.extend(&(width - 1).to_le_bytes()[..3]);
    body.extend(&(height - 1).to_le_bytes()[..3]);
    let mut file = b"RIFF".to_vec();
    file.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
    file.extend(body);
    file
}

fn atom(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&u32::try_from(body.len() + 8).unwrap().to_be_bytes(), name.as_slice(), body].concat()
}

fn heic(major: &[u8; 4], width: u32, height: u32) -> Vec<u8> {
    let ispe = atom(b"ispe", &[&[0; 4], &width.to_be_bytes()[..], &height.to_be_bytes()].concat());
    let iprp = atom(b"iprp", &atom(b"ipco", &ispe));
    let meta = atom(b"meta", &[&[0; 4], iprp.as_slice()].concat());
    let ftyp = atom(b"ftyp", &[major, b"\0\0\0\0mif1".as_slice(), major].concat());
    [ftyp, meta, atom(b"mdat", b"picture")].concat()
}

fn pdf(inside: &str) -> Vec<u8> {
    format!("%PDF-1.7\n1 0 obj\n<<{inside}>>\nendobj\nstartxref\n9\n%%EOF\n").into_bytes()
}

fn one_of_each() -> [(FileKind, Vec<u8>); 5] {
    [
        (FileKind::Jpeg, jpeg(4000, 3000)),
        (FileKind::Png, png(4000, 3000)),
        (FileKind::WebP, webp(4000, 3000)),
        (FileKind::Heic, heic(b"heic", 4000, 3000)),
        (FileKind::Pdf, pdf("/Type /Catalog")),
    ]
}

#[test]
fn each_kind_is_known_by_its_content() {
    for (kind, file) in one_of_each() {
        assert_eq!(recognise(&file), Ok(kind));
        assert_eq!(recognise(&[file.as_slice(), b"\r\n\0\0"].concat()), Ok(kind), "{kind:?} padded");
    }
    let stranger = [b"GIF89a".as_slice(), b"", b"MZ", b"<svg/>", b"PK\x03\x04", b"\xFF\xD8", &[0; 64]];
    for file in stranger {
        assert_eq!(recognise(file), Err(Unfit::UnknownType));
    }
    for other in [b"mp42", b"isom", b"avif"] {
        assert_eq!(recognise(&heic(other, 40, 30)), Err(Unfit::UnknownType));
    }
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    for (kind, file) in one_of_each() {
        // The PDF's last line break is not missed.
        let whole = if kind == FileKind::Pdf { file.len() - 1 } else { file.len() };
        for length in 0..whole {
            assert!(recognise(&file[..length]).is_err(), "{kind:?} cut to {length}");
        }
    }
}

#[test]
fn nothing_may_follow_the_end_not_even_another_end() {
    for (kind, file) in one_of_each() {
        for extra in ["<script>alert(1)</script>", "PK\x03\x04", "x"] {
            let polyglot = [file.as_slice(), extra.as_bytes()].concat();
            assert_eq!(recognise(&polyglot), Err(Unfit::Damaged), "{kind:?}");
        }
    }
    let hidden = [jpeg(40, 30), b"<html>\xFF\xD9".to_vec()].concat();
    assert_eq!(recognise(&hidden), Err(Unfit::Damaged));
    let hidden = [png(40, 30), b"<html>\0\0\0\0IEND\xAE\x42\x60\x82".to_vec()].concat();
    assert_eq!(recognise(&hidden), Err(Unfit::Damaged));
    let endless = [&heic(b"heic", 40, 30), b"\0\0\0\0free<html>".as_slice()].concat();
    assert_eq!(recognise(&endless), Err(Unfit::Damaged));
    // What phones do: a whole second picture behind the first.
    assert_eq!(recognise(&[jpeg(40, 30), vec![0; 3], jpeg(4, 3)].concat()), Ok(FileKind::Jpeg));
}

#[test]
fn a_bomb_is_refused_by_its_header() {
    let too_many = Err(Unfit::TooManyPixels);
    assert_eq!(recognise(&jpeg(65_000, 65_000)), too_many);
    assert_eq!(recognise(&png(u32::MAX, u32::MAX)), too_many);
    assert_eq!(recognise(&webp(1 << 14, 1 << 14)), too_many);
    assert_eq!(recognise(&heic(b"heic", 100_000, 100_000)), too_many);
    assert_eq!(recognise(&png(10_000, 5_000)), Ok(FileKind::Png));
    assert_eq!(recognise(&png(0, 5_000)), Err(Unfit::Damaged));
}

#[test]
fn a_document_that_acts_is_refused() {
    let acting = ["/OpenAction <</S /JavaScript>>", "/S /Launch", "/S /J#61vaScript", "/S /#4cau#6Ech"];
    for inside in acting {
        assert_eq!(recognise(&pdf(inside)), Err(Unfit::Damaged), "{inside}");
    }
    assert_eq!(recognise(&pdf("/Title (100# Java)")), Ok(FileKind::Pdf));
}

#[test]
fn rubbish_never_panics() {
    let mut seed = 7u64;
    for (_, file) in one_of_each() {
        for _ in 0..3000 {
            let mut bent = file.clone();
            for _ in 0..3 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let at = usize::try_from(seed >> 33).unwrap() % bent.len();
                bent[at] = if seed & 1 == 0 { 0xFF } else { seed.to_be_bytes()[1] };
            }
            let _ = recognise(&bent);
        }
    }
}
