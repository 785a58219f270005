//! A list, page after page.

use serde::de::DeserializeOwned;

use super::{Call, ClientError};
use crate::Page;

/// As many things as the server puts on one page.
const LARGEST_PAGE: u32 = 500;

/// The pages of a list, one after the other.
#[derive(Debug)]
pub struct Pages<T> {
    list: Call<T>,
    /// Which page comes next.
    next: Next,
}

#[derive(Debug)]
enum Next {
    First,
    After(String),
    Nothing,
}

impl<T: Page + DeserializeOwned + 'static> Pages<T> {
    /// The things on the next page; `None` after the last.
    ///
    /// # Errors
    /// As any call.
    pub async fn next(&mut self) -> Result<Option<Vec<T::Item>>, ClientError> {
        let call = match &self.next {
            Next::First => self.list.again(),
            Next::After(cursor) => self.list.again().after(cursor),
            Next::Nothing => return Ok(None),
        };
        let (things, next) = call.await?.value.into_parts();
        self.next = next.map_or(Next::Nothing, Next::After);
        Ok(Some(things))
    }
}

impl<T: Page + DeserializeOwned + 'static> Call<T> {
    /// So many things on a page.
    pub fn limit(self, limit: u32) -> Self {
        self.query(&[("limit", limit)])
    }

    /// The page after a cursor.
    pub fn after(self, cursor: &str) -> Self {
        self.query(&[("cursor", cursor)])
    }

    /// All pages, with so many things on each.
    pub fn pages(self, limit: u32) -> Pages<T> {
        Pages { list: self.limit(limit), next: Next::First }
    }

    /// Everything that is listed. What comes or goes meanwhile may be in it or not.
    ///
    /// # Errors
    /// As any call.
    pub async fn all(self) -> Result<Vec<T::Item>, ClientError> {
        let mut pages = self.pages(LARGEST_PAGE);
        let mut all = Vec::new();
        while let Some(things) = pages.next().await? {
            all.extend(things);
        }
        Ok(all)
    }
}
