/// What the operator should hear of a feed after a poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HealthNews {
    /// It has failed for a day, or answered 410.
    Broken,
    /// It works again after it was reported.
    Healed,
}
