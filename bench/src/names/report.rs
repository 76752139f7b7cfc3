//! The table for a person. In: what was found out, the frozen figures, another matcher's. Out: aligned text.

use crate::frozen::{self, Flat};
use crate::phases::{Finding, Target};
use crate::table::{aligned, beside, rows_of};

use super::Evaluation;

/// Figures that are asked for: in words, by name, what to reach.
const ASKED: &[(&str, &str, Target)] = {
    use Target::{AtLeast, AtMost};
    &[
        ("AUC", "pairs auc", AtLeast(0.97)),
        ("F1max", "pairs f1max f1", AtLeast(0.90)),
        ("R@1e-2", "pairs recall_at_fpr 1e-2", AtLeast(0.87)),
        ("R@1e-3", "pairs recall_at_fpr 1e-3", AtLeast(0.75)),
        ("R@1e-4", "pairs recall_at_fpr 1e-4", AtLeast(0.55)),
        ("Cyrl-Latn R@1e-2", "pairs by_script Cyrl-Latn recall_1e2", AtLeast(0.95)),
        ("Cyrl-Latn R@1e-3", "pairs by_script Cyrl-Latn recall_1e3", AtLeast(0.85)),
        ("Arab-Latn R@1e-2", "pairs by_script Arab-Latn recall_1e2", AtLeast(0.65)),
        ("Arab-Latn R@1e-3", "pairs by_script Arab-Latn recall_1e3", AtLeast(0.45)),
        ("Hani-Latn R@1e-2", "pairs by_script Hani-Latn recall_1e2", AtLeast(0.60)),
        ("Hani-Latn R@1e-3", "pairs by_script Hani-Latn recall_1e3", AtLeast(0.45)),
        ("Geor-Latn R@1e-2", "pairs by_script Geor-Latn recall_1e2", AtLeast(0.98)),
        ("Armn-Latn R@1e-2", "pairs by_script Armn-Latn recall_1e2", AtLeast(0.90)),
        ("uz R@1e-2", "pairs by_country uz recall_1e2", AtLeast(0.90)),
        ("kg R@1e-2", "pairs by_country kg recall_1e2", AtLeast(0.90)),
        ("ge R@1e-2", "pairs by_country ge recall_1e2", AtLeast(0.90)),
        ("ru R@1e-2", "pairs by_country ru recall_1e2", AtLeast(0.90)),
        ("tj + md R@1e-2", "more tj + md recall_1e2", AtLeast(0.88)),
        ("subset names accepted at 1e-3", "pairs subset_accepted_at_1e3", AtMost(0.20)),
        ("positives that are subsets R@1e-2", "more positives that are subsets recall_1e2", AtLeast(0.80)),
        ("expected calibration error", "calibration expected_error", AtMost(0.03)),
    ]
};

/// Figures that are told beside them.
const TOLD: &[(&str, &str)] = &[
    ("precision at F1max", "pairs f1max precision"),
    ("recall at F1max", "pairs f1max recall"),
    ("dissimilar alias R@1e-2", "pairs dissimilar_alias_recall_at_1e2"),
    ("threshold at 1e-2", "pairs threshold_at_fpr 1e-2"),
    ("threshold at 1e-3", "pairs threshold_at_fpr 1e-3"),
    ("threshold at 1e-4", "pairs threshold_at_fpr 1e-4"),
    ("Brier score", "calibration brier"),
    ("expected calibration error of the best increasing map", "calibration expected_error_of_best_map"),
    ("Brier score of the best increasing map", "calibration brier_of_best_map"),
];

/// The same figures from three sides.
struct Sides<'a> {
    now: &'a Flat,
    frozen: &'a Flat,
    peer: &'a Flat,
}

/// A group of rows with few pairs of the same person says little and is left to the JSON.
const RIGHT_PAIRS_SHOWN: f64 = 30.0;

pub(super) fn text(evaluation: &Evaluation, frozen: &Flat, peer: &Flat, speed: &[Finding]) -> String {
    let now = &frozen::flat(&evaluation.figures);
    let sides = Sides { now, frozen, peer };
    let changed = frozen::differences(frozen, now);
    let verdict = match changed.len() {
        0 => "as frozen".to_owned(),
        some => format!("{some} figures differ from the frozen ones; --freeze keeps them"),
    };
    let mut text = format!(
        "{} pairs of the same person, {} of others; {verdict}\n\n",
        sides.count("pairs positives"),
        sides.count("pairs negatives")
    );
    text += &sides.headline();
    for key in ["by_script", "by_country", "by_relation"] {
        text += &sides.groups(key);
    }
    text +=
        &sides.rates("origins", "false matches at the threshold of 1e-2, origins of 500 wrong pairs or more");
    text += &sides
        .rates("hard", "false matches at the same threshold, hard wrong pairs across scripts; asked: ≤ 2 %");
    text += &by_threshold(evaluation);
    text += &reliability(evaluation);
    text + "\nspeed, one thread\n" + &rows_of(speed)
}

impl Sides<'_> {
    fn count(&self, name: &str) -> String {
        self.now.get(name).map_or_else(|| "0".to_owned(), f64::to_string)
    }

    fn headline(&self) -> String {
        let mut rows =
            vec![["what", "now", "frozen", "change", "logic-v2", "reach"].map(str::to_owned).to_vec()];
        let asked = ASKED.iter().map(|&(what, name, target)| (what, name, Some(target)));
        for (what, name, target) in asked.chain(TOLD.iter().map(|&(what, name)| (what, name, None))) {
            let reach = self.now.get(name).map_or_else(String::new, |&value| beside(target, value));
            let (frozen, peer) = (figure(self.frozen.get(name)), figure(self.peer.get(name)));
            rows.push(vec![
                what.to_owned(),
                figure(self.now.get(name)),
                frozen,
                self.change(name),
                peer,
                reach.trim().to_owned(),
            ]);
        }
        aligned(&rows)
    }

    /// How much more than frozen, where it shows.
    fn change(&self, name: &str) -> String {
        let (Some(now), Some(frozen)) = (self.now.get(name), self.frozen.get(name)) else {
            return String::new();
        };
        let change = now - frozen;
        if change.abs() < 0.00005 { String::new() } else { format!("{change:+.4}") }
    }

    /// The groups of a section, by how many rows they have in a column.
    fn groups_of(&self, section: &str, column: &str) -> Vec<(String, f64)> {
        let group = |name: &str| Some(name.strip_prefix(section)?.strip_suffix(column)?.trim().to_owned());
        let mut groups: Vec<(String, f64)> =
            self.now.iter().filter_map(|(name, &count)| Some((group(name)?, count))).collect();
        groups.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
        groups
    }

    fn groups(&self, key: &str) -> String {
        let header =
            ["n+", "n-", "R@1e-2", "change", "logic-v2", "R@1e-3", "change", "logic-v2", "FMR", "change"];
        let mut rows = vec![std::iter::once(key).chain(header).map(str::to_owned).collect::<Vec<_>>()];
        let section = format!("pairs {key}");
        for (group, count) in self.groups_of(&section, "positives") {
            let name = |column: &str| format!("{section} {group} {column}");
            if count < RIGHT_PAIRS_SHOWN {
                continue;
            }
            let mut row = vec![group.clone(), count.to_string(), self.count(&name("negatives"))];
            for recall in ["recall_1e2", "recall_1e3"].map(name) {
                row.extend([
                    figure(self.now.get(&recall)),
                    self.change(&recall),
                    figure(self.peer.get(&recall)),
                ]);
            }
            let rate = name("false_match_rate_1e2");
            row.extend([figure(self.now.get(&rate)), self.change(&rate)]);
            rows.push(row);
        }
        format!("\n{}", aligned(&rows))
    }

    fn rates(&self, section: &str, title: &str) -> String {
        let header = ["", "pairs", "false", "rate", "change", "95 % from", "to", ""];
        let mut rows = vec![header.map(str::to_owned).to_vec()];
        for (group, count) in self.groups_of(section, " pairs") {
            let name = |column: &str| format!("{section} {group} {column}");
            let shown = |column: &str| figure(self.now.get(&name(column)));
            let verdict = match self.now.get(&name("in_band")) {
                Some(met) if *met > 0.0 => "ok",
                Some(_) => "outside 1.7 times the rate of all",
                None if self.now.get(&name("rate")).is_some_and(|&rate| rate <= 0.02) => "ok",
                None => "short",
            };
            rows.push(vec![
                group.clone(),
                count.to_string(),
                self.count(&name("false_matches")),
                shown("rate"),
                self.change(&name("rate")),
                shown("low"),
                shown("high"),
                verdict.to_owned(),
            ]);
        }
        format!("\n{title}\n{}", aligned(&rows))
    }
}

fn by_threshold(evaluation: &Evaluation) -> String {
    let mut rows =
        vec![["threshold", "recall", "false matches", "subset accepted"].map(str::to_owned).to_vec()];
    for accepted in &evaluation.by_threshold {
        let shares = [accepted.right, accepted.wrong, accepted.subset].map(|share| figure(share.as_ref()));
        rows.push(std::iter::once(format!("{:.2}", accepted.threshold)).chain(shares).collect());
    }
    format!("\nwhat a threshold accepts\n{}", aligned(&rows))
}

fn reliability(evaluation: &Evaluation) -> String {
    let mut rows = vec![["mean score", "pairs", "same person"].map(str::to_owned).to_vec()];
    for bin in &evaluation.reliability {
        rows.push(vec![
            format!("{:.4}", bin.claimed),
            bin.rows.to_string(),
            format!("{:.4}", bin.true_share),
        ]);
    }
    format!("\nreliability of the score as a probability, on half of the persons\n{}", aligned(&rows))
}

fn figure(value: Option<&f64>) -> String {
    value.map_or_else(String::new, |value| format!("{value:.4}"))
}
