//! Small still lifes in ink, drawn by the program: a table, a thing, its
//! shadow and a seal.

use alloy_primitives::keccak256;
use std::fmt::Write;

/// What a picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Book,
    Bowl,
    Bread,
    Brush,
    Cloth,
    Cup,
    Disc,
    Hammer,
    Horse,
    Jar,
    Lamp,
    Plant,
    Pot,
    Ring,
    Scroll,
    Vase,
}

/// Muted washes; the ink is always the same.
const WASHES: [&str; 8] = ["#c9b08a", "#a9b59b", "#b7a5a0", "#9fb0b8", "#c7a98e", "#b9b18f", "#a79fb3", "#c29a86"];
const INK: &str = "#2b2622";
const PAPER: &str = "#f3ead9";
const SEAL: &str = "#c8432b";

impl Subject {
    /// The outline on a canvas of 480 × 360, standing on the table at y 268.
    /// `$` stands for the wash.
    const fn outline(self) -> &'static str {
        match self {
            Self::Book => {
                r##"<path d="M150 246l96-18 92 16v24l-92-14-96 16z" fill="$"/><path d="M150 246l96-18 92 16M150 262l96-16 92 14M246 228v26M164 216l88-16 78 12v22l-80-14-86 16z" fill="$"/><path d="M252 200v22"/>"##
            }
            Self::Bowl => {
                r##"<path d="M146 182c0 56 34 84 94 84s94-28 94-84z" fill="$"/><ellipse cx="240" cy="182" rx="94" ry="20" fill="$"/><path d="M206 266h68l-8 10h-52z" fill="$"/><path d="M168 210c16 30 40 40 72 42"/>"##
            }
            Self::Bread => {
                r##"<path d="M132 244c0-62 48-84 108-84s108 22 108 84c0 20-22 26-108 26s-108-6-108-26z" fill="$"/><path d="M186 182c10 14 16 34 16 56M228 172c8 16 12 38 12 62M272 174c4 18 6 40 4 62"/>"##
            }
            Self::Brush => {
                r##"<path d="M148 268L300 122l14 14-152 146z" fill="$"/><path d="M300 122c14-26 36-34 50-40-4 18-14 38-36 54z" fill="$"/><path d="M322 108l10 10M180 238l12 12"/><ellipse cx="318" cy="258" rx="44" ry="14" fill="$"/>"##
            }
            Self::Cloth => {
                r##"<path d="M134 250c10-60 30-92 60-92 26 0 30 22 54 22s30-30 56-26c30 4 42 50 46 96-34 22-180 22-216 0z" fill="$"/><path d="M170 196c4 24 2 46-6 66M222 186c6 26 6 52 0 82M286 176c-4 30-2 58 6 86M328 200c-2 22 0 40 6 56"/>"##
            }
            Self::Cup => {
                r##"<path d="M168 168h128l-14 92c-2 8-12 10-50 10s-48-2-50-10z" fill="$"/><ellipse cx="232" cy="168" rx="64" ry="14" fill="$"/><path d="M294 190c38-6 46 44-8 46"/><path d="M214 138c-8-14 8-20 0-36M246 138c-8-14 8-20 0-36" stroke-width="2"/>"##
            }
            Self::Disc => {
                r##"<circle cx="250" cy="180" r="88" fill="$"/><circle cx="250" cy="180" r="30" fill="#f3ead9"/><circle cx="250" cy="180" r="5" fill="#2b2622"/><circle cx="250" cy="180" r="52"/><circle cx="250" cy="180" r="70"/><path d="M146 118h88M146 118v150h150" stroke-width="2"/>"##
            }
            Self::Hammer => {
                r##"<path d="M150 252l128-116 14 16-126 118z" fill="$"/><path d="M258 112l40-24 52 56-22 22-18-18-22 16z" fill="$"/><path d="M298 88l18 18M180 228l14 14"/>"##
            }
            Self::Horse => {
                r##"<path d="M168 268l14-70c2-28 22-40 52-40h44l18-42 22 8 14 34-20 12-14 42 12 56h-18l-24-50h-44l-34 50z" fill="$"/><path d="M182 186c-18 4-26 18-28 36M300 134l4 4"/><path d="M140 272c60 20 140 20 204-2"/>"##
            }
            Self::Jar => {
                r##"<path d="M184 140h112v22c18 12 24 24 24 44v46c0 14-8 18-80 18s-80-4-80-18v-46c0-20 6-32 24-44z" fill="$"/><path d="M178 116h124v24H178z" fill="$"/><path d="M188 200h104v42H188zM204 214h72M204 228h52" stroke-width="2"/>"##
            }
            Self::Lamp => {
                r##"<path d="M188 96h104l30 92H158z" fill="$"/><path d="M234 188h12v64h-12z" fill="$"/><path d="M192 252h96c10 0 14 6 14 16H178c0-10 4-16 14-16z" fill="$"/><path d="M214 96l-14 92M266 96l14 92M240 96v92" stroke-width="2"/>"##
            }
            Self::Plant => {
                r##"<path d="M186 206h108l-12 62h-84z" fill="$"/><path d="M178 190h124v18H178z" fill="$"/><path d="M240 190c0-34-6-62-26-88M240 190c2-30 14-56 40-72M240 168c-16-12-36-16-58-12M244 160c16-18 40-24 62-18"/><path d="M214 102c-22-6-34 4-40 18 18 6 32 0 40-18zM280 118c4-22 20-30 38-28-2 20-16 30-38 28zM182 156c-18-6-30 0-38 12 16 8 28 4 38-12zM306 142c14-12 28-12 40-4-8 16-24 18-40 4z" fill="$"/>"##
            }
            Self::Pot => {
                r##"<path d="M166 188c0-28 32-44 78-44s78 16 78 44c0 50-22 82-78 82s-78-32-78-82z" fill="$"/><path d="M322 190c26 2 30-22 50-28l4 14c-20 10-26 42-60 46M166 196c-44-10-50 48-2 44"/><path d="M206 146c4-16 72-16 76 0z" fill="$"/><circle cx="244" cy="126" r="8" fill="$"/><path d="M190 186c2 34 16 58 38 68"/>"##
            }
            Self::Ring => {
                r##"<ellipse cx="240" cy="208" rx="76" ry="60" fill="$"/><ellipse cx="240" cy="208" rx="54" ry="42" fill="#f3ead9"/><path d="M210 150l30-40 30 40-30 16zM210 150h60M240 110v56" fill="$"/>"##
            }
            Self::Scroll => {
                r##"<path d="M158 124h164v136H158z" fill="$"/><path d="M142 108h196c8 0 8 18 0 18H142c-8 0-8-18 0-18zM142 256h196c8 0 8 18 0 18H142c-8 0-8-18 0-18z" fill="$"/><path d="M192 152v76M216 152v60M240 152v82M264 152v48M288 152v70" stroke-width="2.5"/>"##
            }
            Self::Vase => {
                r##"<path d="M220 92h44l-4 46c34 20 52 46 52 76 0 36-26 56-72 56s-72-20-72-56c0-30 20-56 56-76z" fill="$"/><ellipse cx="242" cy="92" rx="22" ry="6" fill="$"/><path d="M196 206c4 26 16 42 34 50"/><path d="M242 88c2-24 14-38 34-46M242 88c-4-20-16-32-32-38" stroke-width="2"/>"##
            }
        }
    }
}

/// Draws a still life. The same title always gives the same picture.
pub(super) fn draw(subject: Subject, title: &str) -> String {
    let seed = keccak256(title);
    let wash = WASHES[usize::from(seed[0]) % WASHES.len()];
    let tilt = i32::from(seed[1] % 7) - 3;
    let mut svg = String::with_capacity(2_000);
    // Writing to a string can't fail.
    let _ = write!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 360" role="img"><title>{}</title><rect width="480" height="360" fill="{PAPER}"/><path d="M0 268h480v92H0z" fill="{wash}" opacity=".22"/><ellipse cx="246" cy="274" rx="128" ry="14" fill="{INK}" opacity=".14"/>"#,
        escape(title)
    );
    let _ = write!(svg, r#"<path d="M0 268.5h480" stroke="{INK}" stroke-width="1.5" opacity=".5"/>"#);
    for stroke in 0..5u32 {
        let y = 284 + stroke * 14;
        let x = u32::from(seed[2 + stroke as usize]) / 2;
        let length = 60 + u32::from(seed[8 + stroke as usize]) / 2;
        let _ = write!(svg, r#"<path d="M{x} {y}h{length}" stroke="{INK}" stroke-width="1" opacity=".18"/>"#);
    }
    let outline = subject.outline().replace('$', wash);
    let _ = write!(
        svg,
        r#"<g fill="none" stroke="{INK}" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round" transform="rotate({tilt} 240 268)">{outline}</g>"#
    );
    let _ = write!(
        svg,
        r#"<g transform="translate(424 300)"><rect width="34" height="34" rx="4" fill="{SEAL}" opacity=".9"/><path d="{}" stroke="{PAPER}" stroke-width="2.5" fill="none"/></g></svg>"#,
        seal(&seed[16..20])
    );
    svg
}

/// A few strokes that differ from picture to picture.
fn seal(bytes: &[u8]) -> String {
    let mut path = String::from("M8 8h18v18H8z");
    for (index, byte) in bytes.iter().enumerate() {
        let at = 10 + (index * 5) % 16;
        let _ = if byte % 2 == 0 { write!(path, "M{at} 10v14") } else { write!(path, "M10 {at}h14") };
    }
    path
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_stable_and_well_formed() {
        let picture = draw(Subject::Cup, "Cups & <saucers>");
        assert_eq!(picture, draw(Subject::Cup, "Cups & <saucers>"));
        assert_ne!(picture, draw(Subject::Cup, "Other cups"));
        assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>") && picture.contains("&amp;"));
        assert_eq!(picture.matches("<g").count(), picture.matches("</g>").count());
    }
}
