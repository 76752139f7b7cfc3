//! A letter: one thing that happened, as a receiver is told it, and its signature after Standard Webhooks 1.0.0.
//!
//! Always holds: the same happening is the same letter, id and body, however often it is sent; the id, the time of the try and the body are
//! under the signature.

use base64ct::{Base64, Encoding};
use lookback::model::{Digest, EntityId, KnownAt};
use lookback::webhooks::Place;
use lookback::{Error, Happening, Placed};
use ring::hmac;
use serde::Serialize;

use crate::v1::Told;

/// A letter.
#[derive(Debug)]
pub(super) struct Letter {
    /// The same however often it is sent.
    pub(super) id: String,
    /// Where what it tells stands.
    pub(super) place: Place,
    /// Whom it is about.
    pub(super) subject: EntityId,
    /// What it says.
    pub(super) body: String,
}

/// What a letter says.
#[derive(Serialize)]
struct Said<'a> {
    #[serde(rename = "type")]
    kind: String,
    timestamp: KnownAt,
    data: Told<'a>,
}

impl Letter {
    pub(super) fn of(placed: &Placed) -> Self {
        let Placed { place, known_at, happening } = placed;
        let (part, subject) = match happening {
            Happening::Alert(alert) => (alert.change.word(), &alert.subject),
            Happening::Case(case) => (case.act.as_str(), &case.subject),
        };
        let kind = format!("{}.{part}", kind_of(happening));
        let data = Told { seq: place.seq, known_at: *known_at, happening };
        let said = Said { kind, timestamp: *known_at, data };
        let body = serde_json::to_string(&said).expect("ids and numbers are JSON");
        let digest = Digest::of(format!("{}.{}.{}", place.seq, place.part, place.row).as_bytes());
        let id = format!("msg_{}", &digest.to_string()[..32]);
        Self { id, place: *place, subject: subject.clone(), body }
    }
}

/// The kind of event, as it is asked for.
pub(super) fn kind_of(happening: &Happening) -> &'static str {
    match happening {
        Happening::Alert(_) => "alert",
        Happening::Case(_) => "case",
    }
}

const SECRET: &str = "whsec_";

/// A new secret, as receivers' libraries take it.
pub(crate) fn new_secret() -> Result<String, Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::Io("drawing a secret".into(), std::io::Error::other(error)))?;
    Ok(format!("{SECRET}{}", Base64::encode_string(&bytes)))
}

/// The signature of a letter that is sent at a time, in seconds.
pub(super) fn signature(secret: &str, id: &str, at: i64, body: &str) -> Option<String> {
    let key = Base64::decode_vec(secret.strip_prefix(SECRET)?).ok()?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let signed = hmac::sign(&key, format!("{id}.{at}.{body}").as_bytes());
    Some(format!("v1,{}", Base64::encode_string(signed.as_ref())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_standard_s_own_libraries() {
        let signed = signature(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signed.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn a_new_secret_has_256_bits_and_signs() {
        let secret = new_secret().unwrap();
        assert_eq!(Base64::decode_vec(&secret[SECRET.len()..]).unwrap().len(), 32);
        assert_ne!(signature(&secret, "a", 1, "b"), signature(&new_secret().unwrap(), "a", 1, "b"));
    }
}
