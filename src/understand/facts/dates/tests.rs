use crate::understand::facts::{Anchor, Asked, Facts};

/// The dates of a text of Thursday, 12 March 2026, each as its words and its first and last day.
fn dates(text: &str) -> Vec<String> {
    let anchor = Anchor { at: "2026-03-12T12:00:00".parse().unwrap(), day_first: None };
    let facts = Facts::of(text, &anchor, &Asked::default());
    facts.dates.iter().map(|date| format!("{} {} {}", &text[date.span.clone()], date.first, date.last)).collect()
}

#[test]
fn how_long_something_took_is_no_date() {
    for text in [
        "Ferry fares have risen over the past few weeks.",
        "The river has been falling for the last six days.",
        "During the last three months the bakery lost half its guests.",
        "In the past two weeks, four hikers were rescued.",
        "The dam filled over the next few years.",
        "The herd lost 40 cows in one day.",
        "The choir sang over the course of the week.",
    ] {
        assert_eq!(dates(text), [""; 0], "{text}");
    }
}

/// The day beside what changes a plan is that of the plan or that of the change: the nearer one.
#[test]
fn what_changes_a_plan_stands_beside_the_nearer_day() {
    for (text, expected) in [
        ("The fair in Sofia has been cancelled on 2 April.", "2 April 2026-04-02 2026-04-02"),
        ("The fair on 2 April has been cancelled.", "2 April 2026-04-02 2026-04-02"),
        ("The fair on 2 April was called off.", "2 April 2026-04-02 2026-04-02"),
        ("The fair was cancelled on 9 March.", "9 March 2026-03-09 2026-03-09"),
        ("The fair was postponed on 9 March.", "9 March 2026-03-09 2026-03-09"),
        ("The fair has been postponed to 9 February.", "9 February 2027-02-09 2027-02-09"),
        ("The fair was called off on Monday.", "Monday 2026-03-09 2026-03-09"),
        ("Pilots announced a walkout for 2 April.", "2 April 2026-04-02 2026-04-02"),
        ("The choir sang there on 2 April.", "2 April 2025-04-02 2025-04-02"),
        ("They agreed to a concert on 2 April.", "2 April 2026-04-02 2026-04-02"),
        ("They agreed on it on 9 February.", "9 February 2026-02-09 2026-02-09"),
    ] {
        assert_eq!(dates(text), [expected], "{text}");
    }
}

#[test]
fn lengths_of_time_that_the_calendar_or_the_future_fixes_are_dates() {
    for (text, expected) in [
        ("The port will be closed for the next three days.", "the next three days 2026-03-13 2026-03-15"),
        ("Rents fell in the last two quarters.", "the last two quarters 2025-07-01 2025-12-31"),
        ("The bridge will open in the next two weeks.", "the next two weeks 2026-03-13 2026-03-26"),
        ("The ferry was full in the last week.", "the last week 2026-03-02 2026-03-08"),
        ("A storm is due over the weekend.", "the weekend 2026-03-14 2026-03-15"),
        ("The vote will be held in one week.", "in one week 2026-03-19 2026-03-19"),
    ] {
        assert_eq!(dates(text), [expected], "{text}");
    }
}

#[test]
fn what_a_story_counts_from_its_own_days_is_no_day_of_publication() {
    for (text, expected) in [
        (
            "In 1987 he founded a brewery and the following year a museum was opened.",
            &["1987 1987-01-01 1987-12-31"][..],
        ),
        ("Work began in 2011 and ended two years later.", &["2011 2011-01-01 2011-12-31"]),
        ("The following day the theory was given up.", &[]),
        ("The choir will sing the following day.", &["the following day 2026-03-13 2026-03-13"]),
        ("The hall will reopen two weeks later.", &["two weeks later 2026-03-26 2026-03-26"]),
    ] {
        assert_eq!(dates(text), expected, "{text}");
    }
}

#[test]
fn numbers_and_days_inside_names_are_no_dates() {
    for text in ["Shares in the Wilson 2000 Index fell.", "On that note, that day one concert was sold out."] {
        assert_eq!(dates(text), [""; 0], "{text}");
    }
}

#[test]
fn days_in_rows_and_ranges_are_read_whole() {
    for (text, expected) in [
        ("Concerts are on 9, 10 and 11 April.", &["9, 10 and 11 April 2026-04-09 2026-04-11"][..]),
        ("The fair runs from 30 April to 2 May.", &["from 30 April to 2 May 2026-04-30 2026-05-02"]),
        ("The fair runs 7-9 August.", &["7-9 August 2026-08-07 2026-08-09"]),
        ("Bids of 9, 10 and 11 crowns were refused.", &[]),
        ("The score was 9-11-9-11.", &[]),
        ("The twenty-first of June will be a holiday.", &["The twenty-first of June 2026-06-21 2026-06-21"]),
        ("It was built in nineteen eighty-six.", &["nineteen eighty-six 1986-01-01 1986-12-31"]),
        ("Punk was over by the '80s.", &["the '80s 1980-01-01 1989-12-31"]),
        ("The day after tomorrow the pool opens.", &["The day after tomorrow 2026-03-14 2026-03-14"]),
    ] {
        assert_eq!(dates(text), expected, "{text}");
    }
}
