//! Pages and orders of results, as all routes that list entities take them.

use lookback::lists::{Field, Order};
use utoipa::IntoParams;

use super::parameters::Parameters;
use super::wire::Refused;

/// What a page and its order are asked with.
#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a query; `Page` reads it")]
pub(crate) struct PageParameters {
    /// A field and perhaps `:asc` or `:desc`. Several are sorted by one after the other.
    sort: Option<Vec<String>>,
    /// How many results.
    #[param(maximum = 500)]
    limit: Option<usize>,
    /// How many to leave out.
    #[param(maximum = 9499)]
    offset: Option<usize>,
}

/// One page.
pub(crate) struct Page {
    pub(crate) limit: usize,
    pub(crate) offset: usize,
}

impl Page {
    /// Ten from the first, if nothing is said; never past the 9,999th.
    pub(crate) fn of(parameters: &mut Parameters) -> Self {
        const REACH: usize = 9_999;
        let (limit, offset) = (parameters.integer("limit", 10, 500), parameters.integer("offset", 0, 9_499));
        Self { limit: limit.min(REACH.saturating_sub(offset)), offset }
    }
}

/// The order that was asked for.
pub(crate) fn order(parameters: &Parameters) -> Result<Vec<(Field, Order)>, Refused> {
    let order = |text: String| {
        let (name, order) = text.rsplit_once(':').unwrap_or((&text, "asc"));
        let order = if order == "desc" { Order::Descending } else { Order::Ascending };
        let unknown =
            || Refused::bad(format!("Search error: No mapping found for [{name}] in order to sort on"));
        Field::named(name).map(|field| (field, order)).ok_or_else(unknown)
    };
    parameters.list("sort").into_iter().filter(|text| text != "_score").map(order).collect()
}
