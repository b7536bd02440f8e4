mod operators;

mod predicates;

use std::ops::Range;

use super::mistake::{closest, sign_fault, word_fault};
use super::tree::{Look, Reach};
use super::{Aliases, Pattern, QueryError};
use crate::understand::text::words;

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
    /// `ATLEAST/n`.
    Times(usize),
    /// `ANY/n`; a bracket follows.
    Some(usize),
    /// Between the clauses of an `ANY`.
    Comma,
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
    Lang,
}

impl Field {
    const ALL: [(&'static str, Self); 7] = [
        ("title", Self::Title),
        ("text", Self::Text),
        ("author", Self::Author),
        ("link", Self::Link),
        ("feed", Self::Feed),
        ("tag", Self::Tag),
        ("lang", Self::Lang),
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
            Self::Lang => "lang",
        }
    }

    /// Takes a name or a part of an address, whatever its characters.
    pub(super) fn takes_name(self) -> bool {
        matches!(self, Self::Link | Self::Feed | Self::Tag | Self::Lang)
    }
}

/// Cuts a query into pieces. What is wrong with a piece goes to the errors, and a `Bad` takes its place.
pub(super) fn lex(source: &str, aliases: &Aliases) -> (Vec<Token>, Vec<QueryError>) {
    let mut lexer = Lexer { source, aliases, at: 0, list: None, tokens: Vec::new(), errors: Vec::new() };
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
    !name.is_empty() && !name.starts_with('=') && !name.contains(['*', ',']) && !name.contains(is_border)
}

struct Lexer<'a> {
    source: &'a str,
    aliases: &'a Aliases,
    at: usize,
    /// How many brackets are open since the outermost `ANY`; commas part clauses there.
    list: Option<usize>,
    tokens: Vec<Token>,
    errors: Vec<QueryError>,
}

impl<'a> Lexer<'a> {
    fn piece(&mut self, c: char) {
        match c {
            c if c.is_whitespace() => self.at += c.len_utf8(),
            '(' => {
                self.list = self.list.map(|depth| depth + 1);
                self.push_next(Kind::Open, 1);
            }
            ')' => {
                self.list = self.list.and_then(|depth| (depth > 1).then(|| depth - 1));
                self.push_next(Kind::Close, 1);
            }
            ',' if self.list.is_some() => self.push_next(Kind::Comma, 1),
            '|' => self.push_next(Kind::Or, 1),
            c if opens_quote(c) => self.phrase(),
            '”' => self.bad_next(c.len_utf8(), "this quote closes nothing", "write \"the words\""),
            '=' => self.exact(),
            '-' => self.minus(),
            '@' => self.alias(),
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

    /// The characters from `at` up to white space, a bracket, a bar or a quote.
    fn peek_run(&self, at: usize) -> &'a str {
        let rest = &self.source[at..];
        let bytes = rest.as_bytes();
        let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
        let parts_clauses = |at: usize| {
            self.list.is_some() && bytes[at] == b',' && !(digit(at.checked_sub(1)) && digit(at.checked_add(1)))
        };
        let end = rest.char_indices().find(|(at, c)| is_border(*c) || parts_clauses(*at));
        &rest[..end.map_or(rest.len(), |(at, _)| at)]
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
        } else if content.starts_with('@') {
            Some((
                "`=` and `@` exclude each other",
                "write @hungary: its names are found with the capitals that they have",
            ))
        } else if content.len() > 2 && content.starts_with('/') && content.ends_with('/') {
            Some(("`=` stands before a regular expression", "write /F16/ without it: capitals count there anyway"))
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

    /// A regular expression up to its closing slash, and its flags.
    fn regex(&mut self) {
        let mut escaped = false;
        let close = self.source[self.at + 1..].find(|c: char| {
            let closes = c == '/' && !escaped;
            escaped = c == '\\' && !escaped;
            closes
        });
        let Some(close) = close else {
            let length = self.peek_run(self.at).len().max(1);
            return self.bad_next(length, "this regular expression is never closed", "write /F-?16s?/");
        };
        let end = self.at + close + 2;
        let flags = self.peek_run(end);
        let span = self.at..end + flags.len();
        if !matches!(flags, "" | "i") {
            let hint = "write /…/i, which ignores case; within the slashes, write \\/ for a slash";
            return self.bad_next(span.len(), format!("`{flags}` means nothing behind a regular expression"), hint);
        }
        match Pattern::new(&self.source[self.at + 1..end - 1], flags == "i") {
            Ok(pattern) => self.push_next(Kind::Look(Look::Pattern(pattern)), span.len()),
            Err((message, hint)) => self.bad_next(span.len(), message, hint),
        }
    }

    fn alias(&mut self) {
        let run = self.peek_run(self.at);
        let alias = &run[1..];
        match self.aliases.names(alias) {
            Some(names) if alias.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_')) => {
                self.push_next(Kind::Look(Look::Alias { alias: alias.to_owned(), names }), run.len());
            }
            _ => {
                let (message, hint) = self.no_alias(alias, self.at + run.len());
                self.bad_next(run.len(), message, hint);
            }
        }
    }

    /// What to say of an alias that there is not, and that ends at `end`.
    fn no_alias(&self, alias: &str, end: usize) -> (String, String) {
        if !alias.is_empty() {
            let hint = match closest(alias, self.aliases.all()) {
                Some(known) => format!("did you mean @{known}?"),
                None => "it is a country or a large organisation: @hungary, @nato; or write the names".to_owned(),
            };
            return (format!("there is no alias `@{alias}`"), hint);
        }
        let quoted = self.source[end..].starts_with(opens_quote).then(|| self.peek_quoted(end)).flatten();
        let hint = match quoted {
            Some((name, _)) => {
                let alias = words(&name).map(|word| word.folded().into_owned()).collect::<Vec<_>>().join("-");
                match self.aliases.names(&alias) {
                    Some(_) => format!("write @{alias}: an alias stands in no quotes"),
                    None => "an alias stands in no quotes; for these very words, leave the `@` out".to_owned(),
                }
            }
            None => "write @hungary, with nothing between".to_owned(),
        };
        ("`@` stands before nothing".to_owned(), hint)
    }

    fn run(&mut self) {
        let run = self.peek_run(self.at);
        let length = run.len();
        if is_plain_word(run) && !self.source[self.at + length..].starts_with('(') {
            self.push_next(Kind::Look(Look::Word(run.to_owned())), length);
            return;
        }
        if self.operator(run) || self.counted(run) || self.predicate(run) || self.field(run) {
            return;
        }
        if let Some((message, hint)) = sign_fault(run) {
            let hint = match self.tokens.as_slice() {
                [.., Token { kind: Kind::Look(Look::Word(word)), .. }, Token { kind: Kind::Open, .. }]
                    if word == "amount" =>
                {
                    "write amount(>= 1bn EUR), with nothing before the bracket"
                }
                _ => hint,
            };
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
        let known = "title: text: author: link: feed: tag: lang:";
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
        } else if !quoted && name.len() > 2 && name.starts_with('/') && name.ends_with('/') && field != Field::Link {
            Some(format!("`{}:` knows no regular expressions", field.as_str()))
        } else {
            None
        };
        let kind = match fault {
            None => Kind::Name(name),
            Some(message) => {
                let hint = match field {
                    Field::Link => "it finds any part of an address: link:example.org/news",
                    Field::Lang => "it takes the code of a language: lang:en",
                    _ => "it compares the whole name: feed:alliance, tag:\"two words\"",
                };
                self.errors.push(QueryError::new(span.clone(), message, hint));
                Kind::Bad
            }
        };
        self.tokens.push(Token { kind, span });
    }
}

/// Nothing but small letters and digits: a word, and no operator or sign, unless a bracket follows.
fn is_plain_word(run: &str) -> bool {
    !run.is_empty() && run.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn ends_in_word(text: &str) -> bool {
    text.chars().next_back().is_some_and(char::is_alphanumeric)
}
