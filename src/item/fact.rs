use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Key;

/// Something that a text says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "kebab-case")]
pub enum Fact {
    /// A dated happening.
    Event(Event),
    /// Somebody's act and where it stands.
    Act(Act),
    /// A sum of money.
    Sum(Sum),
}

/// A dated happening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The kind as a base form: `summit`.
    pub kind: String,
    /// What it is called, as the text names it: `NATO summit`.
    pub name: Option<String>,
    /// Where, as the text names it.
    pub place: Option<String>,
    /// When.
    pub days: Days,
    /// When it would have been, where the text says so.
    pub moved_from: Option<Days>,
    /// The text says that it was put to another day.
    pub moved: bool,
    /// The text says that it will not take place.
    pub cancelled: bool,
    /// By what it is told from others of its kind.
    pub parts: Parts,
}

/// Somebody's act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// Whose act it is: the common English name of a country or organisation, else the words of the text; empty where it does
    /// not say.
    pub actor: String,
    /// The act as a base form: `veto`.
    pub act: String,
    /// What it is about, where plain.
    pub object: Option<String>,
    /// Where it stands.
    pub stance: Stance,
    /// The clause that it hangs on.
    pub condition: Option<String>,
    /// Who says so.
    pub said_by: Option<String>,
    /// By what it is told from others of its actor.
    pub parts: Parts,
}

/// A sum of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// As the text writes it.
    pub text: String,
    /// What it comes to: `about 1.08bn EUR`.
    pub note: String,
}

/// By what facts of one subject are told apart, as folded words, sorted: each part agrees with one that is missing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Parts {
    /// Of an event's name without its kind, or of an act's object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub name: Vec<String>,
    /// Of a place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub place: Vec<String>,
    /// The year or the number that a name holds: two of a row of summits are two.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edition: Vec<String>,
}

/// Days in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Days {
    /// The first.
    pub first: Date,
    /// The last, inside.
    pub last: Date,
}

/// Where an act stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stance {
    /// Done.
    Did,
    /// The actor says that it will: a threat, a vow, a plan.
    Announced,
    /// Not done, or will not be.
    Denied,
    /// The actor took it, or its threat, back.
    Withdrawn,
    /// May be; also whatever is in doubt.
    Possible,
    /// Somebody else wants it.
    CalledFor,
}

/// A fact as a recipient is told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// What the text says.
    pub fact: Fact,
    /// What it changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Before>,
    /// Under what name calendars know the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<CalendarName>,
}

impl Told {
    /// Which event it says was put to another day, if it does: by its name in calendars, else by its kind and its days.
    pub fn moved(&self) -> Option<(&str, Option<Days>)> {
        let Fact::Event(event) = &self.fact else { return None };
        let was_told = self.before.as_ref().is_some_and(|before| before.is_moved_to(&event.days));
        let moved = !event.cancelled && (was_told || event.moved_from.is_some());
        let name = match &self.calendar {
            Some(name) => (name.uid.as_str(), None),
            None => (event.kind.as_str(), Some(event.days)),
        };
        moved.then_some(name)
    }
}

/// What was known of a fact until it changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// What was known.
    pub value: Value,
    /// The feed that said so last.
    pub feed: String,
    /// Where it can be read.
    pub link: Option<String>,
    /// When that was published.
    pub at: Timestamp,
}

/// What of a fact may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// When an event is.
    Set(Days),
    /// When it would have been.
    Cancelled(Days),
    /// Where an act stands.
    Stands(Stance),
}

/// An event's name for calendars (RFC 5545 §3.8.4.7), and how often it has changed (§3.8.7.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarName {
    /// The same for ever.
    pub uid: String,
    /// Grows with each change.
    pub sequence: u32,
}

/// A fact as it is remembered: of one watch, or of all items that any watch matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownFact {
    /// Its row; `None` while it is new.
    pub row: Option<i64>,
    /// The watch's name; empty for an event as the list of events has it.
    pub watch: String,
    /// Its name for ever, in what was told.
    pub key: Key,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// When it was seen last.
    pub last_seen: Timestamp,
    /// What it is, and what became of it.
    pub state: FactState,
}

/// What is known of a fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactState {
    /// As it is now.
    pub fact: Fact,
    /// How often it has changed.
    pub changes: u32,
    /// Since when that is known.
    pub since: Timestamp,
    /// When the last report was published that says so.
    pub reported: Timestamp,
    /// What it was before its last change.
    pub before: Option<Before>,
    /// All that it was before, the oldest first.
    pub past: Vec<Value>,
    /// Who tells it, and what each said last; the oldest first.
    pub voices: Vec<Voice>,
}

/// Who says something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voice {
    /// The registrable domain of the address, else the feed's name.
    pub source: String,
    /// The feed's name.
    pub feed: String,
    /// Where it can be read.
    pub link: Option<String>,
    /// What was said.
    pub value: Value,
    /// When that was published.
    pub at: Timestamp,
}

impl Fact {
    /// What there is a fact about: facts of different subjects are never one. `None` for what does not change.
    pub fn subject(&self) -> Option<Key> {
        match self {
            Self::Event(event) => Some(Key::of(&["event", &event.kind])),
            Self::Act(act) => Some(Key::of(&["act", &act.act])),
            Self::Sum(_) => None,
        }
    }

    /// By what it is told from others of its subject.
    pub fn parts(&self) -> Option<&Parts> {
        match self {
            Self::Event(event) => Some(&event.parts),
            Self::Act(act) => Some(&act.parts),
            Self::Sum(_) => None,
        }
    }

    /// What of it may change.
    pub fn value(&self) -> Option<Value> {
        match self {
            Self::Event(event) if event.cancelled => Some(Value::Cancelled(event.days)),
            Self::Event(event) => Some(Value::Set(event.days)),
            Self::Act(act) => Some(Value::Stands(act.stance)),
            Self::Sum(_) => None,
        }
    }
}

impl KnownFact {
    /// The event's name in calendars (RFC 5545 §3.8.4.7).
    pub fn uid(&self) -> String {
        format!("{}@newswatch", self.key)
    }
}

impl Event {
    /// What people call it: its name, else its kind.
    pub fn title(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.kind)
    }
}

impl Days {
    /// Whether all of `other` lies inside.
    pub fn holds(&self, other: &Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }

    /// How many there are.
    pub fn count(&self) -> i32 {
        self.first.until(self.last).map_or(i32::MAX, |span| span.get_days()).saturating_add(1)
    }
}

impl Value {
    /// The days of an event.
    pub fn days(&self) -> Option<Days> {
        match self {
            Self::Set(days) | Self::Cancelled(days) => Some(*days),
            Self::Stands(_) => None,
        }
    }

    /// As keys hold it; never changes.
    pub fn written(&self) -> String {
        match self {
            Self::Set(days) => format!("{}/{}", days.first, days.last),
            Self::Cancelled(days) => format!("{}/{} cancelled", days.first, days.last),
            Self::Stands(stance) => stance.as_str().to_owned(),
        }
    }
}

impl Before {
    /// Whether another date took its place, and no narrower one of the same days.
    pub fn is_moved_to(&self, days: &Days) -> bool {
        matches!(self.value, Value::Set(before) | Value::Cancelled(before) if !before.holds(days))
    }
}

impl Stance {
    /// All of them, in the order of the manual.
    pub const ALL: [Self; 6] =
        [Self::Did, Self::Announced, Self::Denied, Self::Withdrawn, Self::Possible, Self::CalledFor];

    /// As queries and JSON write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Did => "did",
            Self::Announced => "announced",
            Self::Denied => "denied",
            Self::Withdrawn => "withdrawn",
            Self::Possible => "possible",
            Self::CalledFor => "called-for",
        }
    }

    /// By its name, or by one that means the same.
    pub fn from_word(word: &str) -> Option<Self> {
        let word = word.to_ascii_lowercase().replace('_', "-");
        match word.as_str() {
            "threatened" | "planned" => Some(Self::Announced),
            word => Self::ALL.into_iter().find(|stance| stance.as_str() == word),
        }
    }
}
