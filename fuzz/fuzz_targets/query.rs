//! Any bytes are a query or an error that can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use newswatch::query::Query;

fuzz_target!(|source: &str| {
    match Query::parse(source) {
        Ok(query) => {
            for warning in query.warnings() {
                assert!(source.get(warning.span.clone()).is_some());
            }
        }
        Err(errors) => {
            for error in &errors {
                assert!(source.get(error.span.clone()).is_some());
            }
            assert!(!errors.render(source).is_empty());
        }
    }
});
