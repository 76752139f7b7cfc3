//! Chains of affiliation: facilitator → group → offshoot → listed organisation.
//!
//! In: parties, those among them that are targets, and steps from one party to another, each put and taken out one by one. Out: the seeds
//! (parties from which a chain of steps leads to a target, targets among them) and the shortest chain of each.
//! Always holds: a step counts while both its ends are in; the answers depend on what is in, not on the order in which it came.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Parties and the steps between them, by ids of the caller's.
#[derive(Debug, Clone)]
pub struct Chains<I> {
    parties: BTreeSet<I>,
    targets: BTreeSet<I>,
    /// From a party: where to, by which relation.
    onward: BTreeMap<I, BTreeSet<(I, I)>>,
    /// To a party: where from, by which relation.
    back: BTreeMap<I, BTreeSet<(I, I)>>,
}

/// A way from a party to a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain<I> {
    /// Where it begins. A target begins and ends its own chain.
    pub from: I,
    /// Each relation and the party that it leads to.
    pub steps: Vec<(I, I)>,
}

impl<I: Ord + Clone> Chain<I> {
    /// Where it ends.
    pub fn target(&self) -> &I {
        self.steps.last().map_or(&self.from, |(_, party)| party)
    }

    /// Every party and relation on it, from its beginning on.
    pub fn ids(&self) -> impl Iterator<Item = &I> {
        std::iter::once(&self.from).chain(self.steps.iter().flat_map(|(relation, party)| [relation, party]))
    }
}

impl<I> Default for Chains<I> {
    fn default() -> Self {
        Self {
            parties: BTreeSet::new(),
            targets: BTreeSet::new(),
            onward: BTreeMap::new(),
            back: BTreeMap::new(),
        }
    }
}

impl<I: Ord + Clone> Chains<I> {
    /// A party; one that is a target already stays one.
    pub fn put_party(&mut self, party: I) {
        self.parties.insert(party);
    }

    /// A party in which chains end.
    pub fn put_target(&mut self, party: I) {
        self.targets.insert(party.clone());
        self.parties.insert(party);
    }

    /// The party is gone, and no target any longer; its steps wait for its return.
    pub fn take_party(&mut self, party: &I) {
        self.targets.remove(party);
        self.parties.remove(party);
    }

    /// A relation leads from one party to another. The parties may come later.
    pub fn put_step(&mut self, relation: I, from: I, to: I) {
        self.onward.entry(from.clone()).or_default().insert((to.clone(), relation.clone()));
        self.back.entry(to).or_default().insert((from, relation));
    }

    /// The relation is gone.
    pub fn take_step(&mut self, relation: &I, from: &I, to: &I) {
        let take = |side: &mut BTreeMap<I, BTreeSet<(I, I)>>, here: &I, there: &I| {
            if let Some(steps) = side.get_mut(here) {
                steps.remove(&(there.clone(), relation.clone()));
                if steps.is_empty() {
                    side.remove(here);
                }
            }
        };
        take(&mut self.onward, from, to);
        take(&mut self.back, to, from);
    }

    /// The parties in which chains end, by id.
    pub fn targets(&self) -> impl Iterator<Item = &I> {
        self.targets.iter()
    }

    /// Every step: where from, where to, by which relation; in this order.
    pub fn steps(&self) -> impl Iterator<Item = (&I, &I, &I)> {
        self.onward
            .iter()
            .flat_map(|(from, steps)| steps.iter().map(move |(to, relation)| (from, to, relation)))
    }

    /// Whether some step begins or ends at an id, or a target stands there: whether it matters what becomes of it.
    pub fn mentions(&self, id: &I) -> bool {
        self.onward.contains_key(id) || self.back.contains_key(id) || self.targets.contains(id)
    }

    /// The ends of steps that are no parties, yet or any longer.
    pub fn missing(&self) -> Vec<I> {
        let ends: BTreeSet<&I> = self.onward.keys().chain(self.back.keys()).collect();
        ends.into_iter().filter(|end| !self.parties.contains(*end)).cloned().collect()
    }

    /// Whatever steps lead from to any of these, whether it is a party or not; these among them.
    pub fn upstream(&self, ids: BTreeSet<I>) -> BTreeSet<I> {
        let mut waiting: Vec<I> = ids.iter().cloned().collect();
        let mut upstream = ids;
        while let Some(id) = waiting.pop() {
            for (from, _) in self.back.get(&id).into_iter().flatten() {
                if upstream.insert(from.clone()) {
                    waiting.push(from.clone());
                }
            }
        }
        upstream
    }

    /// Every party from which a chain leads to a target.
    pub fn seeds(&self) -> BTreeSet<I> {
        let mut seeds = self.targets.clone();
        let mut waiting: Vec<I> = seeds.iter().cloned().collect();
        while let Some(party) = waiting.pop() {
            for (from, _) in self.back.get(&party).into_iter().flatten() {
                if self.parties.contains(from) && seeds.insert(from.clone()) {
                    waiting.push(from.clone());
                }
            }
        }
        seeds
    }

    /// The shortest chain from a party to a target; of several the one whose ids, the party before the relation, come first.
    /// `None` when the party is not in or no chain leads on from it.
    pub fn chain(&self, party: &I) -> Option<Chain<I>> {
        self.chain_over(party, |_| true)
    }

    /// The same, over no other relations than those that carry it.
    pub fn chain_over(&self, party: &I, carries: impl Fn(&I) -> bool) -> Option<Chain<I>> {
        if !self.parties.contains(party) {
            return None;
        }
        let mut came_from: BTreeMap<&I, (&I, &I)> = BTreeMap::new();
        let mut waiting = VecDeque::from([party]);
        while let Some(here) = waiting.pop_front() {
            if self.targets.contains(here) {
                return Some(Self::traced(party, here, &came_from));
            }
            for (next, relation) in self.onward.get(here).into_iter().flatten() {
                let new = next != party && self.parties.contains(next) && !came_from.contains_key(next);
                if new && carries(relation) {
                    came_from.insert(next, (here, relation));
                    waiting.push_back(next);
                }
            }
        }
        None
    }

    fn traced(from: &I, target: &I, came_from: &BTreeMap<&I, (&I, &I)>) -> Chain<I> {
        let mut steps = Vec::new();
        let mut here = target;
        while here != from {
            let (before, relation) = came_from[here];
            steps.push((relation.clone(), here.clone()));
            here = before;
        }
        steps.reverse();
        Chain { from: from.clone(), steps }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed() -> Chains<&'static str> {
        let mut chains = Chains::default();
        chains.put_target("listed");
        for party in ["group", "offshoot", "facilitator", "brother"] {
            chains.put_party(party);
        }
        chains.put_step("r1", "facilitator", "group");
        chains.put_step("r2", "group", "offshoot");
        chains.put_step("r3", "offshoot", "listed");
        chains
    }

    fn ids(chains: &Chains<&'static str>, party: &'static str) -> Vec<&'static str> {
        chains.chain(&party).map_or_else(Vec::new, |chain| chain.ids().copied().collect())
    }

    #[test]
    fn a_chain_leads_forward_from_each_party_on_it() {
        let chains = listed();
        assert_eq!(
            chains.seeds().into_iter().collect::<Vec<_>>(),
            ["facilitator", "group", "listed", "offshoot"]
        );
        assert_eq!(
            ids(&chains, "facilitator"),
            ["facilitator", "r1", "group", "r2", "offshoot", "r3", "listed"]
        );
        assert_eq!(ids(&chains, "listed"), ["listed"]);
        assert_eq!(ids(&chains, "brother"), [""; 0]);
    }

    #[test]
    fn a_chain_breaks_with_a_party_a_step_or_the_target_and_mends_with_it() {
        let mut chains = listed();
        let whole = chains.seeds();
        chains.take_party(&"offshoot");
        assert_eq!(chains.seeds().into_iter().collect::<Vec<_>>(), ["listed"]);
        chains.put_party("offshoot");
        assert_eq!(chains.seeds(), whole);
        chains.take_step(&"r2", &"group", &"offshoot");
        assert_eq!(ids(&chains, "facilitator"), [""; 0]);
        chains.put_step("r2", "group", "offshoot");
        chains.take_party(&"listed");
        assert_eq!(chains.missing(), ["listed"]);
        chains.put_party("listed");
        assert_eq!(chains.seeds().len(), 0);
        chains.put_target("listed");
        assert_eq!(chains.seeds(), whole);
        assert!(chains.mentions(&"group") && !chains.mentions(&"brother"));
    }

    #[test]
    fn the_shortest_chain_is_told_and_of_two_the_first_in_order_of_ids() {
        let mut chains = listed();
        chains.put_step("r9", "facilitator", "offshoot");
        chains.put_step("r4", "facilitator", "offshoot");
        assert_eq!(ids(&chains, "facilitator"), ["facilitator", "r4", "offshoot", "r3", "listed"]);
        chains.put_party("branch");
        chains.put_step("r5", "branch", "listed");
        chains.put_step("r6", "facilitator", "branch");
        assert_eq!(ids(&chains, "facilitator"), ["facilitator", "r6", "branch", "r5", "listed"]);
    }

    #[test]
    fn a_chain_over_some_relations_is_the_shortest_of_those() {
        let mut chains = listed();
        chains.put_step("r4", "facilitator", "offshoot");
        let over = |without: &'static str| {
            let chain = chains.chain_over(&"facilitator", |relation| *relation != without);
            chain.map_or_else(Vec::new, |chain| chain.ids().copied().collect())
        };
        assert_eq!(over("r2"), ["facilitator", "r4", "offshoot", "r3", "listed"]);
        assert_eq!(over("r4"), ["facilitator", "r1", "group", "r2", "offshoot", "r3", "listed"]);
        assert_eq!(over("r3"), [""; 0]);
    }

    #[test]
    fn what_leads_to_a_party_is_known_though_a_party_between_is_gone() {
        let mut chains = listed();
        chains.take_party(&"group");
        chains.put_step("r8", "offshoot", "facilitator");
        let upstream = chains.upstream(["offshoot"].into());
        assert_eq!(upstream.into_iter().collect::<Vec<_>>(), ["facilitator", "group", "offshoot"]);
    }

    #[test]
    fn going_round_in_circles_ends() {
        let mut chains = listed();
        chains.put_step("r7", "offshoot", "facilitator");
        chains.put_step("r8", "brother", "brother");
        assert_eq!(chains.seeds().len(), 4);
        assert_eq!(ids(&chains, "brother"), [""; 0]);
    }
}
