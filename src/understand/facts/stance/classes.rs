//! What a word can be, and which families decide where an act stands.

/// The classes that a word can be of, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Classes(u32);

impl Classes {
    pub(super) const DET: Self = Self(1);
    pub(super) const NO: Self = Self(1 << 1);
    pub(super) const POSS: Self = Self(1 << 2);
    pub(super) const PRON: Self = Self(1 << 3);
    pub(super) const WH: Self = Self(1 << 4);
    pub(super) const THAT: Self = Self(1 << 5);
    pub(super) const WHETHER: Self = Self(1 << 6);
    pub(super) const MODAL: Self = Self(1 << 7);
    pub(super) const BE: Self = Self(1 << 8);
    pub(super) const HAVE: Self = Self(1 << 9);
    pub(super) const DO: Self = Self(1 << 10);
    pub(super) const NOT: Self = Self(1 << 11);
    pub(super) const LONGER: Self = Self(1 << 12);
    pub(super) const CC: Self = Self(1 << 13);
    pub(super) const TO: Self = Self(1 << 14);
    pub(super) const COND: Self = Self(1 << 15);
    pub(super) const UNTIL: Self = Self(1 << 16);
    pub(super) const SUB: Self = Self(1 << 17);
    pub(super) const PREP: Self = Self(1 << 18);
    pub(super) const TIME: Self = Self(1 << 19);
    pub(super) const ADV: Self = Self(1 << 20);
    pub(super) const DOUBT: Self = Self(1 << 21);
    pub(super) const ADJ: Self = Self(1 << 22);
    pub(super) const NOUN: Self = Self(1 << 23);
    /// A form as in "to veto".
    pub(super) const BASE: Self = Self(1 << 24);
    pub(super) const THIRD: Self = Self(1 << 25);
    pub(super) const PAST: Self = Self(1 << 26);
    pub(super) const PART: Self = Self(1 << 27);
    pub(super) const ING: Self = Self(1 << 28);
    pub(super) const PLURAL: Self = Self(1 << 29);
    pub(super) const NOBODY: Self = Self(1 << 30);
    pub(super) const UNDONE: Self = Self(1 << 31);
    pub(super) const NONE: Self = Self(0);

    /// Any form of a verb.
    pub(super) const VERB: Self = Self(0b1_1111 << 24);

    /// The class that a list of words is headed by.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "det" => Self::DET,
            "no" => Self::NO,
            "poss" => Self::POSS,
            "pron" => Self::PRON,
            "nobody" => Self::NOBODY,
            "wh" => Self::WH,
            "that" => Self::THAT,
            "whether" => Self::WHETHER,
            "modal" => Self::MODAL,
            "be" => Self::BE,
            "have" => Self::HAVE,
            "do" => Self::DO,
            "not" => Self::NOT,
            "longer" => Self::LONGER,
            "cc" => Self::CC,
            "to" => Self::TO,
            "cond" => Self::COND,
            "until" => Self::UNTIL,
            "sub" => Self::SUB,
            "prep" => Self::PREP,
            "time" => Self::TIME,
            "adv" => Self::ADV,
            "doubt" => Self::DOUBT,
            "undone" => Self::UNDONE,
            "adj" => Self::ADJ,
            "noun" => Self::NOUN,
            _ => return None,
        })
    }

    /// Both sets together.
    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the sets share a class.
    pub(super) const fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether it is of no class.
    pub(super) const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// The classes that are not in `other`.
    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// Words that do the same to an act that hangs on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Family {
    /// Promise, threaten, plan: its subject says that it will.
    Commit,
    /// Refuse, rule out.
    Refuse,
    /// Fail, be unable.
    Fail,
    /// Manage, begin, continue.
    Carry,
    /// Make good on: what was only said is done.
    Fulfil,
    /// Cast, impose: a verb that makes a noun an act.
    Support,
    /// Drop, lift, call off.
    TakeBack,
    /// Postpone.
    Delay,
    /// Urge, call on: its object should.
    Direct,
    /// Discourage: its object should not.
    Dissuade,
    /// Force, make.
    Force,
    /// Prevent, bar.
    Prevent,
    /// Let, allow.
    Allow,
    /// Say, announce.
    Say,
    /// True, the case.
    Truth,
    /// Deny, false.
    Deny,
    /// Fear, expect, consider.
    Guess,
    /// Accuse, blame.
    Accuse,
    /// A noun that passes on what hangs on it: a round of strikes.
    Pass,
    /// A noun that makes no act of the one before it: veto power.
    Block,
}

impl Family {
    /// The family that a row of the table names.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "commit" => Self::Commit,
            "refuse" => Self::Refuse,
            "fail" => Self::Fail,
            "carry" => Self::Carry,
            "fulfil" => Self::Fulfil,
            "support" => Self::Support,
            "takeback" => Self::TakeBack,
            "delay" => Self::Delay,
            "direct" => Self::Direct,
            "dissuade" => Self::Dissuade,
            "force" => Self::Force,
            "prevent" => Self::Prevent,
            "allow" => Self::Allow,
            "say" => Self::Say,
            "truth" => Self::Truth,
            "deny" => Self::Deny,
            "guess" => Self::Guess,
            "accuse" => Self::Accuse,
            "pass" => Self::Pass,
            "block" => Self::Block,
            _ => return None,
        })
    }

    /// As a chain shows it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Refuse => "refuse",
            Self::Fail => "fail",
            Self::Carry => "carry on",
            Self::Fulfil => "carry out",
            Self::Support => "support",
            Self::TakeBack => "take back",
            Self::Delay => "delay",
            Self::Direct => "direct",
            Self::Dissuade => "direct not",
            Self::Force => "force",
            Self::Prevent => "prevent",
            Self::Allow => "allow",
            Self::Say => "say",
            Self::Truth => "truth",
            Self::Deny => "deny",
            Self::Guess => "guess",
            Self::Accuse => "accuse",
            Self::Pass => "pass on",
            Self::Block => "no act",
        }
    }

    /// Whether the act is done by the object of the word rather than by its subject.
    pub(super) fn is_of_object(self) -> bool {
        matches!(self, Self::Direct | Self::Dissuade | Self::Force | Self::Prevent | Self::Allow | Self::Accuse)
    }

    /// Whether a clause that follows may hang on the word: "said Hungary would".
    pub(super) fn takes_clause(self) -> bool {
        !matches!(
            self,
            Self::Support
                | Self::Pass
                | Self::Block
                | Self::Prevent
                | Self::TakeBack
                | Self::Carry
                | Self::Fulfil
                | Self::Delay
                | Self::Fail
        )
    }
}
