//! A form: what a word looks and sounds like, all that the token relation may know of it.
//!
//! In goes folded text and what it was made of; everything else is derived from these two here, once:
//! spelling, class readings, skeletons, the hashes to compare them by, and the keys to find them by. Cloning is cheap.

use crate::border::Border;
use crate::edit;
use crate::fold::{self, Script};
use crate::glance::Glance;
use crate::groups::{self, Groups};
use crate::han;
use crate::inflection::{Inflection, inflection};
use crate::key::{Key, Side, hash};
use crate::phrases::Sense;
use crate::rewrite::{Letters, VARIANTS_MAX, Variants};
use crate::romanise::{Romanised, classes, classes_up_to, romanise};
use crate::skeleton::{self, Heard, Outline, Skeleton};
use crate::transcription::{self, Sign};
use crate::usage::Usage;
use smallvec::{SmallVec, smallvec};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

/// Folded text with its script facts. Equal forms stand in the same relations.
#[derive(Clone, Debug)]
pub struct Form {
    facts: Arc<Facts>,
    glance: Glance,
}

/// What the relation reads.
#[derive(Debug)]
pub(crate) struct Facts {
    text: Box<str>,
    made: Made,
    pub(crate) writing: Writing,
    /// Romanised letters; for an abjad one Latin letter of its own for each letter.
    pub(crate) spelling: Letters,
    /// Hash of `spelling`, or of the text where there is none.
    pub(crate) spelling_hash: u64,
    /// The first class reading.
    pub(crate) sound: Letters,
    /// Typing errors are looked for: not in joins, numbers and syllables.
    pub(crate) editable: bool,
    pub(crate) classes: SmallVec<[u64; 2]>,
    /// Class readings without vowel quality; of syllables, which relate by none, only for what they have in common with words.
    pub(crate) frames: SmallVec<[Skeleton; 2]>,
    /// The class readings, a bit each, that no two forms share without sharing a frame: they need no keys of their own.
    framed: u32,
    pub(crate) skeletons: SmallVec<[Skeleton; 2]>,
    /// First letters and first class letters, as bits: what an initial may stand for.
    pub(crate) onset: u64,
    /// How a word in letters may be joined with others; none where only the letters of the join tell.
    pub(crate) border: Option<Border>,
    /// Stem, gender and kind of an East Slavic name.
    pub(crate) inflection: Option<Inflection>,
    /// The groups of words written for one another that it is in.
    pub(crate) groups: Groups,
    /// Syllable signs, by what they may stand for in a foreign name; empty for a single sign and for letters.
    pub(crate) signs: Box<[Sign]>,
    /// What a transcription and what it transcribes have in common, of a word found when it is asked for. One side is looked for under the keys of
    /// the other.
    transcription: OnceLock<SmallVec<[u64; 2]>>,
    usage: OnceLock<Usage>,
}

/// What the text of a form was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Made {
    /// A word.
    Word,
    /// A word or phrase that is known by what it means.
    Meaning(Sense),
    /// Neighbouring words taken as one.
    Join,
    /// The first letters of neighbouring words.
    Initials,
}

/// How a script writes sounds, as far as the relation treats scripts differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writing {
    Alphabetic,
    Abjad,
    Syllabic,
}

impl Facts {
    /// What a transcription and what it transcribes have in common. No join in letters is looked for as a transcription.
    pub(crate) fn transcription(&self) -> &[u64] {
        self.transcription.get_or_init(|| {
            let mut keys = SmallVec::new();
            if !self.signs.is_empty() {
                transcription::sign_keys(&self.signs, |key| keys.push(key));
            } else if self.made != Made::Join {
                transcription::heard_keys(&self.sound, |key| keys.push(key));
            }
            keys
        })
    }

    /// The keys of the relations but typing errors that both sides look for alike.
    fn mutual_keys(&self) -> impl Iterator<Item = u64> {
        let unframed = self.classes.iter().enumerate().filter(|(place, _)| self.framed >> place & 1 == 0);
        let frames = self.frames.iter().map(|frame| frame.key);
        let groups = self.groups.iter().map(|group| hash(Key::Group, &group.to_le_bytes()));
        let inflection = self.inflection.map(|inflection| inflection.key);
        let readings = unframed.map(|(_, class)| *class).chain(frames);
        std::iter::once(self.spelling_hash).chain(readings).chain(groups).chain(inflection)
    }

    /// The skeletons as the forms of a side store them.
    fn skeletons_of(&self, side: Side) -> impl Iterator<Item = u64> {
        self.skeletons.iter().map(move |skeleton| side.stores(skeleton.key))
    }

    /// What a transcription and what it transcribes have in common, as the forms of a side store it.
    fn transcription_of(&self, side: Side) -> impl Iterator<Item = u64> {
        self.transcription().iter().map(move |key| side.stores(*key))
    }
}

impl Form {
    /// From folded text, as [`fold::words`] makes it; `joined` from several words.
    pub(crate) fn new(text: &str, joined: bool) -> Self {
        Self::made(text, if joined { Made::Join } else { Made::Word })
    }

    /// From folded text that stands for something.
    pub(crate) fn meaning(text: &str, sense: Option<Sense>) -> Self {
        Self::made(text, sense.map_or(Made::Word, Made::Meaning))
    }

    /// From the first letters of neighbouring words. It is related to the same letters as a word, and to nothing else.
    pub(crate) fn initials(letters: &str) -> Self {
        let (writing, spelling) = (Writing::Alphabetic, romanise(letters).spelling);
        let facts = Facts {
            text: letters.into(),
            made: Made::Initials,
            writing,
            spelling_hash: spelling_hash(letters, &spelling, writing),
            editable: false,
            frames: SmallVec::new(),
            framed: 0,
            transcription: SmallVec::new().into(),
            signs: Box::default(),
            sound: Letters::new(),
            skeletons: SmallVec::new(),
            onset: 0,
            border: None,
            inflection: None,
            groups: Groups::new(),
            classes: SmallVec::new(),
            spelling,
            usage: OnceLock::new(),
        };
        let (heard, _) = skeleton::heard(1, &smallvec![facts.spelling.clone()]);
        Self { glance: glance(&facts, &heard), facts: Arc::new(facts) }
    }

    fn made(text: &str, made: Made) -> Self {
        let joined = made == Made::Join;
        let writing = writing(text);
        let (Romanised { spelling, sounds, sure }, heard, sound) = match writing {
            Writing::Abjad => {
                let (spelling, heard) = skeleton::read_abjad(text);
                // An abjad writes no sounds that are romanised.
                (Romanised { spelling, sounds: Variants::new(), sure: false }, heard, Letters::new())
            }
            Writing::Syllabic => heard(read_signs(text), SIGN_READINGS_MAX),
            Writing::Alphabetic => heard(romanise(text), VARIANTS_MAX),
        };
        let readings = if writing == Writing::Abjad { &[][..] } else { &heard[..] };
        let may_join = !joined && sure && writing == Writing::Alphabetic && heard.len() < VARIANTS_MAX;
        let border = may_join.then(|| Border::of(text, &sounds, readings)).flatten();
        let signs = transcription::signs(text);
        let digits = spelling.iter().any(u8::is_ascii_digit);
        let classes: SmallVec<[u64; 2]> = readings.iter().map(Outline::class).collect();
        let facts = Facts {
            text: text.into(),
            made,
            writing,
            spelling_hash: spelling_hash(text, &spelling, writing),
            editable: !joined && !digits && writing != Writing::Syllabic,
            frames: skeleton::frames(readings, joined || writing == Writing::Syllabic),
            framed: skeleton::framed(readings),
            transcription: OnceLock::new(),
            signs,
            sound,
            skeletons: skeleton::skeletons(if writing == Writing::Syllabic {
                &heard[..heard.len().min(1)]
            } else {
                &heard
            }),
            onset: readings
                .iter()
                .map(Outline::first)
                .chain(spelling.first().copied())
                .fold(0, |bits, letter| bits | bit(letter)),
            border,
            inflection: (writing == Writing::Alphabetic).then(|| inflection(&spelling)).flatten(),
            groups: with_sense(known_groups(text, &classes, writing), made),
            classes,
            spelling,
            usage: OnceLock::new(),
        };
        if !facts.signs.is_empty() {
            // Whatever signs are compared with, this is asked for.
            facts.transcription();
        }
        Self { glance: glance(&facts, &heard), facts: Arc::new(facts) }
    }

    pub(crate) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// How the word is used in names.
    pub(crate) fn usage(&self) -> Usage {
        *self.facts.usage.get_or_init(|| Usage::of(self))
    }

    /// What tells most forms apart.
    pub(crate) fn glance(&self) -> &Glance {
        &self.glance
    }

    /// The folded text in its own script.
    pub fn text(&self) -> &str {
        &self.facts.text
    }

    /// The romanised letters, ASCII; for Arabic and Hebrew writing one Latin letter for each letter.
    pub fn spelling(&self) -> &str {
        std::str::from_utf8(&self.facts.spelling).expect("spellings are ASCII")
    }

    /// How the word may sound, a letter a sound, the usual reading first: spellings with a common reading are of one class. An abjad
    /// does not write its vowels, so it has none.
    pub fn readings(&self) -> Vec<String> {
        let readings = match self.facts.writing {
            Writing::Abjad => Variants::new(),
            Writing::Syllabic => classes_up_to(SIGN_READINGS_MAX, &read_signs(self.text()).sounds),
            Writing::Alphabetic => classes(&romanise(self.text()).sounds),
        };
        readings.iter().map(|reading| String::from_utf8_lossy(reading).into_owned()).collect()
    }

    /// How many groups of words written for one another it is in (`forms.tsv`, `name_forms.txt.gz`).
    pub fn groups(&self) -> usize {
        self.facts.groups.len()
    }

    /// True if the text was made of several words: joined, or their initials. Such forms forgive no typing errors and so have few keys.
    pub fn is_joined(&self) -> bool {
        matches!(self.facts.made, Made::Join | Made::Initials)
    }

    /// True if the text is the first letters of several words.
    pub(crate) fn is_initials(&self) -> bool {
        self.facts.made == Made::Initials
    }

    /// Keys to be found by: if two forms are related and not both joined, the keys of either meet the [probes](Form::probes) of the other. About
    /// six for a join, ten to forty for a word, never over 132 (signs with many readings). They are sorted, distinct, and the same on
    /// every machine and in every run.
    pub fn keys(&self) -> Keys {
        let facts = self.facts();
        let skeletons =
            facts.skeletons_of(if facts.writing == Writing::Abjad { Side::Abjad } else { Side::Vowelled });
        let transcription =
            facts.transcription_of(if facts.signs.is_empty() { Side::Word } else { Side::Signs });
        let mut keys: Keys = facts.mutual_keys().chain(skeletons).chain(transcription).collect();
        if self.is_joined() {
            keys.iter_mut().for_each(|key| *key = Side::Join.stores(*key));
        }
        self.add_edits(&mut keys);
        sorted(keys)
    }

    /// Keys to look for related forms under. They differ from [`Form::keys`] where the two sides of a relation differ: a
    /// transcription looks for words and a word for transcriptions, a script with vowels looks for consonants only in one without, and
    /// a join looks for words, but no word for itself alone.
    pub fn probes(&self) -> Keys {
        let facts = self.facts();
        let vowelled = (facts.writing == Writing::Abjad).then(|| facts.skeletons_of(Side::Vowelled));
        let skeletons = facts.skeletons_of(Side::Abjad).chain(vowelled.into_iter().flatten());
        let transcription =
            facts.transcription_of(if facts.signs.is_empty() { Side::Signs } else { Side::Word });
        let mut probes: Keys = facts.mutual_keys().chain(skeletons).chain(transcription).collect();
        if !self.is_joined() {
            for place in 0..probes.len() {
                probes.push(Side::Join.stores(probes[place]));
            }
        }
        self.add_edits(&mut probes);
        sorted(probes)
    }

    /// Adds the keys of typing errors, which both sides look for alike. Spellings and class readings share them: mostly they are the same.
    fn add_edits(&self, keys: &mut Keys) {
        let facts = self.facts();
        if !facts.editable {
            return;
        }
        let (one, two) = match facts.writing {
            Writing::Abjad => (Key::AbjadOneEdit, Key::AbjadTwoEdits),
            _ => (Key::OneEdit, Key::TwoEdits),
        };
        edit::neighbourhood(&facts.spelling, |for_two, text| {
            keys.push(hash(if for_two { two } else { one }, text));
        });
        edit::sound_neighbourhood(&facts.sound, |text| keys.push(hash(Key::OneEdit, text)));
    }

    /// Text from which [`Form::decode`] makes an equal form: the folded text, a join marked by `+` before it, initials by `*`, a
    /// meaning by `=` and its name after it.
    pub fn encode(&self) -> String {
        let mut encoded = String::with_capacity(self.facts.text.len() + 1);
        self.encode_into(&mut encoded);
        encoded
    }

    /// Appends what [`Form::encode`] gives.
    pub fn encode_into(&self, encoded: &mut String) {
        match self.facts.made {
            Made::Join => encoded.push('+'),
            Made::Initials => encoded.push('*'),
            Made::Word | Made::Meaning(_) => {}
        }
        encoded.push_str(&self.facts.text);
        if let Made::Meaning(sense) = self.facts.made {
            encoded.push('=');
            encoded.push_str(sense.name());
        }
    }

    /// The form that was encoded; none if the text cannot be one.
    pub fn decode(encoded: &str) -> Option<Self> {
        let (text, made) =
            match (encoded.strip_prefix('+'), encoded.strip_prefix('*'), encoded.split_once('=')) {
                (Some(text), ..) => (text, Made::Join),
                (_, Some(text), _) => (text, Made::Initials),
                (.., Some((text, sense))) => (text, Made::Meaning(Sense::named(sense)?)),
                _ => (encoded, Made::Word),
            };
        let form = || if made == Made::Initials { Self::initials(text) } else { Self::made(text, made) };
        fold::is_folded(text).then(form)
    }

    fn identity(&self) -> (&str, Made) {
        (&self.facts.text, self.facts.made)
    }
}

impl PartialEq for Form {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.facts, &other.facts) || self.identity() == other.identity()
    }
}

impl Eq for Form {}

impl PartialOrd for Form {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Form {
    fn cmp(&self, other: &Self) -> Ordering {
        self.identity().cmp(&other.identity())
    }
}

impl Hash for Form {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

pub(crate) fn writing(text: &str) -> Writing {
    let all = |wanted: Script| text.chars().all(|letter| fold::script(letter) == wanted);
    if text.is_ascii() {
        Writing::Alphabetic
    } else if all(Script::Abjad) {
        Writing::Abjad
    } else if all(Script::Syllabic) {
        Writing::Syllabic
    } else {
        Writing::Alphabetic
    }
}

/// A glance at facts that were found with these readings.
fn glance(facts: &Facts, readings: &[Outline]) -> Glance {
    let mut glance = Glance::default();
    for reading in readings {
        glance.add_reading(reading);
    }
    // Forms of one spelling have its first reading in common, if it is not left out for being one too many.
    if facts.writing == Writing::Alphabetic && readings.len() >= VARIANTS_MAX {
        let (spelt, _) = skeleton::heard(1, &smallvec![facts.spelling.clone()]);
        spelt.iter().for_each(|reading| glance.add_reading(reading));
    }
    if facts.writing == Writing::Abjad || glance.is_mute() {
        glance.add_spelling(facts.spelling_hash);
    }
    glance.add_groups(&facts.groups, facts.inflection);
    if facts.editable {
        glance.add_letters(&facts.spelling, &facts.sound);
    }
    if !facts.signs.is_empty() {
        glance.add_signs();
    }
    glance
}

/// Sorted and distinct keys.
type Keys = SmallVec<[u64; 32]>;

fn sorted(mut keys: Keys) -> Keys {
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// 24: four languages with what each leaves open.
const SIGN_READINGS_MAX: usize = 24;

/// A romanised text with what is heard in it.
fn heard(romanised: Romanised, most: usize) -> (Romanised, Heard, Letters) {
    let (heard, sound) = skeleton::heard(most, &romanised.sounds);
    (romanised, heard, sound)
}

/// The spelling and the sounds of a word of syllable signs.
fn read_signs(text: &str) -> Romanised {
    let sounds = han::romanisations(text).unwrap_or_else(|| romanise(text).sounds);
    Romanised { spelling: sounds.first().cloned().unwrap_or_default(), sounds, sure: false }
}

fn spelling_hash(text: &str, spelling: &Letters, writing: Writing) -> u64 {
    match writing {
        _ if spelling.is_empty() => hash(Key::Spelling, text.as_bytes()),
        Writing::Abjad => hash(Key::AbjadSpelling, spelling),
        _ => hash(Key::Spelling, spelling),
    }
}

fn known_groups(text: &str, classes: &[u64], writing: Writing) -> Groups {
    match (writing, classes) {
        (Writing::Alphabetic, [first, ..]) => groups::of_sound(*first),
        (Writing::Alphabetic, []) => Groups::new(),
        _ => groups::of_letters(text),
    }
}

fn with_sense(mut groups: Groups, made: Made) -> Groups {
    if let Made::Meaning(sense) = made {
        groups.push(sense.group());
    }
    groups
}

/// 26 bits for small letters, 26 for capitals, ten for digits.
fn bit(letter: u8) -> u64 {
    match letter {
        b'a'..=b'z' => 1 << (letter - b'a'),
        b'A'..=b'Z' => 1 << (26 + letter - b'A'),
        b'0'..=b'9' => 1 << (52 + letter - b'0'),
        _ => 1 << 62,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_few() {
        for (text, most) in
            [("zarin", 18), ("abdulrahmanov", 50), ("жуковский", 62), ("王", 24), ("محمد", 14)]
        {
            let keys = Form::new(text, false).keys();
            assert!(keys.len() <= most, "{text} {}", keys.len());
        }
        assert!(Form::new("abdulrahmanov", true).keys().len() <= 8);
    }

    #[test]
    fn decoding_takes_only_what_encoding_made() {
        let join = Form::new("alzarin", true);
        assert_eq!(Form::decode(&join.encode()), Some(join.clone()));
        assert_ne!(Form::decode("alzarin"), Some(join));
        assert_eq!(Form::decode("*abc"), Some(Form::initials("abc")));
        for text in ["", "+", "*", "=", "a=", "a=nothing", "A", "a b", "a'b", "😀"] {
            assert_eq!(Form::decode(text), None, "{text}");
        }
    }
}
