//! Parameters of a query, read as yente reads them: repeated ones are lists, and all that is wrong is told at once.

use lookback::model::Score;
use serde_json::{Value, json};

use super::wire::Refused;

/// The parameters of one request, and what was wrong with those read so far.
pub(crate) struct Parameters {
    pairs: Vec<(String, String)>,
    faults: Vec<Value>,
}

impl Parameters {
    pub(crate) fn of(query: Option<&str>) -> Self {
        let pairs = form_urlencoded::parse(query.unwrap_or("").as_bytes()).into_owned().collect();
        Self { pairs, faults: Vec::new() }
    }

    /// The last value, as with every reader of queries that takes one.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.pairs.iter().rev().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        self.pairs.iter().filter(|(n, _)| n == name).map(|(_, value)| value.clone()).collect()
    }

    /// A list of at most so many.
    pub(crate) fn short_list(&mut self, name: &str, most: usize) -> Vec<String> {
        let list = self.list(name);
        if list.len() > most {
            self.faults.push(json!({
                "type": "too_long", "loc": ["query", name],
                "msg": format!("List should have at most {most} items after validation, not {}", list.len()),
                "input": list,
                "ctx": { "field_type": "List", "max_length": most, "actual_length": list.len() },
            }));
        }
        list
    }

    /// A whole number of at most so much.
    pub(crate) fn integer(&mut self, name: &str, default: usize, most: i64) -> usize {
        let Some(text) = self.text(name).map(str::to_owned) else { return default };
        match text.trim().parse::<i64>() {
            Ok(number) if number > most => self.faults.push(json!({
                "type": "less_than_equal", "loc": ["query", name],
                "msg": format!("Input should be less than or equal to {most}"),
                "input": text, "ctx": { "le": most },
            })),
            Ok(number) => return usize::try_from(number).unwrap_or(0),
            Err(_) => self.faults.push(json!({
                "type": "int_parsing", "loc": ["query", name],
                "msg": "Input should be a valid integer, unable to parse string as an integer",
                "input": text,
            })),
        }
        default
    }

    /// A score.
    pub(crate) fn score(&mut self, name: &str) -> Option<Score> {
        let text = self.text(name)?.to_owned();
        let Ok(number) = text.trim().parse::<f64>() else {
            self.faults.push(json!({
                "type": "float_parsing", "loc": ["query", name],
                "msg": "Input should be a valid number, unable to parse string as a number",
                "input": text,
            }));
            return None;
        };
        Score::from_fraction(number.clamp(0.0, 1.0))
    }

    /// A day, perhaps with a time: `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SS`.
    pub(crate) fn moment(&mut self, name: &str) -> Option<String> {
        const PATTERN: &str = r"^\d{4}-\d{2}-\d{2}(T\d{2}(:\d{2}(:\d{2})?)?)?$";
        let text = self.text(name)?.to_owned();
        let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        let shapes = ["0000-00-00", "0000-00-00T00", "0000-00-00T00:00", "0000-00-00T00:00:00"];
        if shapes.contains(&shape.as_str()) {
            return Some(text);
        }
        self.faults.push(json!({
            "type": "string_pattern_mismatch", "loc": ["query", name],
            "msg": format!("String should match pattern '{PATTERN}'"),
            "input": text, "ctx": { "pattern": PATTERN },
        }));
        None
    }

    /// Yes or no.
    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        let text = self.text(name)?.to_owned();
        match text.trim().to_lowercase().as_str() {
            "true" | "1" | "yes" | "on" | "t" | "y" => Some(true),
            "false" | "0" | "no" | "off" | "f" | "n" => Some(false),
            _ => {
                self.faults.push(json!({
                    "type": "bool_parsing", "loc": ["query", name],
                    "msg": "Input should be a valid boolean, unable to interpret input",
                    "input": text,
                }));
                None
            }
        }
    }

    /// One of some words.
    pub(crate) fn word(&mut self, name: &str, words: &[&'static str]) -> Option<&'static str> {
        let text = self.text(name)?.to_owned();
        let found = words.iter().find(|word| **word == text);
        if found.is_none() {
            self.no_word(&json!(["query", name]), words, &text);
        }
        found.copied()
    }

    /// Several of some words; `None` where nothing is said.
    pub(crate) fn words(&mut self, name: &str, words: &[&'static str]) -> Option<Vec<&'static str>> {
        let stated = self.list(name);
        let mut found = Vec::new();
        for (place, text) in stated.iter().enumerate() {
            match words.iter().find(|word| *word == text) {
                Some(word) => found.push(*word),
                None => self.no_word(&json!(["query", name, place]), words, text),
            }
        }
        (!stated.is_empty()).then_some(found)
    }

    fn no_word(&mut self, place: &Value, words: &[&'static str], text: &str) {
        let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        let expected = match quoted.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, before)) => format!("{} or {last}", before.join(", ")),
            None => String::new(),
        };
        self.faults.push(json!({
            "type": "enum", "loc": place, "msg": format!("Input should be {expected}"),
            "input": text, "ctx": { "expected": expected },
        }));
    }

    /// Adds what was wrong elsewhere.
    pub(crate) fn more_faults(&mut self, faults: Vec<Value>) {
        self.faults.extend(faults);
    }

    /// Refuses if anything was wrong with what was read so far.
    pub(crate) fn checked(&mut self) -> Result<(), Refused> {
        if self.faults.is_empty() { Ok(()) } else { Err(Refused::Invalid(std::mem::take(&mut self.faults))) }
    }
}
