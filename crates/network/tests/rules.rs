//! One test for each rule of the gate and of the read-out, over the starting values.
//!
//! Attribute `n` is of kind `n`, so the constants of the kinds name both. Days are small numbers, every observation is certain and
//! has no source unless a test says otherwise. Person 0 is the seed where there is one.

use lookback_network::{
    AttributeId, Change, Columns, Cost, Day, Evidence, FamilyId, Generic, Ignored, Interval, KindId, Network,
    Observation, ObservationId, Obstacle, PassThrough, Percent, PersonId, Refusal, Relation, Rules,
    RulesFault, SourceId, Standing,
};

use Relation::{Operated, Stated, Used};

const DOCUMENT: AttributeId = AttributeId(0);
const BOOKING: AttributeId = AttributeId(1);
const PHONE: AttributeId = AttributeId(2);
const DEVICE: AttributeId = AttributeId(3);
const ACCOUNT: AttributeId = AttributeId(4);
const ADDRESS: AttributeId = AttributeId(5);
const EMAIL: AttributeId = AttributeId(6);

const SEED: PersonId = PersonId(0);
const ANNA: PersonId = PersonId(1);
const BENO: PersonId = PersonId(2);

/// Who did what, from which day to which.
type Seen = (PersonId, Relation, AttributeId, i32, i32);

fn network(seen: &[Seen]) -> Network {
    with_seeds(&[SEED], seen)
}

fn with_seeds(seeds: &[PersonId], seen: &[Seen]) -> Network {
    let mut network = empty(Rules::default());
    let mut batch: Vec<Change> = seeds.iter().map(|seed| Change::Seed(*seed, Some(Cost::NONE))).collect();
    batch.extend((0..).zip(seen).map(|(id, seen)| Change::Observe(observation(id, *seen))));
    network.apply(&batch).expect("nothing to refuse");
    network
}

fn empty(rules: Rules) -> Network {
    let kinds: Vec<KindId> = (0..7).map(KindId).collect();
    let columns = Columns { kinds: &kinds, observations: [], seeds: &[], generic: &[], closed: &[] };
    Network::build(rules, columns).expect("nothing to refuse")
}

fn observation(id: u32, (person, relation, attribute, first, last): Seen) -> Observation {
    Observation {
        id: ObservationId(id),
        person,
        attribute,
        relation,
        interval: Interval::new(Some(Day(first)), Some(Day(last))).expect("first before last"),
        confidence: Percent::FULL,
        source: None,
    }
}

fn evidence(network: &Network, person: PersonId) -> Evidence {
    network.evidence(person).expect("there is evidence")
}

/// The strength of the evidence, in thousandths.
fn strength(network: &Network, person: PersonId) -> u32 {
    network.evidence(person).map_or(0, |evidence| (evidence.strength.millionths() + 500) / 1000)
}

/// From whom to whom evidence came, for each factor.
fn paths(network: &Network, person: PersonId) -> Vec<Vec<u32>> {
    let ids = |path: &[lookback_network::Step]| {
        path.iter().map(|step| step.from.0).chain(path.last().map(|step| step.to.0)).collect()
    };
    evidence(network, person).factors.iter().map(|factor| ids(&factor.path)).collect()
}

fn obstacles(network: &Network, person: PersonId) -> Vec<Obstacle> {
    network.ignored(person).iter().map(|ignored| ignored.obstacle).collect()
}

#[test]
fn meeting_on_one_day_links_and_the_day_after_does_not() {
    for (first, standing) in [(9, Standing::Moved), (10, Standing::Moved), (11, Standing::Unlinked)] {
        let network = network(&[(SEED, Operated, DOCUMENT, 1, 10), (ANNA, Used, DOCUMENT, first, 20)]);
        assert_eq!(network.standing(ANNA), standing, "from day {first}");
    }
    let before = network(&[(SEED, Operated, DOCUMENT, 10, 20), (ANNA, Used, DOCUMENT, 1, 9)]);
    assert_eq!(before.standing(ANNA), Standing::Unlinked);
}

#[test]
fn an_open_end_meets_whatever_is_on_its_side() {
    let mut network = empty(Rules::default());
    let open = Interval::new(Some(Day(5)), None).expect("an open end");
    let operated = observation(0, (SEED, Operated, DOCUMENT, 0, 0));
    network
        .apply(&[
            Change::Seed(SEED, Some(Cost::NONE)),
            Change::Observe(Observation { interval: open, ..operated }),
            Change::Observe(observation(1, (ANNA, Used, DOCUMENT, 9000, 9000))),
            Change::Observe(observation(2, (BENO, Used, DOCUMENT, 1, 4))),
        ])
        .expect("nothing to refuse");
    assert_eq!(network.standing(ANNA), Standing::Moved);
    assert_eq!(network.standing(BENO), Standing::Unlinked);
}

#[test]
fn after_a_gap_there_is_no_link_but_weaker_evidence_until_the_gap_is_too_long() {
    let after = |days: i32| network(&[(SEED, Operated, PHONE, 1, 10), (ANNA, Used, PHONE, 10 + days, 200)]);
    assert_eq!(strength(&after(0), ANNA), 600);
    for (days, expected) in [(1, 580), (30, 221), (90, 30)] {
        let network = after(days);
        assert_eq!(network.links(ANNA), []);
        assert_eq!(strength(&network, ANNA), expected, "{days} days");
        assert_eq!(evidence(&network, ANNA).factors[0].path[0].gap_days, days.cast_unsigned());
    }
    assert_eq!(after(91).evidence(ANNA), None);
    assert_eq!(obstacles(&after(91), ANNA), [Obstacle::OutOfTime]);
}

#[test]
fn a_seed_that_only_used_links_nobody_and_one_that_operated_links_users_and_operators() {
    for (theirs, own, standing) in [
        (Used, Used, Standing::Unlinked),
        (Used, Operated, Standing::Unlinked),
        (Operated, Used, Standing::Moved),
        (Operated, Operated, Standing::Moved),
    ] {
        let network = network(&[(SEED, theirs, DOCUMENT, 1, 10), (ANNA, own, DOCUMENT, 1, 10)]);
        assert_eq!(network.standing(ANNA), standing, "{theirs:?}, {own:?}");
        assert_eq!(strength(&network, ANNA), 950, "{theirs:?}, {own:?}");
    }
}

#[test]
fn what_is_only_stated_links_nobody_and_leads_as_a_statement() {
    for (theirs, own) in [(Operated, Stated), (Stated, Used), (Stated, Stated)] {
        let network = network(&[(SEED, theirs, DOCUMENT, 1, 10), (ANNA, own, DOCUMENT, 1, 10)]);
        assert_eq!(network.links(ANNA), []);
        assert_eq!(evidence(&network, ANNA).factors[0].family, FamilyId::STATEMENT);
    }
}

#[test]
fn it_takes_two_families_or_one_strong_kind() {
    let with = |attributes: &[AttributeId]| {
        let seen =
            |attribute: &AttributeId| [(SEED, Operated, *attribute, 1, 9), (ANNA, Used, *attribute, 1, 9)];
        network(&attributes.iter().flat_map(seen).collect::<Vec<_>>()).standing(ANNA)
    };
    assert_eq!(with(&[]), Standing::Unlinked);
    assert_eq!(with(&[DOCUMENT]), Standing::Moved);
    for one in [BOOKING, PHONE, DEVICE, ACCOUNT, ADDRESS, EMAIL] {
        assert_eq!(with(&[one]), Standing::Single, "{one:?}");
    }
    assert_eq!(with(&[PHONE, DEVICE]), Standing::Single);
    assert_eq!(with(&[PHONE, ADDRESS]), Standing::Moved);
    assert_eq!(with(&[BOOKING, EMAIL]), Standing::Moved);
    assert_eq!(with(&[DEVICE, ACCOUNT]), Standing::Moved);
}

#[test]
fn families_are_counted_over_all_seeds_together() {
    let network = with_seeds(
        &[SEED, BENO],
        &[
            (SEED, Operated, PHONE, 1, 9),
            (BENO, Operated, ADDRESS, 1, 9),
            (ANNA, Used, PHONE, 1, 9),
            (ANNA, Used, ADDRESS, 1, 9),
        ],
    );
    assert_eq!(network.standing(ANNA), Standing::Moved);
    let seeds: Vec<PersonId> = network.links(ANNA).iter().map(|link| link.seed).collect();
    assert_eq!(seeds, [SEED, BENO]);
}

#[test]
fn a_seed_can_be_linked_to_another_and_never_to_itself_and_is_where_evidence_starts() {
    let seen = [(SEED, Operated, DOCUMENT, 1, 9), (ANNA, Operated, DOCUMENT, 1, 9)];
    let both = with_seeds(&[SEED, ANNA], &seen);
    for (person, other) in [(SEED, ANNA), (ANNA, SEED)] {
        let seeds: Vec<PersonId> = both.links(person).iter().map(|link| link.seed).collect();
        assert_eq!(seeds, [other]);
        assert_eq!((both.evidence(person), both.ignored(person)), (None, Vec::new()));
    }
    assert_eq!(network(&seen).standing(SEED), Standing::Unlinked);
}

#[test]
fn a_generic_attribute_says_nothing_until_the_declaration_is_withdrawn() {
    let mut network = network(&[(SEED, Operated, DOCUMENT, 1, 9), (ANNA, Used, DOCUMENT, 1, 9)]);
    let affected = network.apply(&[Change::Generic(DOCUMENT, Generic::Declared)]).expect("nothing to refuse");
    assert_eq!(affected.links, [SEED, ANNA]);
    assert_eq!((network.standing(ANNA), network.evidence(ANNA)), (Standing::Unlinked, None));
    let ignored =
        Ignored { attribute: DOCUMENT, obstacle: Obstacle::Generic, neighbour: SEED, neighbours: 1 };
    assert_eq!(network.ignored(ANNA), [ignored]);
    network.apply(&[Change::Generic(DOCUMENT, Generic::No)]).expect("nothing to refuse");
    assert_eq!(network.standing(ANNA), Standing::Moved);
    assert_eq!(network.ignored(ANNA), []);
}

#[test]
fn use_by_more_than_the_cap_says_nothing_and_what_was_operated_links_however_many() {
    let crowd = |relation| {
        let users = (1..=8).map(|person| (PersonId(person), Used, DOCUMENT, 1, 9));
        network(&users.chain([(SEED, relation, DOCUMENT, 1, 9)]).collect::<Vec<_>>())
    };
    let used = crowd(Used);
    assert_eq!(used.evidence(ANNA), None);
    assert_eq!(obstacles(&used, ANNA), [Obstacle::Hub]);
    let operated = crowd(Operated);
    assert!((1..=8).map(PersonId).all(|person| operated.standing(person) == Standing::Moved));
    assert_eq!(strength(&operated, ANNA), 950);
}

#[test]
fn use_by_many_below_the_cap_is_discounted_by_the_band_and_operation_is_not() {
    let crowd = |relation, others: u32| {
        let users = (1..=others).map(|person| (PersonId(person), Used, DOCUMENT, 1, 9));
        let network = network(&users.chain([(SEED, relation, DOCUMENT, 1, 9)]).collect::<Vec<_>>());
        strength(&network, ANNA)
    };
    assert_eq!(crowd(Used, 1), 950);
    assert_eq!(crowd(Used, 2), 317);
    assert_eq!(crowd(Used, 3), 317);
    assert_eq!(crowd(Used, 7), 136);
    assert_eq!(crowd(Operated, 7), 950);
}

#[test]
fn evidence_goes_two_steps_forward_in_time_and_not_backward() {
    let seen = |first, last| {
        network(&[
            (SEED, Operated, PHONE, 50, 60),
            (ANNA, Used, PHONE, 55, 58),
            (ANNA, Used, DOCUMENT, 1, 100),
            (BENO, Used, DOCUMENT, first, last),
        ])
    };
    let later = seen(70, 80);
    assert_eq!(paths(&later, BENO), [[0, 1, 2]]);
    assert_eq!(strength(&later, BENO), 285);
    assert_eq!(later.standing(BENO), Standing::Unlinked);
    assert_eq!(evidence(&later, BENO).factors[0].path[1].arrival, Some(Day(70)));
    assert_eq!(paths(&seen(1, 55), BENO), [[0, 1, 2]]);
    assert_eq!(seen(1, 54).evidence(BENO), None);
    assert_eq!(obstacles(&seen(1, 54), BENO), [Obstacle::OutOfTime]);
}

#[test]
fn what_arrives_too_late_to_go_on_leaves_the_way_to_what_is_weaker_and_earlier() {
    let network = network(&[
        (SEED, Operated, DOCUMENT, 50, 60),
        (ANNA, Used, DOCUMENT, 50, 60),
        (SEED, Operated, ADDRESS, 1, 5),
        (ANNA, Used, ADDRESS, 1, 5),
        (ANNA, Used, PHONE, 10, 20),
        (BENO, Used, PHONE, 10, 20),
    ]);
    let arrivals: Vec<Option<Day>> = network.labels(ANNA, 1).iter().map(|label| label.arrival()).collect();
    assert_eq!(arrivals, [Some(Day(1)), Some(Day(50))]);
    assert_eq!(strength(&network, BENO), 120);
    assert_eq!(evidence(&network, BENO).factors[0].path[0].attribute, ADDRESS);
}

#[test]
fn what_reaches_somebody_who_hands_nothing_on_ends_there() {
    let seen = [
        (SEED, Operated, PHONE, 1, 9),
        (ANNA, Used, PHONE, 1, 9),
        (ANNA, Used, DOCUMENT, 1, 9),
        (BENO, Used, DOCUMENT, 1, 9),
    ];
    let mut network = network(&seen);
    assert!(network.evidence(BENO).is_some());
    let batch = [ANNA, SEED].map(|person| Change::PassThrough(person, PassThrough::Closed));
    let affected = network.apply(&batch).expect("nothing to refuse");
    assert_eq!((affected.links, affected.evidence), (vec![], vec![SEED, ANNA, BENO]));
    assert!(network.evidence(ANNA).is_some(), "a seed hands on nevertheless");
    assert_eq!(network.evidence(BENO), None);
    assert_eq!(obstacles(&network, BENO), [Obstacle::Closed]);
}

#[test]
fn a_path_that_changes_where_it_begins_concerns_whoever_it_ends_at() {
    let mut network = empty(Rules { steps: vec![Percent::FULL; 3], ..Rules::default() });
    let caro = PersonId(3);
    let seen = [
        (SEED, Operated, PHONE, 1, 9),
        (ANNA, Used, PHONE, 1, 9),
        (ANNA, Used, ADDRESS, 1, 9),
        (BENO, Used, ADDRESS, 1, 9),
        (BENO, Used, DOCUMENT, 1, 9),
        (caro, Used, DOCUMENT, 1, 9),
    ];
    let mut batch: Vec<Change> =
        (10..).zip(seen).map(|(id, seen)| Change::Observe(observation(id, seen))).collect();
    batch.push(Change::Seed(SEED, Some(Cost::NONE)));
    network.apply(&batch).expect("nothing to refuse");
    let begins = |network: &Network| evidence(network, caro).factors[0].path[0].to_observation;
    assert_eq!(begins(&network), ObservationId(11));
    let as_good = observation(5, (ANNA, Used, PHONE, 1, 9));
    let affected = network.apply(&[Change::Observe(as_good)]).expect("nothing to refuse");
    assert_eq!(begins(&network), ObservationId(5));
    assert!(affected.evidence.contains(&caro));
}

#[test]
fn families_add_up_repeats_do_not_and_one_report_counts_once() {
    let told_by = |sources: [Option<u32>; 3]| {
        let mut network = empty(Rules::default());
        let seed = [PHONE, PHONE, ADDRESS].map(|attribute| (SEED, Operated, attribute, 1, 9));
        let operated = (0..).zip(seed).zip(sources).map(|((id, seen), source)| {
            Change::Observe(Observation { source: source.map(SourceId), ..observation(id, seen) })
        });
        let used =
            (3..).zip([PHONE, ADDRESS]).map(|(id, attribute)| observation(id, (ANNA, Used, attribute, 1, 9)));
        let batch: Vec<Change> = operated.chain(used.map(Change::Observe)).collect();
        network.apply(&batch).expect("nothing to refuse");
        network.apply(&[Change::Seed(SEED, Some(Cost::NONE))]).expect("nothing to refuse");
        strength(&network, ANNA)
    };
    // 1 − (1 − .6)(1 − .4), and .6 alone where one report says both.
    assert_eq!(told_by([None, None, None]), 760);
    assert_eq!(told_by([Some(1), Some(2), Some(3)]), 760);
    assert_eq!(told_by([Some(1), Some(1), Some(1)]), 600);
    // The phone is in two reports, of which the smaller one is counted, and the address is in that one.
    assert_eq!(told_by([Some(1), Some(2), Some(1)]), 600);
    assert_eq!(told_by([Some(2), Some(1), Some(2)]), 760);
}

#[test]
fn what_is_weaker_than_the_cut_is_dropped() {
    let mut network = network(&[(SEED, Operated, PHONE, 1, 9), (ANNA, Used, PHONE, 1, 9)]);
    let at = |percent| Some(Cost(Cost::THOUSANDTH.0 - Cost::of(percent).0));
    let sixty = Percent::new(60).expect("a percentage");
    network.apply(&[Change::Seed(SEED, at(sixty))]).expect("nothing to refuse");
    assert_eq!(strength(&network, ANNA), 1);
    let weaker = at(sixty).map(|cost| Cost(cost.0 + 1));
    network.apply(&[Change::Seed(SEED, weaker)]).expect("nothing to refuse");
    assert_eq!(network.evidence(ANNA), None);
    assert_eq!(obstacles(&network, ANNA), [Obstacle::Weak]);
    assert_eq!(network.standing(ANNA), Standing::Single, "a link has no strength");
}

#[test]
fn a_contradiction_is_refused_and_nothing_is_done() {
    let mut network = network(&[(SEED, Operated, PHONE, 1, 9), (ANNA, Used, PHONE, 1, 9)]);
    let new = |id, person, attribute| Change::Observe(observation(id, (person, Used, attribute, 1, 9)));
    let seventh = AttributeId(7);
    let refused = [
        ([new(7, ANNA, PHONE), new(8, ANNA, seventh)], Refusal::Kind(seventh)),
        ([new(7, ANNA, PHONE), Change::Attribute(PHONE, KindId::DEVICE)], Refusal::Kind(PHONE)),
        ([new(7, ANNA, PHONE), Change::Attribute(seventh, KindId(7))], Refusal::Kind(seventh)),
        ([new(7, ANNA, PHONE), new(1, ANNA, PHONE)], Refusal::Observed(ObservationId(1))),
        ([new(7, ANNA, PHONE), new(7, ANNA, EMAIL)], Refusal::Observed(ObservationId(7))),
        ([new(7, ANNA, PHONE), new(7, BENO, PHONE)], Refusal::Observed(ObservationId(7))),
        (
            [new(7, ANNA, PHONE), Change::Retract(SEED, ObservationId(1))],
            Refusal::Retracted(ObservationId(1)),
        ),
        ([Change::Seed(ANNA, None), Change::Seed(ANNA, Some(Cost(3)))], Refusal::Person(ANNA)),
        (
            [PassThrough::Open, PassThrough::Closed].map(|pass| Change::PassThrough(ANNA, pass)),
            Refusal::Person(ANNA),
        ),
        (
            [Generic::No, Generic::Declared].map(|generic| Change::Generic(PHONE, generic)),
            Refusal::Attribute(PHONE),
        ),
    ];
    for (batch, refusal) in refused {
        assert_eq!(network.apply(&batch), Err(refusal));
        let ids: Vec<u32> = network.observations(ANNA).map(|observation| observation.id.0).collect();
        assert_eq!((ids, network.seed(ANNA)), (vec![1], None), "{refusal}");
    }
}

#[test]
fn what_cannot_be_built_is_refused() {
    let build = |rules, kinds: &[KindId], observations: &[Observation]| {
        let observations = observations.iter().copied();
        let columns = Columns { kinds, observations, seeds: &[], generic: &[], closed: &[] };
        Network::build(rules, columns).map(|_| ())
    };
    let seen = observation(3, (ANNA, Used, PHONE, 1, 9));
    let faulty = Rules { families_needed: 0, ..Rules::default() };
    assert_eq!(build(faulty, &[], &[]), Err(Refusal::Rules(RulesFault::FamiliesNeeded)));
    assert_eq!(build(Rules::default(), &[KindId(7)], &[]), Err(Refusal::Kind(AttributeId(0))));
    assert_eq!(build(Rules::default(), &[KindId(0); 2], &[seen]), Err(Refusal::Kind(PHONE)));
    assert_eq!(build(Rules::default(), &[KindId(0); 3], &[seen, seen]), Err(Refusal::Observed(seen.id)));
    assert_eq!(build(Rules::default(), &[KindId(0); 3], &[seen]), Ok(()));
}

#[test]
fn what_nobody_spoke_of_is_nothing() {
    let network = empty(Rules::default());
    let (nobody, nothing) = (PersonId(77), AttributeId(77));
    assert_eq!((network.standing(nobody), network.evidence(nobody)), (Standing::Unlinked, None));
    assert_eq!((network.observations(nobody).count(), network.members(nothing).len()), (0, 0));
    assert_eq!((network.kind(nothing), network.seed(nobody)), (None, None));
}
