//! A network that is only pretended: hosts by name, https, and a record of who was asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::sync::Semaphore;

use crate::poll::{Fetch, FetchError, Hop, Reply};

/// Answers by URL; what it does not know is 404.
#[derive(Clone, Default)]
pub(super) struct Network {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    replies: Mutex<HashMap<String, Reply>>,
    asked: Mutex<Vec<String>>,
    /// Hosts that answer only when they are let.
    gates: Mutex<HashMap<String, Arc<Semaphore>>>,
    under_way: Mutex<HashMap<String, (usize, usize)>>,
}

impl Network {
    pub(super) fn set(&self, url: &str, status: u16, lines: &[(&str, &str)], body: &str) {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let body = body.as_bytes().to_vec();
        let reply = Reply { status, headers, wire_bytes: body.len() as u64, body, complete: true };
        self.inner.replies.lock().unwrap().insert(url.to_owned(), reply);
    }

    pub(super) fn document(&self, url: &str) {
        self.set(url, 200, &[], super::FEED);
    }

    pub(super) fn redirect(&self, from: &str, status: u16, to: &str) {
        self.set(from, status, &[("location", to)], "");
    }

    /// Lets a host answer only as often as permits are added to what is returned.
    pub(super) fn gate(&self, host: &str) -> Arc<Semaphore> {
        let gate = Arc::new(Semaphore::new(0));
        self.inner.gates.lock().unwrap().insert(host.to_owned(), Arc::clone(&gate));
        gate
    }

    /// Who was asked so far, in order.
    pub(super) fn asked(&self) -> Vec<String> {
        self.inner.asked.lock().unwrap().clone()
    }

    /// The most requests that were under way to a host at once.
    pub(super) fn most_at_once(&self, host: &str) -> usize {
        self.inner.under_way.lock().unwrap().get(host).map_or(0, |(_, most)| *most)
    }
}

#[async_trait]
impl Fetch for Network {
    async fn exchange(&self, hop: Hop) -> Result<Reply, FetchError> {
        let host = hop.url.host_str().unwrap_or_default().to_owned();
        self.inner.asked.lock().unwrap().push(hop.url.to_string());
        {
            let mut under_way = self.inner.under_way.lock().unwrap();
            let (now, most) = under_way.entry(host.clone()).or_default();
            *now += 1;
            *most = (*most).max(*now);
        }
        let gate = self.inner.gates.lock().unwrap().get(&host).cloned();
        if let Some(gate) = gate {
            gate.acquire().await.unwrap().forget();
        }
        tokio::task::yield_now().await;
        self.inner.under_way.lock().unwrap().entry(host).or_default().0 -= 1;
        let known = self.inner.replies.lock().unwrap().get(hop.url.as_str()).cloned();
        Ok(known.unwrap_or(Reply {
            status: 404,
            headers: HeaderMap::new(),
            body: vec![],
            complete: true,
            wire_bytes: 0,
        }))
    }
}
