//! What the house says of a campaign beside the chain: its name, whom it is for, and whether it hands out coupons.

use alloy_primitives::Address;
use axum::http::StatusCode;
use platform_api::Problem;
use platform_index::{Row, StoreError};

use super::model::{Campaign, DETAILS, Details, Offered};
use super::view::DetailsView;
use crate::context::Context;

const NAME_MAX: usize = 80;
const PER_PERSON_MAX: u32 = 100;
const HOLDOUT_MAX: u32 = 5_000;

/// Details that are refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum DetailsError {
    #[error("the name is empty: give one in English or Chinese")]
    NoName,
    #[error("the name has {found} characters, {NAME_MAX} is the most")]
    LongName { found: usize },
    #[error("{0:?} is no code: it needs 4 to 24 letters, digits or hyphens")]
    BadCode(String),
    #[error("the code {code:?} is campaign {other}'s: choose another")]
    TakenCode { code: String, other: u64 },
    #[error("a person may use it {0} times: 1 to {PER_PERSON_MAX} can be meant, and 1 for a first order")]
    PerPerson(u32),
    #[error("a holdout of {0} basis points: 0 to {HOLDOUT_MAX} can be meant, and 0 where a code is needed")]
    Holdout(u32),
    #[error("the holdout cannot change any more: people have been counted in campaign {0} already")]
    Counted(u64),
    #[error("campaign {campaign} names {named} as its issuer, and this house signs as {house}")]
    OtherIssuer { campaign: u64, named: Address, house: Address },
    #[error("this house signs no coupons")]
    NoIssuer,
    #[error("{0:?} is no state: there are running, paused and closed")]
    UnknownState(String),
    #[error("campaign {0} is closed, and that is for good")]
    Closed(u64),
    #[error("campaign {0} has no details yet: give it a name first")]
    Unfinished(u64),
}

impl From<DetailsError> for Problem {
    fn from(error: DetailsError) -> Self {
        match error {
            DetailsError::TakenCode { .. } | DetailsError::Counted(_) | DetailsError::Closed(_) => {
                Self::new(StatusCode::CONFLICT, "conflict", error.to_string())
            }
            _ => Self::invalid(error.to_string()),
        }
    }
}

/// A code as it is kept and compared: in capitals, without spaces around it.
pub(super) fn code_of(text: &str) -> String {
    text.trim().to_uppercase()
}

pub(super) fn check(view: &DetailsView) -> Result<Details, DetailsError> {
    let (en, zh) = (view.name.en.trim(), view.name.zh.trim());
    if en.is_empty() && zh.is_empty() {
        return Err(DetailsError::NoName);
    }
    let found = en.chars().count().max(zh.chars().count());
    if found > NAME_MAX {
        return Err(DetailsError::LongName { found });
    }
    let code = code_of(&view.code);
    let sound = (4..=24).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !code.is_empty() && !sound {
        return Err(DetailsError::BadCode(view.code.clone()));
    }
    if view.per_person == 0 || view.per_person > if view.first_order { 1 } else { PER_PERSON_MAX } {
        return Err(DetailsError::PerPerson(view.per_person));
    }
    if view.holdout_bps > if code.is_empty() { HOLDOUT_MAX } else { 0 } {
        return Err(DetailsError::Holdout(view.holdout_bps));
    }
    // One language stands for both.
    let or = |one: &str, other: &str| if one.is_empty() { other.to_owned() } else { one.to_owned() };
    Ok(Details {
        name_en: or(en, zh),
        name_zh: or(zh, en),
        code,
        first_order: view.first_order,
        per_person: view.per_person,
        holdout_bps: view.holdout_bps,
        state: Offered::Running,
    })
}

/// Keeps the details of a campaign that is known to be on chain.
pub(super) async fn keep(app: &Context, campaign: &Campaign, mut details: Details) -> Result<(), Problem> {
    let house = app.issuer().ok_or(DetailsError::NoIssuer)?.address();
    if app.issuer_of(campaign.issuer).is_none() {
        return Err(DetailsError::OtherIssuer { campaign: campaign.id, named: campaign.issuer, house }.into());
    }
    if !details.code.is_empty() {
        let sql =
            "SELECT campaign_id FROM campaign_details WHERE code = $1 AND campaign_id <> $2 AND state <> 'closed'";
        let other = app.store.row(sql, vec![details.code.as_str().into(), campaign.id.into()]).await?;
        if let Some(other) = other {
            return Err(DetailsError::TakenCode { code: details.code, other: other.number(0)? }.into());
        }
    }
    if let Some(before) = of(app, campaign.id).await? {
        let counted = "SELECT COUNT(*) FROM campaign_person WHERE campaign_id = $1";
        if before.holdout_bps != details.holdout_bps && app.store.int(counted, vec![campaign.id.into()]).await? > 0 {
            return Err(DetailsError::Counted(campaign.id).into());
        }
        details.state = before.state;
    }
    put(app, campaign.id, &details).await
}

/// Pauses, resumes or closes a campaign.
pub(super) async fn change_state(app: &Context, campaign: u64, word: &str) -> Result<(), Problem> {
    let state = Offered::parse(word).ok_or_else(|| DetailsError::UnknownState(word.to_owned()))?;
    let before = of(app, campaign).await?.ok_or(DetailsError::Unfinished(campaign))?;
    if before.state == Offered::Closed && state != Offered::Closed {
        return Err(DetailsError::Closed(campaign).into());
    }
    put(app, campaign, &Details { state, ..before }).await
}

async fn put(app: &Context, campaign: u64, details: &Details) -> Result<(), Problem> {
    let row = vec![
        campaign.into(),
        details.name_en.as_str().into(),
        details.name_zh.as_str().into(),
        details.code.as_str().into(),
        details.first_order.into(),
        details.per_person.into(),
        details.holdout_bps.into(),
        details.state.word().into(),
        app.now().into(),
    ];
    Ok(app.store.put(&DETAILS, row).await?)
}

/// The columns that [`read`] takes, for SQL.
pub(super) const COLUMNS: &str = "d.name_en, d.name_zh, d.code, d.first_order, d.per_person, d.holdout_bps, d.state";

/// Details out of a row, from the column `first` on. None where the campaign has none.
pub(super) fn read(row: &Row, first: usize) -> Result<Option<Details>, StoreError> {
    let Some(name_en) = row.text_or_null(first)? else { return Ok(None) };
    let small = |place: usize| row.number(first + place).map(|number| u32::try_from(number).unwrap_or(u32::MAX));
    Ok(Some(Details {
        name_en,
        name_zh: row.text(first + 1)?,
        code: row.text(first + 2)?,
        first_order: row.int(first + 3)? != 0,
        per_person: small(4)?,
        holdout_bps: small(5)?,
        state: Offered::parse(&row.text(first + 6)?).unwrap_or(Offered::Paused),
    }))
}

pub(super) async fn of(app: &Context, campaign: u64) -> Result<Option<Details>, Problem> {
    let sql = format!("SELECT {COLUMNS} FROM campaign_details d WHERE d.campaign_id = $1");
    let row = app.store.row(&sql, vec![campaign.into()]).await?;
    Ok(row.map(|row| read(&row, 0)).transpose()?.flatten())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Bilingual;

    #[test]
    fn what_is_refused_says_why() {
        let good = DetailsView {
            name: Bilingual::new("Autumn fair", ""),
            code: " fair-24 ".into(),
            first_order: false,
            per_person: 2,
            holdout_bps: 0,
        };
        let details = check(&good).unwrap();
        assert_eq!((details.code.as_str(), details.name_zh.as_str()), ("FAIR-24", "Autumn fair"));
        let with = |change: fn(&mut DetailsView)| {
            let mut view = good.clone();
            change(&mut view);
            check(&view).unwrap_err()
        };
        assert_eq!(with(|view| view.name = Bilingual::new(" ", "")), DetailsError::NoName);
        assert_eq!(with(|view| view.name.zh = "长".repeat(81)), DetailsError::LongName { found: 81 });
        assert!(matches!(with(|view| view.code = "a b c d".into()), DetailsError::BadCode(_)));
        assert_eq!(with(|view| view.per_person = 0), DetailsError::PerPerson(0));
        assert_eq!(with(|view| view.first_order = true), DetailsError::PerPerson(2));
        assert_eq!(with(|view| view.holdout_bps = 1), DetailsError::Holdout(1));
    }
}
