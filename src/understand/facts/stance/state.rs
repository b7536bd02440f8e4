//! The algebra: where an act stands by its own form, and what each word that it hangs on makes of that.

use super::super::Stance;
use super::classes::Family;
use super::groups::{Mood, Vg};

/// Where an act stands on the way up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing tells yet: a noun, an infinitive, a gerund.
    Open,
    Did,
    Announced,
    Denied,
    /// Taken back, and what stands where it is not.
    Withdrawn(Before),
    Possible,
    CalledFor,
}

/// What stood before it was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    Did,
    Announced,
}

impl Before {
    fn state(self) -> State {
        match self {
            Self::Did => State::Did,
            Self::Announced => State::Announced,
        }
    }
}

impl State {
    /// What is reported in the end.
    pub(super) fn stance(self) -> Stance {
        match self {
            Self::Open | Self::Possible => Stance::Possible,
            Self::Did => Stance::Did,
            Self::Announced => Stance::Announced,
            Self::Denied => Stance::Denied,
            Self::Withdrawn(_) => Stance::Withdrawn,
            Self::CalledFor => Stance::CalledFor,
        }
    }

    /// The opposite.
    pub(super) fn negated(self) -> Self {
        match self {
            Self::Open | Self::Did | Self::Announced => Self::Denied,
            Self::Withdrawn(before) => before.state(),
            Self::Denied | Self::Possible | Self::CalledFor => Self::Possible,
        }
    }
}

/// Where a verb stands by its own form.
#[expect(clippy::match_same_arms, reason = "a row for each form")]
pub(super) fn told(verb: &Vg) -> State {
    if verb.doubt || verb.supposed {
        return State::Possible;
    }
    if verb.no_longer && verb.family == Some(Family::Allow) {
        // What is no longer tolerated was nobody's act.
        return State::Denied;
    }
    if verb.no_longer {
        return State::Withdrawn(Before::Did);
    }
    let denied = |state| if verb.negated { State::Denied } else { state };
    match verb.mood {
        Mood::Told => denied(State::Did),
        Mood::Will => denied(State::Announced),
        Mood::Would if verb.perfect => State::Possible,
        Mood::Would => denied(State::Announced),
        Mood::Can => denied(State::Possible),
        Mood::May => State::Possible,
        Mood::Must if verb.negated => State::Possible,
        Mood::Must => State::CalledFor,
        Mood::Open => denied(State::Open),
    }
}

/// What a word makes of an act that hangs on it, whatever its own form.
#[expect(clippy::match_same_arms, reason = "a row for each family")]
pub(super) fn embedded(family: Family, state: State) -> State {
    use State::{Announced, CalledFor, Denied, Did, Open, Possible, Withdrawn};
    match (family, state) {
        (Family::Commit, Open | CalledFor) => Announced,
        (Family::Refuse | Family::Fail | Family::Prevent, Denied) => Possible,
        (Family::Refuse | Family::Fail | Family::Prevent | Family::Deny, Withdrawn(before)) => before.state(),
        (Family::Refuse | Family::Fail | Family::Prevent, _) => Denied,
        (Family::TakeBack, Open | Did) => Withdrawn(Before::Did),
        (Family::TakeBack, Announced | Possible) => Withdrawn(Before::Announced),
        (Family::TakeBack, _) => Possible,
        // "made good on its threat to": how the verb tells it.
        (Family::Fulfil, Announced) => Open,
        (Family::Delay, Open) => Announced,
        (Family::Direct, Denied | Possible) => Possible,
        (Family::Direct, Withdrawn(before)) => before.state(),
        (Family::Direct, _) => CalledFor,
        (Family::Dissuade | Family::Accuse, _) => Possible,
        (Family::Allow, Open) => Possible,
        (Family::Say, Open) => Announced,
        (Family::Deny, Denied) => Possible,
        (Family::Deny, _) => Denied,
        (Family::Guess, Withdrawn(_) | Open | Did | Announced | Denied | CalledFor) => Possible,
        (_, state) => state,
    }
}

/// What the verb of an embedder makes of it by its own form.
#[expect(clippy::match_same_arms, reason = "a row for each form")]
pub(super) fn formed(family: Family, inner: State, verb: &Vg) -> State {
    use State::{CalledFor, Denied, Open, Possible, Withdrawn};
    let state = embedded(family, inner);
    let carries = matches!(family, Family::Carry | Family::Fulfil | Family::Support | Family::Force);
    if state == Open && carries {
        return told(verb);
    }
    if verb.doubt || verb.supposed {
        return Possible;
    }
    if verb.no_longer && matches!(family, Family::Commit) {
        return Withdrawn(Before::Announced);
    }
    if verb.negated {
        return match (family, state) {
            (Family::Fail, Denied) if matches!(verb.mood, Mood::Will | Mood::Would) => State::Announced,
            (Family::Fail, Denied) => State::Did,
            (Family::Guess, _) if inner != Denied => Denied,
            (Family::Allow | Family::Force | Family::Truth, _) => Denied,
            (Family::Delay, state) => state,
            (
                Family::Refuse
                | Family::Prevent
                | Family::Direct
                | Family::Dissuade
                | Family::Deny
                | Family::Accuse
                | Family::Guess
                | Family::Say,
                _,
            ) => Possible,
            (_, state) => state.negated(),
        };
    }
    match (verb.mood, family) {
        (Mood::May | Mood::Can, _) => Possible,
        (Mood::Would, _) if verb.perfect => Possible,
        (Mood::Must, Family::Commit | Family::Carry | Family::Fulfil | Family::Support) => {
            if state == Denied {
                Possible
            } else {
                CalledFor
            }
        }
        (Mood::Must, Family::TakeBack) => match state {
            Withdrawn(before) => before.state(),
            state => state,
        },
        (Mood::Must, Family::Refuse | Family::Prevent | Family::Fail | Family::Guess) => Possible,
        _ => state,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_compose() {
        use Family::{Commit, Deny, Direct, Fail, Guess, Prevent, Refuse, TakeBack};
        use State::{Announced, CalledFor, Denied, Did, Open, Possible, Withdrawn};
        for (families, expected, sentence) in [
            (&[Commit, TakeBack][..], Withdrawn(Before::Announced), "drops veto threat"),
            (&[Refuse, Refuse], Possible, "refused to rule out a veto"),
            (&[Commit, Deny], Denied, "denied that it had promised to withdraw"),
            (&[TakeBack, Commit], Withdrawn(Before::Did), "agreed to lift its veto"),
            (&[TakeBack, Refuse], Did, "refused to lift its veto"),
            (&[Commit, TakeBack, Refuse], Announced, "refused to drop its veto threat"),
            (&[Direct, Refuse], Denied, "rejected calls to release him"),
            (&[Refuse, Commit], Denied, "vowed to refuse to sign"),
            (&[Refuse, Deny], Possible, "denied refusing to sign"),
            (&[Refuse, TakeBack], Possible, "ended its refusal to ratify"),
            (&[Direct, Commit], Announced, "agreed to a demand to release him"),
            (&[Fail, Direct], Possible, "urged it not to fail"),
            (&[Guess, TakeBack], Withdrawn(Before::Announced), "shelved the idea of a ban"),
            (&[Prevent, Refuse], Possible, "refused to prevent a strike"),
            (&[TakeBack, Direct], Did, "urged it to lift its veto"),
            (&[Direct], CalledFor, "urged it to sign"),
        ] {
            let found = families.iter().fold(Open, |state, family| embedded(*family, state));
            assert_eq!(found, expected, "{sentence}");
        }
        assert_eq!(embedded(Deny, Announced), Denied);
    }

    #[test]
    fn a_form_tells_where_an_act_stands() {
        let verb = |mood, negated| Vg { mood, negated, ..Vg::default() };
        for (verb, expected) in [
            (verb(Mood::Told, false), State::Did),
            (verb(Mood::Told, true), State::Denied),
            (verb(Mood::Will, false), State::Announced),
            (verb(Mood::Would, true), State::Denied),
            (verb(Mood::May, true), State::Possible),
            (verb(Mood::Can, true), State::Denied),
            (verb(Mood::Must, false), State::CalledFor),
            (verb(Mood::Must, true), State::Possible),
            (verb(Mood::Open, true), State::Denied),
        ] {
            assert_eq!(told(&verb), expected, "{verb:?}");
        }
        let negated = verb(Mood::Told, true);
        assert_eq!(formed(Family::Refuse, State::Open, &negated), State::Possible, "did not rule out");
        assert_eq!(formed(Family::Fail, State::Open, &negated), State::Did, "did not fail to");
        assert_eq!(formed(Family::Guess, State::Open, &negated), State::Denied, "is not expected to");
        let lifts = verb(Mood::Will, true);
        assert_eq!(formed(Family::TakeBack, State::Open, &lifts), State::Did, "will not lift its veto");
    }
}
