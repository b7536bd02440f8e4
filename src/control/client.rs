use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Answer, Elsewhere, Request, Step, Whose, places};

/// A list of everything in a large store takes seconds, not minutes.
const ANSWER_WITHIN: Duration = Duration::from_mins(2);

/// Why a daemon that seems to be there did not answer.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The socket is there, but not for this user.
    #[error("{path}: the daemon's socket is not open to this user; use sudo, or set Group= in its unit to a group of yours", path = .0.display())]
    Forbidden(PathBuf),
    /// The conversation broke off.
    #[error("{path}: the daemon did not answer; see its log, or `systemctl status newswatch`", path = .path.display())]
    Broken {
        /// The socket.
        path: PathBuf,
        /// How.
        source: io::Error,
    },
}

/// Hands a command to the daemon behind `socket`; `None` when no daemon is there, or that of somebody else. `told` hears how far it is.
pub fn ask(socket: &Path, of: Whose, args: &[String], told: impl FnMut(Step)) -> Result<Option<Answer>, Refused> {
    let places = places(socket, &of);
    request(&places, &Request { args: args.to_vec(), reload: false, of: Some(of) }, told)
}

/// Has the daemon behind `socket` read its config again; `None` when no daemon is there, or that of somebody else. The answer says
/// whether the config is in force, and where it is not, why; then its exit status is 1.
pub fn reload(socket: &Path, of: Whose) -> Result<Option<Answer>, Refused> {
    let places = places(socket, &of);
    request(&places, &Request { args: Vec::new(), reload: true, of: Some(of) }, |_| {})
}

fn request(places: &[PathBuf], request: &Request, mut told: impl FnMut(Step)) -> Result<Option<Answer>, Refused> {
    let mut silent = Ok(None);
    for place in places {
        match request_at(place, request, &mut told) {
            Ok(Some(answer)) => return Ok(Some(answer)),
            Ok(None) => {}
            // Somebody else's, perhaps.
            Err(refused @ Refused::Forbidden(_)) => silent = Err(refused),
            Err(refused) => return Err(refused),
        }
    }
    silent
}

fn request_at(socket: &Path, request: &Request, told: &mut impl FnMut(Step)) -> Result<Option<Answer>, Refused> {
    let broken = |source| Refused::Broken { path: socket.to_owned(), source };
    let mut stream = match UnixStream::connect(socket) {
        Ok(stream) => stream,
        Err(error) => {
            return match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused | io::ErrorKind::InvalidInput => Ok(None),
                io::ErrorKind::PermissionDenied => Err(Refused::Forbidden(socket.to_owned())),
                _ => Err(broken(error)),
            };
        }
    };
    stream.set_read_timeout(Some(ANSWER_WITHIN)).map_err(broken)?;
    let mut line = serde_json::to_vec(request).map_err(|error| broken(error.into()))?;
    line.push(b'\n');
    stream.write_all(&line).map_err(broken)?;
    let mut lines = BufReader::new(stream);
    loop {
        let mut line = String::new();
        lines.read_line(&mut line).map_err(broken)?;
        if let Ok(step) = serde_json::from_str::<Step>(&line) {
            told(step);
        } else if serde_json::from_str::<Elsewhere>(&line).is_ok() {
            return Ok(None);
        } else {
            return serde_json::from_str(&line).map(Some).map_err(|error| broken(error.into()));
        }
    }
}
