//! An explanation: data that shows, for each number of a score, the two values, the rule, and why it is not higher.
//!
//! Always holds: the score in an explanation is the score that [`crate::score`] gives; factors and costs lead from one million to it.

use model::Score;
use names::{PairKind, RelationKind, Shortfall, Side};
use serde::{Serialize, Serializer};

use crate::compare::{BestNames, Circumstances, shared_identifiers};
use crate::{BirthDates, Gender, Profile, Rules};

/// Whether two sides agree in a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ComparisonVerdict)]
pub enum Verdict {
    /// They agree as far as both go.
    Same,
    /// They do not.
    Different,
    /// A side says nothing; this is never held against anybody.
    Unknown,
}

/// One rule: what it compared, what it found, what it did.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ComparisonFinding)]
pub struct Finding {
    /// The property.
    pub property: String,
    /// What the subject states.
    pub subject: Vec<String>,
    /// What the entry states.
    pub entry: Vec<String>,
    /// What was found.
    pub verdict: Verdict,
    /// In words.
    pub rule: String,
    /// What it left of the score, from 0 to 1.
    pub factor: f64,
}

/// Two parts of names taken for one another.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct UnitPair {
    /// Of the subject's name.
    pub subject: String,
    /// Of the entry's name.
    pub entry: String,
    /// The subject's part romanised, where it is written in another script.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_romanised: Option<String>,
    /// The entry's part romanised, where it is written in another script.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry_romanised: Option<String>,
    /// Why.
    pub relation: String,
    /// How alike, from 0 to 1.
    #[serde(serialize_with = "thousandths")]
    #[schema(value_type = f64)]
    pub similarity: u16,
    /// What it brings to the score of the names.
    pub credit: Score,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn thousandths<S: Serializer>(value: &u16, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(f64::from(*value) / 1000.0)
}

/// The pair of names that says most.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct NameEvidence {
    /// The subject's name, as stated.
    pub subject: String,
    /// The entry's name, as stated.
    pub entry: String,
    /// Whether a weak alias is involved.
    pub weak: bool,
    /// How alike the names are.
    pub score: Score,
    /// Which part was taken for which.
    pub pairs: Vec<UnitPair>,
}

/// Everything that went into a score.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Explanation {
    /// The score.
    pub score: Score,
    /// How much there is to go by, for the order of the queue; not a probability, and never part of the alert decision.
    pub evidence: Score,
    /// The names, when they had a part in it.
    pub names: Option<NameEvidence>,
    /// The rules, in the order in which they were applied.
    pub findings: Vec<Finding>,
    /// Why the score is not higher, the dearest reason first.
    pub why_not_higher: Vec<String>,
}

pub(crate) fn build(
    rules: &Rules,
    (subject, entry): (&Profile, &Profile),
    circumstances: &Circumstances,
    best: Option<BestNames>,
    score: Score,
) -> Explanation {
    let comparison = best.map(|best| names::compare(&subject.names[best.subject], &entry.names[best.entry]));
    let evidence_of_names = best.zip(comparison.as_ref());
    let names = evidence_of_names.map(|(best, comparison)| name_evidence(subject, entry, best, comparison));
    let findings = findings(rules, subject, entry, circumstances, best);
    let mut reasons: Vec<(u32, String)> = evidence_of_names
        .map_or_else(Vec::new, |(best, comparison)| shortfalls(subject, entry, best, comparison));
    reasons.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let lowered = findings.iter().filter(|finding| finding.factor < 1.0);
    let mut why_not_higher: Vec<String> =
        lowered.map(|finding| format!("{} (score × {:.2})", finding.rule, finding.factor)).collect();
    why_not_higher.extend(reasons.into_iter().map(|(_, reason)| reason));
    if best.is_none() {
        why_not_higher.push("no part of the names agrees".to_owned());
    }
    if score == Score::ONE {
        why_not_higher.clear();
    }
    Explanation {
        score,
        evidence: evidence(rules, subject, entry, circumstances, score),
        names,
        findings,
        why_not_higher,
    }
}

/// Half from the score, the rest from what agrees beside the names.
fn evidence(
    rules: &Rules,
    subject: &Profile,
    entry: &Profile,
    circumstances: &Circumstances,
    score: Score,
) -> Score {
    let of_birth = match circumstances.birth {
        BirthDates::SameDay => 250_000,
        BirthDates::SameMonth => 150_000,
        BirthDates::SameYear => 100_000,
        BirthDates::Near => 50_000,
        BirthDates::Unknown | BirthDates::Different => 0,
    };
    let of_gender = if circumstances.same_gender == Some(true) { 25_000 } else { 0 };
    let strong = shared_identifiers(subject, entry).any(|property| rules.is_strong(property));
    let of_identifiers = match shared_identifiers(subject, entry).next() {
        Some(_) if strong => 500_000,
        Some(_) => 150_000,
        None => 0,
    };
    Score((score.0 / 2 + of_birth + of_gender + of_identifiers).min(Score::ONE.0))
}

fn name_evidence(
    subject: &Profile,
    entry: &Profile,
    best: BestNames,
    comparison: &names::Comparison,
) -> NameEvidence {
    let (left, right) = (&subject.names[best.subject], &entry.names[best.entry]);
    let pairs = comparison.pairs.iter().map(|pair| UnitPair {
        subject: part(left, pair.a),
        entry: part(right, pair.b),
        subject_romanised: romanised(left, pair.a),
        entry_romanised: romanised(right, pair.b),
        relation: relation(pair.kind).to_owned(),
        similarity: pair.similarity.0,
        credit: Score(pair.credit),
    });
    NameEvidence {
        subject: subject.texts[best.subject].clone(),
        entry: entry.texts[best.entry].clone(),
        weak: best.weak,
        score: Score(comparison.score),
        pairs: pairs.collect(),
    }
}

/// The tokens of a unit, as stated.
fn part(name: &names::Name, unit: names::UnitShape) -> String {
    tokens(name, unit).map(|token| token.raw.as_str()).collect::<Vec<_>>().join(" ")
}

/// The tokens of a unit in Latin letters, where they are stated in others.
fn romanised(name: &names::Name, unit: names::UnitShape) -> Option<String> {
    let foreign = tokens(name, unit).any(|token| token.raw.chars().any(is_foreign));
    foreign.then(|| tokens(name, unit).map(|token| token.form.spelling()).collect::<Vec<_>>().join(" "))
}

fn tokens(name: &names::Name, unit: names::UnitShape) -> impl Iterator<Item = &names::Token> {
    name.tokens().iter().skip(usize::from(unit.first)).take(usize::from(unit.len))
}

/// Whether it is a letter of another script than Latin, whose letters end at U+024F but for those of U+1E00 to U+1EFF.
fn is_foreign(letter: char) -> bool {
    letter.is_alphabetic() && letter > '\u{24f}' && !matches!(letter, '\u{1e00}'..='\u{1eff}')
}

fn relation(kind: PairKind) -> &'static str {
    match kind {
        PairKind::Initial => "an initial and a name that begins with it",
        PairKind::Related(RelationKind::Equal) => "the same letters",
        PairKind::Related(RelationKind::Class) => "romanisations of the same sounds",
        PairKind::Related(RelationKind::SoundEdit) => "romanisations that differ in one sound",
        PairKind::Related(RelationKind::Equivalent) => "forms of one name",
        PairKind::Related(RelationKind::Skeleton) => "the same consonants; one side writes no short vowels",
        PairKind::Related(RelationKind::Dialect) => "one name in the spellings of two languages",
        PairKind::Related(RelationKind::Gender) => "one family name, of a man and of a woman",
        PairKind::Related(RelationKind::Vowels) => "the same consonants, other vowels",
        PairKind::Related(RelationKind::Acronym) => "the first letters of several words",
        PairKind::Related(RelationKind::Reading) => "signs that are read alike",
        PairKind::Related(RelationKind::Transcription) => {
            "a foreign name and its transcription in syllable signs"
        }
        PairKind::Related(RelationKind::Edits(1)) => "one letter differs",
        PairKind::Related(RelationKind::Edits(_)) => "a few letters differ",
    }
}

fn findings(
    rules: &Rules,
    subject: &Profile,
    entry: &Profile,
    circumstances: &Circumstances,
    best: Option<BestNames>,
) -> Vec<Finding> {
    let mut findings = identifier_findings(rules, subject, entry);
    if let Some(best) = best.filter(|best| best.weak) {
        let corroborated = circumstances.weak_factor == crate::rules::Factor::NONE;
        let rule = if corroborated {
            "a weak alias, with a birth date or identifier beside it"
        } else {
            "a weak alias alone"
        };
        findings.push(Finding {
            property: "weakAlias".into(),
            subject: vec![subject.texts[best.subject].clone()],
            entry: vec![entry.texts[best.entry].clone()],
            verdict: Verdict::Same,
            rule: rule.into(),
            factor: circumstances.weak_factor.fraction(),
        });
    }
    findings.push(birth_finding(subject, entry, circumstances));
    findings.push(gender_finding(subject, entry, circumstances));
    findings
}

fn identifier_findings(rules: &Rules, subject: &Profile, entry: &Profile) -> Vec<Finding> {
    let shared =
        subject.identifiers.iter().filter(|identifier| entry.identifiers.binary_search(identifier).is_ok());
    shared
        .map(|identifier| {
            let strong = rules.is_strong(&identifier.property);
            let rule =
                if strong { "the same strong identifier alerts on its own" } else { "the same number" };
            Finding {
                property: identifier.property.to_string(),
                subject: vec![identifier.value.to_string()],
                entry: vec![identifier.value.to_string()],
                verdict: Verdict::Same,
                rule: rule.into(),
                factor: 1.0,
            }
        })
        .collect()
}

fn birth_finding(subject: &Profile, entry: &Profile, circumstances: &Circumstances) -> Finding {
    let (verdict, rule) = match circumstances.birth {
        BirthDates::SameDay => (Verdict::Same, "born on the same day"),
        BirthDates::SameMonth => (Verdict::Same, "born in the same month; a side states no day"),
        BirthDates::SameYear => (Verdict::Same, "born in the same year; a side states no more"),
        BirthDates::Near => (Verdict::Different, "birth dates that look like a slip of each other"),
        BirthDates::Unknown => (Verdict::Unknown, "a side states no birth date"),
        BirthDates::Different => (Verdict::Different, "birth dates differ"),
    };
    let text = |dates: &[model::PartialDate]| dates.iter().map(ToString::to_string).collect();
    Finding {
        property: "birthDate".into(),
        subject: text(&subject.birth_dates),
        entry: text(&entry.birth_dates),
        verdict,
        rule: rule.into(),
        factor: circumstances.birth_factor.fraction(),
    }
}

fn gender_finding(subject: &Profile, entry: &Profile, circumstances: &Circumstances) -> Finding {
    let (verdict, rule) = match circumstances.same_gender {
        Some(true) => (Verdict::Same, "the same gender"),
        Some(false) => (Verdict::Different, "genders differ"),
        None => (Verdict::Unknown, "a side states no gender"),
    };
    let word = |gender: &Gender| if *gender == Gender::Female { "female" } else { "male" }.to_owned();
    Finding {
        property: "gender".into(),
        subject: subject.genders.iter().map(word).collect(),
        entry: entry.genders.iter().map(word).collect(),
        verdict,
        rule: rule.into(),
        factor: circumstances.gender_factor.fraction(),
    }
}

fn shortfalls(
    subject: &Profile,
    entry: &Profile,
    best: BestNames,
    comparison: &names::Comparison,
) -> Vec<(u32, String)> {
    let (left, right) = (&subject.names[best.subject], &entry.names[best.entry]);
    let pair = |at: usize| {
        let pair = &comparison.pairs[at];
        (format!("{} / {}", part(left, pair.a), part(right, pair.b)), relation(pair.kind))
    };
    let reason = |shortfall: &Shortfall| match *shortfall {
        Shortfall::Unmatched { side, token, .. } => {
            let (name, whose) = if side == Side::A { (left, "subject's") } else { (right, "entry's") };
            format!("the {whose} {} has no counterpart", name.tokens()[token].raw)
        }
        Shortfall::Unlike { pair: at, .. } => format!("{}: {}", pair(at).0, pair(at).1),
        Shortfall::Uneven { pair: at, .. } => format!("{}: one side weighs much less", pair(at).0),
        Shortfall::Order { .. } => "the parts stand in another order".to_owned(),
    };
    let costly = comparison.shortfalls.iter().filter(|shortfall| shortfall.cost() > 0);
    costly
        .map(|shortfall| (shortfall.cost(), format!("{} (−{})", reason(shortfall), Score(shortfall.cost()))))
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::{Profile, Rules, explain, score};

    fn profile(schema: &str, properties: &str) -> Profile {
        let text = format!(r#"{{"id":"x","schema":"{schema}","properties":{properties}}}"#);
        Profile::of(&serde_json::from_str(&text).unwrap())
    }

    fn pairs() -> Vec<(Profile, Profile, bool)> {
        let rows = [
            (
                r#"{"name":["Orlan Veska"],"birthDate":["1980-03-04"]}"#,
                r#"{"name":["VESKA, Orlan"],"birthDate":["1980"]}"#,
                true,
            ),
            (
                r#"{"name":["Orlan Veska"],"birthDate":["1980-03-04"]}"#,
                r#"{"name":["Orlan Veska"],"birthDate":["1961"]}"#,
                false,
            ),
            (
                r#"{"name":["Orlan Veska"],"gender":["male"]}"#,
                r#"{"name":["Orlan Veska"],"gender":["female"]}"#,
                false,
            ),
            (r#"{"name":["Orlan Veska"]}"#, r#"{"name":["Tobin Akrel"],"weakAlias":["Orlan Veska"]}"#, false),
            (
                r#"{"name":["Orlan Veska"],"birthDate":["1980"]}"#,
                r#"{"name":["Tobin Akrel"],"weakAlias":["Orlan Veska"],"birthDate":["1980-05-05"]}"#,
                true,
            ),
            (
                r#"{"name":["Orlan Veska"],"passportNumber":["AB 12345"]}"#,
                r#"{"name":["Tobin Akrel"],"passportNumber":["ab-12345"],"birthDate":["1950"]}"#,
                true,
            ),
            (
                r#"{"name":["Orlan Veska"],"idNumber":["AB 12345"]}"#,
                r#"{"name":["Tobin Akrel"],"idNumber":["ab-12345"]}"#,
                false,
            ),
            (r#"{"name":["Орлан Веска"]}"#, r#"{"name":["Orlan Veska"]}"#, true),
        ];
        rows.map(|(a, b, alerts)| (profile("Person", a), profile("Person", b), alerts)).into()
    }

    #[test]
    fn rules_lower_and_identifiers_decide() {
        let rules = Rules::default();
        for (a, b, alerts) in pairs() {
            let score = score(&rules, &a, &b);
            assert_eq!(score.0 >= 850_000, alerts, "{:?} {:?}: {score}", a.texts, b.texts);
        }
    }

    #[test]
    fn an_explanation_has_the_score_and_says_why_not_more() {
        let rules = Rules::default();
        for (a, b, _) in pairs() {
            let explained = explain(&rules, &a, &b);
            assert_eq!(explained.score, score(&rules, &a, &b));
            assert_eq!(explained.score, explain(&rules, &b, &a).score, "symmetric");
            assert_eq!(explained.why_not_higher.is_empty(), explained.score.0 == 1_000_000, "{explained:?}");
        }
    }

    #[test]
    fn a_vessel_is_no_person() {
        let (a, b) = (
            profile("Person", r#"{"name":["Orlan Veska"]}"#),
            profile("Vessel", r#"{"name":["Orlan Veska"]}"#),
        );
        assert_eq!(score(&Rules::default(), &a, &b).0, 0);
    }
}
