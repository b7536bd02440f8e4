//! Asking a hub: a form sent along redirects that keep it, each hop through the guard.

use std::sync::{Arc, PoisonError};

use http::header::{ACCEPT, CONTENT_TYPE, FROM, HeaderMap, HeaderValue, USER_AGENT};
use jiff::{SignedDuration, Timestamp};
use url::{Url, form_urlencoded};

use super::fetch::Hop;
use super::freshness::retry_after;
use super::host::{domain_scope, host_scope};
use super::poller::Poller;
use super::redirect::follow;
use crate::clock::steady;
use crate::item::HostHold;

/// What a hub is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Where.
    pub hub: Url,
    /// The fields of the form. Among them may be a secret, so they are not shown.
    pub form: Form,
    /// Whether addresses that are not public may be asked.
    pub allow_private: bool,
}

/// Names and values, sent as `application/x-www-form-urlencoded`.
#[derive(Clone, PartialEq, Eq)]
pub struct Form(pub Vec<(&'static str, String)>);

/// The values are not shown.
impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// What came of it. The words stand alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Response {
    /// It was accepted (2xx).
    Accepted,
    /// The hub says no, and would say so again.
    Refused(String),
    /// Not this time, and not before then, where it says when.
    Failed(String, Option<Timestamp>),
}

impl Poller {
    /// Asks a hub once.
    pub async fn ask_hub(&self, request: &Request) -> Response {
        let shared = Arc::clone(&self.shared.read().unwrap_or_else(PoisonError::into_inner));
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&request.form.0).finish();
        let (mut url, mut chain) = (request.hub.clone(), vec![request.hub.to_string()]);
        let mut time_left = shared.limits.timeout;
        loop {
            url.set_fragment(None);
            if let Some(until) = self.hosts.held(&url, self.clock.now()) {
                let why = format!("{} asked to be left alone", url.host_str().unwrap_or_default());
                return Response::Failed(why, Some(until));
            }
            let _slot = self.hosts.slot(&url, &*self.clock).await;
            let mut headers = HeaderMap::new();
            headers.insert(USER_AGENT, shared.caller.user_agent.clone());
            headers.extend(shared.caller.from.clone().map(|from| (FROM, from)));
            headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
            let hop = Hop {
                url: url.clone(),
                headers,
                form: Some(body.clone()),
                allow_private: request.allow_private,
                way: shared.limits.way.clone(),
                timeout: time_left,
                max_size: shared.limits.max_size,
                program: None,
            };
            let started = steady();
            let reply = match self.fetch.exchange(hop).await {
                Ok(reply) => reply,
                Err(error) => return Response::Failed(error.to_string(), None),
            };
            let took = SignedDuration::try_from(started.elapsed()).unwrap_or(SignedDuration::MAX);
            time_left = time_left.saturating_sub(took).max(SignedDuration::ZERO);
            match reply.status {
                200..=299 => return Response::Accepted,
                // Only these keep the form (RFC 9110 §15.4.8, §15.4.9). A secret that began on https stays there.
                307 | 308 => match follow(&url, &reply.headers, &chain) {
                    Ok(to) if to.scheme() == "https" || to.host() == request.hub.host() => {
                        chain.push(to.to_string());
                        url = to;
                    }
                    Ok(_) => return Response::Refused("the hub redirects to another host over http".to_owned()),
                    Err((fault, _)) => return Response::Refused(format!("the hub answers with {fault}")),
                },
                status => return self.hub_refused(&url, status, &reply.headers),
            }
        }
    }

    /// An answer that is no yes. What it says of when to come again holds for the feeds of that host as well.
    fn hub_refused(&self, url: &Url, status: u16, headers: &HeaderMap) -> Response {
        let (now, words) = (self.clock.now(), format!("the hub answered {status}"));
        let until = retry_after(headers, now).map(|floor| floor.until);
        if let Some(until) = until {
            let scope = if status == 429 { domain_scope(url) } else { host_scope(url) };
            self.hosts.hold(&HostHold { scope, until }, now);
        }
        if until.is_some() || matches!(status, 408 | 429 | 500..) {
            Response::Failed(words, until)
        } else {
            Response::Refused(words)
        }
    }
}
