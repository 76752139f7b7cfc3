//! The alert book: what happened to every alert, in known time.
//!
//! In: outcomes of pairs. Out: changes and states. Always holds: at one `known_at` an alert has at most one change that counts,
//! the net one against the state strictly before; a later commit of the same `known_at` that finds another writes its own and
//! marks the one that it supersedes, which stays because the earlier commit's hash covers it.

use std::collections::BTreeMap;

use model::{
    AlertChange, AlertId, AlertState, Cause, CauseKind, Change, DatasetName, Digest, Digester, EntityId,
    Fingerprint, Identity, KnownAt, Outcome, Pair, Score,
};
use rusqlite::types::Value;
use rusqlite::{Row, params};
use rustc_hash::FxHashMap;

use crate::LedgerError;
use crate::error::Doing;
use crate::row::{KeyDigest, dataset_name, entity_id};
use crate::store::Store;

/// Which alerts.
#[derive(Clone, Copy)]
pub(crate) enum Of<'a> {
    All,
    Subject(&'a Identity),
    Entry(&'a Identity),
    Kind(CauseKind),
}

/// What an open alert says beside its identity; any difference in it is a change of the alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Open {
    pub(crate) score: Score,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) subject_dataset: DatasetName,
    pub(crate) entry_dataset: DatasetName,
}

/// A net change and what the alert says since; a withdrawal repeats what it said last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Net {
    pub(crate) change: Change,
    pub(crate) says: Open,
}

/// The word in `alert_changes.change` for "nothing after all": it supersedes what an earlier commit of its `known_at` wrote.
pub(crate) const NOTHING: &str = "nothing";

/// The net change from one state to the next, if there is one.
pub(crate) fn net(before: Option<Open>, after: Option<Open>) -> Option<Net> {
    match (before, after) {
        (None, None) => None,
        (None, Some(says)) => Some(Net { change: Change::Opened, says }),
        (Some(says), None) => Some(Net { change: Change::Withdrawn, says }),
        (Some(before), Some(after)) if before == after => None,
        (Some(_), Some(says)) => Some(Net { change: Change::Changed, says }),
    }
}

/// What a change's hash covers.
pub(crate) fn change_hash(alert: AlertId, known_at: KnownAt, net: Option<&Net>) -> Digest {
    let mut digester = Digester::new();
    digester.field(&alert.0).number(known_at.micros());
    match net {
        None => digester.field(NOTHING.as_bytes()),
        Some(Net { change, says }) => digester
            .field(change.word().as_bytes())
            .number(says.score.0.into())
            .field(&says.fingerprint.0)
            .field(says.subject_dataset.as_str().as_bytes())
            .field(says.entry_dataset.as_str().as_bytes()),
    };
    digester.finish()
}

/// The hash of a commit's alert changes, in order.
pub(crate) fn hashes_of(store: &Store, seq: u64) -> Result<Digest, LedgerError> {
    let mut digester = Digester::new();
    let sql = "SELECT hash FROM alert_changes WHERE commit_seq = ?1 ORDER BY number";
    let doing = "hashing alert changes";
    store.each(doing, sql, [seq.cast_signed()], |row| {
        digester.field(&row.get::<_, [u8; 32]>(0).doing(doing)?);
        Ok(())
    })?;
    Ok(digester.finish())
}

/// Writes what follows from an outcome; the change, when it is newly written and not "nothing after all".
pub(crate) fn record(
    store: &Store,
    seq: u64,
    known_at: KnownAt,
    outcome: &Outcome,
) -> Result<Option<AlertChange>, LedgerError> {
    let pair = &outcome.pair;
    let alert = pair.alert_id();
    let says = outcome.alert.map(|(score, fingerprint)| Open {
        score,
        fingerprint,
        subject_dataset: pair.dataset.clone(),
        entry_dataset: pair.cause.dataset.clone(),
    });
    let number = match (number_of(store, alert)?, &says) {
        (Some(number), _) => number,
        (None, None) => return Ok(None),
        (None, Some(_)) => insert_alert(store, alert, pair)?,
    };
    let net = net(state_before(store, number, known_at)?, says);
    if !write_net(store, seq, known_at, (alert, number), net.as_ref())? {
        return Ok(None);
    }
    Ok(net.map(|net| change_of(alert, pair.clone(), known_at, seq, net)))
}

fn change_of(alert: AlertId, mut pair: Pair, known_at: KnownAt, commit: u64, net: Net) -> AlertChange {
    let Net { change, says: Open { score, fingerprint, subject_dataset, entry_dataset } } = net;
    pair.dataset = subject_dataset;
    pair.cause.dataset = entry_dataset;
    AlertChange { alert, pair, known_at, commit, change, score, fingerprint }
}

fn number_of(store: &Store, alert: AlertId) -> Result<Option<i64>, LedgerError> {
    store.first("looking an alert up", "SELECT number FROM alerts WHERE alert = ?1", [alert.0], |row| {
        row.get(0)
    })
}

fn insert_alert(store: &Store, alert: AlertId, pair: &Pair) -> Result<i64, LedgerError> {
    let (subject, entry) = (&pair.subject, &pair.cause.entry);
    let sql = "INSERT INTO alerts (alert, subject, subject_born, cause_kind, entry, entry_born, subject_hash, entry_hash)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let params = params![
        alert.0,
        subject.id.as_str(),
        subject.born.micros(),
        pair.cause.kind.word(),
        entry.id.as_str(),
        entry.born.micros(),
        identity_hash(subject),
        identity_hash(entry)
    ];
    store.write("noting an alert", sql, params)?;
    Ok(store.last_insert())
}

pub(crate) fn identity_hash(identity: &Identity) -> i64 {
    KeyDigest::of_entity(identity.id.as_str()).head
}

/// The columns that [`read_net`] reads, from the given place on.
const NET: &str = "c.change, c.score, c.fingerprint, c.subject_dataset, c.entry_dataset";

/// The change of a row; `None` for "nothing after all".
pub(crate) fn read_net(row: &Row<'_>, at: usize) -> Result<Option<Net>, LedgerError> {
    let doing = "reading an alert change";
    let text = |at: usize| row.get::<_, String>(at).doing(doing);
    let word = text(at)?;
    if word == NOTHING {
        return Ok(None);
    }
    let change = Change::from_word(&word)
        .ok_or_else(|| LedgerError::corrupt("a change of an alert has no meaning"))?;
    let says = Open {
        score: Score(row.get(at + 1).doing(doing)?),
        fingerprint: Fingerprint(row.get(at + 2).doing(doing)?),
        subject_dataset: dataset_name(&text(at + 3)?)?,
        entry_dataset: dataset_name(&text(at + 4)?)?,
    };
    Ok(Some(Net { change, says }))
}

fn state_before(store: &Store, number: i64, known_at: KnownAt) -> Result<Option<Open>, LedgerError> {
    let sql = format!(
        "SELECT {NET} FROM alert_changes c WHERE c.alert = ?1 AND c.known_at < ?2 AND c.superseded_by IS NULL
            AND c.change <> '{NOTHING}' ORDER BY c.known_at DESC LIMIT 1"
    );
    let mut state = None;
    store.each("reading an alert", &sql, [number, known_at.micros()], |row| {
        state = read_net(row, 0)?;
        Ok(())
    })?;
    Ok(state.filter(|net| net.change != Change::Withdrawn).map(|net| net.says))
}

/// Makes the net change the one that counts at this time; whether something had to be written for it.
fn write_net(
    store: &Store,
    seq: u64,
    known_at: KnownAt,
    (alert, number): (AlertId, i64),
    net: Option<&Net>,
) -> Result<bool, LedgerError> {
    let time = known_at.micros();
    let own = seq.cast_signed();
    let forget = "DELETE FROM alert_changes WHERE alert = ?1 AND known_at = ?2 AND commit_seq = ?3";
    let restore = "UPDATE alert_changes SET superseded_by = NULL WHERE alert = ?1 AND known_at = ?2 AND superseded_by = ?3";
    let forgotten = store.write("replacing an alert change", forget, [number, time, own])? > 0;
    if forgotten {
        store.write("replacing an alert change", restore, [number, time, own])?;
    }
    let mut written = None;
    let sql = format!(
        "SELECT {NET} FROM alert_changes c WHERE c.alert = ?1 AND c.known_at = ?2 AND c.superseded_by IS NULL"
    );
    store.each("reading an alert", &sql, [number, time], |row| {
        written = read_net(row, 0)?;
        Ok(())
    })?;
    if written.as_ref() == net {
        if forgotten {
            // An alert that this batch opened and took back never was.
            let unsay = "DELETE FROM alerts WHERE number = ?1
                AND NOT EXISTS (SELECT 1 FROM alert_changes WHERE alert = ?1)";
            store.write("taking an alert back", unsay, [number])?;
        }
        return Ok(false);
    }
    let supersede = "UPDATE alert_changes SET superseded_by = ?3 WHERE alert = ?1 AND known_at = ?2 AND superseded_by IS NULL";
    store.write("superseding an alert change", supersede, [number, time, own])?;
    insert_change(store, seq, known_at, (alert, number), net)?;
    Ok(true)
}

fn insert_change(
    store: &Store,
    seq: u64,
    known_at: KnownAt,
    (alert, number): (AlertId, i64),
    net: Option<&Net>,
) -> Result<(), LedgerError> {
    let sql = "INSERT INTO alert_changes
        (commit_seq, alert, known_at, change, score, fingerprint, subject_dataset, entry_dataset, hash)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let (seq, time) = (seq.cast_signed(), known_at.micros());
    let hash = change_hash(alert, known_at, net).0;
    let call = "appending an alert change";
    let written = match net {
        None => {
            store.write(call, sql, params![seq, number, time, NOTHING, 0, &[][..] as &[u8], "", "", hash])
        }
        Some(Net { change, says }) => {
            let (subject, entry) = (says.subject_dataset.as_str(), says.entry_dataset.as_str());
            let (score, fingerprint) = (says.score.0, says.fingerprint.0);
            store.write(
                call,
                sql,
                params![seq, number, time, change.word(), score, fingerprint, subject, entry, hash],
            )
        }
    };
    written.map(drop)
}

/// Changes that count, with their alerts.
const CHANGES: &str = "SELECT a.alert, a.subject, a.subject_born, a.cause_kind, a.entry, a.entry_born, c.known_at, c.commit_seq,
    c.change, c.score, c.fingerprint, c.subject_dataset, c.entry_dataset
    FROM alert_changes c JOIN alerts a ON a.number = c.alert
    WHERE c.superseded_by IS NULL AND c.change <> 'nothing'";

/// The identity of an alert: subject and cause, without datasets.
pub(crate) struct AlertKey {
    pub(crate) alert: AlertId,
    pub(crate) subject: Identity,
    pub(crate) kind: CauseKind,
    pub(crate) entry: Identity,
}

impl AlertKey {
    pub(crate) fn pair(self, says: &Open) -> Pair {
        let cause = Cause { kind: self.kind, dataset: says.entry_dataset.clone(), entry: self.entry };
        Pair { subject: self.subject, dataset: says.subject_dataset.clone(), cause }
    }
}

/// Reads alert, subject, its birth, kind of cause, entry and its birth.
pub(crate) fn read_key(row: &Row<'_>) -> Result<AlertKey, LedgerError> {
    let doing = "reading an alert";
    let identity = |at: usize| -> Result<Identity, LedgerError> {
        let id = entity_id(&row.get::<_, String>(at).doing(doing)?)?;
        Ok(Identity { id, born: KnownAt::from_micros(row.get(at + 1).doing(doing)?) })
    };
    let kind = CauseKind::from_word(&row.get::<_, String>(3).doing(doing)?);
    Ok(AlertKey {
        alert: AlertId(row.get(0).doing(doing)?),
        subject: identity(1)?,
        kind: kind.ok_or_else(|| LedgerError::corrupt("a kind of cause has no meaning"))?,
        entry: identity(4)?,
    })
}

fn read_change(row: &Row<'_>) -> Result<AlertChange, LedgerError> {
    let doing = "reading an alert change";
    let key = read_key(row)?;
    let net = read_net(row, 8)?.ok_or_else(|| LedgerError::corrupt("an alert change says nothing"))?;
    let (alert, pair) = (key.alert, key.pair(&net.says));
    let known_at = KnownAt::from_micros(row.get(6).doing(doing)?);
    Ok(change_of(alert, pair, known_at, row.get::<_, i64>(7).doing(doing)?.cast_unsigned(), net))
}

/// An alert or another finding that a commit did something to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// The row that says so; later ones have greater numbers.
    pub row: u64,
    /// Which.
    pub alert: AlertId,
    /// The screened side.
    pub subject: Identity,
    /// What kind of cause.
    pub kind: CauseKind,
    /// The listed side.
    pub entry: Identity,
    /// What happened; `None` where it took back what an earlier commit of the same known time had done.
    pub change: Option<Change>,
    /// The score since then; for a withdrawal, the last one.
    pub score: Option<Score>,
}

/// What a commit did, as it did it: also where a later one of the same known time took its place.
pub(crate) fn touched(
    store: &Store,
    seq: u64,
    after_row: u64,
    rows_max: usize,
) -> Result<Vec<Touched>, LedgerError> {
    let doing = "reading what a commit did";
    let sql = "SELECT a.alert, a.subject, a.subject_born, a.cause_kind, a.entry, a.entry_born, c.change, c.score, c.number
        FROM alert_changes c JOIN alerts a ON a.number = c.alert
        WHERE c.commit_seq = ?1 AND c.number > ?2 ORDER BY c.number LIMIT ?3";
    let rows_max = i64::try_from(rows_max).unwrap_or(i64::MAX);
    let mut touched = Vec::new();
    store.each(doing, sql, [seq.cast_signed(), after_row.cast_signed(), rows_max], |row| {
        let AlertKey { alert, subject, kind, entry } = read_key(row)?;
        let change = Change::from_word(&row.get::<_, String>(6).doing(doing)?);
        let score = change.is_some().then(|| row.get(7).map(Score)).transpose().doing(doing)?;
        let row = row.get::<_, i64>(8).doing(doing)?.cast_unsigned();
        touched.push(Touched { row, alert, subject, kind, entry, change, score });
        Ok(())
    })?;
    Ok(touched)
}

pub(crate) fn changes(
    store: &Store,
    after: KnownAt,
    up_to: KnownAt,
) -> Result<Vec<AlertChange>, LedgerError> {
    let sql = format!("{CHANGES} AND c.known_at > ?1 AND c.known_at <= ?2 ORDER BY c.known_at, a.alert");
    let mut changes = Vec::new();
    store.each("reading alert changes", &sql, [after.micros(), up_to.micros()], |row| {
        changes.push(read_change(row)?);
        Ok(())
    })?;
    Ok(changes)
}

pub(crate) fn history(store: &Store, at: KnownAt, alert: AlertId) -> Result<Vec<AlertChange>, LedgerError> {
    let sql = format!("{CHANGES} AND c.known_at <= ?1 AND a.alert = ?2 ORDER BY c.known_at");
    let mut changes = Vec::new();
    store.each("reading the history of an alert", &sql, params![at.micros(), alert.0], |row| {
        changes.push(read_change(row)?);
        Ok(())
    })?;
    Ok(changes)
}

pub(crate) fn alert(store: &Store, at: KnownAt, alert: AlertId) -> Result<Option<AlertState>, LedgerError> {
    Ok(history(store, at, alert)?.into_iter().fold(None, |state, change| Some(follow(state, change))))
}

/// What an alert is after a change.
fn follow(state: Option<AlertState>, change: AlertChange) -> AlertState {
    let AlertChange { alert, pair, known_at, change, score, fingerprint, .. } = change;
    let (opened, changed) = state.map_or((known_at, None), |state| (state.opened, state.changed));
    let new = AlertState { alert, pair, score, fingerprint, opened, changed, withdrawn: None };
    match change {
        Change::Opened => AlertState { opened: known_at, changed: None, ..new },
        Change::Changed => AlertState { changed: Some(known_at), ..new },
        Change::Withdrawn => AlertState { withdrawn: Some(known_at), ..new },
    }
}

/// The changes of some alerts up to a time, those of one alert together and in order.
fn each_change(
    store: &Store,
    at: KnownAt,
    of: Of<'_>,
    each: &mut dyn FnMut(AlertChange),
) -> Result<(), LedgerError> {
    let (condition, which) = match of {
        Of::All => ("?2 IS NULL", Value::Null),
        Of::Subject(subject) => ("a.subject_hash = ?2", Value::Integer(identity_hash(subject))),
        Of::Entry(entry) => ("a.entry_hash = ?2", Value::Integer(identity_hash(entry))),
        Of::Kind(CauseKind::Name) => ("a.cause_kind = ?2", Value::Text(CauseKind::Name.word().to_owned())),
        // The index of the few that are not by name serves only what says that it wants none of those.
        Of::Kind(kind) => {
            ("a.cause_kind = ?2 AND a.cause_kind <> 'name'", Value::Text(kind.word().to_owned()))
        }
    };
    let asked = |pair: &Pair| match of {
        Of::All | Of::Kind(_) => true,
        Of::Subject(subject) => pair.subject == *subject,
        Of::Entry(entry) => pair.cause.entry == *entry,
    };
    let sql = format!("{CHANGES} AND c.known_at <= ?1 AND {condition} ORDER BY a.alert, c.known_at");
    store.each("reading alerts", &sql, params![at.micros(), which], |row| {
        let change = read_change(row)?;
        if asked(&change.pair) {
            each(change);
        }
        Ok(())
    })
}

pub(crate) fn open_alerts(store: &Store, at: KnownAt, of: Of<'_>) -> Result<Vec<AlertState>, LedgerError> {
    let mut states: Vec<AlertState> = Vec::new();
    each_change(store, at, of, &mut |change| {
        let last = states.pop_if(|last| last.alert == change.alert);
        states.push(follow(last, change));
    })?;
    states.retain(AlertState::is_open);
    Ok(states)
}

/// On whom a finding of a kind is open, and when one first opened on each of them, under whatever identity; in order of id.
pub(crate) fn open_since(
    store: &Store,
    at: KnownAt,
    kind: CauseKind,
) -> Result<BTreeMap<EntityId, KnownAt>, LedgerError> {
    let mut first: FxHashMap<EntityId, KnownAt> = FxHashMap::default();
    let mut last: Vec<(AlertId, EntityId, Change)> = Vec::new();
    each_change(store, at, Of::Kind(kind), &mut |AlertChange { alert, pair, known_at, change, .. }| {
        let subject = pair.subject.id;
        if change == Change::Opened {
            let since = first.entry(subject.clone()).or_insert(known_at);
            *since = known_at.min(*since);
        }
        last.pop_if(|last| last.0 == alert);
        last.push((alert, subject, change));
    })?;
    let open = last.into_iter().filter(|(_, _, change)| *change != Change::Withdrawn);
    Ok(open.map(|(_, subject, _)| (subject.clone(), first.get(&subject).copied().unwrap_or(at))).collect())
}

pub(crate) fn alerts_ever_of(store: &Store, subject: &EntityId) -> Result<Vec<AlertId>, LedgerError> {
    let sql = "SELECT alert FROM alerts WHERE subject_hash = ?1 AND subject = ?2 ORDER BY alert";
    let params = params![KeyDigest::of_entity(subject.as_str()).head, subject.as_str()];
    store.all("reading the alerts of a subject", sql, params, |row| row.get(0).map(AlertId))
}

pub(crate) fn first_opened(
    store: &Store,
    at: KnownAt,
    kind: CauseKind,
) -> Result<BTreeMap<EntityId, KnownAt>, LedgerError> {
    let doing = "reading when alerts first opened";
    let few = if kind == CauseKind::Name { "" } else { "AND a.cause_kind <> 'name'" };
    let sql = format!(
        "SELECT a.subject, min(c.known_at) FROM alert_changes c JOIN alerts a ON a.number = c.alert
        WHERE c.superseded_by IS NULL AND c.change = ?2 AND c.known_at <= ?1 AND a.cause_kind = ?3 {few}
        GROUP BY a.subject"
    );
    let mut first = BTreeMap::new();
    store.each(doing, &sql, params![at.micros(), Change::Opened.word(), kind.word()], |row| {
        let id = entity_id(&row.get::<_, String>(0).doing(doing)?)?;
        first.insert(id, KnownAt::from_micros(row.get(1).doing(doing)?));
        Ok(())
    })?;
    Ok(first)
}
