//! Is this an item that we have already?

use newswatch::item::Standing;
use newswatch::store::{ItemFilter, Store};

use super::Engine;
use super::scene::*;

async fn count(store: &dyn Store) -> u64 {
    store.counts().await.unwrap().items
}

pub(crate) async fn an_item_is_new_once_and_known_ever_after(engine: &dyn Engine) {
    let store = engine.open();
    let mut feed = feed(&*store, "a").await;
    assert_eq!(standing(&*store, &feed, &piece("x")).await, Standing::New);
    assert_eq!(read(&*store, &mut feed, 1, &[piece("x")]).await.new, 1);
    let row = store.items(ItemFilter::default()).await.unwrap().remove(0);
    assert_eq!(standing(&*store, &feed, &piece("x")).await, Standing::Repeated(Some(row.id)));
    let store = engine.crash(store);
    assert_eq!(standing(&*store, &feed, &piece("x")).await, Standing::Repeated(Some(row.id)));
}

pub(crate) async fn an_item_whose_content_changed_is_edited(engine: &dyn Engine) {
    let store = engine.open();
    let mut feed = feed(&*store, "a").await;
    read(&*store, &mut feed, 1, &[piece("x")]).await;
    let edited = Piece { text: "will not", ..piece("x") };
    assert!(matches!(standing(&*store, &feed, &edited).await, Standing::Edited(_)));
    assert_eq!(read(&*store, &mut feed, 2, std::slice::from_ref(&edited)).await.updated, 1);
    assert!(matches!(standing(&*store, &feed, &edited).await, Standing::Repeated(Some(_))));
    // The older text is still its own.
    assert!(matches!(standing(&*store, &feed, &piece("x")).await, Standing::Edited(_)));
}

pub(crate) async fn a_renamed_id_with_the_same_link_is_the_same_item(engine: &dyn Engine) {
    let store = engine.open();
    let mut feed = feed(&*store, "a").await;
    read(&*store, &mut feed, 1, &[piece("x")]).await;
    let renamed = Piece { id: Some("y"), ..piece("x") };
    assert!(matches!(standing(&*store, &feed, &renamed).await, Standing::Repeated(Some(_))));
    let rewritten = Piece { title: "other words", ..renamed };
    assert!(matches!(standing(&*store, &feed, &rewritten).await, Standing::Edited(_)));
}

pub(crate) async fn a_renamed_id_with_the_same_title_and_text_is_the_same_item(engine: &dyn Engine) {
    let store = engine.open();
    let mut feed = feed(&*store, "a").await;
    read(&*store, &mut feed, 1, &[piece("x")]).await;
    let moved = Piece { id: Some("y"), link: Some("y"), ..piece("x") };
    assert!(matches!(standing(&*store, &feed, &moved).await, Standing::Edited(_)));
    assert_eq!(read(&*store, &mut feed, 2, &[moved]).await.new, 0);
    assert_eq!(count(&*store).await, 1);
}

pub(crate) async fn an_id_that_was_reused_for_other_news_is_a_new_item(engine: &dyn Engine) {
    let store = engine.open();
    let mut feed = feed(&*store, "a").await;
    read(&*store, &mut feed, 1, &[piece("x")]).await;
    let other = Piece { id: Some("x"), ..piece("y") };
    assert_eq!(standing(&*store, &feed, &other).await, Standing::New);
    read(&*store, &mut feed, 2, std::slice::from_ref(&other)).await;
    assert_eq!(count(&*store).await, 2);
    // Both are known from now on, and the id stands for the newer one.
    assert!(matches!(standing(&*store, &feed, &piece("x")).await, Standing::Repeated(Some(_))));
    assert!(matches!(standing(&*store, &feed, &other).await, Standing::Repeated(Some(_))));
    let newer = store.items(ItemFilter::default()).await.unwrap()[0].id;
    let edited = Piece { text: "more", ..other };
    assert_eq!(standing(&*store, &feed, &edited).await, Standing::Edited(newer));
}

pub(crate) async fn a_changed_title_under_the_same_link_is_an_edit(engine: &dyn Engine) {
    let store = engine.open();
    let mut feed = feed(&*store, "a").await;
    read(&*store, &mut feed, 1, &[piece("x")]).await;
    let retitled = Piece { title: "better", text: "new", ..piece("x") };
    assert!(matches!(standing(&*store, &feed, &retitled).await, Standing::Edited(_)));
}

pub(crate) async fn a_changed_title_without_any_link_is_an_edit(engine: &dyn Engine) {
    let store = engine.open();
    let mut feed = feed(&*store, "a").await;
    let bare = Piece { link: None, ..piece("x") };
    read(&*store, &mut feed, 1, std::slice::from_ref(&bare)).await;
    let retitled = Piece { title: "better", text: "new", ..bare };
    assert!(matches!(standing(&*store, &feed, &retitled).await, Standing::Edited(_)));
}

pub(crate) async fn without_an_id_the_link_decides_and_without_a_link_the_text(engine: &dyn Engine) {
    let store = engine.open();
    let mut feed = feed(&*store, "a").await;
    let by_link = Piece { id: None, ..piece("x") };
    let by_text = Piece { id: None, link: None, ..piece("y") };
    read(&*store, &mut feed, 1, &[by_link.clone(), by_text.clone()]).await;
    let edited = Piece { title: "z", text: "z", ..by_link };
    assert!(matches!(standing(&*store, &feed, &edited).await, Standing::Edited(_)));
    assert!(matches!(standing(&*store, &feed, &by_text).await, Standing::Repeated(Some(_))));
    let other = Piece { text: "z", ..by_text };
    assert_eq!(standing(&*store, &feed, &other).await, Standing::New);
}

pub(crate) async fn keys_are_scoped_to_their_feed(engine: &dyn Engine) {
    let store = engine.open();
    let mut one = feed(&*store, "a").await;
    let mut other = feed(&*store, "b").await;
    assert_eq!(read(&*store, &mut one, 1, &[piece("x")]).await.new, 1);
    assert_eq!(read(&*store, &mut other, 2, &[piece("x")]).await.new, 1);
}

pub(crate) async fn one_id_for_two_news_of_one_document_keeps_both(engine: &dyn Engine) {
    let store = engine.open();
    for (name, linked) in [("linked", true), ("bare", false)] {
        let mut feed = feed(&*store, name).await;
        let news = |title: &'static str| Piece {
            id: Some("same"),
            link: linked.then_some(title),
            ..piece(title).watched(&["w"])
        };
        let document = [news("x"), news("y")];
        let receipt = read(&*store, &mut feed, 1, &document).await;
        assert_eq!((receipt.new, receipt.queued), (2, 2), "{name}");
        // And however often it is read again, it holds nothing new.
        for minute in 2..5 {
            let receipt = read(&*store, &mut feed, minute, &document).await;
            assert_eq!((receipt.new, receipt.updated, receipt.queued), (0, 0, 0), "{name}");
        }
    }
}

pub(crate) async fn one_id_twice_for_the_same_news_is_one_item(engine: &dyn Engine) {
    let store = engine.open();
    let mut feed = feed(&*store, "a").await;
    let receipt = read(&*store, &mut feed, 1, &[piece("x").watched(&["w"]), piece("x").watched(&["w"])]).await;
    assert_eq!((receipt.new, receipt.repeated, receipt.queued), (1, 1, 1));
}

pub(crate) async fn two_ids_with_one_title_and_text_side_by_side_are_two_items(engine: &dyn Engine) {
    let store = engine.open();
    let mut feed = feed(&*store, "a").await;
    let warning = |id| Piece { id: Some(id), link: Some(id), ..piece("weather warning") };
    let document = [warning("monday"), warning("tuesday")];
    assert_eq!(read(&*store, &mut feed, 1, &document).await.new, 2);
    for minute in 2..5 {
        let receipt = read(&*store, &mut feed, minute, &document).await;
        assert_eq!((receipt.new, receipt.updated), (0, 0));
    }
}

pub(crate) async fn a_link_that_went_over_to_other_news_is_a_new_item(engine: &dyn Engine) {
    let store = engine.open();
    let mut feed = feed(&*store, "a").await;
    read(&*store, &mut feed, 1, &[Piece { link: Some("latest"), ..piece("x") }]).await;
    let moved = Piece { link: Some("archive"), ..piece("x") };
    let latest = Piece { link: Some("latest"), ..piece("y") };
    let known = store.known(feed.id, vec![latest.keys(), moved.keys()]).await.unwrap();
    assert!(matches!(known[..], [Standing::New, Standing::Edited(_)]), "{known:?}");
    let receipt = read(&*store, &mut feed, 2, &[latest, moved]).await;
    assert_eq!((receipt.new, receipt.updated), (1, 1));
}

pub(crate) async fn a_site_that_renames_all_its_ids_has_nothing_new(engine: &dyn Engine) {
    let store = engine.open();
    let mut feed = feed(&*store, "a").await;
    let names = ["p", "q", "r", "s"];
    let document: Vec<Piece> = names.iter().map(|name| piece(name).watched(&["w"])).collect();
    assert_eq!(read(&*store, &mut feed, 1, &document).await.queued, 4);
    let fresh = ["1", "2", "3", "4"];
    let renamed: Vec<Piece> =
        document.iter().zip(fresh).map(|(old, id)| Piece { id: Some(id), ..old.clone() }).collect();
    let receipt = read(&*store, &mut feed, 2, &renamed).await;
    assert_eq!((receipt.new, receipt.updated, receipt.queued), (0, 0, 0));
}

pub(crate) async fn identities_are_the_same_in_every_database(engine: &dyn Engine) {
    let mut identities = Vec::new();
    for crowd in [&["a"][..], &["z", "y", "a"]] {
        let engine = engine.another();
        let store = engine.open();
        let mut memory = None;
        for name in crowd {
            memory = Some(feed(&*store, name).await);
        }
        let judge = std::sync::Arc::new(Plain::default());
        store.commit_poll(poll(&memory.unwrap(), 1, &[piece("x").watched(&["w"])]), judge.clone()).await.unwrap();
        identities.push(judge.asked.lock().unwrap()[0]);
    }
    assert_eq!(identities[0], identities[1]);
}

pub(crate) async fn a_reused_id_does_not_inherit_what_was_told(engine: &dyn Engine) {
    let store = engine.open();
    let mut feed = feed(&*store, "a").await;
    assert_eq!(read(&*store, &mut feed, 1, &[piece("x").watched(&["w"])]).await.queued, 1);
    let other = Piece { id: Some("x"), ..piece("y").watched(&["w"]) };
    assert_eq!(read(&*store, &mut feed, 2, &[other]).await.queued, 1);
}
