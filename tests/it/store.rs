//! How a store behaves. The tests know the trait alone, so that every engine can be held to them.

mod digests;
mod feeds;
mod file;
mod identity;
mod keeping;
mod ledger;
mod outbox;
mod polls;
mod property;
mod scene;
mod stories;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use newswatch::store::sqlite::{Options, SqliteStore};
use newswatch::store::{Store, StoreError};

/// Tries to open a database before that it is held by somebody is taken for the truth.
const TRIES: usize = 100_000;

/// An engine under test, with one database that outlives the stores opened on it.
pub(crate) trait Engine {
    /// Opens the database, as a process that starts does.
    fn open(&self) -> Arc<dyn Store>;

    /// Opens what a death of the process at this moment would leave.
    fn crash(&self, store: Arc<dyn Store>) -> Arc<dyn Store>;

    /// Keeps a copy of the database, which must not be open.
    fn back_up(&self);

    /// Puts the copy back in place of the database, which must not be open.
    fn restore(&self);

    /// The same engine with an empty database.
    fn another(&self) -> Box<dyn Engine>;
}

/// SQLite in a directory of its own.
pub(crate) struct Sqlite {
    scratch: tempfile::TempDir,
    path: Mutex<PathBuf>,
    lives: AtomicU32,
}

impl Sqlite {
    pub(crate) fn new() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let path = Mutex::new(scratch.path().join("news.db"));
        Self { scratch, path, lives: AtomicU32::new(0) }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.path.lock().unwrap().clone()
    }

    fn backup(&self) -> PathBuf {
        self.scratch.path().join("backup.db")
    }
}

impl Engine for Sqlite {
    fn open(&self) -> Arc<dyn Store> {
        // A process that another test starts shares our locks until it has become a program of its own.
        let mut left = TRIES;
        loop {
            left -= 1;
            match SqliteStore::open(Options { path: self.path(), max_pages: None }) {
                Err(StoreError::Held { .. }) if left > 0 => std::thread::yield_now(),
                opened => return Arc::new(opened.unwrap()),
            }
        }
    }

    fn crash(&self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        let life = self.lives.fetch_add(1, Ordering::Relaxed);
        let left = self.scratch.path().join(format!("life-{life}"));
        std::fs::create_dir(&left).unwrap();
        let path = self.path();
        // The index of the log (-shm) is memory of the dead; SQLite makes it anew.
        for suffix in ["", "-wal"] {
            let name = format!("{}{suffix}", path.file_name().unwrap().to_str().unwrap());
            std::fs::copy(path.with_file_name(&name), left.join(&name)).unwrap();
        }
        *self.path.lock().unwrap() = left.join("news.db");
        let next = self.open();
        drop(store);
        next
    }

    fn back_up(&self) {
        std::fs::copy(self.path(), self.backup()).unwrap();
    }

    fn restore(&self) {
        std::fs::copy(self.backup(), self.path()).unwrap();
    }

    fn another(&self) -> Box<dyn Engine> {
        Box::new(Self::new())
    }
}

/// Runs the whole suite against one engine.
macro_rules! suite {
    ($engine:expr; $($module:ident: $($test:ident)+;)+) => {$(
        mod $module {
            $(
                #[tokio::test]
                async fn $test() {
                    super::super::$module::$test(&$engine).await;
                }
            )+
        }
    )+};
}

mod sqlite {
    suite! { crate::store::Sqlite::new();
        identity:
            an_item_is_new_once_and_known_ever_after
            an_item_whose_content_changed_is_edited
            a_renamed_id_with_the_same_link_is_the_same_item
            a_renamed_id_with_the_same_title_and_text_is_the_same_item
            an_id_that_was_reused_for_other_news_is_a_new_item
            a_changed_title_under_the_same_link_is_an_edit
            a_changed_title_without_any_link_is_an_edit
            without_an_id_the_link_decides_and_without_a_link_the_text
            keys_are_scoped_to_their_feed
            one_id_for_two_news_of_one_document_keeps_both
            one_id_twice_for_the_same_news_is_one_item
            two_ids_with_one_title_and_text_side_by_side_are_two_items
            a_link_that_went_over_to_other_news_is_a_new_item
            a_site_that_renames_all_its_ids_has_nothing_new
            identities_are_the_same_in_every_database
            a_reused_id_does_not_inherit_what_was_told;
        polls:
            a_poll_is_there_whole_after_a_crash
            a_poll_that_fails_leaves_nothing_behind
            the_neighbours_of_a_failing_poll_are_committed
            what_was_matched_under_an_older_config_is_refused
            a_generation_that_came_to_nothing_can_be_taken_back
            the_same_document_twice_tells_once
            an_edited_item_loses_the_matches_that_it_lost
            an_edit_tells_the_watch_that_did_not_match_before
            a_broken_feed_is_reported_once
            the_receipt_counts
            items_are_listed_newest_first_and_filtered
            matches_are_counted_by_day;
        feeds:
            a_memory_comes_back_as_it_was
            validators_and_items_come_together
            a_renamed_feed_keeps_everything
            an_edited_url_starts_afresh_and_keeps_its_items
            a_look_at_the_feeds_changes_nothing
            two_feeds_with_one_url_are_told_apart_by_name
            a_feed_that_is_not_named_stays
            a_feed_that_was_gone_is_asked_again_when_it_is_put_back
            nothing_waits_for_a_clock_that_was_set_back
            the_longest_hold_on_a_host_counts;
        stories:
            a_second_report_joins_and_tells_nothing
            a_story_closes_72_hours_after_its_last_report
            an_older_report_does_not_join_a_story_that_began_much_later
            an_edited_item_stays_in_its_story
            candidates_are_the_newest_eight
            two_polls_that_meet_one_story_at_once_tell_it_once;
        outbox:
            alerts_go_first_then_the_oldest
            one_mail_of_a_recipient_is_under_way_at_a_time
            whoever_lost_a_lease_writes_nothing
            a_mail_put_off_waits_for_its_time
            a_clock_that_was_set_back_keeps_no_mail_waiting
            a_mail_put_back_was_not_tried
            what_was_rendered_stays_byte_for_byte
            a_sent_mail_is_never_leased_again
            a_dead_letter_is_listed_and_left_alone
            a_dropped_mail_is_gone_and_its_keys_are_told
            a_restart_finds_out_what_was_unheard
            a_lease_that_ran_out_at_the_last_dot_is_unheard
            what_was_unheard_once_stays_unheard
            a_restart_tries_at_once_what_only_the_relay_held_up
            a_recipient_whom_nobody_knows_is_left_alone_but_for_one_mail_a_day
            a_summary_for_whom_nobody_knows_waits_until_somebody_does
            what_may_have_come_waits_as_well_for_whom_nobody_knows
            what_a_mail_has_no_room_for_is_counted
            what_somebody_may_have_is_never_made_shorter
            what_follows_in_a_story_waits_for_what_was_put_off
            the_next_due_time_waits_for_leases
            entries_name_the_story_and_its_other_reports
            a_thread_is_the_earlier_alerts_of_a_story;
        digests:
            what_is_held_goes_out_in_one_mail_each
            a_slot_is_used_once
            a_tick_under_an_older_config_is_refused
            a_flush_uses_no_slot
            a_new_digest_looks_forward_only
            what_comes_later_waits_for_the_next_slot
            what_is_held_survives_a_crash
            a_key_covered_while_held_follows_its_digest
            near_misses_are_kept_for_a_week_the_nearest_few_of_each_watch;
        ledger:
            an_older_copy_repeats_nothing_that_the_ledger_has
            a_mail_loses_the_keys_that_were_told_and_is_rendered_anew
            a_line_settles_the_mail_whose_row_was_not_written
            lines_that_are_known_change_nothing
            a_line_of_our_own_leaves_alone_what_goes_both_ways
            held_tellings_that_were_told_are_let_go
            a_mail_that_was_offered_is_left_alone
            covered_keys_get_their_line_when_their_mail_is_sent
            a_line_that_could_not_be_written_is_still_to_be_written
            a_dropped_line_drops_the_mail;
        keeping:
            old_items_go_and_their_keys_stay
            items_of_the_current_document_never_go
            pruning_goes_step_by_step
            items_that_a_mail_still_needs_stay
            a_story_goes_with_its_last_item
            sent_mails_go_and_what_they_told_stays_told
            mails_go_step_by_step_and_dead_letters_too
            keys_go_after_two_years_more
            keys_count_their_years_from_the_last_sight
            a_returning_old_item_renews_its_keys
            a_closed_store_says_so;
        property:
            whatever_happens_every_key_is_told_once;
    }
}
