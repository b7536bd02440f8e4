//! The one thread that writes: it takes what waits, up to fifty operations, into one transaction, because a commit costs a
//! wait for the disk whatever is in it, and writes each page that it touches anew.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::company::{Bell, COMPANY, Taken};
use super::fault::Fault;
use super::files::Hold;
use crate::clock::steady;
use crate::store::StoreError;

/// Operations that may wait for the thread; whoever comes then waits outside.
const QUEUE: usize = 1024;

/// Whether an operation must outlive a power cut from the moment on in which its caller hears of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Durable {
    /// It is on disk before anybody is told.
    Now,
    /// The same, and it waits a little for others, which are about to come.
    Together,
    /// It is in order with all others, and on disk with the next one that has to be; a process that dies loses nothing of it.
    Soon,
}

/// What the thread is asked to do. Answered only once it is known whether the commit succeeded.
pub(super) trait Operation: Send {
    /// How much its caller relies on it.
    fn durable(&self) -> Durable;

    /// Runs inside the transaction; false when what it wrote, if anything, has to be undone. Where all was undone it runs again.
    fn run(&mut self, conn: &Connection) -> bool;

    /// Tells whoever asked: what came out, or why nothing did although it went well.
    fn answer(self: Box<Self>, committed: Result<(), Fault>, path: &Path);
}

struct Asked<T, F> {
    doing: &'static str,
    durable: Durable,
    work: F,
    outcome: Option<Result<T, Fault>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Operation for Asked<T, F>
where
    T: Send,
    F: FnMut(&Connection) -> Result<T, Fault> + Send,
{
    fn durable(&self) -> Durable {
        self.durable
    }

    fn run(&mut self, conn: &Connection) -> bool {
        let work = &mut self.work;
        // What decides is not ours, and must not take everybody's writer with it.
        let outcome =
            catch_unwind(AssertUnwindSafe(|| work(conn))).unwrap_or_else(|panic| Err(panicked(self.doing, &*panic)));
        let fine = outcome.is_ok();
        self.outcome = Some(outcome);
        fine
    }

    fn answer(self: Box<Self>, committed: Result<(), Fault>, path: &Path) {
        let Self { doing, work, outcome, reply, .. } = *self;
        // What it was given is freed by its caller, who is still waiting, and not on this thread, which all others wait for.
        drop(work);
        let answer = match (outcome, committed) {
            (Some(Err(fault)), _) | (_, Err(fault)) => Err(fault.told(doing, path)),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(StoreError::Closed),
        };
        // Whoever went away asked for it all the same.
        let _ = reply.send(answer);
    }
}

fn panicked(doing: &'static str, panic: &(dyn Any + Send)) -> Fault {
    let words = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Fault::Refused(StoreError::Engine { doing, what: format!("it panicked: {}", words.unwrap_or("without a word")) })
}

/// The handle to the thread. When it is dropped, what was accepted is written and the thread ends.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Option<Queue>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread, which keeps `hold` as long as it keeps the file open.
    pub(super) fn start(conn: Connection, path: PathBuf, hold: Hold) -> std::io::Result<Self> {
        let (queue, asked) = mpsc::channel(QUEUE);
        let bell = Arc::new(Bell::default());
        let queue = Queue { queue, bell: Arc::clone(&bell) };
        let work = move || {
            let mut turn = Turn { conn, path, bell, synced: Durable::Now };
            turn.serve(asked);
            turn.end();
            drop(hold);
        };
        let thread = std::thread::Builder::new().name("store-writer".to_owned()).spawn(work)?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Where to hand operations in.
    pub(super) fn queue(&self) -> Option<Queue> {
        self.queue.clone()
    }

    /// Takes no more operations, and waits until those accepted are on disk and the file is closed. Blocks.
    pub(super) fn end(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // It catches what operations throw; were it to die all the same, there is nothing left to wait for.
            let _ = thread.join();
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.end();
    }
}

/// Hands operations to the thread.
#[derive(Debug, Clone)]
pub(super) struct Queue {
    queue: mpsc::Sender<Box<dyn Operation>>,
    bell: Arc<Bell>,
}

impl Queue {
    /// Runs `work` in a transaction and returns what it returned once that is committed, and as `durable` as it has to be.
    pub(super) async fn ask<T, F>(self, doing: &'static str, durable: Durable, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let asked = Asked { doing, durable, work, outcome: None, reply };
        self.queue.send(Box::new(asked)).await.map_err(|_| StoreError::Closed)?;
        if durable != Durable::Together {
            self.bell.ring();
        }
        // The thread ends once nobody can ask any more.
        drop(self.queue);
        answer.await.map_err(|_| StoreError::Closed)?
    }
}

/// The thread's own side.
struct Turn {
    conn: Connection,
    path: PathBuf,
    bell: Arc<Bell>,
    /// What commits wait for.
    synced: Durable,
}

impl Turn {
    fn serve(&mut self, mut asked: mpsc::Receiver<Box<dyn Operation>>) {
        let mut taken = Taken::default();
        // When the first of those that wait has waited long enough.
        let mut until = steady();
        // Those that were left for the next group have rung already.
        let mut are_left = false;
        loop {
            if taken.patient.is_empty() {
                let Some(first) = asked.blocking_recv() else { break };
                taken.add(first);
                until = steady() + COMPANY;
            } else if !are_left {
                self.bell.wait(until.saturating_duration_since(steady()));
            }
            while !taken.is_full()
                && let Ok(next) = asked.try_recv()
            {
                taken.add(next);
            }
            are_left = taken.is_full();
            self.commit(std::mem::take(&mut taken.hasty));
            if taken.is_full() || asked.is_closed() || steady() >= until {
                self.commit(std::mem::take(&mut taken.patient));
            }
        }
    }

    /// One transaction for the whole group. Nearly all operations succeed, or fail before they have written anything, so they run as
    /// one first; where one of them fails later, all is undone, and they run again with a savepoint for each.
    fn commit(&mut self, mut group: Vec<Box<dyn Operation>>) {
        if group.is_empty() {
            return;
        }
        if let Err(error) = self.sync_for(&group) {
            // Nobody may believe that it is on disk.
            return self.answer(group, Some(&error));
        }
        if self.run_as_one(&mut group) {
            self.end_transaction(group);
        } else {
            self.run_one_by_one(group);
        }
    }

    /// Whether there is nothing of a failed one in what they wrote; where there is, nothing is written.
    fn run_as_one(&self, group: &mut [Box<dyn Operation>]) -> bool {
        let begun = self.conn.execute_batch("BEGIN IMMEDIATE").is_ok();
        // A full disk, for one, ends the transaction.
        let fine = begun
            && group.iter_mut().all(|operation| {
                let before = self.conn.total_changes();
                (operation.run(&self.conn) || self.conn.total_changes() == before) && !self.conn.is_autocommit()
            });
        if !fine {
            self.undo();
        }
        fine
    }

    fn run_one_by_one(&self, group: Vec<Box<dyn Operation>>) {
        let mut ran: Vec<Box<dyn Operation>> = Vec::with_capacity(group.len());
        for mut operation in group {
            if self.conn.is_autocommit()
                && let Err(error) = self.conn.execute_batch("BEGIN IMMEDIATE")
            {
                operation.answer(Err(error.into()), &self.path);
                continue;
            }
            let isolated = self.isolate(&mut *operation);
            ran.push(operation);
            if let Err(error) = isolated {
                // A full disk, for one, makes SQLite undo the whole transaction, and with it what others had written.
                self.undo();
                self.answer(std::mem::take(&mut ran), Some(&error));
            }
        }
        if !ran.is_empty() {
            self.end_transaction(ran);
        }
    }

    fn end_transaction(&self, ran: Vec<Box<dyn Operation>>) {
        let committed = self.conn.execute_batch("COMMIT");
        if committed.is_err() {
            self.undo();
        }
        self.answer(ran, committed.err().as_ref());
    }

    /// Lets commits wait for the disk, or not, as the group needs it. In a write-ahead log a commit that waits takes along all that
    /// did not.
    fn sync_for(&mut self, group: &[Box<dyn Operation>]) -> rusqlite::Result<()> {
        let (needed, pragma) = if group.iter().any(|operation| operation.durable() != Durable::Soon) {
            (Durable::Now, "PRAGMA synchronous = FULL")
        } else {
            (Durable::Soon, "PRAGMA synchronous = NORMAL")
        };
        if needed != self.synced {
            self.conn.execute_batch(pragma)?;
            self.synced = needed;
        }
        Ok(())
    }

    /// Runs one operation between savepoints.
    ///
    /// # Errors
    /// When the transaction around it is lost.
    fn isolate(&self, operation: &mut dyn Operation) -> rusqlite::Result<()> {
        self.conn.execute_batch("SAVEPOINT operation")?;
        let fine = operation.run(&self.conn);
        if self.conn.is_autocommit() {
            let lost = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ABORT);
            let words = "the transaction was undone by the failure of another operation in it";
            return Err(rusqlite::Error::SqliteFailure(lost, Some(words.to_owned())));
        }
        self.conn.execute_batch(if fine { "RELEASE operation" } else { "ROLLBACK TO operation; RELEASE operation" })
    }

    fn undo(&self) {
        if !self.conn.is_autocommit() {
            // If even this fails, the next BEGIN says so to whoever asks next.
            let _ = self.conn.execute_batch("ROLLBACK");
        }
    }

    fn answer(&self, ran: Vec<Box<dyn Operation>>, error: Option<&rusqlite::Error>) {
        for operation in ran {
            operation.answer(error.map_or(Ok(()), |error| Err(Fault::again(error))), &self.path);
        }
    }

    /// Leaves one tidy file behind.
    fn end(self) {
        // Neither is needed for what was committed to be safe.
        let _ = self.conn.execute_batch("PRAGMA optimize;");
        let _ = self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::super::{files, open};
    use super::*;

    fn writer(max_pages: Option<u32>) -> (tempfile::TempDir, PathBuf, Writer) {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("news.db");
        let hold = files::hold(&path).unwrap();
        files::make(&path).unwrap();
        drop(open::writer(&path, None).unwrap());
        let conn = open::writer(&path, max_pages).unwrap();
        (scratch, path.clone(), Writer::start(conn, path, hold).unwrap())
    }

    /// Hands all of `operations` in before the thread can take the second, so that they meet in one group.
    async fn together(writer: &Writer, operations: Vec<Work>) -> Vec<Result<(), StoreError>> {
        at_once(writer, operations.into_iter().map(|work| (Durable::Now, work)).collect()).await
    }

    async fn at_once(writer: &Writer, operations: Vec<(Durable, Work)>) -> Vec<Result<(), StoreError>> {
        let (open_gate, gate) = std::sync::mpsc::channel::<()>();
        let mut is_open = false;
        let gate = writer.queue().unwrap().ask("gate", Durable::Now, move |_| {
            // It may run again, with others.
            if !is_open {
                gate.recv().unwrap();
            }
            is_open = true;
            Ok(())
        });
        let mut waiting = tokio::task::JoinSet::new();
        waiting.spawn(gate);
        tokio::task::yield_now().await;
        let mut answers = Vec::new();
        for (durable, work) in operations {
            let (reply, answer) = oneshot::channel();
            let asked = Asked { doing: "test", durable, work, outcome: None, reply };
            writer.queue().unwrap().queue.send(Box::new(asked)).await.unwrap();
            answers.push(answer);
        }
        open_gate.send(()).unwrap();
        waiting.join_all().await;
        let mut all = Vec::new();
        for answer in answers {
            all.push(answer.await.unwrap());
        }
        all
    }

    type Work = Box<dyn FnMut(&Connection) -> Result<(), Fault> + Send>;

    fn note(name: &'static str) -> Work {
        Box::new(move |conn| {
            conn.execute("INSERT INTO meta VALUES (?, 1)", [name])?;
            Ok(())
        })
    }

    fn noted(path: &Path) -> Vec<String> {
        let conn = open::reader(path).unwrap();
        let mut names = conn.prepare("SELECT name FROM meta ORDER BY name").unwrap();
        names.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    #[tokio::test]
    async fn only_what_must_be_on_disk_at_once_waits_for_it() {
        let (_scratch, _path, writer) = writer(None);
        let level = |durable| {
            let read = |conn: &Connection| Ok(conn.query_row("PRAGMA synchronous", (), |row| row.get::<_, i64>(0))?);
            writer.queue().unwrap().ask("level", durable, read)
        };
        for (durable, expected) in
            [(Durable::Now, 2), (Durable::Soon, 1), (Durable::Together, 2), (Durable::Now, 2), (Durable::Soon, 1)]
        {
            assert_eq!(level(durable).await.unwrap(), expected, "{durable:?}");
        }
    }

    #[tokio::test]
    async fn one_that_fails_or_panics_leaves_its_neighbours_alone() {
        let (_scratch, path, mut writer) = writer(None);
        let fails: Work = Box::new(|conn| {
            conn.execute("INSERT INTO meta VALUES ('half', 1)", ())?;
            Err(StoreError::Stale.into())
        });
        let panics: Work = Box::new(|conn| {
            conn.execute("INSERT INTO meta VALUES ('more', 1)", ())?;
            panic!("no such luck")
        });
        let answers = together(&writer, vec![note("a"), fails, note("b"), panics, note("c")]).await;
        assert!(answers[0].is_ok() && answers[2].is_ok() && answers[4].is_ok());
        assert!(matches!(answers[1], Err(StoreError::Stale)));
        assert!(matches!(&answers[3], Err(StoreError::Engine { what, .. }) if what.contains("no such luck")));
        assert_eq!(noted(&path), ["a", "b", "c"]);
        writer.end();
    }

    #[tokio::test]
    async fn what_was_undone_with_a_neighbour_is_written_once() {
        let (_scratch, path, writer) = writer(None);
        let fails = || -> Work {
            let mut tries = 0;
            Box::new(move |conn| {
                tries += 1;
                conn.execute("INSERT INTO meta VALUES (?, ?)", (format!("half {tries}"), tries))?;
                Err(StoreError::LeaseLost(tries).into())
            })
        };
        let answers = together(&writer, vec![note("a"), note("b"), fails(), note("c"), fails()]).await;
        // Each has the answer to its last run.
        for (answer, fine) in answers.iter().zip([true, true, false, true, false]) {
            assert_eq!(answer.is_ok(), fine, "{answer:?}");
        }
        assert_eq!(noted(&path), ["a", "b", "c"]);
        assert!(together(&writer, vec![note("d")]).await[0].is_ok());
    }

    #[tokio::test]
    async fn what_fails_before_it_writes_lets_its_neighbours_be() {
        let (_scratch, path, writer) = writer(None);
        let runs = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counted = std::sync::Arc::clone(&runs);
        let counts: Work = Box::new(move |conn| {
            counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            note("a")(conn)
        });
        let refuses: Work = Box::new(|_| Err(StoreError::Stale.into()));
        let answers = together(&writer, vec![counts, refuses, note("b")]).await;
        assert!(answers[0].is_ok() && matches!(answers[1], Err(StoreError::Stale)) && answers[2].is_ok());
        assert_eq!((noted(&path), runs.load(std::sync::atomic::Ordering::SeqCst)), (vec!["a".into(), "b".into()], 1));
    }

    #[tokio::test]
    async fn nobody_is_told_of_success_when_the_commit_fails() {
        let (_scratch, path, writer) = writer(None);
        // A deferred constraint is looked at by COMMIT only.
        let breaks: Work = Box::new(|conn| {
            conn.execute_batch("PRAGMA defer_foreign_keys = ON; INSERT INTO presence VALUES (99, 1, 1)")?;
            Ok(())
        });
        let answers = together(&writer, vec![note("a"), breaks, note("b")]).await;
        assert!(answers.iter().all(Result::is_err), "{answers:?}");
        assert_eq!(noted(&path), Vec::<String>::new());
        assert!(together(&writer, vec![note("c")]).await[0].is_ok());
    }

    #[tokio::test]
    async fn a_full_disk_fails_those_it_took_along_and_no_others() {
        let (_scratch, path, writer) = writer(Some(80));
        let fills: Work = Box::new(|conn| {
            conn.execute("INSERT INTO host_hold VALUES (hex(zeroblob(1000000)), 1)", ())?;
            Ok(())
        });
        let answers = together(&writer, vec![note("a"), fills, note("b")]).await;
        assert!(matches!(&answers[1], Err(StoreError::Unwritable { what, .. }) if what.contains("free space")));
        let kept: Vec<_> =
            [("a", &answers[0]), ("b", &answers[2])].iter().filter(|(_, a)| a.is_ok()).map(|(n, _)| *n).collect();
        assert_eq!(noted(&path), kept);
        assert!(answers[2].is_ok());
    }

    #[tokio::test]
    async fn a_file_that_became_read_only_says_so() {
        let (_scratch, _path, writer) = writer(None);
        let locks: Work = Box::new(|conn| Ok(conn.execute_batch("PRAGMA query_only = ON")?));
        let answers = together(&writer, vec![locks, note("a")]).await;
        assert!(matches!(&answers[1], Err(StoreError::Unwritable { what, .. }) if what.contains("writable")));
    }

    #[tokio::test]
    async fn who_waits_for_others_lets_those_go_first_that_do_not() {
        let (_scratch, path, writer) = writer(None);
        // What a reader sees when an operation runs is what was committed before.
        let before = Arc::new(Mutex::new(Vec::new()));
        let watched = |name: &'static str| -> Work {
            let (path, before) = (path.clone(), Arc::clone(&before));
            Box::new(move |conn| {
                before.lock().unwrap().push((name, noted(&path)));
                note(name)(conn)
            })
        };
        let all = [("a", Durable::Together), ("b", Durable::Now), ("c", Durable::Together), ("d", Durable::Soon)];
        let answers = at_once(&writer, all.map(|(name, durable)| (durable, watched(name))).into()).await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        let expected = [("b", vec![]), ("d", vec![]), ("a", vec!["b", "d"]), ("c", vec!["b", "d"])];
        assert_eq!(
            *before.lock().unwrap(),
            expected.map(|(name, seen)| (name, seen.into_iter().map(str::to_owned).collect()))
        );
    }

    #[tokio::test]
    async fn what_was_accepted_is_written_before_the_end() {
        for durable in [Durable::Now, Durable::Soon, Durable::Together] {
            let (_scratch, path, mut writer) = writer(None);
            let (reply, answer) = oneshot::channel();
            let asked = Asked { doing: "test", durable, work: note("last"), outcome: None, reply };
            writer.queue().unwrap().queue.send(Box::new(asked)).await.unwrap();
            writer.end();
            answer.await.unwrap().unwrap();
            assert_eq!(noted(&path), ["last"]);
            assert!(writer.queue().is_none());
        }
    }
}
