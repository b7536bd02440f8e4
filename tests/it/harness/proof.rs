//! The judge: from what was published and what arrived, whether anything was lost, told twice without need, or changed.
//!
//! It knows nothing of how the program works. It sees what an outsider sees: tokens that went into feeds, messages that
//! came out over SMTP, and when the process was killed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use super::press::Token;

/// What happened, seen from outside.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub(crate) published: Vec<Token>,
    pub(crate) recipients: Vec<String>,
    /// When each life ended by a kill, since the beginning; `None` for one that ended by itself.
    pub(crate) killed: Vec<Option<Duration>>,
    /// Every message that came up to its dot, in order.
    pub(crate) deliveries: Vec<Delivery>,
    /// Requests without a validator from a reader that had one.
    pub(crate) unconditional: usize,
    /// The server called some messages too big before it took them, so that each may have become shorter once.
    pub(crate) shortens: bool,
}

/// A message that came up to its dot.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) life: usize,
    pub(crate) at: Duration,
    pub(crate) recipient: String,
    pub(crate) message_id: String,
    pub(crate) bytes: Vec<u8>,
    /// Names of the tokens that it tells of.
    pub(crate) tokens: Vec<String>,
    /// The server took it.
    pub(crate) taken: bool,
    /// The server took it and cut the line instead of saying so.
    pub(crate) cut: bool,
}

/// What is wrong with a history.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Breach {
    /// A wanted token never reached a recipient.
    Lost { token: String, recipient: String },
    /// A token was mailed that nobody asked for, or that was never published.
    Unasked { token: String },
    /// A token reached one recipient under several Message-IDs.
    TwoIds { token: String, recipient: String },
    /// Two messages of one Message-ID differ.
    Changed { message_id: String },
    /// A message was offered again although its answer could have been recorded.
    NeedlessCopy { message_id: String },
    /// A server that had given a validator was asked without one.
    Unconditional { times: usize },
}

/// The figures of a history that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Figures {
    pub(crate) kills: usize,
    pub(crate) published: usize,
    pub(crate) wanted: usize,
    pub(crate) accepted: usize,
    pub(crate) message_ids: usize,
    pub(crate) copies: usize,
    pub(crate) copies_in_window: usize,
    pub(crate) copies_after_cut: usize,
}

/// Between the server's taking a message and a kill that may excuse its copy. The record is one write to a disk away from
/// the answer; the rest is for a machine that is busy with other tests.
const WINDOW: Duration = Duration::from_secs(3);

/// Judges a history.
///
/// # Errors
/// All that is wrong with it, sorted.
pub(crate) fn judge(history: &History) -> Result<Figures, Vec<Breach>> {
    let mut breaches = BTreeSet::new();
    lost_or_unasked(history, &mut breaches);
    identities(history, &mut breaches);
    let (mut in_window, mut after_cut) = (0, 0);
    for (earlier, later) in copies(history) {
        match excuse(history, earlier, later) {
            Some(Excuse::Cut) => after_cut += 1,
            Some(Excuse::Killed) => in_window += 1,
            None => {
                let message_id = history.deliveries[later].message_id.clone();
                breaches.insert(Breach::NeedlessCopy { message_id });
            }
        }
    }
    if history.unconditional > 0 {
        breaches.insert(Breach::Unconditional { times: history.unconditional });
    }
    if !breaches.is_empty() {
        return Err(breaches.into_iter().collect());
    }
    let taken = || history.deliveries.iter().filter(|delivery| delivery.taken);
    Ok(Figures {
        kills: history.killed.iter().flatten().count(),
        published: history.published.len(),
        wanted: history.published.iter().filter(|token| token.wanted).count(),
        accepted: taken().count(),
        message_ids: taken().map(|delivery| &delivery.message_id).collect::<BTreeSet<_>>().len(),
        copies: in_window + after_cut,
        copies_in_window: in_window,
        copies_after_cut: after_cut,
    })
}

/// Wanted tokens that have not reached a recipient yet, with the recipient.
pub(crate) fn missing(history: &History) -> Vec<(String, String)> {
    let taken = history.deliveries.iter().filter(|delivery| delivery.taken);
    let told: BTreeSet<_> =
        taken.flat_map(|delivery| delivery.tokens.iter().map(|token| (token, &delivery.recipient))).collect();
    let wanted = history.published.iter().filter(|token| token.wanted);
    wanted
        .flat_map(|token| history.recipients.iter().map(|recipient| (&token.name, recipient)))
        .filter(|pair| !told.contains(pair))
        .map(|(token, recipient)| (token.clone(), recipient.clone()))
        .collect()
}

fn lost_or_unasked(history: &History, breaches: &mut BTreeSet<Breach>) {
    breaches.extend(missing(history).into_iter().map(|(token, recipient)| Breach::Lost { token, recipient }));
    let wanted: BTreeSet<_> = history.published.iter().filter(|token| token.wanted).map(|token| &token.name).collect();
    let told = history.deliveries.iter().flat_map(|delivery| &delivery.tokens);
    breaches.extend(told.filter(|token| !wanted.contains(token)).map(|token| Breach::Unasked { token: token.clone() }));
}

/// What a Message-ID stands for.
#[derive(Clone, Copy)]
struct Text<'a> {
    recipient: &'a String,
    bytes: &'a [u8],
    /// Nobody has it yet, and it is as long as it ever was.
    may_shorten: bool,
}

/// One Message-ID for each token and recipient, one text for each Message-ID; messages that were refused count too.
fn identities(history: &History, breaches: &mut BTreeSet<Breach>) {
    let mut ids = BTreeMap::new();
    let mut texts: BTreeMap<&String, Text<'_>> = BTreeMap::new();
    for delivery in &history.deliveries {
        let (recipient, bytes) = (&delivery.recipient, delivery.bytes.as_slice());
        let text = Text { recipient, bytes, may_shorten: history.shortens };
        let known = texts.entry(&delivery.message_id).or_insert(text);
        let is_same = known.recipient == recipient && known.bytes == bytes;
        if !is_same && known.may_shorten && known.recipient == recipient && bytes.len() < known.bytes.len() {
            *known = Text { may_shorten: false, ..text };
        } else if !is_same {
            breaches.insert(Breach::Changed { message_id: delivery.message_id.clone() });
        }
        // What somebody may have is never written anew.
        known.may_shorten &= !delivery.taken;
        for token in &delivery.tokens {
            if *ids.entry((token, &delivery.recipient)).or_insert(&delivery.message_id) != &delivery.message_id {
                breaches.insert(Breach::TwoIds { token: token.clone(), recipient: delivery.recipient.clone() });
            }
        }
    }
}

/// Indices of two messages in a row that have one Message-ID and that the server took both.
fn copies(history: &History) -> Vec<(usize, usize)> {
    let mut last = BTreeMap::new();
    let taken = history.deliveries.iter().enumerate().filter(|(_, delivery)| delivery.taken);
    taken
        .filter_map(|(index, delivery)| last.insert(&delivery.message_id, index).map(|before| (before, index)))
        .collect()
}

enum Excuse {
    /// The server never answered the earlier one.
    Cut,
    /// The process was killed before it could record the answer to the earlier one.
    Killed,
}

/// Why the later message had to be sent although the server had taken the earlier one.
///
/// A recipient has one message in flight at a time, and the next is taken up only when the answer to the last is recorded.
/// So an answer can be unrecorded only for the last message to its recipient in a life that ended by a kill soon after.
fn excuse(history: &History, earlier: usize, later: usize) -> Option<Excuse> {
    let (first, second) = (&history.deliveries[earlier], &history.deliveries[later]);
    if first.cut {
        return Some(Excuse::Cut);
    }
    let killed = history.killed.get(first.life).copied().flatten()?;
    let followed = history.deliveries[earlier + 1..]
        .iter()
        .any(|other| other.life == first.life && other.recipient == first.recipient);
    let soon = killed.saturating_sub(first.at) <= WINDOW;
    (second.life > first.life && !followed && soon).then_some(Excuse::Killed)
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "kills                  {}", self.kills)?;
        writeln!(f, "tokens published       {}", self.published)?;
        writeln!(f, "tokens matched         {}", self.wanted)?;
        writeln!(f, "mails accepted         {}", self.accepted)?;
        writeln!(f, "distinct Message-IDs   {}", self.message_ids)?;
        writeln!(f, "copies                 {}", self.copies)?;
        writeln!(f, "  kill before record   {}", self.copies_in_window)?;
        writeln!(f, "  answer cut by server {}", self.copies_after_cut)?;
        writeln!(f, "lost                   0")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history() -> History {
        let token = |name: &str, wanted| Token { name: name.to_owned(), wanted };
        History {
            published: vec![token("a", true), token("b", false), token("c", true)],
            recipients: vec!["desk".to_owned()],
            killed: vec![Some(Duration::from_secs(10)), None],
            deliveries: vec![mail(0, 9, "1", &["a"]), mail(1, 12, "2", &["c"])],
            unconditional: 0,
            shortens: false,
        }
    }

    fn mail(life: usize, second: u64, id: &str, tokens: &[&str]) -> Delivery {
        Delivery {
            life,
            at: Duration::from_secs(second),
            recipient: "desk".to_owned(),
            message_id: id.to_owned(),
            bytes: id.as_bytes().to_vec(),
            tokens: tokens.iter().map(|token| (*token).to_owned()).collect(),
            taken: true,
            cut: false,
        }
    }

    #[test]
    fn a_sound_history_holds() {
        let figures = judge(&history()).unwrap();
        assert_eq!((figures.kills, figures.wanted, figures.accepted, figures.copies), (1, 2, 2, 0));
    }

    #[test]
    fn a_copy_is_excused_by_a_kill_right_after_its_answer() {
        let mut history = history();
        history.deliveries.insert(1, mail(1, 11, "1", &["a"]));
        assert_eq!(judge(&history).unwrap().copies_in_window, 1);
    }

    #[test]
    fn a_copy_is_excused_by_an_answer_that_was_cut() {
        let mut history = history();
        history.deliveries[1].cut = true;
        history.deliveries.push(mail(1, 13, "2", &["c"]));
        assert_eq!(judge(&history).unwrap().copies_after_cut, 1);
    }

    #[test]
    fn a_refused_try_is_no_copy() {
        let mut history = history();
        history.deliveries[1].taken = false;
        history.deliveries.push(mail(1, 13, "2", &["c"]));
        assert_eq!(judge(&history).unwrap().copies, 0);
    }

    #[test]
    fn what_never_arrives_is_lost() {
        let mut history = history();
        history.deliveries[1].taken = false;
        assert_eq!(judge(&history), Err(vec![Breach::Lost { token: "c".into(), recipient: "desk".into() }]));
    }

    #[test]
    fn what_nobody_asked_for_is_a_breach() {
        let mut history = history();
        history.deliveries[1].tokens.push("b".into());
        assert_eq!(judge(&history), Err(vec![Breach::Unasked { token: "b".into() }]));
    }

    #[test]
    fn a_second_message_id_is_a_breach_even_when_the_first_try_was_refused() {
        let mut history = history();
        history.deliveries[1].taken = false;
        history.deliveries.push(mail(1, 13, "3", &["c"]));
        assert_eq!(judge(&history), Err(vec![Breach::TwoIds { token: "c".into(), recipient: "desk".into() }]));
    }

    #[test]
    fn a_byte_that_differs_is_a_breach() {
        let mut history = history();
        let mut copy = mail(1, 11, "1", &["a"]);
        copy.bytes.push(b'!');
        history.deliveries.insert(1, copy);
        assert_eq!(judge(&history), Err(vec![Breach::Changed { message_id: "1".into() }]));
    }

    #[test]
    fn a_message_may_become_shorter_once_while_nobody_has_it() {
        let mut history = history();
        let mut long = mail(0, 8, "1", &["a"]);
        (long.taken, long.bytes) = (false, b"1 and more".to_vec());
        history.deliveries.insert(0, long.clone());
        assert!(matches!(judge(&history).unwrap_err()[..], [Breach::Changed { .. }]));
        history.shortens = true;
        assert!(judge(&history).is_ok());
        history.deliveries[0].taken = true;
        assert!(judge(&history).unwrap_err().contains(&Breach::Changed { message_id: "1".into() }), "it was taken");
        history.deliveries[0] = Delivery { bytes: b"1 and much more".to_vec(), taken: false, ..long.clone() };
        history.deliveries.insert(1, long);
        assert!(judge(&history).unwrap_err().contains(&Breach::Changed { message_id: "1".into() }), "shortened twice");
    }

    #[test]
    fn a_copy_without_need_is_a_breach() {
        let needless = Err(vec![Breach::NeedlessCopy { message_id: "1".into() }]);
        let mut same_life = history();
        same_life.deliveries.insert(1, mail(0, 9, "1", &["a"]));
        assert_eq!(judge(&same_life), needless);
        let mut long_before_the_kill = history();
        long_before_the_kill.deliveries[0].at = Duration::from_secs(1);
        long_before_the_kill.deliveries.insert(1, mail(1, 11, "1", &["a"]));
        assert_eq!(judge(&long_before_the_kill), needless);
        let mut followed_in_its_life = history();
        followed_in_its_life.deliveries[1].life = 0;
        followed_in_its_life.deliveries.push(mail(1, 13, "1", &["a"]));
        assert_eq!(judge(&followed_in_its_life), needless);
        let mut ended_by_itself = history();
        ended_by_itself.killed[0] = None;
        ended_by_itself.deliveries.insert(1, mail(1, 11, "1", &["a"]));
        assert_eq!(judge(&ended_by_itself), needless);
    }

    #[test]
    fn an_unconditional_request_is_a_breach() {
        let mut history = history();
        history.unconditional = 1;
        assert_eq!(judge(&history), Err(vec![Breach::Unconditional { times: 1 }]));
    }
}
