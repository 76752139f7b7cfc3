//! Accounts, the persons behind them, and the roles that they may have.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = String, pattern = "^[A-Za-z0-9_.@-]{1,100}$")]
        pub struct $name(Box<str>);

        impl $name {
            /// Checks a name; `None` when it is empty, too long or has other characters.
            pub fn new(name: &str) -> Option<Self> {
                let sound = (1..=100).contains(&name.len())
                    && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'@'));
                sound.then(|| Self(name.into()))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Self::new(&name).ok_or_else(|| {
                    serde::de::Error::custom(concat!("this is no ", $what, ": use letters, digits, '_', '-', '.' and '@'"))
                })
            }
        }
    };
}

name! {
    /// The name of an account: not empty, at most 100 characters of `a-z A-Z 0-9 _ - . @`.
    AccountName, "account name"
}
name! {
    /// Stands for the person behind an account, as a staff number does; two accounts of one person have one. The same characters.
    PersonName, "person"
}

/// What an account may do. `cases` holds the table of who may do what.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ReviewRole {
    /// Looks and does nothing.
    Reader,
    /// First line: looks at alerts first, clears and escalates.
    #[serde(rename = "analyst_l1")]
    AnalystL1,
    /// Second line: proposes verdicts.
    #[serde(rename = "analyst_l2")]
    AnalystL2,
    /// Confirms or returns what others proposed.
    Approver,
    /// Looks after lists: held versions, policy.
    ListManager,
    /// Sees the audit and the accounts, and changes nothing.
    Auditor,
    /// Opens and closes accounts, and reviews nothing.
    Administrator,
}

impl ReviewRole {
    /// All of them, in the order of the tables.
    pub const ALL: [Self; 7] = [
        Self::Reader,
        Self::AnalystL1,
        Self::AnalystL2,
        Self::Approver,
        Self::ListManager,
        Self::Auditor,
        Self::Administrator,
    ];

    /// Its word in output and storage.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::AnalystL1 => "analyst_l1",
            Self::AnalystL2 => "analyst_l2",
            Self::Approver => "approver",
            Self::ListManager => "list_manager",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
        }
    }

    /// The role of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}
