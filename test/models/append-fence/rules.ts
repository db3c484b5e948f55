// The rules that appending to one partition needs. A run may leave one out: then some seed must show a violation.

/** Each rule in one line, in the form the code obeys. */
export const RULES = {
  contains: 'an append is refused if the tail holds its entry',
  fence: 'an append is refused if tailStart has passed nextSeen, the next of the view its writer went by',
  helping: 'a roller adopts the length of a page that is already there',
  recheck: 'a newer view is adopted only once the entry that was tried is proved absent from it',
  coverage:
    'the proof of absence covers every offset from nextSeen on; a hole means another head, in the end unknown',
  nonEmpty:
    'a batch holds at least one record, so that every append moves next and every cut moves tailStart',
  unknown: 'an entry that was tried and neither found nor dead is answered unknown, never as not applied',
  frozen: 'an entry stays as it is, id included, until no earlier attempt of it can be applied any more',
  absentBeforeJudge: 'batches are judged by a newer view only once their entry is proved absent from it',
  everyProducer: 'the one condition covers every producer of the entry',
  wholeState: 'the condition compares the whole state of a producer: epoch, last sequence and fence',
  lastInEntry: 'an append records for each producer the last of its batches in the entry',
  withinEntry: 'a batch is judged after the batches of its producer that stand before it in the entry',
  waits:
    'a batch that does not follow one which is not stored yet is not answered: it waits for the next entry',
  newView: 'a batch is called out of order only by a view read (consistently) after its commit began',
  newDuplicate: 'so with a duplicate: to an old view what is far ahead looks like what is half a wrap behind',
  oneView:
    'nextSeen is of the view that judged the producers, so that the fence in a state rises with each append',
  provenDuplicate:
    'a duplicate whose place is not found is one only if its state goes back to the sequence 0 unbroken',
  searchEpoch: 'a first copy is looked for by producer, epoch and base sequence',
  searchLatest: 'the latest match counts: from the fence on none before it, and before it the nearest',
  spillFirst: 'a producer is put into its row before the cut removes it from the head',
  spillGuard: 'a cut is refused if the state of a producer it removes is no longer the one that was put',
  spillForward: 'putting a row never replaces a state with a higher fence',
  spillFence:
    'an append that relies on a row (or on there being none) is refused if spills is not that of its view',
  spillAbsent:
    'an append that relies on a row (or on there being none) is refused if the producer is in the head',
  spillReread: 'a row is read (consistently) after the view whose spills the append carries',
  freshProof:
    'what a row decides waits for a head read after the row: an entry that was tried is proved absent there',
  retake: 'a reader that finds no row with its offset takes the head again',
  sealAtomic: 'the row of a segment and the new sealedEnd are put by one transaction',
  sealVersion: 'that transaction is refused if the version of the state row has changed',
  raiseFromState: "the head's sealedEnd is raised to what the state row was seen to hold",
  headRises: "the head's sealedEnd only rises",
  collectByHead: "pages are removed below the head's sealedEnd, not below the state row's",
  retired: 'an append to a retired head is refused',
  keepFence: 'the head of a deleted topic stays: a late opening must not make a new one',
} as const;

export type RuleName = keyof typeof RULES;

/** Whether each rule is kept. */
export type Rules = Readonly<Record<RuleName, boolean>>;

export const RULE_NAMES = Object.keys(RULES) as readonly RuleName[];

/** All rules, but for those named. */
export function rulesWithout(left: readonly RuleName[]): Rules {
  return Object.fromEntries(RULE_NAMES.map((name) => [name, !left.includes(name)])) as Record<
    RuleName,
    boolean
  >;
}
