//! Which element holds the article, and which parts of it are apart.

use super::measure::{Measure, ratio};
use super::phrases;
use super::tree::{Id, ROOT, Tree};
use super::vocabulary::{self, ASIDE, COMMENTS, MEDIA, ROLES, SMALL, SOCIAL};

/// A container with more of the page's text than this is not taken for a part that is apart, whatever it is called.
const MAIN_SHARE: f64 = 0.4;

/// The same for one that holds the place with the best paragraphs.
const BEST_SHARE: f64 = 0.25;

/// Where even comments are taken for the text.
const ALL_SHARE: f64 = 0.85;

/// How many levels up a paragraph speaks for what holds it.
const LEVELS: usize = 5;

/// A page with all that is known of its parts.
pub(super) struct Page<'a> {
    pub(super) tree: Tree<'a>,
    pub(super) measures: Vec<Measure>,
    /// The heading that holds the headline.
    pub(super) headline: Option<Id>,
    /// Text of paragraphs that are not apart by their element's own meaning, in characters; at least one.
    total: usize,
    /// Elements that are apart, by what they are.
    apart: Vec<bool>,
    /// Elements that are apart, by what they are or what they hold.
    boxed: Vec<bool>,
    /// What holds all links that invite to answer somebody: what readers say, whatever it is called.
    thread: Option<Id>,
}

impl<'a> Page<'a> {
    /// Looks over a page.
    pub(super) fn new(tree: Tree<'a>, measures: Vec<Measure>, headline: Option<Id>) -> Self {
        let mut page = Self { tree, measures, headline, total: 1, apart: Vec::new(), boxed: Vec::new(), thread: None };
        page.thread = page.find_thread();
        page.total = page.live_text().max(1);
        page
    }

    /// The innermost element around every link of one or two words that invites to answer, if there are several; not where it
    /// holds the headline.
    fn find_thread(&self) -> Option<Id> {
        let answers: Vec<Id> = (ROOT..self.tree.len())
            .filter(|&id| {
                let node = self.tree.node(id);
                node.is_text() && node.text.len() < 40 && phrases::invites_to_answer(&node.text)
            })
            .collect();
        let (&first, &last) = (answers.first()?, answers.last()?);
        if answers.len() < 2 {
            return None;
        }
        let around = self.tree.ancestors(first).find(|&id| self.tree.is_within(last, id))?;
        let holds_headline = self.headline.is_some_and(|headline| self.tree.is_within(headline, around));
        let whole =
            matches!(self.tree.node(around).name, "#" | "html" | "body" | "main" | "article" | "table" | "tbody");
        (!whole && !holds_headline).then_some(around)
    }

    /// What is measured at a node.
    pub(super) fn measure(&self, id: Id) -> &Measure {
        &self.measures[id]
    }

    /// Whether an element is to be passed over when the text is read.
    pub(super) fn is_passed_over(&self, id: Id) -> bool {
        self.boxed.get(id).copied().unwrap_or(false)
    }

    /// Whether a node is a paragraph: a block that holds no blocks.
    pub(super) fn is_leaf(&self, id: Id) -> bool {
        self.tree.node(id).block && !self.measure(id).holds_blocks
    }

    fn role_apart(&self, id: Id) -> bool {
        let node = self.tree.node(id);
        node.tag.is_some_and(|tag| tag.whole.contains("role"))
            && node.attribute("role").is_some_and(|role| ROLES.contains(&role.to_ascii_lowercase().as_str()))
    }

    fn is_body(&self, id: Id) -> bool {
        let node = self.tree.node(id);
        node.tag.is_some_and(|tag| tag.whole.contains("rticle"))
            && node.attribute("itemprop").is_some_and(|name| name.eq_ignore_ascii_case("articleBody"))
    }

    /// Sums a figure over the page, without the elements that `apart` tells, nor what is in them.
    fn sum(&self, range: std::ops::Range<Id>, apart: impl Fn(Id) -> bool, figure: impl Fn(Id) -> usize) -> usize {
        let mut sum = 0;
        let mut id = range.start;
        while id < range.end {
            let node = self.tree.node(id);
            if node.is_text() {
                id += 1;
            } else if apart(id) {
                id = node.end;
            } else if self.is_leaf(id) {
                sum += figure(id);
                id = node.end;
            } else {
                sum += figure(id);
                id += 1;
            }
        }
        sum
    }

    fn live_text(&self) -> usize {
        let apart = |id: Id| {
            let node = self.tree.node(id);
            self.measure(id).hidden || ASIDE.contains(&node.name) || node.is_unread() || self.role_apart(id)
        };
        self.sum(ROOT..self.tree.len(), apart, |id| if self.is_leaf(id) { self.measure(id).paragraphs } else { 0 })
    }

    /// Text of paragraphs in an element that are not apart.
    fn good_text(&self, id: Id) -> usize {
        let figure = |id: Id| {
            let measure = self.measure(id);
            match (self.is_leaf(id), measure.holds_blocks) {
                (true, _) => measure.paragraphs,
                (false, true) => measure.direct,
                _ => 0,
            }
        };
        self.sum(id..self.tree.node(id).end, |id| self.apart[id], figure)
    }

    /// Text of long paragraphs in an element that nothing speaks against.
    fn solid_text(&self, id: Id) -> usize {
        const SOLID_MIN: usize = 80;
        let figure = |id: Id| {
            let measure = self.measure(id);
            let solid = self.is_leaf(id) && measure.paragraphs >= SOLID_MIN && measure.link_share() < 0.3;
            if solid { measure.paragraphs } else { 0 }
        };
        self.sum(id..self.tree.node(id).end, |id| self.boxed[id], figure)
    }

    /// Whether an element is apart by what it is. `spared` tells whether its names do not count because it holds much.
    fn is_apart(&self, id: Id, spared: impl Fn(Id, f64) -> bool) -> bool {
        let node = self.tree.node(id);
        let measure = self.measure(id);
        if node.is_unread() {
            return true;
        }
        if matches!(node.name, "html" | "body" | "main" | "#") {
            return false;
        }
        if self.thread == Some(id) {
            return true;
        }
        let share = ratio(measure.paragraphs, self.total);
        if measure.hidden && share < 0.5 {
            return true;
        }
        let names = &measure.names;
        let said = || vocabulary::is_called(names, &COMMENTS);
        if spared(id, share) {
            return said() && node.name != "article" && !self.is_body(id) && share < ALL_SHARE;
        }
        if ASIDE.contains(&node.name) || self.role_apart(id) {
            return true;
        }
        if names.is_empty() {
            return false;
        }
        if node.is_heading() && node.name != "h1"
            || matches!(node.name, "tr" | "td" | "th" | "tbody" | "table" | "li" | "article" | "blockquote" | "pre")
        {
            return said();
        }
        let small = matches!(node.name, "p" | "span" | "em" | "strong" | "b" | "i");
        let is_caption = measure.length < 300 && measure.paragraphs < 150 && !measure.quotes;
        if !small && is_caption && vocabulary::is_called(names, &MEDIA) {
            return true;
        }
        let apart: Vec<&String> = names.iter().filter(|name| vocabulary::is_apart(name)).collect();
        let embedded = measure.quotes && apart.iter().all(|name| SOCIAL.contains(&name.as_str()));
        if !apart.is_empty() && !embedded {
            return !small || vocabulary::is_called(names, &SMALL);
        }
        vocabulary::is_apart_in_a_row(names)
    }

    /// Whether an element is apart by what it holds: links, or fields to fill in.
    fn is_box(&self, id: Id) -> bool {
        let measure = self.measure(id);
        match self.tree.node(id).name {
            "ul" | "ol" | "dl" => measure.length == 0 || measure.link_share() > 0.5,
            name @ ("div" | "section" | "table" | "header") => {
                if ratio(measure.paragraphs, self.total) > 0.25 {
                    return false;
                }
                let links = measure.links > 0 && measure.link_share() > 0.6;
                let fields = matches!(name, "div" | "section") && measure.inputs > 0 && measure.length < 500;
                links || fields
            }
            _ => false,
        }
    }

    /// How much the paragraphs of a page speak for each element.
    fn scores(&self) -> Vec<f64> {
        let mut scores = vec![0.0; self.tree.len()];
        let mut id = ROOT;
        while id < self.tree.len() {
            let node = self.tree.node(id);
            if node.is_text() {
                id += 1;
                continue;
            }
            if self.apart[id] {
                id = node.end;
                continue;
            }
            let measure = self.measure(id);
            if self.is_leaf(id) && !node.is_heading() {
                self.score_paragraph(id, &mut scores);
                id = node.end;
                continue;
            }
            // Text between blocks, as old pages set it with breaks.
            if measure.holds_blocks && measure.direct >= 80 {
                let score = 1.0 + ratio(measure.direct, 100);
                scores[id] += score;
                if id != ROOT {
                    scores[node.parent] += score / 2.0;
                }
            }
            id += 1;
        }
        scores
    }

    fn score_paragraph(&self, id: Id, scores: &mut [f64]) {
        let node = self.tree.node(id);
        let measure = self.measure(id);
        // A list of teasers has a linked headline in each of its items.
        let links_max = if node.name == "li" { 0.2 } else { 0.5 };
        if measure.length < 25 || measure.link_share() > links_max {
            return;
        }
        let commas: usize = (id..node.end).map(|at| self.tree.node(at).text.matches([',', '，', '、']).count()).sum();
        let before = self.headline.is_some_and(|headline| id < headline);
        let score = (1.0 + ratio(commas, 1) + ratio(measure.length, 100).min(3.0)) * if before { 0.5 } else { 1.0 };
        for (level, above) in self.tree.ancestors(id).take(LEVELS).enumerate() {
            scores[above] += score / [1.0, 2.0, 6.0, 9.0, 12.0][level.min(4)];
        }
    }

    /// A score weighed by what an element is and how much of it is links.
    fn rank(&self, id: Id, score: f64) -> f64 {
        let node = self.tree.node(id);
        let weight = if self.is_body(id) {
            1.5
        } else if matches!(node.name, "article" | "main")
            || vocabulary::is_called(&self.measure(id).names, &vocabulary::TEXT)
        {
            1.15
        } else {
            1.0
        };
        score * weight * (1.0 - self.measure(id).link_share())
    }

    fn best(&self, scores: &[f64], within: Option<Id>) -> Option<Id> {
        let mut best: Option<(f64, Id)> = None;
        for (id, score) in scores.iter().enumerate() {
            if *score > 0.0 && within.is_none_or(|outer| self.tree.is_within(id, outer)) {
                let rank = self.rank(id, *score);
                if best.is_none_or(|(known, _)| rank > known) {
                    best = Some((rank, id));
                }
            }
        }
        best.map(|(_, id)| id)
    }

    /// Finds the element that holds the article. `None` where the page has no paragraph.
    pub(super) fn find(&mut self) -> Option<Id> {
        let all = self.tree.len();
        // First nothing that holds paragraphs is judged by its name, to see where the best of them are.
        self.apart = (0..all).map(|id| self.is_apart(id, |_, share| share > 0.0)).collect();
        let first = self.best(&self.scores(), None)?;
        let mut above = vec![false; all];
        for id in std::iter::once(first).chain(self.tree.ancestors(first)) {
            above[id] = true;
        }
        let spared = |id: Id, share: f64| share > MAIN_SHARE || (above[id] && share > BEST_SHARE);
        self.apart = (0..all).map(|id| self.is_apart(id, spared)).collect();
        self.boxed = (0..all).map(|id| self.apart[id] || self.is_box(id)).collect();
        let scores = self.scores();
        let mut best = self.best(&scores, None)?;
        let article = self.headline.and_then(|headline| self.tree.article_of(headline)).filter(|&article| {
            let text = self.good_text(article);
            text >= 250 && ratio(text, self.total) >= 0.15
        });
        if let Some(article) = article
            && !self.tree.is_within(best, article)
        {
            best = self.best(&scores, Some(article)).unwrap_or(best);
        }
        Some(self.marked_body(best).unwrap_or_else(|| self.widened(best, article)))
    }

    /// The element that the page itself marks as the body of an article, if it and the best one hold the same text.
    fn marked_body(&self, best: Id) -> Option<Id> {
        let text = ratio(self.good_text(best), 1);
        let around = std::iter::once(best).chain(self.tree.ancestors(best)).find(|&id| self.is_body(id));
        if around.is_some_and(|id| ratio(self.good_text(id), 1) >= 0.9 * text) {
            return around;
        }
        let inside = (best..self.tree.node(best).end).find(|&id| self.is_body(id))?;
        (ratio(self.good_text(inside), 1) > 0.6 * text).then_some(inside)
    }

    /// The best element, or one around it that adds considerably more text of the same kind. What stands beside it and
    /// is full of links is passed over.
    fn widened(&mut self, best: Id, article: Option<Id>) -> Id {
        let mut chosen = best;
        let mut text = self.good_text(best);
        let mut inner = best;
        let above: Vec<Id> = self.tree.ancestors(best).collect();
        for outer in above {
            let name = self.tree.node(outer).name;
            let leaves = article.is_some_and(|article| !self.tree.is_within(outer, article));
            if matches!(name, "body" | "html" | "#") || leaves {
                break;
            }
            if !matches!(name, "tr" | "table" | "tbody") {
                let beside: Vec<Id> = self.tree.children(outer).filter(|&child| child != inner).collect();
                let mut more = 0;
                for child in beside {
                    let measure = self.measure(child);
                    if measure.links >= 3 && measure.link_share() > 0.2 {
                        self.boxed[child] = true;
                    } else if !self.tree.node(child).is_text() {
                        more += self.solid_text(child);
                    }
                }
                if ratio(more, 1) > 0.15 * ratio(text, 1) {
                    chosen = outer;
                    text += more;
                }
            }
            inner = outer;
        }
        chosen
    }
}
