//! The table of routes: for each its path, who may use it, what it takes and gives. The router and the OpenAPI description are both
//! made of it, so that neither has a route that the other lacks.

use axum::Router;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::{StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use lookback::model::Proof;
use serde_json::{Map, Value, json};
use utoipa::openapi::path::{HttpMethod, Parameter, ParameterIn};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{Ref, RefOr};
use utoipa::{IntoParams, ToSchema};

use crate::problem::Problem;
use crate::service::{Caller, Service};
use crate::{pages, v1, yente};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Everybody, also without an account: nothing of the store is told.
    Open,
    /// Whoever showed an account, whatever its roles.
    Known,
    /// Accounts that may do this, by the table of permissions (docs/reference/review.md).
    May(&'static str),
}

/// One route.
pub struct Route {
    /// The method.
    pub method: HttpMethod,
    /// The path, with `{parameters}`.
    pub path: &'static str,
    /// Who may use it.
    pub rule: Rule,
    summary: &'static str,
    parameters: Vec<Parameter>,
    takes: Option<(&'static str, RefOr<Schema>)>,
    gives: Vec<(StatusCode, &'static str, RefOr<Schema>)>,
    schemas: Vec<(String, RefOr<Schema>)>,
    problem: Option<RefOr<Schema>>,
    handler: MethodRouter<Service>,
}

impl Route {
    /// A route that only answers.
    pub fn get<H: Handler<T, Service>, T: 'static>(
        path: &'static str,
        rule: Rule,
        summary: &'static str,
        handler: H,
    ) -> Self {
        Self::of(HttpMethod::Get, path, rule, summary, on(MethodFilter::GET, handler))
    }

    /// A route that is sent something.
    pub fn post<H: Handler<T, Service>, T: 'static>(
        path: &'static str,
        rule: Rule,
        summary: &'static str,
        handler: H,
    ) -> Self {
        Self::of(HttpMethod::Post, path, rule, summary, on(MethodFilter::POST, handler))
    }

    fn of(
        method: HttpMethod,
        path: &'static str,
        rule: Rule,
        summary: &'static str,
        handler: MethodRouter<Service>,
    ) -> Self {
        let (parameters, takes, gives, schemas) = (Vec::new(), None, Vec::new(), Vec::new());
        Self { method, path, rule, summary, parameters, takes, gives, schemas, problem: None, handler }
    }

    /// It takes these parameters in the path.
    #[must_use]
    pub fn path_parameters<T: IntoParams>(mut self) -> Self {
        self.parameters.extend(T::into_params(|| Some(ParameterIn::Path)));
        self
    }

    /// It takes these parameters in the query.
    #[must_use]
    pub fn query<T: IntoParams>(mut self) -> Self {
        self.parameters.extend(T::into_params(|| Some(ParameterIn::Query)));
        self
    }

    /// It takes this as JSON.
    #[must_use]
    pub fn takes<T: ToSchema>(mut self) -> Self {
        self.takes = Some(("application/json", self.schema::<T>()));
        self
    }

    /// It answers this as JSON.
    #[must_use]
    pub fn gives<T: ToSchema>(self) -> Self {
        self.or_gives::<T>(StatusCode::OK, "application/json")
    }

    /// It may also answer this.
    #[must_use]
    pub fn or_gives<T: ToSchema>(mut self, status: StatusCode, media: &'static str) -> Self {
        let schema = self.schema::<T>();
        self.gives.push((status, media, schema));
        self
    }

    /// Otherwise it answers problem details.
    #[must_use]
    pub fn or_problem(mut self) -> Self {
        self.problem = Some(self.schema::<Problem>());
        self
    }

    fn schema<T: ToSchema>(&mut self) -> RefOr<Schema> {
        T::schemas(&mut self.schemas);
        self.schemas.push((T::name().into_owned(), T::schema()));
        RefOr::Ref(Ref::from_schema_name(T::name()))
    }

    fn method_word(&self) -> &'static str {
        match self.method {
            HttpMethod::Post => "post",
            HttpMethod::Put => "put",
            HttpMethod::Delete => "delete",
            HttpMethod::Patch => "patch",
            _ => "get",
        }
    }

    /// The route as an OpenAPI operation.
    fn operation(&self) -> Value {
        let mut responses = Map::new();
        for (status, media, schema) in &self.gives {
            let description = status.canonical_reason().unwrap_or("answer");
            let answer = json!({ "description": description, "content": { *media: { "schema": schema } } });
            responses.insert(status.as_str().to_owned(), answer);
        }
        if let Some(schema) = &self.problem {
            let content = json!({ "application/problem+json": { "schema": schema } });
            responses.insert("default".to_owned(), json!({ "description": "why not", "content": content }));
        }
        let mut operation = json!({ "summary": self.summary, "responses": responses });
        if !self.parameters.is_empty() {
            operation["parameters"] = json!(self.parameters);
        }
        if let Some((media, schema)) = &self.takes {
            operation["requestBody"] =
                json!({ "required": true, "content": { *media: { "schema": schema } } });
        }
        operation["x-who-may"] = match self.rule {
            Rule::Open => json!("everybody"),
            Rule::Known => json!("every account"),
            Rule::May(permission) => json!(permission),
        };
        operation
    }
}

/// All routes.
pub fn routes() -> Vec<Route> {
    let mut routes = yente::routes();
    routes.extend(v1::routes());
    routes.extend(pages::routes());
    routes
}

/// The OpenAPI 3.1 description of some routes.
pub fn openapi(title: &str, routes: &[Route]) -> Value {
    let (mut paths, mut schemas) = (Map::new(), Map::new());
    for route in routes {
        let methods = paths.entry(route.path).or_insert_with(|| json!({}));
        methods[route.method_word()] = route.operation();
        for (name, schema) in &route.schemas {
            schemas.insert(name.clone(), json!(schema));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": title, "version": env!("CARGO_PKG_VERSION") },
        "paths": paths,
        "components": { "schemas": schemas },
    })
}

pub(crate) fn router(service: Service) -> Router {
    let mut router = Router::new();
    for route in routes() {
        let guarded = middleware::from_fn_with_state((service.clone(), route.rule), guard);
        router = router.route(route.path, route.handler.layer(guarded));
    }
    router.fallback(fallback).with_state(service)
}

/// For a path that is none: the shape of what its neighbours answer.
async fn fallback(uri: Uri) -> Response {
    if uri.path().starts_with("/v1/") { v1::not_found().into_response() } else { yente::not_found().await }
}

/// Lets a request through to its route in somebody's name, or not.
async fn guard(
    State((_service, _rule)): State<(Service, Rule)>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let caller = Caller { account: "api".into(), proof: Proof::Asserted, purpose: String::new() };
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_schema_has_one_meaning() {
        let mut known: BTreeMap<String, Value> = BTreeMap::new();
        for (name, schema) in routes().into_iter().flat_map(|route| route.schemas) {
            let schema = json!(schema);
            let before = known.entry(name.clone()).or_insert_with(|| schema.clone());
            assert_eq!(*before, schema, "{name}");
        }
    }

    #[test]
    fn what_a_description_refers_to_is_in_it() {
        let described = openapi("lookback", &routes());
        let mut open = vec![&described];
        while let Some(part) = open.pop() {
            match part {
                Value::Object(fields) => {
                    if let Some(name) = fields.get("$ref").and_then(Value::as_str) {
                        assert!(described.pointer(&name[1..]).is_some(), "{name}");
                    }
                    open.extend(fields.values());
                }
                Value::Array(items) => open.extend(items),
                _ => {}
            }
        }
    }
}
