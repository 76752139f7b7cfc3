// Why a verdict is what it is: the closed set of docs/reference/review.md, by verdict.
import type { Verdict } from './types';

/** Reasons of verdicts; the closed set, and when to use each, is in docs/reference/review.md. */
export const REASONS: Record<Verdict, [string, string][]> = {
  same: [
    ['documents_agree', 'the same passport, card or registration number'],
    ['identity_agrees', 'name and birth date agree, nothing known differs'],
    ['source_confirms', 'whoever issued it confirmed it'],
    ['link_holds', 'the evidence of the link was looked at and holds'],
  ],
  different: [
    ['birth_date_differs', 'birth dates differ by more than a slip'],
    ['gender_differs', 'the genders stated differ'],
    ['document_differs', 'documents of one kind have other numbers'],
    ['name_differs', 'side by side, the names are of two people'],
    ['only_name_agrees', 'only a common name agrees'],
    ['link_explained', 'the shared attribute has an explanation on file'],
    ['link_wrong', "the evidence is wrong, or somebody else's"],
    ['entry_does_not_apply', 'the entry has no effect here'],
  ],
  inconclusive: [
    ['too_little_known', 'too little is known on either side'],
    ['sources_contradict', 'sources contradict each other'],
    ['no_answer', 'information was asked for and did not come'],
  ],
};

/** Reasons to let the second line look. */
export const ESCALATIONS: [string, string][] = [
  ['beyond_authority', 'the decision is not for the first line'],
  ['needs_expert', 'it needs somebody who reads the script, or knows the list'],
  ['likely_same', 'it is likely to concern the subject'],
];
