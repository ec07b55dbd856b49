//! Descriptions and pictures, kept under the hash of their content. The chain holds the hash; whoever has the
//! content can check it.

use alloy_primitives::{B256, keccak256};
use platform_api::Problem;
use platform_index::{Column, Kind, Store, Table, Value};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::ContentError;
use crate::wire::{Bilingual, hash};

pub(super) const METADATA: Table = Table {
    name: "market_metadata",
    kind: Kind::State,
    columns: &[
        Column::blob("hash"),
        Column::text("json"),
        Column::text("title_en"),
        Column::text("title_zh"),
        Column::text("category"),
        Column::text("search"),
        Column::text("picture"),
    ],
    key: 1,
    indexes: &[("market_metadata_category", "category")],
};

pub(super) const MEDIA: Table = Table {
    name: "market_media",
    kind: Kind::State,
    columns: &[Column::blob("hash"), Column::text("mime"), Column::blob("bytes")],
    key: 1,
    indexes: &[],
};

/// Largest picture, in bytes.
pub(super) const MEDIA_BYTES_MAX: usize = 2 * 1024 * 1024;

const TITLE_MAX: usize = 160;
const DESCRIPTION_MAX: usize = 20_000;
const ATTRIBUTE_MAX: usize = 200;
const ATTRIBUTES_MAX: usize = 40;
const PICTURES_MAX: usize = 12;

/// A category of goods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Category {
    /// Word in addresses and descriptions.
    pub slug: &'static str,
    /// English name.
    pub en: &'static str,
    /// Chinese name.
    pub zh: &'static str,
}

const fn category(slug: &'static str, en: &'static str, zh: &'static str) -> Category {
    Category { slug, en, zh }
}

/// Every category there is.
pub const CATEGORIES: [Category; 13] = [
    category("tea", "Tea & coffee", "茶与咖啡"),
    category("pantry", "Pantry", "食品"),
    category("ceramics", "Ceramics", "陶瓷"),
    category("textiles", "Textiles", "织物"),
    category("home", "Home", "家居"),
    category("paper", "Paper & ink", "文房"),
    category("books", "Books", "图书"),
    category("music", "Music", "音乐"),
    category("tools", "Tools", "工具"),
    category("garden", "Garden", "园艺"),
    category("jewellery", "Jewellery", "首饰"),
    category("toys", "Toys", "玩具"),
    category("digital", "Digital", "数字商品"),
];

/// A property of goods.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attribute {
    /// What it is called.
    pub name: Bilingual,
    /// What it is.
    pub value: Bilingual,
}

/// The description of an offer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// Title.
    pub title: Bilingual,
    /// Description.
    #[serde(default)]
    pub description: Bilingual,
    /// Slug of a category.
    pub category: String,
    /// Properties.
    #[serde(default)]
    pub attributes: Vec<Attribute>,
    /// Hashes of uploaded pictures, the first one for lists.
    #[serde(default)]
    pub pictures: Vec<String>,
}

impl Metadata {
    /// The bytes the hash is taken of: JSON with sorted keys and no spaces.
    pub(super) fn canonical(&self) -> Result<String, Problem> {
        let value = serde_json::to_value(self).map_err(|error| Problem::internal(&error))?;
        Ok(value.to_string())
    }

    fn check(&self) -> Result<(), ContentError> {
        if self.title.en.trim().is_empty() && self.title.zh.trim().is_empty() {
            return Err(ContentError::NoTitle);
        }
        for text in [&self.title.en, &self.title.zh] {
            within("the title", text, TITLE_MAX)?;
        }
        for text in [&self.description.en, &self.description.zh] {
            within("the description", text, DESCRIPTION_MAX)?;
        }
        few("attributes", self.attributes.len(), ATTRIBUTES_MAX)?;
        few("pictures", self.pictures.len(), PICTURES_MAX)?;
        for attribute in &self.attributes {
            for text in [&attribute.name.en, &attribute.name.zh, &attribute.value.en, &attribute.value.zh] {
                within("an attribute", text, ATTRIBUTE_MAX)?;
            }
        }
        if CATEGORIES.iter().any(|category| category.slug == self.category) {
            Ok(())
        } else {
            Err(ContentError::UnknownCategory(self.category.clone()))
        }
    }

    fn search_text(&self) -> String {
        let attributes = self.attributes.iter().flat_map(|a| [&a.value.en, &a.value.zh]);
        let texts = [&self.title.en, &self.title.zh, &self.category, &self.description.en, &self.description.zh];
        let all: Vec<&str> = texts.into_iter().chain(attributes).map(String::as_str).collect();
        all.join(" ").to_lowercase()
    }
}

fn within(what: &'static str, text: &str, most: usize) -> Result<(), ContentError> {
    let found = text.chars().count();
    if found > most { Err(ContentError::TooLong { what, found, most }) } else { Ok(()) }
}

const fn few(what: &'static str, found: usize, most: usize) -> Result<(), ContentError> {
    if found > most { Err(ContentError::TooMany { what, found, most }) } else { Ok(()) }
}

/// What a picture is, by its first bytes.
fn mime(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

/// Where a picture is had.
pub(super) fn media_url(hash: &str) -> String {
    format!("/api/v1/media/{hash}")
}

/// Keeps a picture and gives its hash.
pub(super) async fn keep_media(store: &Store, bytes: Vec<u8>) -> Result<B256, Problem> {
    if bytes.len() > MEDIA_BYTES_MAX {
        return Err(ContentError::TooLarge { found: bytes.len(), most: MEDIA_BYTES_MAX }.into());
    }
    let mime = mime(&bytes).ok_or(ContentError::NotAPicture)?;
    let hash = keccak256(&bytes);
    store.put(&MEDIA, vec![hash.into(), mime.into(), bytes.into()]).await?;
    Ok(hash)
}

/// Keeps a drawing that the program made itself and gives its hash. What people upload is never SVG: it can hold
/// scripts.
pub(super) async fn keep_drawing(store: &Store, svg: String) -> Result<B256, Problem> {
    let hash = keccak256(svg.as_bytes());
    store.put(&MEDIA, vec![hash.into(), "image/svg+xml".into(), svg.into_bytes().into()]).await?;
    Ok(hash)
}

/// A picture and what it is.
pub(super) async fn media(store: &Store, hash: B256) -> Result<Option<(String, Vec<u8>)>, Problem> {
    let row = store.row("SELECT mime, bytes FROM market_media WHERE hash = $1", vec![hash.into()]).await?;
    row.map(|row| Ok((row.text(0)?, row.blob(1)?))).transpose()
}

/// Keeps a description and gives its hash.
pub(super) async fn keep_metadata(store: &Store, metadata: &Metadata) -> Result<B256, Problem> {
    metadata.check()?;
    for picture in &metadata.pictures {
        let known = "SELECT COUNT(*) FROM market_media WHERE hash = $1";
        if store.int(known, vec![hash(picture)?.into()]).await? == 0 {
            return Err(ContentError::UnknownPicture(picture.clone()).into());
        }
    }
    let json = metadata.canonical()?;
    let hash = keccak256(json.as_bytes());
    let row: Vec<Value> = vec![
        hash.into(),
        json.into(),
        metadata.title.en.trim().into(),
        metadata.title.zh.trim().into(),
        metadata.category.as_str().into(),
        metadata.search_text().into(),
        metadata.pictures.first().map_or("", String::as_str).into(),
    ];
    store.put(&METADATA, row).await?;
    Ok(hash)
}

/// A description.
pub(super) async fn metadata(store: &Store, hash: B256) -> Result<Option<Metadata>, Problem> {
    let row = store.row("SELECT json FROM market_metadata WHERE hash = $1", vec![hash.into()]).await?;
    let Some(row) = row else { return Ok(None) };
    serde_json::from_str(&row.text(0)?).map(Some).map_err(|error| Problem::internal(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_does_not_depend_on_the_order_of_keys() {
        let a: Metadata = serde_json::from_str(r#"{"title":{"en":"Lamp","zh":"灯"},"category":"home"}"#).unwrap();
        let b: Metadata = serde_json::from_str(r#"{"category":"home","title":{"zh":"灯","en":"Lamp"}}"#).unwrap();
        assert_eq!(a.canonical().unwrap(), b.canonical().unwrap());
        assert!(a.canonical().unwrap().starts_with(r#"{"attributes":[],"category":"home","#));
    }

    #[test]
    fn what_is_refused_says_why() {
        let good = Metadata { title: Bilingual::new("Lamp", ""), category: "home".into(), ..Metadata::default() };
        assert_eq!(good.check(), Ok(()));
        let untitled = Metadata { title: Bilingual::new(" ", ""), ..good.clone() };
        assert_eq!(untitled.check(), Err(ContentError::NoTitle));
        let elsewhere = Metadata { category: "weapons".into(), ..good.clone() };
        assert!(matches!(elsewhere.check(), Err(ContentError::UnknownCategory(_))));
        let long = Metadata { title: Bilingual::new("x".repeat(161), ""), ..good };
        assert!(matches!(long.check(), Err(ContentError::TooLong { found: 161, .. })));
        assert_eq!(mime(b"GIF89a"), None);
        assert_eq!(mime(b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
    }
}
