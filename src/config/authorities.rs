//! Files of certificates: whose word counts for a server besides those whom the system trusts.

use super::finding::Findings;
use super::secrets::read_bytes;
use super::table::Value;
use super::value;
use crate::poll::Authorities;

/// No file is longer, in bytes; all that a system trusts are 250 kB.
const AUTHORITIES_MAX: u64 = 1 << 20;

/// The certificates of the authorities in the file that `file` names.
pub(super) fn of_file(file: &Value<'_>, out: &mut Findings) -> Option<Authorities> {
    let path = file.checked(out, |text| value::path(text, file.base()))?;
    let read = read_bytes(&path, AUTHORITIES_MAX).map_err(|why| why.what);
    match read.and_then(|(bytes, _)| Authorities::from_pem(&bytes)) {
        Ok(authorities) => Some(authorities),
        Err(what) => {
            let finding = file.error(format!("the file {} {what}", path.display()));
            out.push(finding.hint(
                "name a file with the certificate of the authority in PEM, as `-----BEGIN CERTIFICATE-----` begins it",
            ));
            None
        }
    }
}
