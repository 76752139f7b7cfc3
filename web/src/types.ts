// The answers that the pages read, by the names that the interface gives them (docs/reference/v1.md).

export type KnownAt = string;
export type Verdict = 'same' | 'different' | 'inconclusive';
export type Finding = 'same' | 'different' | 'unknown';

export interface QueueRow {
  alert: string;
  subject: string;
  population: string;
  kind: string;
  list: string;
  entry: string;
  score: number;
  state: string;
  since: KnownAt;
  opened: KnownAt;
  /** When it last moved, and how. */
  moved: [KnownAt, string];
  due: KnownAt;
  steps: number;
  ties: number;
  assigned?: string | null;
}

export interface QueuePage {
  total: number;
  states: Record<string, number>;
  overdue: number;
  rows: QueueRow[];
}

export interface AlertView {
  alert: string;
  subject: string;
  dataset: string;
  cause: { kind: string; entry: string; dataset: string };
  score: number;
  state: string;
  opened: KnownAt;
  changed: KnownAt | null;
  withdrawn: KnownAt | null;
  fingerprint: string;
}

export interface HistoryRow {
  known_at: KnownAt;
  id: string;
  by: string;
  act: string;
  note?: string | null;
  void?: unknown;
  [field: string]: unknown;
}

export interface Review extends AlertView {
  review: string;
  since: KnownAt;
  suppressed: boolean;
  lock: { by: string; until: KnownAt } | null;
  assigned: string | null;
  proposal: { id?: string; decision?: string; by: string; verdict: Verdict } | null;
  disposition: unknown;
  due: KnownAt;
  snoozed: KnownAt | null;
  steps: number;
  matches: string[];
  history: HistoryRow[];
}

export interface UnitPair {
  subject: string;
  entry: string;
  relation: string;
  similarity: number;
  credit: number;
}

export interface Explanation {
  score: number;
  evidence: number;
  names: { subject: string; entry: string; weak: boolean; score: number; pairs: UnitPair[] } | null;
  findings: { property: string; subject: string[]; entry: string[]; verdict: Finding; rule: string; factor: number }[];
  why_not_higher: string[];
}

export interface Observation {
  id: string;
  subject: string;
  relation: 'used' | 'operated';
  valid_from: string | null;
  valid_to: string | null;
  source: string | null;
  grade: string | null;
  known_at: KnownAt;
}

export interface Link {
  sentence: string;
  attribute: { kind: string; value: string };
  subject: Observation;
  seed: Observation;
  chain: { relation: string; schema: string; from: string; to: string; source: string | null; grade: string | null; known_at: KnownAt }[];
}

export interface NetworkWhy {
  standing: string;
  links: Link[];
  families: string[];
  ignored: unknown[];
  why_not_stronger: string[];
}

export interface Why {
  subject: string;
  known_at: KnownAt;
  standing: string;
  alerts: {
    alert: AlertView;
    subject_caption: string | null;
    entry_caption: string | null;
    threshold: number | null;
    explanation: Explanation | null;
    history: { seq: number; known_at: KnownAt; change: string; purpose: string; files: string[] }[];
  }[];
  network: NetworkWhy | null;
}

export interface Status {
  head: { seq: number; known_at: KnownAt; hash: string; actor: string; purpose: string } | null;
  datasets: { name: string; role: string; title: string | null; entities: number }[];
  open_alerts: number;
  coverage: {
    subjects: number;
    screened: number;
    unscreenable: Record<string, number>;
    entries: Record<string, number>;
    list_versions: Record<string, { commit: number; known_at: KnownAt; content: string }>;
    controls: number;
    seeds: number;
  };
  held: number;
}

/** Who joined and left those moved by the network at one known time, and the lines that caused it. */
export interface Change {
  known_at: KnownAt;
  joined: number;
  left: number;
  causes: { key: string; line: number; subjects: number }[];
}

export interface Claim {
  id: string;
  said_by: string;
  outlet: string;
  text: string;
  as_of: string;
  comparison: string;
  value: number;
  actual: number;
  verdict: 'supported' | 'contested' | 'not supported';
  contested_by: string[];
}

export interface Session {
  account: string | null;
  roles: string[];
  permissions: string[];
  csrf_token: string | null;
}
