use std::sync::Arc;

use async_trait::async_trait;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::request::Parts;
use http::{Method, StatusCode};
use url::Url;

use super::Assembly;
use super::wishes::FORM_MAX;
use crate::clock::steady;
use crate::hub::{self, Question, Verdict};
use crate::item::{FeedMemory, Stage, Subscription};
use crate::pipeline::{Listed, NotTaken, subscriber};
use crate::store::StoreError;
use crate::web::{Admitted, Answer, Page, Pages, page};

/// What the web server answers: hubs at their callbacks, and readers of mails who follow a link.
struct Callbacks(Arc<Assembly>);

impl Assembly {
    /// What callers of the web server are answered by.
    pub fn pages(self: &Arc<Self>) -> Arc<dyn Pages> {
        Arc::new(Callbacks(Arc::clone(self)))
    }
}

#[async_trait]
impl Pages for Callbacks {
    async fn admit(&self, head: &Parts) -> Result<Admitted, Answer> {
        let path = match self.page(head) {
            Some(Page::Hub(path)) => path,
            Some(Page::Mail(token)) => return self.admit_reader(token, &head.method),
            None => return Err(Answer::nothing()),
        };
        match head.method {
            Method::GET | Method::POST => {}
            _ => return Err(Answer::only("GET, POST")),
        }
        // Only whoever knows a callback gets this far, so only a hub can make us hold a body.
        let subscription = self.subscription(path).await?;
        let caller = subscription.offer.hub;
        if head.method != Method::POST {
            return Ok(Admitted { body_max: 0, caller });
        }
        match self.0.pushes.take(subscription.id, steady()) {
            Ok(()) => Ok(Admitted { body_max: self.0.settings().fetch.max_size, caller }),
            Err(wait) => {
                tracing::warn!(hub = caller, topic = subscription.offer.topic, "a hub pushes too often");
                Err(Answer::too_often(wait.as_secs().max(1)))
            }
        }
    }

    async fn answer(&self, head: Parts, body: Vec<u8>) -> Answer {
        let path = match self.page(&head) {
            Some(Page::Hub(path)) => path,
            Some(Page::Mail(token)) => {
                let Some(asked) = self.0.asked(token) else { return Answer::nothing() };
                return self.0.wish(asked, &head, &body).await.unwrap_or_else(|error| self.trouble(&error));
            }
            None => return Answer::nothing(),
        };
        let subscription = match self.subscription(path).await {
            Ok(subscription) => subscription,
            Err(answer) => return answer,
        };
        let answered = if head.method == Method::POST {
            self.pushed(path, &subscription, &head, body).await
        } else {
            self.asked(path, &subscription, head.uri.query().unwrap_or_default()).await
        };
        answered.unwrap_or_else(|error| self.trouble(&error))
    }
}

impl Callbacks {
    fn page<'h>(&self, head: &'h Parts) -> Option<Page<'h>> {
        let public = self.0.settings().web.public_url.clone().unwrap_or_default();
        let prefix = Url::parse(&public).map(|url| url.path().trim_end_matches('/').to_owned()).unwrap_or_default();
        page(head.uri.path(), &prefix)
    }

    /// How much a reader's browser may send. Whoever has no link of ours learns nothing.
    fn admit_reader(&self, token: &str, method: &Method) -> Result<Admitted, Answer> {
        self.0.asked(token).ok_or_else(Answer::nothing)?;
        let admitted = |body_max| Ok(Admitted { body_max, caller: token.to_owned() });
        match *method {
            Method::GET | Method::HEAD => admitted(0),
            Method::POST => admitted(FORM_MAX),
            _ => Err(Answer::only("GET, HEAD, POST")),
        }
    }

    /// The subscription whose callback this is; the answer where there is none.
    async fn subscription(&self, path: &str) -> Result<Subscription, Answer> {
        match self.0.store.subscription_at(path.to_owned()).await {
            Ok(found) => found.ok_or_else(Answer::nothing),
            Err(error) => Err(self.trouble(&error)),
        }
    }

    fn trouble(&self, error: &StoreError) -> Answer {
        self.0.trouble.fault("store", error);
        Answer::later()
    }

    /// A hub asks whether it was asked, or says that it will not.
    async fn asked(&self, path: &str, subscription: &Subscription, query: &str) -> Result<Answer, StoreError> {
        let Some(question) = Question::read(query) else { return Ok(Answer::nothing()) };
        let (path, topic) = (path.to_owned(), subscription.offer.topic.clone());
        let (now, unit) = (self.0.clock.now(), self.0.chance.unit());
        let judge = move |dealings: &mut _| hub::judge(dealings, &path, &topic, &question, now, unit);
        let verdict = self.0.tend(subscription.id, judge).await?.unwrap_or(Verdict::Unasked);
        if verdict != Verdict::Unasked {
            // One callback may have taken the place of another, or polls have to do without the hub.
            self.0.wake.hubs.notify_one();
        }
        Ok(match verdict {
            Verdict::Echo(challenge) => {
                tracing::info!(hub = subscription.offer.hub, topic = subscription.offer.topic, "confirmed to a hub");
                Answer::new(StatusCode::OK, challenge)
            }
            Verdict::Noted => {
                tracing::warn!(hub = subscription.offer.hub, topic = subscription.offer.topic, "denied by a hub");
                Answer::new(StatusCode::OK, "")
            }
            Verdict::Unasked => Answer::nothing(),
        })
    }

    /// A hub pushes, or somebody who knows the callback and pretends to be it. What is not signed is taken for received, as the
    /// standard wants it (W3C WebSub §8), and not looked at.
    async fn pushed(
        &self,
        path: &str,
        subscription: &Subscription,
        head: &Parts,
        body: Vec<u8>,
    ) -> Result<Answer, StoreError> {
        let header = |name: &str| head.headers.get(name).map(http::HeaderValue::as_bytes);
        let callback = subscription.dealings.callbacks.iter().find(|callback| callback.path == path);
        let signed = callback.is_some_and(|callback| {
            callback.stage != Stage::Asked && hub::is_signed(header("x-hub-signature"), &callback.secret, &body)
        });
        if !signed {
            tracing::warn!(
                hub = subscription.offer.hub,
                topic = subscription.offer.topic,
                "ignored a push without a right signature"
            );
            self.0.tend(subscription.id, |dealings| dealings.ignored = dealings.ignored.saturating_add(1)).await?;
            return Ok(Answer::new(StatusCode::ACCEPTED, ""));
        }
        let mut feeds = self.0.roster.offering(&subscription.offer);
        feeds.retain(|(source, _)| hub::bar(&subscription.offer, subscriber(&source.target)).is_none());
        if feeds.is_empty() {
            return Ok(Answer::new(StatusCode::GONE, "nobody here wants to be told of that any more\n"));
        }
        let coding = head.headers.get(CONTENT_ENCODING).map(http::HeaderValue::as_bytes);
        if coding.is_some_and(|coding| !coding.eq_ignore_ascii_case(b"identity")) {
            let text = "a push is taken without Content-Encoding only\n";
            return Ok(Answer::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
        }
        let content_type = header(CONTENT_TYPE.as_str()).map(|value| String::from_utf8_lossy(value).into_owned());
        self.take(subscription, &feeds, body, content_type).await
    }

    async fn take(
        &self,
        subscription: &Subscription,
        feeds: &[Listed],
        body: Vec<u8>,
        content_type: Option<String>,
    ) -> Result<Answer, StoreError> {
        match self.0.pipeline.push(feeds, subscription, body, content_type).await {
            Ok(receipt) => {
                self.0.heed(&receipt);
                Ok(Answer::new(StatusCode::OK, ""))
            }
            Err(NotTaken::NoFeed(why)) => {
                tracing::info!(
                    hub = subscription.offer.hub,
                    topic = subscription.offer.topic,
                    why,
                    "a hub says that there is news"
                );
                let offer = &subscription.offer;
                let ours = |memory: &FeedMemory| memory.offer.as_ref() == Some(offer);
                self.0.poll_plainly("its hub says that there is news", ours).await?;
                Ok(Answer::new(StatusCode::ACCEPTED, ""))
            }
            Err(NotTaken::Unwritten(error)) => Err(error),
        }
    }
}
