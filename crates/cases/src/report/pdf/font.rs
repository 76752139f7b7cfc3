//! The standard fonts that every reader of PDF has: how wide their letters are, and which bytes stand for them.
//!
//! Widths are those of Adobe's font metrics, in thousandths of the size; letters beyond ASCII count as the mean of the small ones, which only
//! decides where a line breaks.

/// A standard font.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Font {
    /// Helvetica.
    Plain,
    /// Helvetica-Bold.
    Bold,
    /// Courier.
    Code,
}

const PLAIN: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
    500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
    556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
    278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];
const BOLD: [u16; 95] = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667, 611, 778, 722, 278,
    556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584,
    556, 333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556,
    333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
];
const OTHER: u16 = 556;
const COURIER: u16 = 600;

impl Font {
    /// All of them.
    pub(super) const ALL: [Self; 3] = [Self::Plain, Self::Bold, Self::Code];

    /// What the pages call it.
    pub(super) fn name(self) -> &'static [u8] {
        match self {
            Self::Plain => b"F1",
            Self::Bold => b"F2",
            Self::Code => b"F3",
        }
    }

    /// What every reader calls it.
    pub(super) fn base(self) -> &'static [u8] {
        match self {
            Self::Plain => b"Helvetica",
            Self::Bold => b"Helvetica-Bold",
            Self::Code => b"Courier",
        }
    }

    /// How wide a text is, in points.
    pub(super) fn width(self, text: &str, size: f32) -> f32 {
        let letter = |letter: char| {
            let place = (letter as usize).wrapping_sub(32);
            match self {
                Self::Code => COURIER,
                Self::Plain => PLAIN.get(place).copied().unwrap_or(OTHER),
                Self::Bold => BOLD.get(place).copied().unwrap_or(OTHER),
            }
        };
        text.chars().map(|sign| f32::from(letter(sign))).sum::<f32>() * size / 1000.0
    }

    /// Divides a text into lines that are no wider than this; a word that is wider is divided, too.
    pub(super) fn lines(self, text: &str, size: f32, width: f32) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = String::new();
        for word in text.split_whitespace() {
            let joined = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if self.width(&joined, size) <= width {
                line = joined;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for letter in word.chars() {
                line.push(letter);
                if self.width(&line, size) > width && line.chars().count() > 1 {
                    line.pop();
                    lines.push(std::mem::replace(&mut line, letter.to_string()));
                }
            }
        }
        if !line.is_empty() || lines.is_empty() {
            lines.push(line);
        }
        lines
    }
}

/// A text in the encoding of the fonts; what they do not have becomes a question mark.
pub(super) fn encoded(text: &str) -> Vec<u8> {
    text.chars().map(|letter| byte(letter).unwrap_or(b'?')).collect()
}

fn byte(letter: char) -> Option<u8> {
    Some(match letter {
        ' '..='~' | '\u{a0}'..='\u{ff}' => u8::try_from(u32::from(letter)).ok()?,
        '€' => 0x80,
        '…' => 0x85,
        'Š' => 0x8a,
        'Œ' => 0x8c,
        'Ž' => 0x8e,
        '‘' => 0x91,
        '’' => 0x92,
        '“' => 0x93,
        '”' => 0x94,
        '•' => 0x95,
        '–' | '−' => 0x96,
        '—' => 0x97,
        'š' => 0x9a,
        'œ' => 0x9c,
        'ž' => 0x9e,
        'Ÿ' => 0x9f,
        control if control.is_control() => b' ',
        _ => return None,
    })
}

/// Whether the fonts have every letter of a text.
pub(super) fn has(text: &str) -> bool {
    text.chars().all(|letter| byte(letter).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_no_wider_than_asked_and_lose_nothing() {
        let text = "one two threefourfivesixseveneightnineteneleventwelve thirteen";
        for font in Font::ALL {
            for width in [30.0, 60.0, 200.0] {
                let lines = font.lines(text, 10.0, width);
                assert!(lines.iter().all(|line| font.width(line, 10.0) <= width), "{lines:?}");
                let letters = |text: &str| text.chars().filter(|sign| *sign != ' ').collect::<String>();
                assert_eq!(letters(&lines.concat()), letters(text));
            }
        }
        assert_eq!(Font::Plain.lines("", 10.0, 30.0), [""]);
        assert!((Font::Plain.width("Ab1", 1000.0) - f32::from(667_u16 + 556 + 556)).abs() < 0.01);
    }

    #[test]
    fn what_the_fonts_do_not_have_is_a_question_mark() {
        assert_eq!(encoded("é – \u{7} Ж"), [0xe9, b' ', 0x96, b' ', b' ', b' ', b'?']);
        assert!(has("Ünlü “x”") && !has("Жук"));
    }
}
