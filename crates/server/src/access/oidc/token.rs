//! The ID token that an identity provider gives: whose it is, if it holds.
//!
//! In: a token, the provider's keys, what is expected of it. Out: the claim that is asked for, or why not. Always holds (`ID-TOKEN`): the
//! algorithm is one of two with public keys, and fits the key; a token that is unsigned, signed by another, for another, of another
//! log-in or too old is refused.

use base64ct::{Base64UrlUnpadded, Encoding};
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// How far two machines' clocks may lie apart.
const LEEWAY_SECONDS: i64 = 60;

/// What a token must say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client: &'a str,
    pub(super) nonce: &'a str,
    /// Seconds since 1970.
    pub(super) now: i64,
}

/// The provider's keys.
#[derive(Deserialize)]
pub(super) struct Keys {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    r#use: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: Option<i64>,
    nbf: Option<i64>,
    nonce: Option<String>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// The value of a claim of a token that holds; otherwise why it does not.
// Invariant(ID-TOKEN): every way to a claim leads through each of these questions.
pub(super) fn claim(
    token: &str,
    keys: &Keys,
    expected: &Expected<'_>,
    claim: &str,
) -> Result<String, &'static str> {
    let (signed, signature) = token.rsplit_once('.').ok_or("it is no token")?;
    let (header, payload) = signed.split_once('.').ok_or("it is no token")?;
    let header: Header = part(header)?;
    if header.crit.is_some() {
        return Err("it asks for what is not known here");
    }
    let signature = bytes(signature)?;
    let fits = keys.keys.iter().filter(|key| key.is_for(&header));
    if !fits.into_iter().any(|key| key.signed(&header.alg, signed.as_bytes(), &signature)) {
        return Err("it is not signed by one of the provider's keys");
    }
    let claims: Claims = part(payload)?;
    let audience = match &claims.aud {
        Audience::One(one) => std::slice::from_ref(one),
        Audience::Many(many) => many.as_slice(),
    };
    if claims.iss != expected.issuer {
        return Err("another provider issued it");
    }
    let party = claims.azp.as_deref();
    if !audience.iter().any(|one| one == expected.client)
        || (audience.len() > 1 && party.is_none())
        || party.is_some_and(|party| party != expected.client)
    {
        return Err("it is for another client");
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err("it is of another log-in");
    }
    let begins = claims.nbf.unwrap_or(i64::MIN).max(claims.iat.unwrap_or(i64::MIN));
    if claims.exp <= expected.now.saturating_sub(LEEWAY_SECONDS)
        || begins > expected.now.saturating_add(LEEWAY_SECONDS)
    {
        return Err("its time is over, or has not come");
    }
    let value = claims.others.get(claim).and_then(Value::as_str).filter(|value| !value.is_empty());
    value.map(str::to_owned).ok_or("it does not have the claim")
}

impl Key {
    fn is_for(&self, header: &Header) -> bool {
        let named = header.kid.is_none() || self.kid == header.kid;
        let signs = self.r#use.as_deref().is_none_or(|purpose| purpose == "sig");
        named && signs && self.alg.as_ref().is_none_or(|alg| *alg == header.alg)
    }

    /// Whether it made a signature, by one of the two algorithms that are taken.
    fn signed(&self, algorithm: &str, message: &[u8], signature: &[u8]) -> bool {
        let number = |text: &Option<String>| text.as_deref().and_then(|text| bytes(text).ok());
        match (algorithm, self.kty.as_str()) {
            ("RS256", "RSA") => {
                let (Some(n), Some(e)) = (number(&self.n), number(&self.e)) else { return false };
                let key = RsaPublicKeyComponents { n, e };
                key.verify(&signature::RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
            }
            ("ES256", "EC") if self.crv.as_deref() == Some("P-256") => {
                let (Some(x), Some(y)) = (number(&self.x), number(&self.y)) else { return false };
                let point = [&[4][..], &x, &y].concat();
                let key = UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point);
                key.verify(message, signature).is_ok()
            }
            _ => false,
        }
    }
}

fn part<T: DeserializeOwned>(text: &str) -> Result<T, &'static str> {
    serde_json::from_slice(&bytes(text)?).map_err(|_| "it cannot be read")
}

fn bytes(text: &str) -> Result<Vec<u8>, &'static str> {
    Base64UrlUnpadded::decode_vec(text).map_err(|_| "it cannot be read")
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_900_000_000;

    fn encoded(value: &Value) -> String {
        Base64UrlUnpadded::encode_string(value.to_string().as_bytes())
    }

    struct Provider(EcdsaKeyPair);

    impl Provider {
        fn new() -> Self {
            let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
            let secret = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new()).unwrap();
            Self(EcdsaKeyPair::from_pkcs8(algorithm, secret.as_ref(), &SystemRandom::new()).unwrap())
        }

        fn keys(&self) -> Keys {
            let point = self.0.public_key().as_ref();
            let (x, y) = (&point[1..33], &point[33..]);
            let [x, y] = [x, y].map(Base64UrlUnpadded::encode_string);
            serde_json::from_value(
                json!({ "keys": [{ "kty": "EC", "crv": "P-256", "kid": "k1", "use": "sig", "x": x, "y": y }] }),
            )
            .unwrap()
        }

        fn sign(&self, header: &Value, claims: &Value) -> String {
            let signed = format!("{}.{}", encoded(header), encoded(claims));
            let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
            format!("{signed}.{}", Base64UrlUnpadded::encode_string(signature.as_ref()))
        }
    }

    fn header() -> Value {
        json!({ "alg": "ES256", "kid": "k1", "typ": "JWT" })
    }

    fn claims() -> Value {
        json!({ "iss": "https://login.example", "aud": "desk", "sub": "248", "nonce": "n1", "iat": NOW, "exp": NOW + 300 })
    }

    fn read(token: &str, keys: &Keys) -> Result<String, &'static str> {
        let expected = Expected { issuer: "https://login.example", client: "desk", nonce: "n1", now: NOW };
        claim(token, keys, &expected, "sub")
    }

    #[test]
    fn a_token_that_holds_says_whose_it_is() {
        let provider = Provider::new();
        let keys = provider.keys();
        assert_eq!(read(&provider.sign(&header(), &claims()), &keys), Ok("248".to_owned()));
        let mut many = claims();
        (many["aud"], many["azp"]) = (json!(["other", "desk"]), json!("desk"));
        assert_eq!(read(&provider.sign(&header(), &many), &keys), Ok("248".to_owned()));
    }

    #[test]
    fn a_token_whose_claims_are_not_for_this_log_in_is_refused() {
        let provider = Provider::new();
        let keys = provider.keys();
        let wrong = [
            ("iss", json!("https://login.example.evil.example")),
            ("iss", json!("https://login.example/")),
            ("aud", json!("other")),
            ("aud", json!(["other", "desk"])),
            ("aud", json!([])),
            ("azp", json!("other")),
            ("nonce", json!("n2")),
            ("nonce", json!(null)),
            ("exp", json!(NOW - 61)),
            ("exp", json!(null)),
            ("exp", json!("later")),
            ("iat", json!(NOW + 61)),
            ("nbf", json!(NOW + 61)),
            ("sub", json!("")),
            ("sub", json!(248)),
            ("sub", json!(null)),
        ];
        for (name, value) in wrong {
            let mut claims = claims();
            claims[name] = value.clone();
            assert!(read(&provider.sign(&header(), &claims), &keys).is_err(), "{name} {value}");
        }
    }

    #[test]
    fn a_token_that_the_provider_did_not_sign_is_refused_whatever_it_says_of_its_algorithm() {
        let (provider, other) = (Provider::new(), Provider::new());
        let keys = provider.keys();
        assert!(read(&other.sign(&header(), &claims()), &keys).is_err(), "another key");
        let good = provider.sign(&header(), &claims());
        let (signed, signature) = good.rsplit_once('.').unwrap();
        for algorithm in ["none", "None", "NONE", "", "HS256", "HS512", "RS256", "ES384", "PS256", "es256"] {
            let header = json!({ "alg": algorithm, "kid": "k1" });
            let unsigned = format!("{}.{}", encoded(&header), encoded(&claims()));
            let public = provider.0.public_key().as_ref();
            let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, public);
            let by_public_key = ring::hmac::sign(&key, unsigned.as_bytes());
            let by_public_key = Base64UrlUnpadded::encode_string(by_public_key.as_ref());
            let resigned = provider.sign(&header, &claims());
            for token in [
                format!("{unsigned}."),
                format!("{unsigned}.{signature}"),
                format!("{unsigned}.{by_public_key}"),
                resigned,
            ] {
                assert!(read(&token, &keys).is_err(), "{algorithm}");
            }
        }
        for kid in [json!("k2"), json!("../k1")] {
            let header = json!({ "alg": "ES256", "kid": kid });
            assert!(read(&provider.sign(&header, &claims()), &keys).is_err(), "{kid}");
        }
        let critical = json!({ "alg": "ES256", "kid": "k1", "crit": ["b64"] });
        assert!(read(&provider.sign(&critical, &claims()), &keys).is_err());
        // A header that brings its own key is signed by nobody that is known.
        let own = json!({ "alg": "ES256", "jwk": { "kty": "EC" } });
        assert!(read(&other.sign(&own, &claims()), &keys).is_err());
        for token in ["", ".", "..", "a.b.c", &good[1..], signed, &format!("{good}x"), &format!("{good}.x")] {
            assert!(read(token, &keys).is_err(), "{token}");
        }
    }

    #[test]
    fn every_changed_letter_of_a_token_is_found() {
        let provider = Provider::new();
        let keys = provider.keys();
        let good = provider.sign(&header(), &claims());
        for at in 0..good.len() {
            let mut changed = good.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(changed == good || read(&changed, &keys).is_err(), "letter {at}");
        }
    }
}
