//! Search by words that may be mistyped, in English and Chinese.
//!
//! Words of letters match whole, by their beginning, or with a mistake or two in longer ones. Chinese has no spaces, so
//! what is typed and what is found are compared by pairs of signs, and by single ones where no pair fits. A title counts
//! more than a description. All offers are compared in memory: a market of ten thousand offers takes milliseconds, and
//! there is no index to fall behind.

use std::collections::HashSet;

use strsim::osa_distance;

/// Words asked for at once.
const WORDS_MAX: usize = 8;
/// Signs of one word that are looked at.
const WORD_CHARS_MAX: usize = 40;

/// A text prepared for being searched.
#[derive(Clone, Debug, Default)]
pub(super) struct Text {
    words: HashSet<String>,
    pairs: HashSet<(char, char)>,
    signs: HashSet<char>,
}

/// What somebody asks for.
#[derive(Clone, Debug)]
pub(super) struct Question(Vec<Word>);

#[derive(Clone, Debug)]
enum Word {
    Letters(String),
    Han(Vec<char>),
}

const fn is_han(sign: char) -> bool {
    matches!(sign, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// Letters without marks that people leave out when they type.
fn plain(sign: char) -> char {
    match sign {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        other => other,
    }
}

fn split(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let (mut letters, mut han) = (String::new(), Vec::new());
    for sign in text.to_lowercase().chars().map(plain).chain([' ']) {
        let flush_letters = !sign.is_alphanumeric() || is_han(sign);
        if flush_letters && !letters.is_empty() {
            words.push(Word::Letters(std::mem::take(&mut letters)));
        }
        if !is_han(sign) && !han.is_empty() {
            words.push(Word::Han(std::mem::take(&mut han)));
        }
        if is_han(sign) {
            han.push(sign);
        } else if sign.is_alphanumeric() && letters.chars().count() < WORD_CHARS_MAX {
            letters.push(sign);
        }
    }
    words
}

impl Text {
    pub(super) fn new(text: &str) -> Self {
        let mut all = Self::default();
        for word in split(text) {
            match word {
                Word::Letters(letters) => {
                    all.words.insert(letters);
                }
                Word::Han(signs) => {
                    all.pairs.extend(signs.windows(2).map(|pair| (pair[0], pair[1])));
                    all.signs.extend(signs);
                }
            }
        }
        all
    }
}

impl Question {
    /// None where nothing is asked for.
    pub(super) fn new(text: &str) -> Option<Self> {
        let mut words = split(text);
        words.truncate(WORDS_MAX);
        (!words.is_empty()).then_some(Self(words))
    }

    /// How well an offer answers: its title, and everything else said of it. Zero where a word is not in it at all.
    pub(super) fn score(&self, title: &Text, rest: &Text) -> u32 {
        let mut sum = 0;
        for word in &self.0 {
            let score = (3 * word.found_in(title)).max(word.found_in(rest));
            if score == 0 {
                return 0;
            }
            sum += score;
        }
        sum
    }
}

impl Word {
    /// From zero, not at all, to ten, exactly.
    fn found_in(&self, text: &Text) -> u32 {
        match self {
            Self::Letters(letters) if text.words.contains(letters) => 10,
            Self::Letters(letters) => text.words.iter().map(|word| likeness(letters, word)).max().unwrap_or(0),
            Self::Han(signs) => han(signs, text),
        }
    }
}

/// How alike a typed word is to one that is not the same.
fn likeness(typed: &str, word: &str) -> u32 {
    let long = typed.chars().count();
    if long >= 2 && word.starts_with(typed) {
        return 8;
    }
    // Short words have no mistakes: too many others are as near.
    let mistakes_max = match long {
        0..=3 => return 0,
        4..=6 => 1,
        _ => 2,
    };
    // What was not typed to the end may be mistyped as well.
    let beginning: String = word.chars().take(long).collect();
    match osa_distance(typed, word).min(osa_distance(typed, &beginning) + 1) {
        mistakes if mistakes > mistakes_max => 0,
        1 => 6,
        _ => 4,
    }
}

/// Pairs that fit, as a part of all; single signs count less, and at least half of them must be there.
fn han(signs: &[char], text: &Text) -> u32 {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let there = count(signs.iter().filter(|sign| text.signs.contains(sign)).count());
    let all = count(signs.len());
    let pairs = signs.windows(2).filter(|pair| text.pairs.contains(&(pair[0], pair[1]))).count();
    match all {
        0 => 0,
        1 => there * 8,
        _ if count(pairs) == all - 1 => 10,
        _ if pairs > 0 && there * 2 >= all => (9 * count(pairs) / (all - 1)).max(3),
        // One of two signs is wrong, or they stand apart.
        _ if there * 2 >= all && there > 0 && all <= 3 => 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(asked: &str, title: &str) -> u32 {
        Question::new(asked).map_or(0, |question| question.score(&Text::new(title), &Text::default()))
    }

    #[test]
    fn mistakes_people_make_are_forgiven() {
        for (typed, title) in [
            ("jasmin", "Jasmine pearls"),
            ("jasmien", "Jasmine pearls"),
            ("teapto", "Side-handled teapot"),
            ("celedon", "Celadon vase"),
            ("viniger", "Eight-year aged vinegar"),
            ("sourdogh", "Sourdough rye loaf"),
            ("hand woven scarf", "Handwoven scarf, hand made, woven"),
            ("crème", "Creme bowl"),
            ("茉莉", "茉莉龙珠"),
            ("青瓷平", "青瓷瓶"),
            ("栗子密", "栗子蜜，500 克"),
            ("陈酷", "八年陈醋"),
        ] {
            assert!(score(typed, title) > 0, "{typed} should find {title}");
        }
    }

    #[test]
    fn other_words_are_not_found() {
        for (typed, title) in
            [("tea", "Teak bench leg"), ("scarf", "Celadon vase"), ("honey", "Money box"), ("茶壶", "蜂蜡烛六支")]
        {
            let found = score(typed, title);
            assert!(found < score(typed, &format!("{typed} {title}")), "{typed} in {title}: {found}");
        }
        assert_eq!(score("ink", "Pink jar"), 0);
        assert_eq!(score("茶壶", "蜂蜡烛六支"), 0);
        assert_eq!(score("lamp quilt", "Paper lamp"), 0, "every word has to be there");
    }

    #[test]
    fn the_nearer_is_the_better() {
        assert!(score("teapot", "Teapot") > score("teapot", "Teapots"));
        assert!(score("teapot", "Teapots") > score("teapto", "Teapot"));
        assert!(score("青瓷瓶", "青瓷瓶") > score("青瓷瓶", "青瓷碗"));
        let question = Question::new("lamp").unwrap();
        let (there, nothing) = (Text::new("a lamp"), Text::default());
        assert!(question.score(&there, &nothing) > question.score(&nothing, &there), "a title counts more");
        assert!(Question::new(" ,,— ").is_none());
    }
}
