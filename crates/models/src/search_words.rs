//! Words of texts, as searches for customers compare them.

use std::{collections::BTreeSet, iter};

use unicode_normalization::{
    UnicodeNormalization,
    char::{canonical_combining_class, is_combining_mark},
};

use crate::search_key::unstroke;

/// Longest word, in characters. The rest of a longer one is ignored.
pub const WORD_MAX: usize = 40;

/// Maximum number of words of a text. Further ones are ignored.
const WORDS_MAX: usize = 32;

/// The words of a text: `"Åse O’Brien-Łukasz"` has `"ase"`, `"obrien"` and `"lukasz"`.
///
/// Case is ignored, and so are accents of alphabets in which people leave them out (Latin, Greek, Cyrillic, Hebrew and
/// Arabic). In other scripts a mark makes another letter or syllable: `か` and `が` stay different, and Devanagari keeps
/// its signs.
pub fn words(text: &str) -> Vec<String> {
    words_of(&normalize(text))
}

fn words_of(normalized: &str) -> Vec<String> {
    let words = normalized.split(|char| !is_of_word(char)).filter(|word| !word.is_empty());
    words.map(|word| word.chars().take(WORD_MAX).collect()).take(WORDS_MAX).collect()
}

/// The separators between the letters of an abbreviation.
pub const ABBREVIATING: [char; 3] = ['.', '/', '&'];

/// Letters with separators between them as one word: `"a/s"` as `"as"`.
pub fn abbreviation(chunk: &str) -> Option<String> {
    let letters = chunk.split(ABBREVIATING).filter(|part| !part.is_empty());
    let is_letter = |part: &str| part.chars().all(char::is_alphabetic) && part.chars().count() == 1;
    (letters.clone().count() > 1 && letters.clone().all(is_letter)).then(|| letters.collect())
}

/// The words under which a text is found, each once. These are also:
/// - abbreviations without their separators: `"S.A."` is found by `"SA"`;
/// - the ends of words in scripts without spaces: `"山田太郎"` is found by `"太郎"`;
/// - names in such scripts without the spaces that separate their parts, the family name first or last: `"太郎 山田"` is
///   found by `"山田太郎"`.
pub fn indexed_words(text: &str) -> BTreeSet<String> {
    let normalized = normalize(text);
    let mut words = words_of(&normalized);
    words.extend(names_without_spaces(&words));
    let chunks = normalized.split(|char| !is_of_word(char) && !ABBREVIATING.contains(&char));
    words.extend(chunks.filter_map(abbreviation));
    let end_of = |word: &String, start: usize| word.get(start..).map(str::to_owned);
    let ends = words.iter().flat_map(|word| starts(word).filter_map(|start| end_of(word, start)));
    ends.take(2 * WORDS_MAX).collect()
}

/// Maximum number of words that people write as one in scripts without spaces.
const PARTS_MAX: usize = 4;

fn names_without_spaces(words: &[String]) -> Vec<String> {
    if !(2..=PARTS_MAX).contains(&words.len())
        || !words.iter().all(|word| is_written_unspaced(word))
    {
        return Vec::new();
    }
    let reversed: Vec<String> = words.iter().rev().cloned().collect();
    let joined = [words.concat(), reversed.concat()];
    joined.map(|name| name.chars().take(WORD_MAX).collect()).into()
}

/// Letters and digits only: `"NO 123.456 MVA"` becomes `"no123456mva"`.
pub fn without_separators(text: &str) -> String {
    let mut normalized = normalize(text);
    normalized.retain(is_of_word);
    normalized
}

/// The positions at which a name may begin within a text without separators: only the start or, in a script without
/// spaces, each character.
pub fn starts(word: &str) -> impl Iterator<Item = usize> {
    let is_unspaced = is_written_unspaced(word);
    let begins = move |char: char| is_unspaced && !is_combining_mark(char);
    let indices = word.char_indices();
    indices.filter(move |(start, char)| *start == 0 || begins(*char)).map(|(start, _)| start)
}

/// Whether a word begins in a script without spaces.
pub fn is_written_unspaced(word: &str) -> bool {
    word.chars().next().is_some_and(is_unspaced)
}

/// Whether the character separates words. Others belong to a word, like `㈱`, or are ignored.
pub fn is_separator(char: char) -> bool {
    !is_apostrophe(char) && !iter::once(char).nfkd().any(is_of_word)
}

/// Han, kana, Thai, Lao, Burmese and Khmer.
const fn is_unspaced(char: char) -> bool {
    matches!(char, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{20000}'..='\u{3ffff}' | '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}')
}

fn is_of_word(char: char) -> bool {
    char.is_alphanumeric() || is_combining_mark(char)
}

/// Ignores case, apostrophes, compatibility variants (like full width) and the accents that people leave out.
fn normalize(text: &str) -> String {
    if text.is_ascii() {
        // Most texts: nothing is decomposed.
        return text
            .chars()
            .filter(|char| !is_apostrophe(*char))
            .map(|it| it.to_ascii_lowercase())
            .collect();
    }
    let mut leaves_out_marks = false;
    // Apostrophes like `´` are decomposed to a space and a mark.
    text.chars()
        .filter(|char| !is_apostrophe(*char))
        .nfkd()
        .filter(|char| {
            if is_combining_mark(*char) {
                return !leaves_out_marks || canonical_combining_class(*char) == 0;
            }
            leaves_out_marks = has_optional_marks(*char);
            !is_apostrophe(*char)
        })
        // Upper case first: there "ß" is "SS", and "ς" is "Σ".
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        // The lower case of "İ" is "i" and a dot.
        .filter(|char| *char != '\u{307}')
        .flat_map(|char| unstroke(char).chars().chain(unstroke(char).is_empty().then_some(char)))
        .nfc()
        .collect()
}

/// Letters of Latin, Greek, Cyrillic, Hebrew and Arabic.
const fn has_optional_marks(char: char) -> bool {
    matches!(char, 'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{370}'..='\u{52f}'
        | '\u{590}'..='\u{6ff}')
}

/// Apostrophes and similar characters, and invisible ones.
const fn is_apostrophe(char: char) -> bool {
    matches!(char, '\'' | '`' | '\u{b4}' | '\u{5f3}' | '\u{2018}' | '\u{2019}')
        || matches!(char, '\u{2b9}'..='\u{2bc}')
        || is_invisible(char)
}

/// Joiners, marks of the direction of text, soft hyphens and selectors of glyphs, which are copied with texts.
pub const fn is_invisible(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{e0100}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_ignore_case_and_the_accents_that_people_leave_out() {
        for (text, expected) in [
            ("Søren Åse ÆRØ", "soren ase aero"),
            ("Straße STRASSE", "strasse strasse"),
            ("İstanbul ISPARTA ılıca", "istanbul isparta ilica"),
            ("Nguyễn Thị Đào", "nguyen thi dao"),
            ("Ἀθῆναι ΟΔΟΣ οδός", "αθηναι οδοσ οδοσ"),
            ("Ёлка йод", "елка иод"),
            ("か が カ ガ ｶﾞ", "か が カ ガ ガ"),
            ("हिन्दी", "हिन्दी"),
            ("한국어", "한국어"),
            ("مُحَمَّد", "محمد"),
            ("O'Brien O’Brien O´Brien O`Brien", "obrien obrien obrien obrien"),
            ("ג׳ון ג'ון", "גון גון"),
            ("葛\u{e0100}城", "葛城"),
            ("Hydro A/S, S.A. 1/2", "hydro a s s a 1 2"),
            ("בע\"מ בע״מ", "בע מ בע מ"),
            ("Smith-Jones, Ltd. (North)", "smith jones ltd north"),
            ("ＦＵＬＬ　ｗｉｄｔｈ １２", "full width 12"),
            ("-- / --", ""),
            ("", ""),
        ] {
            assert_eq!(words(text).join(" "), expected, "{text}");
        }
        assert_eq!(words(&"a".repeat(300)), ["a".repeat(WORD_MAX)]);
        assert_eq!(words(&"a ".repeat(300)).len(), WORDS_MAX);
    }

    #[test]
    fn names_without_spaces_are_found_by_their_ends() {
        let words: Vec<String> = indexed_words("山田太郎").into_iter().collect();
        assert_eq!(words, ["太郎", "山田太郎", "田太郎", "郎"]);
        assert_eq!(indexed_words("Ana").into_iter().collect::<Vec<_>>(), ["ana"]);
        let words: Vec<String> = indexed_words("花子 佐藤").into_iter().collect();
        assert_eq!(words, ["佐藤", "佐藤花子", "子", "子佐藤", "花子", "花子佐藤", "藤", "藤花子"]);
        let words: Vec<String> = indexed_words("A/S Øl S.A.").into_iter().collect();
        assert_eq!(words, ["a", "as", "ol", "s", "sa"]);
        assert_eq!(without_separators("NO 123.456 MVA"), "no123456mva");
        assert_eq!(without_separators(&"ab-".repeat(50)), "ab".repeat(50));
    }
}
