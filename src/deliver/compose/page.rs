use serde::Serialize;

use super::{ComposeError, clean, template};

/// What a link in a mail leads to: a page that says what it does, with a button that does it, or that says that it is done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Page {
    /// What is asked, or what has been done.
    pub heading: String,
    /// What that means; a paragraph each.
    pub lines: Vec<String>,
    /// What it is about, such as a headline; may be empty.
    pub about: String,
    /// What stands on the button; empty where there is none.
    pub button: String,
    /// What the button sends as `do`.
    pub does: &'static str,
    /// The button takes something back.
    pub back: bool,
}

/// The page as HTML, complete, with nothing from elsewhere. What it shows may come from strangers.
///
/// # Errors
/// When the template fails, which the tests rule out.
pub fn page(page: &Page) -> Result<String, ComposeError> {
    let page = Page { heading: clean::line(&page.heading, 200), about: clean::line(&page.about, 300), ..page.clone() };
    template::render("web/page.html", &page)
}
