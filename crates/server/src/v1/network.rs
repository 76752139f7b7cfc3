//! `/v1/network`: how somebody is reached from somebody else, and whom a party shares attributes with.

use lookback::Store;
use lookback::audit::{AuditAction, Reach};
use lookback::model::EntityId;
use lookback::network::{Aim, Captions, Direction, NeighboursAnswer, PathAnswer, PathQuestion, Period};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::Answer;
use super::asking::Asking;
use super::reading::{AsOf, Asked, At, ValidAt};
use crate::routes::{Route, Rule};

const PATH: Rule = Rule::look("read", AuditAction::LookUp, Reach::Everybody);
const NEIGHBOURS: Rule = Rule::look("read", AuditAction::LookUp, Reach::Everybody);

pub(super) fn routes() -> Vec<Route> {
    let path = "By which shared attributes somebody is reached from somebody else";
    let neighbours = "Whom a party shares attributes with, by kind";
    vec![
        Route::get("/v1/network/path", PATH, path, path_between)
            .query::<PathParameters>()
            .gives::<PathAnswer>(),
        Route::get("/v1/network/neighbours/{party}", NEIGHBOURS, neighbours, neighbours_of)
            .path_parameters::<PartyPath>()
            .query::<When>()
            .gives::<NeighboursAnswer>(),
    ]
}

/// What the best path is.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum PathAim {
    /// The one with the fewest steps; of these the one that arrives first.
    #[default]
    FewestSteps,
    /// The one that arrives first; of these the one with the fewest steps.
    EarliestArrival,
}

/// Which way time runs along it.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum PathDirection {
    /// To later days.
    #[default]
    Forward,
    /// To earlier days.
    Backward,
}

/// Which path.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct PathParameters {
    /// From whom: an id.
    #[param(inline)]
    start: EntityId,
    /// To whom: an id.
    #[param(inline)]
    end: EntityId,
    /// Which one is best; left out: `fewest-steps`.
    #[serde(default)]
    #[param(inline)]
    aim: PathAim,
    /// Which way time runs; left out: `forward`.
    #[serde(default)]
    #[param(inline)]
    direction: PathDirection,
    /// At most so many days between two observations; left out: any number.
    max_gap_days: Option<u32>,
    /// At most so many steps; left out: 6.
    #[param(minimum = 1, maximum = 100)]
    steps_max: Option<u32>,
    /// Only what was true from this date on.
    #[param(inline)]
    from: Option<ValidAt>,
    /// Only what was true until this date.
    #[param(inline)]
    to: Option<ValidAt>,
    /// As known at; left out: now.
    #[param(inline)]
    known_at: Option<AsOf>,
    /// Tell the names of parties beside their ids.
    #[serde(default)]
    names: bool,
}

fn period(from: Option<ValidAt>, to: Option<ValidAt>) -> Result<Period, lookback::Error> {
    Period::new(from.map(|ValidAt(date)| date), to.map(|ValidAt(date)| date))
}

fn captions(names: bool) -> Captions {
    if names { Captions::Included } else { Captions::Omitted }
}

async fn path_between(asking: Asking, Asked(asked): Asked<PathParameters>) -> Answer<PathAnswer> {
    asking.about(asked.start.as_str());
    asking.about(asked.end.as_str());
    let path = move |store: &mut Store, _| {
        let steps_max = asked.steps_max.unwrap_or(6);
        if !(1..=100).contains(&steps_max) {
            return Err(lookback::Error::Usage("a path has 1 to 100 steps".into()));
        }
        let question = PathQuestion {
            from: asked.start,
            to: asked.end,
            aim: match asked.aim {
                PathAim::FewestSteps => Aim::FewestSteps,
                PathAim::EarliestArrival => Aim::EarliestArrival,
            },
            direction: match asked.direction {
                PathDirection::Forward => Direction::Forward,
                PathDirection::Backward => Direction::Backward,
            },
            period: period(asked.from, asked.to)?,
            max_gap_days: asked.max_gap_days,
            steps_max,
        };
        let known_at = AsOf::or_now(asked.known_at);
        store.network(known_at, captions(asked.names), |network| network.path(&question))
    };
    asking.look(path).await
}

/// Whose neighbours.
#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a path")]
struct PartyPath {
    /// The party's id.
    party: String,
}

/// Of what time the network is asked.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct When {
    /// Only what was true from this date on.
    #[param(inline)]
    from: Option<ValidAt>,
    /// Only what was true until this date.
    #[param(inline)]
    to: Option<ValidAt>,
    /// As known at; left out: now.
    #[param(inline)]
    known_at: Option<AsOf>,
    /// Tell the names of parties beside their ids.
    #[serde(default)]
    names: bool,
}

async fn neighbours_of(
    asking: Asking,
    At(party): At<EntityId>,
    Asked(when): Asked<When>,
) -> Answer<NeighboursAnswer> {
    let neighbours = move |store: &mut Store, _| {
        let (known_at, period) = (AsOf::or_now(when.known_at), period(when.from, when.to)?);
        store.network(known_at, captions(when.names), |network| network.neighbours(&party, period))
    };
    asking.look(neighbours).await
}
