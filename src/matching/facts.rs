//! What a text says, held against what `event(…)`, `act(…)` and `amount(…)` ask for.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, Timestamp};

use super::capitals;
use super::plan::Ask;
use super::reading::Passage;
use crate::item::Item;
use crate::query::{ActAsk, AmountAsk, EventAsk, Look, Within};
use crate::understand::facts::{
    self, Amount, Anchor, Asked, Event, Facts, Statement, Wanted, acts_for, base_of_act, is_known_act, is_known_event,
    known_events, known_name, known_names_in, roots_of_act, words_of_act, words_of_event,
};
use crate::understand::text::{Language, Speech, fold, stems, words};

/// What one predicate asks of texts beside what the lists of words know. Nothing of what other rules ask, so that a rule
/// finds the same whichever rules stand beside it.
#[derive(Debug, Default)]
pub(super) struct Understanding {
    asked: Asked,
    wanted: Wanted,
}

/// A fact of the kind that a predicate asks for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Told {
    /// Bytes of the text.
    pub(super) span: Range<usize>,
    /// What was understood, in words.
    pub(super) note: String,
    /// Why it is not what is asked for; `None` where it is.
    pub(super) misfit: Option<Misfit>,
    /// What was understood.
    pub(super) fact: Fact,
}

/// Why a fact is not what is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misfit {
    /// In words.
    pub(super) why: String,
    /// How much of what is asked for it meets.
    pub(super) met: u8,
    /// Of those that meet as much, which is nearest: more is nearer.
    pub(super) close: u8,
}

impl Misfit {
    fn new(met: u8, why: String) -> Self {
        Self { why, met, close: 0 }
    }
}

/// One of what a text says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fact {
    Event(Event),
    Statement(Statement),
    Amount(Amount),
}

/// What a text cannot tell of what is asked for without: one of these words, or one of these roots inside of one. Sorted.
pub(super) fn needed(look: &Look) -> Option<(Vec<String>, Vec<String>)> {
    let (mut words, mut roots): (Vec<String>, Vec<String>) = match look {
        Look::Act(ask) => {
            let of_each = |words: fn(&str) -> Vec<String>| ask.acts.iter().flat_map(|act| words(act)).collect();
            (of_each(words_of_act), of_each(roots_of_act))
        }
        Look::Event(ask) => (ask.kinds.iter().flat_map(|kind| words_of_event(kind)).collect(), Vec::new()),
        _ => return None,
    };
    for list in [&mut words, &mut roots] {
        list.sort_unstable();
        list.dedup();
    }
    Some((words, roots))
}

/// A predicate with its words as texts are read by, and what it asks of texts.
pub(super) fn prepared(look: &Look) -> (Look, Understanding) {
    let mut own = Understanding::default();
    match look {
        Look::Act(ask) => {
            let acts: Vec<String> = ask.acts.iter().map(|act| base_of_act(act)).collect();
            own.asked.acts = acts.iter().filter(|act| !is_known_act(act)).cloned().collect();
            own.wanted = Wanted::new(&own.asked.acts, &[]);
            (Look::Act(Box::new(ActAsk { acts, ..(**ask).clone() })), own)
        }
        Look::Event(ask) => {
            let kinds: Vec<String> = ask.kinds.iter().map(|kind| base_of_event(kind)).collect();
            own.asked.events = kinds.iter().filter(|kind| !is_known_event(kind)).cloned().collect();
            (Look::Event(EventAsk { kinds, ..ask.clone() }), own)
        }
        look => (look.clone(), own),
    }
}

/// A kind of events as the lists know it, else the word itself.
fn base_of_event(kind: &str) -> String {
    known_events().find(|known| same_words(kind, known)).map_or_else(|| kind.trim().to_lowercase(), str::to_owned)
}

/// The item with the time when it was first seen where it says of none itself, and with the offset of its feed's `zone` where its
/// date names none, so that dates in its text can be read.
pub fn dated<'a>(item: &'a Item, first_seen: Timestamp, zone: Option<&TimeZone>) -> Cow<'a, Item> {
    let said = item.published.or(item.updated);
    let offset = match (item.offset_minutes, zone) {
        (None, Some(zone)) => i16::try_from(zone.to_offset(said.unwrap_or(first_seen)).seconds() / 60).ok(),
        (offset, _) => offset,
    };
    if said.is_some() && offset == item.offset_minutes {
        return Cow::Borrowed(item);
    }
    Cow::Owned(Item {
        published: item.published.or(item.updated).or(Some(first_seen)),
        offset_minutes: offset,
        ..item.clone()
    })
}

/// When an item was published, as dates in its text are read: in the offset that its date states, else in UTC.
pub fn anchor(item: &Item) -> Anchor {
    let offset = item.offset_minutes.and_then(|minutes| Offset::from_seconds(i32::from(minutes) * 60).ok());
    Anchor::new(item.published.or(item.updated).unwrap_or(Timestamp::UNIX_EPOCH), offset.unwrap_or(Offset::UTC))
}

/// Of the languages of which facts are read, the one that the texts of an item are likely in.
pub fn likely_in(speech: Speech) -> Option<facts::Language> {
    speech.language.and_then(|language| facts::Language::of_code(language.code()))
}

impl Understanding {
    /// Events and sums.
    pub(super) fn facts(&self, likely: Option<facts::Language>, text: &str, item: &Item) -> Facts {
        Facts::likely_in(likely, text, &anchor(item), &self.asked)
    }

    pub(super) fn statements(&self, likely: Option<facts::Language>, text: &str) -> Vec<Statement> {
        facts::statements(likely, text, &self.wanted)
    }
}

/// What a text says of the kinds that the lists of words know.
pub(super) fn known_facts_of(passage: &Passage<'_>, item: &Item) -> Rc<Facts> {
    passage.understood.facts(&Understanding::default(), passage.text, item)
}

/// What was understood, for each of the different words that were asked for.
type Known<T> = RefCell<Vec<(Vec<String>, Rc<T>)>>;

/// What was understood of one text.
#[derive(Debug, Default)]
pub(super) struct Understood {
    /// The language that the text is likely in.
    likely: Option<facts::Language>,
    facts: Known<Facts>,
    statements: Known<Vec<Statement>>,
}

impl Understood {
    /// Of a text of an item in this language.
    pub(super) fn within(speech: Speech) -> Self {
        Self { likely: likely_in(speech), ..Self::default() }
    }

    pub(super) fn facts(&self, asked: &Understanding, text: &str, item: &Item) -> Rc<Facts> {
        remembered(&self.facts, &asked.asked.events, || asked.facts(self.likely, text, item))
    }

    pub(super) fn statements(&self, asked: &Understanding, text: &str) -> Rc<Vec<Statement>> {
        remembered(&self.statements, &asked.asked.acts, || asked.statements(self.likely, text))
    }
}

fn remembered<T>(all: &Known<T>, asked: &[String], understand: impl FnOnce() -> T) -> Rc<T> {
    if let Some((_, known)) = all.borrow().iter().find(|(known, _)| known == asked) {
        return Rc::clone(known);
    }
    let understood = Rc::new(understand());
    all.borrow_mut().push((asked.to_vec(), Rc::clone(&understood)));
    understood
}

/// Events of the kinds that are asked for.
pub(super) fn events(ask: &EventAsk, facts: &Facts, day: Date) -> Vec<Told> {
    let of_kind = |event: &&Event| ask.kinds.iter().any(|kind| same_words(kind, &event.kind));
    let told = |event: &Event| Told {
        span: event.span.clone(),
        note: event_note(event),
        misfit: event_misfit(ask, event, day),
        fact: Fact::Event(event.clone()),
    };
    facts.events.iter().filter(of_kind).map(told).collect()
}

fn event_note(event: &Event) -> String {
    let days = |first: Date, last: Date| if first == last { first.to_string() } else { format!("{first} to {last}") };
    let mut note = event.name.clone().unwrap_or_else(|| event.kind.clone());
    if let Some(place) = &event.place {
        note = format!("{note}, {place}");
    }
    note = format!("{note}: {}", days(event.first, event.last));
    if let Some((first, last)) = event.moved_from {
        note = format!("{note}, moved from {}", days(first, last));
    }
    if event.cancelled { format!("{note}, cancelled") } else { note }
}

fn event_misfit(ask: &EventAsk, event: &Event, day: Date) -> Option<Misfit> {
    // What has taken place on this very day is as much over as what did yesterday, unless that it did not is the news.
    let is_told = event.over && event.first <= day && event.last <= day && !event.moved && !event.cancelled;
    let is_over = event.last < day || is_told;
    let ahead = day.until(event.first).map_or(i32::MAX, |span: Span| span.get_days());
    match ask.within {
        Within::Ahead | Within::Days(_) if is_over => {
            return Some(Misfit::new(0, format!("the {} of {} was over", event.kind, event.last)));
        }
        Within::Days(days) if i64::from(ahead) > i64::from(days) => {
            return Some(Misfit::new(1, format!("the {} begins {ahead} days ahead, needed {days}", event.kind)));
        }
        _ => {}
    }
    let changed = event.moved || event.cancelled;
    match ask.changed {
        Some(true) if !changed => Some(Misfit::new(2, format!("the text does not say that the {} moved", event.kind))),
        Some(false) if changed => Some(Misfit::new(2, format!("the {} moved", event.kind))),
        _ => None,
    }
}

/// Statements of the acts that are asked for.
pub(super) fn acts(ask: &ActAsk, statements: &[Statement]) -> Vec<Told> {
    let of_act = |statement: &&Statement| ask.acts.contains(&statement.act);
    let told = |statement: &Statement| Told {
        span: statement.span.clone(),
        note: statement_note(statement),
        misfit: act_misfit(ask, statement),
        fact: Fact::Statement(statement.clone()),
    };
    statements.iter().filter(of_act).map(told).collect()
}

fn statement_note(statement: &Statement) -> String {
    let mut note = format!("{} {}", statement.act, statement.stance.as_str());
    if !statement.actor.is_empty() {
        note = format!("{}: {note}", statement.actor);
    }
    for (name, part) in [("on", &statement.object), ("if", &statement.condition), ("said by", &statement.said_by)] {
        if let Some(part) = part {
            note = format!("{note}, {name} \"{part}\"");
        }
    }
    if statement.chain.is_empty() { note } else { format!("{note} ({})", statement.chain) }
}

fn act_misfit(ask: &ActAsk, statement: &Statement) -> Option<Misfit> {
    let is_one = |looks: &[Look], name: Option<&str>, words: Option<&str>| {
        looks.is_empty()
            || name.is_some_and(|name| looks.iter().any(|look| mentions(look, name, words.unwrap_or(name))))
    };
    let act = &statement.act;
    if !is_one(&ask.by, Some(&statement.actor), Some(&statement.actor_text)) {
        let actor = if statement.actor.is_empty() { "nobody whom the text names" } else { &statement.actor };
        return Some(Misfit::new(0, format!("the {act} is by {actor}")));
    }
    if !ask.stances.is_empty() && !ask.stances.contains(&statement.stance) {
        let asked: Vec<&str> = ask.stances.iter().map(|asked| asked.as_str()).collect();
        let stance = statement.stance.as_str();
        return Some(Misfit::new(1, format!("the {act} is {stance}, needed {}", asked.join(" or "))));
    }
    let said = |text: &Option<String>| text.clone().unwrap_or_else(|| "nothing that the text names".to_owned());
    if !is_one(&ask.on, statement.object.as_deref(), None) {
        return Some(Misfit::new(2, format!("the {act} is on {}", said(&statement.object))));
    }
    if !is_one(&ask.said_by, statement.said_by.as_deref(), statement.said_by_text.as_deref()) {
        let why = match &statement.said_by {
            Some(who) => format!("{who} says so"),
            None => "the text names nobody who says so".to_owned(),
        };
        return Some(Misfit::new(3, why));
    }
    None
}

/// Sums of money.
pub(super) fn amounts(ask: &AmountAsk, facts: &Facts) -> Vec<Told> {
    #[expect(clippy::cast_precision_loss, reason = "sums are compared to a hundredth")]
    let needed = ask.hundredths as f64 / 100.0;
    let told = |amount: &Amount| {
        let converted = ask.rates.convert(amount.value, amount.currency, &ask.currency);
        let (note, fits) = match converted {
            Some((sum, true)) => (format!("about {} {}", in_words(sum), ask.currency), ask.compare.holds(sum, needed)),
            Some((sum, false)) => (format!("{} {}", in_words(sum), ask.currency), ask.compare.holds(sum, needed)),
            None => {
                (format!("{} {}, which [currencies] does not convert", in_words(amount.value), amount.currency), false)
            }
        };
        let close = converted.map_or(0, |(sum, _)| closeness(sum, needed));
        let misfit = (!fits).then(|| Misfit { close, ..Misfit::new(0, note.clone()) });
        Told { span: amount.span.clone(), note, misfit, fact: Fact::Amount(amount.clone()) }
    };
    facts.amounts.iter().map(told).collect()
}

/// How near one sum comes to another: 255 for the same, less by 8 for each time that one is twice the other.
fn closeness(one: f64, other: f64) -> u8 {
    let times = (one.max(0.01) / other.max(0.01)).log2().abs();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between the two")]
    let lost = (times * 8.0).clamp(0.0, 255.0) as u8;
    u8::MAX - lost
}

/// What a sum comes to in its own currency: `1.08bn EUR`.
pub(super) fn amount_note(amount: &Amount) -> String {
    format!("{} {}", in_words(amount.value), amount.currency)
}

/// `1.08bn`
fn in_words(sum: f64) -> String {
    for (scale, name) in [(1e12, "tn"), (1e9, "bn"), (1e6, "m")] {
        if sum >= scale {
            let digits = format!("{:.2}", sum / scale);
            return format!("{}{name}", digits.trim_end_matches('0').trim_end_matches('.'));
        }
    }
    format!("{sum:.0}")
}

/// Where a text has a word for an act or an event that is asked for, of which nothing was understood; and what is missing.
pub(super) fn bare_mention(ask: &Ask, text: &str) -> Option<(Range<usize>, String)> {
    let wanted = &ask.needed.as_ref()?.words;
    let is_one = |surface: &str| wanted.binary_search(&surface.to_lowercase()).is_ok();
    let word = words(text).find(|word| is_one(word.surface))?;
    let missing = match &ask.look {
        Look::Act(_) => "nobody is said to do it".to_owned(),
        _ => format!("{} occurs, without a date", word.surface),
    };
    Some((word.span(), missing))
}

/// Whether two words, or several in a row, are forms of the same.
fn same_words(one: &str, other: &str) -> bool {
    let all = |text: &str| words(text).map(|word| stem(&fold(word.surface))).collect::<Vec<_>>();
    all(one) == all(other)
}

/// Whether somebody or something is what is looked for; `name` is the common name of a country or body, else the words of
/// the text, which `text` is in any case.
///
/// Whatever the lists know as a name is compared by whom it stands for, so that `orban`, `budapest` and `@hungary` are one.
/// Anything else is looked for in the name and in the words of the text, though never inside a name that the lists know.
fn mentions(look: &Look, name: &str, text: &str) -> bool {
    let is_it = |asked: &str, found: &dyn Fn(&str) -> bool| match known_name(asked) {
        Some(whose) => {
            known_names_in(name).iter().any(|(_, known)| acts_for(known, whose)) || apart_from_names(name, found, whose)
        }
        None => found(name) || found(text),
    };
    let same = |word: &str, wanted: &str| word == wanted;
    match look {
        Look::Word(word) => {
            is_it(word, &|text| holds(text, word, &|word, wanted| stem(word) == stem(wanted), &|_| true))
        }
        Look::Phrase(phrase) => is_it(phrase, &|text| holds(text, phrase, &same, &|_| true)),
        Look::Alias { names, .. } => names
            .iter()
            .any(|name| is_it(name, &|text| holds(text, name, &same, &|found| capitals::agree(name, found)))),
        _ => false,
    }
}

/// Whether it is found where no name of others stands.
fn apart_from_names(text: &str, found: &dyn Fn(&str) -> bool, whose: &str) -> bool {
    let mut from = 0;
    let others = known_names_in(text).into_iter().filter(|(_, known)| !acts_for(known, whose)).map(|(span, _)| span);
    let mut pieces = Vec::new();
    for span in others {
        pieces.push(&text[from..span.start]);
        from = span.end;
    }
    pieces.push(&text[from..]);
    pieces.into_iter().any(found)
}

/// Whether a text holds these words in a row, `is_it` telling whether one is another, `written` whether they are written so.
fn holds(text: &str, wanted: &str, is_it: &dyn Fn(&str, &str) -> bool, written: &dyn Fn(&str) -> bool) -> bool {
    let all: Vec<_> = words(text).collect();
    let wanted: Vec<String> = words(wanted).map(|word| fold(word.surface).into_owned()).collect();
    !wanted.is_empty()
        && all.windows(wanted.len()).any(|row| {
            let fits = row.iter().zip(&wanted).all(|(word, wanted)| is_it(&fold(word.surface), wanted));
            fits && written(&text[row[0].span().start..row[row.len() - 1].span().end])
        })
}

/// The stem of a folded word by the rules of English, in which acts and events are named.
fn stem(folded: &str) -> String {
    let stems = stems(folded, folded, Language::english());
    stems.as_ref().and_then(|stems| stems.iter().next()).unwrap_or(folded).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Aliases;

    #[test]
    fn an_actor_is_known_by_word_phrase_or_alias() {
        let alias = |alias: &str| {
            let names = Aliases::default().names(alias).unwrap();
            Look::Alias { alias: alias.to_owned(), names }
        };
        let word = |word: &str| Look::Word(word.to_owned());
        let phrase = |phrase: &str| Look::Phrase(phrase.to_owned());
        for (look, name, text, expected) in [
            (word("minister"), "the ministers of Poland", "the ministers of Poland", true),
            (phrase("prime minister"), "the Prime Minister", "the Prime Minister", true),
            (phrase("prime minister"), "prime ministers", "prime ministers", false),
            (phrase("prime minister"), "Hungary", "Prime Minister Viktor Orban", true),
            (phrase("foreign minister"), "Hungary", "Prime Minister Viktor Orban", false),
            (alias("hungary"), "Hungary", "Budapest", true),
            (alias("hungary"), "the Hungarian opposition", "the Hungarian opposition", true),
            (alias("hungary"), "hungry people", "hungry people", false),
            (alias("us"), "us", "us", false),
            (word("orban"), "Hungary", "Orbán", true),
            (phrase("Viktor Orbán"), "Hungary", "Budapest", true),
            (word("budapest"), "Hungary", "Hungary", true),
            (word("us"), "United States", "Trump", true),
            (word("eu"), "European Union", "Brussels", true),
            (phrase("the Kremlin"), "Russia", "Putin", true),
            (word("kremlin"), "Hungary", "Orbán", false),
            (alias("eu"), "European Commission", "European Commission", true),
            (alias("eu"), "Hungary", "EU member Hungary", false),
            (word("brussels"), "European Commission", "European Commission", true),
            (phrase("European Commission"), "European Union", "EU", false),
            (alias("sudan"), "South Sudan", "South Sudan", false),
            (word("sudan"), "South Sudan", "South Sudan", false),
            (word("sudan"), "Sudan", "Khartoum", true),
            (word("hungarian"), "hungarian farmers", "hungarian farmers", true),
        ] {
            assert_eq!(mentions(&look, name, text), expected, "{look:?} {name} {text}");
        }
    }
}
