// Why a verdict is what it is: the closed set of docs/reference/review.md, by occasion.
import type { Reason, Verdict } from './types';

export const REASONS: Record<Verdict | 'escalate' | 'return' | 'reopen', Reason[]> = {
  same: ['documents_agree', 'identity_agrees', 'source_confirms', 'link_holds'],
  different: [
    'birth_date_differs',
    'gender_differs',
    'document_differs',
    'name_differs',
    'only_name_agrees',
    'link_explained',
    'link_wrong',
    'entry_does_not_apply',
  ],
  inconclusive: ['too_little_known', 'sources_contradict', 'no_answer'],
  escalate: ['likely_same', 'beyond_authority', 'needs_expert'],
  return: ['grounds_missing', 'check_again'],
  reopen: ['new_evidence', 'mistake_found', 'redress', 'quality_check'],
};

/** Reasons to let the second line look. */
export const ESCALATIONS: [string, string][] = [
  ['beyond_authority', 'the decision is not for the first line'],
  ['needs_expert', 'it needs somebody who reads the script, or knows the list'],
  ['likely_same', 'it is likely to concern the subject'],
];
