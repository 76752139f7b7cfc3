//! Attributes with very many persons cost what they must, in persons and pairs looked at: a count, so that no clock is needed.

use lookback_network::{
    Affected, AttributeId, Change, Columns, Cost, Interval, KindId, Network, Observation, ObservationId,
    Percent, PersonId, Relation, Rules, Standing,
};

const HUB: AttributeId = AttributeId(0);
const SEED: PersonId = PersonId(0);
const USERS: u32 = 100_000;

/// A telephone number that the seed used or operated, and a document of its own for every user.
fn network(relation: Relation) -> Network {
    let kinds: Vec<KindId> =
        (0..=USERS).map(|id| if id == 0 { KindId::PHONE } else { KindId::DOCUMENT }).collect();
    let documents = (1..=USERS).map(|id| observation(2 * id, PersonId(id), Relation::Used, AttributeId(id)));
    let observations = documents.chain([observation(1, SEED, relation, HUB)]);
    let columns =
        Columns { kinds: &kinds, observations, seeds: &[(SEED, Cost::NONE)], generic: &[], closed: &[] };
    Network::build(Rules::default(), columns).expect("nothing to refuse")
}

fn observation(id: u32, person: PersonId, relation: Relation, attribute: AttributeId) -> Observation {
    Observation {
        id: ObservationId(id),
        person,
        attribute,
        relation,
        interval: Interval::ALWAYS,
        confidence: Percent::FULL,
        source: None,
    }
}

fn arrive(network: &mut Network, user: u32) -> Affected {
    let seen = observation(2 * user + 1, PersonId(user), Relation::Used, HUB);
    network.apply(&[Change::Observe(seen)]).expect("nothing to refuse")
}

#[test]
fn users_of_a_hub_arrive_one_by_one_at_a_constant_price_and_it_leads_nowhere() {
    let mut network = network(Relation::Used);
    let below_the_cap: u64 = (1..64).map(|user| arrive(&mut network, user).looked_at).sum();
    assert!(below_the_cap < 4 * 64 * 64, "{below_the_cap}");
    let above_it = arrive(&mut network, 64);
    assert_eq!(above_it.evidence.len(), 65, "whoever was below it with the others");
    for user in 65..=USERS {
        let affected = arrive(&mut network, user);
        assert!(affected.looked_at <= 4, "{} at {user}", affected.looked_at);
        assert_eq!(affected.evidence, [PersonId(user)]);
    }
    assert_eq!(network.rarity(HUB), None);
    assert!((1..=USERS).all(|user| network.evidence(PersonId(user)).is_none()));
}

#[test]
fn users_of_an_operated_telephone_arrive_at_a_constant_price_and_all_of_them_are_linked() {
    let mut network = network(Relation::Operated);
    for user in 1..=USERS {
        let looked_at = arrive(&mut network, user).looked_at;
        assert!(user <= 64 || looked_at <= 12, "{looked_at} at {user}");
    }
    assert!((1..=USERS).all(|user| network.standing(PersonId(user)) == Standing::Single));
    // What the operator did concerns every user once at each layer, and nobody looks through the others.
    let affected = network.apply(&[Change::Retract(SEED, ObservationId(1))]).expect("nothing to refuse");
    assert_eq!(affected.links.len(), 1 + USERS as usize);
    assert!(affected.looked_at < 10 * u64::from(USERS), "{}", affected.looked_at);
    assert!((1..=USERS).all(|user| network.evidence(PersonId(user)).is_none()));
}
