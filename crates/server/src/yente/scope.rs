//! Which entries a request speaks of: the dataset of its path, and what its parameters leave in or out.
//!
//! Invariant(NO-ORIGIN): nobody of a population is searched, compared, filtered or counted by these routes; the country that a list
//! states of its own entries may be searched.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use lookback::lists::{Field, Listed, Lists};
use lookback::model::{Role, Schema};

use super::parameters::Parameters;
use super::wire::Refused;

/// Which entries are wanted.
pub(crate) struct Scope {
    datasets: BTreeSet<String>,
    /// `None`: of whatever schema.
    schemata: Option<BTreeSet<&'static str>>,
    exclude_schema: Vec<String>,
    exclude_ids: Vec<String>,
    changed_since: Option<String>,
    /// For each field the values of which an entry has to have some, or all.
    filters: Vec<(Option<Field>, Vec<String>)>,
    operator: Operator,
}

/// What the parameters that all searches share leave in and out.
pub(crate) struct Selection {
    include: Vec<String>,
    exclude: Vec<String>,
    exclude_schema: Vec<String>,
    changed_since: Option<String>,
}

impl Selection {
    /// Reads them.
    pub(crate) fn of(parameters: &mut Parameters) -> Self {
        Self {
            include: parameters.list("include_dataset"),
            exclude: parameters.list("exclude_dataset"),
            exclude_schema: parameters.list("exclude_schema"),
            changed_since: parameters.moment("changed_since"),
        }
    }
}

/// What several filters on one field mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    /// All of them.
    And,
    /// Any of them.
    Or,
}

impl Scope {
    /// The dataset of a path, of it what was selected.
    pub(crate) fn of(lists: &Lists, dataset: &str, selection: Selection) -> Result<Self, Refused> {
        let mut scope = Self::dataset(lists, dataset)?;
        let Selection { include, exclude, exclude_schema, changed_since } = selection;
        scope
            .datasets
            .retain(|name| (include.is_empty() || include.contains(name)) && !exclude.contains(name));
        scope.exclude_schema = exclude_schema;
        scope.changed_since = changed_since;
        Ok(scope)
    }

    /// A whole dataset, or all lists under the name `default`.
    pub(crate) fn dataset(lists: &Lists, dataset: &str) -> Result<Self, Refused> {
        let named = lists.datasets().iter().find(|(name, _)| name.as_str() == dataset);
        let datasets = match named {
            Some((_, of)) if of.role != Role::List => return Err(not_a_list(dataset)),
            Some((name, _)) => BTreeSet::from([name.to_string()]),
            None if dataset == "default" => {
                let lists = lists.datasets().iter().filter(|(_, of)| of.role == Role::List);
                lists.map(|(name, _)| name.to_string()).collect()
            }
            None => return Err(Refused::With(StatusCode::NOT_FOUND, "No such dataset.".into())),
        };
        Ok(Self {
            datasets,
            schemata: None,
            exclude_schema: Vec::new(),
            exclude_ids: Vec::new(),
            changed_since: None,
            filters: Vec::new(),
            operator: Operator::Or,
        })
    }

    /// Only entries that may be of a schema: those that it is compared with, or for one that is not compared those below it.
    pub(crate) fn schema(&mut self, schema: Schema) {
        let below = schema.descendants().iter().copied();
        let names: BTreeSet<&str> = if schema.matchable() {
            let near = schema.lineage().chain(below);
            near.filter(|near| near.matchable()).map(Schema::name).collect()
        } else {
            below.map(Schema::name).collect()
        };
        self.schemata = Some(names);
    }

    /// None of these entries, whether it is their id or was.
    pub(crate) fn exclude_ids(&mut self, ids: Vec<String>) {
        self.exclude_ids = ids;
    }

    /// Only entries with these values of a field. A field that there is not has none.
    pub(crate) fn filter(&mut self, field: Option<Field>, values: Vec<String>) {
        if values.is_empty() {
            return;
        }
        match self.filters.iter_mut().find(|(of, _)| *of == field) {
            Some((_, stated)) => stated.extend(values),
            None => self.filters.push((field, values)),
        }
    }

    /// What several filters on one field mean.
    pub(crate) fn operator(&mut self, operator: Operator) {
        self.operator = operator;
    }

    /// Whether an entry is wanted.
    pub(crate) fn holds(&self, listed: &Listed) -> bool {
        let entity = listed.entity();
        let schema = entity.schema.name();
        let is_excluded = |id: &String| {
            entity.id.as_str() == id || listed.referents().iter().any(|referent| referent.as_str() == id)
        };
        self.datasets.contains(listed.dataset().as_str())
            && self.schemata.as_ref().is_none_or(|schemata| schemata.contains(schema))
            && !self.exclude_schema.iter().any(|excluded| excluded == schema)
            && !self.exclude_ids.iter().any(is_excluded)
            && self.changed_since.as_ref().is_none_or(|since| *listed.last_change() > **since)
            && self.filters.iter().all(|(field, values)| self.passes(listed, field.as_ref(), values))
    }

    fn passes(&self, listed: &Listed, field: Option<&Field>, values: &[String]) -> bool {
        let Some(field) = field else { return false };
        let mut held = values.iter().map(|value| field.holds(listed, value));
        match self.operator {
            Operator::And => held.all(|held| held),
            Operator::Or => held.any(|held| held),
        }
    }
}

fn not_a_list(dataset: &str) -> Refused {
    let reason = format!(
        "{dataset} is no list: whoever was screened is not searched, filtered or counted here, and by country never"
    );
    Refused::With(StatusCode::FORBIDDEN, reason)
}
