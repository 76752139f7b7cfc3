//! Hard wrong pairs across two scripts, made from the labelled names when they are wanted and stored nowhere.
//!
//! In: labelled names with their persons. Out: for two scripts, pairs of names of different persons that share a word or have a similar one; the most
//! alike for each name. How alike is judged by how both persons are spelt in Latin letters elsewhere in the data, by common pairs of letters, and never by
//! the comparison that is measured. Left out is whoever could be the same person: where every word of one has a similar one in the
//! other, in any of their spellings. Same data, same pairs.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use any_ascii::any_ascii;

use super::pairs::{Named, Pair};

/// So many are asked for each two scripts.
const PAIRS_LEAST: usize = 5_000;
/// Most names of one script that are taken: of 1,000 with five others each there are enough.
const NAMES_MOST: usize = 1_000;
/// Most others that one name is paired with.
const OTHERS_MOST: usize = 300;
/// Scripts whose letters `any_ascii` spells much as people do; for others a person's Latin spelling must be known.
const SPELT_BY_LETTER: [&str; 4] = ["Latn", "Cyrl", "Geor", "Armn"];
/// Two words are shared from this likeness on, in hundredths.
const SHARED: usize = 60;
/// Two words may stand for one another from this likeness on.
const POSSIBLE: usize = 50;

/// Lower-case Latin words of a name, a letter for a letter; words of one letter say nothing.
pub(crate) fn words(name: &str) -> Vec<String> {
    let latin = any_ascii(name).to_lowercase();
    let words = latin.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.filter(|word| word.len() > 1).map(str::to_owned).collect()
}

/// A word as its place in the vocabulary.
type Word = usize;
/// How a person is spelt in Latin letters.
type Spelling = Vec<Word>;
/// Two neighbouring letters; the ends of a word count as letters.
type Bigram = [u8; 2];

/// Every word, and what it shares letters with.
#[derive(Default)]
struct Vocabulary {
    places: HashMap<String, Word>,
    bigrams: Vec<BTreeSet<Bigram>>,
}

impl Vocabulary {
    fn spelling(&mut self, name: &str) -> Spelling {
        words(name).into_iter().map(|word| self.place(word)).collect()
    }

    fn place(&mut self, word: String) -> Word {
        let bigrams = &mut self.bigrams;
        *self.places.entry(word).or_insert_with_key(|word| {
            let letters = [b"^", word.as_bytes(), b"$"].concat();
            bigrams.push(letters.windows(2).map(|pair| [pair[0], pair[1]]).collect());
            bigrams.len() - 1
        })
    }

    /// For each wanted word the words like it, in order, with their likeness in hundredths: Dice's coefficient, the share of
    /// letter pairs in common.
    fn alike(&self, wanted: &BTreeSet<Word>, words: &BTreeSet<Word>) -> Alike {
        let mut with: BTreeMap<Bigram, Vec<Word>> = BTreeMap::new();
        for &word in words {
            for &bigram in &self.bigrams[word] {
                with.entry(bigram).or_default().push(word);
            }
        }
        let mut alike = vec![Vec::new(); self.bigrams.len()];
        let mut common = vec![0_usize; self.bigrams.len()];
        for &word in wanted {
            let met: Vec<Word> =
                self.bigrams[word].iter().filter_map(|bigram| with.get(bigram)).flatten().copied().collect();
            for &other in &met {
                common[other] += 1;
            }
            for other in met {
                let common = std::mem::take(&mut common[other]);
                let likeness = 200 * common / (self.bigrams[word].len() + self.bigrams[other].len());
                if likeness >= POSSIBLE {
                    alike[word].push((other, likeness));
                }
            }
            alike[word].sort_unstable();
        }
        Alike(alike)
    }
}

/// Words of one side to like words of the other.
struct Alike(Vec<Vec<(Word, usize)>>);

impl Alike {
    /// The likeness of two words; 0 below [`POSSIBLE`].
    fn of(&self, left: Word, right: Word) -> usize {
        let row = &self.0[left];
        row.binary_search_by_key(&right, |&(word, _)| word).map_or(0, |place| row[place].1)
    }

    /// The mean of every word's best likeness; `None` if every word of one side may stand for a word of the other, so that
    /// the two could be one person.
    fn of_others(&self, left: &Spelling, right: &Spelling) -> Option<usize> {
        let lefts =
            left.iter().map(|&word| right.iter().map(|&other| self.of(word, other)).max().unwrap_or(0));
        let rights =
            right.iter().map(|&other| left.iter().map(|&word| self.of(word, other)).max().unwrap_or(0));
        let could_be_same = lefts.clone().all(|best| best > 0) || rights.clone().all(|best| best > 0);
        (!could_be_same).then(|| lefts.chain(rights).sum::<usize>() / (left.len() + right.len()))
    }
}

/// All labelled names whose Latin spelling is known, ready to be paired.
pub(crate) struct People<'a> {
    names: BTreeMap<&'a str, Vec<&'a Named>>,
    vocabulary: Vocabulary,
    spellings: BTreeMap<&'a str, Vec<Spelling>>,
}

impl<'a> People<'a> {
    pub(crate) fn of(pairs: &'a [Pair]) -> Self {
        let named: BTreeSet<&Named> = pairs.iter().flat_map(|pair| [&pair.query, &pair.target]).collect();
        let (names, vocabulary, spellings) = Default::default();
        let mut people = Self { names, vocabulary, spellings };
        named.iter().filter(|named| named.script == "Latn").for_each(|named| people.add_spelling(named));
        let spelt: BTreeSet<&str> = people.spellings.keys().copied().collect();
        let by_letter =
            |named: &&&Named| SPELT_BY_LETTER.contains(&&*named.script) && !spelt.contains(&*named.group);
        named.iter().filter(by_letter).for_each(|named| people.add_spelling(named));
        for named in named.into_iter().filter(|named| people.spellings.contains_key(&*named.group)) {
            people.names.entry(&named.script).or_default().push(named);
        }
        people
    }

    fn add_spelling(&mut self, named: &'a Named) {
        let spelling = self.vocabulary.spelling(&named.name);
        if !spelling.is_empty() {
            self.spellings.entry(&named.group).or_default().push(spelling);
        }
    }

    fn spellings(&self, named: &Named) -> &[Spelling] {
        &self.spellings[&*named.group]
    }

    /// Hard wrong pairs, a name of each script: of every name as many of the most alike as it takes to have enough.
    pub(crate) fn pairs(&self, left: &str, right: &str) -> Vec<(&'a str, &'a str)> {
        let (Some(lefts), Some(rights)) = (self.names.get(left), self.names.get(right)) else {
            return Vec::new();
        };
        let lefts: Vec<&Named> = lefts.iter().copied().step_by(lefts.len().div_ceil(NAMES_MOST)).collect();
        let others = Others::new(self, &lefts, rights);
        let ranked: Vec<Vec<&Named>> = lefts.iter().map(|named| others.most_alike(self, named)).collect();
        let count = |each: usize| ranked.iter().map(|others| others.len().min(each)).sum::<usize>();
        let each = (1..OTHERS_MOST).find(|&each| count(each) >= PAIRS_LEAST).unwrap_or(OTHERS_MOST);
        let named = lefts.iter().zip(&ranked);
        named
            .flat_map(|(named, others)| others.iter().take(each).map(|other| (&*named.name, &*other.name)))
            .collect()
    }
}

/// The names of one script, one of each person, by their words.
struct Others<'a> {
    persons: Vec<&'a Named>,
    /// For each word of the vocabulary, the places in `persons` of those who have it.
    having: Vec<Vec<usize>>,
    alike: Alike,
}

impl<'a> Others<'a> {
    fn new(people: &People<'a>, lefts: &[&Named], rights: &[&'a Named]) -> Self {
        let words = |named: &[&Named]| -> BTreeSet<Word> {
            named.iter().flat_map(|named| people.spellings(named)).flatten().copied().collect()
        };
        let alike = people.vocabulary.alike(&words(lefts), &words(rights));
        let persons: BTreeMap<&str, &Named> = rights.iter().map(|named| (&*named.group, *named)).collect();
        let persons: Vec<&Named> = persons.into_values().collect();
        let mut having = vec![Vec::new(); people.vocabulary.bigrams.len()];
        for (place, named) in persons.iter().enumerate() {
            for word in words(&[named]) {
                having[word].push(place);
            }
        }
        Self { persons, having, alike }
    }

    /// Other persons, surely other ones, who share a word with this name: the most alike first.
    fn most_alike(&self, people: &People<'a>, named: &Named) -> Vec<&'a Named> {
        let spellings = people.spellings(named);
        let alike = spellings.iter().flatten().flat_map(|&word| &self.alike.0[word]);
        let shared = alike.filter(|(_, likeness)| *likeness >= SHARED);
        let places: BTreeSet<usize> = shared.flat_map(|&(word, _)| &self.having[word]).copied().collect();
        let others =
            places.into_iter().map(|place| self.persons[place]).filter(|other| other.group != named.group);
        let likeness = |other: &Named| -> Option<usize> {
            let both = spellings
                .iter()
                .flat_map(|left| people.spellings(other).iter().map(move |right| (left, right)));
            let likeness: Option<Vec<usize>> =
                both.map(|(left, right)| self.alike.of_others(left, right)).collect();
            likeness?.into_iter().max()
        };
        let mut ranked: Vec<(usize, &Named)> =
            others.filter_map(|other| Some((likeness(other)?, other))).collect();
        ranked.sort_by(|left, right| right.0.cmp(&left.0).then(left.1.cmp(right.1)));
        ranked.into_iter().map(|(_, other)| other).take(OTHERS_MOST).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, script: &str, group: &str) -> Named {
        Named { name: name.to_owned(), script: script.to_owned(), group: group.to_owned() }
    }

    fn pair(query: Named, target: Named) -> Pair {
        Pair {
            same: query.group == target.group,
            query,
            target,
            country: String::new(),
            relation: String::new(),
        }
    }

    #[test]
    fn likeness_is_the_share_of_common_letter_pairs() {
        let mut vocabulary = Vocabulary::default();
        let words = ["zarin", "zaron", "mokk"].map(|word| vocabulary.place(word.to_owned()));
        let all = BTreeSet::from(words);
        let alike = vocabulary.alike(&all, &all);
        // ^z za ar ri in n$ and ^z za ar ro on n$: four of six and six.
        assert_eq!(alike.of(words[0], words[1]), 66);
        assert_eq!(alike.of(words[0], words[0]), 100);
        assert_eq!(alike.of(words[0], words[2]), 0);
        assert_eq!(alike.of_others(&vec![words[0], words[2]], &vec![words[1]]), None);
    }

    #[test]
    fn pairs_share_a_word_and_are_surely_of_others() {
        let pairs = [
            pair(named("Тома Зарин", "Cyrl", "1"), named("Toma Zarin", "Latn", "1")),
            // Perhaps the same; a namesake in one word; somebody else; the same word in a script that says nothing.
            pair(named("Thoma Zarin", "Latn", "2"), named("Zarin Belek", "Latn", "3")),
            pair(named("Ugo Mokk", "Latn", "4"), named("زارين", "Arab", "5")),
        ];
        let people = People::of(&pairs);
        assert_eq!(people.pairs("Cyrl", "Latn"), [("Тома Зарин", "Zarin Belek")]);
        assert_eq!(people.pairs("Arab", "Latn"), []);
    }
}
