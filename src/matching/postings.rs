use super::terms::TermId;

/// By term: the rules that are filed under it.
#[derive(Debug, Default)]
pub(super) struct Postings {
    /// By term: where its rules begin; one more for the end of the last.
    starts: Box<[u32]>,
    rules: Box<[u32]>,
}

impl Postings {
    /// Of pairs of a term and a rule, in the order of the rules; terms are below `terms`.
    pub(super) fn new(terms: usize, pairs: &[(TermId, u32)]) -> Self {
        let mut starts = vec![0_u32; terms + 1];
        for (term, _) in pairs {
            starts[*term as usize + 1] += 1;
        }
        for term in 0..terms {
            starts[term + 1] += starts[term];
        }
        let mut next = starts.clone();
        let mut rules = vec![0; pairs.len()];
        for (term, rule) in pairs {
            let at = &mut next[*term as usize];
            rules[*at as usize] = *rule;
            *at += 1;
        }
        Self { starts: starts.into(), rules: rules.into() }
    }

    /// The rules that are filed under a term, in order.
    pub(super) fn of(&self, term: TermId) -> &[u32] {
        let at = term as usize;
        &self.rules[self.starts[at] as usize..self.starts[at + 1] as usize]
    }
}
