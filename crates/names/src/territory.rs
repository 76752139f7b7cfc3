//! Which country a text names, as forms are filled in: by its code, its name or its adjective in some language.
//!
//! In goes a text; out comes the two-letter code (or the longer one of a territory), or nothing. It takes no part in any comparison.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::name::NameKind;
use crate::{fold, table};

static CODES: LazyLock<FxHashMap<String, &'static str>> = LazyLock::new(|| {
    let mut codes = FxHashMap::default();
    for row in table::rows(table::TERRITORIES) {
        codes.entry(row[0].to_owned()).or_insert(row[0]);
        for name in row[1].split('|') {
            codes.entry(folded(name)).or_insert(row[0]);
        }
    }
    codes
});

/// The code of the country that a text names.
pub fn territory(text: &str) -> Option<&'static str> {
    let code = CODES.get(text.trim().to_lowercase().as_str());
    code.or_else(|| CODES.get(&folded(text))).copied()
}

fn folded(text: &str) -> String {
    let words = fold::words(text, NameKind::Organisation).words;
    words.iter().map(|word| word.form.text()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_known_by_code_name_and_adjective() {
        for (text, code) in
            [("RU", "ru"), ("Russia", "ru"), (" россия", "ru"), ("Deutschland", "de"), ("UK", "gb")]
        {
            assert_eq!(territory(text), Some(code), "{text}");
        }
        for text in ["", "Atlantis", "-"] {
            assert_eq!(territory(text), None, "{text}");
        }
    }
}
