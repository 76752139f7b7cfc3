//! `GET /entities/{id}` and what is adjacent to it: an entity with those that it names and that name it.
//!
//! Always holds: nothing is repeated along a path; from an entity one goes over a relation to its other end, and no further.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use lookback::lists::{Field, Listed, Lists, Order};
use lookback::model::{EntityId, Property};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::page::{Page, order};
use super::parameters::Parameters;
use super::wire::{EntityResponse, PropertyValue, Refused, Total};
use crate::service::Service;

/// The entity in a path.
#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a path")]
pub(crate) struct EntityPath {
    /// Its id, or one that it had before.
    entity_id: String,
}

/// The entity and the property in a path.
#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a path")]
pub(crate) struct PropertyPath {
    /// Its id, or one that it had before.
    entity_id: String,
    /// A property that names entities, or by which they name it: `addressEntity`, `ownershipOwner`.
    property_name: String,
}

/// What `/entities` takes in its query.
#[derive(IntoParams)]
#[expect(dead_code, reason = "it describes a query")]
pub(crate) struct EntityParameters {
    /// Whether adjacent entities are shown within it.
    nested: Option<bool>,
}

/// Everything adjacent, by property.
#[derive(Serialize, ToSchema)]
pub(crate) struct EntityAdjacentResponse<'a> {
    entity: EntityResponse<'a>,
    adjacent: BTreeMap<&'a str, AdjacentResultsResponse<'a>>,
}

/// What is adjacent by one property.
#[derive(Serialize, ToSchema)]
pub(crate) struct AdjacentResultsResponse<'a> {
    limit: usize,
    offset: usize,
    total: Total,
    #[schema(value_type = Vec<Object>)]
    results: Vec<PropertyValue<'a>>,
}

pub(crate) async fn entity(
    State(service): State<Service>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let lists = service.lists();
    let mut parameters = Parameters::of(query.as_deref());
    let nested = parameters.flag("nested").unwrap_or(true);
    parameters.checked()?;
    let listed = match found(&lists, &id)? {
        Ok(listed) => listed,
        Err(moved) => return Ok(moved),
    };
    if !nested {
        return Ok(Json(EntityResponse::of(&lists, listed)).into_response());
    }
    let answer = tokio::task::block_in_place(|| {
        let mut first = naming(&lists, listed);
        first.extend(named(&lists, listed, |_| true));
        first.truncate(BESIDE_MAX);
        Surroundings::of(&lists, listed, first).nest(listed, &mut Vec::new())
    });
    Ok(Json(answer).into_response())
}

pub(crate) async fn adjacent(
    State(service): State<Service>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    beside(&service, &id, query.as_deref(), |lists, listed, page, sort| {
        let adjacent = tokio::task::block_in_place(|| {
            let properties = listed.entity().schema.properties().filter(|property| property.names_entities());
            let each = properties.filter_map(|property| {
                let adjacent = by(lists, listed, property, page, sort);
                (adjacent.0 > 0).then_some((property.name.as_str(), adjacent))
            });
            each.map(|(name, adjacent)| (name, results(adjacent, page))).collect()
        });
        let entity = EntityResponse::of(lists, listed);
        Ok(Json(EntityAdjacentResponse { entity, adjacent }).into_response())
    })
}

pub(crate) async fn adjacent_by_property(
    State(service): State<Service>,
    Path((id, property)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    beside(&service, &id, query.as_deref(), |lists, listed, page, sort| {
        let property = listed.entity().schema.property(&property);
        let property = property
            .filter(|property| property.names_entities())
            .ok_or_else(|| Refused::With(StatusCode::NOT_FOUND, "No such property!".into()))?;
        let adjacent = tokio::task::block_in_place(|| by(lists, listed, property, page, sort));
        Ok(Json(results(adjacent, page)).into_response())
    })
}

/// Answers about what is beside an entity, page by page; where it moved, with the way there.
fn beside(
    service: &Service,
    id: &str,
    query: Option<&str>,
    answer: impl FnOnce(&Lists, &Arc<Listed>, &Page, &Sort) -> Result<Response, Refused>,
) -> Result<Response, Refused> {
    let lists = service.lists();
    let (page, sort) = read(query)?;
    match found(&lists, id)? {
        Ok(listed) => answer(&lists, listed, &page, &sort),
        Err(moved) => Ok(moved),
    }
}

/// 4: an entity, a relation, its other end, and what that names. Past it ids stay ids, so that an answer is bounded.
const DEPTH_MAX: usize = 4;
/// 9,999: as far as pages reach.
const BESIDE_MAX: usize = 9_999;

type Sort = Vec<(Field, Order)>;

fn read(query: Option<&str>) -> Result<(Page, Sort), Refused> {
    let mut parameters = Parameters::of(query);
    let page = Page::of(&mut parameters);
    parameters.checked()?;
    let sort = order(&parameters)?;
    Ok((page, sort))
}

/// The entity with an id; where the id was merged into another, the way there.
fn found<'a>(lists: &'a Lists, id: &str) -> Result<Result<&'a Arc<Listed>, Response>, Refused> {
    if let Some(listed) = EntityId::new(id).ok().and_then(|id| lists.get(&id)) {
        return Ok(Ok(listed));
    }
    let Some(moved) = tokio::task::block_in_place(|| lists.referent(id)) else {
        return Err(Refused::With(StatusCode::NOT_FOUND, "No such entity!".into()));
    };
    let mut place = String::from("/entities/");
    for byte in moved.entity().id.as_str().bytes() {
        match byte {
            b'-' | b'_' | b'.' | b'~' => place.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => place.push(byte.into()),
            _ => write!(place, "%{byte:02X}").expect("a string takes everything"),
        }
    }
    Ok(Err((StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, place)]).into_response()))
}

/// How many are adjacent by a property, and a page of them.
fn by<'a>(
    lists: &'a Lists,
    listed: &'a Arc<Listed>,
    property: &'static Property,
    page: &Page,
    sort: &Sort,
) -> (usize, Vec<PropertyValue<'a>>) {
    let mut first = if property.stub {
        let reverse = property.reverse.as_deref().unwrap_or_default();
        let is_by = |other: &&'a Arc<Listed>| {
            let entity = other.entity();
            property.range.is_none_or(|range| entity.schema.is_a(range.name()))
                && entity.values(reverse).iter().any(|id| id == listed.entity().id.as_str())
        };
        naming(lists, listed).into_iter().filter(is_by).collect()
    } else {
        named(lists, listed, |name| name == property.name)
    };
    lists.sort(&mut first, sort);
    let total = first.len();
    let shown: Vec<&Arc<Listed>> = first.into_iter().skip(page.offset).take(page.limit).collect();
    let surroundings = Surroundings::of(lists, listed, shown.clone());
    let mut path = vec![listed.entity().id.as_str()];
    let nested = shown.into_iter().map(|other| surroundings.nest(other, &mut path));
    (total, nested.map(|other| PropertyValue::Entity(Box::new(other))).collect())
}

fn results<'a>(
    (total, results): (usize, Vec<PropertyValue<'a>>),
    page: &Page,
) -> AdjacentResultsResponse<'a> {
    AdjacentResultsResponse { limit: page.limit, offset: page.offset, total: Total::of(total), results }
}

/// Those that name an entity, by a property that can be asked from the other side.
fn naming<'a>(lists: &'a Lists, listed: &Listed) -> Vec<&'a Arc<Listed>> {
    let own = listed.entity().id.as_str();
    lists.naming(own).into_iter().filter(|other| other.entity().id.as_str() != own).collect()
}

/// Those that an entity names, in the order of its properties.
fn named<'a>(lists: &'a Lists, listed: &Listed, wanted: impl Fn(&str) -> bool) -> Vec<&'a Arc<Listed>> {
    let entity = listed.entity();
    let ids = entity.properties.iter().filter(|(name, _)| {
        wanted(name) && entity.schema.property(name).is_some_and(Property::names_entities)
    });
    let mut seen = BTreeSet::from([entity.id.as_str()]);
    let ids = ids.flat_map(|(_, ids)| ids).filter(|id| seen.insert(id));
    ids.filter_map(|id| lists.get(&EntityId::new(id).ok()?)).collect()
}

/// What is shown around an entity.
struct Surroundings<'a> {
    lists: &'a Lists,
    known: BTreeMap<&'a str, &'a Arc<Listed>>,
    /// By id: those that name it, and the property under which it shows them.
    inverted: BTreeMap<&'a str, Vec<(&'static str, &'a Arc<Listed>)>>,
}

impl<'a> Surroundings<'a> {
    /// The entity, those beside it, and the other ends of those of them that are relations.
    fn of(lists: &'a Lists, root: &'a Arc<Listed>, first: Vec<&'a Arc<Listed>>) -> Self {
        let mut around = Self { lists, known: BTreeMap::new(), inverted: BTreeMap::new() };
        around.known.insert(root.entity().id.as_str(), root);
        let mut next = first;
        while !next.is_empty() {
            let mut ends = Vec::new();
            for listed in next {
                if around.known.insert(listed.entity().id.as_str(), listed).is_none() {
                    around.note(listed);
                    if listed.entity().schema.edge().is_some() {
                        ends.extend(named(lists, listed, |_| true));
                    }
                }
            }
            ends.retain(|end| !around.known.contains_key(end.entity().id.as_str()));
            next = ends;
        }
        around
    }

    fn note(&mut self, listed: &'a Arc<Listed>) {
        let entity = listed.entity();
        for (name, values) in &entity.properties {
            let Some(property) = entity.schema.property(name).filter(|property| property.names_entities())
            else {
                continue;
            };
            let Some(reverse) = property.reverse.as_deref() else { continue };
            for id in values {
                self.inverted.entry(id).or_default().push((reverse, listed));
            }
        }
    }

    /// An entity with what is around it, but for what is on the way to it.
    fn nest(&self, listed: &'a Arc<Listed>, path: &mut Vec<&'a str>) -> EntityResponse<'a> {
        let entity = listed.entity();
        let mut shown = EntityResponse::of(self.lists, listed);
        let depth = path.len();
        path.push(entity.id.as_str());
        // One step from where one began, others that name it; further on, only those that it names.
        let inverted = self.inverted.get(entity.id.as_str()).filter(|_| depth <= 1);
        for (property, other) in inverted.into_iter().flatten() {
            if !path.contains(&other.entity().id.as_str()) {
                let other = PropertyValue::Entity(Box::new(self.nest(other, path)));
                shown.properties.nested().entry(property).or_default().push(other);
            }
        }
        let further = entity.properties.iter().filter(|_| depth < DEPTH_MAX);
        for (name, values) in further {
            if !entity.schema.property(name).is_some_and(Property::names_entities) {
                continue;
            }
            let others = values.iter().filter(|id| !path.contains(&id.as_str()));
            let others: Vec<_> = others.filter_map(|id| self.known.get(id.as_str())).collect();
            let nested: Vec<PropertyValue<'a>> = others
                .into_iter()
                .map(|other| PropertyValue::Entity(Box::new(self.nest(other, path))))
                .collect();
            // Where none of them is known here, their ids stay.
            if !nested.is_empty() {
                shown.properties.nested().insert(name, nested);
            }
        }
        path.pop();
        shown
    }
}
