//! Reasons for rejects without personal data.
//!
//! In: a parser's error, which may repeat what it read. Out: the same sentence with values left out and names of fields kept.

/// What every reader says of a line that is too long.
pub(crate) const TOO_LONG: &str = "the row is longer than 16 MB";
/// What every reader says of a line in another encoding.
pub(crate) const NOT_UTF8: &str = "the row is not UTF-8";

/// What every reader of JSON says of a line that is nested deeper than the parser goes.
const TOO_DEEP: &str = "the row is JSON nested deeper than 128 levels";

/// A JSON parser's message without the values that it repeats.
pub(crate) fn without_values(message: &str) -> String {
    if message.starts_with("recursion limit exceeded") {
        return TOO_DEEP.to_owned();
    }
    let message = message.replace(" at line 1 column ", " at byte ");
    let quoted = leave_out(&message, '"', |inner, before, after| {
        let is_value = before.ends_with("string ") || after.starts_with(" is no");
        if is_value || !is_word(inner) { "…".to_owned() } else { format!("\"{inner}\"") }
    });
    leave_out(&quoted, '`', |inner, before, _| {
        let is_value =
            ["integer ", "floating point ", "boolean ", "character "].iter().any(|t| before.ends_with(t));
        if is_value || !is_word(inner) { "…".to_owned() } else { format!("`{inner}`") }
    })
}

/// A word of a format rather than of a person: short, and of the characters that fields have.
pub(crate) fn is_word(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'@'))
}

/// Rewrites every part of a text between two `mark`s, given what stands before and after it. A backslash escapes a mark.
fn leave_out(text: &str, mark: char, replace: impl Fn(&str, &str, &str) -> String) -> String {
    let (mut kept, mut rest) = (String::new(), text);
    while let Some(start) = rest.find(mark) {
        let inner = &rest[start + 1..];
        let Some(end) = closing(inner, mark) else {
            kept.push_str(&rest[..start]);
            kept.push('…');
            return kept;
        };
        kept.push_str(&rest[..start]);
        let replaced = replace(&inner[..end], &kept, &inner[end + 1..]);
        kept.push_str(&replaced);
        rest = &inner[end + 1..];
    }
    kept.push_str(rest);
    kept
}

fn closing(text: &str, mark: char) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, c)| {
        let found = c == mark && !escaped;
        escaped = c == '\\' && !escaped;
        found.then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_and_field_names_stay() {
        let cases = [
            ("missing field `id` at line 1 column 20", "missing field `id` at byte 20"),
            (
                "invalid type: string \"Ana \\\"Ani\\\" Velkova\", expected a sequence",
                "invalid type: string …, expected a sequence",
            ),
            ("\"1985-02-30\" is no date: write YYYY", "… is no date: write YYYY"),
            (
                "invalid type: integer `5550001`, expected a string",
                "invalid type: integer …, expected a string",
            ),
            ("unknown schema \"Ghost\"", "unknown schema \"Ghost\""),
            ("unknown schema \"Ana Velkova\"", "unknown schema …"),
            ("odd \" quote", "odd …"),
        ];
        for (message, expected) in cases {
            assert_eq!(without_values(message), expected);
        }
    }
}
