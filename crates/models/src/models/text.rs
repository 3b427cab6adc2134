//! Harmful characters in single-line text.

/// Invisible characters: Unicode's default ignorable code points, and the blanks that are not white
/// space.
const INVISIBLE: [(char, char); 19] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{202a}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d159}', '\u{1d159}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// Whether the character is invisible by itself.
pub fn is_invisible(char: char) -> bool {
    let is_within = |(first, last): &(char, char)| (*first..=*last).contains(&char);
    char.is_whitespace() || char.is_control() || INVISIBLE.iter().any(is_within)
}

/// Whether the character ends a line, or overrides the direction of the following text. Such
/// characters make a name look like another one. (Direction marks, which Arabic and Hebrew need,
/// are harmless.)
pub const fn breaks_line(char: char) -> bool {
    matches!(
        char,
        '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_only_invisible_characters_are_recognized() {
        for text in ["\u{200b}", "\u{feff}\u{2060}", " \u{a0}", "\u{ad}\u{e0041}", "\u{3164}"] {
            assert!(text.chars().all(is_invisible), "{text:?}");
        }
        for text in ["a", "ﷺ", "\u{301}", "🏪", "👩\u{200d}👩", "न\u{200d}", "."] {
            assert!(!text.chars().all(is_invisible), "{text:?}");
        }
    }
}
