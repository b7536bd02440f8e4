//! 5. Is this news that we have already?
