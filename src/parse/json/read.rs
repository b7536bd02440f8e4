//! JSON into values, items beyond the limit passed over: each would take some thirty times its length.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::parse::outline::ITEMS;

/// A document.
#[derive(Debug)]
pub(super) enum Read {
    /// An object: its members but for the items, the items that are objects, and whether there were too many.
    Feed { members: Map<String, Value>, items: Vec<Map<String, Value>>, more: bool, held: Held },
    /// Anything else.
    Other,
}

/// What the items stand in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Held {
    /// A list, as they should.
    List,
    /// An object, each under a name.
    Object,
    /// There are none, nor an empty list.
    #[default]
    Nothing,
}

/// Reads a document.
pub(super) fn read(text: &str) -> Result<Read, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = Whole.deserialize(&mut reader)?;
    reader.end()?;
    Ok(read)
}

struct Whole;

impl<'de> DeserializeSeed<'de> for Whole {
    type Value = Read;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Read, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Whole {
    type Value = Read;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Read, A::Error> {
        let (mut members, mut items, mut more, mut held) = (Map::new(), Vec::new(), false, Held::Nothing);
        while let Some(name) = map.next_key::<String>()? {
            if name == "items" {
                (items, more, held) = map.next_value_seed(Items)?;
            } else {
                members.insert(name, map.next_value()?);
            }
        }
        Ok(Read::Feed { members, items, more, held })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Read, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Read::Other)
    }
}

struct Items;

type Listed = (Vec<Map<String, Value>>, bool, Held);

impl<'de> DeserializeSeed<'de> for Items {
    type Value = Listed;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Listed, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Items {
    type Value = Listed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Listed, A::Error> {
        let mut items = Vec::new();
        while items.len() < ITEMS {
            match list.next_element()? {
                Some(Value::Object(item)) => items.push(item),
                Some(_) => {}
                None => return Ok((items, false, Held::List)),
            }
        }
        let mut more = false;
        while list.next_element::<IgnoredAny>()?.is_some() {
            more = true;
        }
        Ok((items, more, Held::List))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Listed, A::Error> {
        let (mut items, mut more) = (Vec::new(), false);
        while items.len() < ITEMS {
            match map.next_entry::<IgnoredAny, Value>()? {
                Some((_, Value::Object(item))) => items.push(item),
                Some(_) => {}
                None => return Ok((items, false, Held::Object)),
            }
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            more = true;
        }
        Ok((items, more, Held::Object))
    }

    fn visit_unit<E>(self) -> Result<Listed, E> {
        Ok(Listed::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Listed, E> {
        Ok(Listed::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Listed, E> {
        Ok(Listed::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Listed, E> {
        Ok(Listed::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Listed, E> {
        Ok(Listed::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Listed, E> {
        Ok(Listed::default())
    }
}
