use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A sample feed: a document of an invented outlet in which dates are written relative to the moment the demo starts.
///
/// - `{{-13d 08:30}}` is the moment at that UTC time of day so many days ago, `{{-95m}}` so many minutes ago (`s`, `m`, `h`
///   and `d`; `+` lies ahead), in the date form of the document's format.
/// - `{{+21d day}}` is that day as prose has it (`15 December`), `{{-2d weekday}}` its weekday.
/// - What stands between `{{after 25s}}` and `{{end}}` is published so long after the start, not before.
pub(super) struct Sample {
    /// Where it is served.
    pub(super) path: &'static str,
    /// Its media type.
    pub(super) media_type: &'static str,
    /// How its format writes dates, for [`jiff::civil::DateTime::strftime`] in UTC.
    date_form: &'static str,
    /// The document with its placeholders.
    template: &'static str,
}

/// The feeds of the demo, one in each format.
pub(super) const SAMPLES: [Sample; 3] = [
    Sample {
        path: "/meridian-post.rss",
        media_type: "application/rss+xml; charset=utf-8",
        date_form: "%a, %d %b %Y %H:%M:%S +0000",
        template: include_str!("../../../config/demo/meridian-post.rss"),
    },
    Sample {
        path: "/alliance-observer.atom",
        media_type: "application/atom+xml; charset=utf-8",
        date_form: "%Y-%m-%dT%H:%M:%SZ",
        template: include_str!("../../../config/demo/alliance-observer.atom"),
    },
    Sample {
        path: "/northern-wire.json",
        media_type: "application/feed+json",
        date_form: "%Y-%m-%dT%H:%M:%SZ",
        template: include_str!("../../../config/demo/northern-wire.json"),
    },
];

/// A sample feed as it stands at some moment.
pub(super) struct Document {
    /// The whole document.
    pub(super) body: String,
    /// When it last changed: at the start, or when its newest item came out.
    pub(super) changed: Timestamp,
}

impl Sample {
    /// The document at `now`, of a demo that began at `started`.
    pub(super) fn at(&self, started: Timestamp, now: Timestamp) -> Document {
        let (template, changed) = released(self.template, started, now);
        let mut body = String::with_capacity(template.len());
        let mut rest = template.as_str();
        while let Some((before, inside, after)) = placeholder(rest) {
            body.push_str(before);
            match self.date(inside, started) {
                Some(date) => body.push_str(&date),
                None => body.push_str(&rest[before.len()..rest.len() - after.len()]),
            }
            rest = after;
        }
        body.push_str(rest);
        Document { body, changed }
    }

    /// What a placeholder stands for; `None` where it is none.
    fn date(&self, placeholder: &str, started: Timestamp) -> Option<String> {
        let (offset, form) = placeholder.split_once(' ').unwrap_or((placeholder, ""));
        let moment = started.checked_add(duration(offset)?).ok()?;
        let moment = TimeZone::UTC.to_datetime(moment);
        let (moment, form) = match form {
            "" => (moment, self.date_form),
            "day" => (moment, "%-d %B"),
            "weekday" => (moment, "%A"),
            time => {
                let time = jiff::civil::Time::strptime("%H:%M", time).ok()?;
                (moment.date().to_datetime(time), self.date_form)
            }
        };
        Some(moment.strftime(form).to_string())
    }
}

/// The template with the blocks that are out by `now` and without the others, and when the last of them came out.
fn released(template: &str, started: Timestamp, now: Timestamp) -> (String, Timestamp) {
    const BEGIN: &str = "{{after ";
    const END: &str = "{{end}}";
    let (mut text, mut changed) = (String::with_capacity(template.len()), started);
    let mut rest = template;
    while let Some((before, block)) = rest.split_once(BEGIN) {
        text.push_str(before);
        let Some((head, after)) = block.split_once(END) else {
            text.push_str(BEGIN);
            rest = block;
            break;
        };
        if let Some((delay, inside)) = head.split_once("}}")
            && let Some(out) = duration(delay).and_then(|delay| started.checked_add(delay).ok())
            && out <= now
        {
            text.push_str(inside);
            changed = changed.max(out);
        }
        rest = after;
    }
    text.push_str(rest);
    (text, changed)
}

/// The first placeholder: what stands before it, inside its braces, and after it.
fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("{{")?;
    let (inside, after) = rest.split_once("}}")?;
    Some((before, inside, after))
}

/// `-13d`, `+45s`, `25s` as a duration; a day has 24 hours.
fn duration(text: &str) -> Option<SignedDuration> {
    let unit = text.chars().next_back()?;
    let number: i64 = text[..text.len() - unit.len_utf8()].parse().ok()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return None,
    };
    number.checked_mul(seconds).map(SignedDuration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> Timestamp {
        "2026-11-24T10:15:30Z".parse().unwrap()
    }

    fn every_body(now: Timestamp) -> Vec<String> {
        SAMPLES.iter().map(|sample| sample.at(start(), now).body).collect()
    }

    #[test]
    fn each_placeholder_becomes_a_date_of_its_format() {
        let rss = &SAMPLES[0];
        let date = |text| rss.date(text, start());
        assert_eq!(date("-13d 08:30").as_deref(), Some("Wed, 11 Nov 2026 08:30:00 +0000"));
        assert_eq!(date("-95m").as_deref(), Some("Tue, 24 Nov 2026 08:40:30 +0000"));
        assert_eq!(date("+21d day").as_deref(), Some("15 December"));
        assert_eq!(date("-2d weekday").as_deref(), Some("Sunday"));
        assert_eq!(SAMPLES[1].date("-3h", start()).as_deref(), Some("2026-11-24T07:15:30Z"));
        for nonsense in ["", "soon", "-3x", "-1d 8 o'clock", "é"] {
            assert_eq!(date(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn no_placeholder_is_left_over() {
        let later = start() + SignedDuration::from_hours(1);
        for body in every_body(start()).into_iter().chain(every_body(later)) {
            assert!(!body.contains("{{") && !body.contains("}}"), "{body}");
        }
    }

    #[test]
    fn news_breaks_while_the_demo_runs() {
        let wire = &SAMPLES[2];
        let before = wire.at(start(), start() + SignedDuration::from_secs(24));
        let after = wire.at(start(), start() + SignedDuration::from_secs(25));
        assert_eq!(before.changed, start());
        assert_eq!(after.changed, start() + SignedDuration::from_secs(25));
        let count = |document: &Document| {
            let json: serde_json::Value = serde_json::from_str(&document.body).expect("a JSON Feed");
            json["items"].as_array().unwrap().len()
        };
        assert_eq!(count(&after), count(&before) + 1);
    }

    #[test]
    fn items_stand_newest_first_and_never_in_the_future_whatever_the_hour() {
        for start in ["2026-11-24T00:00:00Z", "2026-11-24T12:00:00Z", "2026-11-24T23:59:59Z"] {
            let start: Timestamp = start.parse().unwrap();
            for sample in &SAMPLES {
                let model = feed_rs::parser::parse(sample.at(start, start).body.as_bytes()).expect("a feed");
                assert!((12..=16).contains(&model.entries.len()), "{}: {}", sample.path, model.entries.len());
                let dates: Vec<i64> = model.entries.iter().map(|entry| entry.published.unwrap().timestamp()).collect();
                assert!(dates.is_sorted_by(|a, b| a >= b), "{} at {start}: {dates:?}", sample.path);
                assert!(dates[0] <= start.as_second() && dates[0] > start.as_second() - 6 * 3600);
                for entry in &model.entries {
                    assert!(entry.title.is_some() && !entry.id.is_empty() && !entry.links.is_empty());
                }
            }
        }
    }
}
