use std::path::Path;

use crate::config::StoreSettings;
use crate::config::finding::{Finding, Findings};
use crate::config::reference::{STORE, STORE_KEEP};
use crate::config::value;
use crate::config::written::Written;

/// `[store]` and `[store.keep]`.
pub(super) fn store(written: &Written<'_>, state_dir: &Path, out: &mut Findings) -> Option<StoreSettings> {
    let store = written.table_or_absent(&STORE);
    let keep = written.table_or_absent(&STORE_KEEP);
    let database = store.value("url").and_then(|url| url.checked(out, |text| value::sqlite(text, state_dir)));
    let ledger = store.written("ledger");
    let ledger = match ledger {
        Some(ledger) => ledger.checked(out, |text| value::path(text, ledger.base())),
        None => database.as_ref().map(|database| {
            let mut name = database.file_stem().unwrap_or_default().to_owned();
            name.push(".ledger");
            database.with_file_name(name)
        }),
    };
    let keep_items = keep.value("items").and_then(|items| items.quantity(out, value::duration));
    let (database, ledger) = (database?, ledger?);
    if database == ledger {
        let value = store.written("ledger").or_else(|| store.written("url"));
        let place = value.map_or_else(|| store.place(), |value| value.place());
        let message = format!("the database and the ledger are one file, {}", database.display());
        out.push(Finding::error(&place, message).hint("give each a name of its own"));
        return None;
    }
    Some(StoreSettings { database, ledger, keep_items: keep_items? })
}
