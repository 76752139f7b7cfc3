//! Reviews read from the ledger, as of any known time: those of one alert and what hangs together with it, or all.

use std::collections::BTreeSet;

use ledger::{Known, LedgerError, View};
use model::{AlertId, Decision, Key, KnownAt, Topic};

use super::desk::Event;
use super::flags::Flags;
use super::{Accounts, Desk, Merges, Refusal, Review, ReviewPolicies, Rulebook};

/// What reviews are judged by, as known at the view's time.
pub fn rulebook(view: &View<'_>, policies: ReviewPolicies) -> Result<Rulebook, LedgerError> {
    let (mut accounts, mut merges, mut flags) = (Accounts::default(), Merges::default(), Flags::default());
    let each = |topic, take: &mut dyn FnMut(KnownAt, &Decision) -> Result<(), Refusal>| {
        for Known { known_at, record, .. } in view.decisions_on(&Key::topic(topic))? {
            // What its author could not decide is void, and passed over.
            let _ = take(known_at, &record);
        }
        Ok::<(), LedgerError>(())
    };
    each(Topic::Accounts, &mut |at, decision| accounts.apply(at, decision))?;
    each(Topic::Merges, &mut |at, decision| merges.apply(at, decision, &accounts))?;
    each(Topic::Flags, &mut |at, decision| flags.apply(at, decision, &accounts))?;
    Ok(Rulebook { accounts, policies, merges, flags })
}

/// A decision, and whether it counted or why it is void.
pub type Entry = (Known<Decision>, Result<(), Refusal>);

/// The review of an alert at a time; `None` when the alert had not come. `now` does not lie before what the view knows last.
pub fn review_of(
    view: &View<'_>,
    rulebook: &Rulebook,
    alert: AlertId,
    now: KnownAt,
) -> Result<Option<Review>, LedgerError> {
    Ok(history_of(view, rulebook, alert, now)?.map(|(review, _)| review))
}

/// The same with every decision on it, in order, and whether it counted. Alerts of what may be the same two are followed with it, since a
/// verdict on one keeps the same evidence away from the others.
pub fn history_of(
    view: &View<'_>,
    rulebook: &Rulebook,
    alert: AlertId,
    now: KnownAt,
) -> Result<Option<(Review, Vec<Entry>)>, LedgerError> {
    let Some(state) = view.alert(alert)?.filter(|state| state.pair.is_alert()) else { return Ok(None) };
    let (subject, cause) = (&state.pair.subject.id, &state.pair.cause);
    let entries = rulebook.merges.ever(&cause.entry.id);
    let mut together = BTreeSet::from([alert]);
    for other in rulebook.merges.ever(subject) {
        together.extend(view.alerts_ever_of(&other)?);
    }
    let (mut events, mut kept) = (Vec::new(), Vec::new());
    for one in together {
        let changes = view.alert_history(one)?;
        let fits = changes.first().is_some_and(|first| {
            first.pair.cause.kind == cause.kind && entries.contains(&first.pair.cause.entry.id)
        });
        if fits {
            events.extend(changes.into_iter().map(Event::Screened));
            events.extend(view.decisions_on(&Key::review_of(one))?.into_iter().map(Event::Decided));
        }
    }
    events.extend(Event::facts(rulebook, KnownAt::MIN));
    let mut desk = Desk::new(rulebook.clone());
    desk.take_all(events, &mut |known, counted| {
        if known.record.is_on(alert) {
            kept.push((known, counted));
        }
    });
    Ok(desk.review(alert, now).map(|review| (review.into_owned(), kept)))
}
