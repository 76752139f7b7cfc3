//! The closed set of reasons for a decision, each with when to use it. docs/reference/review.md shows this table.

use serde::{Deserialize, Serialize};

/// On which occasion a reason may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Occasion {
    /// A verdict that the alert concerns the subject.
    Same,
    /// A verdict that it does not.
    Different,
    /// That it cannot be said, for now or for good.
    Inconclusive,
    /// The second line has to look.
    Escalate,
    /// A proposal is not confirmed.
    Return,
    /// A final verdict is taken back.
    Reopen,
}

impl Occasion {
    /// Its word in output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Different => "different",
            Self::Inconclusive => "inconclusive",
            Self::Escalate => "escalate",
            Self::Return => "return",
            Self::Reopen => "reopen",
        }
    }
}

macro_rules! reasons {
    ($($name:ident $word:literal $occasion:ident $when:literal,)*) => {
        /// Why something was decided.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Reason {
            $(
                #[doc = $when]
                #[serde(rename = $word)]
                $name,
            )*
        }

        impl Reason {
            /// All of them, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its word in output and storage.
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// On which occasion it may be given.
            pub fn occasion(self) -> Occasion {
                match self { $(Self::$name => Occasion::$occasion,)* }
            }

            /// When to use it.
            pub fn when(self) -> &'static str {
                match self { $(Self::$name => $when,)* }
            }

            /// The reason of that word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)* _ => None }
            }
        }
    };
}

// By hand, because a derive does not see the words that the macro puts in.
impl utoipa::PartialSchema for Reason {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let word = utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::Type::String);
        let words = Self::ALL.iter().map(|reason| reason.word());
        word.description(Some("Why something was decided.")).enum_values(Some(words)).into()
    }
}

impl utoipa::ToSchema for Reason {}

reasons! {
    DocumentsAgree "documents_agree" Same "A passport, identity card or registration number is the same on both sides.",
    IdentityAgrees "identity_agrees" Same "Name and birth date agree, and nothing that is known differs.",
    SourceConfirms "source_confirms" Same "Whoever issued the list entry or the record confirmed that it is the same.",
    LinkHolds "link_holds" Same "The evidence of the link was looked at and holds.",
    BirthDateDiffers "birth_date_differs" Different "The birth dates differ by more than a slip of the pen.",
    GenderDiffers "gender_differs" Different "The genders stated differ.",
    DocumentDiffers "document_differs" Different "Documents of one kind and issuer, valid at the same time, have other numbers.",
    NameDiffers "name_differs" Different "Read side by side, the names are those of two people: another given name, patronymic or family name.",
    OnlyNameAgrees "only_name_agrees" Different "Only a common name agrees, and something else that identifies differs.",
    LinkExplained "link_explained" Different "The shared phone, address or account has an explanation that is on file: shelter, lawyer, interpreter, family.",
    LinkWrong "link_wrong" Different "The evidence of the link is wrong, or is somebody else's.",
    EntryDoesNotApply "entry_does_not_apply" Different "The list entry has no effect here: other programme, expired, not in scope.",
    TooLittleKnown "too_little_known" Inconclusive "What is known on either side is not enough to tell.",
    SourcesContradict "sources_contradict" Inconclusive "Sources of equal standing contradict each other.",
    NoAnswer "no_answer" Inconclusive "Information was asked for and did not come.",
    BeyondAuthority "beyond_authority" Escalate "The decision is not for the first line.",
    NeedsExpert "needs_expert" Escalate "It needs somebody who reads the script, or knows the list or the evidence.",
    LikelySame "likely_same" Escalate "It is likely to concern the subject.",
    GroundsMissing "grounds_missing" Return "What the proposal says does not follow from what is on file.",
    CheckAgain "check_again" Return "Something on file was not looked at.",
    NewEvidence "new_evidence" Reopen "Something became known that the verdict does not rest on.",
    MistakeFound "mistake_found" Reopen "The verdict was a mistake.",
    Redress "redress" Reopen "The subject asked for it to be looked at again.",
    QualityCheck "quality_check" Reopen "It was drawn for a check of quality.",
}
