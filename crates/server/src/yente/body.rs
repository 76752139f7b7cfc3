//! The body of `/match`, checked as yente checks it: all that is wrong is told at once, each with its place.
//!
//! In: bytes. Out: JSON of the right shape; faults go to those of the parameters.

use serde_json::{Map, Value, json};

use super::parameters::Parameters;
use super::wire::Refused;

/// Reads a body; what is wrong with it is added to the faults of the parameters.
pub(crate) fn read(bytes: &[u8], parameters: &mut Parameters) -> Option<Value> {
    let mut faults = Faults(Vec::new());
    let value = if bytes.is_empty() { None } else { parsed(bytes, &mut faults) };
    match &value {
        Some(Value::Object(body)) => faults.body(body, value.as_ref().unwrap_or(&Value::Null)),
        Some(Value::Null) | None if faults.0.is_empty() => {
            faults.add("missing", &json!(["body"]), "Field required", &Value::Null);
        }
        None => {}
        Some(other) => faults.add("model_attributes_type", &json!(["body"]), NO_OBJECT, other),
    }
    parameters.more_faults(faults.0);
    value
}

/// What to say of a body in which nothing was found wrong and that is still none: numbers too great, say.
pub(crate) fn unread() -> Refused {
    Refused::bad("There was an error parsing the body")
}

const NO_OBJECT: &str = "Input should be a valid dictionary or object to extract fields from";

fn parsed(bytes: &[u8], faults: &mut Faults) -> Option<Value> {
    let error = match serde_json::from_slice(bytes) {
        Ok(value) => return Some(value),
        Err(error) => error,
    };
    faults.0.push(json!({
        "type": "json_invalid", "loc": ["body", error.column()], "msg": "JSON decode error",
        "input": {}, "ctx": { "error": "Expecting value" },
    }));
    None
}

struct Faults(Vec<Value>);

impl Faults {
    fn add(&mut self, kind: &str, place: &Value, message: &str, input: &Value) {
        self.0.push(json!({ "type": kind, "loc": place, "msg": message, "input": input }));
    }

    fn body(&mut self, body: &Map<String, Value>, whole: &Value) {
        match body.get("weights") {
            None => {}
            Some(Value::Object(weights)) => {
                for (name, weight) in weights.iter().filter(|(_, weight)| !weight.is_number()) {
                    self.add(
                        "float_type",
                        &json!(["body", "weights", name]),
                        "Input should be a valid number",
                        weight,
                    );
                }
            }
            Some(other) => self.add(
                "dict_type",
                &json!(["body", "weights"]),
                "Input should be a valid dictionary",
                other,
            ),
        }
        match body.get("config") {
            None => {}
            Some(Value::Object(config)) => {
                for (name, setting) in
                    config.iter().filter(|(_, setting)| setting.is_array() || setting.is_object())
                {
                    self.add(
                        "string_type",
                        &json!(["body", "config", name, "str"]),
                        "Input should be a valid string",
                        setting,
                    );
                }
            }
            Some(other) => {
                self.add(
                    "dict_type",
                    &json!(["body", "config"]),
                    "Input should be a valid dictionary",
                    other,
                );
            }
        }
        match body.get("queries") {
            None => self.add("missing", &json!(["body", "queries"]), "Field required", whole),
            Some(Value::Object(queries)) => queries.iter().for_each(|(name, query)| self.query(name, query)),
            Some(other) => self.add(
                "dict_type",
                &json!(["body", "queries"]),
                "Input should be a valid dictionary",
                other,
            ),
        }
    }

    fn query(&mut self, name: &str, query: &Value) {
        let Value::Object(fields) = query else {
            return self.add("model_attributes_type", &json!(["body", "queries", name]), NO_OBJECT, query);
        };
        let place = |field: &str| json!(["body", "queries", name, field]);
        match fields.get("id") {
            None | Some(Value::Null | Value::String(_)) => {}
            Some(other) => self.add("string_type", &place("id"), "Input should be a valid string", other),
        }
        match fields.get("schema") {
            None => self.add("missing", &place("schema"), "Field required", query),
            Some(Value::String(_)) => {}
            Some(other) => self.add("string_type", &place("schema"), "Input should be a valid string", other),
        }
        match fields.get("properties") {
            None => self.add("missing", &place("properties"), "Field required", query),
            Some(Value::Object(properties)) => {
                for (property, value) in
                    properties.iter().filter(|(_, value)| !value.is_string() && !value.is_array())
                {
                    let place = |of: &str| json!(["body", "queries", name, "properties", property, of]);
                    self.add("string_type", &place("str"), "Input should be a valid string", value);
                    self.add("list_type", &place("list[any]"), "Input should be a valid list", value);
                }
            }
            Some(other) => {
                self.add("dict_type", &place("properties"), "Input should be a valid dictionary", other);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(body: &str) -> Vec<(String, Value)> {
        let mut parameters = Parameters::of(None);
        read(body.as_bytes(), &mut parameters);
        let Err(Refused::Invalid(faults)) = parameters.checked() else { return Vec::new() };
        faults
            .iter()
            .map(|fault| (fault["type"].as_str().unwrap_or_default().to_owned(), fault["loc"].clone()))
            .collect()
    }

    #[test]
    fn every_fault_has_its_place() {
        let fault = |kind: &str, place: Value| (kind.to_owned(), place);
        assert_eq!(faults(""), [fault("missing", json!(["body"]))]);
        assert_eq!(faults("{"), [fault("json_invalid", json!(["body", 1]))]);
        assert_eq!(faults("[]"), [fault("model_attributes_type", json!(["body"]))]);
        assert_eq!(faults("{}"), [fault("missing", json!(["body", "queries"]))]);
        assert_eq!(
            faults(r#"{"queries":{"a":{"properties":{"name":1}},"b":null}}"#),
            [
                fault("missing", json!(["body", "queries", "a", "schema"])),
                fault("string_type", json!(["body", "queries", "a", "properties", "name", "str"])),
                fault("list_type", json!(["body", "queries", "a", "properties", "name", "list[any]"])),
                fault("model_attributes_type", json!(["body", "queries", "b"])),
            ]
        );
        assert_eq!(faults(r#"{"queries":{"a":{"schema":"Person","properties":{"name":["x"]}}}}"#), []);
    }
}
