//! A table and a value as typed, with their places. Nothing here knows what a value means.

use std::fmt::Write as _;
use std::ops::{Range, RangeInclusive};
use std::path::Path;
use std::sync::{Arc, LazyLock};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::finding::{Finding, Findings, Place};
use super::quoted;
use super::reference::{self, Key, Section};
use super::source::Source;

/// A table, written or absent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table<'a> {
    section: &'static Section,
    source: &'a Arc<Source>,
    header: Option<&'a Spanned<DeValue<'a>>>,
    entries: Option<&'a DeTable<'a>>,
}

/// A value, written or by default.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value<'a> {
    key: &'static Key,
    source: &'a Arc<Source>,
    written: &'a Spanned<DeValue<'a>>,
}

/// Why a text is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) hint: Option<String>,
    /// The bytes of the text that are at fault; all of them where absent.
    pub(super) at: Option<Range<usize>>,
}

impl Fault {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, at: None }
    }

    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    #[must_use]
    pub(super) fn at(mut self, at: Range<usize>) -> Self {
        self.at = Some(at);
        self
    }
}

impl<'a> Table<'a> {
    pub(super) fn new(section: &'static Section, source: &'a Arc<Source>, header: &'a Spanned<DeValue<'a>>) -> Self {
        Self { section, source, header: Some(header), entries: header.get_ref().as_table() }
    }

    /// A table that nobody wrote: all its keys have their defaults.
    pub(super) fn absent(section: &'static Section, source: &'a Arc<Source>) -> Self {
        Self { section, source, header: None, entries: None }
    }

    pub(super) fn section(&self) -> &'static Section {
        self.section
    }

    /// Its header.
    pub(super) fn place(&self) -> Place {
        Place { source: Arc::clone(self.source), span: self.header.map_or(0..0, Spanned::span) }
    }

    /// The value of `key` as written.
    pub(super) fn written(&self, key: &str) -> Option<Value<'a>> {
        debug_assert!(self.section.key(key).is_some(), "only declared keys are read");
        let written = self.entries?.get(key)?;
        Some(Value { key: self.declared(key), source: self.source, written })
    }

    /// The value of `key` as written, else its default.
    pub(super) fn value(&self, key: &str) -> Option<Value<'a>> {
        static NOWHERE: LazyLock<Arc<Source>> =
            LazyLock::new(|| Arc::new(Source::new("the default", Path::new("/"), usize::MAX, "")));
        self.written(key).or_else(|| {
            let key = self.declared(key);
            Some(Value { key, source: &NOWHERE, written: reference::default_of(key)? })
        })
    }

    /// The value of a key that must be written; a finding where it is not.
    pub(super) fn required(&self, key: &str, out: &mut Findings) -> Option<Value<'a>> {
        let value = self.written(key);
        if value.is_none() {
            let key = self.declared(key);
            let message = format!("{} lacks `{}`", self.section.header, key.name);
            let hint = format!("write {} = {}", key.name, key.example);
            out.push(Finding::error(&self.place(), message).hint(hint).tentative());
        }
        value
    }

    /// A finding for each key that is not declared.
    pub(super) fn find_strangers(&self, out: &mut Findings) {
        for (key, value) in self.entries.into_iter().flatten() {
            if out.is_hopeless() {
                return;
            }
            let name = key.get_ref().as_ref();
            if self.section.key(name).is_some() {
                continue;
            }
            let is_subtable = reference::SECTIONS.iter().any(|other| {
                other.name().split_once('.') == Some((self.section.name(), name))
                    && !other.is_list()
                    && value.get_ref().is_table()
            });
            if !is_subtable {
                let place = Place { source: Arc::clone(self.source), span: key.span() };
                out.push(stranger(self.section, name, &place));
            }
        }
    }

    fn declared(&self, key: &str) -> &'static Key {
        self.section.key(key).expect("only declared keys are read")
    }
}

fn stranger(section: &Section, name: &str, place: &Place) -> Finding {
    let finding = Finding::error(place, format!("{} has no key `{name}`", section.header)).tentative();
    if let Some(near) = reference::nearest(name, section.keys.iter().map(|key| key.name)) {
        return finding.hint(format!("did you mean `{near}`?"));
    }
    if let Some(other) = reference::SECTIONS.iter().find(|other| other.key(name).is_some()) {
        return finding.hint(format!("`{name}` belongs in {}", other.header));
    }
    let names: Vec<_> = section.keys.iter().map(|key| key.name).collect();
    finding.hint(format!("its keys are {}", names.join(", ")))
}

impl<'a> Value<'a> {
    pub(super) fn place(&self) -> Place {
        Place { source: Arc::clone(self.source), span: self.written.span() }
    }

    /// The directory that a relative path begins at.
    pub(super) fn base(&self) -> &'a Path {
        &self.source.base
    }

    pub(super) fn key(&self) -> &'static str {
        self.key.name
    }

    pub(super) fn error(&self, message: impl AsRef<str>) -> Finding {
        Finding::error(&self.place(), message)
    }

    /// What is wrong with its text, at the bytes that are at fault.
    pub(super) fn fault(&self, fault: &Fault) -> Finding {
        let message = format!("`{}`: {}", self.key.name, fault.message);
        let finding = Finding::error(&self.place_of(fault.at.as_ref()), message);
        match &fault.hint {
            Some(hint) => finding.hint(hint),
            None => finding,
        }
    }

    /// The place of some bytes of its text.
    pub(super) fn place_of(&self, bytes: Option<&Range<usize>>) -> Place {
        let whole = self.written.span();
        let part = || {
            let raw = self.source.text.get(whole.clone())?;
            let found = quoted::as_written(raw, self.written.get_ref().as_str()?, bytes?)?;
            Some(whole.start + found.start..whole.start + found.end)
        };
        Place { source: Arc::clone(self.source), span: part().unwrap_or(whole) }
    }

    /// A text that `check` takes.
    pub(super) fn checked<T>(&self, out: &mut Findings, check: impl FnOnce(&'a str) -> Result<T, Fault>) -> Option<T> {
        let text = self.text(out)?;
        check(text).map_err(|fault| out.push(self.fault(&fault))).ok()
    }

    /// As [`Value::checked`], and a whole number is shown to `check` as its digits, to be told what is missing.
    pub(super) fn quantity<T>(&self, out: &mut Findings, check: impl FnOnce(&str) -> Result<T, Fault>) -> Option<T> {
        let Some(number) = self.written.get_ref().as_integer() else { return self.checked(out, check) };
        match check(number.as_str()) {
            Ok(_) => self.wrong("text in quotes", out),
            Err(fault) => {
                out.push(self.fault(&fault));
                None
            }
        }
    }

    pub(super) fn text(&self, out: &mut Findings) -> Option<&'a str> {
        self.as_text().or_else(|| self.wrong("text in quotes", out))
    }

    pub(super) fn boolean(&self, out: &mut Findings) -> Option<bool> {
        match self.written.get_ref().as_bool() {
            None => self.wrong("`true` or `false`", out),
            some => some,
        }
    }

    /// Its value, if it is true or false.
    pub(super) fn as_bool(&self) -> Option<bool> {
        self.written.get_ref().as_bool()
    }

    /// A whole number within `range`.
    pub(super) fn whole(&self, range: RangeInclusive<usize>, out: &mut Findings) -> Option<usize> {
        let Some(number) = self.written.get_ref().as_integer() else {
            return self.wrong("a whole number without quotes", out);
        };
        let number = i64::from_str_radix(number.as_str(), number.radix()).ok();
        let whole = number.and_then(|number| usize::try_from(number).ok()).filter(|number| range.contains(number));
        if whole.is_none() {
            let message = format!("`{}` goes from {} to {}", self.key.name, range.start(), range.end());
            out.push(self.error(message).hint(format!("write {} = {}", self.key.name, self.key.example)));
        }
        whole
    }

    /// A whole number within `range`, which may be negative.
    pub(super) fn integer(&self, range: RangeInclusive<i64>, out: &mut Findings) -> Option<i64> {
        let Some(number) = self.written.get_ref().as_integer() else {
            return self.wrong("a whole number without quotes", out);
        };
        let number = i64::from_str_radix(number.as_str(), number.radix()).ok().filter(|number| range.contains(number));
        if number.is_none() {
            let message = format!("`{}` goes from {} to {}", self.key.name, range.start(), range.end());
            out.push(self.error(message).hint(format!("write {} = {}", self.key.name, self.key.example)));
        }
        number
    }

    /// The tables of a list, each with the keys of `section`; `None` for an element that is no table, and a finding.
    pub(super) fn tables(&self, section: &'static Section, out: &mut Findings) -> Option<Vec<Option<Table<'a>>>> {
        let DeValue::Array(elements) = self.written.get_ref() else { return self.wrong("a list of tables", out) };
        let mut table = |element: &'a Spanned<DeValue<'a>>| {
            if !element.get_ref().is_table() {
                return self.part(element).wrong("a list of tables", out);
            }
            let table = Table::new(section, self.source, element);
            table.find_strangers(out);
            Some(table)
        };
        Some(elements.iter().map(&mut table).collect())
    }

    /// The texts of a list, each as a value.
    pub(super) fn list(&self, out: &mut Findings) -> Option<Vec<Value<'a>>> {
        match self.written.get_ref() {
            DeValue::Array(_) => Some(self.parts()),
            DeValue::String(one) => {
                let message = format!("`{}` must be a list in `[` and `]`", self.key.name);
                out.push(self.error(message).hint(format!("write [{}]", toml_text(one))));
                None
            }
            _ => self.wrong("a list in `[` and `]`", out),
        }
    }

    /// The texts of a list, or the one text that stands alone.
    pub(super) fn one_or_list(&self, out: &mut Findings) -> Option<Vec<Value<'a>>> {
        match self.written.get_ref() {
            DeValue::String(_) | DeValue::Array(_) => Some(self.parts()),
            _ => self.wrong("text in quotes, or a list of texts", out),
        }
    }

    /// The elements of a list; itself where it is none.
    pub(super) fn parts(&self) -> Vec<Value<'a>> {
        match self.written.get_ref() {
            DeValue::Array(elements) => elements.iter().map(|element| self.part(element)).collect(),
            _ => vec![*self],
        }
    }

    /// Its text, if it is one.
    pub(super) fn as_text(&self) -> Option<&'a str> {
        match self.written.get_ref() {
            DeValue::String(text) => Some(text),
            _ => None,
        }
    }

    /// The names and values of a table within the value, names with their places.
    pub(super) fn pairs(&self, out: &mut Findings) -> Option<Vec<(Place, &'a str, Value<'a>)>> {
        let DeValue::Table(table) = self.written.get_ref() else { return self.wrong("a table in `{` and `}`", out) };
        let pair = |(name, value): (&'a Spanned<_>, &'a Spanned<DeValue<'a>>)| {
            let name: &'a Spanned<std::borrow::Cow<'a, str>> = name;
            let place = Place { source: Arc::clone(self.source), span: name.span() };
            (place, name.get_ref().as_ref(), self.part(value))
        };
        Some(table.iter().map(pair).collect())
    }

    fn part(&self, written: &'a Spanned<DeValue<'a>>) -> Self {
        Self { written, ..*self }
    }

    fn wrong<T>(&self, wanted: &str, out: &mut Findings) -> Option<T> {
        let found = match self.written.get_ref() {
            DeValue::String(_) => "text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a point",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or time without quotes",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        let message = format!("`{}` must be {wanted}, not {found}", self.key.name);
        out.push(self.error(message).hint(format!("write {} = {}", self.key.name, self.key.example)));
        None
    }
}

/// A text as TOML writes it.
pub(super) fn toml_text(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => write!(quoted, "\\u{:04X}", u32::from(c)).expect("a string takes any text"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
