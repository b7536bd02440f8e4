use crate::config::WebSettings;
use crate::config::finding::{Finding, Findings};
use crate::config::reference::WEB;
use crate::config::value;
use crate::config::written::Written;

/// `[web]`.
pub(super) fn web(written: &Written<'_>, out: &mut Findings) -> Option<WebSettings> {
    let Some(table) = written.table(&WEB) else { return Some(WebSettings::default()) };
    let (listen, public) = (table.written("listen"), table.written("public_url"));
    match (&listen, &public) {
        (None, Some(public)) => {
            let message = "`public_url` without `listen`: nobody would answer there";
            let hint =
                "write listen = \"127.0.0.1:8090\", and let your web server pass on to it what comes to `public_url`";
            out.push(public.error(message).hint(hint));
            return None;
        }
        (Some(listen), None) => {
            let message = "`listen` without `public_url`: no hub and no mail can say how to reach it";
            let hint = "write public_url = \"https://…\", the address that leads here from outside";
            out.push(Finding::warning(&listen.place(), message).hint(hint).tentative());
        }
        _ => {}
    }
    let listen = listen.map(|listen| listen.checked(out, value::listen));
    let public_url = public.map(|public| public.checked(out, value::public_url));
    if listen == Some(None) || public_url == Some(None) {
        return None;
    }
    Some(WebSettings { listen: listen.flatten(), public_url: public_url.flatten() })
}
