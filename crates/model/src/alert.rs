//! Alerts: a subject and a root cause, with a score, a fingerprint of the evidence, and a history in known time.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::digest::{hex_to, write_hex};
use crate::{DatasetName, Digester, Identity, KnownAt};

macro_rules! short_digest {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, utoipa::ToSchema)]
        #[schema(value_type = String, pattern = "^[0-9a-f]{32}$")]
        pub struct $name(pub [u8; 16]);

        impl $name {
            /// From 32 hexadecimal digits.
            pub fn from_hex(text: &str) -> Option<Self> {
                let mut bytes = [0; 16];
                hex_to(text, &mut bytes).then_some(Self(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(f, &self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(f, &self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Self::from_hex(&text).ok_or_else(|| serde::de::Error::custom("expected 32 hexadecimal digits"))
            }
        }
    };
}

short_digest! {
    /// An alert's id: a digest of subject identity, cause kind and cause, so that re-opening keeps it. 32 hexadecimal digits.
    AlertId
}
short_digest! {
    /// A digest of the evidence on both sides, equal as long as nothing material changed. 32 hexadecimal digits.
    Fingerprint
}

/// How alike, in millionths: 0 is unlike, 1,000,000 is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, utoipa::ToSchema)]
#[schema(value_type = f64)]
pub struct Score(pub u32);

impl Score {
    /// The same.
    pub const ONE: Self = Self(1_000_000);

    /// From a number between 0 and 1 in a configuration file.
    pub fn from_fraction(fraction: f64) -> Option<Self> {
        #[expect(clippy::cast_sign_loss, reason = "checked to lie between 0 and 1")]
        (0.0..=1.0).contains(&fraction).then(|| Self((fraction * 1e6).round() as u32))
    }

    /// As a number between 0 and 1, for output.
    pub fn fraction(self) -> f64 {
        f64::from(self.0) / 1e6
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.0 / 1_000_000, self.0 % 1_000_000 / 1000)
    }
}

impl Serialize for Score {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.fraction())
    }
}

/// What kind of thing the cause of a finding is. The alert book keeps all of them in the same way; only some are alerts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum CauseKind {
    /// A list entry that matches by name or identifier.
    Name,
    /// Chains of evidence from a listed organisation that are enough.
    Network,
    /// Such chains that are not enough: counted and listed, no alert.
    Single,
    /// Weaker traces that are worth a look: listed, no alert.
    Lead,
}

impl CauseKind {
    /// Its word in output and storage.
    pub fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Network => "network",
            Self::Single => "single",
            Self::Lead => "lead",
        }
    }

    /// The kind of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Name, Self::Network, Self::Single, Self::Lead].into_iter().find(|kind| kind.word() == word)
    }

    /// Whether a finding of the kind is an alert, which somebody has to review.
    pub fn is_alert(self) -> bool {
        matches!(self, Self::Name | Self::Network)
    }
}

/// The root cause of an alert.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cause {
    /// Which kind.
    pub kind: CauseKind,
    /// The dataset of the entry.
    pub dataset: DatasetName,
    /// The list entry.
    pub entry: Identity,
}

/// A subject and a cause: what an alert is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pair {
    /// The screened side.
    pub subject: Identity,
    /// The population dataset of the subject.
    pub dataset: DatasetName,
    /// The listed side.
    pub cause: Cause,
}

impl Pair {
    /// Whether a finding on the pair is an alert.
    pub fn is_alert(&self) -> bool {
        self.cause.kind.is_alert()
    }

    /// The alert's id. The datasets are not part of it: an entity that moves between datasets keeps its alerts.
    pub fn alert_id(&self) -> AlertId {
        let mut digester = Digester::new();
        digester
            .field(self.subject.id.as_str().as_bytes())
            .number(self.subject.born.micros())
            .field(self.cause.kind.word().as_bytes())
            .field(self.cause.entry.id.as_str().as_bytes())
            .number(self.cause.entry.born.micros());
        AlertId(digester.finish().half())
    }
}

/// What screening found for a pair: `alert` is `None` when the pair is not, or no longer, an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Which pair.
    pub pair: Pair,
    /// Its score and the fingerprint of its evidence, when it is an alert.
    pub alert: Option<(Score, Fingerprint)>,
}

/// What happened to an alert at a known time.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It came, or came again.
    Opened,
    /// Its score or its evidence changed.
    Changed,
    /// It went.
    Withdrawn,
}

impl Change {
    /// Its word in output and storage.
    pub fn word(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Changed => "changed",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The change of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Opened, Self::Changed, Self::Withdrawn].into_iter().find(|change| change.word() == word)
    }
}

/// One change of one alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertChange {
    /// Which alert.
    pub alert: AlertId,
    /// What it is about.
    pub pair: Pair,
    /// When it became known.
    pub known_at: KnownAt,
    /// The commit that caused it.
    pub commit: u64,
    /// What happened.
    pub change: Change,
    /// The score since then; for a withdrawal, the last one.
    pub score: Score,
    /// The fingerprint since then; for a withdrawal, the last one.
    pub fingerprint: Fingerprint,
}

/// An alert as it stood at a known time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertState {
    /// Which alert.
    pub alert: AlertId,
    /// What it is about.
    pub pair: Pair,
    /// Its score; the last one when it is withdrawn.
    pub score: Score,
    /// Its fingerprint; the last one when it is withdrawn.
    pub fingerprint: Fingerprint,
    /// When it last came.
    pub opened: KnownAt,
    /// When its score or evidence last changed since it came.
    pub changed: Option<KnownAt>,
    /// When it went; `None` while it is open.
    pub withdrawn: Option<KnownAt>,
}

impl AlertState {
    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.withdrawn.is_none()
    }
}
