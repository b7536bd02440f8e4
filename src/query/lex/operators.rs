use super::super::tree::Reach;
use super::super::{COUNT_MAX, QueryError, REACH_MAX};
use super::{Kind, Lexer};

/// Operators, and what looks like one.
impl Lexer<'_> {
    pub(super) fn operator(&mut self, run: &str) -> bool {
        let length = run.len();
        match run {
            "AND" => self.push_next(Kind::And, length),
            "OR" => self.push_next(Kind::Or, length),
            "NOT" => self.push_next(Kind::Not, length),
            "NEAR" | "BEFORE" | "PRE" => {
                let hint = format!("write {run}/8 (words), {run}/s (sentence) or {run}/p (paragraph)");
                self.bad_operator(length, &format!("`{run}` needs a distance"), &hint);
            }
            _ => return self.distance(run),
        }
        true
    }

    /// An operator with a fault in it; what follows is still its operand.
    fn bad_operator(&mut self, length: usize, message: &str, hint: &str) {
        self.errors.push(QueryError::new(self.at..self.at + length, message, hint));
        self.push_next(Kind::Near { reach: Reach::Sentence, ordered: false }, length);
    }

    fn distance(&mut self, run: &str) -> bool {
        let Some((name, reach)) = run.split_once('/') else { return false };
        let capitals = name.to_ascii_uppercase();
        let ordered = match capitals.as_str() {
            "NEAR" | "W" => false,
            "BEFORE" | "PRE" => true,
            _ => return false,
        };
        let number = !reach.is_empty() && reach.bytes().all(|byte| byte.is_ascii_digit());
        let known = number || reach.eq_ignore_ascii_case("s") || reach.eq_ignore_ascii_case("p");
        if name != capitals {
            // `w/o` and the like are words.
            if !known {
                return false;
            }
            self.bad_operator(run.len(), "operators are written in capitals", &format!("write {capitals}/{reach}"));
            return true;
        }
        let parsed = match reach {
            "s" | "S" => Some(Reach::Sentence),
            "p" | "P" => Some(Reach::Paragraph),
            _ if number => reach.parse().ok().filter(|words| (1..=REACH_MAX).contains(words)).map(Reach::Words),
            _ => None,
        };
        match parsed {
            Some(reach) => self.push_next(Kind::Near { reach, ordered }, run.len()),
            None if number => {
                let message = format!("a distance is a number of words from 1 to {REACH_MAX}");
                self.bad_operator(run.len(), &message, &format!("write {name}/8"));
            }
            None => {
                let hint = format!("write {name}/8 (words), {name}/s (sentence) or {name}/p (paragraph)");
                let message = if reach.is_empty() {
                    format!("`{run}` needs a distance")
                } else {
                    format!("`{reach}` is no distance")
                };
                self.bad_operator(run.len(), &message, &hint);
            }
        }
        true
    }

    /// `ATLEAST/n` and `ANY/n (`.
    pub(super) fn counted(&mut self, run: &str) -> bool {
        let (name, number) = run.split_once('/').unwrap_or((run, ""));
        let example = match name {
            "ATLEAST" => "write ATLEAST/3 veto",
            "ANY" => "write ANY/2 (a, b, c)",
            _ => return false,
        };
        let opens = self.source[self.at + run.len()..].trim_start().starts_with('(');
        let count = number.parse().ok().filter(|count| (1..=COUNT_MAX).contains(count));
        let kind = match count {
            Some(count) if name == "ATLEAST" => Kind::Times(count),
            Some(count) if opens => Kind::Some(count),
            _ => {
                let message = match count {
                    Some(_) => "`ANY` needs its clauses in brackets".to_owned(),
                    None => format!("`{name}` needs a number from 1 to {COUNT_MAX}"),
                };
                self.bad_next(run.len(), message, example);
                return true;
            }
        };
        if name == "ANY" {
            self.list = self.list.or(Some(0));
        }
        self.push_next(kind, run.len());
        true
    }
}
