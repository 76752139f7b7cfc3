//! What users type into a search box, read as they mean it.
//!
//! In: a text. Out: a question about words, phrases, fields and ranges, or why it is none. Words stand beside each other mean all of
//! them. Bounded: so long, so many parts, so deep; what is more is refused before it is parsed.

use std::fmt;

use tantivy_query_grammar::{
    Delimiter, Occur, UserInputAst, UserInputBound, UserInputLeaf, UserInputLiteral, parse_query_lenient,
};

use super::Field;
use super::words::{folded, words};

/// 10,000: pages of names are asked with `/match`; past it the parser would be given more than a person types.
const BYTES_MAX: usize = 10_000;
/// 1,024: as many clauses as the search engines that users know this from allow.
const PARTS_MAX: usize = 1_024;
/// 16: the parser calls itself for each.
const DEPTH_MAX: usize = 16;
/// 100: the parser looks from each for another that ends a regular expression.
const SLASHES_MAX: usize = 100;

/// A question about the text of entries.
#[derive(Debug, Clone, PartialEq)]
pub struct Query(pub(super) Node);

/// What a word followed by `~` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// The word itself.
    Exact,
    /// Words close to it, the longer it is the less close.
    Fuzzy,
}

/// Why a text is no question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryError {
    /// Too long, too many parts, or nested too deep.
    TooMuch,
    /// Something does not belong where it stands: the place, in characters, and what.
    Syntax(usize, String),
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMuch => f.write_str("the query is too long, has too many parts or nests too deep"),
            Self::Syntax(place, what) => write!(f, "the query cannot be read at character {place}: {what}"),
        }
    }
}

impl std::error::Error for QueryError {}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// Every entry.
    All,
    /// None.
    Nothing,
    /// A word, in a text field or anywhere.
    Word(Option<Field>, Term),
    /// Words beside each other in one value, with so many others between them.
    Phrase { field: Option<Field>, words: Vec<Term>, slop: usize },
    /// A whole value of a field.
    Value(Field, Term),
    /// A value between two bounds.
    Range(Field, Bounds),
    /// Any value of a field.
    Exists(Field),
    /// All of the first, and some of the second if the first are none, and none of the third.
    Clause { must: Vec<Node>, should: Vec<Node>, must_not: Vec<Node> },
    /// The same, worth more or less.
    Boost(Box<Node>, f64),
}

/// What a word may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Term {
    /// Itself.
    Is(String),
    /// Any that begins so.
    Begins(String),
    /// Any of this form: `*` is any signs, `?` is one.
    Like(String),
    /// Any that is at most so many edits away.
    Near(String, usize),
}

/// Both ends of a range; `true` where the end itself is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) lower: Option<(String, Edge)>,
    pub(super) upper: Option<(String, Edge)>,
}

/// Whether the end of a range is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    Within,
    Without,
}

impl Query {
    /// Every entry.
    pub fn all() -> Self {
        Self(Node::All)
    }

    /// Reads the syntax of Lucene as users write it: `+a -b`, `a AND b OR NOT c`, `"a b"~2`, `a*`, `a~1`, `field:a`, `field:[a TO b]`, `(…)^2`.
    pub fn parse(text: &str, syntax: Syntax) -> Result<Self, QueryError> {
        check_size(text)?;
        check_slashes(text)?;
        let (ast, errors) = parse_query_lenient(&in_words(text));
        match errors.into_iter().next() {
            Some(error) => Err(QueryError::Syntax(error.pos, error.message)),
            None => Ok(Self(node(ast, syntax))),
        }
    }

    /// Reads what anybody may type: `+` and `|` between words, `-` before one, quotes, a `*` at the end. All else is text.
    pub fn simple(text: &str) -> Result<Self, QueryError> {
        check_size(text)?;
        let mut plain = String::new();
        for letter in text.chars() {
            match letter {
                '|' => plain.push_str(" OR "),
                '+' => plain.push_str(" AND "),
                ':' | '[' | ']' | '{' | '}' | '^' | '/' | '\\' | '!' | '<' | '>' | '~' | '=' => {
                    plain.push(' ');
                }
                _ => plain.push(letter),
            }
        }
        Ok(Self(node(parse_query_lenient(&plain).0, Syntax::Exact)))
    }

    /// Names that have these words beside each other, the last of them begun.
    pub fn beginning(text: &str) -> Self {
        let mut terms: Vec<Term> = words(text).into_iter().take(64).map(Term::Is).collect();
        let Some(Term::Is(last)) = terms.pop() else { return Self(Node::Nothing) };
        terms.push(Term::Begins(last));
        Self(Node::Phrase { field: Some(Field::Names), words: terms, slop: 2 })
    }
}

fn check_size(text: &str) -> Result<(), QueryError> {
    let (mut depth, mut deepest) = (0_usize, 0);
    for letter in text.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    let parts = text.split(|letter: char| letter.is_whitespace() || "()+-!".contains(letter)).count();
    let slashes = text.matches('/').count();
    let too_much =
        text.len() > BYTES_MAX || deepest > DEPTH_MAX || parts > PARTS_MAX || slashes > SLASHES_MAX;
    if too_much { Err(QueryError::TooMuch) } else { Ok(()) }
}

/// Outside quotes and ranges a `/` begins a regular expression, which another has to end; `\/` is the sign itself.
fn check_slashes(text: &str) -> Result<(), QueryError> {
    let (mut quoted, mut in_range, mut begun) = (false, false, None);
    let mut letters = text.chars().enumerate();
    while let Some((place, letter)) = letters.next() {
        match letter {
            '\\' => drop(letters.next()),
            '/' if !quoted && !in_range => begun = if begun.is_some() { None } else { Some(place) },
            _ if begun.is_some() => {}
            '"' => quoted = !quoted,
            '[' | '{' if !quoted => in_range = true,
            ']' | '}' if !quoted => in_range = false,
            _ => {}
        }
    }
    let unended =
        |place| QueryError::Syntax(place, "a regular expression begins and does not end".to_owned());
    begun.map_or(Ok(()), |place| Err(unended(place)))
}

/// `&&`, `||` and `!` as the words that the parser knows.
fn in_words(text: &str) -> String {
    let word = |word: &str| match word {
        "&&" => "AND".to_owned(),
        "||" => "OR".to_owned(),
        "!" => "NOT".to_owned(),
        _ => word.strip_prefix('!').map_or_else(|| word.to_owned(), |rest| format!("-{rest}")),
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn node(ast: UserInputAst, syntax: Syntax) -> Node {
    match ast {
        UserInputAst::Boost(inner, by) => Node::Boost(Box::new(node(*inner, syntax)), by.into_inner()),
        UserInputAst::Leaf(leaf) => self::leaf(*leaf, syntax),
        UserInputAst::Clause(parts) => {
            let (mut must, mut should, mut must_not) = (Vec::new(), Vec::new(), Vec::new());
            for (occur, part) in parts {
                let part = node(part, syntax);
                match occur {
                    None | Some(Occur::Must) => must.push(part),
                    Some(Occur::Should) => should.push(part),
                    Some(Occur::MustNot) => must_not.push(part),
                }
            }
            match (must.len(), should.len(), must_not.len()) {
                (0, 0, 0) => Node::Nothing,
                (1, 0, 0) => must.remove(0),
                (0, 1, 0) => should.remove(0),
                _ => Node::Clause { must, should, must_not },
            }
        }
    }
}

fn leaf(leaf: UserInputLeaf, syntax: Syntax) -> Node {
    // A field that nobody has holds nothing.
    let of = |name: Option<String>| name.map(|name| Field::named(&name));
    match leaf {
        UserInputLeaf::All => Node::All,
        UserInputLeaf::Exists { field } => Field::named(&field).map_or(Node::Nothing, Node::Exists),
        UserInputLeaf::Literal(literal) => self::literal(literal, syntax),
        UserInputLeaf::Regex { .. } => Node::Nothing,
        UserInputLeaf::Set { field, elements } => {
            let Some(Some(field)) = of(field) else { return Node::Nothing };
            let one = |value: String| value_of(field.clone(), &value, syntax);
            Node::Clause { must: vec![], should: elements.into_iter().map(one).collect(), must_not: vec![] }
        }
        UserInputLeaf::Range { field, lower, upper } => {
            let Some(Some(field)) = of(field) else { return Node::Nothing };
            let bound = |bound| match bound {
                UserInputBound::Inclusive(value) => Some((folded(&value), Edge::Within)),
                UserInputBound::Exclusive(value) => Some((folded(&value), Edge::Without)),
                UserInputBound::Unbounded => None,
            };
            let bound = |of| bound(of).filter(|(value, _)| value != "*");
            Node::Range(field, Bounds { lower: bound(lower), upper: bound(upper) })
        }
    }
}

fn literal(literal: UserInputLiteral, syntax: Syntax) -> Node {
    let UserInputLiteral { field_name, phrase, delimiter, slop, prefix } = literal;
    let field = match field_name.as_deref() {
        None => None,
        Some("_exists_") => return Field::named(&phrase).map_or(Node::Nothing, Node::Exists),
        Some(name) => match Field::named(name) {
            Some(field) => Some(field),
            None => return Node::Nothing,
        },
    };
    if delimiter == Delimiter::None && phrase == "*" {
        return field.map_or(Node::All, Node::Exists);
    }
    match field {
        Some(field) if !field.is_text() => value_of(field, &phrase, syntax),
        _ if delimiter == Delimiter::None => unquoted(field, &phrase, syntax),
        _ => {
            let mut words: Vec<Term> = words(&phrase).into_iter().map(Term::Is).collect();
            if prefix && let Some(Term::Is(last)) = words.pop() {
                words.push(Term::Begins(last));
            }
            match words.len() {
                0 => Node::Nothing,
                1 => Node::Word(field, words.remove(0)),
                _ => Node::Phrase { field, words, slop: slop as usize },
            }
        }
    }
}

/// A word as typed: perhaps with a `~`, a `*` or a `?`. Where it is several words (`al-Qasr`), all of them.
fn unquoted(field: Option<Field>, text: &str, syntax: Syntax) -> Node {
    let mut terms = terms(text, syntax);
    match terms.len() {
        0 => Node::Nothing,
        1 => Node::Word(field, terms.remove(0)),
        _ => {
            let must = terms.into_iter().map(|term| Node::Word(field.clone(), term)).collect();
            Node::Clause { must, should: vec![], must_not: vec![] }
        }
    }
}

fn terms(text: &str, syntax: Syntax) -> Vec<Term> {
    if text.contains(['*', '?']) {
        let pieces = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '*' | '?' | '\'')));
        let pieces = pieces.map(folded).filter(|piece| !piece.is_empty());
        return pieces
            .map(|piece| if piece.contains(['*', '?']) { like(piece) } else { Term::Is(piece) })
            .collect();
    }
    let (text, edits) = match text.rsplit_once('~') {
        Some((word, "")) => (word, (syntax == Syntax::Fuzzy).then_some(None)),
        Some((word, edits)) => match edits.parse::<f64>() {
            Ok(edits) if edits >= 1.0 => (word, Some(Some(if edits < 2.0 { 1 } else { 2 }))),
            Ok(_) => (word, (syntax == Syntax::Fuzzy).then_some(None)),
            Err(_) => (text, None),
        },
        None => (text, None),
    };
    let term = |word: String| match edits {
        None => Term::Is(word),
        Some(edits) => {
            let of_length = match word.chars().count() {
                0..=2 => 0,
                3..=5 => 1,
                _ => 2,
            };
            Term::Near(word, edits.unwrap_or(of_length))
        }
    };
    words(text).into_iter().map(term).collect()
}

fn like(form: String) -> Term {
    match form.strip_suffix('*') {
        Some(start) if !start.is_empty() && !start.contains(['*', '?']) => Term::Begins(start.to_owned()),
        _ => Term::Like(form),
    }
}

/// A whole value of a field that is not read word by word.
fn value_of(field: Field, text: &str, syntax: Syntax) -> Node {
    if field.is_text() {
        return unquoted(Some(field), text, syntax);
    }
    let text = folded(text);
    let term = if text.contains(['*', '?']) { like(text) } else { Term::Is(text) };
    Node::Value(field, term)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_question_is_refused_with_the_place() {
        for text in ["(a", "a)", "\"a", "a:", "[", "-", "a/b", "/a\\/"] {
            assert!(matches!(Query::parse(text, Syntax::Exact), Err(QueryError::Syntax(..))), "{text}");
            assert!(Query::simple(text).is_ok(), "{text}");
        }
        for text in ["\"a/b\"", "a\\/b", "/a/"] {
            assert!(Query::parse(text, Syntax::Exact).is_ok(), "{text}");
        }
        for text in
            ["(".repeat(17), "a ".repeat(2_000), "a".repeat(20_000), "-".repeat(2_000), "/".repeat(101)]
        {
            assert_eq!(Query::parse(&text, Syntax::Exact), Err(QueryError::TooMuch));
        }
    }

    #[test]
    fn words_are_folded_and_forms_are_kept() {
        let word = |text: &str| Query::parse(text, Syntax::Fuzzy).unwrap().0;
        let is = |word: &str| Node::Word(None, Term::Is(word.into()));
        assert_eq!(word("Ström"), is("strom"));
        assert_eq!(word("O'Neil"), is("oneil"));
        assert_eq!(word("stro*"), Node::Word(None, Term::Begins("stro".into())));
        assert_eq!(word("st?o*m"), Node::Word(None, Term::Like("st?o*m".into())));
        assert_eq!(word("strom~"), Node::Word(None, Term::Near("strom".into(), 1)));
        assert_eq!(word("strom~2"), Node::Word(None, Term::Near("strom".into(), 2)));
        assert_eq!(Query::parse("strom~", Syntax::Exact).unwrap().0, is("strom"));
        assert_eq!(
            word("topics:role.pep"),
            Node::Value(Field::named("topics").unwrap(), Term::Is("role.pep".into()))
        );
        assert_eq!(word("shoeSize:41"), Node::Nothing);
        assert_eq!(word("*"), Node::All);
        assert_eq!(word("a && b"), word("a AND b"));
    }
}
