//! QR codes of Digital Links, as SVG and PNG.

use platform_api::Problem;
use qrcode::render::svg;
use qrcode::{Color, EcLevel, QrCode};

/// Longest text of a code.
const CHARS_MAX: usize = 300;
/// Empty modules around a code (ISO/IEC 18004).
const QUIET_ZONE: usize = 4;

fn code(text: &str) -> Result<QrCode, Problem> {
    if text.chars().count() > CHARS_MAX {
        return Err(Problem::invalid(format!("A code says at most {CHARS_MAX} characters.")));
    }
    // A quarter of the code may be scratched off.
    let code = QrCode::with_error_correction_level(text, EcLevel::Q);
    code.map_err(|_| Problem::invalid("This text does not fit into a QR code."))
}

pub(super) fn as_svg(text: &str) -> Result<String, Problem> {
    Ok(code(text)?.render::<svg::Color<'_>>().min_dimensions(240, 240).quiet_zone(true).build())
}

pub(super) fn as_png(text: &str, scale: usize) -> Result<Vec<u8>, Problem> {
    let code = code(text)?;
    let modules = code.width();
    let side = (modules + 2 * QUIET_ZONE) * scale;
    let dark = |x: usize, y: usize| {
        let (column, row) = ((x / scale).wrapping_sub(QUIET_ZONE), (y / scale).wrapping_sub(QUIET_ZONE));
        column < modules && row < modules && code[(column, row)] == Color::Dark
    };
    // One bit a dot, a one is white, rows begin at bytes.
    let mut dots = vec![0_u8; side.div_ceil(8) * side];
    for y in 0..side {
        for x in 0..side {
            if !dark(x, y) {
                dots[y * side.div_ceil(8) + x / 8] |= 0x80 >> (x % 8);
            }
        }
    }
    let mut picture = Vec::new();
    let side = u32::try_from(side).map_err(|error| Problem::internal(&error))?;
    let mut encoder = png::Encoder::new(&mut picture, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&dots));
    written.map_err(|error| Problem::internal(&error))?;
    Ok(picture)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://id.gs1.org/01/09521141012344/21/2017";

    #[test]
    fn a_code_is_drawn_both_ways() {
        let drawing = as_svg(LINK).unwrap();
        assert!(drawing.contains("<svg") && drawing.len() < 60_000);
        let picture = as_png(LINK, 8).unwrap();
        assert!(picture.starts_with(b"\x89PNG"));
        let modules = code(LINK).unwrap().width();
        let side = u32::from_be_bytes(picture[16..20].try_into().unwrap());
        assert_eq!(side as usize, (modules + 8) * 8);
        assert!(as_svg(&"x".repeat(301)).is_err());
    }
}
