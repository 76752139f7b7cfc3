//! The plan of the story as tables: who there is, what each group was given, what is learned when, and what that must come to.
//!
//! Everything else of the story is drawn; what stands here is the same under every seed.

/// With fewer people there is not enough background for those in the plan to be few in it.
pub const PEOPLE_MIN: u64 = 1_500;

/// The first arrivals.
pub(super) const BEGIN: &str = "2028-07-02";
/// The last arrivals.
pub(super) const END: &str = "2031-05-28";
/// Whom the list's own story is about came before its first version: they were rightly let through.
pub(super) const BEFORE_THE_LIST: &str = "2029-12-20";

// What is learned when. Each is known at six in the morning of its day.
pub(super) const OPENING: &str = "2028-06-25";
pub(super) const LIAISON: &str = "2030-07-14";
pub(super) const HANDSET: &str = "2030-12-05";
pub(super) const CREW: &str = "2031-01-15";
pub(super) const RETRACTION: &str = "2031-04-18";
pub(super) const SHELTER_GENERIC: &str = "2031-04-25";
pub(super) const PAYER: &str = "2031-05-30";
pub(super) const REDRESS: &str = "2031-07-02";
pub(super) const STRUCK_OFF: &str = "2031-11-10";
pub(super) const APPEAL: &str = "2031-11-24";

/// Why somebody is in the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Had the first facilitator's telephone and a bed in his house.
    House,
    /// Stands with a document number in the second one's ledger.
    Ledger,
    /// Had the third one's telephone and a booking of his.
    Crew,
    /// Had the telephone and the address of a shelter that was wrongly reported as the third one's.
    Shelter,
    /// Had the third one's telephone and was paid for from the account of a man who turns out to be him.
    Payer,
    /// Had the first one's telephone and house before they were his.
    Before,
    /// Had them after they were his.
    After,
    /// Had one thing of the third one's.
    One,
    /// Had two of one family: his telephone and its handset.
    OneFamily,
    /// Had the telephone and the address of a legal aid office, wrongly reported of a fourth one; both are declared generic.
    LegalAid,
    /// Is called as a facilitator is.
    Namesake,
    /// Came on the day on which a member came.
    SameDay,
    /// Had the telephone and the house of the third one's brother.
    Kin,
    /// Had the telephone and the house of somebody whom the crew extorts.
    Extorted,
    /// Had the telephone and the house of an agent of a firm that is sanctioned for something else.
    OtherSanction,
    /// Nobody in particular.
    Background,
}

/// A time during which something holds: from the morning of a day until the morning of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: &'static str,
    pub(super) until: &'static str,
}

/// After everything.
const ALWAYS: &str = "9999-12-31";

const fn span(from: &'static str, until: &'static str) -> Span {
    Span { from, until }
}

/// A group of the plan: how many, when they came, what they had, and what that must come to.
#[derive(Debug)]
pub(super) struct Cohort {
    pub(super) group: Group,
    pub(super) people: usize,
    /// The first and the last day on which one of them came.
    pub(super) came: (&'static str, &'static str),
    pub(super) had: &'static [Thing],
    /// When they are moved by the network.
    pub(super) moved: &'static [Span],
    /// When they are linked, and by too little.
    pub(super) single: &'static [Span],
}

const NEVER: &[Span] = &[];
/// What rests on the third facilitator, with the time in which the crew was struck off.
const BY_CREW: &[Span] = &[span(CREW, STRUCK_OFF), span(APPEAL, ALWAYS)];

pub(super) const COHORTS: &[Cohort] = &[
    Cohort {
        group: Group::House,
        people: 120,
        came: ("2028-10-05", "2030-06-25"),
        had: &[Thing::Phone1, Thing::House1],
        moved: &[span(LIAISON, ALWAYS)],
        single: NEVER,
    },
    Cohort {
        group: Group::Ledger,
        people: 128,
        came: ("2029-01-15", "2030-11-20"),
        had: &[],
        moved: &[span(HANDSET, ALWAYS)],
        single: NEVER,
    },
    Cohort {
        group: Group::Crew,
        people: 125,
        came: ("2029-09-10", "2030-12-20"),
        had: &[Thing::Phone3, Thing::Booking3],
        moved: BY_CREW,
        single: NEVER,
    },
    Cohort {
        group: Group::Shelter,
        people: 63,
        came: ("2029-09-10", "2030-12-20"),
        had: &[Thing::ShelterPhone, Thing::ShelterHouse],
        moved: &[span(CREW, RETRACTION)],
        single: NEVER,
    },
    Cohort {
        group: Group::Payer,
        people: 44,
        came: ("2030-01-05", "2031-05-10"),
        had: &[Thing::Phone3, Thing::Account9],
        moved: &[span(PAYER, STRUCK_OFF), span(APPEAL, ALWAYS)],
        single: &[span(CREW, PAYER)],
    },
    control(Group::Before, 20, ("2028-07-05", "2028-09-20"), &[Thing::Phone1, Thing::House1]),
    control(Group::After, 20, ("2030-07-12", "2031-05-20"), &[Thing::Phone1, Thing::House1]),
    Cohort { single: BY_CREW, ..control(Group::One, 15, ("2029-09-10", "2030-12-20"), &[Thing::Phone3]) },
    Cohort {
        single: BY_CREW,
        ..control(Group::OneFamily, 10, ("2029-09-10", "2030-12-20"), &[Thing::Phone3, Thing::Handset3])
    },
    control(Group::LegalAid, 90, (BEGIN, END), &[Thing::LegalPhone, Thing::LegalHouse]),
    control(Group::Namesake, 12, (BEGIN, END), &[]),
    control(Group::SameDay, 60, ("2028-10-05", "2030-06-25"), &[]),
    control(Group::Kin, 10, ("2029-09-10", "2030-12-20"), &[Thing::KinPhone, Thing::KinHouse]),
    control(Group::Extorted, 10, ("2029-09-10", "2030-12-20"), &[Thing::HostPhone, Thing::HostHouse]),
    control(Group::OtherSanction, 10, (BEGIN, END), &[Thing::AgentPhone, Thing::AgentHouse]),
];

const fn control(
    group: Group,
    people: usize,
    came: (&'static str, &'static str),
    had: &'static [Thing],
) -> Cohort {
    Cohort { group, people, came, had, moved: NEVER, single: NEVER }
}

impl Group {
    /// The row of the plan, if it has one.
    pub(super) fn cohort(self) -> Option<&'static Cohort> {
        COHORTS.iter().find(|cohort| cohort.group == self)
    }
}

/// Something that a party ran and others were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Thing {
    Phone1,
    House1,
    Phone3,
    Handset3,
    Booking3,
    Account9,
    ShelterPhone,
    ShelterHouse,
    LegalPhone,
    LegalHouse,
    KinPhone,
    KinHouse,
    HostPhone,
    HostHouse,
    AgentPhone,
    AgentHouse,
}

/// Who was said to run a thing, on which days, since when that is known, and by whom it was said.
#[derive(Debug)]
pub(super) struct Tenure {
    pub(super) thing: Thing,
    pub(super) kind: &'static str,
    pub(super) party: &'static str,
    pub(super) days: (&'static str, Option<&'static str>),
    pub(super) known: &'static str,
    pub(super) source: &'static str,
    pub(super) grade: &'static str,
}

const SINCE_CREW: (&str, Option<&str>) = ("2029-09-01", None);
const SINCE_BEGIN: (&str, Option<&str>) = ("2028-06-01", None);

const fn tenure(
    thing: Thing,
    kind: &'static str,
    party: &'static str,
    days: (&'static str, Option<&'static str>),
    report: (&'static str, &'static str, &'static str),
) -> Tenure {
    let (known, source, grade) = report;
    Tenure { thing, kind, party, days, known, source, grade }
}

const BY_LIAISON: (&str, &str, &str) = (LIAISON, "liaison report 7", "B2");
const BY_HANDSET: (&str, &str, &str) = (HANDSET, "reading of a handset", "A1");
const BY_LIST: (&str, &str, &str) = (CREW, "register of groups", "B1");
const BY_CASEWORK: (&str, &str, &str) = (CREW, "casework", "B2");

pub(super) const TENURES: &[Tenure] = &[
    tenure(Thing::Phone1, "phone", "F1", ("2028-10-01", Some("2030-06-30")), BY_LIAISON),
    tenure(Thing::House1, "address", "F1", ("2028-10-01", Some("2030-07-10")), BY_LIAISON),
    tenure(Thing::Account9, "account", "X9", SINCE_CREW, BY_HANDSET),
    tenure(Thing::LegalPhone, "phone", "F4", SINCE_BEGIN, BY_HANDSET),
    tenure(Thing::LegalHouse, "address", "F4", SINCE_BEGIN, BY_HANDSET),
    tenure(Thing::Phone3, "phone", "F3", SINCE_CREW, BY_LIST),
    tenure(Thing::Handset3, "device", "F3", SINCE_CREW, BY_LIST),
    tenure(Thing::Booking3, "booking", "F3", SINCE_CREW, BY_LIST),
    tenure(Thing::ShelterPhone, "phone", "F3", SINCE_CREW, BY_CASEWORK),
    tenure(Thing::ShelterHouse, "address", "F3", SINCE_CREW, BY_CASEWORK),
    tenure(Thing::KinPhone, "phone", "K1", SINCE_CREW, BY_CASEWORK),
    tenure(Thing::KinHouse, "address", "K1", SINCE_CREW, BY_CASEWORK),
    tenure(Thing::HostPhone, "phone", "H1", SINCE_CREW, BY_CASEWORK),
    tenure(Thing::HostHouse, "address", "H1", SINCE_CREW, BY_CASEWORK),
    tenure(Thing::AgentPhone, "phone", "S1", SINCE_BEGIN, (OPENING, "casework", "B2")),
    tenure(Thing::AgentHouse, "address", "S1", SINCE_BEGIN, (OPENING, "casework", "B2")),
];

/// What became of the members by the day of the report, in order: how many, and the word of the status.
pub(super) const STATUSES: [(usize, &str); 6] = [
    (153, "arrested"),
    (52, "not_located"),
    (17, "located_pending"),
    (38, "departed"),
    (121, "known_address_review"),
    (36, "no_further_action"),
];
/// Of those arrested, how many were removed.
pub(super) const REMOVED: usize = 31;
/// Of the members, how many were assessed; in none was a threat identified.
pub(super) const ASSESSED: usize = 298;
/// Of the first house's people, how many could not be found in the first review.
pub(super) const NOT_FOUND_AT_FIRST: usize = 15;
/// Of the members, how many were not released when they came.
pub(super) const DETAINED: usize = 29;
/// Of the members, whose screening by name was not clear.
pub(super) const INCONCLUSIVE: usize = 6;
/// Of the members, how many were granted redress.
pub(super) const REDRESSED: usize = 5;
