//! Claims: what somebody said in public, held against the figure of the day on which it became known.
//!
//! In: claims and the figures of any time. Out: for each claim our number, whether it bears the claim out, and the question that gives
//! it. Always holds: a claim is judged by what was known then; that others contest it is told beside our number and never changes it.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use ledger::Known;
use model::{Claim, EntityId, KnownAt};
use serde::Serialize;
use serde_json::Value;

use crate::Figures;

/// What a claim comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ClaimVerdict)]
pub enum Verdict {
    /// Our number bears it out.
    #[serde(rename = "supported")]
    Supported,
    /// Our number bears it out, and another claim contests it.
    #[serde(rename = "contested")]
    Contested,
    /// Our number is another.
    #[serde(rename = "not supported")]
    NotSupported,
    /// It names no number that there is.
    #[serde(rename = "cannot be checked")]
    CannotBeChecked,
}

impl Verdict {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Contested => "contested",
            Self::NotSupported => "not supported",
            Self::CannotBeChecked => "cannot be checked",
        }
    }
}

/// A claim that was held against our number.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = CheckedClaim)]
pub struct Checked {
    /// Its id.
    pub id: EntityId,
    /// Who said it.
    pub said_by: Option<String>,
    /// Where it was published.
    pub outlet: Option<String>,
    /// Its words.
    pub text: Option<String>,
    /// The day on which it became known; its end is the time of our number.
    pub as_of: String,
    /// The figure or status that it speaks of.
    pub metric: Option<String>,
    /// How it compares: `>`, `>=`, `==` or `<`.
    pub comparison: Option<String>,
    /// With what.
    pub value: Option<Value>,
    /// Our number.
    pub actual: Option<i64>,
    /// Whether our number bears it out.
    pub supported: Option<bool>,
    /// The claim that it contests.
    pub contests: Option<Value>,
    /// The claims that contest it.
    pub contested_by: Vec<EntityId>,
    /// What it comes to.
    pub verdict: Verdict,
    /// What to ask for those behind our number.
    pub query: String,
}

/// Holds claims, in the order given, against the figures of the days on which they became known; of the day of `until`, against what was
/// known until then. The figures of a time are asked for once.
pub fn check<E>(
    claims: Vec<Known<Claim>>,
    until: KnownAt,
    mut figures_at: impl FnMut(KnownAt) -> Result<Figures, E>,
) -> Result<Vec<Checked>, E> {
    let contests: Vec<(EntityId, Option<Value>)> =
        claims.iter().map(|known| (known.record.id.clone(), known.record.contests.clone())).collect();
    let mut figures: BTreeMap<KnownAt, Figures> = BTreeMap::new();
    let mut checked = Vec::with_capacity(claims.len());
    for Known { known_at, record, .. } in claims {
        let (time, as_of) = time_of(known_at, until);
        let figures = match figures.entry(time) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(figures_at(time)?),
        };
        let contested_by = contests.iter().filter(|(_, contests)| names(contests.as_ref(), &record.id));
        let contested_by = contested_by.map(|(id, _)| id.clone()).collect();
        checked.push(judged(record, as_of, figures, contested_by));
    }
    Ok(checked)
}

/// The time whose figure a claim is held against, and how it is written.
fn time_of(known_at: KnownAt, until: KnownAt) -> (KnownAt, String) {
    let day = known_at.day();
    let end = KnownAt::parse_as_of(&day).unwrap_or(known_at);
    if until < end { (until, until.to_string()) } else { (end, day) }
}

/// Whether what a claim contests is the claim of an id, or several of which it is one.
fn names(contests: Option<&Value>, id: &EntityId) -> bool {
    let is_it = |value: &Value| value.as_str() == Some(id.as_str());
    contests.is_some_and(|contests| {
        is_it(contests) || contests.as_array().is_some_and(|several| several.iter().any(is_it))
    })
}

fn judged(claim: Claim, as_of: String, figures: &Figures, contested_by: Vec<EntityId>) -> Checked {
    let actual = claim.metric.as_deref().and_then(|metric| figures.number(metric));
    let compared = actual.zip(claim.comparison.as_deref()).zip(claim.value.as_ref());
    let supported = compared.and_then(|((actual, comparison), value)| holds(actual, comparison, value));
    let verdict = match supported {
        None => Verdict::CannotBeChecked,
        Some(false) => Verdict::NotSupported,
        Some(true) if contested_by.is_empty() => Verdict::Supported,
        Some(true) => Verdict::Contested,
    };
    let explain = claim.metric.as_ref().map(|metric| format!(" --explain {metric}")).unwrap_or_default();
    let query = format!("lookback figures --known-at {as_of}{explain}");
    let Claim { id, said_by, outlet, text, metric, comparison, value, contests } = claim;
    Checked {
        id,
        said_by,
        outlet,
        text,
        as_of,
        metric,
        comparison,
        value,
        actual,
        supported,
        contests,
        contested_by,
        verdict,
        query,
    }
}

fn holds(actual: i64, comparison: &str, value: &Value) -> Option<bool> {
    let whole = value.as_i64().map(|value| actual.cmp(&value));
    let order = whole.or_else(|| (actual as f64).partial_cmp(&value.as_f64()?))?;
    match comparison {
        ">" => Some(order == Ordering::Greater),
        ">=" => Some(order != Ordering::Less),
        "==" => Some(order == Ordering::Equal),
        "<" => Some(order == Ordering::Less),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use ledger::RowId;
    use serde_json::json;

    use super::*;
    use crate::Basis;

    fn claim(id: &str, at: &str, fields: &Value) -> Known<Claim> {
        let mut record = json!({ "id": id });
        record.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let record = serde_json::from_value(record).unwrap();
        Known { row: RowId(0), known_at: KnownAt::parse(at).unwrap(), record }
    }

    fn tied(number: usize) -> Figures {
        let tied = (0..number).map(|n| EntityId::new(&format!("P{n}")).unwrap()).collect();
        Basis { tied, ..Basis::default() }.figures()
    }

    fn says(comparison: &str, value: f64) -> Value {
        json!({ "metric": "direct_tie_to_listed_org", "comparison": comparison, "value": value })
    }

    /// At the end of the third, three people are tied; before, one.
    fn checked(claims: Vec<Known<Claim>>, until: &str) -> Vec<Checked> {
        let third = KnownAt::parse_as_of("2031-01-03").unwrap();
        let at = |time: KnownAt| Ok::<_, Infallible>(tied(if time >= third { 3 } else { 1 }));
        check(claims, KnownAt::parse_as_of(until).unwrap(), at).unwrap()
    }

    #[test]
    fn each_comparison_is_with_the_number_of_the_end_of_the_day() {
        for (comparison, value, expected) in [
            (">", 2.0, Some(true)),
            (">", 3.0, Some(false)),
            (">=", 3.0, Some(true)),
            (">=", 3.5, Some(false)),
            ("==", 3.0, Some(true)),
            ("==", 1.0, Some(false)),
            ("<", 3.5, Some(true)),
            ("<", 3.0, Some(false)),
            ("about", 3.0, None),
        ] {
            let claims = vec![claim("C1", "2031-01-03T07:00:00Z", &says(comparison, value))];
            let checked = checked(claims, "2031-02-01");
            assert_eq!(
                (checked[0].supported, checked[0].actual),
                (expected, Some(3)),
                "{comparison} {value}"
            );
            assert_eq!(checked[0].as_of, "2031-01-03");
        }
    }

    #[test]
    fn a_claim_is_judged_by_what_was_known_then() {
        let claims = vec![claim("C1", "2031-01-02", &says("==", 1.0))];
        assert_eq!(checked(claims, "2031-02-01")[0].verdict, Verdict::Supported);
        let claims = vec![claim("C1", "2031-01-03", &says("==", 3.0))];
        let early = &checked(claims, "2031-01-03T12:00:00Z")[0];
        assert_eq!((early.actual, early.verdict), (Some(1), Verdict::NotSupported));
        assert_eq!(early.as_of, "2031-01-03T12:00:00Z");
    }

    #[test]
    fn a_claim_that_holds_is_contested_by_those_that_name_it() {
        let contesting = |contests: Value, value: f64| {
            let mut fields = says("<", value);
            fields["contests"] = contests;
            fields
        };
        let claims = vec![
            claim("C1", "2031-01-03", &says(">", 2.0)),
            claim("C2", "2031-01-04", &contesting(json!("C1"), 4.0)),
            claim("C3", "2031-01-04", &contesting(json!(["C1", "C2"]), 1.0)),
        ];
        let checked = checked(claims, "2031-02-01");
        let verdicts: Vec<&str> = checked.iter().map(|checked| checked.verdict.word()).collect();
        assert_eq!(verdicts, ["contested", "contested", "not supported"]);
        let by: Vec<Vec<&str>> =
            checked.iter().map(|c| c.contested_by.iter().map(EntityId::as_str).collect()).collect();
        assert_eq!(by, [vec!["C2", "C3"], vec!["C3"], vec![]]);
    }

    #[test]
    fn what_names_no_number_cannot_be_checked() {
        let other = json!({ "metric": "happiness", "comparison": ">", "value": 1 });
        let words = json!({ "metric": "arrested", "comparison": ">", "value": "many" });
        let claims = vec![
            claim("C1", "2031-01-03", &json!({ "text": "all is well" })),
            claim("C2", "2031-01-03", &other),
            claim("C3", "2031-01-03", &words),
            claim("C4", "2031-01-03", &json!({ "metric": "arrested", "comparison": "<", "value": 1 })),
        ];
        let checked = checked(claims, "2031-02-01");
        let verdicts: Vec<Verdict> = checked.iter().map(|checked| checked.verdict).collect();
        let cannot = Verdict::CannotBeChecked;
        assert_eq!(verdicts, [cannot, cannot, cannot, Verdict::Supported]);
        assert_eq!(checked[0].query, "lookback figures --known-at 2031-01-03");
        assert_eq!(checked[3].query, "lookback figures --known-at 2031-01-03 --explain arrested");
    }
}
