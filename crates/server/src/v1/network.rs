//! `/v1/network`: how somebody is reached from somebody else, whom a party shares attributes with, and all of it as a file.

use std::time::Duration;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use lookback::audit::{AuditAction, Reach};
use lookback::model::EntityId;
use lookback::network::{
    Aim, Captions, Direction, DrawingFormat, NeighboursAnswer, PathAnswer, PathQuestion, Period, Surroundings,
};
use lookback::{Error, Store};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::Answer;
use super::asking::Asking;
use super::reading::{AsOf, Asked, At, ValidAt};
use crate::problem::Problem;
use crate::routes::{Route, Rule};

const PATH: Rule = Rule::look("read", AuditAction::LookUp, Reach::Everybody);
const NEIGHBOURS: Rule = Rule::look("read", AuditAction::LookUp, Reach::Everybody);
const EXPORT: Rule = Rule::look("export", AuditAction::Export, Reach::Everybody);

const GEXF: &str = "application/gexf+xml";
const GRAPHML: &str = "application/graphml+xml";
const CSV: &str = "text/csv";
/// The whole network of a large store is read and written out once.
const LONG: Duration = Duration::from_mins(5);

pub(super) fn routes() -> Vec<Route> {
    let path = "By which shared attributes somebody is reached from somebody else";
    let neighbours = "Whom a party shares attributes with, by kind";
    vec![
        Route::get("/v1/network/path", PATH, path, path_between)
            .query::<PathParameters>()
            .gives::<PathAnswer>(),
        Route::get("/v1/network/neighbours/{party}", NEIGHBOURS, neighbours, neighbours_of)
            .path_parameters::<PartyPath>()
            .query::<NeighbourParameters>()
            .gives::<NeighboursAnswer>(),
        Route::get("/v1/network/export", EXPORT, "The network, for other programs", export)
            .query::<ExportParameters>()
            .or_gives::<NetworkFile>(StatusCode::OK, GEXF)
            .or_gives::<NetworkFile>(StatusCode::OK, GRAPHML)
            .or_gives::<NetworkFile>(StatusCode::OK, CSV)
            .within(LONG),
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

/// Parameters of a question about the network: its own, and of what time it is asked.
macro_rules! asked_of_a_time {
    ($(#[$about:meta])* struct $name:ident { $($own:tt)* }) => {
        $(#[$about])*
        #[derive(Deserialize, IntoParams)]
        #[serde(deny_unknown_fields)]
        struct $name {
            $($own)*
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

        impl $name {
            fn period(&self) -> Result<Period, Error> {
                Period::new(self.from.map(|ValidAt(date)| date), self.to.map(|ValidAt(date)| date))
            }

            fn captions(&self) -> Captions {
                if self.names { Captions::Included } else { Captions::Omitted }
            }
        }
    };
}

asked_of_a_time! {
    /// Which path.
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
    }
}

asked_of_a_time! {
    /// Whose neighbours.
    struct NeighbourParameters {}
}

asked_of_a_time! {
    /// Which drawing.
    struct ExportParameters {
        /// As what.
        #[param(inline)]
        format: ExportFormat,
        /// Only the surroundings of this party; left out: the whole network.
        #[param(inline)]
        around: Option<EntityId>,
        /// How many steps the surroundings reach, over attributes that lead on and relations of a chain; left out: 2.
        #[param(minimum = 0, maximum = 100)]
        steps: Option<u32>,
    }
}

async fn path_between(asking: Asking, Asked(asked): Asked<PathParameters>) -> Answer<PathAnswer> {
    asking.about(asked.start.as_str());
    asking.about(asked.end.as_str());
    let path = move |store: &mut Store, _| {
        let steps_max = asked.steps_max.unwrap_or(6);
        if !(1..=100).contains(&steps_max) {
            return Err(Error::Usage("a path has 1 to 100 steps".into()));
        }
        let question = PathQuestion {
            from: asked.start.clone(),
            to: asked.end.clone(),
            aim: match asked.aim {
                PathAim::FewestSteps => Aim::FewestSteps,
                PathAim::EarliestArrival => Aim::EarliestArrival,
            },
            direction: match asked.direction {
                PathDirection::Forward => Direction::Forward,
                PathDirection::Backward => Direction::Backward,
            },
            period: asked.period()?,
            max_gap_days: asked.max_gap_days,
            steps_max,
        };
        let known_at = AsOf::or_now(asked.known_at);
        store.network(known_at, asked.captions(), |network| network.path(&question))
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

async fn neighbours_of(
    asking: Asking,
    At(party): At<EntityId>,
    Asked(when): Asked<NeighbourParameters>,
) -> Answer<NeighboursAnswer> {
    let neighbours = move |store: &mut Store, _| {
        let (known_at, period) = (AsOf::or_now(when.known_at), when.period()?);
        store.network(known_at, when.captions(), |network| network.neighbours(&party, period))
    };
    asking.look(neighbours).await
}

/// As what the network is written.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ExportFormat {
    /// GEXF 1.3, with the days of every edge: what Gephi reads.
    Gexf,
    /// GraphML, with the days of every edge as text.
    Graphml,
    /// One row for each edge.
    Csv,
}

/// The network as a file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "it describes what is answered as it stands")]
struct NetworkFile(Vec<u8>);

async fn export(asking: Asking, Asked(asked): Asked<ExportParameters>) -> Result<Response, Problem> {
    let (format, media, name) = match asked.format {
        ExportFormat::Gexf => (DrawingFormat::Gexf, GEXF, "network.gexf"),
        ExportFormat::Graphml => (DrawingFormat::Graphml, GRAPHML, "network.graphml"),
        ExportFormat::Csv => (DrawingFormat::Csv, CSV, "network.csv"),
    };
    if let Some(around) = &asked.around {
        asking.about(around.as_str());
    }
    let write = move |store: &mut Store, _| {
        let (known_at, period) = (AsOf::or_now(asked.known_at), asked.period()?);
        let around = asked.around.clone().map(|of| Surroundings { of, steps: asked.steps.unwrap_or(2) });
        let drawing =
            store.network(known_at, asked.captions(), |network| network.drawing(around.as_ref(), period))?;
        let mut bytes = Vec::new();
        drawing.write(format, &mut bytes).expect("a vector takes everything");
        Ok(bytes)
    };
    let Json(bytes) = asking.look(write).await?;
    let disposition = format!("attachment; filename=\"{name}\"");
    Ok(([(header::CONTENT_TYPE, media), (header::CONTENT_DISPOSITION, &disposition)], bytes).into_response())
}
