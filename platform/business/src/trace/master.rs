//! What places, parties and products are called, and where they are, as captured master data tell it.

use std::collections::HashMap;

use platform_index::{Store, StoreError};
use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;

use super::facts::comparable;
use super::gs1;
use crate::wire::Bilingual;

/// A place an event names.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = TracePlace)]
pub(crate) struct PlaceView {
    /// Its identifier, as the event says it.
    pub(crate) id: String,
    /// What it is called, where master data say so.
    pub(crate) name: Option<Bilingual>,
    /// City, where master data say so.
    pub(crate) city: Option<Bilingual>,
    /// Country, where master data say so.
    pub(crate) country: Option<Bilingual>,
    /// Degrees north.
    pub(crate) latitude: Option<f64>,
    /// Degrees east.
    pub(crate) longitude: Option<f64>,
}

/// What is known of a product.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = TraceProduct)]
pub(crate) struct ProductView {
    /// What it is called.
    pub(crate) name: Option<Bilingual>,
    /// Whose it is.
    pub(crate) brand: Option<Bilingual>,
    /// What there is to say about it.
    pub(crate) description: Option<Bilingual>,
}

/// Attributes by their last word, such as `name` or `latitude`.
#[derive(Clone, Debug, Default)]
pub(super) struct Attributes(HashMap<String, Json>);

impl Attributes {
    fn of(list: &Json) -> Self {
        let pairs = list.as_array().into_iter().flatten().filter_map(|attribute| {
            let id = attribute["id"].as_str()?;
            let word = id.rsplit(['#', ':', '/']).next()?.to_owned();
            Some((word, attribute.get("attribute").or_else(|| attribute.get("value"))?.clone()))
        });
        Self(pairs.collect())
    }

    fn text(&self, names: &[&str]) -> Option<Bilingual> {
        names.iter().find_map(|name| match self.0.get(*name)? {
            Json::String(text) => Some(Bilingual::new(text.as_str(), text.as_str())),
            Json::Object(languages) => {
                let said = |language: &str| languages.get(language).and_then(Json::as_str).unwrap_or_default();
                Some(Bilingual::new(said("en"), said("zh")))
            }
            _ => None,
        })
    }

    fn degrees(&self, name: &str) -> Option<f64> {
        match self.0.get(name)? {
            Json::Number(number) => number.as_f64(),
            Json::String(text) => text.parse().ok(),
            _ => None,
        }
    }
}

/// Master data of one thing. Empty where nothing is known.
pub(super) async fn attributes(store: &Store, id: &str) -> Result<Attributes, StoreError> {
    let row = store.row("SELECT attributes FROM trace_master WHERE id = $1", vec![comparable(id).into()]).await?;
    let text = row.map(|row| row.text(0)).transpose()?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).map(|list| Attributes::of(&list)).unwrap_or_default())
}

pub(super) async fn place(store: &Store, id: &str) -> Result<PlaceView, StoreError> {
    let found = attributes(store, id).await?;
    Ok(PlaceView {
        id: id.to_owned(),
        name: found.text(&["name", "siteLocation", "organizationName"]),
        city: found.text(&["city"]),
        country: found.text(&["countryCode", "country"]),
        latitude: found.degrees("latitude"),
        longitude: found.degrees("longitude"),
    })
}

/// What is known of the product of a GTIN.
pub(super) async fn product(store: &Store, gtin: &str) -> Result<ProductView, StoreError> {
    let found = attributes(store, &format!("https://id.gs1.org/01/{gtin}")).await?;
    Ok(ProductView {
        name: found.text(&["descriptionShort", "tradeItemDescription", "productName", "name"]),
        brand: found.text(&["brandName", "manufacturerOfTradeItemPartyName"]),
        description: found.text(&["additionalTradeItemDescription", "description"]),
    })
}

/// Every place whose coordinates are known, by the form in which identifiers are compared.
pub(super) async fn coordinates(store: &Store, ids: &[String]) -> Result<Vec<(f64, f64)>, StoreError> {
    let mut found = Vec::new();
    for id in ids {
        let place = place(store, id).await?;
        if let (Some(latitude), Some(longitude)) = (place.latitude, place.longitude) {
            found.push((latitude, longitude));
        }
    }
    Ok(found)
}

/// The product's GTIN of an identifier, if it has one.
pub(super) fn gtin(identifier: &str) -> Option<String> {
    let canonical = gs1::canonical(identifier)?;
    gs1::DigitalLink::parse(&canonical).filter(|link| link.ai == "01").map(|link| link.key)
}
