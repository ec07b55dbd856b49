//! Lists in pages. A cursor is opaque: it says where the last page ended, not which page comes next, so rows that
//! arrive meanwhile neither repeat nor hide others.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Problem;

/// Most items in one page.
pub const LIMIT_MAX: u32 = 200;

const LIMIT_DEFAULT: u32 = 24;

/// A page of a list.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// What to ask for as `cursor` to get the next page, if there is one.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Cuts a page out of up to `limit + 1` items: the one too many says that there are more.
    pub fn cut(mut items: Vec<T>, limit: Limit, cursor: impl Fn(&T) -> Cursor) -> Self {
        let more = items.len() > limit.0 as usize;
        items.truncate(limit.0 as usize);
        let next = items.last().filter(|_| more).map(|last| cursor(last).encode());
        Self { items, next }
    }

    /// The same page of something else.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next }
    }
}

/// How many items a page holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(u32);

impl Limit {
    /// The limit asked for, between one and [`LIMIT_MAX`].
    #[must_use]
    pub fn of(asked: Option<u32>) -> Self {
        Self(asked.unwrap_or(LIMIT_DEFAULT).clamp(1, LIMIT_MAX))
    }

    /// How many rows to read: one more than the page holds.
    #[must_use]
    pub fn rows(self) -> i64 {
        i64::from(self.0) + 1
    }
}

/// Where a page ended: the values of the last row's sort keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub Vec<String>);

impl Cursor {
    /// The cursor as it travels.
    #[must_use]
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.join("\u{1f}"))
    }

    /// Reads a cursor of `parts` values back.
    pub fn decode(text: &str, parts: usize) -> Result<Self, Problem> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| !bytes.is_empty());
        let joined = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        let values: Vec<String> = joined.iter().flat_map(|joined| joined.split('\u{1f}')).map(str::to_owned).collect();
        if values.len() != parts {
            return Err(Problem::invalid("The cursor is not one this list gave. Begin again without it."));
        }
        Ok(Self(values))
    }

    /// One value as an integer.
    pub fn int(&self, place: usize) -> Result<i64, Problem> {
        self.0
            .get(place)
            .and_then(|value| value.parse().ok())
            .ok_or_else(|| Problem::invalid("The cursor is not one this list gave. Begin again without it."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_and_a_foreign_one_is_refused() {
        let cursor = Cursor(vec!["0012".into(), "7".into()]);
        let back = Cursor::decode(&cursor.encode(), 2).unwrap();
        assert_eq!(back, cursor);
        assert_eq!(back.int(1).unwrap(), 7);
        assert!(Cursor::decode(&cursor.encode(), 1).is_err());
        assert!(Cursor::decode("%%%", 1).is_err());
        assert!(Cursor::decode("", 1).is_err());
    }

    #[test]
    fn a_page_says_that_there_is_more_only_when_there_is() {
        let cursor = |n: &i32| Cursor(vec![n.to_string()]);
        let page = Page::cut(vec![1, 2, 3], Limit::of(Some(2)), cursor);
        assert_eq!((page.items, page.next), (vec![1, 2], Some(cursor(&2).encode())));
        assert_eq!(Page::cut(vec![1, 2], Limit::of(Some(2)), cursor).next, None);
        assert_eq!(Limit::of(Some(0)).rows(), 2);
        assert_eq!(Limit::of(Some(9_999)).rows(), 201);
    }
}
