//! From which pages a request may come.
//!
//! Always holds: what a browser sends on behalf of another site is not taken for its user's (`OWN-SITE`), whether the user logged in or the
//! server is open because it is only for whoever sits at the machine. A browser names the page's origin with whatever changes something.

use axum::http::{HeaderMap, HeaderValue, Uri, header};

use super::Terms;

/// Whether a request comes from a page of this server, or from no page.
// Invariant(OWN-SITE): asked of every request that a browser could have been made to send.
pub(crate) fn is_own(headers: &HeaderMap, terms: &Terms) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
        return matches!(site, None | Some(b"same-origin" | b"none"));
    };
    let Ok(origin) = origin.to_str() else { return false };
    if let Some(url) = &terms.public_url {
        return origin.eq_ignore_ascii_case(origin_of(url));
    }
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    host.is_some() && authority == host
}

/// Whether a request was sent to this machine by a name of its own: a page of elsewhere whose name was made to lead here says its name.
pub(crate) fn is_to_loopback(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let Some(uri) = host.and_then(|host| host.parse::<Uri>().ok()) else { return false };
    let Some(name) = uri.host() else { return false };
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

fn origin_of(url: &str) -> &str {
    let after = url.find("://").map_or(0, |at| at + 3);
    url[after..].find('/').map_or(url, |end| &url[..after + end])
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pairs = [(&'static str, &'static str)];

    fn headers(pairs: &Pairs) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    #[test]
    fn only_a_page_of_this_server_or_no_page_is_its_own() {
        let here = Terms::default();
        let there = Terms { public_url: Some("https://desk.example/".to_owned()), ..Terms::default() };
        let cases: &[(&Pairs, bool, bool)] = &[
            (&[("host", "desk:8000")], true, true),
            (&[("host", "desk:8000"), ("origin", "http://desk:8000")], true, false),
            (&[("host", "desk:8000"), ("origin", "https://desk.example")], false, true),
            (&[("host", "desk:8000"), ("origin", "https://desk.example.evil.example")], false, false),
            (&[("host", "desk:8000"), ("origin", "http://desk:8001")], false, false),
            (&[("host", "desk:8000"), ("origin", "null")], false, false),
            (&[("origin", "http://desk:8000")], false, false),
            (&[("host", "desk:8000"), ("sec-fetch-site", "cross-site")], false, false),
            (&[("host", "desk:8000"), ("sec-fetch-site", "same-site")], false, false),
            (&[("host", "desk:8000"), ("sec-fetch-site", "same-origin")], true, true),
        ];
        for (pairs, by_host, by_url) in cases {
            let headers = headers(pairs);
            assert_eq!((is_own(&headers, &here), is_own(&headers, &there)), (*by_host, *by_url), "{pairs:?}");
        }
    }

    #[test]
    fn a_name_that_was_made_to_lead_here_is_not_this_machine_s() {
        for host in ["localhost", "localhost:8000", "127.0.0.1:8000", "127.8.9.1", "[::1]:8000"] {
            assert!(is_to_loopback(&headers(&[("host", host)])), "{host}");
        }
        for host in ["rebound.example", "localhost.example:8000", "10.0.0.1", "", "a b"] {
            assert!(!is_to_loopback(&headers(&[("host", host)])), "{host}");
        }
        assert!(!is_to_loopback(&HeaderMap::new()));
    }
}
