//! The table of routes: for each its path, who may use it, what it takes and gives. The router and the OpenAPI description are both
//! made of it, so that neither has a route that the other lacks.

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::{StatusCode, Uri};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use lookback::access::{LOOKS, permissions};
use lookback::audit::{AuditAction, Reach};
use serde_json::{Map, Value, json};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::path::{HttpMethod, Parameter, ParameterIn};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{Ref, RefOr};
use utoipa::{IntoParams, ToSchema};

use crate::access::{Guarded, guard};
use crate::problem::Problem;
use crate::service::Service;
use crate::{access, ops, pages, v1, yente};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Everybody, also without an account: nothing of the store is told.
    Open,
    /// Whoever showed an account, whatever its roles.
    Known,
    /// Accounts that may do this, by the table of permissions (docs/reference/review.md): it shows nobody, or it changes something, and the
    /// ledger says who did.
    May(&'static str),
    /// Accounts that may look at this. It is noted in the audit before it is answered.
    Look {
        /// What they must be allowed, of the table of permissions.
        permission: &'static str,
        /// What they do.
        action: AuditAction,
        /// Whom the answer may show.
        reach: Reach,
    },
}

impl Rule {
    /// Accounts that may look at this.
    pub const fn look(permission: &'static str, action: AuditAction, reach: Reach) -> Self {
        Self::Look { permission, action, reach }
    }

    /// The word in the table of permissions.
    pub fn permission(self) -> Option<&'static str> {
        match self {
            Self::Open | Self::Known => None,
            Self::May(permission) | Self::Look { permission, .. } => Some(permission),
        }
    }
}

/// A media type and what is in it.
type Body = (&'static str, RefOr<Schema>);

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
    takes: Vec<Body>,
    gives: Vec<(StatusCode, Option<Body>)>,
    schemas: Vec<(String, RefOr<Schema>)>,
    problem: Option<RefOr<Schema>>,
    handler: MethodRouter<Service>,
    patience: Duration,
    largest: usize,
}

/// How problem details are sent.
const PROBLEM: &str = "application/problem+json";
/// A question that takes longer than half a minute has lost whoever asked.
const PATIENCE: Duration = Duration::from_secs(30);
/// A hundred queries of `/match`, each as large as a person's file.
const LARGEST: usize = 2 * 1024 * 1024;

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
        // Invariant(RULED): no route shows people without being noted, and none asks for a permission that there is not.
        if let Some(permission) = rule.permission() {
            assert!(permissions().any(|known| known == permission), "{path}: nobody may {permission}");
            let shows = LOOKS.contains(&permission);
            assert!(shows == matches!(rule, Rule::Look { .. }), "{path}: {permission} is a look, or is none");
        }
        let (parameters, takes, gives, schemas) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (problem, patience, largest) = (None, PATIENCE, LARGEST);
        Self {
            method,
            path,
            rule,
            summary,
            parameters,
            takes,
            gives,
            schemas,
            problem,
            handler,
            patience,
            largest,
        }
    }

    /// A route that sets something.
    pub fn put<H: Handler<T, Service>, T: 'static>(
        path: &'static str,
        rule: Rule,
        summary: &'static str,
        handler: H,
    ) -> Self {
        Self::of(HttpMethod::Put, path, rule, summary, on(MethodFilter::PUT, handler))
    }

    /// A route that takes something away.
    pub fn delete<H: Handler<T, Service>, T: 'static>(
        path: &'static str,
        rule: Rule,
        summary: &'static str,
        handler: H,
    ) -> Self {
        Self::of(HttpMethod::Delete, path, rule, summary, on(MethodFilter::DELETE, handler))
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

    /// It may take so long; then whoever asked is told to come back.
    #[must_use]
    pub fn within(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// It takes so many bytes at most. Others take two million.
    #[must_use]
    pub fn takes_at_most(mut self, bytes: usize) -> Self {
        self.largest = bytes;
        self
    }

    /// It takes this as JSON.
    #[must_use]
    pub fn takes<T: ToSchema>(mut self) -> Self {
        let schema = self.schema::<T>();
        self.takes.push(("application/json", schema));
        self
    }

    /// It takes a file of this type.
    #[must_use]
    pub fn takes_file(mut self, media: &'static str) -> Self {
        self.takes.push((media, <String as utoipa::PartialSchema>::schema()));
        self
    }

    /// It takes these headers.
    #[must_use]
    pub fn headers<T: IntoParams>(mut self) -> Self {
        self.parameters.extend(T::into_params(|| Some(ParameterIn::Header)));
        self
    }

    /// It takes this as a form.
    #[must_use]
    pub fn takes_form<T: ToSchema>(mut self) -> Self {
        let schema = self.schema::<T>();
        self.takes.push(("application/x-www-form-urlencoded", schema));
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
        self.gives.push((status, Some((media, schema))));
        self
    }

    /// It answers that it is done, without a body.
    #[must_use]
    pub fn gives_nothing(mut self) -> Self {
        self.gives.push((StatusCode::NO_CONTENT, None));
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

    /// The method, in small letters as OpenAPI has it.
    pub fn method_word(&self) -> &'static str {
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
        for (status, body) in &self.gives {
            let description = status.canonical_reason().unwrap_or("answer");
            let answer =
                responses.entry(status.as_str()).or_insert_with(|| json!({ "description": description }));
            if let Some((media, schema)) = body {
                answer["content"][*media] = json!({ "schema": schema });
            }
        }
        if let Some(schema) = &self.problem {
            for (status, _) in self.gives.iter().filter(|(status, _)| status.is_client_error()) {
                responses[status.as_str()]["content"][PROBLEM] = json!({ "schema": schema });
            }
            let content = json!({ PROBLEM: { "schema": schema } });
            responses.insert("default".to_owned(), json!({ "description": "why not", "content": content }));
        }
        let mut operation = json!({ "summary": self.summary, "responses": responses });
        if !self.parameters.is_empty() {
            operation["parameters"] = json!(self.parameters);
        }
        for (media, schema) in &self.takes {
            operation["requestBody"]["required"] = json!(true);
            operation["requestBody"]["content"][*media] = json!({ "schema": schema });
        }
        operation["x-who-may"] = match self.rule {
            Rule::Open => json!("everybody"),
            Rule::Known => json!("every account"),
            Rule::May(permission) | Rule::Look { permission, .. } => json!(permission),
        };
        operation
    }
}

/// All routes.
pub fn routes() -> Vec<Route> {
    let mut routes = ops::routes();
    routes.extend(yente::routes());
    routes.extend(v1::routes());
    routes.extend(access::routes());
    routes.extend(pages::routes());
    // What the guard refuses is told as problem details on every route.
    routes.into_iter().map(Route::or_problem).collect()
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
        let (method, path) = (route.method_word(), route.path);
        let Route { rule, patience, largest, .. } = route;
        let guarded = Guarded { rule, method, path, patience, largest };
        let guarded = middleware::from_fn_with_state((service.clone(), guarded), guard);
        let handler = route.handler.layer(DefaultBodyLimit::max(largest)).layer(guarded);
        router = router.route(path, handler);
    }
    let observed = middleware::from_fn_with_state(service.clone(), ops::observed);
    let answered = CatchPanicLayer::custom(|_: Box<dyn Any + Send>| Problem::ours().into_response());
    let router = router.method_not_allowed_fallback(wrong_method).fallback(fallback);
    router.layer(answered).layer(observed).with_state(service)
}

/// For a path that is none: the shape of what its neighbours answer.
async fn fallback(uri: Uri) -> Response {
    if uri.path().starts_with("/v1/") { v1::not_found().into_response() } else { yente::not_found() }
}

/// For a method that a path does not have.
async fn wrong_method(uri: Uri) -> Response {
    if uri.path().starts_with("/v1/") { v1::wrong_method().into_response() } else { yente::wrong_method() }
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
