use crate::item::{ItemId, StoryId};

/// What is decided on a new report.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Place {
    /// The story that it belongs to; `None` for one of its own.
    pub story: Option<StoryId>,
    /// Reports that turn out to belong together otherwise than was thought: those that are to be one story, and which; `None`
    /// for a new one.
    pub moves: Vec<Move>,
}

/// Reports that go to another story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Which.
    pub items: Vec<ItemId>,
    /// Where to.
    pub to: Goal,
}

/// Where reports go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// To a story that there is.
    Story(StoryId),
    /// To the story of the new report.
    Same,
    /// To a story of their own.
    New,
}
