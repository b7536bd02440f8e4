use std::ops::Range;

use super::mistake::{closest, sign_fault, word_fault};
use super::tree::{Look, Reach};
use super::{QueryError, REACH_MAX};

/// One piece of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

/// What a piece is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Open,
    Close,
    Or,
    And,
    Not,
    Near {
        reach: Reach,
        ordered: bool,
    },
    Field(Field),
    Look(Look),
    /// A part of an address, the name of a feed or of a tag, behind its field.
    Name(String),
    /// Reported already; stands for an operand.
    Bad,
}

/// A field prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Title,
    Text,
    Author,
    Link,
    Feed,
    Tag,
}

impl Field {
    const ALL: [(&'static str, Self); 6] = [
        ("title", Self::Title),
        ("text", Self::Text),
        ("author", Self::Author),
        ("link", Self::Link),
        ("feed", Self::Feed),
        ("tag", Self::Tag),
    ];

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, field)| field)
    }

    /// The prefix without its colon.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Text => "text",
            Self::Author => "author",
            Self::Link => "link",
            Self::Feed => "feed",
            Self::Tag => "tag",
        }
    }

    /// Takes a name or a part of an address, whatever its characters.
    pub(super) fn takes_name(self) -> bool {
        matches!(self, Self::Link | Self::Feed | Self::Tag)
    }
}

/// Cuts a query into pieces. What is wrong with a piece goes to the errors, and a `Bad` takes its place.
pub(super) fn lex(source: &str) -> (Vec<Token>, Vec<QueryError>) {
    let mut lexer = Lexer { source, at: 0, tokens: Vec::new(), errors: Vec::new() };
    while let Some(c) = source[lexer.at..].chars().next() {
        lexer.piece(c);
    }
    (lexer.tokens, lexer.errors)
}

/// Ends a run of characters that belong together.
fn is_border(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')' | '|') || opens_quote(c) || c == '”'
}

fn opens_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '„')
}

/// Whether a name can be written without quotes.
pub(super) fn is_plain_name(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('=') && !name.contains('*') && !name.contains(is_border)
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    tokens: Vec<Token>,
    errors: Vec<QueryError>,
}

impl<'a> Lexer<'a> {
    fn piece(&mut self, c: char) {
        match c {
            c if c.is_whitespace() => self.at += c.len_utf8(),
            '(' => self.push_next(Kind::Open, 1),
            ')' => self.push_next(Kind::Close, 1),
            '|' => self.push_next(Kind::Or, 1),
            c if opens_quote(c) => self.phrase(),
            '”' => self.bad_next(c.len_utf8(), "this quote closes nothing", "write \"the words\""),
            '=' => self.exact(),
            '-' => self.minus(),
            '@' => self
                .bad_run("aliases (`@name`) are not available in this version", "write the names: (Orbán OR Budapest)"),
            '/' => self.regex(),
            _ => self.run(),
        }
    }

    fn push_next(&mut self, kind: Kind, length: usize) {
        self.tokens.push(Token { kind, span: self.at..self.at + length });
        self.at += length;
    }

    fn bad_next(&mut self, length: usize, message: impl Into<String>, hint: impl Into<String>) {
        self.errors.push(QueryError::new(self.at..self.at + length, message, hint));
        self.push_next(Kind::Bad, length);
    }

    fn bad_run(&mut self, message: impl Into<String>, hint: impl Into<String>) {
        let length = self.peek_run(self.at).len();
        self.bad_next(length, message, hint);
    }

    /// The characters from `at` up to white space, a bracket, a bar or a quote.
    fn peek_run(&self, at: usize) -> &'a str {
        let rest = &self.source[at..];
        &rest[..rest.find(is_border).unwrap_or(rest.len())]
    }

    /// What stands in the quotes that open at `at`, without its escapes, and where they end; `None` if they do not.
    fn peek_quoted(&self, at: usize) -> Option<(String, usize)> {
        let rest = &self.source[at..];
        let mut chars = rest.char_indices();
        let (_, open) = chars.next()?;
        let mut content = String::new();
        let mut escaped = false;
        for (offset, c) in chars {
            if escaped {
                if !(c == '\\' || opens_quote(c) || c == '”') {
                    content.push('\\');
                }
                content.push(c);
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == '"' || (open != '"' && matches!(c, '“' | '”')) {
                return Some((content, at + offset + c.len_utf8()));
            } else {
                content.push(c);
            }
        }
        None
    }

    /// Reads quotes that open here; reports them when they stay open.
    fn quoted(&mut self, start: usize) -> Option<String> {
        let open = self.at;
        if let Some((content, end)) = self.peek_quoted(open) {
            self.at = end;
            return Some(content);
        }
        let mark = self.source[open..].chars().next().map_or(0, char::len_utf8);
        self.errors.push(QueryError::new(open..open + mark, "this quote is never closed", "write \"the words\""));
        self.at = self.source.len();
        self.tokens.push(Token { kind: Kind::Bad, span: start..self.at });
        None
    }

    fn phrase(&mut self) {
        let start = self.at;
        let Some(content) = self.quoted(start) else { return };
        let span = start..self.at;
        let stars_stand_well = content
            .split_whitespace()
            .all(|piece| piece.find('*').is_none_or(|star| star + 1 == piece.len() && ends_in_word(&piece[..star])));
        let fault = if stars_stand_well {
            word_fault(&content)
        } else {
            Some(("a `*` stands at the end of a word", "write \"nuclear weapon*\""))
        };
        self.look(span, fault, Look::Phrase(content));
    }

    fn exact(&mut self) {
        let start = self.at;
        self.at += 1;
        let content = match self.source[self.at..].chars().next() {
            Some(c) if opens_quote(c) => match self.quoted(start) {
                Some(content) => content,
                None => return,
            },
            _ => {
                let run = self.peek_run(self.at);
                self.at += run.len();
                run.to_owned()
            }
        };
        let fault = if content.contains('*') {
            Some((
                "`=` and `*` exclude each other",
                "write =NATO for one spelling, or milit* for all words that begin so",
            ))
        } else if content.is_empty() {
            Some(("`=` stands before nothing", "write =NATO, with nothing between"))
        } else {
            word_fault(&content)
        };
        self.look(start..self.at, fault, Look::Exact(content));
    }

    fn minus(&mut self) {
        match self.source[self.at + 1..].chars().next() {
            Some(c) if !c.is_whitespace() && c != ')' && c != '|' => self.push_next(Kind::Not, 1),
            _ => self.bad_next(1, "`-` stands before nothing", "write -sport, with nothing between, or leave it out"),
        }
    }

    /// A regular expression, up to its closing slash if it has one, and its flags.
    fn regex(&mut self) {
        let mut escaped = false;
        let close = self.source[self.at + 1..].find(|c: char| {
            let closes = c == '/' && !escaped;
            escaped = c == '\\' && !escaped;
            closes
        });
        let length = match close {
            Some(close) => close + 2 + self.peek_run(self.at + close + 2).len(),
            None => self.peek_run(self.at).len(),
        };
        let hint = "use words, phrases and prefixes: F-16 OR F-16s";
        self.bad_next(length, "regular expressions (`/…/`) are not available in this version", hint);
    }

    fn run(&mut self) {
        let run = self.peek_run(self.at);
        let length = run.len();
        if self.operator(run) || self.unavailable(run) || self.field(run) {
            return;
        }
        if let Some((message, hint)) = sign_fault(run) {
            self.bad_next(length, message, hint);
            return;
        }
        let span = self.at..self.at + length;
        self.at += length;
        match run.find('*') {
            None => self.look(span, word_fault(run), Look::Word(run.to_owned())),
            Some(star) => {
                let begin = &run[..star];
                let fault = if begin.is_empty() {
                    Some(("`*` needs the letters that words begin with", "write milit*"))
                } else if star + 1 < run.len() || !ends_in_word(begin) {
                    Some(("a `*` stands at the end of a word", "write milit*"))
                } else {
                    word_fault(begin)
                };
                self.look(span, fault, Look::Prefix(begin.to_owned()));
            }
        }
    }

    fn look(&mut self, span: Range<usize>, fault: Option<(&str, &str)>, look: Look) {
        let kind = match fault {
            None => Kind::Look(look),
            Some((message, hint)) => {
                self.errors.push(QueryError::new(span.clone(), message, hint));
                Kind::Bad
            }
        };
        self.tokens.push(Token { kind, span });
    }

    fn operator(&mut self, run: &str) -> bool {
        let length = run.len();
        match run {
            "AND" => self.push_next(Kind::And, length),
            "OR" => self.push_next(Kind::Or, length),
            "NOT" => self.push_next(Kind::Not, length),
            "NEAR" | "BEFORE" | "PRE" => {
                let hint = format!("write {run}/8 (words), {run}/s (sentence) or {run}/p (paragraph)");
                self.bad_operator(length, &format!("`{run}` needs a distance"), &hint);
            }
            _ => return self.distance(run),
        }
        true
    }

    /// An operator with a fault in it; what follows is still its operand.
    fn bad_operator(&mut self, length: usize, message: &str, hint: &str) {
        self.errors.push(QueryError::new(self.at..self.at + length, message, hint));
        self.push_next(Kind::Near { reach: Reach::Sentence, ordered: false }, length);
    }

    fn distance(&mut self, run: &str) -> bool {
        let Some((name, reach)) = run.split_once('/') else { return false };
        let capitals = name.to_ascii_uppercase();
        let ordered = match capitals.as_str() {
            "NEAR" | "W" => false,
            "BEFORE" | "PRE" => true,
            _ => return false,
        };
        let number = !reach.is_empty() && reach.bytes().all(|byte| byte.is_ascii_digit());
        let known = number || reach.eq_ignore_ascii_case("s") || reach.eq_ignore_ascii_case("p");
        if name != capitals {
            // `w/o` and the like are words.
            if !known {
                return false;
            }
            self.bad_operator(run.len(), "operators are written in capitals", &format!("write {capitals}/{reach}"));
            return true;
        }
        let parsed = match reach {
            "s" | "S" => Some(Reach::Sentence),
            "p" | "P" => Some(Reach::Paragraph),
            _ if number => reach.parse().ok().filter(|words| (1..=REACH_MAX).contains(words)).map(Reach::Words),
            _ => None,
        };
        match parsed {
            Some(reach) => self.push_next(Kind::Near { reach, ordered }, run.len()),
            None if number => {
                let message = format!("a distance is a number of words from 1 to {REACH_MAX}");
                self.bad_operator(run.len(), &message, &format!("write {name}/8"));
            }
            None => {
                let hint = format!("write {name}/8 (words), {name}/s (sentence) or {name}/p (paragraph)");
                self.bad_operator(run.len(), &format!("`{reach}` is no distance"), &hint);
            }
        }
        true
    }

    /// Constructs that the language has and this version has not.
    fn unavailable(&mut self, run: &str) -> bool {
        let opens = |at: usize| self.source[at..].starts_with('(');
        let end = self.at + run.len();
        let message = match run {
            "event" | "act" | "amount" if opens(end) => format!("`{run}(…)` is not available in this version"),
            _ if is_counted(run, "ATLEAST") => "`ATLEAST/n` is not available in this version".to_owned(),
            _ if is_counted(run, "ANY") => "`ANY/n (…)` is not available in this version".to_owned(),
            _ if run.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("lang:")) => {
                "`lang:` is not available in this version".to_owned()
            }
            _ => return false,
        };
        let bracket = if is_counted(run, "ATLEAST") { end } else { end + blanks(&self.source[end..]) };
        let length = if opens(bracket) { self.bracket_end(bracket) - self.at } else { run.len() };
        self.bad_next(length, message, "use words, phrases, AND, OR, NOT and NEAR/n");
        true
    }

    /// Behind the bracket that closes the one at `open`, or the end.
    fn bracket_end(&self, open: usize) -> usize {
        let mut depth = 0_usize;
        for (offset, c) in self.source[open..].char_indices() {
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return open + offset + 1;
            }
        }
        self.source.len()
    }

    fn field(&mut self, run: &str) -> bool {
        let letters = run.bytes().take_while(u8::is_ascii_alphabetic).count();
        let name = &run[..letters];
        if letters == 0 || !run[letters..].starts_with(':') {
            if letters == run.len()
                && Field::from_word(name).is_some()
                && self.source[self.at + letters..].starts_with('(')
            {
                let hint = format!("write {name}:( … )");
                self.bad_next(letters, "a field ends in a colon", hint);
                return true;
            }
            return false;
        }
        if run[letters..].starts_with("://") {
            self.bad_next(run.len(), "an address is looked for with `link:`", format!("write link:{run}"));
            return true;
        }
        let Some(field) = Field::from_word(name) else {
            self.unknown_field(name, run);
            return true;
        };
        self.push_next(Kind::Field(field), letters + 1);
        if field.takes_name() {
            self.name(field);
        }
        true
    }

    fn unknown_field(&mut self, name: &str, run: &str) {
        let known = "title: text: author: link: feed: tag:";
        let hint = match closest(name, Field::ALL.map(|(field, _)| field)) {
            Some(field) => format!("did you mean `{field}:`?"),
            None => format!("the fields are {known}; as words, write \"{run}\""),
        };
        let message = format!("there is no field `{name}:`");
        self.errors.push(QueryError::new(self.at..self.at + name.len() + 1, message, hint));
        self.push_next(Kind::Bad, run.len());
    }

    /// The name or address part that follows its field at once, if there is one.
    fn name(&mut self, field: Field) {
        let start = self.at;
        let quoted = self.source[start..].starts_with(opens_quote);
        let name = if quoted {
            let Some(name) = self.quoted(start) else { return };
            name
        } else {
            let run = self.peek_run(start);
            if run.is_empty() {
                return;
            }
            self.at += run.len();
            run.to_owned()
        };
        let span = start..self.at;
        let fault = if name.trim().is_empty() {
            Some(format!("`{}:` looks for nothing", field.as_str()))
        } else if !quoted && !is_plain_name(&name) {
            Some(format!("`{}:` knows neither `*` nor `=`", field.as_str()))
        } else {
            None
        };
        let kind = match fault {
            None => Kind::Name(name),
            Some(message) => {
                let hint = match field {
                    Field::Link => "it finds any part of an address: link:example.org/news",
                    _ => "it compares the whole name: feed:alliance, tag:\"two words\"",
                };
                self.errors.push(QueryError::new(span.clone(), message, hint));
                Kind::Bad
            }
        };
        self.tokens.push(Token { kind, span });
    }
}

fn blanks(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

fn is_counted(run: &str, name: &str) -> bool {
    run.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'))
}

fn ends_in_word(text: &str) -> bool {
    text.chars().next_back().is_some_and(char::is_alphanumeric)
}
