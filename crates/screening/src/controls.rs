//! Positive controls: invented records in the real indexes, of which some must find each other and some must not.
//!
//! They go through the same index, the same candidate search and the same score as everybody, in both directions, with every
//! commit. A commit whose controls fail does not stand. All names are invented.

use index::{Index, Scratch};
use matching::{Profile, Rules};
use model::{Entity, Score};

use crate::side::{candidates, control_document, insert};
use crate::{Policy, ScreeningError};

/// What a control must do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// Be found and reach the alert threshold (or 0.9, where the policy asks for more).
    Hit,
    /// Stay below the alert threshold.
    Miss,
}

struct Control {
    name: &'static str,
    /// The identifier that it needs to be strong: a policy may say that it is not.
    strong: Option<&'static str>,
    subject: &'static str,
    entry: &'static str,
    expected: Expected,
}

const CONTROLS: [Control; 7] = [
    Control {
        name: "same name",
        strong: None,
        subject: r#"{"id":"c","schema":"Person","properties":{"name":["Orvelin Tamasco"]}}"#,
        entry: r#"{"id":"c","schema":"Person","properties":{"name":["Orvelin Tamasco"]}}"#,
        expected: Expected::Hit,
    },
    Control {
        name: "swapped order",
        strong: None,
        subject: r#"{"id":"c","schema":"Person","properties":{"name":["Quendra Belisov"]}}"#,
        entry: r#"{"id":"c","schema":"Person","properties":{"name":["BELISOV, Quendra"]}}"#,
        expected: Expected::Hit,
    },
    Control {
        name: "other script",
        strong: None,
        subject: r#"{"id":"c","schema":"Person","properties":{"name":["Драгомир Велизаров"]}}"#,
        entry: r#"{"id":"c","schema":"Person","properties":{"name":["Dragomir Velizarov"]}}"#,
        expected: Expected::Hit,
    },
    Control {
        name: "same passport, other name",
        strong: Some("passportNumber"),
        subject: r#"{"id":"c","schema":"Person","properties":{"name":["Ilka Sorontes"],"passportNumber":["XQ 0099 1177"]}}"#,
        entry: r#"{"id":"c","schema":"Person","properties":{"name":["Maruk Devenil"],"passportNumber":["XQ00991177"]}}"#,
        expected: Expected::Hit,
    },
    Control {
        name: "organisation",
        strong: None,
        subject: r#"{"id":"c","schema":"Company","properties":{"name":["Zanthe Maritime Trading"]}}"#,
        entry: r#"{"id":"c","schema":"Organization","properties":{"name":["ZANTHE MARITIME TRADING"]}}"#,
        expected: Expected::Hit,
    },
    Control {
        name: "different name",
        strong: None,
        subject: r#"{"id":"c","schema":"Person","properties":{"name":["Pavrel Ostinko"]}}"#,
        entry: r#"{"id":"c","schema":"Person","properties":{"name":["Wendibald Krause-Immer"]}}"#,
        expected: Expected::Miss,
    },
    Control {
        name: "person and vessel of one name",
        strong: None,
        subject: r#"{"id":"c","schema":"Person","properties":{"name":["Selvanna Quor"]}}"#,
        entry: r#"{"id":"c","schema":"Vessel","properties":{"name":["Selvanna Quor"]}}"#,
        expected: Expected::Miss,
    },
];

/// The controls that are checked under a policy, with every commit: what each is of, and whether it has to be found.
pub fn controls(policy: &Policy) -> impl Iterator<Item = (&'static str, bool)> {
    let checked = |control: &&Control| control.strong.is_none_or(|property| policy.rules.is_strong(property));
    CONTROLS.iter().filter(checked).map(|control| (control.name, control.expected == Expected::Hit))
}

/// A hit must reach this whatever a stricter policy asks.
const HIT_LEAST: Score = Score(900_000);

/// The controls, ready to be searched for.
pub(crate) struct Controls {
    profiles: Vec<(Profile, Profile)>,
}

impl Controls {
    pub(crate) fn new() -> Self {
        let profile = |text: &str| {
            Profile::of(&serde_json::from_str::<Entity>(text).expect("controls are checked by a test"))
        };
        Self { profiles: CONTROLS.iter().map(|c| (profile(c.subject), profile(c.entry))).collect() }
    }

    /// Puts them into new indexes.
    pub(crate) fn plant(&self, rules: &Rules, subjects: &mut Index, entries: &mut Index) {
        for (place, (subject, entry)) in self.profiles.iter().enumerate() {
            insert(subjects, rules, control_document(place), subject);
            insert(entries, rules, control_document(place), entry);
        }
    }

    /// How many there are in each index.
    pub(crate) fn len(&self) -> usize {
        self.profiles.len()
    }

    /// Checks all, in both directions: against the entries and against the subjects, each with a scratch of its own.
    pub(crate) fn check(
        &self,
        policy: &Policy,
        [mut entries, mut subjects]: [(&Index, &mut Scratch); 2],
    ) -> Result<u64, ScreeningError> {
        let level = policy.threshold_least().min(HIT_LEAST);
        let mut checked = 0;
        for (place, (control, (subject, entry))) in CONTROLS.iter().zip(&self.profiles).enumerate() {
            if control.strong.is_some_and(|property| !policy.rules.is_strong(property)) {
                continue;
            }
            checked += 1;
            let document = control_document(place);
            let finds = |(index, scratch): &mut (&Index, &mut Scratch), from: &Profile| {
                candidates(index, &policy.rules, from, level, scratch).binary_search(&document).is_ok()
            };
            let found = [finds(&mut entries, subject), finds(&mut subjects, entry)];
            let score = matching::score(&policy.rules, subject, entry);
            let failed = |expected| ScreeningError::Control { control: control.name, expected };
            match control.expected {
                Expected::Hit if found != [true, true] => return Err(failed("the search must find it")),
                Expected::Hit if score < level => return Err(failed("it must score as an alert")),
                Expected::Miss if score >= level => return Err(failed("it must not score as an alert")),
                Expected::Hit | Expected::Miss => {}
            }
        }
        Ok(checked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the controls in indexes where they were planted under these rules.
    fn check(planted: Option<&Rules>, policy: &Policy) -> Result<u64, ScreeningError> {
        let (controls, mut subjects, mut entries) = (Controls::new(), Index::new(), Index::new());
        if let Some(rules) = planted {
            controls.plant(rules, &mut subjects, &mut entries);
        }
        let (mut of_entries, mut of_subjects) = (Scratch::new(), Scratch::new());
        controls.check(policy, [(&entries, &mut of_entries), (&subjects, &mut of_subjects)])
    }

    #[test]
    fn controls_hold_where_they_were_planted_and_fail_where_the_search_loses_them() {
        let policy = Policy::default();
        assert_eq!(check(Some(&policy.rules), &policy).unwrap(), CONTROLS.len() as u64);
        assert!(matches!(check(None, &policy), Err(ScreeningError::Control { control: "same name", .. })));
        let blind = Rules { strong_identifiers: Vec::new(), ..Rules::default() };
        let failed = check(Some(&blind), &policy);
        assert!(matches!(failed, Err(ScreeningError::Control { control: "same passport, other name", .. })));
    }
}
