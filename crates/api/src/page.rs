//! Lists that come in pages.

use crate::{ApiKey, ApiKeyList, CheckInEntry, CheckInSheet, Order, OrderList, Organiser, OrganiserList, Show, ShowList, Venue, VenueList};

/// A page of a list; [`Call::all`](crate::Call::all) gathers all of them.
pub trait Page {
    /// What is listed.
    type Item;

    /// What is on the page, and the cursor of the next one.
    fn into_parts(self) -> (Vec<Self::Item>, Option<String>);
}

macro_rules! pages {
    ($($list:ident . $items:ident: $item:ident,)*) => {$(
        impl Page for $list {
            type Item = $item;

            fn into_parts(self) -> (Vec<$item>, Option<String>) {
                (self.$items, self.next)
            }
        }
    )*};
}

pages! {
    VenueList.venues: Venue,
    ShowList.shows: Show,
    OrderList.orders: Order,
    CheckInSheet.entries: CheckInEntry,
    ApiKeyList.keys: ApiKey,
    OrganiserList.organisers: Organiser,
}
